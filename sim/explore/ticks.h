/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells a lost interrupt from one that waits for a tick. A search with run.ticks ends an execution where the ticks are
 * spent, though in time there are more.
 */
#ifndef EXPLORE_TICKS_H
#define EXPLORE_TICKS_H

#include <stdbool.h>

#include "explore/explore.h"

/* In an end with a lost interrupt: whether guests have seen all interrupts after further ticks, which come when nothing
 * else is pending. Steps the world on. False where the model's timers never expire. */
bool explore_ticks_deliver(struct explore_world *world);

#endif
