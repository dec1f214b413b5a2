/* SPDX-License-Identifier: Apache-2.0
 *
 * CHECK: an invariant of ours, always on in every build. A failure prints the place, the simulated cycle and the
 * actor, and ends the program with exit code 3. It is never used for user input (that is diag.h).
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <stdint.h>

/* What a failing CHECK prints of the run in progress. Owned by the caller of check_context_set; one a thread. */
struct check_context {
    uint64_t now;   /* simulated cycles */
    uint32_t actor; /* the slot that runs */
    uint64_t seed;
    const char *scenario;
};

void check_context_set(const struct check_context *context); /* NULL: no run in progress on this thread */
_Noreturn void check_failed(const char *file, int line, const char *condition);

#define CHECK(condition) (__builtin_expect(!(condition), 0) ? check_failed(__FILE__, __LINE__, #condition) : (void)0)

#endif
