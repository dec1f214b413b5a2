/* SPDX-License-Identifier: Apache-2.0
 *
 * States of an explored world: the arena without its excluded ranges (base/arena.h), and the live part of each stack.
 * A state is stored as the words in which it differs from the first state; its fingerprint is a 128-bit sum of hashes
 * of those words.
 *
 * The live arena is the base state plus the steps taken since. A capture finds the words that differ from the base, and
 * an undo restores only those. States cannot be captured under sanitizers or with the portable switch, where a parked
 * coroutine is more than the bytes of its stack.
 */
#ifndef EXPLORE_STATE_H
#define EXPLORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

#define STATE_BYTES_MAX ((size_t)4 << 20) /* of the arena in use */

struct fingerprint {
    uint64_t low, high;
};

/* A range of words of the arena. */
struct state_run {
    uint32_t first, count;
};

/* A word that is partly excluded. */
struct state_masked {
    uint32_t word;
    uint64_t mask; /* bits that belong to the state */
};

struct state_stack {
    uint32_t slot;
    bool has_run;                       /* since the base */
    char *first_pointer, *base_pointer; /* stack pointers in the first and in the base state */
};

struct explore_state {
    struct engine *engine;
    uint64_t *live, *first, *base;
    uint32_t word_count;
    struct state_run *runs; /* ranges compared with one memcmp each, since most are unchanged */
    uint32_t run_count;
    struct state_masked *masked;
    uint32_t masked_count;
    struct state_stack *stacks;
    uint32_t stack_count;
    struct fingerprint fingerprint; /* of the base */
    uint32_t *differing;            /* superset of the words in which the base differs from the first state */
    uint32_t differing_count;
    uint32_t *changed; /* words in which the live arena differs from the base, as of the last capture */
    uint32_t changed_count;
    bool *is_listed; /* [word_count]: in `differing` */
};

/* Whether this build can copy parked coroutines: no sanitizers, no portable switch. */
bool explore_state_is_supported(void);

/* Takes the live arena as the first state and the base. False when it exceeds STATE_BYTES_MAX. */
bool explore_state_init(struct explore_state *state, struct engine *engine);
void explore_state_free(struct explore_state *state);

/* engine_step, and marks the stacks that have run. */
void explore_state_step(struct explore_state *state, uint32_t slot);

/* Zeroes the dead part of the stacks and finds the words changed since the base. Returns the state's fingerprint. */
struct fingerprint explore_state_capture(struct explore_state *state);

/* Restores the live arena to the base. Must follow a capture. */
void explore_state_undo(struct explore_state *state);

/* Packs the live arena as captured into 8-byte units; returns their number, at most ..._packed_units_max. */
size_t explore_state_packed_units_max(const struct explore_state *state);
size_t explore_state_pack(const struct explore_state *state, struct fingerprint fingerprint, uint64_t *units);

/* Makes the packed state both the base and the live arena. The live arena must equal the base before. */
void explore_state_restore(struct explore_state *state, const uint64_t *units);

#endif
