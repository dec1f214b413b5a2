/* SPDX-License-Identifier: Apache-2.0
 *
 * A function that may crash, tried in a child process.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>

/* Whether run(argument) returns. The child's memory is its own, so that nothing of what it did is seen here; its output
 * is discarded, and it leaves no core file. Also true when no child can be started. */
bool child_survives(void (*run)(void *argument), void *argument);

#endif
