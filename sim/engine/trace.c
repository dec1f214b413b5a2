/* SPDX-License-Identifier: Apache-2.0
 *
 * Recording and ordering. A pCPU that runs ahead of the clock may be interrupted at an earlier time than its last
 * record, so that a record's time is after that of a later one. Such a record is moved to the earlier time, which keeps
 * the records of one pCPU in order; the error is at most the time by which the pCPU was ahead.
 */
#define _GNU_SOURCE
#include "engine/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

enum { FIRST_CAPACITY = 1 << 12, VECTORS = 256 };

void trace_init(struct trace *trace, uint64_t kinds, uint32_t cpu_count, size_t limit)
{
    *trace = (struct trace){ .kinds = kinds | UINT64_C(1) << TRACE_DROPPED, .limit = limit, .cpu_count = cpu_count };
    trace->held = malloc(cpu_count * sizeof *trace->held);
    trace->floor = malloc(cpu_count * sizeof *trace->floor);
    CHECK(limit > 1 && trace->held != NULL && trace->floor != NULL);
    for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
        trace->held[cpu] = CYCLES_NEVER;
}

static void names_free(struct trace_names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        free(names->rows[i]);
    free(names->rows);
}

void trace_free(struct trace *trace)
{
    free(trace->records);
    free(trace->sorted);
    free(trace->held);
    free(trace->floor);
    free(trace->locks);
    names_free(&trace->threads);
    names_free(&trace->irqs);
    names_free(&trace->actions);
    free(trace->vector_irqs);
    *trace = (struct trace){ 0 };
}

static void grow(struct trace *trace)
{
    trace->capacity = trace->capacity == 0 ? FIRST_CAPACITY : trace->capacity * 2;
    trace->records = realloc(trace->records, trace->capacity * sizeof *trace->records);
    free(trace->sorted);
    trace->room = trace->capacity < trace->limit ? trace->capacity : trace->limit;
    trace->sorted = malloc(2 * trace->capacity * sizeof *trace->sorted);
    CHECK(trace->records != NULL && trace->sorted != NULL);
}

/* Kinds kept beyond the limit: they are few, and later records cannot be interpreted without them. */
static bool is_kept(const struct trace_record *record)
{
    return record->kind == TRACE_RUNSTATE || record->kind == TRACE_VCPU || record->kind == TRACE_DROPPED;
}

static void drop(struct trace *trace, const struct trace_record *record)
{
    if (trace->gap++ == 0)
        trace->gap_from = record->time;
    trace->dropped++;
}

static void append(struct trace *trace, struct trace_record record)
{
    if (trace->count >= trace->limit && !is_kept(&record)) {
        drop(trace, &record);
        return;
    }
    if (trace->count == trace->capacity)
        grow(trace);
    trace->records[trace->count++] = record;
}

void trace_write(struct trace *trace, struct trace_record record)
{
    if (trace->kinds >> record.kind & 1)
        append(trace, record);
}

/* Where there is no room. Its parameters are those of trace_add, whose call of it so is a jump. */
static __attribute__((noinline)) void add_beyond(struct trace *trace, cycles when, uint32_t cpu, enum trace_kind kind,
                                                 uint32_t who, uint32_t flow, uint32_t a, uint64_t b)
{
    append(trace,
           (struct trace_record){
               .time = when, .b = b, .who = who, .flow = flow, .a = a, .kind = (uint16_t)kind, .cpu = (uint16_t)cpu });
}

__attribute__((noinline)) void trace_add(struct trace *trace, cycles when, uint32_t cpu, enum trace_kind kind,
                                         uint32_t who, uint32_t flow, uint32_t a, uint64_t b)
{
    if ((trace->kinds >> kind & 1) == 0)
        return;
    if (__builtin_expect(trace->count >= trace->room, false)) {
        add_beyond(trace, when, cpu, kind, who, flow, a, b);
        return;
    }
    struct trace_record *record = &trace->records[trace->count++];
    record->time = when;
    record->b = b;
    record->who = who;
    record->flow = flow;
    record->a = a;
    record->kind = (uint16_t)kind;
    record->cpu = (uint16_t)cpu;
}

uint32_t trace_lock_new(struct trace *trace, const char *class_name, uint32_t number)
{
    if (trace == NULL)
        return 0;
    if (trace->lock_count == trace->lock_capacity) {
        trace->lock_capacity = trace->lock_capacity == 0 ? 64 : trace->lock_capacity * 2;
        trace->locks = realloc(trace->locks, trace->lock_capacity * sizeof *trace->locks);
        CHECK(trace->locks != NULL);
    }
    trace->locks[trace->lock_count] = (struct trace_lock){ class_name, number };
    return trace->lock_count++;
}

static void names_set(struct trace_names *names, uint32_t number, const char *name)
{
    if (number >= names->count) {
        names->rows = realloc(names->rows, (number + 1) * sizeof *names->rows);
        CHECK(names->rows != NULL);
        memset(&names->rows[names->count], 0, (number + 1 - names->count) * sizeof *names->rows);
        names->count = number + 1;
    }
    free(names->rows[number]);
    names->rows[number] = text_copy(name);
}

uint32_t trace_thread_new(struct trace *trace, const char *name)
{
    names_set(&trace->threads, trace->threads.count, name);
    return trace->threads.count - 1;
}

uint32_t trace_action_new(struct trace *trace, const char *name)
{
    names_set(&trace->actions, trace->actions.count, name);
    return trace->actions.count - 1;
}

void trace_irq_new(struct trace *trace, uint32_t cpu, uint32_t vector, uint32_t number, const char *name)
{
    size_t count = (size_t)trace->cpu_count * VECTORS;

    if (trace->vector_irqs == NULL) {
        trace->vector_irqs = malloc(count * sizeof *trace->vector_irqs);
        CHECK(trace->vector_irqs != NULL);
        memset(trace->vector_irqs, 0xff, count * sizeof *trace->vector_irqs); /* TRACE_NO_IRQ */
    }
    names_set(&trace->irqs, number, name);
    trace->vector_irqs[cpu * VECTORS + vector] = number;
}

uint32_t trace_irq_of(const struct trace *trace, uint32_t cpu, uint32_t vector)
{
    return trace->vector_irqs == NULL ? TRACE_NO_IRQ : trace->vector_irqs[cpu * VECTORS + vector];
}

/* Kinds whose time is exact and must not be moved: they come from outside the pCPU, or carry a time read earlier. */
static const uint64_t exact_kinds = UINT64_C(1) << TRACE_RUNSTATE | UINT64_C(1) << TRACE_VCPU |
                                    UINT64_C(1) << TRACE_RAISE | UINT64_C(1) << TRACE_ACCEPT |
                                    UINT64_C(1) << TRACE_DROPPED;

/* Moves records back so that no record's time is after that of a later one of its pCPU. Returns the index of the first
 * record that is not before `until`. */
static size_t order_each_cpu(struct trace *trace, cycles until)
{
    struct trace_record *records = trace->records, *first = records + trace->count;
    cycles *floors = trace->floor;

    for (uint32_t cpu = 0; cpu < trace->cpu_count; cpu++)
        floors[cpu] = CYCLES_NEVER;
    for (struct trace_record *record = first; record-- > records;) {
        cycles time = record->time;
        if ((exact_kinds >> record->kind & 1) == 0) {
            cycles *floor = &floors[record->cpu];
            if (time > *floor)
                record->time = time = *floor;
            *floor = time;
        }
        if (time >= until)
            first = record;
    }
    return (size_t)(first - records);
}

/* Moves the records that are not before `until`, of which `first` is the first one, to the beginning of trace->sorted,
 * and the others together; both keep the order of emission. Returns the number of the others. */
static size_t split(struct trace *trace, size_t first, cycles until)
{
    size_t taken = first, left = 0;

    for (size_t i = first; i < trace->count; i++) {
        if (trace->records[i].time < until)
            trace->records[taken++] = trace->records[i];
        else
            trace->sorted[left++] = trace->records[i];
    }
    return taken;
}

/* Sorts each run of `run` records by insertion, which is fast because records are nearly in order. */
static void sort_runs(struct trace_record *records, size_t count, size_t run)
{
    for (size_t from = 0; from < count; from += run) {
        struct trace_record *first = &records[from], *end = first + (count - from < run ? count - from : run);
        for (struct trace_record *next = first + 1; next < end; next++) {
            if (next[-1].time <= next->time)
                continue;
            struct trace_record record = *next, *at = next;
            do {
                *at = at[-1];
                at--;
            } while (at > first && at[-1].time > record.time);
            *at = record;
        }
    }
}

/* Merges the sorted records [0, middle) and [middle, count), of which only few overlap; `scratch` has room for the
 * first ones. */
static void merge(struct trace_record *records, size_t middle, size_t count, struct trace_record *scratch)
{
    size_t first = middle, end = middle, taken = 0;

    while (first > 0 && records[first - 1].time > records[middle].time)
        first--;
    while (end < count && records[end].time < records[middle - 1].time)
        end++;
    size_t left = middle - first, to = first;
    memcpy(scratch, &records[first], left * sizeof *records);
    for (size_t next = middle; taken < left; to++) {
        bool is_second = next < end && records[next].time < scratch[taken].time;
        records[to] = is_second ? records[next++] : scratch[taken++];
    }
}

/* A stable merge sort of the first `count` records; the second half of trace->sorted is scratch space. */
static void sort(struct trace *trace, size_t count)
{
    enum { RUN = 256 };
    struct trace_record *records = trace->records;

    sort_runs(records, count, RUN);
    for (size_t run = RUN; run < count; run *= 2)
        for (size_t i = 0; i + run < count; i += 2 * run)
            merge(&records[i], run, count - i < 2 * run ? count - i : 2 * run, trace->sorted + trace->capacity);
}

static void close_gap(struct trace *trace, cycles now)
{
    if (trace->gap == 0)
        return;
    uint64_t left = trace->gap;
    trace->gap = 0;
    trace_write(trace, (struct trace_record){ .time = now,
                                              .b = trace->gap_from,
                                              .who = TRACE_NOBODY,
                                              .a = left > UINT32_MAX ? UINT32_MAX : (uint32_t)left,
                                              .kind = TRACE_DROPPED });
}

void trace_drain(struct trace *trace, cycles now, trace_consumer *consumer, void *context)
{
    cycles until = now;

    for (uint32_t cpu = 0; cpu < trace->cpu_count; cpu++)
        until = trace->held[cpu] < until ? trace->held[cpu] : until;
    size_t first = order_each_cpu(trace, until);
    size_t count = split(trace, first, until), left = trace->count - count;
    if (count > 0) {
        sort(trace, count);
        consumer(context, trace->records, count);
        memcpy(trace->records, trace->sorted, left * sizeof *trace->records);
        trace->count = left;
    }
    close_gap(trace, now);
}

void trace_finish(struct trace *trace, cycles now, trace_consumer *consumer, void *context)
{
    for (uint32_t cpu = 0; cpu < trace->cpu_count; cpu++)
        trace_release(trace, cpu);
    trace_drain(trace, now, consumer, context);
}
