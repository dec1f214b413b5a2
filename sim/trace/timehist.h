/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists every run of every vCPU: how long it was blocked and runnable (steal) before the run, and how long it ran. The
 * columns are those of `perf sched timehist`. Of a recording without guests it lists the runs of the host's threads.
 */
#ifndef TRACE_TIMEHIST_H
#define TRACE_TIMEHIST_H

#include <jansson.h>
#include <stdio.h>

#include "trace/sink.h"

struct timehist_run {
    cycles end;                        /* of the run */
    cycles blocked, runnable, running; /* of a recording also time of unknown state, which is in none of them */
    uint32_t who;
    uint16_t cpu;
    uint8_t left_as; /* state after the run: 0 running, 1 runnable, 2 blocked, 3 offline; or TIMEHIST_CUT_OFF */
};

enum { TIMEHIST_CUT_OFF = 4 };

struct timehist_task;

struct timehist {
    struct trace_sink sink; /* attach to a run through a recorder, which supplies the states at the window's start; to a
                             * recording directly */
    struct trace_world world;
    struct timehist_task *tasks;
    uint32_t task_count; /* vCPUs, or threads where there are none */
    bool is_of_threads;
    bool has_vcpus; /* the trace has runstates */
    cycles from;    /* of a recording: the beginning of its window, before which states are followed alone */
    struct timehist_run *runs;
    size_t count, capacity;
};

void timehist_init(struct timehist *timehist);
void timehist_free(struct timehist *timehist);

/* One line for each run, then a summary of each guest. `guest` selects a kind of guest or a single one; NULL: all. */
void timehist_print(const struct timehist *timehist, const char *guest, FILE *out, bool use_colour);
void timehist_print_csv(const struct timehist *timehist, const char *guest, FILE *out);

/* {"frequency_hz", "runs": [{"end", "cpu", "task": name, "wait", "delay", "run", "then": state or "the trace ends"}]},
 * times in cycles or ticks. The caller releases it. */
json_t *timehist_json(const struct timehist *timehist, const char *guest);

#endif
