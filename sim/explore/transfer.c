/* SPDX-License-Identifier: Apache-2.0
 *
 * A string is a token: of a string that the receiver has, its place; otherwise the place where it is kept from now on,
 * followed by its parts. Both sides enter a string after its parts, so that parts which go to the same place do no
 * harm.
 */
#include "explore/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/capture.h"
#include "explore/hash_table.h"
#include "explore/notes.h"

/* Of a stack's string: its depth, then ids. */
enum { STACK_WORDS_MAX = 1 + WORDS_OF_IDS(STACK_LINES_MAX) };

enum { PLACE_BITS = 15, PLACES = 1 << PLACE_BITS };

/* The low bits of a token, above which there is the place. */
enum token { TOKEN_NONE, TOKEN_KNOWN, TOKEN_NEW, TOKEN_LINES, TOKEN_MASK = 3 };
enum { TOKEN_SHIFT = 2 };

/* What a string is: the ids of strings that are different things may be equal. */
enum kind {
    KIND_LINE,
    KIND_BLOCK,
    KIND_HALF,
    KIND_STACK,
    KIND_STACKS,
    KIND_PENDING,
    KIND_MEMORY,
    KIND_SLEEP,
    KIND_BITS = 3
};

static uint32_t column_count(const struct search *search)
{
    return atomic_load_explicit(&search->state.columns.counts->count, memory_order_relaxed);
}

void transfer_open(struct transfer *transfer, const struct search *search)
{
    uint32_t count = column_count(search);

    *transfer = (struct transfer){ .sent = calloc(PLACES, sizeof(*transfer->sent)),
                                   .received = calloc(PLACES, sizeof(*transfer->received)),
                                   .lines = calloc(COLUMNS_MAX, sizeof(*transfer->lines)) };
    CHECK(transfer->sent != NULL && transfer->received != NULL && transfer->lines != NULL);
    memcpy(transfer->lines, search->state.columns.line_of, count * sizeof(*transfer->lines));
    transfer->line_count = transfer->announced = transfer->same = count;
}

void transfer_close(struct transfer *transfer)
{
    free(transfer->sent);
    free(transfer->received);
    free(transfer->lines);
    *transfer = (struct transfer){ .line_count = 0 };
}

uint64_t transfer_bytes(void)
{
    const struct transfer *transfer = NULL;

    return PLACES * (sizeof(*transfer->sent) + sizeof(*transfer->received)) + COLUMNS_MAX * sizeof(*transfer->lines);
}

/* --- columns --- */

void transfer_put_columns(const struct search *search, struct transfer *transfer, struct parcel *parcel)
{
    uint32_t count = column_count(search);

    parcel_put(parcel, count - transfer->announced);
    for (; transfer->announced < count; transfer->announced++)
        parcel_put(parcel, search->state.columns.line_of[transfer->announced]);
}

void transfer_get_columns(const struct search *search, struct transfer *transfer, struct parcel_reader *reader)
{
    for (uint32_t count = parcel_get(reader); count > 0; count--) {
        CHECK(transfer->line_count < COLUMNS_MAX);
        transfer->lines[transfer->line_count++] = parcel_get(reader);
    }
    while (transfer->same < transfer->line_count && transfer->same < column_count(search) &&
           transfer->lines[transfer->same] == search->state.columns.line_of[transfer->same])
        transfer->same++;
}

/* --- sending --- */

struct sender {
    struct search *search;
    struct transfer *transfer;
    struct parcel *parcel;
};

static uint32_t id_at(const uint64_t *words, uint32_t i) { return (uint32_t)(words[i / 2] >> 32 * (i % 2)); }

static void put_longs(struct parcel *parcel, const uint64_t *words, uint32_t count)
{
    parcel_put_bytes(parcel, words, count * sizeof(*words));
}

/* Puts the token and returns whether the parts are to follow, which put_end ends. */
static bool put_begin(const struct sender *sender, enum kind kind, uint32_t id, enum token token, uint32_t *place)
{
    uint64_t key = (uint64_t)id << KIND_BITS | kind;

    if (id == STRINGS_NONE) {
        parcel_put(sender->parcel, TOKEN_NONE);
        return false;
    }
    *place = (uint32_t)(hash_fold(key, 0x9e3779b97f4a7c15u) & (PLACES - 1));
    bool is_known = sender->transfer->sent[*place] == key;
    parcel_put(sender->parcel, *place << TOKEN_SHIFT | (is_known ? TOKEN_KNOWN : token));
    return !is_known;
}

static void put_end(const struct sender *sender, enum kind kind, uint32_t id, uint32_t place)
{
    sender->transfer->sent[place] = (uint64_t)id << KIND_BITS | kind;
}

static void put_line(const struct sender *sender, uint32_t id)
{
    uint32_t place, count;

    if (!put_begin(sender, KIND_LINE, id, TOKEN_NEW, &place))
        return;
    const uint64_t *words = strings_words(&sender->search->state.strings, id, &count);
    put_longs(sender->parcel, words, COLUMN_WORDS);
    put_end(sender, KIND_LINE, id, place);
}

static void put_block(const struct sender *sender, uint32_t id)
{
    uint32_t place, count;

    if (!put_begin(sender, KIND_BLOCK, id, TOKEN_NEW, &place))
        return;
    const uint64_t *words = strings_words(&sender->search->state.strings, id, &count);
    for (uint32_t i = 0; i < BLOCK_COLUMNS; i++)
        put_line(sender, id_at(words, i));
    put_end(sender, KIND_BLOCK, id, place);
}

static void put_half(const struct sender *sender, uint32_t id)
{
    uint32_t place, count;

    if (!put_begin(sender, KIND_HALF, id, TOKEN_NEW, &place))
        return;
    const uint64_t *words = strings_words(&sender->search->state.strings, id, &count);
    parcel_put(sender->parcel, count);
    for (uint32_t i = 0; i < 2 * count; i++)
        put_block(sender, id_at(words, i));
    put_end(sender, KIND_HALF, id, place);
}

static void put_stack(const struct sender *sender, uint32_t id)
{
    uint32_t place, count;

    if (!put_begin(sender, KIND_STACK, id, TOKEN_NEW, &place))
        return;
    const uint64_t *words = strings_words(&sender->search->state.strings, id, &count);
    parcel_put(sender->parcel, (uint32_t)words[0]);
    parcel_put(sender->parcel, count);
    for (uint32_t i = 0; i < 2 * (count - 1); i++)
        put_line(sender, id_at(words + 1, i));
    put_end(sender, KIND_STACK, id, place);
}

static void put_stacks(const struct sender *sender, uint32_t id)
{
    const struct explore_state *state = &sender->search->state;
    uint32_t place;

    if (!put_begin(sender, KIND_STACKS, id, TOKEN_NEW, &place))
        return;
    for (uint32_t i = 0; i < state->stack_count; i++)
        put_stack(sender, explore_state_stack(state, id, i));
    put_end(sender, KIND_STACKS, id, place);
}

static void put_pending(const struct sender *sender, uint32_t id)
{
    uint32_t place, count;

    if (!put_begin(sender, KIND_PENDING, id, TOKEN_NEW, &place))
        return;
    const uint64_t *words = strings_words(&sender->search->pendings, id, &count);
    parcel_put(sender->parcel, count);
    put_longs(sender->parcel, words, count);
    put_end(sender, KIND_PENDING, id, place);
}

/* Calls `look` for each line in which a memory differs from the first state. */
static void lines_of(const struct sender *sender, uint32_t memory,
                     void (*look)(const struct sender *, uint32_t column, uint32_t id, uint32_t *count),
                     uint32_t *count)
{
    const struct explore_state *state = &sender->search->state;
    uint64_t halves = state->memories.pool[memory];
    uint32_t words, unused;

    for (uint32_t half = 0; half < 2; half++) {
        const uint64_t *blocks = strings_words(&state->strings, (uint32_t)(halves >> 32 * half), &words);
        for (uint32_t i = 0; i < 2 * words; i++) {
            if (id_at(blocks, i) == STRINGS_NONE)
                continue;
            const uint64_t *columns = strings_words(&state->strings, id_at(blocks, i), &unused);
            for (uint32_t j = 0; j < BLOCK_COLUMNS; j++)
                if (id_at(columns, j) != STRINGS_NONE)
                    look(sender, (half + 2 * i) * BLOCK_COLUMNS + j, id_at(columns, j), count);
        }
    }
}

static void count_strange(const struct sender *sender, uint32_t column, uint32_t id, uint32_t *count)
{
    (void)id;
    *count += column >= sender->transfer->same;
}

static void count_line(const struct sender *sender, uint32_t column, uint32_t id, uint32_t *count)
{
    (void)sender, (void)column, (void)id;
    ++*count;
}

static void put_line_of(const struct sender *sender, uint32_t column, uint32_t id, uint32_t *count)
{
    (void)count;
    parcel_put(sender->parcel, sender->search->state.columns.line_of[column]);
    put_line(sender, id);
}

static void put_memory(const struct sender *sender, uint32_t id)
{
    const struct search *search = sender->search;
    uint64_t halves = search->state.memories.pool[id];
    uint32_t place, strange = 0, lines = 0;

    if (column_count(search) > sender->transfer->same)
        lines_of(sender, id, count_strange, &strange);
    if (!put_begin(sender, KIND_MEMORY, id, strange > 0 ? TOKEN_LINES : TOKEN_NEW, &place))
        return;
    uint32_t note = note_of(search, id);
    parcel_put(sender->parcel, note & ((1u << NOTE_PENDING_SHIFT) - 1));
    put_pending(sender, note >> NOTE_PENDING_SHIFT);
    if (strange > 0) {
        lines_of(sender, id, count_line, &lines);
        parcel_put(sender->parcel, lines);
        lines_of(sender, id, put_line_of, &lines);
    } else {
        put_half(sender, (uint32_t)halves);
        put_half(sender, (uint32_t)(halves >> 32));
    }
    put_end(sender, KIND_MEMORY, id, place);
}

void transfer_put(struct search *search, struct transfer *transfer, struct parcel *parcel, struct state_pair pair)
{
    struct sender sender = { search, transfer, parcel };

    put_stacks(&sender, pair.stacks);
    put_memory(&sender, pair.memory);
}

void transfer_put_sleep(struct search *search, struct transfer *transfer, struct parcel *parcel, uint32_t set)
{
    struct sender sender = { search, transfer, parcel };
    uint64_t words[SLEEP_WORDS_MAX];
    uint32_t place;

    if (!put_begin(&sender, KIND_SLEEP, set, TOKEN_NEW, &place))
        return;
    uint32_t count = sleep_export(&search->sleep, set, words);
    parcel_put(parcel, count);
    put_longs(parcel, words, count);
    put_end(&sender, KIND_SLEEP, set, place);
}

/* --- receiving --- */

struct receiver {
    struct search *search;
    struct transfer *transfer;
    struct parcel_reader *reader;
};

/* Reads a token. Returns whether the parts follow; `id` is the string's otherwise. */
static bool get_begin(const struct receiver *receiver, uint32_t *token, uint32_t *id)
{
    *token = parcel_get(receiver->reader);
    *id = STRINGS_NONE;
    CHECK(*token >> TOKEN_SHIFT < PLACES);
    if ((*token & TOKEN_MASK) == TOKEN_KNOWN)
        *id = receiver->transfer->received[*token >> TOKEN_SHIFT];
    return (*token & TOKEN_MASK) == TOKEN_NEW || (*token & TOKEN_MASK) == TOKEN_LINES;
}

static uint32_t get_end(const struct receiver *receiver, uint32_t token, uint32_t id)
{
    receiver->transfer->received[token >> TOKEN_SHIFT] = id;
    return id;
}

static uint32_t get_line(const struct receiver *receiver)
{
    uint64_t words[COLUMN_WORDS];
    uint32_t token, id;

    if (!get_begin(receiver, &token, &id))
        return id;
    parcel_get_bytes(receiver->reader, words, sizeof(words));
    return get_end(receiver, token, strings_add(&receiver->search->state.strings, words, COLUMN_WORDS));
}

static void set_id(uint64_t *words, uint32_t i, uint32_t id)
{
    if (i % 2 == 0)
        words[i / 2] = id;
    else
        words[i / 2] |= (uint64_t)id << 32;
}

static uint32_t get_block(const struct receiver *receiver)
{
    uint64_t words[BLOCK_COLUMNS / 2];
    uint32_t token, id;

    if (!get_begin(receiver, &token, &id))
        return id;
    for (uint32_t i = 0; i < BLOCK_COLUMNS; i++)
        set_id(words, i, get_line(receiver));
    return get_end(receiver, token, strings_add(&receiver->search->state.strings, words, BLOCK_COLUMNS / 2));
}

static uint32_t get_half(const struct receiver *receiver)
{
    uint64_t words[BLOCKS_MAX / 2];
    uint32_t token, id;

    if (!get_begin(receiver, &token, &id))
        return id;
    uint32_t count = parcel_get(receiver->reader);
    CHECK(count <= BLOCKS_MAX / 2);
    for (uint32_t i = 0; i < 2 * count; i++)
        set_id(words, i, get_block(receiver));
    return get_end(receiver, token, strings_add(&receiver->search->state.strings, words, count));
}

static uint32_t get_stack(const struct receiver *receiver)
{
    uint64_t words[STACK_WORDS_MAX];
    uint32_t token, id;

    if (!get_begin(receiver, &token, &id))
        return id;
    words[0] = parcel_get(receiver->reader);
    uint32_t count = parcel_get(receiver->reader);
    CHECK(count >= 1 && count <= STACK_WORDS_MAX);
    for (uint32_t i = 0; i < 2 * (count - 1); i++)
        set_id(words + 1, i, get_line(receiver));
    return get_end(receiver, token, strings_add(&receiver->search->state.strings, words, count));
}

static uint32_t get_stacks(const struct receiver *receiver)
{
    uint64_t words[WORDS_OF_IDS(STACKS_MAX)] = { 0 };
    uint32_t token, id, count = receiver->search->state.stack_count;

    if (!get_begin(receiver, &token, &id))
        return id;
    for (uint32_t i = 0; i < count; i++)
        set_id(words, i, get_stack(receiver));
    return get_end(receiver, token, strings_add(&receiver->search->state.strings, words, (count + 1) / 2));
}

static uint32_t get_pending(const struct receiver *receiver)
{
    uint64_t words[1 + EVENTQ_SLOTS_MAX / 4];
    uint32_t token, id;

    if (!get_begin(receiver, &token, &id))
        return id;
    uint32_t count = parcel_get(receiver->reader);
    CHECK(count <= sizeof(words) / sizeof(words[0]));
    parcel_get_bytes(receiver->reader, words, count * sizeof(*words));
    return get_end(receiver, token, strings_add(&receiver->search->pendings, words, count));
}

/* By way of the live arena, which gives this process's columns to the lines. */
static uint32_t get_lines(const struct receiver *receiver)
{
    struct explore_state *state = &receiver->search->state;
    uint32_t unused;

    explore_state_restore(state, state->first_pair);
    for (uint32_t count = parcel_get(receiver->reader); count > 0; count--) {
        uint32_t line = parcel_get(receiver->reader), id = get_line(receiver);
        explore_state_write_line(state, line, strings_words(&state->strings, id, &unused));
    }
    return explore_state_capture(state).memory;
}

static uint32_t get_memory(const struct receiver *receiver)
{
    uint32_t token, id;

    if (!get_begin(receiver, &token, &id))
        return id;
    uint32_t bits = parcel_get(receiver->reader), pending = get_pending(receiver);
    if ((token & TOKEN_MASK) == TOKEN_LINES) {
        id = get_lines(receiver);
    } else {
        uint64_t halves = get_half(receiver);
        halves |= (uint64_t)get_half(receiver) << 32;
        id = strings_add(&receiver->search->state.memories, &halves, 1);
    }
    note_set(receiver->search, id, bits | pending << NOTE_PENDING_SHIFT);
    return get_end(receiver, token, id);
}

struct state_pair transfer_get(struct search *search, struct transfer *transfer, struct parcel_reader *reader)
{
    struct receiver receiver = { search, transfer, reader };
    struct state_pair pair = { .stacks = get_stacks(&receiver) };

    pair.memory = get_memory(&receiver);
    return pair;
}

uint32_t transfer_get_sleep(struct search *search, struct transfer *transfer, struct parcel_reader *reader)
{
    struct receiver receiver = { search, transfer, reader };
    uint64_t words[SLEEP_WORDS_MAX];
    uint32_t token, set;

    if (!get_begin(&receiver, &token, &set))
        return set;
    uint32_t count = parcel_get(reader);
    CHECK(count <= SLEEP_WORDS_MAX);
    parcel_get_bytes(reader, words, count * sizeof(*words));
    return get_end(&receiver, token, sleep_import(&search->sleep, words, count));
}
