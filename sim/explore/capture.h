/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the states of a search (state.h): how the contents of memory and stacks become strings, and back.
 */
#ifndef EXPLORE_CAPTURE_H
#define EXPLORE_CAPTURE_H

#include "explore/state.h"

/* Ids are packed two in a word. */
#define WORDS_OF_IDS(count) (((count) + 1) / 2)

#define STACKS_MAX 1024
#define STACK_LINES_MAX 4096

/* Zeroes the stack below `pointer`, its stack pointer now or in the base. Otherwise the residue of returned frames in
 * later, partly initialised frames would make equal states differ. */
void capture_clear_dead_stack(const struct explore_state *state, const struct state_stack *stack, char *pointer);

/* Fills what is dead on a stack (dead_stack.h). */
void capture_fill_dead(const struct explore_state *state, const struct state_stack *stack);

/* The stack's contents become the base's; its stack pointer must be that of the base. */
void capture_stack_undo(const struct explore_state *state, const struct state_stack *stack);

#endif
