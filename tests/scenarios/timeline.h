/* SPDX-License-Identifier: Apache-2.0
 *
 * A run's trace and numbers as text: a line for each event and for each metric.
 */
#ifndef TESTS_SCENARIOS_TIMELINE_H
#define TESTS_SCENARIOS_TIMELINE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"
#include "scenario/scenario.h"
#include "simulation/run.h"
#include "trace/sink.h"

/* --- the trace --- */

/* What a record's fields are: '-' nothing (then it is 0, or nobody), 'w' a vCPU, 'n' a number, 'v' a vector, 's' two
 * runstates, 'i' an interrupt's number and vector, 't' a time, 'l' a lock, 'q' a softirq, 'x' a VM exit, 'c' a pCPU
 * or none. */
static const struct timeline_kind {
    const char *name;
    char who, a, b;
} timeline_kinds[TRACE_KIND_COUNT] = {
    [TRACE_VCPU] = { "boots", 'w', 'n', 'c' },
    [TRACE_RUNSTATE] = { "state", 'w', 's', 'c' },
    [TRACE_SWITCH] = { "switch", 'w', '-', 'w' },
    [TRACE_WAKE] = { "wake", 'w', '-', '-' },
    [TRACE_BLOCK] = { "block", 'w', '-', '-' },
    [TRACE_RAISE] = { "raise", 'w', 'i', 't' },
    [TRACE_ACCEPT] = { "accept", '-', 'v', '-' },
    [TRACE_IRQ_ENTRY] = { "irq entry", '-', 'v', '-' },
    [TRACE_IRQ_EXIT] = { "irq exit", '-', 'v', '-' },
    [TRACE_DO_IRQ] = { "do irq", 'w', 'v', 'n' },
    [TRACE_SOFTIRQ_RAISE] = { "softirq raise", '-', 'q', 'c' },
    [TRACE_SOFTIRQ_ENTRY] = { "softirq entry", '-', 'q', '-' },
    [TRACE_SOFTIRQ_EXIT] = { "softirq exit", '-', 'q', '-' },
    [TRACE_FOR] = { "for", 'w', '-', '-' },
    [TRACE_LOCK_WAIT] = { "wait", '-', 'l', 'c' },
    [TRACE_LOCK_ACQUIRE] = { "take", '-', 'l', '-' },
    [TRACE_LOCK_RELEASE] = { "release", '-', 'l', '-' },
    [TRACE_IDLE_ENTRY] = { "idle", '-', '-', '-' },
    [TRACE_IDLE_EXIT] = { "idle exit", '-', '-', '-' },
    [TRACE_VMEXIT] = { "vmexit", 'w', 'x', '-' },
    [TRACE_VMENTRY] = { "vmentry", 'w', '-', '-' },
    [TRACE_PEND] = { "pend", 'w', 'v', '-' },
    [TRACE_INJECT] = { "inject", 'w', 'v', '-' },
    [TRACE_HANDLER] = { "handler", 'w', 'v', '-' },
    [TRACE_HANDLER_END] = { "handler end", 'w', '-', '-' },
    [TRACE_IPI] = { "ipi", '-', 'v', 'c' },
    [TRACE_ACTION] = { "action", '-', 'n', 'n' },
    [TRACE_POLL] = { "poll", 'w', 'n', 'n' },
    [TRACE_DROPPED] = { "dropped", '-', 'n', 't' },
};

struct timeline {
    struct trace_sink sink; /* first: the sink's functions get its address */
    const struct trace_world *world;
    FILE *text;
    bool has_times;
};

static inline void timeline_field(const struct timeline *timeline, char what, uint64_t value, bool is_who)
{
    char text[TRACE_TEXT_BYTES];
    FILE *out = timeline->text;
    uint32_t number = (uint32_t)value;

    switch (what) {
    case 'w':
        if (number != TRACE_NOBODY)
            (void)fprintf(out, " %s", trace_who_text(timeline->world, number, text));
        break;
    case 'v':
        (void)fprintf(out, " %02x", number);
        break;
    case 's':
        (void)fprintf(out, " %s -> %s", trace_state_names[number / 16 % 4], trace_state_names[number % 16 % 4]);
        break;
    case 'i':
        (void)fprintf(out, " interrupt %u as %02x", number / 256, number % 256);
        break;
    case 't':
        (void)fprintf(out, " at %llu", (unsigned long long)value);
        break;
    case 'l':
        (void)fprintf(out, " %s", trace_lock_text(timeline->world, number, text));
        break;
    case 'q':
        (void)fprintf(out, " %s", trace_softirq_text(timeline->world, number, text));
        break;
    case 'x':
        (void)fprintf(out, " %s", trace_exit_text(timeline->world, number));
        break;
    case 'c':
        if (number != UINT32_MAX)
            (void)fprintf(out, " cpu%u", number);
        break;
    case 'n':
        (void)fprintf(out, " %llu", (unsigned long long)value);
        break;
    default:
        if (value != (is_who ? TRACE_NOBODY : 0))
            (void)fprintf(out, " (%llx)", (unsigned long long)value);
    }
}

static inline void timeline_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    const struct timeline *timeline = (struct timeline *)(void *)sink;

    for (size_t i = 0; i < count; i++) {
        const struct trace_record *record = &records[i];
        if (timeline->has_times)
            (void)fprintf(timeline->text, "%9llu ", (unsigned long long)record->time);
        (void)fprintf(timeline->text, "cpu%u %s", record->cpu, timeline_kinds[record->kind].name);
        timeline_field(timeline, timeline_kinds[record->kind].who, record->who, true);
        timeline_field(timeline, timeline_kinds[record->kind].a, record->a, false);
        timeline_field(timeline, timeline_kinds[record->kind].b, record->b, false);
        if (record->flow != 0)
            (void)fprintf(timeline->text, " #%u", record->flow);
        (void)fputc('\n', timeline->text);
    }
}

/* The names that the records' numbers have. */
static inline void timeline_names(const struct trace_world *world, FILE *text)
{
    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++)
        for (uint32_t vector = 0; vector < 256; vector++) {
            uint32_t irq = trace_world_irq(world, cpu, vector);
            if (irq != TRACE_NO_IRQ)
                (void)fprintf(text, "cpu%u %02x is interrupt %u %s\n", cpu, vector, irq,
                              irq < world->irq_count && world->irq_names[irq] != NULL ? world->irq_names[irq] : "?");
        }
    for (uint32_t i = 0; i < world->action_count; i++)
        (void)fprintf(text, "action %u is %s\n", i, world->action_names[i]);
    for (uint32_t i = 0; i < world->thread_count; i++)
        (void)fprintf(text, "thread %u is %s\n", i, world->threads[i].name);
}

static inline bool timeline_begin(struct trace_sink *sink, const struct trace_world *world, char *message,
                                  size_t message_bytes)
{
    struct timeline *timeline = (struct timeline *)(void *)sink;

    (void)message;
    (void)message_bytes;
    timeline->world = world;
    if (timeline->has_times)
        timeline_names(world, timeline->text);
    return true;
}

static inline void timeline_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)sink;
    (void)machine;
    (void)now;
}

/* --- the numbers --- */

/* Those of the engine are none of the model's; a number that is 0 says what happened does not. */
static inline void timeline_metrics(const struct metrics *metrics, FILE *text)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric *row = &metrics->rows[i];
        if (strncmp(row->name, "engine.", 7) == 0 || row->numerator == 0)
            continue;
        (void)fprintf(text, "%s %lld", row->name, (long long)row->numerator);
        if (row->denominator != 1)
            (void)fprintf(text, "/%llu", (unsigned long long)row->denominator);
        (void)fputc('\n', text);
    }
    for (size_t i = 0; i < metrics->histogram_count; i++) {
        const struct histogram *histogram = metrics->histograms[i].histogram;
        if (histogram->count > 0)
            (void)fprintf(text, "%s: %llu values from %llu to %llu\n", metrics->histograms[i].name,
                          (unsigned long long)histogram->count, (unsigned long long)histogram->minimum,
                          (unsigned long long)histogram->maximum);
    }
}

/* --- runs --- */

enum timeline_of { TIMELINE_EVENTS, TIMELINE_NUMBERS, TIMELINE_ORDER };

/* Of the scenario in this file, with its numbers. TIMELINE_NUMBERS: only these; TIMELINE_ORDER: only the events,
 * without times, which `code` (or NULL) has from its compiler. The caller frees the text. */
static inline char *timeline_run(const char *path, enum timeline_of of, const struct code_object *code)
{
    struct timeline timeline = { .sink = { TRACE_ALL_KINDS, timeline_begin, timeline_records, timeline_end },
                                 .has_times = of != TIMELINE_ORDER };
    struct scenario scenario;
    struct result result;
    char message[512] = "", *text = NULL;
    size_t bytes = 0;
    struct diag diag;

    diag_init(&diag);
    if (scenario_load(&scenario, path, NULL, 0, &diag) != SCENARIO_OK) {
        diag_print(&diag, stderr, false);
        fail_msg("%s does not load", path);
    }
    diag_free(&diag);
    scenario.setup.code = code;
    timeline.text = open_memstream(&text, &bytes);
    assert_non_null(timeline.text);
    bool is_good =
        of != TIMELINE_NUMBERS
            ? run_scenario_traced(&scenario, &timeline.sink, 1 << 20, NULL, &result, message, sizeof(message))
            : run_scenario(&scenario, scenario.setup.run.seed, NULL, &result, message, sizeof(message));
    if (!is_good)
        fail_msg("%s: %s", path, message);
    if (result.violation.kind != NULL)
        (void)fprintf(timeline.text, "violation %s: %s\n", result.violation.kind, result.violation.text);
    if (of != TIMELINE_ORDER)
        timeline_metrics(&result.metrics, timeline.text);
    for (size_t i = 0; i < result.stuck_count; i++)
        (void)fprintf(timeline.text, "%s %llu of %s[%u]: %s\n", result.stuck[i].is_lost ? "lost" : "pending",
                      (unsigned long long)result.stuck[i].count, result.stuck[i].device,
                      (unsigned)result.stuck[i].vector, result.stuck[i].place);
    assert_int_equal(fclose(timeline.text), 0);
    result_free(&result);
    scenario.setup.code = NULL;
    scenario_free(&scenario);
    return text;
}

#endif
