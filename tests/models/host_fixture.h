/* SPDX-License-Identifier: Apache-2.0
 *
 * A host on a small machine, without a family above it; tests create threads on it.
 */
#ifndef TESTS_MODELS_HOST_FIXTURE_H
#define TESTS_MODELS_HOST_FIXTURE_H

#include "machine/explored.h"
#include "machine/policies/policies.h"
#include "machine_fixture.h"
#include "models/host/deadlock.h"
#include "models/host/eventfd.h"
#include "models/host/host.h"
#include "models/host/mutex.h"
#include "models/host/rwlock.h"
#include "models/host/vcpu.h"
#include "models/host/workqueue.h"

#define HOST_FIXTURE_SLOTS 64

struct host_fixture {
    struct setup setup;
    struct topology topology;
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct host *host;
    struct explored explored;
};

static const struct host_costs host_fixture_costs = {
    .do_irq = 1769,
    .exit_dispatch = 300,
    .virq_injection = 400,
    .hlt_exit = 1319,
    .eoi_exit = 403,
    .timer_softirq = 500,
    .hypercall = 169,
    .guest_handler = 6000,
    .wake = 1000,
    .context_switch = 1000,
    .syscall = 1000,
    .userspace = 1000,
    .main_loop = 1000,
    .eventfd_signal = 1000,
    .irqfd_inject = 1000,
    .workqueue = 1000,
    .config_read = 1000,
    .config_write = 1000,
    .mmio_read = 1000,
    .mmio_write = 1000,
    .chip_access = 1000,
    .deactivate = 1000,
    .io_submit = 1000,
    .io_complete = 1000,
    .irq_once = 50,
};

/* Costs of the Westmere table and of 1000 cycles for each host path, or none when explored. */
static inline void host_open(struct host_fixture *fixture, uint32_t cpus, enum policy policy, uint64_t seed)
{
    char topology[64], message[256];

    memset(fixture, 0, sizeof(*fixture));
    (void)snprintf(topology, sizeof(topology), "package:1 [numa] core:%u pu:1", cpus);
    CHECK(topology_load(&fixture->topology, topology, INTERCONNECT_FULL, message, sizeof(message)));
    CHECK(arena_init(&fixture->arena, (size_t)1 << 30));
    fixture->setup.machine.costs = policy == POLICY_EXHAUSTIVE ? costs_nothing : costs_westmere;
    if (policy != POLICY_EXHAUSTIVE)
        *(struct host_costs *)fixture->setup.own = host_fixture_costs;
    fixture->arena.records_excluded = policy == POLICY_EXHAUSTIVE;
    engine_init(&fixture->engine, &fixture->arena, machine_slots(cpus) + HOST_FIXTURE_SLOTS,
                policy_find(policy)->engine, seed);
    if (policy == POLICY_EXHAUSTIVE)
        fixture->engine.explored = &fixture->explored;
    machine_init(&fixture->machine, &fixture->engine, policy_find(policy), &fixture->topology,
                 &fixture->setup.machine.costs, (struct machine_hooks){ host_cpu_main, host_interrupt }, seed);
    fixture->host = host_boot(&fixture->machine, &fixture->setup);
    fixture->host->model = fixture;
}

/* Until nothing happens any more. */
static inline void host_run(struct host_fixture *fixture)
{
    if (fixture->engine.now == 0)
        machine_start(&fixture->machine);
    engine_run(&fixture->engine, CYCLES_NEVER);
}

static inline void host_close(struct host_fixture *fixture)
{
    arena_drop(&fixture->arena);
    topology_free(&fixture->topology);
    names_free(&fixture->explored);
}

#endif
