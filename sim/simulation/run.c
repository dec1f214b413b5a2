/* SPDX-License-Identifier: Apache-2.0
 *
 * One simulation from a resolved scenario to its metrics: arena, engine, machine, model; warm-up; measurement.
 */
#include "simulation/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/wall_clock.h"
#include "engine/engine.h"
#include "machine/cpu.h"
#include "machine/machine.h"
#include "machine/policies/policies.h"
#include "machine/violation.h"
#include "models/family/family.h"
#include "models/family/interrupts.h"
#include "result/engine_metrics.h"
#include "scenario/scenario.h"
#include "trace/sink.h"

/* This much address space is reserved; memory is committed when pages are touched. */
#define ARENA_RESERVE_BYTES ((size_t)16 << 30)

/* Interval of simulated time at which a run reports its progress and checks for cancellation. */
#define SLICE_NS 5000000u

/* Interval at which a run that drains looks whether anything is outstanding. */
#define DRAIN_SLICE_NS 100000u

struct simulation {
    struct scenario *scenario; /* with the run's seed */
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct run_progress *progress;
    struct crash crash;
    bool is_cancelled;
    uint64_t events_from;       /* engine.events at the end of the warm-up */
    uint64_t ticks_from, ticks; /* expiries of pCPUs' timers until the end of the warm-up; in the measured time */
    uint64_t measured_ns;       /* wall-clock time that the measured part took */
    struct trace_sink *sink;    /* NULL: no trace */
    size_t trace_limit;
    struct trace trace;
    struct trace_world world;
    cycles needed_from; /* the sink needs all records from this time on */
};

static uint32_t vectors_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        count += setup->devices[i].count * setup->devices[i].vectors * setup->guests[setup->devices[i].guest].count;
    return count;
}

/* Checks the number of interrupt vectors. Vectors are 8-bit numbers for guests and pCPUs, most of them available to
 * devices. */
static bool vectors_fit(const struct setup *setup, const struct topology *topology, char *message, size_t message_bytes)
{
    enum { GUEST_VECTORS = 190, CPU_VECTORS = VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1 };

    for (uint32_t group = 0; group < setup->guest_count; group++) {
        uint32_t count = 0, room = GUEST_VECTORS * setup->guests[group].vcpus;
        for (uint32_t i = 0; i < setup->device_count; i++)
            if (setup->devices[i].guest == group)
                count += setup->devices[i].count * setup->devices[i].vectors;
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
    free(simulation->scenario);
}

/* Attaches the trace before the machine is built, because building the machine gives names to objects in the trace. */
static void trace_on(struct simulation *simulation)
{
    if (simulation->sink == NULL)
        return;
    trace_init(&simulation->trace, simulation->sink->kinds, simulation->scenario->topology->cpu_count,
               simulation->trace_limit);
    simulation->engine.trace = &simulation->trace;
}

/* Completes the trace setup after the machine has been built. */
static bool trace_begin(struct simulation *simulation, char *message, size_t message_bytes)
{
    if (simulation->sink == NULL)
        return true;
    if (!trace_world_init(&simulation->world, &simulation->scenario->setup, &simulation->trace,
                          simulation->scenario->topology->cpu_count, message, message_bytes))
        return false;
    simulation->world.needed_from = &simulation->needed_from;
    return simulation->sink->begin(simulation->sink, &simulation->world, message, message_bytes);
}

static void trace_hand_over(void *context, const struct trace_record *records, size_t count)
{
    struct trace_sink *sink = context;

    sink->records(sink, records, count);
}

/* Returns false with a message when the setup does not fit the machine or the machine exceeds a limit. */
static bool setup_fits(const struct scenario *scenario, uint32_t *slots, char *message, size_t message_bytes)
{
    const struct setup *setup = &scenario->setup;
    const struct topology *topology = scenario->topology;

    if (!vectors_fit(setup, topology, message, message_bytes))
        return false;
    *slots = machine_slots(topology->cpu_count) + vectors_of(setup) + setup->action_count +
             design_slots(scenario->design, setup);
    if (*slots > EVENTQ_SLOTS_MAX)
        snprintf(message, message_bytes, "%u pCPUs and %u vectors need %u event slots; there are %u",
                 topology->cpu_count, vectors_of(setup), *slots, EVENTQ_SLOTS_MAX);
    return *slots <= EVENTQ_SLOTS_MAX;
}

static void boot(struct simulation *simulation, uint32_t slots)
{
    const struct setup *setup = &simulation->scenario->setup;
    const struct design *design = simulation->scenario->design;
    const struct machine_policy *policy = policy_find(setup->run.policy);

    engine_init(&simulation->engine, &simulation->arena, slots, policy->engine, setup->run.seed);
    simulation->engine.context.scenario = simulation->scenario->name;
    trace_on(simulation);
    machine_init(&simulation->machine, &simulation->engine, policy, simulation->scenario->topology,
                 &setup->machine.costs, (struct machine_hooks){ design->family->cpu_main, design->family->interrupt },
                 setup->run.seed);
    simulation->machine.crash = &simulation->crash;
    design->family->boot(design, &simulation->machine, setup);
    machine_start(&simulation->machine);
    arena_seal(&simulation->arena);
}

static bool simulation_init(struct simulation *simulation, const struct scenario *scenario, uint64_t seed,
                            char *message, size_t message_bytes)
{
    uint32_t slots;

    if (!setup_fits(scenario, &slots, message, message_bytes))
        return false;
    CHECK_SYSTEM(arena_init(&simulation->arena, ARENA_RESERVE_BYTES),
                 "the address space for the run cannot be reserved");
    simulation->scenario = scenario_with_seed(scenario, seed);
    boot(simulation, slots);
    if (trace_begin(simulation, message, message_bytes))
        return true;
    simulation_free(simulation);
    return false;
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

/* Simulates one slice, but not beyond the time `until`. Returns false when nothing is left to do until then. */
static bool advance_slice(struct simulation *simulation, uint64_t slice_ns, cycles until)
{
    cycles next = simulation->engine.now + cycles_from_ns(slice_ns, simulation->machine.costs->frequency_hz);

    if (simulation->engine.now >= until || simulation->is_cancelled || has_crashed(simulation))
        return false;
    engine_run(&simulation->engine, next < until ? next : until);
    machine_settle(&simulation->machine);
    simulation->is_cancelled = is_cancelled(simulation);
    return true;
}

/* Long before the sink's window begins, the states of tasks are all that it needs. No pCPU is ahead of the clock by a
 * slice. */
static void choose_kinds(struct simulation *simulation)
{
    cycles margin = cycles_from_ns(3 * (uint64_t)SLICE_NS, simulation->machine.costs->frequency_hz);
    uint64_t all = simulation->sink->kinds | TRACE_KIND(DROPPED);
    bool is_early = simulation->engine.now + margin < simulation->needed_from;

    simulation->trace.kinds = is_early ? all & (TRACE_KIND(VCPU) | TRACE_KIND(RUNSTATE) | TRACE_KIND(DROPPED)) : all;
}

/* Simulates until the time `until`, in slices. */
static void advance(struct simulation *simulation, cycles until)
{
    if (simulation->sink != NULL)
        choose_kinds(simulation);
    while (advance_slice(simulation, SLICE_NS, until)) {
        if (simulation->sink != NULL)
            trace_drain(&simulation->trace, simulation->engine.now, trace_hand_over, simulation->sink);
        if (simulation->sink != NULL)
            choose_kinds(simulation);
        report_progress(simulation);
    }
}

static bool is_outstanding(const struct machine *machine)
{
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next)
        if (vector->outstanding > 0)
            return true;
    return false;
}

/* Lets what is on its way arrive: no device raises an interrupt, guests and actions go on. */
static struct drain drain(struct simulation *simulation)
{
    cycles from = simulation->engine.now;
    cycles until =
        from + cycles_from_ns(simulation->scenario->setup.run.drain_ns, simulation->machine.costs->frequency_hz);

    simulation->engine.trace = NULL;
    simulation->machine.is_draining = true;
    while (is_outstanding(&simulation->machine) && advance_slice(simulation, DRAIN_SLICE_NS, until))
        continue;
    return (struct drain){ .measured_until = from,
                           .is_over = from < until && simulation->engine.now == until &&
                                      is_outstanding(&simulation->machine) };
}

static uint64_t timer_expiries(const struct simulation *simulation)
{
    uint64_t sum = 0;

    for (uint32_t id = 0; id < simulation->machine.cpu_count; id++)
        sum += simulation->machine.cpus[id].lapic.timer_expiries;
    return sum;
}

static void simulate(struct simulation *simulation)
{
    const struct run_setup *run = &simulation->scenario->setup.run;
    uint64_t hz = simulation->machine.costs->frequency_hz;

    if (simulation->progress != NULL)
        atomic_store(&simulation->progress->total_ns, run->warmup_ns + run->duration_ns);
    advance(simulation, cycles_from_ns(run->warmup_ns, hz));
    simulation->events_from = simulation->engine.events;
    simulation->ticks_from = timer_expiries(simulation);
    simulation->measured_ns = clock_ns();
    simulation->scenario->design->family->measure(&simulation->machine);
    advance(simulation, cycles_from_ns(run->warmup_ns + run->duration_ns, hz));
    simulation->measured_ns = clock_ns() - simulation->measured_ns;
    simulation->ticks = timer_expiries(simulation) - simulation->ticks_from;
    if (simulation->sink != NULL)
        trace_finish(&simulation->trace, simulation->engine.now, trace_hand_over, simulation->sink);
}

/* Reports the measured time, then drains and reports the interrupts. The trace ends with the measured time. */
static void report_metrics(struct result *result, struct simulation *simulation)
{
    const struct family *family = simulation->scenario->design->family;

    family->metrics(&simulation->machine, &result->metrics);
    metrics_report(&result->metrics, &engine_metric_table,
                   &(struct engine_record){ .events = simulation->engine.events - simulation->events_from }, 0, NULL);
    result->simulated_ns = cycles_to_ns(simulation->engine.now, simulation->machine.costs->frequency_hz);
    if (simulation->sink != NULL)
        simulation->sink->end(simulation->sink, &simulation->machine, simulation->engine.now);
    struct drain drained = drain(simulation);
    struct stuck_interrupts stuck;
    family->interrupts(&simulation->machine, &drained, &result->metrics, &stuck);
    for (size_t i = 0; i < stuck.count; i++)
        result_add_stuck(result, &(struct result_stuck){
                                     .device = (char *)simulation->scenario->setup.devices[stuck.rows[i].device].name,
                                     .vector = stuck.rows[i].vector,
                                     .count = stuck.rows[i].count,
                                     .is_lost = stuck.rows[i].fate.is_lost,
                                     .place = (char *)stuck.rows[i].fate.place,
                                 });
    free(stuck.rows);
}

static void fill(struct result *result, struct simulation *simulation, uint64_t start_ns)
{
    const struct scenario *scenario = simulation->scenario;
    char *resolved = scenario_resolved_yaml(scenario);
    const struct metric *raised;
    struct rusage usage;

    result_init(result, scenario->name, scenario->design->name, scenario->setup.run.seed, resolved);
    free(resolved);
    if (scenario->setup.code != NULL)
        result_set_code(result, scenario->setup.code);
    report_metrics(result, simulation);
    result->is_partial = simulation->is_cancelled || has_crashed(simulation);
    if (has_crashed(simulation))
        result_set_violation(result, violation_name(simulation->crash.violation.kind), simulation->crash.violation.text,
                             simulation->crash.cpu,
                             cycles_to_ns(simulation->crash.at, simulation->machine.costs->frequency_hz));
    getrusage(RUSAGE_SELF, &usage);
    raised = metric_find(&result->metrics, "irq.raised");
    result->wall = (struct result_wall){
        .seconds = (double)(clock_ns() - start_ns) * 1e-9,
        .peak_rss_bytes = (uint64_t)usage.ru_maxrss * 1024,
        .events = simulation->engine.events,
        .measured_seconds = (double)simulation->measured_ns * 1e-9,
        .interrupts = raised != NULL ? raised->numerator : 0,
        .ticks = simulation->ticks,
    };
}

static bool run(struct simulation *simulation, const struct scenario *scenario, uint64_t seed, struct result *result,
                char *message, size_t message_bytes)
{
    uint64_t start_ns = clock_ns();

    if (!simulation_init(simulation, scenario, seed, message, message_bytes))
        return false;
    check_context_set(&simulation->engine.context);
    simulate(simulation);
    fill(result, simulation, start_ns);
    check_context_set(NULL);
    simulation_free(simulation);
    return true;
}

bool run_scenario(const struct scenario *scenario, uint64_t seed, struct run_progress *progress, struct result *result,
                  char *message, size_t message_bytes)
{
    struct simulation simulation = { .progress = progress };

    return run(&simulation, scenario, seed, result, message, message_bytes);
}

bool run_scenario_traced(const struct scenario *scenario, struct trace_sink *sink, size_t trace_limit,
                         struct run_progress *progress, struct result *result, char *message, size_t message_bytes)
{
    struct simulation simulation = { .progress = progress, .sink = sink, .trace_limit = trace_limit };

    return run(&simulation, scenario, scenario->setup.run.seed, result, message, message_bytes);
}
