/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: goes on from a checkpoint, and makes one.
 */
#ifndef EXPLORE_RESUME_H
#define EXPLORE_RESUME_H

#include "explore/expand.h"

/* States at a distance of `depth` steps from the first: those not expanded yet, from `first` to `end` - 1. */
struct resume_level {
    uint64_t depth, first, end;
};

/* Called by all workers after expand_first: visits the states of limits->resumed again. Returns the level to go on
 * with. Sets outcome->limit to EXPLORE_NOT_RESUMED when other states come out. Stops early, with search->expanded less
 * than the checkpoint's, when that happens, and where it is interrupted, late or out of memory (struct common). */
struct resume_level resume_states(struct search *search);

/* Called by all workers between two batches of rows: calls limits->keep, and sets the time of the next call. */
void resume_keep_now(struct search *search);

/* Called by worker 0 alone, when a limit has ended the search or the others wait: calls limits->keep, if there is one.
 */
void resume_keep(struct search *search, bool has_ended);

#endif
