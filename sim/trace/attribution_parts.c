/* SPDX-License-Identifier: Apache-2.0
 *
 * The hash table of an attribution's parts. The key is every field of a part except its time.
 */
#include <stdlib.h>

#include "base/check.h"
#include "trace/attribution.h"

static bool is_same_part(const struct attribution_part *a, const struct attribution_part *b)
{
    return a->victim == b->victim && a->culprit == b->culprit && a->cpu == b->cpu && a->loss == b->loss &&
           a->cause == b->cause && a->what == b->what;
}

static struct attribution_part *slot_of(const struct attribution *attribution, const struct attribution_part *part)
{
    uint64_t first = (uint64_t)part->victim << 32 | part->culprit;
    uint64_t second = (uint64_t)part->what << 32 | (uint64_t)part->cpu << 16 | (uint64_t)part->loss << 8 | part->cause;
    uint64_t key = (first ^ first >> 32) * UINT64_C(0xff51afd7ed558ccd) ^ second;
    key = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(key ^ key >> 32) % attribution->part_capacity;

    while (attribution->parts[at].time != 0 && !is_same_part(&attribution->parts[at], part))
        at = (at + 1) % attribution->part_capacity;
    return &attribution->parts[at];
}

static void parts_grow(struct attribution *attribution)
{
    struct attribution_part *old = attribution->parts;
    size_t capacity = attribution->part_capacity;

    attribution->part_capacity = capacity == 0 ? 4096 : capacity * 2;
    attribution->parts = calloc(attribution->part_capacity, sizeof *attribution->parts);
    CHECK(attribution->parts != NULL);
    for (size_t i = 0; i < capacity; i++)
        if (old[i].time != 0)
            *slot_of(attribution, &old[i]) = old[i];
    free(old);
}

void attribution_add(struct attribution *attribution, const struct attribution_part *part)
{
    if (part->time == 0)
        return;
    if (2 * attribution->part_count >= attribution->part_capacity)
        parts_grow(attribution);
    struct attribution_part *slot = slot_of(attribution, part);
    if (slot->time == 0) {
        *slot = *part;
        attribution->part_count++;
    } else {
        slot->time += part->time;
    }
}
