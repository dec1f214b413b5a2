/* SPDX-License-Identifier: Apache-2.0
 *
 * One simulation from a resolved scenario to its metrics: topology, arena, engine, machine, model; warm-up;
 * measurement.
 */
#include "simulation/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "engine/engine.h"
#include "machine/choice.h"
#include "machine/cpu.h"
#include "machine/machine.h"
#include "models/registry.h"
#include "result/engine_metrics.h"
#include "scenario/scenario.h"
#include "trace/sink.h"

/* Address space, not memory: pages are committed when touched. */
#define ARENA_RESERVE_BYTES ((size_t)16 << 30)

/* How often a run looks up from its work, in simulated time. */
#define SLICE_NS 5000000u

struct simulation {
    const struct scenario *scenario;
    const struct design *design;
    struct topology topology;
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct run_progress *progress;
    struct crash crash;
    bool is_cancelled;
    uint64_t events_from; /* engine.events when the warm-up was over */
    struct trace_sink *sink; /* NULL: no trace */
    size_t trace_limit;
    struct trace trace;
    struct trace_world world;
};

static uint32_t vectors_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        count += setup->devices[i].count * setup->devices[i].vectors * setup->guests[setup->devices[i].guest].count;
    return count;
}

/* Interrupt vectors: the guests' and the pCPUs' are numbers of 8 bits, most of them for devices. */
static bool vectors_fit(const struct setup *setup, const struct topology *topology, char *message, size_t message_bytes)
{
    enum { GUEST_VECTORS = 190, CPU_VECTORS = VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1 };

    for (uint32_t group = 0; group < setup->guest_count; group++) {
        uint32_t count = 0, room = GUEST_VECTORS * setup->guests[group].vcpus;
        bool is_shared = false; /* then a number counts for every vCPU */
        for (uint32_t i = 0; i < setup->device_count; i++)
            if (setup->devices[i].guest == group) {
                count += setup->devices[i].count * setup->devices[i].vectors;
                is_shared = is_shared || setup->devices[i].destination != MSI_DESTINATION_SINGLE;
            }
        if (is_shared)
            room = GUEST_VECTORS;
        if (count > room) {
            snprintf(message, message_bytes, "guest '%s' has %u device vectors; its %u vCPUs have room for %u",
                     setup->guests[group].name, count, setup->guests[group].vcpus, room);
            return false;
        }
    }
    if (vectors_of(setup) > CPU_VECTORS * topology->cpu_count) {
        snprintf(message, message_bytes, "%u device vectors; the machine's %u pCPUs have room for %u",
                 vectors_of(setup), topology->cpu_count, CPU_VECTORS * topology->cpu_count);
        return false;
    }
    return true;
}

static void simulation_free(struct simulation *simulation)
{
    if (simulation->sink != NULL) {
        trace_world_free(&simulation->world);
        trace_free(&simulation->trace);
    }
    arena_drop(&simulation->arena);
    topology_free(&simulation->topology);
}

/* Before the machine is built: what is built has names in the trace. */
static void trace_on(struct simulation *simulation)
{
    if (simulation->sink == NULL)
        return;
    trace_init(&simulation->trace, simulation->sink->kinds, simulation->topology.cpu_count, simulation->trace_limit);
    simulation->engine.trace = &simulation->trace;
}

/* After it was built. */
static bool trace_begin(struct simulation *simulation, char *message, size_t message_bytes)
{
    if (simulation->sink == NULL)
        return true;
    return trace_world_init(&simulation->world, &simulation->scenario->setup, &simulation->trace,
                            simulation->topology.cpu_count, message, message_bytes) &&
           simulation->sink->begin(simulation->sink, &simulation->world, message, message_bytes);
}

static void trace_hand_over(void *context, const struct trace_record *records, size_t count)
{
    struct trace_sink *sink = context;

    sink->records(sink, records, count);
}

static bool simulation_init(struct simulation *simulation, const struct scenario *scenario, char *message,
                            size_t message_bytes)
{
    const struct setup *setup = &scenario->setup;

    simulation->scenario = scenario;
    simulation->design = design_find(setup->hypervisor.design);
    CHECK(simulation->design != NULL);
    if (!topology_load(&simulation->topology, setup->machine.topology, setup->machine.interconnect, message,
                       message_bytes))
        return false;
    if (!vectors_fit(setup, &simulation->topology, message, message_bytes)) {
        topology_free(&simulation->topology);
        return false;
    }
    uint32_t slots = machine_slots(simulation->topology.cpu_count) + vectors_of(setup) + setup->action_count +
                     design_slots(simulation->design, setup);
    if (slots > EVENTQ_SLOTS_MAX) {
        snprintf(message, message_bytes, "%u pCPUs and %u vectors need %u event slots; there are %u",
                 simulation->topology.cpu_count, vectors_of(setup), slots, EVENTQ_SLOTS_MAX);
        topology_free(&simulation->topology);
        return false;
    }
    if (!arena_init(&simulation->arena, ARENA_RESERVE_BYTES)) {
        snprintf(message, message_bytes, "no address space for the run");
        topology_free(&simulation->topology);
        return false;
    }
    engine_init(&simulation->engine, &simulation->arena, slots, setup->run.policy, setup->run.seed);
    simulation->engine.context.scenario = scenario->name;
    trace_on(simulation);
    machine_init(&simulation->machine, &simulation->engine, &simulation->topology, &setup->machine.costs,
                 (struct machine_hooks){ simulation->design->family->cpu_main, simulation->design->family->interrupt },
                 setup->run.seed);
    simulation->machine.crash = &simulation->crash;
    simulation->design->family->boot(simulation->design, &simulation->machine, setup);
    machine_start(&simulation->machine);
    if (!trace_begin(simulation, message, message_bytes)) {
        simulation_free(simulation);
        return false;
    }
    return true;
}

static void report_progress(const struct simulation *simulation)
{
    struct run_progress *progress = simulation->progress;

    if (progress == NULL)
        return;
    atomic_store_explicit(&progress->simulated_ns,
                          cycles_to_ns(simulation->engine.now, simulation->machine.costs->frequency_hz),
                          memory_order_relaxed);
    atomic_store_explicit(&progress->events, simulation->engine.events, memory_order_relaxed);
}

static bool is_cancelled(const struct simulation *simulation)
{
    const struct run_progress *progress = simulation->progress;

    return progress != NULL && progress->is_cancelled != NULL && atomic_load(progress->is_cancelled);
}

static bool has_crashed(const struct simulation *simulation)
{
    return simulation->crash.violation.kind != VIOLATION_NONE;
}

/* To `until`, in slices. */
static void advance(struct simulation *simulation, cycles until)
{
    cycles slice = cycles_from_ns(SLICE_NS, simulation->machine.costs->frequency_hz);

    while (simulation->engine.now < until && !simulation->is_cancelled && !has_crashed(simulation)) {
        cycles next = simulation->engine.now + slice;
        engine_run(&simulation->engine, next < until ? next : until);
        if (simulation->sink != NULL)
            trace_drain(&simulation->trace, simulation->engine.now, trace_hand_over, simulation->sink);
        report_progress(simulation);
        simulation->is_cancelled = is_cancelled(simulation);
    }
}

static void simulate(struct simulation *simulation)
{
    const struct run_setup *run = &simulation->scenario->setup.run;
    uint64_t hz = simulation->machine.costs->frequency_hz;

    if (simulation->progress != NULL)
        atomic_store(&simulation->progress->total_ns, run->warmup_ns + run->duration_ns);
    advance(simulation, cycles_from_ns(run->warmup_ns, hz));
    simulation->events_from = simulation->engine.events;
    simulation->design->family->measure(&simulation->machine);
    advance(simulation, cycles_from_ns(run->warmup_ns + run->duration_ns, hz));
    if (simulation->sink != NULL)
        trace_finish(&simulation->trace, simulation->engine.now, trace_hand_over, simulation->sink);
}

static void fill(struct result *result, struct simulation *simulation, double seconds)
{
    const struct scenario *scenario = simulation->scenario;
    char *resolved = scenario_resolved_yaml(scenario);
    struct rusage usage;

    result_init(result, scenario->name, simulation->design->name, scenario->setup.run.seed, resolved);
    free(resolved);
    simulation->design->family->metrics(&simulation->machine, &result->metrics);
    metrics_report(&result->metrics, &engine_metric_table,
                   &(struct engine_record){ .events = simulation->engine.events - simulation->events_from }, 0, NULL);
    result->simulated_ns = cycles_to_ns(simulation->engine.now, simulation->machine.costs->frequency_hz);
    result->is_partial = simulation->is_cancelled || has_crashed(simulation);
    if (has_crashed(simulation))
        result_set_violation(result, violation_name(simulation->crash.violation.kind), simulation->crash.violation.text,
                             simulation->crash.cpu,
                             cycles_to_ns(simulation->crash.at, simulation->machine.costs->frequency_hz));
    getrusage(RUSAGE_SELF, &usage);
    result->wall = (struct result_wall){
        .seconds = seconds,
        .peak_rss_bytes = (uint64_t)usage.ru_maxrss * 1024,
        .events = simulation->engine.events,
    };
}

static double seconds_since(const struct timespec *from)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) + (double)(now.tv_nsec - from->tv_nsec) * 1e-9;
}

static bool run_resolved(const struct scenario *scenario, struct simulation *simulation, struct result *result,
                         char *message, size_t message_bytes)
{
    struct timespec from;

    clock_gettime(CLOCK_MONOTONIC, &from);
    if (!simulation_init(simulation, scenario, message, message_bytes))
        return false;
    check_context_set(&simulation->engine.context);
    simulate(simulation);
    fill(result, simulation, seconds_since(&from));
    if (simulation->sink != NULL)
        simulation->sink->end(simulation->sink, &simulation->machine, simulation->engine.now);
    check_context_set(NULL);
    simulation_free(simulation);
    return true;
}

static bool run_cell(const struct scenario *scenario, const char *design, uint64_t seed, struct simulation *simulation,
                     struct result *result, char *message, size_t message_bytes)
{
    char design_set[128], seed_set[64];
    const char *sets[] = { design_set, seed_set };
    struct scenario cell;
    struct diag diag;

    snprintf(design_set, sizeof design_set, "hypervisor.design=%s",
             design != NULL ? design : scenario->setup.hypervisor.design);
    snprintf(seed_set, sizeof seed_set, "run.seed=%llu", (unsigned long long)seed);
    diag_init(&diag);
    enum scenario_status status = scenario_reload(&cell, scenario, sets, 2, &diag);
    if (status != SCENARIO_OK) {
        snprintf(message, message_bytes, "%s", diag.message_count > 0 ? diag.messages[0].text : "scenario refused");
        diag_free(&diag);
        return false;
    }
    diag_free(&diag);
    bool is_done = run_resolved(&cell, simulation, result, message, message_bytes);
    scenario_free(&cell);
    return is_done;
}

bool run_scenario(const struct scenario *scenario, const char *design, uint64_t seed, struct run_progress *progress,
                  struct result *result, char *message, size_t message_bytes)
{
    struct simulation simulation = { .progress = progress };

    return run_cell(scenario, design, seed, &simulation, result, message, message_bytes);
}

bool run_scenario_traced(const struct scenario *scenario, struct trace_sink *sink, size_t trace_limit,
                         struct run_progress *progress, struct result *result, char *message, size_t message_bytes)
{
    struct simulation simulation = { .progress = progress, .sink = sink, .trace_limit = trace_limit };

    return run_cell(scenario, NULL, scenario->setup.run.seed, &simulation, result, message, message_bytes);
}
