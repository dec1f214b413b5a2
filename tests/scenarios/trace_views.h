/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of a trace: of its records, and of the figures that its analyses print.
 */
#ifndef SCENARIOS_TRACE_VIEWS_H
#define SCENARIOS_TRACE_VIEWS_H

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "trace/attribution.h"
#include "trace/slowest.h"
#include "trace/tee.h"
#include "trace/timehist.h"
#include "trace/timeline.h"

enum { TRACE_SUMMED_CPUS = 1024 };

/* Records of different pCPUs that have the same time may come in any order. */
struct records_sum {
    struct trace_sink sink;
    uint64_t sums[TRACE_SUMMED_CPUS]; /* by pCPU */
};

struct trace_views {
    struct trace_tee tee;
    struct attribution attribution;
    struct slowest slowest;
    struct timeline timeline;
    struct timehist timehist;
};

static inline bool records_begin(struct trace_sink *sink, const struct trace_world *world, char *text,
                                 size_t text_bytes)
{
    (void)sink;
    (void)world;
    (void)text;
    (void)text_bytes;
    return true;
}

static inline uint64_t sum_add(uint64_t sum, uint64_t value) { return (sum ^ value) * 0x100000001b3u; }

static inline void records_add(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct records_sum *all = (struct records_sum *)sink;

    for (size_t i = 0; i < count; i++) {
        const struct trace_record *record = &records[i];
        uint64_t *sum = &all->sums[record->cpu % TRACE_SUMMED_CPUS];
        *sum = sum_add(sum_add(sum_add(*sum, record->time), record->b), record->who);
        *sum = sum_add(sum_add(sum_add(*sum, record->flow), record->a), record->kind);
    }
}

static inline void records_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)machine;
    records_add(sink, &(struct trace_record){ .time = now }, 1);
}

/* Of all pCPUs. */
static inline uint64_t records_all(const struct records_sum *records)
{
    uint64_t all = 0;

    for (size_t cpu = 0; cpu < TRACE_SUMMED_CPUS; cpu++)
        all = sum_add(all, records->sums[cpu]);
    return all;
}

static inline void records_init(struct records_sum *records)
{
    *records = (struct records_sum){
        .sink = { .kinds = TRACE_ALL_KINDS, .begin = records_begin, .records = records_add, .end = records_end },
    };
}

/* To be attached to a run or played: views->tee.sink. The timeline is of this part. */
static inline void views_init(struct trace_views *views, uint64_t from_ns, uint64_t until_ns)
{
    attribution_init(&views->attribution);
    slowest_init(&views->slowest, 4, 1 << 14);
    timeline_init(&views->timeline, from_ns, until_ns);
    timehist_init(&views->timehist);
    trace_tee_init(&views->tee);
    trace_tee_add(&views->tee, &views->attribution.sink);
    trace_tee_add(&views->tee, &views->slowest.sink);
    trace_tee_add(&views->tee, &views->timeline.sink);
    trace_tee_add(&views->tee, &views->timehist.sink);
}

static inline void views_free(struct trace_views *views)
{
    attribution_free(&views->attribution);
    slowest_free(&views->slowest);
    timeline_free(&views->timeline);
    timehist_free(&views->timehist);
}

static inline void json_write(json_t *json, FILE *out)
{
    json_dumpf(json, out, JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    fputc('\n', out);
    json_decref(json);
}

/* What the analyses print. */
static inline void views_print(struct trace_views *views, FILE *out)
{
    if (views->attribution.has_vcpus) {
        attribution_print(&views->attribution, out, false);
        attribution_print_csv(&views->attribution, out);
        json_write(attribution_json(&views->attribution), out);
    }
    slowest_print(&views->slowest, out);
    json_write(slowest_json(&views->slowest), out);
    json_write(timeline_json(&views->timeline), out);
    if (views->timehist.has_vcpus) {
        timehist_print(&views->timehist, NULL, out, true);
        timehist_print_csv(&views->timehist, NULL, out);
        json_write(timehist_json(&views->timehist, NULL), out);
    }
}

/* Of the figures in a text, and the line they are in: its words may change. */
static inline uint64_t figures_sum(const char *text)
{
    uint64_t sum = 0;

    for (; *text != '\0'; text++)
        if (strchr("0123456789.-\n", *text) != NULL)
            sum = hash_add(sum, text, 1);
    return sum;
}

/* The caller frees the text. */
static inline char *views_text(struct trace_views *views)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    views_print(views, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

#endif
