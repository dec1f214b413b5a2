/* SPDX-License-Identifier: Apache-2.0
 *
 * Footprints and sets are strings of words, each stored once.
 */
#include "explore/sleep.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "explore/hash_table.h"

/* In a word of a footprint, above whether the place is written: the number of the place's 8 bytes in the arena. */
#define PLACE_SHIFT 1

/* In a word of a set: the slot above the footprint. */
#define SLOT_SHIFT 32

#define FOOTPRINTS_MAX ((uint64_t)1 << 20)

void sleep_init(struct sleep *sleep, const struct arena *arena)
{
    sleep->arena = arena;
    strings_init(&sleep->footprints, FOOTPRINTS_MAX, 16 * FOOTPRINTS_MAX);
    strings_init(&sleep->sets, (uint64_t)1 << SLEEP_ID_BITS, (uint64_t)8 << SLEEP_ID_BITS);
}

void sleep_free(struct sleep *sleep)
{
    strings_free(&sleep->footprints);
    strings_free(&sleep->sets);
}

/* --- footprints --- */

/* The first word of a footprint: the low half has a bit for each place, the high half for each one written. */
static uint64_t summary_of(const uint64_t *places, uint32_t count)
{
    uint64_t summary = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t bit = (uint64_t)1 << (hash_fold(places[i] >> PLACE_SHIFT, 0x9e3779b97f4a7c15u) & 31);
        summary |= bit | ((places[i] & 1) != 0 ? bit << 32 : 0);
    }
    return summary;
}

static uint32_t footprint_add_words(struct sleep *sleep, const uint64_t *places, uint32_t count)
{
    uint64_t words[1 + FOOTPRINT_PLACES_MAX];

    words[0] = summary_of(places, count);
    for (uint32_t i = 0; i < count; i++)
        words[1 + i] = places[i];
    return strings_add(&sleep->footprints, words, 1 + count);
}

uint32_t sleep_footprint(struct sleep *sleep, const struct footprint *footprint)
{
    uint64_t places[FOOTPRINT_PLACES_MAX];

    if (footprint->is_everything)
        return SLEEP_EVERYTHING;
    for (uint32_t i = 0; i < footprint->count; i++) {
        size_t offset = (size_t)((const char *)footprint->places[i].place - sleep->arena->base);
        places[i] = (uint64_t)(offset / sizeof(uint64_t)) << PLACE_SHIFT | footprint->places[i].is_written;
    }
    return footprint_add_words(sleep, places, footprint->count);
}

bool sleep_commute(const struct sleep *sleep, uint32_t a, uint32_t b)
{
    uint32_t a_count, b_count;
    const uint64_t *a_words, *b_words;

    if (a == SLEEP_EVERYTHING || b == SLEEP_EVERYTHING)
        return false;
    a_words = strings_words(&sleep->footprints, a, &a_count);
    b_words = strings_words(&sleep->footprints, b, &b_count);
    if ((uint32_t)((a_words[0] & b_words[0] >> 32) | (b_words[0] & a_words[0] >> 32)) == 0)
        return true;
    for (uint32_t i = 1; i < a_count; i++)
        for (uint32_t j = 1; j < b_count; j++)
            if ((a_words[i] ^ b_words[j]) >> PLACE_SHIFT == 0 && ((a_words[i] | b_words[j]) & 1) != 0)
                return false;
    return true;
}

/* --- sets --- */

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

static uint32_t set_add(struct sleep *sleep, const struct sleepers *sleepers)
{
    uint64_t words[SLEEPERS_MAX];

    for (uint32_t i = 0; i < sleepers->count; i++)
        words[i] = (uint64_t)sleepers->of[i].slot << SLOT_SHIFT | sleepers->of[i].footprint;
    return sleepers->count > 0 ? strings_add(&sleep->sets, words, sleepers->count) : STRINGS_NONE;
}

uint32_t sleep_set_after(struct sleep *sleep, const struct sleepers *sleepers, uint32_t footprint)
{
    struct sleepers left;

    left.count = 0;
    for (uint32_t i = 0; i < sleepers->count; i++)
        if (sleep_commute(sleep, sleepers->of[i].footprint, footprint))
            left.of[left.count++] = sleepers->of[i];
    return set_add(sleep, &left);
}

void sleep_add(struct sleepers *sleepers, struct sleeper sleeper)
{
    if (sleeper.footprint != SLEEP_EVERYTHING && sleepers->count < SLEEPERS_MAX)
        sleepers->of[sleepers->count++] = sleeper;
}

/* --- sets outside of the process: of each sleeper the slot, the number of places, and the places --- */

uint32_t sleep_export(const struct sleep *sleep, uint32_t set, uint64_t *words)
{
    struct sleepers sleepers;
    uint32_t count = 0, footprint_count;

    sleep_load(sleep, set, &sleepers);
    for (uint32_t i = 0; i < sleepers.count; i++) {
        const uint64_t *footprint = strings_words(&sleep->footprints, sleepers.of[i].footprint, &footprint_count);
        words[count++] = sleepers.of[i].slot;
        words[count++] = footprint_count - 1;
        for (uint32_t place = 1; place < footprint_count; place++)
            words[count++] = footprint[place];
    }
    return count;
}

bool sleep_is_export(const uint64_t *words, uint64_t count)
{
    uint64_t sleepers = 0;

    for (uint64_t at = 0; at < count; at += 2 + words[at + 1], sleepers++)
        if (count - at < 2 || words[at] >= EVENTQ_SLOTS_MAX || words[at + 1] > FOOTPRINT_PLACES_MAX ||
            words[at + 1] > count - at - 2)
            return false;
    return sleepers <= SLEEPERS_MAX;
}

uint32_t sleep_import(struct sleep *sleep, const uint64_t *words, uint32_t count)
{
    struct sleepers sleepers = { .count = 0 };

    CHECK(sleep_is_export(words, count));
    for (uint32_t at = 0; at < count; at += 2 + (uint32_t)words[at + 1]) {
        uint32_t footprint = footprint_add_words(sleep, &words[at + 2], (uint32_t)words[at + 1]);
        sleepers.of[sleepers.count++] = (struct sleeper){ (uint32_t)words[at], footprint };
    }
    return set_add(sleep, &sleepers);
}

uint64_t sleep_bytes(const struct sleep *sleep)
{
    return strings_bytes(&sleep->footprints) + strings_bytes(&sleep->sets);
}
