/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of models for tests; the steps of sim/run.c without scenario and result.
 */
#include "models_fixture.h"

#include "models/family/interrupts.h"

#include <stdio.h>
#include <string.h>

#include "base/histogram.h"
#include "hash.h"
#include "machine/policies/policies.h"
#include "models/locks/list.h"
#include "models/registry.h"

const struct xen_costs xen_costs_westmere = {
    .exit_dispatch = 300,
    .do_irq = 1769,
    .softirq_dispatch = 200,
    .timer_softirq = 500,
    .tasklet_hold = 150,
    .sync_local_execstate = 4500,
    .hvm_assert_callback = 20,
    .dpci_body = 1000,
    .pirq_walk_step = 40,
    .vlapic_set_irq = 300,
    .eoi_exit = 403,
    .eoi_walk_step = 40,
    .hypercall = 169,
    .virq_injection = 400,
    .hlt_exit = 1319,
    .schedule_body = 3000,
    .context_switch_in = 5000,
    .context_switch_out = 2534,
    .event_channel_send = 400,
    .posted_list_step = 20,
    .guest_handler = 6000,
};

void setup_init_plain(struct setup *setup, const char *topology)
{
    *setup = (struct setup){
        .machine = { .interconnect = INTERCONNECT_GLUELESS, .costs = costs_westmere },
        .hypervisor = { .lock = lock_find("ttas") },
        .run = { .warmup_ns = 5000000, .duration_ns = 20000000, .seed = 1, .policy = POLICY_TIMED },
    };
    (void)snprintf(setup->machine.topology, sizeof(setup->machine.topology), "%s", topology);
}

#define XEN_DESIGN "domain-tasklet"

void setup_init(struct setup *setup, const char *topology)
{
    setup_init_plain(setup, topology);
    (void)snprintf(setup->hypervisor.design, sizeof(setup->hypervisor.design), "%s", XEN_DESIGN);
    *own_xen(setup) = (struct xen_setup){
        .costs = xen_costs_westmere, .timeslice_ns = 30000000, .ratelimit_ns = 1000000, .timer_slop_ns = 50000
    };
}

struct guest_setup *setup_guest(struct setup *setup, const char *name, uint32_t vcpus)
{
    struct guest_setup *guest = &setup->guests[setup->guest_count++];

    *guest = (struct guest_setup){ .count = 1, .vcpus = vcpus, .pin = "all" };
    if (strcmp(setup->hypervisor.design, XEN_DESIGN) == 0)
        *own_xen_guest(guest) =
            (struct xen_guest_setup){ .tick_run_ns = 5000, .min_delta_ns = 100000, .wake_run_ns = 5000, .weight = 256 };
    (void)snprintf(guest->name, sizeof(guest->name), "%s", name);
    return guest;
}

struct device_setup *setup_device(struct setup *setup, const char *name, uint32_t guest)
{
    struct device_setup *device = &setup->devices[setup->device_count++];

    *device = (struct device_setup){
        .guest = guest,
        .count = 1,
        .vectors = 1,
        .arrivals = { .process = ARRIVAL_POISSON, .rate_millihertz = 10000000 },
    };
    (void)snprintf(device->name, sizeof(device->name), "%s", name);
    return device;
}

static uint32_t vectors_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        count += setup->devices[i].count * setup->devices[i].vectors * setup->guests[setup->devices[i].guest].count;
    return count;
}

void model_open(struct model_fixture *fixture, const struct setup *setup, const char *design)
{
    char message[256] = "";

    *fixture = (struct model_fixture){ .setup = setup, .design = design_find(design) };
    CHECK(fixture->design != NULL);
    CHECK(topology_load(&fixture->topology, setup->machine.topology, setup->machine.interconnect, message,
                        sizeof(message)));
    CHECK(arena_init(&fixture->arena, (size_t)1 << 30));
    engine_init(&fixture->engine, &fixture->arena,
                machine_slots(fixture->topology.cpu_count) + vectors_of(setup) + setup->action_count +
                    design_slots(fixture->design, setup),
                policy_find(setup->run.policy)->engine, setup->run.seed);
    machine_init(&fixture->machine, &fixture->engine, policy_find(setup->run.policy), &fixture->topology,
                 &setup->machine.costs,
                 (struct machine_hooks){ fixture->design->family->cpu_main, fixture->design->family->interrupt },
                 setup->run.seed);
    fixture->design->family->boot(fixture->design, &fixture->machine, setup);
    machine_start(&fixture->machine);
    arena_seal(&fixture->arena);
}

void model_advance(struct model_fixture *fixture, uint64_t until_ns)
{
    engine_run(&fixture->engine, cycles_from_ns(until_ns, fixture->setup->machine.costs.frequency_hz));
}

void model_close(struct model_fixture *fixture)
{
    arena_drop(&fixture->arena);
    topology_free(&fixture->topology);
}

void model_run(const struct setup *setup, const char *design, struct metrics *metrics)
{
    struct model_fixture fixture;

    model_open(&fixture, setup, design);
    model_advance(&fixture, setup->run.warmup_ns);
    fixture.design->family->measure(&fixture.machine);
    model_advance(&fixture, setup->run.warmup_ns + setup->run.duration_ns);
    metrics_init(metrics);
    check_context_set(&fixture.engine.context);
    fixture.design->family->metrics(&fixture.machine, metrics);
    fixture.design->family->interrupts(&fixture.machine, &(struct drain){ .measured_until = fixture.engine.now },
                                       metrics, NULL);
    check_context_set(NULL);
    model_close(&fixture);
}

double metric_of(const struct metrics *metrics, const char *name)
{
    const struct metric *metric = metric_find(metrics, name);

    CHECK(metric != NULL && metric->denominator != 0);
    return metric_value(metric);
}

uint64_t metrics_hash(const struct metrics *metrics)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric *row = &metrics->rows[i];
        hash = hash_add(hash, row->name, strlen(row->name));
        hash = hash_add(hash, &row->numerator, sizeof(row->numerator));
        hash = hash_add(hash, &row->denominator, sizeof(row->denominator));
    }
    for (size_t i = 0; i < metrics->histogram_count; i++)
        hash = hash_add(hash, metrics->histograms[i].histogram, sizeof(struct histogram));
    return hash;
}
