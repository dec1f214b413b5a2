/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks signals and asks which are pending.
 */
#define _GNU_SOURCE
#include "commands/signals.h"

#include <time.h>

#include "base/check.h"

static void add(sigset_t *signals, int number)
{
    struct sigaction action;

    CHECK(sigaction(number, NULL, &action) == 0);
    if (action.sa_handler != SIG_IGN) /* a shell ignores SIGINT for background jobs, nohup SIGHUP */
        sigaddset(signals, number);
}

void signals_watch(struct signals *signals)
{
    sigemptyset(&signals->watched);
    add(&signals->watched, SIGINT);
    add(&signals->watched, SIGTERM);
    add(&signals->watched, SIGHUP);
    CHECK(sigprocmask(SIG_BLOCK, &signals->watched, &signals->old) == 0);
}

bool signals_arrived(void)
{
    sigset_t pending;

    CHECK(sigpending(&pending) == 0);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) || sigismember(&pending, SIGHUP);
}

bool signals_unwatch(const struct signals *signals)
{
    const struct timespec at_once = { 0, 0 };
    bool has_arrived = false;

    while (sigtimedwait(&signals->watched, NULL, &at_once) > 0)
        has_arrived = true;
    CHECK(sigprocmask(SIG_SETMASK, &signals->old, NULL) == 0);
    return has_arrived;
}
