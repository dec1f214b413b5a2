/* SPDX-License-Identifier: Apache-2.0
 *
 * Every run of every vCPU: how long it was blocked before, how long it was runnable (steal) before it ran, how long it
 * ran then. The columns are those of `perf sched timehist`.
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
    uint8_t left_as; /* state then: 0 running, 1 runnable, 2 blocked, 3 offline; TIMEHIST_CUT_OFF */
};

enum { TIMEHIST_CUT_OFF = 4 };

struct timehist_vcpu;

struct timehist {
    struct trace_sink sink; /* behind a recorder */
    struct trace_world world;
    struct timehist_vcpu *vcpus;
    bool has_vcpus; /* the model tells their runstates */
    struct timehist_run *runs;
    size_t count, capacity;
};

void timehist_init(struct timehist *timehist);
void timehist_free(struct timehist *timehist);

/* A line a run, then a summary of each guest. `guest`: a kind of guest, or one; NULL: all. */
void timehist_print(const struct timehist *timehist, const char *guest, FILE *out, bool use_colour);
void timehist_print_csv(const struct timehist *timehist, const char *guest, FILE *out);

#endif
