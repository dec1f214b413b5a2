/* SPDX-License-Identifier: Apache-2.0
 *
 * A question of process 0 is a list of ranks. Each process takes the steps from those it owns, asks the owners of the
 * states reached for their ranks, and sends these to process 0. An empty list ends the questions.
 */
#include "explore/endless_edges.h"

#include <stdlib.h>

#include "base/check.h"
#include "explore/partition.h"

/* Ranks of a question: few enough for the answers to be short, many enough for the exchanges not to matter. */
enum { QUESTION_RANKS = 4096 };

/* Ranks whose steps onward are gathered at once. */
#define GATHER_RANKS ((uint64_t)1 << 20)

/* Of a state in the range. */
static uint32_t successors(struct search *search, const struct endless_range *range, uint32_t place,
                           struct visited_state *to)
{
    uint32_t count;

    if (!range->is_bounded)
        return expand_successors(search, place, EXPAND_ALL, to);
    count = expand_successors(search, place, EXPAND_WITHOUT_PREEMPTIONS, to);
    if (partition_rank(search, place) < range->bounded)
        count += expand_successors(search, place, EXPAND_PREEMPTIONS, to + count);
    return count;
}

/* --- questions --- */

/* The steps from the states of a question, as words: the index, and the rank reached once it is known. */
struct answer {
    struct search *search;
    const struct endless_range *range;
    struct parcel steps;
    struct parcel *places; /* by process: where in `steps` the ranks go that it is asked for */
    struct parcel *out, *in;
};

static uint32_t rank_of(const struct search *search, struct visited_state state)
{
    uint32_t place = visited_find(&search->visited, state);

    return place != VISITED_NO_RANK ? partition_rank(search, place) : VISITED_NO_RANK;
}

static void add_step(struct answer *answer, uint32_t index, struct visited_state to)
{
    struct search *search = answer->search;
    uint32_t owner;

    parcel_put(&answer->steps, index);
    if (partition_owns(search, to.pair.memory, &owner)) {
        parcel_put(&answer->steps, rank_of(search, to));
        return;
    }
    parcel_put(&answer->places[owner], (uint32_t)answer->steps.count);
    parcel_put(&answer->steps, VISITED_NO_RANK);
    parcel_put(&answer->out[owner], to.last);
    transfer_put(search, &search->partition->transfers[owner], &answer->out[owner], to.pair);
}

/* Takes the steps from this process's states. */
static void take_steps(struct answer *answer, const uint32_t *ranks, uint32_t count)
{
    struct visited_state to[2 * EVENTQ_SLOTS_MAX];
    struct search *search = answer->search;
    uint64_t places = visited_ranks(&search->visited);

    for (uint32_t i = 0; i < count; i++) {
        uint64_t place = partition_place(search, ranks[i]);
        if (place == places || partition_rank(search, (uint32_t)place) != ranks[i])
            continue;
        expand_make_room(search);
        uint32_t steps = successors(search, answer->range, (uint32_t)place, to);
        for (uint32_t step = 0; step < steps; step++)
            add_step(answer, i, to[step]);
    }
}

static void exchange(const struct answer *answer)
{
    peers_exchange(answer->search->partition->peers, answer->out, answer->in);
    peers_parcels_clear(answer->search->partition->peers, answer->out);
}

/* The ranks of the states that others ask for. */
static void find_ranks(const struct answer *answer)
{
    struct search *search = answer->search;

    for (uint32_t peer = 0; peer < search->partition->peers->size; peer++) {
        struct parcel_reader reader = { &answer->in[peer], 0 };
        while (parcel_rest(&reader) > 0) {
            struct visited_state state = { .last = (uint16_t)parcel_get(&reader) };
            expand_make_room(search);
            state.pair = transfer_get(search, &search->partition->transfers[peer], &reader);
            parcel_put(&answer->out[peer], rank_of(search, state));
        }
    }
}

static void enter_ranks(struct answer *answer)
{
    for (uint32_t peer = 0; peer < answer->search->partition->peers->size; peer++) {
        struct parcel_reader reader = { &answer->in[peer], 0 }, places = { &answer->places[peer], 0 };
        while (parcel_rest(&places) > 0) {
            uint32_t place = parcel_get(&places);
            CHECK(answer->steps.words != NULL && place < answer->steps.count);
            answer->steps.words[place] = parcel_get(&reader);
        }
    }
}

/* Together: the ranks that process 0 asks about; the caller frees them. */
static uint32_t *hear(const struct answer *answer, const uint32_t *ranks, uint32_t *count)
{
    const struct peers *peers = answer->search->partition->peers;
    const struct parcel *heard = &answer->in[0];
    uint32_t *copy = calloc(QUESTION_RANKS, sizeof(*copy));

    CHECK(copy != NULL);
    for (uint32_t peer = 1; peer < peers->size && peers->self == 0; peer++)
        parcel_put_bytes(&answer->out[peer], ranks, *count * sizeof(*ranks));
    exchange(answer);
    if (peers->self != 0)
        *count = (uint32_t)heard->count;
    CHECK(*count <= QUESTION_RANKS);
    for (uint32_t i = 0; i < *count; i++)
        copy[i] = peers->self != 0 ? heard->words[i] : ranks[i];
    return copy;
}

static void answer_open(struct answer *answer, struct search *search, const struct endless_range *range)
{
    struct peers *peers = search->partition->peers;

    *answer = (struct answer){ .search = search, .range = range };
    answer->places = peers_parcels(peers);
    answer->out = peers_parcels(peers);
    answer->in = peers_parcels(peers);
}

static void answer_close(struct answer *answer)
{
    const struct peers *peers = answer->search->partition->peers;

    parcel_free(&answer->steps);
    peers_parcels_free(peers, answer->places);
    peers_parcels_free(peers, answer->out);
    peers_parcels_free(peers, answer->in);
}

/* Together: one question. Leaves the steps from this process's states in answer->steps, and for process 0 those of the
 * others in answer->in. Returns the number of ranks. */
static uint32_t ask(struct answer *answer, const uint32_t *ranks, uint32_t count)
{
    uint32_t *asked = hear(answer, ranks, &count);

    if (count > 0) {
        take_steps(answer, asked, count);
        exchange(answer);
        find_ranks(answer);
        exchange(answer);
        enter_ranks(answer);
        parcel_put_bytes(&answer->out[0], answer->steps.words, answer->steps.count * sizeof(uint32_t));
        exchange(answer);
    }
    free(asked);
    return count;
}

static void add_steps(const struct parcel *steps, uint32_t first, void (*add)(void *, uint32_t, uint32_t),
                      void *context)
{
    struct parcel_reader reader = { steps, 0 };

    while (parcel_rest(&reader) > 0) {
        uint32_t index = parcel_get(&reader);
        add(context, first + index, parcel_get(&reader));
    }
}

static void edges_of_all(struct search *search, const struct endless_range *range, const uint32_t *ranks,
                         uint32_t count, void (*add)(void *, uint32_t, uint32_t), void *context)
{
    for (uint32_t first = 0; first < count; first += QUESTION_RANKS) {
        struct answer answer;
        answer_open(&answer, search, range);
        (void)ask(&answer, ranks + first, count - first < QUESTION_RANKS ? count - first : QUESTION_RANKS);
        add_steps(&answer.steps, first, add, context);
        for (uint32_t peer = 1; peer < search->partition->peers->size; peer++)
            add_steps(&answer.in[peer], first, add, context);
        answer_close(&answer);
    }
}

void endless_edges(struct search *search, const struct endless_range *range, const uint32_t *ranks, uint32_t count,
                   void (*add)(void *context, uint32_t from, uint32_t to), void *context)
{
    struct visited_state to[2 * EVENTQ_SLOTS_MAX];

    if (partition_is_divided(search)) {
        edges_of_all(search, range, ranks, count, add, context);
        return;
    }
    for (uint32_t from = 0; from < count; from++) {
        uint32_t steps = successors(search, range, ranks[from], to);
        for (uint32_t step = 0; step < steps; step++)
            add(context, from, visited_find(&search->visited, to[step]));
    }
}

/* --- process 0 and the others --- */

static void gather_part(const struct parcel *steps, uint32_t *onward)
{
    struct parcel_reader reader = { steps, 0 };

    while (parcel_rest(&reader) > 0) {
        uint32_t rank = parcel_get(&reader);
        onward[rank] = parcel_get(&reader);
    }
}

uint32_t *endless_gather(struct search *search, const struct endless_range *range)
{
    struct peers *peers = search->partition->peers;
    struct parcel *out = peers_parcels(peers), *in = peers_parcels(peers);
    uint32_t *onward = peers->self == 0 ? calloc(range->end + 1, sizeof(*onward)) : NULL;
    uint64_t place = 0, places = partition_place(search, range->end);

    CHECK(onward != NULL || peers->self != 0);
    for (uint64_t end = GATHER_RANKS; end < range->end + GATHER_RANKS; end += GATHER_RANKS) {
        peers_parcels_clear(peers, out);
        for (; place < places && partition_rank(search, (uint32_t)place) < end; place++) {
            parcel_put(&out[0], partition_rank(search, (uint32_t)place));
            parcel_put(&out[0], search->visited.onward[place]);
        }
        peers_exchange(peers, out, in);
        for (uint32_t peer = 0; peer < peers->size && onward != NULL; peer++)
            gather_part(peer == 0 ? &out[0] : &in[peer], onward);
    }
    peers_parcels_free(peers, out);
    peers_parcels_free(peers, in);
    return onward;
}

uint32_t endless_together(struct search *search, const struct endless_range *range, uint32_t first)
{
    struct peers *peers = search->partition->peers;
    uint32_t count = 1;

    while (count > 0) {
        struct answer answer;
        answer_open(&answer, search, range);
        count = ask(&answer, NULL, 0);
        answer_close(&answer);
    }
    struct parcel *out = peers_parcels(peers), *in = peers_parcels(peers);
    for (uint32_t peer = 0; peer < peers->size; peer++)
        parcel_put(&out[peer], first);
    peers_exchange(peers, out, in);
    if (peers->self != 0)
        first = parcel_get(&(struct parcel_reader){ &in[0], 0 });
    peers_parcels_free(peers, out);
    peers_parcels_free(peers, in);
    return first;
}
