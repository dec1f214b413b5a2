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

/* Prints the failure to standard error, removes temporaries that this process is writing, and exits with code 3 without
 * running exit handlers. */
_Noreturn void check_failed(const char *file, int line, const char *condition);

/* Says that the program is out of memory, and what for (" reading FILE", or ""), and exits in the same way. */
_Noreturn void check_no_memory(const char *what);

/* Says what cannot be done ("a thread cannot be started") and why (errno), and exits in the same way, with code 4, or 3
 * where memory is short. */
_Noreturn void check_system_failed(const char *what);

#define CHECK_EXIT_CODE 3
#define CHECK_SYSTEM_EXIT_CODE 4

#define CHECK(condition) (__builtin_expect(!(condition), 0) ? check_failed(__FILE__, __LINE__, #condition) : (void)0)

/* For what the system may refuse: a process, a thread, an anonymous file. */
#define CHECK_SYSTEM(condition, what) (__builtin_expect(!(condition), 0) ? check_system_failed(what) : (void)0)

#endif
