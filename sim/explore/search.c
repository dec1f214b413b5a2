/* SPDX-License-Identifier: Apache-2.0
 *
 * Breadth-first search by levels.
 */
#include "explore/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/graph.h"
#include "explore/state.h"

const struct explore_limits explore_default_limits = {
    .states = 20000000,
    .depth = EXPLORE_UNLIMITED,
    .bytes = (uint64_t)8 << 30,
    .preemptions = EXPLORE_UNLIMITED,
};

struct open_state {
    struct state_difference *difference;
    size_t bytes;
    uint32_t node;
};

struct level {
    struct open_state *rows;
    size_t count, capacity;
    uint64_t bytes;
};

struct search {
    const struct explore_subject *subject;
    const struct explore_limits *limits;
    struct explore_outcome *outcome;
    struct explore_state state;
    struct explore_graph graph;
    struct level open, next; /* to be expanded; found */
    bool is_pruned;          /* by the bound on preemptions */
};

static void level_add(struct level *level, struct open_state row)
{
    if (level->count == level->capacity) {
        level->capacity = level->capacity ? 2 * level->capacity : 1024;
        level->rows = realloc(level->rows, level->capacity * sizeof(*level->rows));
        CHECK(level->rows != NULL);
    }
    level->rows[level->count++] = row;
    level->bytes += row.bytes + sizeof(row);
}

static void level_free(struct level *level)
{
    for (size_t i = 0; i < level->count; i++)
        free(level->rows[i].difference);
    free(level->rows);
    *level = (struct level){ .count = 0 };
}

static uint32_t pending_slots(const struct engine *engine, uint16_t *slots)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < engine->slot_count; slot++)
        if (engine_is_pending(engine, slot))
            slots[count++] = (uint16_t)slot;
    return count;
}

/* --- verdicts --- */

static void found(struct search *search, const struct violation *violation, uint32_t node)
{
    struct explore_outcome *outcome = search->outcome;

    outcome->verdict = EXPLORE_VIOLATION;
    outcome->violation = *violation;
    outcome->trace = explore_graph_path(&search->graph, node, &outcome->trace_count);
    outcome->depth = outcome->trace_count;
}

static bool stop_at_limit(struct search *search)
{
    const struct explore_limits *limits = search->limits;
    struct explore_outcome *outcome = search->outcome;
    uint64_t bytes = explore_graph_bytes(&search->graph) + search->open.bytes + search->next.bytes;

    if (bytes > outcome->peak_bytes)
        outcome->peak_bytes = bytes;
    if (search->graph.node_count >= limits->states || search->graph.node_count == EXPLORE_NODES_MAX)
        outcome->limit = "states";
    else if (bytes > limits->bytes)
        outcome->limit = "memory";
    return outcome->limit != NULL;
}

/* True when one of them is broken in the live state, and ends the search. */
static bool is_wrong(struct search *search, const struct property *const *properties, enum property_at at,
                     uint32_t node)
{
    struct violation violation;

    for (; properties != NULL && *properties != NULL; properties++) {
        const struct property *property = *properties;
        if (property->at != at ||
            !property->is_broken(search->subject->machine, violation.text, sizeof(violation.text)))
            continue;
        if (property->is_weak && !search->subject->is_strict) {
            search->outcome->suspicious++;
            continue;
        }
        violation.kind = property->kind;
        found(search, &violation, node);
        return true;
    }
    return false;
}

/* A state found now. True when something is wrong with it. */
static bool judge(struct search *search, uint32_t node, bool is_end)
{
    const struct explore_subject *subject = search->subject;

    if (is_wrong(search, subject->properties, PROPERTY_AT_STATE, node) ||
        is_wrong(search, subject->invariants, PROPERTY_AT_STATE, node))
        return true;
    if (!is_end)
        return false;
    search->outcome->ends++;
    explore_graph_mark_end(&search->graph, node);
    return is_wrong(search, subject->properties, PROPERTY_AT_END, node) ||
           is_wrong(search, subject->invariants, PROPERTY_AT_END, node);
}

/* --- preemptions --- */

/* A switch away from a CPU that could go on counts; events are free. */
static bool is_preemption(const struct engine *engine, const struct explore_node *node, uint32_t slot)
{
    return engine->slots[slot].actor != NULL && node->last != EXPLORE_NOBODY && node->last != slot &&
           engine_is_pending(engine, node->last);
}

static void bound_fingerprint(const struct search *search, struct explore_node *node)
{
    if (search->limits->preemptions == EXPLORE_UNLIMITED) {
        node->last = EXPLORE_NOBODY;
        return;
    }
    node->fingerprint.low += ((uint64_t)node->last << 16 | node->preemptions) * 0x9e3779b97f4a7c15u;
}

/* --- steps --- */

/* One step from the live state, which is that of `from`. True when the search is over. */
static bool take(struct search *search, uint32_t from, uint32_t slot)
{
    struct engine *engine = search->subject->engine;
    struct explored *explored = search->subject->explored;
    const struct explore_node *parent = &search->graph.nodes[from];
    struct explore_node node = {
        .parent = from, .slot = (uint16_t)slot, .last = parent->last, .preemptions = parent->preemptions
    };
    bool is_new;

    node.preemptions = (uint16_t)(node.preemptions + is_preemption(engine, parent, slot));
    if (node.preemptions > search->limits->preemptions) {
        search->is_pruned = true;
        return false;
    }
    if (engine->slots[slot].actor != NULL)
        node.last = (uint16_t)slot;
    search->outcome->transitions++;
    engine_step(engine, slot);
    node.fingerprint = explore_state_capture(&search->state);
    bound_fingerprint(search, &node);
    uint32_t to = explore_graph_add(&search->graph, &node, &is_new);
    explore_graph_edge(&search->graph, from, to);
    if (explored->violation.kind != VIOLATION_NONE) {
        /* The state may be known; the way here is as short as any. */
        struct violation violation = explored->violation;
        explored->violation.kind = VIOLATION_NONE;
        found(search, &violation, to);
        return true;
    }
    if (!is_new)
        return false;
    bool is_end = eventq_key_time(eventq_next(&engine->queue)) == CYCLES_NEVER;
    if (judge(search, to, is_end))
        return true;
    if (is_end)
        return false;
    struct open_state row = { .node = to };
    row.difference = explore_state_copy(&search->state, &row.bytes);
    level_add(&search->next, row);
    return stop_at_limit(search);
}

static bool expand(struct search *search, const struct open_state *open)
{
    uint16_t slots[EVENTQ_SLOTS_MAX];
    uint32_t count;

    explore_state_restore(&search->state, open->difference);
    count = pending_slots(search->subject->engine, slots);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            explore_state_restore(&search->state, open->difference);
        if (take(search, open->node, slots[i]))
            return true;
    }
    return false;
}

static bool expand_level(struct search *search)
{
    bool is_over = false;

    /* What is found goes into the next level; the analyzer loses it there. */
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc)
    for (size_t i = 0; i < search->open.count; i++) {
        struct open_state *row = &search->open.rows[i];
        is_over = is_over || expand(search, row);
        free(row->difference);
        row->difference = NULL;
    }
    level_free(&search->open);
    search->open = search->next;
    search->next = (struct level){ .count = 0 };
    return is_over;
}

/* Complete and without a violation so far: can everything still end, wherever it has got to? */
static void find_endless_wait(struct search *search)
{
    struct violation violation = { .kind = VIOLATION_ENDLESS_WAIT };
    uint32_t node = explore_graph_first_endless(&search->graph);

    if (node == EXPLORE_NO_NODE)
        return;
    (void)snprintf(violation.text, sizeof(violation.text),
                   "from here on nothing can end: those that are still going wait for each other or for nobody");
    found(search, &violation, node);
}

static void run(struct search *search)
{
    struct explore_outcome *outcome = search->outcome;
    struct explore_node root = { .parent = EXPLORE_NO_NODE, .last = EXPLORE_NOBODY };
    struct open_state open = { .node = 0 };
    bool is_new, is_over = false;

    root.fingerprint = explore_state_capture(&search->state);
    bound_fingerprint(search, &root);
    open.node = explore_graph_add(&search->graph, &root, &is_new);
    bool is_end = eventq_key_time(eventq_next(&search->subject->engine->queue)) == CYCLES_NEVER;
    if (judge(search, open.node, is_end) || is_end)
        return;
    open.difference = explore_state_copy(&search->state, &open.bytes);
    level_add(&search->open, open);
    while (!is_over && search->open.count > 0) {
        if (outcome->depth == search->limits->depth) {
            outcome->limit = "depth";
            break;
        }
        is_over = expand_level(search);
        if (!is_over && search->open.count > 0)
            outcome->depth++;
    }
    if (outcome->limit == NULL && search->is_pruned)
        outcome->limit = "preemptions";
    if (outcome->verdict == EXPLORE_VIOLATION)
        return;
    if (outcome->limit != NULL)
        outcome->verdict = EXPLORE_INCOMPLETE;
    else
        find_endless_wait(search);
}

void explore_search(const struct explore_subject *subject, const struct explore_limits *limits,
                    struct explore_outcome *outcome)
{
    struct search search = { .subject = subject, .limits = limits, .outcome = outcome };

    *outcome = (struct explore_outcome){ .verdict = EXPLORE_CLEAN };
    if (!explore_state_init(&search.state, subject->engine)) {
        outcome->verdict = EXPLORE_INCOMPLETE;
        outcome->limit = "size of a state";
        return;
    }
    explore_graph_init(&search.graph);
    check_context_set(&subject->engine->context);
    run(&search);
    check_context_set(NULL);
    outcome->states = search.graph.node_count;
    level_free(&search.open);
    level_free(&search.next);
    explore_graph_free(&search.graph);
    explore_state_free(&search.state);
}

void explore_outcome_free(struct explore_outcome *outcome)
{
    free(outcome->trace);
    *outcome = (struct explore_outcome){ .trace_count = 0 };
}
