/* SPDX-License-Identifier: Apache-2.0
 *
 * What a replay follows from step to step besides its notes: the values of words, the waits for locks, the stores in
 * the store buffers, and the places in the source of a code object.
 */
#ifndef EXPLORE_REPLAY_WATCH_H
#define EXPLORE_REPLAY_WATCH_H

#include "explore/replay.h"

struct replay_watch;

/* Begins before the first step; adds to the log. */
struct replay_watch *replay_watch_new(struct explore_world *world, struct replay_log *log);

/* For explored->access. */
void replay_watch_access(struct replay_watch *watch, const struct cpu *cpu, const volatile void *address, size_t bytes,
                         const void *pc);

/* After each step, before log->step_count counts it. */
void replay_watch_step(struct replay_watch *watch);

/* After the last step: looks the places up. Frees the watch. */
void replay_watch_end(struct replay_watch *watch);

#endif
