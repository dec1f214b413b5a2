/* SPDX-License-Identifier: Apache-2.0
 *
 * A function that may crash, tried in a child process.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>

enum child_end {
    CHILD_RETURNS,
    CHILD_CRASHES,     /* or takes more than its time */
    CHILD_NO_MEMORY,   /* the child said so: check_no_memory */
    CHILD_NOT_STARTED, /* or it could not say how it ended; errno says why */
};

/* How run(argument) ends. The child's memory is its own, so that nothing of what it did is seen here; its output is
 * discarded, it leaves no core file, and it has so many seconds of processor time. */
enum child_end child_try(void (*run)(void *argument), void *argument, unsigned seconds);

/* Limits this process, a child: no core file, and so many seconds of processor time. */
void child_limit(unsigned seconds);

#endif
