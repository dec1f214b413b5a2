/* SPDX-License-Identifier: Apache-2.0
 *
 * Independent jobs on all cores. Jobs start in ascending order; which thread takes which one is open, so a job must not
 * depend on it.
 */
#ifndef SWEEP_POOL_H
#define SWEEP_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Runs job(context, index, worker) for index 0..count-1 on `threads` threads (0: one a core that this process may use).
 * After `is_cancelled` (may be NULL) turns true, or a job returned false, no further job starts; returns when all
 * started ones have ended. True when every job ran and returned true. worker < sweep_pool_threads(threads, count). */
bool sweep_pool_run(size_t count, size_t threads, const atomic_bool *is_cancelled,
                    bool (*job)(void *context, size_t index, size_t worker), void *context);

/* How many threads sweep_pool_run uses. At least 1. */
size_t sweep_pool_threads(size_t threads, size_t count);

#endif
