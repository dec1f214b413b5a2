/* SPDX-License-Identifier: Apache-2.0
 *
 * Words in an array that doubles when it is full.
 */
#include "explore/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

uint32_t *parcel_add(struct parcel *parcel, size_t count)
{
    if (parcel->max - parcel->count < count) {
        parcel->max = 2 * parcel->max + count + 1024;
        parcel->words = realloc(parcel->words, parcel->max * sizeof(*parcel->words));
        CHECK(parcel->words != NULL);
    }
    parcel->count += count;
    return &parcel->words[parcel->count - count];
}

void parcel_put(struct parcel *parcel, uint32_t word) { *parcel_add(parcel, 1) = word; }

void parcel_put_long(struct parcel *parcel, uint64_t number)
{
    uint32_t *words = parcel_add(parcel, 2);

    words[0] = (uint32_t)number;
    words[1] = (uint32_t)(number >> 32);
}

void parcel_put_bytes(struct parcel *parcel, const void *from, size_t bytes)
{
    CHECK(bytes % sizeof(uint32_t) == 0);
    if (bytes > 0)
        memcpy(parcel_add(parcel, bytes / sizeof(uint32_t)), from, bytes);
}

void parcel_free(struct parcel *parcel)
{
    free(parcel->words);
    *parcel = (struct parcel){ .count = 0 };
}

const uint32_t *parcel_take(struct parcel_reader *reader, size_t count)
{
    CHECK(count <= parcel_rest(reader));
    reader->at += count;
    return &reader->parcel->words[reader->at - count];
}

uint32_t parcel_get(struct parcel_reader *reader) { return *parcel_take(reader, 1); }

uint64_t parcel_get_long(struct parcel_reader *reader)
{
    const uint32_t *words = parcel_take(reader, 2);

    return (uint64_t)words[1] << 32 | words[0];
}

void parcel_get_bytes(struct parcel_reader *reader, void *to, size_t bytes)
{
    CHECK(bytes % sizeof(uint32_t) == 0);
    memcpy(to, parcel_take(reader, bytes / sizeof(uint32_t)), bytes);
}
