/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the explorer with brute force on random programs.
 */
#ifndef TESTS_BRUTE_CHECK_H
#define TESTS_BRUTE_CHECK_H

#include "brute_oracle.h"

/* Of the programs compared: how many have which answer. One program may have several. */
struct brute_tally {
    uint32_t compared, too_large, clean, deadlocks, asserts, lost, endless;
    uint32_t hidden; /* from the explorer by a bound */
};

/* Compares a program, with each reduction, unless brute force needs more than `states_max` states: all ends, whether
 * some state reaches none, and the verdict. Prints the program with its name and fails the test if they differ. */
void brute_check(const struct brute_program *program, const char *name, enum brute_memory memory, uint64_t states_max,
                 struct brute_tally *tally);

/* The same for the program of a seed. */
void brute_check_seed(uint64_t seed, enum brute_memory memory, uint64_t states_max, struct brute_tally *tally);

/* Compares searches of it with a bound on preemptions, each bound below `bounds` that hides something from brute force.
 * The explorer may count fewer preemptions, as its steps are larger: it finds all that brute force finds within the
 * bound, and nothing that brute force does not find without one. */
void brute_check_bounds(uint64_t seed, enum brute_memory memory, uint64_t states_max, uint8_t bounds,
                        struct brute_tally *tally);

#endif
