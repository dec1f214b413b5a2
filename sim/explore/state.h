/* SPDX-License-Identifier: Apache-2.0
 *
 * States of an explored world: the arena without its books, and of the stacks only what is live. A state is kept as the
 * cache lines in which it differs from the first one; its fingerprint is a sum over those lines, 128 bits wide.
 * Not under sanitizers or the portable switch: a parked coroutine must be bytes of its stack and nothing else.
 */
#ifndef EXPLORE_STATE_H
#define EXPLORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

#define STATE_LINE_BYTES 64
#define STATE_LINES_MAX 65536 /* 4 MiB of arena */

struct fingerprint {
    uint64_t low, high;
};

struct state_line {
    uint64_t words[STATE_LINE_BYTES / 8];
};

/* Lines that differ from the first state, in the order of scanning. */
struct state_difference {
    uint32_t count;
    uint16_t *indices;
    struct state_line *lines;
};

/* Lines side by side, compared at once: most are as they were. */
struct state_run {
    uint16_t first, count;
};

#define STATE_RUN_LINES 8

struct explore_state {
    struct engine *engine;
    struct state_line *arena, *first; /* the live one, and as it was */
    uint32_t line_count;
    struct state_run *runs; /* lines that may differ, without stacks and books */
    uint32_t run_count;
    struct arena_range *partial_books; /* of lines that hold state, too: reset after every step */
    size_t partial_count;
    uint32_t *stacks; /* slots that are actors */
    uint32_t stack_count;
    char **first_pointers;           /* their stack pointers in the first state */
    struct state_difference current; /* of the live arena, as of the last capture or restore */
};

/* Whether this build can copy coroutines. */
bool explore_state_is_supported(void);

/* The live arena is the first state. False when it is too large. */
bool explore_state_init(struct explore_state *state, struct engine *engine);
void explore_state_free(struct explore_state *state);

/* After a step: resets the books, clears what is dead of the stacks, fills `current`. */
struct fingerprint explore_state_capture(struct explore_state *state);

/* A copy of `current`, one block to be freed with free(); *bytes is its size. */
struct state_difference *explore_state_copy(const struct explore_state *state, size_t *bytes);
void explore_state_restore(struct explore_state *state, const struct state_difference *difference);

#endif
