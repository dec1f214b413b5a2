/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals that end an exploration early and keep what it has found: SIGINT, SIGTERM and, unless it is ignored, SIGHUP.
 * They would otherwise kill the processes of a search.
 */
#ifndef COMMANDS_SIGNALS_H
#define COMMANDS_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
    sigset_t watched, old;
};

/* Blocks the signals from here on. */
void signals_watch(struct signals *signals);

/* Whether one of them has arrived since. */
bool signals_arrived(void);

/* Takes them off again, and returns whether one has arrived. */
bool signals_unwatch(const struct signals *signals);

#endif
