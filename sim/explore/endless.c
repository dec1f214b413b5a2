/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps are not stored. From nearly all states a step leads to one of a higher rank (visited.onward), so that following
 * these leads to an end or to a state with none, a turning point. Turning points are expanded again: if each reaches an
 * end, over states that lead to others, all states do. Otherwise the states that lead to the remaining turning points
 * are expanded again, too, which gives all steps among them.
 */
#include "explore/endless.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/endless_edges.h"
#include "explore/partition.h"

#define REACHES_END UINT32_MAX

/* Nodes with edges, of which some are known to reach an end. */
struct reach {
    bool *can_end;
    uint32_t count;
    uint32_t (*edges)[2]; /* from, to */
    uint64_t edge_count, edge_max;
    uint64_t end;           /* of the range */
    const uint32_t *onward; /* nodes are turning points: those that ranks lead to */
    const uint32_t *ranks;  /* nodes are states: their ranks, ascending */
};

static void *allocate(uint64_t count, size_t bytes)
{
    void *memory = calloc(count + 1, bytes);

    CHECK(memory != NULL);
    return memory;
}

static void reach_open(struct reach *reach, uint32_t count)
{
    *reach = (struct reach){ .count = count, .can_end = allocate(count, sizeof(*reach->can_end)) };
}

static void reach_close(struct reach *reach)
{
    free(reach->can_end);
    free(reach->edges);
}

static void edge_add(struct reach *reach, uint32_t from, uint32_t to)
{
    if (reach->edge_count == reach->edge_max) {
        reach->edge_max = 2 * reach->edge_max + 1024;
        reach->edges = realloc(reach->edges, reach->edge_max * sizeof(*reach->edges));
        CHECK(reach->edges != NULL);
    }
    reach->edges[reach->edge_count][0] = from;
    reach->edges[reach->edge_count++][1] = to;
}

/* Follows the edges backwards from the nodes that can end. Returns whether all nodes can. */
static bool reach_close_over(struct reach *reach)
{
    uint64_t *starts = allocate(reach->count + 1ull, sizeof(*starts));
    uint32_t *sources = allocate(reach->edge_count, sizeof(*sources)), *queue = allocate(reach->count, sizeof(*queue));
    uint32_t tail = 0;

    for (uint64_t i = 0; i < reach->edge_count; i++)
        starts[reach->edges[i][1] + 1]++;
    for (uint32_t node = 0; node < reach->count; node++)
        starts[node + 1] += starts[node];
    for (uint64_t i = reach->edge_count; i-- > 0;)
        sources[--starts[reach->edges[i][1] + 1]] = reach->edges[i][0];
    /* starts[node + 1] is now where the sources of `node` begin, and those of the next node begin where they end. */
    for (uint32_t node = 0; node < reach->count; node++)
        if (reach->can_end[node])
            queue[tail++] = node;
    for (uint32_t head = 0; head < tail; head++) {
        uint32_t node = queue[head];
        uint64_t end = node + 1 < reach->count ? starts[node + 2] : reach->edge_count;
        for (uint64_t i = starts[node + 1]; i < end; i++)
            if (!reach->can_end[sources[i]]) {
                reach->can_end[sources[i]] = true;
                queue[tail++] = sources[i];
            }
    }
    free(starts);
    free(sources);
    free(queue);
    return tail == reach->count;
}

/* Whether the state is an end, or may reach one by steps that were not taken. */
static bool is_way_out(const struct search *search, const struct endless_range *range, uint32_t place)
{
    return expand_is_end(search, place) ||
           (partition_rank(search, place) >= range->bounded && expand_has_preemptions(search, place));
}

/* Lets the ways out lead beyond the range, and so to an end. */
static void mark_ways_out(struct search *search, const struct endless_range *range)
{
    uint64_t places = visited_ranks(&search->visited);

    for (uint64_t place = 0; place < places && partition_rank(search, (uint32_t)place) < range->end; place++)
        if (is_way_out(search, range, (uint32_t)place))
            search->visited.onward[place] = (uint32_t)range->end;
}

/* --- turning points --- */

/* Replaces each state's step onward by where such steps lead: a turning point's number, or REACHES_END. Returns the
 * turning points, which the caller frees. */
static uint32_t *find_turning_points(const struct endless_range *range, uint32_t *onward, uint32_t *count)
{
    uint32_t *points = NULL, max = 0;

    *count = 0;
    for (uint64_t i = range->end; i-- > 0;) {
        uint32_t rank = (uint32_t)i;
        if (onward[rank] != VISITED_NO_RANK) {
            onward[rank] = onward[rank] < range->end ? onward[onward[rank]] : REACHES_END;
        } else {
            if (*count == max) {
                max = 2 * max + 1024;
                points = realloc(points, max * sizeof(*points));
                CHECK(points != NULL);
            }
            points[*count] = rank;
            onward[rank] = (*count)++;
        }
    }
    return points;
}

/* An edge from a turning point, over the states onward. */
static void point_edge(void *context, uint32_t point, uint32_t to)
{
    struct reach *reach = context;

    if (to >= reach->end || reach->onward[to] == REACHES_END)
        reach->can_end[point] = true;
    else
        edge_add(reach, point, reach->onward[to]);
}

/* --- the states that lead to turning points which may reach no end --- */

static uint32_t find_rank(const uint32_t *ranks, uint32_t count, uint32_t rank)
{
    uint32_t from = 0;

    while (count > 0) {
        uint32_t half = count / 2;
        if (ranks[from + half] < rank) {
            from += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return from;
}

/* An edge among these states; the others can end. */
static void state_edge(void *context, uint32_t node, uint32_t to)
{
    struct reach *reach = context;
    uint32_t other = to < reach->end ? find_rank(reach->ranks, reach->count, to) : reach->count;

    if (other == reach->count || reach->ranks[other] != to)
        reach->can_end[node] = true;
    else
        edge_add(reach, node, other);
}

static uint32_t first_of(struct search *search, const struct endless_range *range, const uint32_t *ranks,
                         uint32_t count)
{
    uint32_t first = VISITED_NO_RANK;
    struct reach reach;

    reach_open(&reach, count);
    reach.end = range->end;
    reach.ranks = ranks;
    endless_edges(search, range, ranks, count, state_edge, &reach);
    (void)reach_close_over(&reach);
    for (uint32_t node = 0; node < count && first == VISITED_NO_RANK; node++)
        if (!reach.can_end[node])
            first = ranks[node];
    reach_close(&reach);
    return first;
}

/* `onward`: of all ranks of the range, to be destroyed. */
static uint32_t find_first(struct search *search, const struct endless_range *range, uint32_t *onward)
{
    uint32_t point_count, count = 0, first = VISITED_NO_RANK, *ranks;
    uint32_t *points = find_turning_points(range, onward, &point_count);
    struct reach reach;

    reach_open(&reach, point_count);
    reach.end = range->end;
    reach.onward = onward;
    endless_edges(search, range, points, point_count, point_edge, &reach);
    if (!reach_close_over(&reach)) {
        ranks = allocate(range->end, sizeof(*ranks));
        for (uint32_t rank = 0; rank < range->end; rank++)
            if (onward[rank] != REACHES_END && !reach.can_end[onward[rank]])
                ranks[count++] = rank;
        first = first_of(search, range, ranks, count);
        free(ranks);
    }
    reach_close(&reach);
    free(points);
    return first;
}

uint32_t endless_first(struct search *search, struct endless_range range)
{
    uint32_t *onward, first = VISITED_NO_RANK;

    mark_ways_out(search, &range);
    if (!partition_is_divided(search))
        return find_first(search, &range, search->visited.onward);
    onward = endless_gather(search, &range);
    if (onward != NULL)
        first = find_first(search, &range, onward);
    free(onward);
    return endless_together(search, &range, first);
}
