/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether anything is wrong with the live state of an exploration.
 */
#ifndef EXPLORE_JUDGE_H
#define EXPLORE_JUDGE_H

#include "explore/search.h"

/* Nothing is pending. */
static inline bool explore_is_end(const struct engine *engine)
{
    return eventq_key_time(eventq_next(&engine->queue)) == CYCLES_NEVER;
}

/* What is asked of every state, and of an end what is asked of ends. True: the first that is broken is described.
 * Weak properties that are broken are counted, unless the subject is strict. */
bool explore_judge(const struct explore_subject *subject, struct violation *violation, uint64_t *suspicious);

#endif
