/* SPDX-License-Identifier: Apache-2.0
 *
 * States of an explored world: the arena without its excluded ranges (base/arena.h), and the live part of each stack.
 *
 * A state is a pair of interned strings (strings.h), the stacks and the memory, so that two states are equal if and
 * only if their pairs are. Contents of cache lines are strings; four of them are a string of ids, a block; every other
 * block is a string, and two such halves are the memory. A stack is a string of its lines' ids from the top down; the
 * stacks are a string of those.
 *
 * The live arena is a state known by its pair, plus the steps taken since. A capture finds what these changed, on the
 * pages that were ever written (hot_pages.h); a restore copies the lines in which two states differ. States cannot be
 * captured under sanitizers or with the portable switch, where a parked coroutine is more than the bytes of its stack.
 */
#ifndef EXPLORE_STATE_H
#define EXPLORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "explore/columns.h"
#include "explore/hot_pages.h"
#include "explore/strings.h"

#define STATE_BYTES_MAX ((size_t)4 << 20) /* of the arena in use */

#define STATE_NO_STACK UINT32_MAX

/* Ids: of a string, and of a memory. */
struct state_pair {
    uint32_t stacks, memory;
};

/* A range of words of the arena. */
struct state_run {
    uint32_t first, count;
};

struct state_stack {
    uint32_t slot;
    bool has_run;                /* since the last capture or restore */
    uint32_t top_line, line_max; /* line after the last one; lines of the whole stack */
    uint32_t depth;              /* of the base: words from its stack pointer to the top */
    uint32_t line_count;
    uint32_t *lines; /* of the base: ids of their contents from the top down */
    uint32_t id;     /* of the whole stack */
};

enum { STATE_CHANGED_MAX = 48 };

struct explore_state {
    struct engine *engine;
    uint64_t *live, *first, *base; /* base: the arena as of the last capture or restore */
    uint64_t *mask;                /* of each word: bits that belong to the state's memory, without stacks */
    uint32_t word_count;
    struct state_run *runs; /* of words that belong to the state, each within one page */
    uint32_t *first_run;    /* of each page, and of the page after the last */
    struct state_stack *stacks;
    uint32_t stack_count;
    uint32_t *stack_of_slot;          /* STATE_NO_STACK: an event */
    struct strings strings, memories; /* memories: pairs of strings, in a word */
    struct columns columns;
    struct stack_cache *stack_cache;
    struct hot_pages hot;
    uint32_t *column_ids; /* of the base, by column: the id of its contents, STRINGS_NONE: as in the first state */
    uint32_t *block_ids;
    uint32_t block_count, halves[2];
    uint32_t
        changed[STATE_CHANGED_MAX]; /* words of memory in which the last capture differs from the state before it */
    uint32_t changed_count;         /* all of them, even those for which there is no room */
    bool *is_block_dirty;
    struct state_pair pair, first_pair; /* of the base, and of the first state */
};

/* Whether this build can copy parked coroutines: no sanitizers, no portable switch. */
bool explore_state_is_supported(void);

/* Takes the live arena as the first state. `strings` and `words`: how many are to be stored at most. False when the
 * arena exceeds STATE_BYTES_MAX. Until explore_state_free, writes to the arena cost a fault for each page. */
bool explore_state_init(struct explore_state *state, struct engine *engine, uint64_t strings, uint64_t words);

void explore_state_free(struct explore_state *state);

/* engine_step, and marks the stacks that have run. */
void explore_state_step(struct explore_state *state, uint32_t slot);

/* The same after a restore, and after filling what is dead on all stacks (dead_stack.h): memory must become the same,
 * for tests of that. Stacks need not: code may copy what it will not read, and leave unused bytes of frames as they
 * are. */
void explore_state_step_filled(struct explore_state *state, uint32_t slot);

/* Zeroes the dead part of the stacks and returns the live arena's state. */
struct state_pair explore_state_capture(struct explore_state *state);

/* Makes the live arena what it was at the last capture or restore. */
void explore_state_undo(struct explore_state *state);

/* Whether steps since the last capture or restore ran on one stack at most. */
bool explore_state_has_one_stack_run(const struct explore_state *state);

/* Makes the live arena this state. Must follow a capture, a restore or an undo. */
void explore_state_restore(struct explore_state *state, struct state_pair pair);

/* Gives a line of the live arena these contents where they belong to the state's memory. */
void explore_state_write_line(struct explore_state *state, uint32_t line, const uint64_t *contents);

/* The id of one stack of `stacks`, and `stacks` with another id in its place. */
uint32_t explore_state_stack(const struct explore_state *state, uint32_t stacks, uint32_t index);
uint32_t explore_state_with_stack(struct explore_state *state, uint32_t stacks, uint32_t index, uint32_t id);

#endif
