/* SPDX-License-Identifier: Apache-2.0
 *
 * The native twin of a lock: the same algorithm on the memory of the host that runs this program, for measurements
 * (sim/calibrate, bench/native_locks.c). Whoever polls PAUSEs, as real locks do.
 */
#ifndef MODELS_LOCKS_NATIVE_H
#define MODELS_LOCKS_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pause.h"

#define NATIVE_LINE_BYTES 256 /* apart even for hardware that fetches lines in pairs */

/* A thread's own place at a lock. All zero at first. */
struct native_node {
    _Alignas(NATIVE_LINE_BYTES) struct native_node *next;
    uint32_t is_waiting;
};

/* All zero: free. What the fields mean is the kind's. */
struct native_lock {
    _Alignas(NATIVE_LINE_BYTES) uint32_t word, tail; /* taken; or now serving and next ticket */
    _Alignas(NATIVE_LINE_BYTES) struct native_node *last;
};

#endif
