/* SPDX-License-Identifier: Apache-2.0 */
#include "explore/sleep.h"

#include <stddef.h>

#include "base/check.h"

/* In a word of a footprint: the place's address, and whether the place is written. */
#define PLACE_SHIFT 1

/* In a word of a set: the slot above the footprint. */
#define SLOT_SHIFT 32

#define FOOTPRINTS_MAX ((uint64_t)1 << 20)

bool sleep_init(struct sleep *sleep)
{
    return strings_init(&sleep->footprints, FOOTPRINTS_MAX, 4 * FOOTPRINTS_MAX) &&
           strings_init(&sleep->sets, (uint64_t)1 << SLEEP_ID_BITS, (uint64_t)8 << SLEEP_ID_BITS);
}

void sleep_free(struct sleep *sleep)
{
    strings_free(&sleep->footprints);
    strings_free(&sleep->sets);
}

uint32_t sleep_footprint(struct sleep *sleep, const struct footprint *footprint)
{
    uint64_t words[1 + FOOTPRINT_PLACES_MAX];

    if (footprint->is_everything)
        return SLEEP_EVERYTHING;
    words[0] = footprint->count;
    for (uint32_t i = 0; i < footprint->count; i++)
        words[1 + i] = (uint64_t)(uintptr_t)footprint->places[i].place << PLACE_SHIFT | footprint->places[i].is_written;
    return strings_add(&sleep->footprints, words, 1 + footprint->count);
}

bool sleep_commute(const struct sleep *sleep, uint32_t a, uint32_t b)
{
    uint32_t a_count, b_count;
    const uint64_t *a_words, *b_words;

    if (a == SLEEP_EVERYTHING || b == SLEEP_EVERYTHING)
        return false;
    a_words = strings_words(&sleep->footprints, a, &a_count);
    b_words = strings_words(&sleep->footprints, b, &b_count);
    for (uint32_t i = 1; i < a_count; i++)
        for (uint32_t j = 1; j < b_count; j++)
            if ((a_words[i] ^ b_words[j]) >> PLACE_SHIFT == 0 && ((a_words[i] | b_words[j]) & 1) != 0)
                return false;
    return true;
}

void sleep_load(const struct sleep *sleep, uint32_t set, struct sleepers *sleepers)
{
    const uint64_t *words;

    sleepers->count = 0;
    if (set == STRINGS_NONE)
        return;
    words = strings_words(&sleep->sets, set, &sleepers->count);
    for (uint32_t i = 0; i < sleepers->count; i++)
        sleepers->of[i] = (struct sleeper){ (uint32_t)(words[i] >> SLOT_SHIFT), (uint32_t)words[i] };
}

bool sleep_is_asleep(const struct sleepers *sleepers, uint32_t slot)
{
    for (uint32_t i = 0; i < sleepers->count; i++)
        if (sleepers->of[i].slot == slot)
            return true;
    return false;
}

uint32_t sleep_set_after(struct sleep *sleep, const struct sleepers *sleepers, uint32_t footprint)
{
    uint64_t words[sizeof(sleepers->of) / sizeof(sleepers->of[0])];
    uint32_t count = 0;

    if (footprint == SLEEP_EVERYTHING)
        return STRINGS_NONE;
    for (uint32_t i = 0; i < sleepers->count; i++)
        if (sleep_commute(sleep, sleepers->of[i].footprint, footprint))
            words[count++] = (uint64_t)sleepers->of[i].slot << SLOT_SHIFT | sleepers->of[i].footprint;
    return count > 0 ? strings_add(&sleep->sets, words, count) : STRINGS_NONE;
}

void sleep_add(struct sleepers *sleepers, struct sleeper sleeper)
{
    if (sleeper.footprint != SLEEP_EVERYTHING && sleepers->count < sizeof(sleepers->of) / sizeof(sleepers->of[0]))
        sleepers->of[sleepers->count++] = sleeper;
}

uint64_t sleep_bytes(const struct sleep *sleep)
{
    return strings_bytes(&sleep->footprints) + strings_bytes(&sleep->sets);
}
