/* SPDX-License-Identifier: Apache-2.0
 *
 * States of an explored world: the arena without what is excluded (base/arena.h), and of the stacks only what is live.
 * A state is kept as the words in which it differs from the first one; its fingerprint is a sum over those words, 128
 * bits wide.
 *
 * The live arena is the base state and the steps taken from it since. A capture compares the two; whoever goes on from
 * the base undoes the steps, which touches only what they have changed. Not under sanitizers or the portable switch: a
 * parked coroutine must be bytes of its stack and nothing else.
 */
#ifndef EXPLORE_STATE_H
#define EXPLORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

#define STATE_BYTES_MAX ((size_t)4 << 20) /* of arena */

struct fingerprint {
    uint64_t low, high;
};

/* Words of the arena by number. */
struct state_run {
    uint32_t first, count;
};

/* A word that is in part excluded. */
struct state_masked {
    uint32_t word;
    uint64_t mask; /* of what counts */
};

struct state_stack {
    uint32_t slot;
    bool has_run; /* since the base */
    char *first_pointer, *base_pointer; /* stack pointers in the first and in the base state */
};

struct explore_state {
    struct engine *engine;
    uint64_t *live, *first, *base;
    uint32_t word_count;
    struct state_run *runs; /* compared at once: most are as they were */
    uint32_t run_count;
    struct state_masked *masked;
    uint32_t masked_count;
    struct state_stack *stacks;
    uint32_t stack_count;
    struct fingerprint fingerprint; /* of the base */
    uint32_t *differing;            /* words in which the base differs from the first state, and others perhaps */
    uint32_t differing_count;
    uint32_t *changed; /* words in which the live arena differs from the base, as of the last capture */
    uint32_t changed_count;
    bool *is_listed; /* [word_count]: in `differing` */
};

/* Whether this build can copy coroutines. */
bool explore_state_is_supported(void);

/* The live arena is the first state, and the base. False when it is too large. */
bool explore_state_init(struct explore_state *state, struct engine *engine);
void explore_state_free(struct explore_state *state);

/* engine_step of the live arena. */
void explore_state_step(struct explore_state *state, uint32_t slot);

/* Clears what is dead of the stacks, finds what the steps since the base have changed. */
struct fingerprint explore_state_capture(struct explore_state *state);

/* The live arena is the base again; after a capture. */
void explore_state_undo(struct explore_state *state);

/* The live arena, as captured, in 8-byte units: how many it takes at most; returns how many it took. */
size_t explore_state_packed_units_max(const struct explore_state *state);
size_t explore_state_pack(const struct explore_state *state, struct fingerprint fingerprint, uint64_t *units);

/* The packed state becomes the base and the live arena. Before it, the live arena is the base. */
void explore_state_restore(struct explore_state *state, const uint64_t *units);

#endif
