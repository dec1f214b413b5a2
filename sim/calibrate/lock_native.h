/* SPDX-License-Identifier: Apache-2.0
 *
 * The locks of models/locks on the host's own cache lines, in the closed loop of bench_lock_loop: pinned threads think,
 * take the one lock, hold it, give it back.
 */
#ifndef CALIBRATE_LOCK_NATIVE_H
#define CALIBRATE_LOCK_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "calibrate/host.h"

struct native_loop {
    uint32_t kind;                    /* index into lock_kinds */
    bool is_without_lock;             /* think and hold alone: what the loop itself takes */
    uint32_t threads;                 /* on the first threads of cores, in hwloc's order */
    uint64_t think_turns, hold_turns; /* of clock_spin; exponential with these means */
    uint64_t acquisitions;            /* of the first thread, measured */
};

/* Cycles of the host's clock between two acquisitions; negative when threads cannot be pinned or cores are too few. */
double native_loop_run(const struct host *host, const struct native_loop *loop);

/* Cores that the process has. */
uint32_t native_cores(const struct host *host, uint32_t *cpus, uint32_t count);

#endif
