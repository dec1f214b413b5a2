/* SPDX-License-Identifier: Apache-2.0
 *
 * Expands batches of states and ranks the states found; batch.h describes how the workers share the work.
 */
#include "explore/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/check_properties.h"

#define CHUNK_ROWS 32

/* --- verdicts --- */

static void incident_offer(struct search *search, const struct violation *violation, uint64_t origin)
{
    struct incident *incident = &own_share(search)->incident;

    if (incident->violation.kind == VIOLATION_NONE || origin < incident->origin)
        *incident = (struct incident){ *violation, origin };
}

/* --- preemptions --- */

/* A switch away from a CPU that is still pending is a preemption. Events never count. */
static bool is_preemption(const struct engine *engine, const struct bound *bound, uint32_t slot)
{
    return engine->slots[slot].actor != NULL && bound->last != BATCH_NO_CPU && bound->last != slot &&
           engine_is_pending(engine, bound->last);
}

static bool bound_step(struct search *search, struct bound *bound, uint32_t slot)
{
    if (search->limits->preemptions == EXPLORE_UNLIMITED)
        return true;
    bound->preemptions += is_preemption(search->subject->engine, bound, slot);
    if (bound->preemptions > search->limits->preemptions) {
        own_share(search)->is_pruned = true;
        return false;
    }
    if (search->subject->engine->slots[slot].actor != NULL)
        bound->last = slot;
    return true;
}

static void bound_fingerprint(const struct search *search, const struct bound *bound, struct fingerprint *fingerprint)
{
    if (search->limits->preemptions != EXPLORE_UNLIMITED)
        fingerprint->low += ((uint64_t)bound->last << 32 | bound->preemptions) * 0x9e3779b97f4a7c15u;
}

/* --- steps --- */

static struct found_state *keep(struct search *search, uint32_t node, struct fingerprint sum, const struct bound *bound)
{
    struct share *share = own_share(search);
    unsigned side = !search->side;
    uint64_t used = share->level_units[side];
    uint64_t *units = &search->levels[side][search->workers.self * search->level_units_max + used];

    CHECK(used + 1 + explore_state_packed_units_max(&search->state) <= search->level_units_max &&
          share->found_count < BATCH_STATES_MAX);
    memcpy(units, bound, sizeof(*bound));
    share->level_units[side] = used + 1 + explore_state_pack(&search->state, sum, units + 1);
    struct found_state *found = &search->found[search->workers.self * BATCH_STATES_MAX + share->found_count++];
    *found = (struct found_state){ .packed = units, .node = node };
    return found;
}

uint32_t batch_arrive(struct search *search, uint64_t origin, const struct bound *bound)
{
    struct explored *explored = search->subject->explored;
    struct fingerprint sum = explore_state_capture(&search->state), known_by = sum;
    struct found_state *found = NULL;
    struct violation violation;
    bool is_new;

    bound_fingerprint(search, bound, &known_by);
    uint32_t node = explore_graph_add(&search->graph, known_by, origin, &is_new);
    if (is_new) {
        found = keep(search, node, sum, bound);
        own_share(search)->ends += explore_is_end(search->subject->engine);
    }
    if (explored->violation.kind != VIOLATION_NONE) {
        incident_offer(search, &explored->violation, origin);
        explored->violation.kind = VIOLATION_NONE;
    } else if (is_new) {
        found->is_broken = explore_check_properties(search->subject, &violation, &own_share(search)->suspicious);
    }
    return node;
}

static uint32_t pending_slots(const struct engine *engine, uint16_t *slots)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < engine->slot_count; slot++)
        if (engine_is_pending(engine, slot))
            slots[count++] = (uint16_t)slot;
    return count;
}

static void expand(struct search *search, uint32_t rank)
{
    const uint64_t *units = search->rows[search->side][rank - search->level_first];
    uint16_t slots[EVENTQ_SLOTS_MAX];
    uint32_t to[EVENTQ_SLOTS_MAX], count, edge_count = 0;

    explore_state_restore(&search->state, units + 1);
    count = pending_slots(search->subject->engine, slots);
    for (uint32_t i = 0; i < count; i++) {
        struct bound bound;
        memcpy(&bound, units, sizeof(bound));
        if (!bound_step(search, &bound, slots[i]))
            continue;
        own_share(search)->transitions++;
        explore_state_step(&search->state, slots[i]);
        to[edge_count++] = batch_arrive(search, explore_origin(rank, slots[i]), &bound);
        explore_state_undo(&search->state);
    }
    if (edge_count > 0)
        explore_graph_edges(&search->graph, search->workers.self, rank, to, edge_count);
}

/* --- batches --- */

static int compare_found(const void *a, const void *b)
{
    const struct found_state *x = a, *y = b;

    return (x->origin > y->origin) - (x->origin < y->origin);
}

/* Reports the first of this worker's states that violates a property. Origins are final only after the barrier. */
static void report_broken(struct search *search, const struct found_state *found, uint32_t count)
{
    struct violation violation;
    uint64_t suspicious = own_share(search)->suspicious;

    for (uint32_t i = 0; i < count; i++) {
        if (!found[i].is_broken)
            continue;
        explore_state_restore(&search->state, found[i].packed + 1);
        CHECK(explore_check_properties(search->subject, &violation, &own_share(search)->suspicious));
        own_share(search)->suspicious = suspicious;
        incident_offer(search, &violation, found[i].origin);
        return;
    }
}

/* Another worker may have reached the same state from an earlier origin, so the order of adding is not final. */
static void sort_found(struct search *search)
{
    struct found_state *found = &search->found[search->workers.self * BATCH_STATES_MAX];
    uint32_t count = own_share(search)->found_count;
    bool is_sorted = true;

    for (uint32_t i = 0; i < count; i++) {
        found[i].origin = atomic_load(&search->graph.nodes[found[i].node].origin);
        is_sorted = is_sorted && (i == 0 || found[i - 1].origin < found[i].origin);
    }
    if (!is_sorted)
        qsort(found, count, sizeof(*found), compare_found);
    report_broken(search, found, count);
}

/* Advances `from` past the worker's states whose origin is before `origin`, and returns it. */
static uint32_t count_before(const struct search *search, uint32_t worker, uint32_t from, uint64_t origin)
{
    const struct found_state *found = &search->found[worker * BATCH_STATES_MAX];

    while (from < search->common->shares[worker].found_count && found[from].origin < origin)
        from++;
    return from;
}

/* Ranks this worker's states: the rank of a state is the number of states of all workers with an earlier origin. */
static void rank_found(struct search *search)
{
    const struct found_state *found = &search->found[search->workers.self * BATCH_STATES_MAX];
    uint32_t before[WORKERS_MAX] = { 0 };
    uint64_t first = search->graph.counts->ranks;

    for (uint32_t i = 0; i < own_share(search)->found_count; i++) {
        uint64_t rank = first + i;
        for (uint32_t worker = 0; worker < search->workers.size; worker++) {
            if (worker == search->workers.self)
                continue;
            before[worker] = count_before(search, worker, before[worker], found[i].origin);
            rank += before[worker];
        }
        search->graph.order[rank] = found[i].node;
        search->rows[!search->side][rank - search->level_end] = found[i].packed;
    }
}

void batch_settle(struct search *search)
{
    uint64_t total = 0;

    workers_barrier(&search->workers);
    sort_found(search);
    workers_barrier(&search->workers);
    rank_found(search);
    for (uint32_t worker = 0; worker < search->workers.size; worker++)
        total += search->common->shares[worker].found_count;
    workers_barrier(&search->workers);
    own_share(search)->found_count = 0;
    if (search->workers.self == 0) {
        search->graph.counts->ranks += total;
        explore_graph_reserve(&search->graph, BATCH_ROWS * 16);
        atomic_store(&search->common->next_row, 0);
        search->common->is_interrupted = search->limits->is_interrupted != NULL && search->limits->is_interrupted();
    }
    workers_barrier(&search->workers);
}

void batch_expand(struct search *search, uint64_t first, uint64_t count)
{
    uint64_t from;

    while ((from = atomic_fetch_add(&search->common->next_row, CHUNK_ROWS)) < count)
        for (uint64_t row = from; row < from + CHUNK_ROWS && row < count; row++)
            expand(search, (uint32_t)(first + row));
    batch_settle(search);
}
