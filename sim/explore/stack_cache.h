/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the states of a search (state.h): the stacks that steps have led to before. What a step leaves on its
 * stack holds much that is dead, and takes a walk of its frames to become a stack of a state. Most steps leave on the
 * same stack what a step before them has left, so that the stack that it becomes is known.
 */
#ifndef EXPLORE_STACK_CACHE_H
#define EXPLORE_STACK_CACHE_H

#include <stdint.h>

enum { STACK_LEFT_LINES_MAX = 8 };

/* What a step has left on a stack, given the stack that it started from: its depth in words, and the lines from the top
 * down that differ. */
struct stack_left {
    uint32_t from, depth;
    uint32_t line_count; /* more than STACK_LEFT_LINES_MAX: not all of them are there */
    uint32_t lines[STACK_LEFT_LINES_MAX];
    const uint64_t *contents[STACK_LEFT_LINES_MAX]; /* of COLUMN_WORDS words */
};

struct stack_cache;

struct stack_cache *stack_cache_new(void);
void stack_cache_free(struct stack_cache *cache);

/* Returns where the id of the stack is that this has become, which is STRINGS_NONE if it is not known: the caller
 * stores it there. The place is valid until the next call. */
uint32_t *stack_cache_find(struct stack_cache *cache, const struct stack_left *left);

#endif
