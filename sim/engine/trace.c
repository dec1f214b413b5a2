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

enum {
    FIRST_CAPACITY = 1 << 12,
    VECTORS = 256,
    NEAR = 32, /* places that a record is put before others when it is added */
};

void trace_init(struct trace *trace, uint64_t kinds, uint32_t cpu_count, size_t limit)
{
    *trace = (struct trace){ .kinds = kinds | UINT64_C(1) << TRACE_DROPPED, .limit = limit, .cpu_count = cpu_count };
    trace->held = malloc(cpu_count * sizeof *trace->held);
    trace->last = calloc(cpu_count, sizeof *trace->last);
    CHECK(limit > 1 && trace->held != NULL && trace->last != NULL);
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
    free(trace->first);
    free(trace->scratch);
    free(trace->held);
    free(trace->last);
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
    trace->first = realloc(trace->first, (NEAR + trace->capacity) * sizeof *trace->first);
    free(trace->scratch);
    trace->room = trace->capacity < trace->limit ? trace->capacity : trace->limit;
    trace->scratch = malloc(trace->capacity * sizeof *trace->scratch);
    CHECK(trace->first != NULL && trace->scratch != NULL);
    memset(trace->first, 0, NEAR * sizeof *trace->first);
    trace->records = trace->first + NEAR;
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

/* Kinds whose time is exact and must not be moved: they come from outside the pCPU, or carry a time read earlier. */
static const uint64_t exact_kinds = UINT64_C(1) << TRACE_RUNSTATE | UINT64_C(1) << TRACE_VCPU |
                                    UINT64_C(1) << TRACE_RAISE | UINT64_C(1) << TRACE_ACCEPT |
                                    UINT64_C(1) << TRACE_DROPPED;

static bool is_exact(uint32_t kind) { return exact_kinds >> kind & 1; }

/* Moves those records of the pCPU that are after `when` back to it. */
static __attribute__((noinline)) void move_back(struct trace *trace, uint32_t cpu, cycles when)
{
    for (struct trace_record *record = trace->records + trace->count; record-- > trace->records;) {
        if (record->cpu != cpu || is_exact(record->kind))
            continue;
        if (record->time <= when)
            return;
        record->time = when;
        trace->is_unsorted = true;
    }
}

/* Whether an earlier record of this pCPU is after `when`. */
static inline bool is_early(const struct trace *trace, uint32_t cpu, uint32_t kind, cycles when)
{
    return !is_exact(kind) && when < trace->last[cpu];
}

/* Makes room for a record before the last few that are later, because most are nearly in order, and no farther:
 * trace_drain sorts then. */
static inline struct trace_record *new_record(struct trace *trace, uint32_t cpu, uint32_t kind, cycles when)
{
    if (!is_exact(kind))
        trace->last[cpu] = when;
    struct trace_record *at = &trace->records[trace->count++], *nearest = at - NEAR;
    for (; at[-1].time > when; at--) {
        if (at == nearest) {
            trace->is_unsorted = true;
            break;
        }
        *at = at[-1];
    }
    return at;
}

static void append(struct trace *trace, struct trace_record record)
{
    if (trace->count >= trace->limit && !is_kept(&record)) {
        drop(trace, &record);
        return;
    }
    if (trace->count == trace->capacity)
        grow(trace);
    if (is_early(trace, record.cpu, record.kind, record.time))
        move_back(trace, record.cpu, record.time);
    *new_record(trace, record.cpu, record.kind, record.time) = record;
}

void trace_write(struct trace *trace, struct trace_record record)
{
    if (trace_wants(trace, (enum trace_kind)record.kind))
        append(trace, record);
}

/* In pairs of words: the record may be moved at once, and its copy would wait for narrower stores. */
static inline void record_write(struct trace_record *record, cycles when, uint64_t b, struct trace_words words)
{
    typedef uint64_t pair __attribute__((vector_size(16), aligned(8)));
    pair *pairs = (pair *)record;

    _Static_assert(sizeof *record == 2 * sizeof *pairs && offsetof(struct trace_record, b) == 8 &&
                       offsetof(struct trace_record, flow) == 20 && offsetof(struct trace_record, cpu) == 30 &&
                       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
                   "the places of the fields");
    pairs[0] = (pair){ when, b };
    pairs[1] = (pair){ words.who_flow, words.a_kind_cpu };
}

/* Where there is no room, or the record is early. Its parameters are those of trace_add, whose call of it so is a jump.
 */
static __attribute__((noinline)) void add_slowly(struct trace *trace, cycles when, uint64_t b, struct trace_words words)
{
    struct trace_record record;

    record_write(&record, when, b, words);
    append(trace, record);
}

__attribute__((noinline)) void trace_add(struct trace *trace, cycles when, uint64_t b, struct trace_words words)
{
    uint32_t kind = words.a_kind_cpu >> 32 & 0xffff, cpu = (uint32_t)(words.a_kind_cpu >> 48);

    if (__builtin_expect(trace->count >= trace->room || is_early(trace, cpu, kind, when), false)) {
        add_slowly(trace, when, b, words);
        return;
    }
    record_write(new_record(trace, cpu, kind, when), when, b, words);
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

/* A stable merge sort. */
static void sort(struct trace *trace)
{
    enum { RUN = 256 };
    struct trace_record *records = trace->records;
    size_t count = trace->count;

    sort_runs(records, count, RUN);
    for (size_t run = RUN; run < count; run *= 2)
        for (size_t i = 0; i + run < count; i += 2 * run)
            merge(&records[i], run, count - i < 2 * run ? count - i : 2 * run, trace->scratch);
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
    if (trace->is_unsorted)
        sort(trace);
    trace->is_unsorted = false;
    size_t count = trace->count;
    while (count > 0 && trace->records[count - 1].time >= until)
        count--;
    if (count > 0) {
        consumer(context, trace->records, count);
        trace->count -= count;
        memmove(trace->records, trace->records + count, trace->count * sizeof *trace->records);
    }
    close_gap(trace, now);
}

void trace_finish(struct trace *trace, cycles now, trace_consumer *consumer, void *context)
{
    for (uint32_t cpu = 0; cpu < trace->cpu_count; cpu++)
        trace_release(trace, cpu);
    trace_drain(trace, now, consumer, context);
}
