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
};

/* Compares a program, with each reduction, unless brute force needs more than `states_max` states: all ends, whether
 * some state reaches none, and the verdict. Prints the program with its name and fails the test if they differ. */
void brute_check(const struct brute_program *program, const char *name, enum brute_memory memory, uint64_t states_max,
                 struct brute_tally *tally);

/* The same for the program of a seed. */
void brute_check_seed(uint64_t seed, enum brute_memory memory, uint64_t states_max, struct brute_tally *tally);

#endif
