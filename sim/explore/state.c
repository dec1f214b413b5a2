/* SPDX-License-Identifier: Apache-2.0
 *
 * Captures, undoes, packs and restores explored states word by word.
 */
#include "explore/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "engine/switch.h"
#include "explore/dead_stack.h"

/* A step is assumed to write no deeper than this below the final stack pointer. A cache line of zeros below the depth
 * shows whether it did; if not zero, the whole dead stack is cleared. */
#define STACK_DEPTH_BYTES 2048
#define STACK_SENTINEL_BYTES 64

#define WORD_BYTES ((size_t)8)
#define RUN_WORDS 64
#define PACKED_WORDS_MAX 16384

bool explore_state_is_supported(void) { return switch_stack_extra() == 0; }

static size_t offset_of(const struct explore_state *state, const void *address)
{
    return (size_t)((const char *)address - (const char *)state->live);
}

static uint32_t word_of(const struct explore_state *state, const void *address)
{
    return (uint32_t)(offset_of(state, address) / WORD_BYTES);
}

static char *stack_pointer(const struct explore_state *state, const struct state_stack *stack)
{
    return state->engine->slots[stack->slot].stack_pointer;
}

/* --- what is compared --- */

/* A mask with ones for the bytes that belong to the state. The caller frees it. */
static unsigned char *mask_excluded(const struct explore_state *state)
{
    const struct arena *arena = state->engine->arena;
    unsigned char *counts = malloc(state->word_count * WORD_BYTES);

    CHECK(counts != NULL);
    memset(counts, 0xff, state->word_count * WORD_BYTES);
    for (size_t i = 0; i < arena->excluded_count; i++)
        memset(counts + arena->excluded[i].start, 0, arena->excluded[i].bytes);
    return counts;
}

static void gather_stacks(struct explore_state *state, unsigned char *counts)
{
    const struct engine *engine = state->engine;

    state->stacks = calloc(engine->slot_count, sizeof(*state->stacks));
    CHECK(state->stacks != NULL);
    for (uint32_t slot = 0; slot < engine->slot_count; slot++) {
        const struct actor *actor = engine->slots[slot].actor;
        if (actor == NULL)
            continue;
        char *pointer = engine->slots[slot].stack_pointer;
        CHECK(offset_of(state, actor->stack) % WORD_BYTES == 0 && actor->stack_bytes % WORD_BYTES == 0);
        memset(counts + offset_of(state, actor->stack), 0, actor->stack_bytes);
        state->stacks[state->stack_count++] =
            (struct state_stack){ .slot = slot, .first_pointer = pointer, .base_pointer = pointer };
    }
}

/* Excludes the engine's constant memory. Of its slots only the actors' stack pointers change after boot, and of the
 * queue only the keys of slots in use and their ancestors in the tree. */
static void skip_engine(const struct explore_state *state, unsigned char *counts)
{
    const struct engine *engine = state->engine;
    const struct eventq *queue = &engine->queue;
    uint32_t first = queue->leaf_base, end = queue->leaf_base + engine->slot_count;

    memset(counts + offset_of(state, engine->slots), 0, engine->slot_capacity * sizeof(*engine->slots));
    for (uint32_t i = 0; i < state->stack_count; i++)
        memset(counts + offset_of(state, &engine->slots[state->stacks[i].slot].stack_pointer), 0xff, WORD_BYTES);
    memset(counts + offset_of(state, queue->keys), 0, 2 * sizeof(*queue->keys) * queue->leaf_base);
    for (; first > 0; first /= 4, end = (end + 3) / 4)
        memset(counts + offset_of(state, &queue->keys[first]), 0xff, (end - first) * WORD_BYTES);
}

static void gather_runs(struct explore_state *state, const unsigned char *counts)
{
    for (uint32_t word = 0; word < state->word_count; word++) {
        struct state_run *last = &state->runs[state->run_count - (state->run_count > 0)];
        uint64_t mask;
        memcpy(&mask, counts + word * WORD_BYTES, sizeof(mask));
        if (mask == 0)
            continue;
        if (mask != UINT64_MAX)
            state->masked[state->masked_count++] = (struct state_masked){ word, mask };
        else if (last->count > 0 && last->count < RUN_WORDS && last->first + last->count == word)
            last->count++;
        else
            state->runs[state->run_count++] = (struct state_run){ word, 1 };
    }
}

/* --- dead stack --- */

/* Zeroes the stack below the stack pointer. Otherwise the residue of returned frames in later, partly initialised
 * frames would make equal states differ. */
static void clear_dead_stack(const struct explore_state *state, const struct state_stack *stack)
{
    const struct actor *actor = state->engine->slots[stack->slot].actor;
    char *from = stack_pointer(state, stack) - STACK_DEPTH_BYTES;
    static const char zero[STACK_SENTINEL_BYTES];

    CHECK(from >= actor->stack + STACK_SENTINEL_BYTES);
    memset(from, 0, STACK_DEPTH_BYTES);
    if (memcmp(from - STACK_SENTINEL_BYTES, zero, sizeof(zero)) != 0)
        memset(actor->stack, 0, (size_t)(from - actor->stack));
    dead_stack_clear(stack_pointer(state, stack), actor->stack + actor->stack_bytes);
}

bool explore_state_init(struct explore_state *state, struct engine *engine)
{
    const struct arena *arena = engine->arena;
    size_t bytes = (arena->used + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
    unsigned char *counts;

    CHECK(explore_state_is_supported());
    *state = (struct explore_state){ .engine = engine, .live = (uint64_t *)(void *)arena->base };
    if (bytes > STATE_BYTES_MAX)
        return false;
    state->word_count = (uint32_t)(bytes / WORD_BYTES);
    state->first = malloc(bytes);
    state->base = malloc(bytes);
    state->runs = calloc(state->word_count, sizeof(*state->runs));
    state->masked = calloc(2 * arena->excluded_count + 1, sizeof(*state->masked));
    state->differing = calloc(state->word_count, sizeof(*state->differing));
    state->changed = calloc(state->word_count, sizeof(*state->changed));
    state->is_listed = calloc(state->word_count, sizeof(*state->is_listed));
    CHECK(state->first && state->base && state->runs && state->masked && state->differing && state->changed &&
          state->is_listed);
    counts = mask_excluded(state);
    gather_stacks(state, counts);
    skip_engine(state, counts);
    gather_runs(state, counts);
    free(counts);
    for (uint32_t i = 0; i < state->stack_count; i++)
        clear_dead_stack(state, &state->stacks[i]);
    memcpy(state->first, state->live, bytes);
    memcpy(state->base, state->live, bytes);
    return true;
}

void explore_state_free(struct explore_state *state)
{
    free(state->first);
    free(state->base);
    free(state->runs);
    free(state->masked);
    free(state->stacks);
    free(state->differing);
    free(state->changed);
    free(state->is_listed);
    *state = (struct explore_state){ .engine = NULL };
}

/* --- fingerprints --- */

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    uint128 product = (uint128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two independent hashes of a word's position and value, of two rounds each. A state's fingerprint is their sum over
 * all words, so that a changed word updates it in constant time. */
static inline struct fingerprint word_hash(uint32_t word, uint64_t value)
{
    uint64_t place = (word + 1) * 0x9e3779b97f4a7c15u;
    uint64_t a = fold(value ^ place ^ 0xa0761d6478bd642fu, place + 0xe7037ed1a0b428dbu);
    uint64_t b = fold(value + place + 0x8ebc6af09c88c6e3u, place ^ 0x589965cc75374cc3u);

    return (struct fingerprint){ fold(a ^ value ^ 0x8bb84b93962eacc9u, b + 0x4b33a62ed433d4a3u),
                                 fold(b + value + 0x4d5a2da51de1aa47u, a ^ 0x9fb21c651e98df25u) };
}

static inline void changed_add(struct explore_state *state, struct fingerprint *sum, uint32_t word, uint64_t mask)
{
    struct fingerprint before = word_hash(word, state->base[word] & mask);
    struct fingerprint after = word_hash(word, state->live[word] & mask);

    state->changed[state->changed_count++] = word;
    sum->low += after.low - before.low;
    sum->high += after.high - before.high;
}

static inline void compare_words(struct explore_state *state, struct fingerprint *sum, uint32_t first, uint32_t count)
{
    if (memcmp(&state->live[first], &state->base[first], count * WORD_BYTES) == 0)
        return;
    for (uint32_t word = first; word < first + count; word++)
        if (state->live[word] != state->base[word])
            changed_add(state, sum, word, UINT64_MAX);
}

/* --- steps --- */

/* After a direct switch between actors (engine->exchanges), any of them may have run. */
void explore_state_step(struct explore_state *state, uint32_t slot)
{
    uint64_t exchanges = state->engine->exchanges;

    engine_step(state->engine, slot);
    if (state->engine->slots[slot].actor == NULL)
        return;
    for (uint32_t i = 0; i < state->stack_count; i++)
        if (state->stacks[i].slot == slot || state->engine->exchanges != exchanges)
            state->stacks[i].has_run = true;
}

/* Compares from the lower of the two stack pointers up, since both stacks are zero below it. */
static void compare_stack(struct explore_state *state, struct fingerprint *sum, const struct state_stack *stack)
{
    const struct actor *actor = state->engine->slots[stack->slot].actor;
    const char *low = stack_pointer(state, stack);

    clear_dead_stack(state, stack);
    low = stack->base_pointer < low ? stack->base_pointer : low;
    compare_words(state, sum, word_of(state, low), (uint32_t)((size_t)(actor->stack + actor->stack_bytes - low) / 8));
}

struct fingerprint explore_state_capture(struct explore_state *state)
{
    struct fingerprint sum = state->fingerprint;

    state->changed_count = 0;
    for (uint32_t i = 0; i < state->run_count; i++)
        compare_words(state, &sum, state->runs[i].first, state->runs[i].count);
    for (uint32_t i = 0; i < state->masked_count; i++) {
        const struct state_masked *masked = &state->masked[i];
        if (((state->live[masked->word] ^ state->base[masked->word]) & masked->mask) != 0)
            changed_add(state, &sum, masked->word, masked->mask);
    }
    for (uint32_t i = 0; i < state->stack_count; i++)
        if (state->stacks[i].has_run)
            compare_stack(state, &sum, &state->stacks[i]);
    return sum;
}

void explore_state_undo(struct explore_state *state)
{
    for (uint32_t i = 0; i < state->changed_count; i++)
        state->live[state->changed[i]] = state->base[state->changed[i]];
    state->changed_count = 0;
    for (uint32_t i = 0; i < state->stack_count; i++)
        state->stacks[i].has_run = false;
}

/* --- packing --- */

/* Packed layout: number of words, fingerprint (2 units), the words' values, the words' numbers (two in a unit). */
enum { PACKED_FIXED_UNITS = 3 };

static size_t units_of(size_t count) { return PACKED_FIXED_UNITS + count + (count + 1) / 2; }

size_t explore_state_packed_units_max(const struct explore_state *state)
{
    return units_of((size_t)state->differing_count + state->changed_count);
}

static inline void pack_word(const struct explore_state *state, uint64_t *units, uint32_t *numbers, uint32_t word)
{
    if (state->live[word] == state->first[word])
        return;
    units[PACKED_FIXED_UNITS + units[0]] = state->live[word];
    numbers[units[0]++] = word;
}

size_t explore_state_pack(const struct explore_state *state, struct fingerprint fingerprint, uint64_t *units)
{
    uint32_t numbers[PACKED_WORDS_MAX];

    CHECK(state->differing_count + state->changed_count <= PACKED_WORDS_MAX);
    units[0] = 0;
    units[1] = fingerprint.low;
    units[2] = fingerprint.high;
    for (uint32_t i = 0; i < state->differing_count; i++)
        pack_word(state, units, numbers, state->differing[i]);
    for (uint32_t i = 0; i < state->changed_count; i++)
        if (!state->is_listed[state->changed[i]])
            pack_word(state, units, numbers, state->changed[i]);
    memcpy(&units[PACKED_FIXED_UNITS + units[0]], numbers, units[0] * sizeof(*numbers));
    return units_of(units[0]);
}

void explore_state_restore(struct explore_state *state, const uint64_t *units)
{
    uint32_t count = (uint32_t)units[0];
    const uint64_t *values = units + PACKED_FIXED_UNITS;
    const uint32_t *numbers = (const uint32_t *)(const void *)(values + count);

    for (uint32_t i = 0; i < state->differing_count; i++) {
        uint32_t word = state->differing[i];
        state->live[word] = state->base[word] = state->first[word];
        state->is_listed[word] = false;
    }
    for (uint32_t i = 0; i < count; i++) {
        state->live[numbers[i]] = state->base[numbers[i]] = values[i];
        state->differing[i] = numbers[i];
        state->is_listed[numbers[i]] = true;
    }
    state->differing_count = count;
    state->fingerprint = (struct fingerprint){ units[1], units[2] };
    for (uint32_t i = 0; i < state->stack_count; i++)
        state->stacks[i].base_pointer = stack_pointer(state, &state->stacks[i]);
}
