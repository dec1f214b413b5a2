/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs one scenario with several designs and seeds on all cores.
 */
#ifndef COMPARE_CELLS_H
#define COMPARE_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result/result.h"

struct scenario;
struct watcher;

struct compare_cells {
    const struct scenario *scenario;
    const char *const *designs;
    size_t design_count;
    uint64_t first_seed;
    size_t seed_count;
    size_t threads; /* 0: one a core */
    struct watcher *watcher;
};

/* Appends the results to `set`, designs in their order, seeds ascending in each; the same whatever the threads. After
 * an interruption `set` has what came out, the unfinished ones marked partial, and *was_cancelled is true. False with a
 * message when a run refused its setup. */
bool compare_cells_run(const struct compare_cells *cells, struct result_set *set, bool *was_cancelled, char *message,
                       size_t message_bytes);

#endif
