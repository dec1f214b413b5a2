/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a scenario for a writer of traces, and keeps the records that the writer gets.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdio.h>
#include <stdlib.h>

#include "formats/output.h"
#include "scenario/scenario.h"
#include "simulation/run.h"
#include "trace/recorded.h"
#include "trace/tee.h"

/* A run's records as they come. */
struct keeper {
    struct trace_sink sink;
    struct recorded recorded;
};

static inline bool keeper_begin(struct trace_sink *sink, const struct trace_world *world, char *text, size_t bytes)
{
    struct keeper *keeper = (struct keeper *)sink;

    (void)text, (void)bytes;
    recorded_init(&keeper->recorded);
    keeper->recorded.world = trace_world_kept(world);
    struct trace *names = &keeper->recorded.names;
    names->locks = calloc(world->trace->lock_count + 1, sizeof *names->locks);
    assert_non_null(names->locks);
    for (; names->lock_count < world->trace->lock_count; names->lock_count++)
        names->locks[names->lock_count] =
            (struct trace_lock){ recorded_text(&keeper->recorded, world->trace->locks[names->lock_count].class_name),
                                 world->trace->locks[names->lock_count].number };
    keeper->recorded.world.trace = names;
    return true;
}

static inline void keeper_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        recorded_add(&((struct keeper *)sink)->recorded, records[i]);
}

static inline void keeper_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)machine;
    ((struct keeper *)sink)->recorded.world.end = now;
}

/* The scenario's whole trace, through the writer and as records. */
static inline void keeper_run(struct keeper *keeper, const char *name, const char *const *sets, size_t set_count,
                              struct trace_sink *writer, struct output *output)
{
    struct trace_tee tee;
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char path[256], text[512] = "";

    diag_init(&diag);
    snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", name);
    assert_int_equal(scenario_load(&scenario, path, sets, set_count, &diag), 0);
    diag_free(&diag);
    keeper->sink = (struct trace_sink){ TRACE_ALL_KINDS, keeper_begin, keeper_records, keeper_end };
    trace_tee_init(&tee);
    trace_tee_add(&tee, writer);
    trace_tee_add(&tee, &keeper->sink);
    assert_true(run_scenario_traced(&scenario, &tee.sink, 1 << 20, NULL, &result, text, sizeof text));
    assert_true(output_commit(output, text, sizeof text));
    result_free(&result);
    scenario_free(&scenario);
}

#endif
