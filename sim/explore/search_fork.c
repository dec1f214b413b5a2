/* SPDX-License-Identifier: Apache-2.0
 *
 * The fork writes to shared memory and exits.
 */
#define _GNU_SOURCE
#include "explore/search_fork.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "explore/workers.h"

/* Of a trace: a bound on the depth of a search, of which no page is touched that is not needed. */
#define STEPS_MAX ((size_t)1 << 26)

/* What the fork hands over. */
struct report {
    struct explore_outcome outcome;
    struct lock_order order;
    uint16_t trace[STEPS_MAX];
};

static void hand_over(struct report *report, const struct explore_subject *subject,
                      const struct explore_outcome *outcome)
{
    CHECK(outcome->trace_count <= STEPS_MAX);
    report->outcome = *outcome;
    if (subject->explored->order != NULL)
        report->order = *subject->explored->order;
    if (outcome->trace_count > 0)
        memcpy(report->trace, outcome->trace, outcome->trace_count * sizeof(*outcome->trace));
}

/* Strings are constants, which both processes have at the same place. */
static void take_over(const struct report *report, const struct explore_subject *subject,
                      struct explore_outcome *outcome)
{
    *outcome = report->outcome;
    if (subject->explored->order != NULL)
        *subject->explored->order = report->order;
    if (outcome->trace == NULL)
        return;
    outcome->trace = calloc(outcome->trace_count + 1, sizeof(*outcome->trace));
    CHECK(outcome->trace != NULL);
    memcpy(outcome->trace, report->trace, outcome->trace_count * sizeof(*outcome->trace));
}

/* A fork that exits early has failed a CHECK and printed its message; one killed by a signal has printed nothing. */
static void await(pid_t fork)
{
    int status;

    while (waitpid(fork, &status, 0) < 0)
        CHECK(errno == EINTR);
    if (!WIFEXITED(status))
        check_failed("search", WTERMSIG(status), "the search was killed by a signal");
    if (WEXITSTATUS(status) != 0)
        _exit(WEXITSTATUS(status));
}

void search_in_fork(const struct explore_subject *subject, const struct explore_limits *limits,
                    void (*search)(const struct explore_subject *subject, const struct explore_limits *limits,
                                   struct explore_outcome *outcome),
                    struct explore_outcome *outcome)
{
    struct report *report = workers_map(sizeof(*report));
    pid_t parent = getpid(), child;

    CHECK(report != NULL);
    (void)fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        if (getppid() != parent)
            _exit(0);
        search(subject, limits, outcome);
        hand_over(report, subject, outcome);
        _exit(0);
    }
    await(child);
    take_over(report, subject, outcome);
    workers_unmap(report, sizeof(*report));
}
