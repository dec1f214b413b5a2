/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of rows ends with three exchanges: of the states found for others, of the origins of those that are new,
 * which give the ranks, and of answers, violations and limits.
 */
#include "explore/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/hash_table.h"
#include "explore/ranking.h"

enum { FLAG_FULL = 1, FLAG_INTERRUPTED = 2, FLAG_LATE = 4, FLAG_INCIDENT = 8 };

/* Of the word that goes with a state, above the slot that went last. */
#define IS_VIOLATED ((uint32_t)1 << 16)

void partition_open(struct search *search, uint64_t states)
{
    struct partition *partition = calloc(1, sizeof(*partition));
    struct peers *peers = search->limits->peers;

    CHECK(partition != NULL);
    search->partition = partition;
    partition->peers = peers;
    partition->place_max = states + VISITED_BATCH_MAX;
    partition->transfers = calloc(peers->size, sizeof(*partition->transfers));
    CHECK(partition->transfers != NULL);
    partition->out = peers_parcels(peers);
    partition->say = peers_parcels(peers);
    partition->in = peers_parcels(peers);
    partition->asked = peers_parcels(peers);
    partition->received = peers_parcels(peers);
    partition->ranks_of = workers_map(partition->place_max * sizeof(*partition->ranks_of));
    partition->depths = workers_map(partition->place_max * sizeof(*partition->depths));
    partition->fresh = workers_map(VISITED_BATCH_MAX * sizeof(*partition->fresh));
    fingerprints_open(&partition->prints, &search->state);
}

void partition_close(struct search *search)
{
    struct partition *partition = search->partition;

    if (partition == NULL)
        return;
    for (uint32_t peer = 0; peer < partition->peers->size; peer++)
        transfer_close(&partition->transfers[peer]);
    free(partition->transfers);
    peers_parcels_free(partition->peers, partition->out);
    peers_parcels_free(partition->peers, partition->say);
    peers_parcels_free(partition->peers, partition->in);
    peers_parcels_free(partition->peers, partition->asked);
    peers_parcels_free(partition->peers, partition->received);
    fingerprints_close(&partition->prints);
    workers_unmap(partition->ranks_of, partition->place_max * sizeof(*partition->ranks_of));
    workers_unmap(partition->depths, partition->place_max * sizeof(*partition->depths));
    workers_unmap(partition->fresh, VISITED_BATCH_MAX * sizeof(*partition->fresh));
    free(partition);
    search->partition = NULL;
}

/* --- agreements --- */

static bool is_other(const struct partition *partition, uint32_t peer) { return peer != partition->peers->self; }

static struct parcel_reader reader_of(const struct partition *partition, uint32_t peer)
{
    return (struct parcel_reader){ &partition->in[peer], 0 };
}

void partition_exchange(struct partition *partition)
{
    peers_exchange(partition->peers, partition->say, partition->in);
    peers_parcels_clear(partition->peers, partition->say);
}

/* Whether all processes have the same number. */
static bool is_same(struct partition *partition, uint64_t number)
{
    bool is_equal = true;

    for (uint32_t peer = 0; peer < partition->peers->size; peer++)
        parcel_put_long(&partition->say[peer], number);
    partition_exchange(partition);
    for (uint32_t peer = 0; peer < partition->peers->size; peer++)
        if (is_other(partition, peer)) {
            struct parcel_reader reader = reader_of(partition, peer);
            is_equal = parcel_get_long(&reader) == number && is_equal;
        }
    return is_equal;
}

/* The first state holds addresses of the arena, of the program and of its data. */
bool partition_is_alike(struct search *search)
{
    const struct explore_limits *limits = search->limits;
    const struct explore_state *state = &search->state;
    const uint64_t words[] = {
        fingerprint_first(state),
        (uint64_t)(uintptr_t)state->live,
        (uint64_t)(uintptr_t)&partition_is_alike,
        state->word_count,
        search->subject->is_strict,
        search->subject->explored->forbidden != NULL,
        limits->states,
        limits->depth,
        limits->bytes,
        limits->preemptions,
        limits->seconds,
        limits->verifies,
        limits->takes_all,
    };

    return is_same(search->partition, hash_words(words, sizeof(words) / sizeof(words[0])));
}

/* --- the division --- */

uint64_t partition_ranks(const struct search *search)
{
    return partition_is_divided(search) ? search->partition->ranks : visited_ranks(&search->visited);
}

uint64_t partition_place(const struct search *search, uint64_t rank)
{
    uint64_t from = 0, count = visited_ranks(&search->visited);

    if (!partition_is_divided(search))
        return rank;
    while (count > 0) {
        uint64_t half = count / 2;
        if (search->partition->ranks_of[from + half] < rank) {
            from += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return from;
}

bool partition_owns(struct search *search, uint32_t memory, uint32_t *owner)
{
    const struct peers *peers = search->partition->peers;

    *owner = (uint32_t)((fingerprint_of(&search->partition->prints, &search->state, memory) >> 32) * peers->size >> 32);
    return *owner == peers->self;
}

/* Of the states found so far, of their order, and of the columns. */
static uint64_t history_of(const struct search *search)
{
    const struct visited *visited = &search->visited;
    const struct columns *columns = &search->state.columns;
    uint64_t hash = visited_ranks(visited), count = atomic_load(&columns->counts->count);

    for (uint32_t rank = 0; rank < visited_ranks(visited); rank++)
        hash = hash_fold(hash ^ visited_origin_of(visited, rank), 0x9e3779b97f4a7c15u);
    for (uint64_t column = 0; column < count; column++)
        hash = hash_fold(hash ^ columns->line_of[column], 0xa0761d6478bd642fu);
    return hash;
}

static void announce_columns(struct search *search)
{
    struct partition *partition = search->partition;

    for (uint32_t peer = 0; peer < partition->peers->size; peer++)
        transfer_put_columns(search, &partition->transfers[peer], &partition->out[peer]);
}

void partition_divide(struct search *search)
{
    struct partition *partition = search->partition;
    uint64_t known = visited_ranks(&search->visited), kept = 0;
    uint32_t owner, *depths = calloc(known, sizeof(*depths));
    bool *is_own = calloc(known, sizeof(*is_own));

    CHECK(depths != NULL && is_own != NULL);
    CHECK(is_same(partition, history_of(search)));
    for (uint32_t rank = 0; rank < known; rank++) {
        depths[rank] = rank > 0 ? depths[search->visited.parents[rank]] + 1 : 0;
        partition->deepest = depths[rank] > partition->deepest ? depths[rank] : partition->deepest;
        is_own[rank] = partition_owns(search, search->visited.pairs[rank].memory, &owner);
        if (is_own[rank]) {
            partition->ranks_of[kept] = rank;
            partition->depths[kept++] = depths[rank];
        }
    }
    visited_retain(&search->visited, is_own);
    free(depths);
    free(is_own);
    partition->ranks = known;
    partition->is_divided = true;
    for (uint32_t peer = 0; peer < partition->peers->size; peer++)
        transfer_open(&partition->transfers[peer], search);
    announce_columns(search);
    if (partition->peers->self != 0) /* what all have counted, process 0 says */
        own_share(search)->transitions = own_share(search)->ends = own_share(search)->suspicious = 0;
}

/* --- states found --- */

bool partition_sends(struct search *search, const struct partition_step *step)
{
    struct partition *partition = search->partition;
    uint32_t owner;

    if (partition_owns(search, step->to.pair.memory, &owner))
        return false;
    struct parcel *parcel = &partition->out[owner];
    parcel_put_long(parcel, step->origin);
    parcel_put(parcel, partition->depths[step->place] + 1);
    parcel_put(parcel, step->to.last | (step->is_violated ? IS_VIOLATED : 0));
    transfer_put_sleep(search, &partition->transfers[owner], parcel, step->sleep);
    transfer_put(search, &partition->transfers[owner], parcel, step->to.pair);
    parcel_put(&partition->asked[owner], step->place);
    return true;
}

/* The step with the least origin counts. */
static void arrived(struct search *search, uint32_t number, uint64_t origin, struct partition_fresh fresh)
{
    uint64_t ranks = visited_ranks(&search->visited);

    if (number >= ranks && visited_fresh_origin(&search->visited, number) == origin)
        search->partition->fresh[number - ranks] = fresh;
}

void partition_arrived(struct search *search, uint32_t number, const struct partition_step *step)
{
    uint32_t depth = search->partition->depths[step->place] + 1;

    arrived(search, number, step->origin, (struct partition_fresh){ depth, step->is_violated });
}

static void receive_state(struct search *search, uint32_t peer, struct parcel_reader *reader)
{
    struct partition *partition = search->partition;
    uint64_t origin = parcel_get_long(reader);
    uint32_t depth = parcel_get(reader), word = parcel_get(reader), sleep, number;
    struct visited_state state = { .last = (uint16_t)word };

    expand_make_room(search);
    sleep = transfer_get_sleep(search, &partition->transfers[peer], reader);
    state.pair = transfer_get(search, &partition->transfers[peer], reader);
    number =
        visited_add(&search->visited, state, visited_prefetch(&search->visited, state), visited_arrival(origin, sleep))
            .number;
    arrived(search, number, origin, (struct partition_fresh){ depth, (word & IS_VIOLATED) != 0 });
    parcel_put(&partition->received[peer], number);
    parcel_put(&partition->received[peer], visited_origin_rank(origin));
}

void partition_receive(struct search *search)
{
    struct partition *partition = search->partition;
    uint64_t ranks = visited_ranks(&search->visited);

    peers_exchange(partition->peers, partition->out, partition->in);
    peers_parcels_clear(partition->peers, partition->out);
    peers_parcels_clear(partition->peers, partition->received);
    for (uint32_t peer = 0; peer < partition->peers->size; peer++) {
        struct parcel_reader reader = reader_of(partition, peer);
        if (!is_other(partition, peer))
            continue;
        transfer_get_columns(search, &partition->transfers[peer], &reader);
        while (parcel_rest(&reader) > 0)
            receive_state(search, peer, &reader);
    }
    announce_columns(search);
    for (uint32_t i = 0; i < atomic_load(&search->visited.counts->fresh); i++)
        expand_found(search, (uint32_t)ranks + i, search->visited.fresh[i].state.pair.memory,
                     partition->fresh[i].is_violated);
}

/* --- ranks --- */

/* The number of another process's states with an earlier origin; its reader stands behind them. */
static uint32_t count_before(struct parcel_reader *reader, uint64_t origin)
{
    uint32_t count = 0;

    while (parcel_rest(reader) > 0) {
        struct parcel_reader next = *reader;
        if (parcel_get_long(&next) > origin)
            break;
        *reader = next;
        count++;
    }
    return count;
}

void partition_number(struct search *search)
{
    struct partition *partition = search->partition;
    uint32_t size = partition->peers->size, count = own_share(search)->found_count;
    uint64_t ranks = visited_ranks(&search->visited), before = 0, found = count;
    struct parcel_reader *readers = calloc(size, sizeof(*readers));

    CHECK(readers != NULL);
    for (uint32_t peer = 0; peer < size; peer++)
        for (uint32_t i = 0; i < count && is_other(partition, peer); i++)
            parcel_put_long(&partition->say[peer], search->found[i].origin);
    partition_exchange(partition);
    for (uint32_t peer = 0; peer < size; peer++) {
        readers[peer] = reader_of(partition, peer);
        found += parcel_rest(&readers[peer]) / 2;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t depth = partition->fresh[search->found[i].number - ranks].depth;
        for (uint32_t peer = 0; peer < size; peer++)
            before += count_before(&readers[peer], search->found[i].origin);
        partition->ranks_of[ranks + i] = (uint32_t)(partition->ranks + i + before);
        partition->depths[ranks + i] = depth;
        partition->deepest = depth > partition->deepest ? depth : partition->deepest;
    }
    partition->ranks += found;
    free(readers);
}

/* The rank of a state that was received, now that it is in visited.h; VISITED_NO_RANK: it is no step onward. */
static uint32_t answer_to(const struct search *search, uint32_t number, uint32_t from)
{
    const struct visited *visited = &search->visited;
    uint32_t place = number < visited_ranks(visited) ? number : visited_fresh_of(visited, number)->rank;
    uint32_t rank = search->partition->ranks_of[place];

    return rank > from ? rank : VISITED_NO_RANK;
}

void partition_answer(struct search *search)
{
    struct partition *partition = search->partition;

    for (uint32_t peer = 0; peer < partition->peers->size; peer++) {
        struct parcel_reader reader = { &partition->received[peer], 0 };
        while (parcel_rest(&reader) > 0) {
            uint32_t number = parcel_get(&reader), from = parcel_get(&reader);
            parcel_put(&partition->say[peer], answer_to(search, number, from));
        }
    }
}

static void get_answers(struct search *search, uint32_t peer, struct parcel_reader *reader)
{
    struct parcel_reader asked = { &search->partition->asked[peer], 0 };
    uint32_t *onward = search->visited.onward;

    while (parcel_rest(&asked) > 0) {
        uint32_t place = parcel_get(&asked), rank = parcel_get(reader);
        if (onward[place] == VISITED_NO_RANK)
            onward[place] = rank;
    }
}

/* --- violations and limits --- */

static void put_limits(const struct search *search, struct parcel *parcel)
{
    const struct common *common = search->common;

    parcel_put(parcel, (common->is_full ? FLAG_FULL : 0) | (common->is_interrupted ? FLAG_INTERRUPTED : 0) |
                           (common->is_late ? FLAG_LATE : 0) | (common->incident != NULL ? FLAG_INCIDENT : 0));
    parcel_put_long(parcel, common->bytes);
    if (common->incident != NULL)
        parcel_put_bytes(parcel, common->incident, sizeof(*common->incident));
}

static void get_limits(struct search *search, struct parcel_reader *reader)
{
    struct common *common = search->common;
    uint32_t flags = parcel_get(reader);
    uint64_t bytes = parcel_get_long(reader);
    struct incident incident;

    common->is_full = common->is_full || (flags & FLAG_FULL) != 0;
    common->is_interrupted = common->is_interrupted || (flags & FLAG_INTERRUPTED) != 0;
    common->is_late = common->is_late || (flags & FLAG_LATE) != 0;
    common->bytes = bytes > common->bytes ? bytes : common->bytes;
    if ((flags & FLAG_INCIDENT) == 0)
        return;
    parcel_get_bytes(reader, &incident, sizeof(incident));
    if (common->incident == NULL || incident.origin < common->incident->origin) {
        search->partition->incident = incident;
        common->incident = &search->partition->incident;
    }
}

void partition_agree(struct search *search)
{
    struct partition *partition = search->partition;

    search->common->is_interrupted = search->common->is_interrupted || peers_are_interrupted(partition->peers);
    for (uint32_t peer = 0; peer < partition->peers->size; peer++)
        put_limits(search, &partition->say[peer]);
    partition_exchange(partition);
    for (uint32_t peer = 0; peer < partition->peers->size; peer++) {
        struct parcel_reader reader = reader_of(partition, peer);
        if (!is_other(partition, peer))
            continue;
        get_answers(search, peer, &reader);
        get_limits(search, &reader);
    }
    peers_parcels_clear(partition->peers, partition->asked);
}

uint64_t partition_bytes(const struct search *search)
{
    const struct partition *partition = search->partition;
    uint64_t states = visited_ranks(&search->visited), strings = atomic_load(&search->state.strings.counts->count);

    if (!partition_is_divided(search))
        return 0;
    return states * (sizeof(*partition->ranks_of) + sizeof(*partition->depths)) +
           strings * sizeof(*partition->prints.known) + partition->peers->size * transfer_bytes();
}
