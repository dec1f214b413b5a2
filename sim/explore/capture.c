/* SPDX-License-Identifier: Apache-2.0
 *
 * Captures and restores explored states line by line.
 */
#include "explore/capture.h"

#include <string.h>

#include "base/check.h"
#include "explore/dead_stack.h"
#include "explore/stack_cache.h"

/* A step is assumed to write no deeper than this below the final stack pointer. A cache line of zeros below the depth
 * shows whether it did; if not zero, the whole dead stack is cleared. */
#define STACK_DEPTH_BYTES 2048
#define STACK_SENTINEL_BYTES 64

#define PART_WORDS 32

static char *stack_pointer(const struct explore_state *state, const struct state_stack *stack)
{
    return state->engine->slots[stack->slot].stack_pointer;
}

static char *top_of(const struct explore_state *state, const struct state_stack *stack)
{
    return (char *)&state->live[stack->top_line * COLUMN_WORDS];
}

/* A step began at the base's stack pointer and ended at the present one: nothing above the depth below the lower of
 * them may be left. */
void capture_clear_dead_stack(const struct explore_state *state, const struct state_stack *stack, char *pointer)
{
    const struct actor *actor = state->engine->slots[stack->slot].actor;
    char *base = top_of(state, stack) - stack->depth * sizeof(uint64_t), *now = stack_pointer(state, stack);
    char *from = (base < now ? base : now) - STACK_DEPTH_BYTES;
    static const char zero[STACK_SENTINEL_BYTES];

    CHECK(from >= actor->stack + STACK_SENTINEL_BYTES);
    memset(from, 0, (size_t)(pointer - from));
    if (memcmp(from - STACK_SENTINEL_BYTES, zero, sizeof(zero)) != 0)
        memset(actor->stack, 0, (size_t)(from - actor->stack));
}

/* --- memory --- */

static void changed_add(struct explore_state *state, uint32_t word)
{
    if (state->changed_count < STATE_CHANGED_MAX)
        state->changed[state->changed_count] = word;
    state->changed_count++;
}

/* The base takes over the line's live contents. */
static void line_changed(struct explore_state *state, uint32_t line)
{
    uint64_t contents[COLUMN_WORDS], *base = &state->base[line * COLUMN_WORDS];
    const uint64_t *live = &state->live[line * COLUMN_WORDS], *mask = &state->mask[line * COLUMN_WORDS];
    const uint64_t *first = &state->first[line * COLUMN_WORDS];
    uint32_t column = columns_add(&state->columns, line);
    uint64_t differs = 0;

    for (uint32_t i = 0; i < COLUMN_WORDS; i++) {
        if (((live[i] ^ base[i]) & mask[i]) != 0)
            changed_add(state, line * COLUMN_WORDS + i);
        contents[i] = live[i] & mask[i];
        base[i] = mask[i] != 0 ? live[i] : 0;
        differs |= (live[i] ^ first[i]) & mask[i];
    }
    state->column_ids[column] = differs != 0 ? strings_add(&state->strings, contents, COLUMN_WORDS) : STRINGS_NONE;
    state->is_block_dirty[column / BLOCK_COLUMNS] = true;
    if (column / BLOCK_COLUMNS >= state->block_count)
        state->block_count = column / BLOCK_COLUMNS + 1;
}

static bool run_is_same(const struct explore_state *state, struct state_run run)
{
    return memcmp(&state->live[run.first], &state->base[run.first], run.count * sizeof(uint64_t)) == 0;
}

/* A line that has changed is looked at once, since the look makes the base equal to it. */
static void part_compare(struct explore_state *state, struct state_run run)
{
    for (uint32_t word = run.first; word < run.first + run.count; word++)
        if (((state->live[word] ^ state->base[word]) & state->mask[word]) != 0)
            line_changed(state, word / COLUMN_WORDS);
        else
            state->base[word] = state->live[word];
}

/* Most of a run is the same even where some of it differs. */
static void run_compare(struct explore_state *state, struct state_run run)
{
    while (run.count > 0) {
        struct state_run part = { run.first, run.count < PART_WORDS ? run.count : PART_WORDS };
        if (!run_is_same(state, part))
            part_compare(state, part);
        run = (struct state_run){ run.first + part.count, run.count - part.count };
    }
}

/* Calls `look` for the runs on hot pages in which the live arena differs from the base. */
static void runs_differing(struct explore_state *state, void (*look)(struct explore_state *, struct state_run))
{
    for (uint32_t i = 0; i < state->hot.count; i++) {
        uint32_t page = state->hot.pages[i];
        for (uint32_t run = state->first_run[page]; run < state->first_run[page + 1]; run++)
            if (!run_is_same(state, state->runs[run]))
                look(state, state->runs[run]);
    }
}

/* The first state's contents are STRINGS_NONE on every level, so that a column added later changes no string. */
static uint32_t block_id(struct explore_state *state, const uint32_t *columns)
{
    static const uint32_t first[BLOCK_COLUMNS];
    uint64_t words[WORDS_OF_IDS(BLOCK_COLUMNS)];

    if (memcmp(columns, first, sizeof(first)) == 0)
        return STRINGS_NONE;
    memcpy(words, columns, sizeof(words));
    return strings_add(&state->strings, words, WORDS_OF_IDS(BLOCK_COLUMNS));
}

/* A half that has changed: every other block. */
struct half {
    uint64_t words[WORDS_OF_IDS(BLOCKS_MAX)];
    uint64_t hash;
    uint32_t count; /* of words; 0: has not changed */
};

static void half_compute(const struct explore_state *state, uint32_t first, struct half *half)
{
    uint32_t count = 0;

    half->count = 1;
    half->words[0] = 0;
    for (uint32_t block = first; block < state->block_count; block += 2, count++) {
        if (count % 2 == 0)
            half->words[count / 2] = 0;
        half->words[count / 2] |= (uint64_t)state->block_ids[block] << 32 * (count % 2);
        if (state->block_ids[block] != STRINGS_NONE)
            half->count = WORDS_OF_IDS(count + 1);
    }
    half->hash = strings_prefetch(&state->strings, half->words, half->count);
}

static void capture_halves(struct explore_state *state, struct half halves[2])
{
    bool is_first = state->pair.memory == STRINGS_NONE, has_changed[2] = { is_first, is_first };

    state->changed_count = 0;
    runs_differing(state, run_compare);
    for (uint32_t block = 0; block < state->block_count; block++) {
        if (!state->is_block_dirty[block])
            continue;
        state->block_ids[block] = block_id(state, &state->column_ids[block * BLOCK_COLUMNS]);
        state->is_block_dirty[block] = false;
        has_changed[block % 2] = true;
    }
    for (uint32_t half = 0; half < 2; half++) {
        halves[half].count = 0;
        if (has_changed[half])
            half_compute(state, half, &halves[half]);
    }
}

static uint32_t capture_memory(struct explore_state *state, const struct half halves[2])
{
    if (halves[0].count == 0 && halves[1].count == 0)
        return state->pair.memory;
    for (uint32_t i = 0; i < 2; i++)
        if (halves[i].count > 0)
            state->halves[i] = strings_add_hashed(&state->strings, halves[i].words, halves[i].count, halves[i].hash);
    uint64_t memory = (uint64_t)state->halves[1] << 32 | state->halves[0];
    return strings_add(&state->memories, &memory, 1);
}

static void line_restore(struct explore_state *state, uint32_t column, uint32_t id)
{
    uint32_t word = state->columns.line_of[column] * COLUMN_WORDS, count;
    const uint64_t *contents = id != STRINGS_NONE ? strings_words(&state->strings, id, &count) : &state->first[word];
    uint64_t whole = UINT64_MAX;

    state->column_ids[column] = id;
    for (uint32_t i = 0; i < COLUMN_WORDS; i++)
        whole &= state->mask[word + i];
    if (whole == UINT64_MAX) {
        memcpy(&state->live[word], contents, COLUMN_BYTES);
        memcpy(&state->base[word], contents, COLUMN_BYTES);
        return;
    }
    for (uint32_t i = 0; i < COLUMN_WORDS; i++, word++) {
        uint64_t mask = state->mask[word];
        if (mask != 0)
            state->live[word] = state->base[word] = (state->live[word] & ~mask) | (contents[i] & mask);
    }
}

static void block_restore(struct explore_state *state, uint32_t block, uint32_t id)
{
    static const uint64_t first[WORDS_OF_IDS(BLOCK_COLUMNS)];
    uint32_t ids[BLOCK_COLUMNS], count;

    memcpy(ids, id != STRINGS_NONE ? strings_words(&state->strings, id, &count) : first, sizeof(ids));
    state->block_ids[block] = id;
    for (uint32_t i = 0; i < BLOCK_COLUMNS; i++)
        if (ids[i] != state->column_ids[block * BLOCK_COLUMNS + i])
            line_restore(state, block * BLOCK_COLUMNS + i, ids[i]);
}

static void half_restore(struct explore_state *state, uint32_t first, uint32_t id)
{
    uint32_t word_count;
    const uint64_t *words = strings_words(&state->strings, id, &word_count);

    for (uint32_t i = 0; i < 2 * word_count || first + 2 * i < state->block_count; i++) {
        uint32_t wanted = i < 2 * word_count ? (uint32_t)(words[i / 2] >> 32 * (i % 2)) : STRINGS_NONE;
        uint32_t block = first + 2 * i;
        if (wanted == state->block_ids[block])
            continue;
        block_restore(state, block, wanted);
        if (block >= state->block_count)
            state->block_count = block + 1;
    }
    state->halves[first] = id;
}

static void memory_restore(struct explore_state *state, uint32_t id)
{
    uint64_t memory = state->memories.pool[id];

    for (uint32_t half = 0; half < 2; half++)
        if ((uint32_t)(memory >> 32 * half) != state->halves[half])
            half_restore(state, half, (uint32_t)(memory >> 32 * half));
}

void explore_state_write_line(struct explore_state *state, uint32_t line, const uint64_t *contents)
{
    uint32_t word = line * COLUMN_WORDS;

    CHECK(word < state->word_count);
    for (uint32_t i = 0; i < COLUMN_WORDS; i++) {
        uint64_t mask = state->mask[word + i];
        if (mask != 0)
            state->live[word + i] = (state->live[word + i] & ~mask) | (contents[i] & mask);
    }
}

/* --- stacks --- */

static uint64_t *line_of(uint64_t *words, const struct state_stack *stack, uint32_t i)
{
    return &words[(stack->top_line - 1 - i) * COLUMN_WORDS];
}

static void stack_restore(struct explore_state *state, struct state_stack *stack, uint32_t id)
{
    uint32_t word_count;
    const uint64_t *words = strings_words(&state->strings, id, &word_count);
    uint32_t depth = (uint32_t)words[0], count = (depth + COLUMN_WORDS - 1) / COLUMN_WORDS;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t wanted = (uint32_t)(words[1 + i / 2] >> 32 * (i % 2)), unused;
        if (i < stack->line_count && stack->lines[i] == wanted)
            continue;
        const uint64_t *contents = strings_words(&state->strings, wanted, &unused);
        memcpy(line_of(state->live, stack, i), contents, COLUMN_BYTES);
        memcpy(line_of(state->base, stack, i), contents, COLUMN_BYTES);
        stack->lines[i] = wanted;
    }
    for (uint32_t i = count; i < stack->line_count; i++) {
        memset(line_of(state->live, stack, i), 0, COLUMN_BYTES);
        memset(line_of(state->base, stack, i), 0, COLUMN_BYTES);
    }
    stack->depth = depth;
    stack->line_count = count;
    stack->id = id;
    state->engine->slots[stack->slot].stack_pointer = top_of(state, stack) - depth * sizeof(uint64_t);
}

/* What the steps since the base have left on the stack. */
static struct stack_left left_on(const struct explore_state *state, const struct state_stack *stack)
{
    uint32_t depth = (uint32_t)((size_t)(top_of(state, stack) - stack_pointer(state, stack)) / sizeof(uint64_t));
    uint32_t count = (depth + COLUMN_WORDS - 1) / COLUMN_WORDS;
    struct stack_left left = { .from = stack->id, .depth = depth, .line_count = 0 };

    CHECK(count <= stack->line_max && count <= STACK_LINES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *live = line_of(state->live, stack, i);
        if (memcmp(live, line_of(state->base, stack, i), COLUMN_BYTES) == 0)
            continue;
        if (left.line_count < STACK_LEFT_LINES_MAX) {
            left.lines[left.line_count] = i;
            left.contents[left.line_count] = live;
        }
        left.line_count++;
    }
    return left;
}

/* Clears what is dead. */
static uint32_t capture_unknown_stack(struct explore_state *state, struct state_stack *stack, uint32_t depth)
{
    uint64_t words[2 + WORDS_OF_IDS(STACK_LINES_MAX)];
    uint32_t count = (depth + COLUMN_WORDS - 1) / COLUMN_WORDS;

    dead_stack_clear(stack_pointer(state, stack), top_of(state, stack));
    for (uint32_t i = 0; i < count; i++) {
        uint64_t *live = line_of(state->live, stack, i), *base = line_of(state->base, stack, i);
        if (i < stack->line_count && memcmp(live, base, COLUMN_BYTES) == 0)
            continue;
        memcpy(base, live, COLUMN_BYTES);
        stack->lines[i] = strings_add(&state->strings, live, COLUMN_WORDS);
    }
    for (uint32_t i = count; i < stack->line_count; i++)
        memset(line_of(state->base, stack, i), 0, COLUMN_BYTES);
    stack->depth = depth;
    stack->line_count = count;
    words[0] = depth;
    words[1 + count / 2] = 0;
    memcpy(&words[1], stack->lines, count * sizeof(*stack->lines));
    return strings_add(&state->strings, words, 1 + WORDS_OF_IDS(count));
}

static uint32_t capture_stack(struct explore_state *state, struct state_stack *stack)
{
    capture_clear_dead_stack(state, stack, stack_pointer(state, stack));
    struct stack_left left = left_on(state, stack);
    uint32_t *known = stack_cache_find(state->stack_cache, &left);

    if (*known == STRINGS_NONE) {
        *known = capture_unknown_stack(state, stack, left.depth);
        return *known;
    }
    for (uint32_t i = 0; i < left.line_count; i++)
        stack->lines[left.lines[i]] = STRINGS_NONE;
    stack_restore(state, stack, *known);
    return *known;
}

static uint32_t stacks_id(struct explore_state *state)
{
    uint64_t words[WORDS_OF_IDS(STACKS_MAX)];

    CHECK(state->stack_count <= STACKS_MAX);
    for (uint32_t i = 0; i < state->stack_count; i += 2)
        words[i / 2] = 0;
    for (uint32_t i = 0; i < state->stack_count; i++)
        words[i / 2] |= (uint64_t)state->stacks[i].id << 32 * (i % 2);
    return strings_add(&state->strings, words, WORDS_OF_IDS(state->stack_count));
}

static uint32_t capture_stacks(struct explore_state *state)
{
    bool has_changed = state->pair.stacks == STRINGS_NONE;

    for (uint32_t i = 0; i < state->stack_count; i++) {
        struct state_stack *stack = &state->stacks[i];
        if (!stack->has_run)
            continue;
        uint32_t before = stack->id;
        stack->id = capture_stack(state, stack);
        has_changed = has_changed || stack->id != before;
        stack->has_run = false;
    }
    return has_changed ? stacks_id(state) : state->pair.stacks;
}

/* --- states --- */

struct state_pair explore_state_capture(struct explore_state *state)
{
    struct half halves[2];

    capture_halves(state, halves);
    state->pair.stacks = capture_stacks(state);
    state->pair.memory = capture_memory(state, halves);
    return state->pair;
}

void explore_state_restore(struct explore_state *state, struct state_pair pair)
{
    if (pair.memory != state->pair.memory)
        memory_restore(state, pair.memory);
    for (uint32_t i = 0; i < state->stack_count && pair.stacks != state->pair.stacks; i++) {
        uint32_t id = explore_state_stack(state, pair.stacks, i);
        if (id != state->stacks[i].id)
            stack_restore(state, &state->stacks[i], id);
    }
    state->pair = pair;
}

static void run_undo(struct explore_state *state, struct state_run run)
{
    for (uint32_t word = run.first; word < run.first + run.count; word++) {
        uint64_t mask = state->mask[word];
        state->live[word] = state->base[word] = (state->live[word] & ~mask) | (state->base[word] & mask);
    }
}

void capture_fill_dead(const struct explore_state *state, const struct state_stack *stack)
{
    dead_stack_fill(stack_pointer(state, stack), top_of(state, stack));
}

void capture_stack_undo(const struct explore_state *state, const struct state_stack *stack)
{
    for (uint32_t line = 0; line < stack->line_count; line++)
        memcpy(line_of(state->live, stack, line), line_of(state->base, stack, line), COLUMN_BYTES);
}

void explore_state_undo(struct explore_state *state)
{
    runs_differing(state, run_undo);
    for (uint32_t i = 0; i < state->stack_count; i++) {
        struct state_stack *stack = &state->stacks[i];
        char *pointer = top_of(state, stack) - stack->depth * sizeof(uint64_t);
        if (!stack->has_run)
            continue;
        capture_clear_dead_stack(state, stack, pointer);
        capture_stack_undo(state, stack);
        state->engine->slots[stack->slot].stack_pointer = pointer;
        stack->has_run = false;
    }
}

uint32_t explore_state_stack(const struct explore_state *state, uint32_t stacks, uint32_t index)
{
    uint32_t count;

    return (uint32_t)(strings_words(&state->strings, stacks, &count)[index / 2] >> 32 * (index % 2));
}

uint32_t explore_state_with_stack(struct explore_state *state, uint32_t stacks, uint32_t index, uint32_t id)
{
    uint64_t words[WORDS_OF_IDS(STACKS_MAX)];
    uint32_t count;
    const uint64_t *old = strings_words(&state->strings, stacks, &count);

    memcpy(words, old, count * sizeof(*words));
    words[index / 2] = (words[index / 2] & ~((uint64_t)UINT32_MAX << 32 * (index % 2))) | (uint64_t)id
                                                                                              << 32 * (index % 2);
    return strings_add(&state->strings, words, count);
}
