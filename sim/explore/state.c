/* SPDX-License-Identifier: Apache-2.0
 *
 * What belongs to a state, and the steps from one to the next; capture.c finds and restores contents.
 */
#include "explore/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/image.h"
#include "engine/switch.h"
#include "explore/capture.h"
#include "explore/stack_cache.h"
#include "machine/explored.h"

enum { WORD_BYTES = 8 };

bool explore_state_is_supported(void) { return switch_stack_extra() == 0; }

static size_t offset_of(const struct explore_state *state, const void *address)
{
    return (size_t)((const char *)address - (const char *)state->live);
}

/* --- what is compared --- */

static void *words_new(const struct explore_state *state)
{
    void *words = calloc(state->word_count, WORD_BYTES);

    CHECK(words != NULL);
    return words;
}

static void mask_set(struct explore_state *state, const void *from, size_t bytes, int value)
{
    memset((char *)state->mask + offset_of(state, from), value, bytes);
}

static void mask_excluded(struct explore_state *state)
{
    const struct arena *arena = state->engine->arena;

    memset(state->mask, 0xff, arena->used);
    for (size_t i = 0; i < arena->excluded_count; i++)
        memset((char *)state->mask + arena->excluded[i].start, 0, arena->excluded[i].bytes);
}

static void gather_stacks(struct explore_state *state)
{
    const struct engine *engine = state->engine;

    state->stacks = calloc(engine->slot_count, sizeof(*state->stacks));
    state->stack_of_slot = calloc(engine->slot_count, sizeof(*state->stack_of_slot));
    CHECK(state->stacks != NULL && state->stack_of_slot != NULL);
    for (uint32_t slot = 0; slot < engine->slot_count; slot++) {
        const struct actor *actor = engine->slots[slot].actor;
        state->stack_of_slot[slot] = STATE_NO_STACK;
        if (actor == NULL)
            continue;
        size_t start = offset_of(state, actor->stack), line_bytes = COLUMN_WORDS * (size_t)WORD_BYTES;
        CHECK(start % line_bytes == 0 && actor->stack_bytes % line_bytes == 0);
        mask_set(state, actor->stack, actor->stack_bytes, 0);
        state->stack_of_slot[slot] = state->stack_count;
        struct state_stack *stack = &state->stacks[state->stack_count++];
        *stack = (struct state_stack){ .slot = slot,
                                       .top_line = (uint32_t)((start + actor->stack_bytes) / line_bytes),
                                       .line_max = (uint32_t)(actor->stack_bytes / line_bytes) };
        stack->lines = calloc(stack->line_max, sizeof(*stack->lines));
        CHECK(stack->lines != NULL);
    }
}

/* Excludes the engine's constant memory and the stack pointers, which the stacks' strings contain. Of the queue only
 * the keys of slots in use and their ancestors in the tree change. */
static void skip_engine(struct explore_state *state)
{
    const struct engine *engine = state->engine;
    const struct eventq *queue = &engine->queue;
    uint32_t first = queue->leaf_base, end = queue->leaf_base + engine->slot_count;

    mask_set(state, engine->slots, engine->slot_capacity * sizeof(*engine->slots), 0);
    mask_set(state, queue->keys, 2 * sizeof(*queue->keys) * queue->leaf_base, 0);
    for (; first > 0; first /= 4, end = (end + 3) / 4)
        mask_set(state, &queue->keys[first], (end - first) * WORD_BYTES, 0xff);
}

/* A word of which only a part belongs to the state is a run of
 * its own, since its other part may change with every step. */
static bool continues_run(const struct explore_state *state, const struct state_run *run, uint32_t word)
{
    return run->first + run->count == word && state->mask[word] == UINT64_MAX && state->mask[word - 1] == UINT64_MAX;
}

static void gather_runs(struct explore_state *state)
{
    uint32_t page_words = (uint32_t)(state->hot.page_bytes / WORD_BYTES), run_count = 0;

    state->runs = calloc(state->word_count + 1, sizeof(*state->runs));
    state->first_run = calloc(state->hot.page_count + 1, sizeof(*state->first_run));
    CHECK(state->runs != NULL && state->first_run != NULL);
    for (uint32_t word = 0; word < state->word_count; word++) {
        if (word % page_words == 0)
            state->first_run[word / page_words] = run_count;
        if (state->mask[word] == 0)
            continue;
        if (run_count > 0 && word % page_words != 0 && continues_run(state, &state->runs[run_count - 1], word))
            state->runs[run_count - 1].count++;
        else
            state->runs[run_count++] = (struct state_run){ word, 1 };
    }
    state->first_run[state->hot.page_count] = run_count;
}

static void memory_open(struct explore_state *state, uint64_t strings, uint64_t words)
{
    state->first = words_new(state);
    state->base = words_new(state);
    state->mask = words_new(state);
    state->column_ids = calloc(COLUMNS_MAX, sizeof(*state->column_ids));
    state->block_ids = calloc(BLOCKS_MAX, sizeof(*state->block_ids));
    state->is_block_dirty = calloc(BLOCKS_MAX, sizeof(*state->is_block_dirty));
    state->stack_cache = stack_cache_new();
    CHECK(state->column_ids != NULL && state->block_ids != NULL && state->is_block_dirty != NULL);
    strings_init(&state->strings, strings, words);
    strings_init_single(&state->memories, strings);
    columns_init(&state->columns, state->word_count / COLUMN_WORDS);
}

/* The text of a code object lies in the arena, read-only. */
static void watch(struct explore_state *state, size_t bytes)
{
    const struct code *code = state->engine->explored != NULL ? state->engine->explored->code : NULL;

    if (code == NULL)
        hot_pages_watch(&state->hot, state->live, bytes, NULL, 0);
    else
        hot_pages_watch(&state->hot, state->live, bytes, code->image - IMAGE_STUB_BYTES,
                        IMAGE_STUB_BYTES + code->object->text_bytes);
}

bool explore_state_init(struct explore_state *state, struct engine *engine, uint64_t strings, uint64_t words)
{
    const struct arena *arena = engine->arena;
    size_t line_bytes = COLUMN_WORDS * (size_t)WORD_BYTES,
           bytes = (arena->used + line_bytes - 1) / line_bytes * line_bytes;

    CHECK(explore_state_is_supported());
    *state = (struct explore_state){ .engine = engine, .live = (uint64_t *)(void *)arena->base };
    if (bytes > STATE_BYTES_MAX)
        return false;
    state->word_count = (uint32_t)(bytes / WORD_BYTES);
    memory_open(state, strings, words);
    mask_excluded(state);
    gather_stacks(state);
    skip_engine(state);
    watch(state, bytes);
    gather_runs(state);
    for (uint32_t i = 0; i < state->stack_count; i++) {
        const struct actor *actor = engine->slots[state->stacks[i].slot].actor;
        hot_pages_add(&state->hot, actor->stack, actor->stack_bytes);
        state->stacks[i].has_run = true;
        capture_clear_dead_stack(state, &state->stacks[i], engine->slots[state->stacks[i].slot].stack_pointer);
    }
    hot_pages_add(&state->hot, engine->slots, engine->slot_count * sizeof(*engine->slots));
    memcpy(state->first, state->live, bytes);
    for (uint32_t i = 0; i < state->word_count; i++)
        state->base[i] = state->mask[i] != 0 ? state->live[i] : 0;
    state->first_pair = explore_state_capture(state);
    return true;
}

void explore_state_free(struct explore_state *state)
{
    hot_pages_release(&state->hot);
    strings_free(&state->strings);
    strings_free(&state->memories);
    columns_free(&state->columns);
    for (uint32_t i = 0; i < state->stack_count; i++)
        free(state->stacks[i].lines);
    free(state->first);
    free(state->base);
    free(state->mask);
    free(state->runs);
    free(state->first_run);
    free(state->stacks);
    free(state->stack_of_slot);
    free(state->column_ids);
    free(state->block_ids);
    free(state->is_block_dirty);
    stack_cache_free(state->stack_cache);
    *state = (struct explore_state){ .engine = NULL };
}

/* --- steps --- */

/* After a direct switch between actors (engine->exchanges), any of them may have run. */
void explore_state_step(struct explore_state *state, uint32_t slot)
{
    uint64_t exchanges = state->engine->exchanges;

    engine_step(state->engine, slot);
    if (state->engine->exchanges != exchanges)
        for (uint32_t i = 0; i < state->stack_count; i++)
            state->stacks[i].has_run = true;
    else if (state->stack_of_slot[slot] != STATE_NO_STACK)
        state->stacks[state->stack_of_slot[slot]].has_run = true;
}

void explore_state_step_filled(struct explore_state *state, uint32_t slot)
{
    for (uint32_t i = 0; i < state->stack_count; i++)
        capture_fill_dead(state, &state->stacks[i]);
    explore_state_step(state, slot);
    for (uint32_t i = 0; i < state->stack_count; i++)
        if (!state->stacks[i].has_run)
            capture_stack_undo(state, &state->stacks[i]);
}

bool explore_state_has_one_stack_run(const struct explore_state *state)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < state->stack_count; i++)
        count += state->stacks[i].has_run;
    return count <= 1;
}
