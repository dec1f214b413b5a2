/* SPDX-License-Identifier: Apache-2.0
 *
 * CHECK asserts an invariant of the simulator; it is enabled in every build. A failure prints the source location, the
 * simulated cycle and the actor, and exits with code 3. Errors in user input are reported through diag.h instead.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <stdint.h>

/* What a failing CHECK prints about the run in progress. Owned by the caller of check_context_set; one per thread. */
struct check_context {
    uint64_t now;   /* simulated cycles */
    uint32_t actor; /* event slot of the running actor */
    uint64_t seed;
    const char *scenario;
};

void check_context_set(const struct check_context *context); /* NULL: no run in progress on this thread */

/* Prints the failure to standard error and exits with code 3 without running exit handlers. */
_Noreturn void check_failed(const char *file, int line, const char *condition);

#define CHECK(condition) (__builtin_expect(!(condition), 0) ? check_failed(__FILE__, __LINE__, #condition) : (void)0)

#endif
