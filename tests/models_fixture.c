/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of models for tests; the steps of sim/run.c without scenario and result.
 */
#include "models_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/histogram.h"
#include "models/locks/list.h"
#include "models/registry.h"

void setup_init(struct setup *setup, const char *topology)
{
    *setup = (struct setup){
        .machine = { .interconnect = INTERCONNECT_GLUELESS, .costs = costs_westmere },
        .hypervisor = { .lock = lock_find("ttas"),
                        .timeslice_ns = 30000000,
                        .ratelimit_ns = 1000000,
                        .timer_slop_ns = 50000 },
        .run = { .warmup_ns = 5000000, .duration_ns = 20000000, .seed = 1, .policy = POLICY_TIMED },
    };
    setup->machine.costs.software_cv_permille = 0;
    (void)snprintf(setup->machine.topology, sizeof(setup->machine.topology), "%s", topology);
}

struct guest_setup *setup_guest(struct setup *setup, const char *name, uint32_t vcpus)
{
    struct guest_setup *guest = &setup->guests[setup->guest_count++];

    *guest = (struct guest_setup){
        .count = 1, .vcpus = vcpus, .pin = "all", .tick_run_ns = 5000, .min_delta_ns = 100000, .wake_run_ns = 5000
    };
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
                setup->run.policy, setup->run.seed);
    machine_init(&fixture->machine, &fixture->engine, &fixture->topology, &setup->machine.costs,
                 (struct machine_hooks){ fixture->design->family->cpu_main, fixture->design->family->interrupt },
                 setup->run.seed);
    fixture->design->family->boot(fixture->design, &fixture->machine, setup);
    machine_start(&fixture->machine);
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
    check_context_set(NULL);
    model_close(&fixture);
}

double metric_of(const struct metrics *metrics, const char *name)
{
    const struct metric *metric = metric_find(metrics, name);

    CHECK(metric != NULL && metric->denominator != 0);
    return metric_value(metric);
}

static uint64_t hash_add(uint64_t hash, const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ ((const unsigned char *)data)[i]) * 0x100000001b3u;
    return hash;
}

uint64_t metrics_hash(const struct metrics *metrics)
{
    uint64_t hash = 0xcbf29ce484222325u;

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
