/* SPDX-License-Identifier: Apache-2.0
 *
 * See intern.h: a hash table of a power of two of places, at most half full, with linear probing.
 */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "base/text.h"

enum { PLACES_MIN = 64 };

static uint64_t hash_of(uint64_t key, const char *text)
{
    uint64_t hash = key * 0x9e3779b97f4a7c15u;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    hash = (hash ^ hash >> 32) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 29;
}

/* The place of the pair, or the free one where it belongs. */
static uint32_t *place_of(const struct intern *intern, uint64_t key, const char *text)
{
    size_t at = hash_of(key, text) & (intern->place_count - 1);

    for (; intern->places[at] != 0; at = (at + 1) & (intern->place_count - 1)) {
        const struct interned *row = &intern->rows[intern->places[at] - 1];
        if (row->key == key && strcmp(row->text, text) == 0)
            break;
    }
    return &intern->places[at];
}

static void grow(struct intern *intern)
{
    free(intern->places);
    intern->place_count = intern->place_count == 0 ? PLACES_MIN : 2 * intern->place_count;
    intern->places = calloc(intern->place_count, sizeof *intern->places);
    CHECK(intern->places != NULL);
    for (size_t i = 0; i < intern->count; i++)
        *place_of(intern, intern->rows[i].key, intern->rows[i].text) = (uint32_t)i + 1;
}

uint32_t intern_number(struct intern *intern, uint64_t key, const char *text)
{
    if (2 * intern->count >= intern->place_count)
        grow(intern);
    uint32_t *place = place_of(intern, key, text);
    if (*place == 0) {
        CHECK(intern->count < UINT32_MAX - 1);
        intern->rows = array_grown(intern->rows, intern->count, sizeof *intern->rows);
        intern->rows[intern->count++] = (struct interned){ key, text_copy(text) };
        *place = (uint32_t)intern->count;
    }
    return *place - 1;
}

bool intern_find(const struct intern *intern, uint64_t key, const char *text, uint32_t *number)
{
    uint32_t place = intern->place_count > 0 ? *place_of(intern, key, text) : 0;

    *number = place - 1;
    return place != 0;
}

void intern_free(struct intern *intern)
{
    for (size_t i = 0; i < intern->count; i++)
        free(intern->rows[i].text);
    free(intern->rows);
    free(intern->places);
    *intern = (struct intern){ .count = 0 };
}
