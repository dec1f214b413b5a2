/* SPDX-License-Identifier: Apache-2.0
 *
 * What one process of a partitioned search sends to another: a growing sequence of 32-bit words.
 */
#ifndef EXPLORE_PARCEL_H
#define EXPLORE_PARCEL_H

#include <stddef.h>
#include <stdint.h>

struct parcel {
    uint32_t *words;
    size_t count, max;
};

/* Adds a word, a number of two words, or `count` words, for which it returns the place. */
void parcel_put(struct parcel *parcel, uint32_t word);
void parcel_put_long(struct parcel *parcel, uint64_t number);
uint32_t *parcel_add(struct parcel *parcel, size_t count);
/* `bytes`: a multiple of 4. */
void parcel_put_bytes(struct parcel *parcel, const void *from, size_t bytes);

static inline void parcel_clear(struct parcel *parcel) { parcel->count = 0; }

void parcel_free(struct parcel *parcel);

/* Reads a parcel from `at` on. Reading beyond its end is a CHECK failure. */
struct parcel_reader {
    const struct parcel *parcel;
    size_t at;
};

static inline size_t parcel_rest(const struct parcel_reader *reader) { return reader->parcel->count - reader->at; }

uint32_t parcel_get(struct parcel_reader *reader);
uint64_t parcel_get_long(struct parcel_reader *reader);
const uint32_t *parcel_take(struct parcel_reader *reader, size_t count);
void parcel_get_bytes(struct parcel_reader *reader, void *to, size_t bytes);

#endif
