/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the locks of models/locks natively on this host, in the closed loop of bench_lock_loop: pinned threads think,
 * take a single lock, hold it and release it.
 */
#ifndef CALIBRATE_LOCK_NATIVE_H
#define CALIBRATE_LOCK_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "calibrate/host.h"

struct native_loop {
    uint32_t kind;                    /* index into lock_kinds */
    bool is_without_lock;             /* only think and hold, to measure the loop itself */
    uint32_t threads;                 /* on the first threads of cores, in hwloc's order */
    uint64_t think_turns, hold_turns; /* means of exponential draws, in turns of clock_spin */
    uint64_t acquisitions;            /* measured acquisitions of the first thread */
};

/* The mean time between two acquisitions, in cycles of the host's clock. Negative when threads cannot be pinned or
 * there are too few cores. */
double native_loop_run(const struct host *host, const struct native_loop *loop);

/* Stores at most `count` CPUs, the first thread of each core, in `cpus` and returns their number. */
uint32_t native_cores(const struct host *host, uint32_t *cpus, uint32_t count);

#endif
