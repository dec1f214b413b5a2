/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists every run of every vCPU: how long it was blocked and runnable (steal) before the run, and how long it ran. The
 * columns are those of `perf sched timehist`.
 */
#ifndef TRACE_TIMEHIST_H
#define TRACE_TIMEHIST_H

#include <stdio.h>

#include "trace/sink.h"

struct timehist_run {
    cycles end; /* of the run */
    cycles blocked, runnable, running;
    uint32_t who;
    uint16_t cpu;
    uint8_t left_as; /* state after the run: 0 running, 1 runnable, 2 blocked, 3 offline; or TIMEHIST_CUT_OFF */
};

enum { TIMEHIST_CUT_OFF = 4 };

struct timehist_vcpu;

struct timehist {
    struct trace_sink sink; /* attach through a recorder, which supplies the states at the window's start */
    struct trace_world world;
    struct timehist_vcpu *vcpus;
    bool has_vcpus; /* the model traces runstates */
    struct timehist_run *runs;
    size_t count, capacity;
};

void timehist_init(struct timehist *timehist);
void timehist_free(struct timehist *timehist);

/* One line for each run, then a summary of each guest. `guest` selects a kind of guest or a single one; NULL: all. */
void timehist_print(const struct timehist *timehist, const char *guest, FILE *out, bool use_colour);
void timehist_print_csv(const struct timehist *timehist, const char *guest, FILE *out);

#endif
