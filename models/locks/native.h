/* SPDX-License-Identifier: Apache-2.0
 *
 * The lock algorithms on the memory of the host that runs this program, for measurements (sim/calibrate,
 * bench/native_locks.c). A thread that polls executes PAUSE, as real locks do.
 */
#ifndef MODELS_LOCKS_NATIVE_H
#define MODELS_LOCKS_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pause.h"

#define NATIVE_LINE_BYTES 256 /* separate even with hardware that prefetches pairs of lines */

/* A thread's queue entry; initialised with zeros. */
struct native_node {
    _Alignas(NATIVE_LINE_BYTES) struct native_node *next;
    uint32_t is_waiting;
};

/* All zero: free. The kind of lock defines what the fields mean. */
struct native_lock {
    _Alignas(NATIVE_LINE_BYTES) uint32_t word, tail; /* word: taken, or now serving; tail: next ticket */
    _Alignas(NATIVE_LINE_BYTES) struct native_node *last;
};

#endif
