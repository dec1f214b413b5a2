/* SPDX-License-Identifier: Apache-2.0
 *
 * An interpreter of random programs (brute_program.h) that is as simple as possible: one transition for each thing that
 * a CPU, a device, a message in flight or a store buffer can do, a table of all states, and no reduction. It shares
 * nothing with the engine and the machine.
 */
#ifndef TESTS_BRUTE_ORACLE_H
#define TESTS_BRUTE_ORACLE_H

#include "brute_program.h"

enum brute_memory {
    BRUTE_SC,  /* sequential consistency */
    BRUTE_TSO, /* a FIFO of stores for each CPU, which forwards to its own loads; locked operations wait until it is
                * empty, and so do the entry into a handler and the return from it */
    BRUTE_MEMORIES
};

/* Stops at `states_max` states with an incomplete answer. The caller frees the answer. */
void brute_solve(const struct brute_program *program, enum brute_memory memory, uint64_t states_max,
                 struct brute_answer *answer);

/* The same for executions with at most `bound` preemptions (explore/search.h), 0..254. What may have an end with one
 * more is no endless wait. */
void brute_solve_bounded(const struct brute_program *program, enum brute_memory memory, uint64_t states_max,
                         uint8_t bound, struct brute_answer *answer);

#endif
