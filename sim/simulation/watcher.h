/* SPDX-License-Identifier: Apache-2.0
 *
 * The interface of a watcher, which shows the progress of many runs and may cancel them. The code that executes the
 * runs calls `begin` and `end`; in between, the watcher reads the progress of the runs from its own thread.
 */
#ifndef WATCHER_H
#define WATCHER_H

#include <stdatomic.h>
#include <stddef.h>

#include "simulation/run.h"

struct watched_runs {
    const char *scenario;
    struct run_progress *runs; /* [count]; valid until `end` returns */
    size_t count;
};

struct watcher {
    atomic_bool is_cancelled; /* set by the watcher, polled by the runs */
    void (*begin)(struct watcher *watcher, const struct watched_runs *work);
    void (*end)(struct watcher *watcher);
};

#endif
