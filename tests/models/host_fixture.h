/* SPDX-License-Identifier: Apache-2.0
 *
 * A host on a small machine, without a family above it: a test creates threads on it.
 */
#ifndef TESTS_MODELS_HOST_FIXTURE_H
#define TESTS_MODELS_HOST_FIXTURE_H

#include "machine_fixture.h"
#include "machine/choice.h"
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

/* Costs of the Westmere table and of 1000 cycles for each host path, or none when explored. */
static inline void host_open(struct host_fixture *fixture, uint32_t cpus, enum policy policy, uint64_t seed)
{
    char topology[64], message[256];

    memset(fixture, 0, sizeof(*fixture));
    (void)snprintf(topology, sizeof(topology), "package:1 [numa] core:%u pu:1", cpus);
    CHECK(topology_load(&fixture->topology, topology, INTERCONNECT_FULL, message, sizeof(message)));
    CHECK(arena_init(&fixture->arena, (size_t)1 << 30));
    fixture->setup.machine.costs = policy == POLICY_EXHAUSTIVE ? costs_nothing : costs_westmere;
    fixture->setup.machine.costs.software_cv_permille = 0;
    if (policy != POLICY_EXHAUSTIVE)
        fixture->setup.host = (struct host_setup){ 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
                                                   1000, 1000, 1000, 1000, 1000, 1000, 1000, 50 };
    fixture->arena.keeps_books = policy == POLICY_EXHAUSTIVE;
    engine_init(&fixture->engine, &fixture->arena, machine_slots(cpus) + HOST_FIXTURE_SLOTS, policy, seed);
    if (policy == POLICY_EXHAUSTIVE)
        fixture->engine.explored = &fixture->explored;
    machine_init(&fixture->machine, &fixture->engine, &fixture->topology, &fixture->setup.machine.costs,
                 (struct machine_hooks){ host_cpu_main, host_interrupt }, seed);
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
    explored_free(&fixture->explored);
}

#endif
