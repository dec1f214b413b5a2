/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes of the contents of memories (explore/state.h), which are the same in all processes of a partitioned search,
 * while the ids of strings and the numbers of columns are not.
 */
#ifndef EXPLORE_FINGERPRINT_H
#define EXPLORE_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/state.h"

struct fingerprints {
    uint32_t *known; /* by id of a string: a hash and what kind of string it is of; 0: not known yet */
    uint64_t max;
};

void fingerprints_open(struct fingerprints *prints, const struct explore_state *state);
void fingerprints_close(struct fingerprints *prints);

/* Of all of the first state, stacks and memory, with the addresses that it holds. */
uint64_t fingerprint_first(const struct explore_state *state);

/* `memory`: of a state. */
uint64_t fingerprint_of(struct fingerprints *prints, const struct explore_state *state, uint32_t memory);

#endif
