/* SPDX-License-Identifier: Apache-2.0
 *
 * Capturing and restoring explored states, line by line.
 */
#include "explore/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "engine/switch.h"

/* How deep below the stack pointer a step is taken to have written; checked by one line of zeros below it. */
#define STACK_DEPTH_BYTES 2048

#define LINE_WORDS (STATE_LINE_BYTES / 8)

bool explore_state_is_supported(void) { return switch_stack_extra() == 0; }

static size_t offset_of(const struct explore_state *state, const void *address)
{
    return (size_t)((const char *)address - (const char *)state->arena);
}

static char *stack_pointer(const struct explore_state *state, uint32_t stack)
{
    return state->engine->slots[state->stacks[stack]].stack_pointer;
}

/* --- which lines are scanned --- */

enum scan { STATE_SCANNED, STATE_SKIPPED };

static void skip_books(struct explore_state *state, unsigned char *kinds)
{
    const struct arena *arena = state->engine->arena;

    state->partial_books = calloc(2 * arena->book_count + 1, sizeof(*state->partial_books));
    CHECK(state->partial_books != NULL);
    for (size_t i = 0; i < arena->book_count; i++) {
        size_t start = arena->books[i].start, end = start + arena->books[i].bytes;
        size_t first = (start + STATE_LINE_BYTES - 1) / STATE_LINE_BYTES, last = end / STATE_LINE_BYTES;
        if (first >= last) {
            state->partial_books[state->partial_count++] = arena->books[i];
            continue;
        }
        for (size_t line = first; line < last; line++)
            kinds[line] = STATE_SKIPPED;
        if (start < first * STATE_LINE_BYTES)
            state->partial_books[state->partial_count++] =
                (struct arena_range){ start, first * STATE_LINE_BYTES - start };
        if (end > last * STATE_LINE_BYTES)
            state->partial_books[state->partial_count++] =
                (struct arena_range){ last * STATE_LINE_BYTES, end - last * STATE_LINE_BYTES };
    }
}

/* Stacks begin and end with a line. */
static void skip_stacks(struct explore_state *state, unsigned char *kinds)
{
    const struct engine *engine = state->engine;

    state->stacks = calloc(engine->slot_count, sizeof(*state->stacks));
    state->first_pointers = calloc(engine->slot_count, sizeof(*state->first_pointers));
    CHECK(state->stacks != NULL && state->first_pointers != NULL);
    for (uint32_t slot = 0; slot < engine->slot_count; slot++) {
        const struct actor *actor = engine->slots[slot].actor;
        if (actor == NULL)
            continue;
        size_t start = offset_of(state, actor->stack);
        CHECK(start % STATE_LINE_BYTES == 0 && actor->stack_bytes % STATE_LINE_BYTES == 0);
        memset(kinds + start / STATE_LINE_BYTES, STATE_SKIPPED, actor->stack_bytes / STATE_LINE_BYTES);
        state->first_pointers[state->stack_count] = engine->slots[slot].stack_pointer;
        state->stacks[state->stack_count++] = slot;
    }
}

static void gather_runs(struct explore_state *state, const unsigned char *kinds)
{
    for (uint32_t line = 0; line < state->line_count; line++) {
        struct state_run *last = &state->runs[state->run_count - (state->run_count > 0)];
        if (kinds[line] != STATE_SCANNED)
            continue;
        if (last->count > 0 && last->count < STATE_RUN_LINES && last->first + last->count == line)
            last->count++;
        else
            state->runs[state->run_count++] = (struct state_run){ (uint16_t)line, 1 };
    }
}

/* --- dead stack --- */

/* Frames to come start from zeros, so that what dead ones left behind makes no two states of one. */
static void clear_dead_stack(const struct explore_state *state, uint32_t stack)
{
    const struct actor *actor = state->engine->slots[state->stacks[stack]].actor;
    char *pointer = stack_pointer(state, stack), *from = pointer - STACK_DEPTH_BYTES;
    static const struct state_line zero;

    CHECK(from >= actor->stack + STATE_LINE_BYTES);
    memset(from, 0, STACK_DEPTH_BYTES);
    if (memcmp(from - STATE_LINE_BYTES, &zero, STATE_LINE_BYTES) != 0)
        memset(actor->stack, 0, (size_t)(from - actor->stack));
}

bool explore_state_init(struct explore_state *state, struct engine *engine)
{
    const struct arena *arena = engine->arena;
    unsigned char *kinds;

    CHECK(explore_state_is_supported());
    *state = (struct explore_state){ .engine = engine, .arena = (struct state_line *)(void *)arena->base };
    state->line_count = (uint32_t)((arena->used + STATE_LINE_BYTES - 1) / STATE_LINE_BYTES);
    if (state->line_count > STATE_LINES_MAX)
        return false;
    state->first = malloc(state->line_count * sizeof(*state->first));
    state->runs = calloc(state->line_count, sizeof(*state->runs));
    state->current.indices = calloc(state->line_count, sizeof(*state->current.indices));
    state->current.lines = calloc(state->line_count, sizeof(*state->current.lines));
    kinds = calloc(state->line_count, 1);
    CHECK(state->first && state->runs && state->current.indices && state->current.lines && kinds);
    skip_books(state, kinds);
    skip_stacks(state, kinds);
    gather_runs(state, kinds);
    free(kinds);
    for (uint32_t stack = 0; stack < state->stack_count; stack++)
        clear_dead_stack(state, stack);
    memcpy(state->first, state->arena, state->line_count * sizeof(*state->first));
    return true;
}

void explore_state_free(struct explore_state *state)
{
    free(state->first);
    free(state->runs);
    free(state->partial_books);
    free(state->stacks);
    free(state->first_pointers);
    free(state->current.indices);
    free(state->current.lines);
    *state = (struct explore_state){ .engine = NULL };
}

/* --- fingerprints --- */

static uint64_t fold(uint64_t a, uint64_t b)
{
    uint128 product = (uint128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two independent chains; the line's place seeds both. */
static void fingerprint_add(struct fingerprint *sum, uint32_t index, const struct state_line *line)
{
    const uint64_t *w = line->words;
    uint64_t a = fold(index + 0x9e3779b97f4a7c15u, 0xe7037ed1a0b428dbu);
    uint64_t b = fold(index + 0xc2b2ae3d27d4eb4fu, 0x8ebc6af09c88c6e3u);

    for (int i = 0; i < LINE_WORDS; i += 2) {
        a = fold(a ^ w[i] ^ 0xa0761d6478bd642fu, w[i + 1] ^ 0x2d358dccaa6c78a5u);
        b = fold(b ^ w[i + 1] ^ 0x589965cc75374cc3u, w[i] ^ 0x1d8e4e27c47d124fu) + a;
    }
    sum->low += fold(a ^ 0x8bb84b93962eacc9u, 0x4b33a62ed433d4a3u);
    sum->high += fold(b ^ 0x4d5a2da51de1aa47u, 0x9fb21c651e98df25u);
}

static bool is_equal(const struct state_line *a, const struct state_line *b)
{
    uint64_t different = 0;

    for (int i = 0; i < LINE_WORDS; i++)
        different |= a->words[i] ^ b->words[i];
    return different == 0;
}

static inline void compare_line(struct explore_state *state, uint32_t index, struct fingerprint *sum)
{
    const struct state_line *line = &state->arena[index];
    struct state_difference *current = &state->current;

    if (is_equal(line, &state->first[index]))
        return;
    current->indices[current->count] = (uint16_t)index;
    current->lines[current->count++] = *line;
    fingerprint_add(sum, index, line);
}

static void compare_run(struct explore_state *state, struct state_run run, struct fingerprint *sum)
{
    if (memcmp(&state->arena[run.first], &state->first[run.first], run.count * sizeof(*state->arena)) == 0)
        return;
    for (uint32_t line = run.first; line < (uint32_t)run.first + run.count; line++)
        compare_line(state, line, sum);
}

struct fingerprint explore_state_capture(struct explore_state *state)
{
    struct fingerprint sum = { 0, 0 };

    for (size_t i = 0; i < state->partial_count; i++) {
        const struct arena_range *range = &state->partial_books[i];
        memcpy((char *)state->arena + range->start, (const char *)state->first + range->start, range->bytes);
    }
    state->current.count = 0;
    for (uint32_t i = 0; i < state->run_count; i++)
        compare_run(state, state->runs[i], &sum);
    for (uint32_t stack = 0; stack < state->stack_count; stack++) {
        const struct actor *actor = state->engine->slots[state->stacks[stack]].actor;
        const char *low = stack_pointer(state, stack), *end = actor->stack + actor->stack_bytes;
        clear_dead_stack(state, stack);
        if (state->first_pointers[stack] < low)
            low = state->first_pointers[stack];
        for (size_t line = offset_of(state, low) / STATE_LINE_BYTES; line < offset_of(state, end) / STATE_LINE_BYTES;
             line++)
            compare_line(state, (uint32_t)line, &sum);
    }
    return sum;
}

struct state_difference *explore_state_copy(const struct explore_state *state, size_t *bytes)
{
    const struct state_difference *from = &state->current;
    size_t line_bytes = from->count * sizeof(*from->lines), index_bytes = from->count * sizeof(*from->indices);
    struct state_difference *copy;

    *bytes = sizeof(*copy) + line_bytes + index_bytes;
    copy = malloc(*bytes);
    CHECK(copy != NULL);
    copy->count = from->count;
    copy->lines = (struct state_line *)(void *)(copy + 1);
    copy->indices = (uint16_t *)(void *)(copy->lines + from->count);
    memcpy(copy->lines, from->lines, line_bytes);
    memcpy(copy->indices, from->indices, index_bytes);
    return copy;
}

void explore_state_restore(struct explore_state *state, const struct state_difference *difference)
{
    struct state_difference *current = &state->current;

    for (uint32_t i = 0; i < current->count; i++)
        state->arena[current->indices[i]] = state->first[current->indices[i]];
    for (uint32_t i = 0; i < difference->count; i++) {
        state->arena[difference->indices[i]] = difference->lines[i];
        current->indices[i] = difference->indices[i];
        current->lines[i] = difference->lines[i];
    }
    current->count = difference->count;
}
