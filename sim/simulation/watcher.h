/* SPDX-License-Identifier: Apache-2.0
 *
 * Who watches many runs: shows how far they are, and may end them. The work calls begin and end; between them the
 * watcher reads the runs' progress from a thread of its own.
 */
#ifndef WATCHER_H
#define WATCHER_H

#include <stdatomic.h>
#include <stddef.h>

#include "simulation/run.h"

struct watched_runs {
    const char *scenario;
    struct run_progress *runs; /* [count]; they outlive `end` */
    size_t count;
};

struct watcher {
    atomic_bool is_cancelled; /* set by the watcher, polled by the work */
    void (*begin)(struct watcher *watcher, const struct watched_runs *work);
    void (*end)(struct watcher *watcher);
};

#endif
