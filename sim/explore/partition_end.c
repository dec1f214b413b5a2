/* SPDX-License-Identifier: Apache-2.0
 *
 * What the processes of a partitioned search put together when it is over.
 */

#include "base/array.h"
#include "base/check.h"
#include "explore/partition.h"

static void put_sums(const struct search *search, const struct explore_outcome *outcome, struct parcel *parcel)
{
    const struct explored *explored = search->subject->explored;

    parcel_put_long(parcel, outcome->transitions);
    parcel_put_long(parcel, outcome->ends);
    parcel_put_long(parcel, outcome->suspicious);
    parcel_put(parcel, search->partition->deepest);
    parcel_put(parcel, explored->store_buffer_was_full != NULL && *explored->store_buffer_was_full);
    if (explored->order != NULL)
        parcel_put_bytes(parcel, explored->order, sizeof(*explored->order));
}

static void get_sums(const struct search *search, struct explore_outcome *outcome, struct parcel_reader *reader)
{
    const struct explored *explored = search->subject->explored;
    struct lock_order order;

    outcome->transitions += parcel_get_long(reader);
    outcome->ends += parcel_get_long(reader);
    outcome->suspicious += parcel_get_long(reader);
    uint32_t deepest = parcel_get(reader);
    outcome->depth = deepest > outcome->depth ? deepest : outcome->depth;
    if (parcel_get(reader) != 0 && explored->store_buffer_was_full != NULL)
        *explored->store_buffer_was_full = true;
    if (explored->order == NULL)
        return;
    parcel_get_bytes(reader, &order, sizeof(order));
    lock_order_merge(explored->order, &order);
}

void partition_sum(struct search *search, struct explore_outcome *outcome)
{
    struct partition *partition = search->partition;

    outcome->depth = partition->deepest;
    for (uint32_t peer = 0; peer < partition->peers->size; peer++)
        put_sums(search, outcome, &partition->say[peer]);
    partition_exchange(partition);
    for (uint32_t peer = 0; peer < partition->peers->size; peer++) {
        struct parcel_reader reader = { &partition->in[peer], 0 };
        if (peer != partition->peers->self)
            get_sums(search, outcome, &reader);
    }
}

uint64_t partition_origin_of(struct search *search, uint32_t rank)
{
    struct partition *partition = search->partition;
    uint64_t place = partition_place(search, rank), origin = UINT64_MAX;

    if (place < visited_ranks(&search->visited) && partition->ranks_of[place] == rank) {
        origin = visited_origin_of(&search->visited, (uint32_t)place);
        for (uint32_t peer = 0; peer < partition->peers->size; peer++)
            parcel_put_long(&partition->say[peer], origin);
    }
    partition_exchange(partition);
    for (uint32_t peer = 0; peer < partition->peers->size; peer++) {
        struct parcel_reader reader = { &partition->in[peer], 0 };
        if (parcel_rest(&reader) > 0)
            origin = parcel_get_long(&reader);
    }
    CHECK(origin != UINT64_MAX);
    return origin;
}

uint16_t *partition_path(struct search *search, uint64_t origin, size_t *count)
{
    size_t length = 0;
    uint16_t *path = NULL;

    for (bool is_first = false; !is_first;) {
        path = array_grown(path, length, sizeof(*path));
        path[length++] = (uint16_t)visited_origin_slot(origin);
        is_first = visited_origin_rank(origin) == 0;
        if (!is_first)
            origin = partition_origin_of(search, visited_origin_rank(origin));
    }
    for (size_t i = 0; i < length / 2; i++) {
        uint16_t slot = path[i];
        path[i] = path[length - 1 - i];
        path[length - 1 - i] = slot;
    }
    *count = length;
    return path;
}
