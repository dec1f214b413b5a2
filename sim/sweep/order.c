/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of which nothing has ended keep the order of their costs, which one factor turns into seconds; those of which
 * something has ended are searched, for they are few or soon exhausted.
 */
#include "sweep/order.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"

/* What has not been seen to end is taken for longer than its cost says, so that it is seen early: a kind that takes
 * longer than expected does less harm there than at the end. */
#define DOUBT 2.0

struct sweep_order_kind {
    size_t next, end; /* its jobs that are not taken */
    size_t ended;
    double cost, seconds; /* of each job; sum of those that have ended */
};

static int compare_costs(const void *left, const void *right)
{
    const struct sweep_order_kind *a = *(struct sweep_order_kind *const *)left;
    const struct sweep_order_kind *b = *(struct sweep_order_kind *const *)right;

    if (a->cost != b->cost)
        return a->cost < b->cost ? 1 : -1;
    return (a > b) - (a < b);
}

void sweep_order_init(struct sweep_order *order, const struct sweep_order_job *jobs, size_t count)
{
    *order = (struct sweep_order){ .count = count };
    order->kinds = calloc(count + 1, sizeof *order->kinds);
    order->kind_of = calloc(count + 1, sizeof(struct sweep_order_kind *));
    order->unknown = calloc(count + 1, sizeof(struct sweep_order_kind *));
    order->known = calloc(count + 1, sizeof(struct sweep_order_kind *));
    CHECK(order->kinds != NULL && order->kind_of != NULL && order->unknown != NULL && order->known != NULL);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || jobs[i].kind != jobs[i - 1].kind) {
            struct sweep_order_kind *kind = &order->kinds[order->unknown_count];
            *kind = (struct sweep_order_kind){ .next = i, .cost = jobs[i].cost };
            order->unknown[order->unknown_count++] = kind;
        }
        order->kind_of[i] = &order->kinds[order->unknown_count - 1];
        order->kind_of[i]->end = i + 1;
    }
    qsort(order->unknown, order->unknown_count, sizeof(struct sweep_order_kind *), compare_costs);
}

void sweep_order_free(struct sweep_order *order)
{
    free(order->kinds);
    free(order->kind_of);
    free(order->unknown);
    free(order->known);
    *order = (struct sweep_order){ 0 };
}

/* The kind of which nothing has ended that costs most; NULL when there is none with jobs left. */
static struct sweep_order_kind *next_unknown(struct sweep_order *order)
{
    for (; order->next_unknown < order->unknown_count; order->next_unknown++) {
        struct sweep_order_kind *kind = order->unknown[order->next_unknown];
        if (kind->ended == 0 && kind->next < kind->end)
            return kind;
    }
    return NULL;
}

static double mean_seconds(const struct sweep_order_kind *kind) { return kind->seconds / (double)kind->ended; }

/* The kind of which something has ended that takes longest. Forgets kinds without jobs left. */
static struct sweep_order_kind *longest_known(struct sweep_order *order)
{
    struct sweep_order_kind *longest = NULL;
    size_t kept = 0;

    for (size_t i = 0; i < order->known_count; i++) {
        struct sweep_order_kind *kind = order->known[i];
        if (kind->next == kind->end)
            continue;
        order->known[kept++] = order->known[i];
        if (longest == NULL || mean_seconds(kind) > mean_seconds(longest))
            longest = kind;
    }
    order->known_count = kept;
    return longest;
}

size_t sweep_order_next(struct sweep_order *order)
{
    struct sweep_order_kind *unknown = next_unknown(order), *known = longest_known(order), *kind = unknown;

    if (unknown == NULL && known == NULL)
        return SIZE_MAX;
    if (unknown == NULL || (known != NULL && order->cost > 0 &&
                            mean_seconds(known) > DOUBT * unknown->cost * order->seconds / order->cost))
        kind = known;
    return kind->next++;
}

void sweep_order_ended(struct sweep_order *order, size_t job, double seconds)
{
    CHECK(job < order->count);
    struct sweep_order_kind *kind = order->kind_of[job];

    if (kind->ended++ == 0 && kind->next < kind->end)
        order->known[order->known_count++] = kind;
    kind->seconds += seconds;
    order->seconds += seconds;
    order->cost += kind->cost;
}
