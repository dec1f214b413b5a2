/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a scenario with several values of one axis, such as designs, and several seeds in parallel.
 */
#ifndef COMPARE_CELLS_H
#define COMPARE_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result/result.h"

struct scenario;
struct scenario_axis;
struct watcher;

struct compare_cells {
    const struct scenario *scenario;
    const struct scenario_axis *axis; /* "hypervisor.design" for designs */
    uint64_t first_seed;
    size_t seed_count;
    size_t threads; /* 0: one per core */
    struct watcher *watcher;
};

/* Appends the results to `set`, in the order of the axis and with ascending seeds for each value; the number of
 * threads has no influence. Results have the axis among their coordinates, unless it is the design, which they name
 * anyway. After an interruption *was_cancelled is true and `set` has the results so far, those of unfinished
 * runs marked partial. Returns false with a message when the simulation rejected the setup of a run. */
bool compare_cells_run(const struct compare_cells *cells, struct result_set *set, bool *was_cancelled, char *message,
                       size_t message_bytes);

#endif
