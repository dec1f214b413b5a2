/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs independent jobs on a pool of threads. The order in which jobs start is ascending or a sweep_order's, and the
 * assignment to threads is arbitrary, so results must depend on neither.
 */
#ifndef SWEEP_POOL_H
#define SWEEP_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct sweep_order_job;

/* Runs job(context, index, worker) for index 0..count-1 on `threads` threads (0: one per core that this process may
 * use). No further job starts after `is_cancelled` (may be NULL) is true or a job has returned false. Returns when all
 * started jobs have ended, with true if every job ran and returned true. `worker` is below sweep_pool_threads(). */
bool sweep_pool_run(size_t count, size_t threads, const atomic_bool *is_cancelled,
                    bool (*job)(void *context, size_t index, size_t worker), void *context);

/* The same with the longest job first (sweep/order.h): rows[index] says what is expected of it. */
bool sweep_pool_run_longest_first(const struct sweep_order_job *rows, size_t count, size_t threads,
                                  const atomic_bool *is_cancelled,
                                  bool (*job)(void *context, size_t index, size_t worker), void *context);

/* Returns the number of threads that sweep_pool_run uses, at least 1. */
size_t sweep_pool_threads(size_t threads, size_t count);

#endif
