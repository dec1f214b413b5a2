/* SPDX-License-Identifier: Apache-2.0
 *
 * A state's rank is the number of states, of all workers, with an earlier origin.
 */
#include "explore/ranking.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/wall_clock.h"
#include "explore/check_properties.h"
#include "explore/partition.h"

void ranking_offer(struct search *search, const struct violation *violation, uint64_t origin)
{
    struct incident *incident = &own_share(search)->incident;

    if (incident->violation.kind == VIOLATION_NONE || origin < incident->origin)
        *incident = (struct incident){ *violation, origin };
}

static struct found_state *found_by(const struct search *search, uint32_t worker)
{
    return &search->found[(uint64_t)worker * VISITED_BATCH_MAX];
}

static int compare_found(const void *a, const void *b)
{
    const struct found_state *x = a, *y = b;

    return (x->origin > y->origin) - (x->origin < y->origin);
}

/* Reports the first of this worker's states that violates a property. Origins are final only after the barrier. */
static void report_broken(struct search *search, const struct found_state *found, uint32_t count)
{
    struct violation violation;
    uint64_t suspicious = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (!found[i].is_broken)
            continue;
        explore_state_restore(&search->state, visited_fresh_of(&search->visited, found[i].number)->state.pair);
        CHECK(explore_check_properties(search->subject, &violation, &suspicious));
        ranking_offer(search, &violation, found[i].origin);
        return;
    }
}

/* Another worker may have reached the same state from an earlier origin, so the order of adding is not final. */
static void sort_found(struct search *search)
{
    struct found_state *found = found_by(search, search->workers.self);
    uint32_t count = own_share(search)->found_count;
    bool is_sorted = true;

    for (uint32_t i = 0; i < count; i++) {
        found[i].origin = visited_fresh_origin(&search->visited, found[i].number);
        is_sorted = is_sorted && (i == 0 || found[i - 1].origin < found[i].origin);
    }
    if (!is_sorted)
        qsort(found, count, sizeof(*found), compare_found);
    report_broken(search, found, count);
}

/* Advances `from` past the worker's states whose origin is before `origin`, and returns it. */
static uint32_t count_before(const struct search *search, uint32_t worker, uint32_t from, uint64_t origin)
{
    const struct found_state *found = found_by(search, worker);

    while (from < search->common->shares[worker].found_count && found[from].origin < origin)
        from++;
    return from;
}

static void rank_found(struct search *search)
{
    const struct found_state *found = found_by(search, search->workers.self);
    uint32_t before[WORKERS_MAX] = { 0 };
    uint64_t first = visited_ranks(&search->visited);

    for (uint32_t i = 0; i < own_share(search)->found_count; i++) {
        uint64_t rank = first + i;
        for (uint32_t worker = 0; worker < search->workers.size; worker++) {
            if (worker == search->workers.self)
                continue;
            before[worker] = count_before(search, worker, before[worker], found[i].origin);
            rank += before[worker];
        }
        visited_rank(&search->visited, found[i].number, (uint32_t)rank);
    }
}

/* A fresh state's rank is higher than that of any state expanded so far. */
static void link_onward(struct search *search)
{
    for (size_t i = 0; i < search->later_count; i++)
        search->visited.onward[search->later[i].from] =
            partition_rank(search, visited_fresh_of(&search->visited, search->later[i].number)->rank);
    search->later_count = 0;
}

/* The pointer is valid in all workers, since they are forks. */
static const struct incident *first_incident(const struct search *search)
{
    const struct incident *first = NULL;

    for (uint32_t worker = 0; worker < search->workers.size; worker++) {
        const struct incident *incident = &search->common->shares[worker].incident;
        if (incident->violation.kind != VIOLATION_NONE && (first == NULL || incident->origin < first->origin))
            first = incident;
    }
    return first;
}

static bool has_passed(uint64_t ns) { return ns != UINT64_MAX && clock_ns() >= ns; }

static void look_at_limits(struct search *search)
{
    struct common *common = search->common;

    common->incident = first_incident(search);
    common->bytes = visited_bytes(&search->visited) + strings_bytes(&search->state.strings) +
                    strings_bytes(&search->state.memories) + strings_bytes(&search->pendings) +
                    steps_bytes(&search->steps) + sleep_bytes(&search->sleep) + partition_bytes(search);
    common->is_full = strings_are_full(&search->state.strings) || strings_are_full(&search->state.memories) ||
                      strings_are_full(&search->sleep.footprints) || strings_are_full(&search->sleep.sets);
    common->is_interrupted = search->limits->is_interrupted != NULL && search->limits->is_interrupted();
    common->is_late = has_passed(search->deadline_ns);
    common->is_keeping = has_passed(search->keep_ns);
}

void ranking_make_room(struct search *search)
{
    visited_reserve(&search->visited, 2 * search->workers.size * EXPAND_CHUNK_STATES);
    strings_grow(&search->state.strings, 2 * (uint64_t)search->workers.size * EXPAND_CHUNK_STRINGS);
    strings_grow(&search->state.memories, 2 * (uint64_t)search->workers.size * EXPAND_CHUNK_STATES);
    strings_grow(&search->pendings, 2 * (uint64_t)search->workers.size * EXPAND_CHUNK_STATES);
    strings_grow(&search->sleep.footprints, 2 * (uint64_t)search->workers.size * EXPAND_CHUNK_STATES);
    strings_grow(&search->sleep.sets, 2 * (uint64_t)search->workers.size * EXPAND_CHUNK_STATES);
}

/* By worker 0 while the others wait. */
static void go_on(struct search *search)
{
    visited_settle(&search->visited);
    visited_forget_sleeps(&search->visited, partition_place(search, search->expanded));
    ranking_make_room(search);
    if (expand_remembers_steps(search))
        steps_reserve(&search->steps, visited_ranks(&search->visited));
    atomic_store(&search->common->next_row, 0);
    look_at_limits(search);
    if (search->partition != NULL)
        partition_agree(search);
}

uint64_t ranking_settle(struct search *search, uint64_t rows)
{
    workers_barrier(&search->workers);
    uint64_t taken = atomic_load(&search->common->next_row);
    if (partition_is_divided(search))
        partition_receive(search);
    sort_found(search);
    workers_barrier(&search->workers);
    if (partition_is_divided(search))
        partition_number(search);
    rank_found(search);
    workers_barrier(&search->workers);
    link_onward(search);
    if (partition_is_divided(search))
        partition_answer(search);
    workers_barrier(&search->workers);
    own_share(search)->found_count = 0;
    if (search->workers.self == 0)
        go_on(search);
    workers_barrier(&search->workers);
    return taken < rows ? taken : rows;
}
