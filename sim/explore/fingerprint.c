/* SPDX-License-Identifier: Apache-2.0
 *
 * A memory's hash is the exclusive or of one for each line that differs from the first state, so that it does not
 * depend on the order of columns. Those of parts are remembered.
 */
#include "explore/fingerprint.h"

#include "explore/hash_table.h"
#include "explore/workers.h"

/* Two strings with equal words may be different things, such as a line and a list of ids. What a block stands for
 * depends on where it is, so that blocks have no hash of their own. */
enum kind { KIND_LINE = 1, KIND_HALF = 2, KIND_OTHER_HALF = 3, KIND_MASK = 3 };

void fingerprints_open(struct fingerprints *prints, const struct explore_state *state)
{
    prints->max = state->strings.string_max;
    prints->known = workers_map(prints->max * sizeof(*prints->known));
}

void fingerprints_close(struct fingerprints *prints)
{
    workers_unmap(prints->known, prints->max * sizeof(*prints->known));
    *prints = (struct fingerprints){ .max = 0 };
}

static uint32_t id_at(const uint64_t *words, uint32_t i) { return (uint32_t)(words[i / 2] >> 32 * (i % 2)); }

static uint64_t stack_hash(const struct explore_state *state, uint32_t id)
{
    uint32_t count, unused;
    const uint64_t *words = strings_words(&state->strings, id, &count);
    uint64_t hash = words[0]; /* the depth; ids of lines follow */

    for (uint32_t i = 2; i < 2 * count; i++)
        if (id_at(words, i) != STRINGS_NONE)
            hash = hash_fold(hash ^ hash_words(strings_words(&state->strings, id_at(words, i), &unused), COLUMN_WORDS),
                             0x9e3779b97f4a7c15u);
    return hash;
}

uint64_t fingerprint_first(const struct explore_state *state)
{
    uint64_t hash = state->word_count;

    for (uint32_t i = 0; i < state->word_count; i++)
        hash = hash_fold(hash ^ (state->first[i] & state->mask[i]), 0xa0761d6478bd642fu);
    for (uint32_t i = 0; i < state->stack_count; i++)
        hash = hash_fold(hash ^ stack_hash(state, explore_state_stack(state, state->first_pair.stacks, i)),
                         0xe7037ed1a0b428dbu);
    return hash;
}

static bool find(const struct fingerprints *prints, uint32_t id, enum kind kind, uint32_t *print)
{
    *print = prints->known[id] & ~(uint32_t)KIND_MASK;
    return (prints->known[id] & KIND_MASK) == kind;
}

static uint32_t keep(struct fingerprints *prints, uint32_t id, enum kind kind, uint64_t hash)
{
    uint32_t print = (uint32_t)hash & ~(uint32_t)KIND_MASK;

    prints->known[id] = print | kind;
    return print;
}

static uint32_t line_print(struct fingerprints *prints, const struct explore_state *state, uint32_t id)
{
    uint32_t print, count;

    if (find(prints, id, KIND_LINE, &print))
        return print;
    const uint64_t *words = strings_words(&state->strings, id, &count);
    return keep(prints, id, KIND_LINE, hash_words(words, count));
}

static uint64_t block_hash(struct fingerprints *prints, const struct explore_state *state, uint32_t id, uint32_t block)
{
    uint32_t count;
    const uint64_t *words = strings_words(&state->strings, id, &count);
    uint64_t hash = 0;

    for (uint32_t i = 0; i < BLOCK_COLUMNS; i++) {
        if (id_at(words, i) == STRINGS_NONE)
            continue;
        uint64_t line = state->columns.line_of[block * BLOCK_COLUMNS + i];
        hash ^= hash_fold(line_print(prints, state, id_at(words, i)) ^ 0xa0761d6478bd642fu,
                          line * 0x9e3779b97f4a7c15u + 0xe7037ed1a0b428dbu);
    }
    return hash;
}

static uint32_t half_print(struct fingerprints *prints, const struct explore_state *state, uint32_t id, uint32_t half)
{
    enum kind kind = half == 0 ? KIND_HALF : KIND_OTHER_HALF;
    uint32_t print, count;
    uint64_t hash = 0;

    if (find(prints, id, kind, &print))
        return print;
    const uint64_t *words = strings_words(&state->strings, id, &count);
    for (uint32_t i = 0; i < 2 * count; i++)
        if (id_at(words, i) != STRINGS_NONE)
            hash ^= block_hash(prints, state, id_at(words, i), half + 2 * i);
    return keep(prints, id, kind, hash);
}

uint64_t fingerprint_of(struct fingerprints *prints, const struct explore_state *state, uint32_t memory)
{
    uint64_t halves = state->memories.pool[memory];
    uint32_t print =
        half_print(prints, state, (uint32_t)halves, 0) ^ half_print(prints, state, (uint32_t)(halves >> 32), 1);

    return hash_fold(print + 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u);
}
