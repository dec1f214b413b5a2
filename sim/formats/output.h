/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that is written piece by piece (base/file.h). Write errors are reported at the end.
 */
#ifndef FORMATS_OUTPUT_H
#define FORMATS_OUTPUT_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/file.h"

struct output {
    struct file_writer file;
    uint64_t bytes;
};

/* Opens the temporary file. An existing file is overwritten only with `force`. False with a message on failure; the
 * output then needs no cleanup. It must not move while it is open. */
bool output_open(struct output *output, const char *path, bool force, char *message, size_t message_bytes);
void output_write(struct output *output, const void *bytes, size_t count);

/* Completes the file. On failure returns false with a message and leaves no file. */
bool output_commit(struct output *output, char *message, size_t message_bytes);

/* Removes the temporary file. */
void output_abandon(struct output *output);

/* A growing byte array. */
struct bytes {
    uint8_t *data;
    size_t count, capacity;
};

void bytes_put(struct bytes *bytes, const void *data, size_t count);
void bytes_put_u16(struct bytes *bytes, uint16_t value); /* little-endian, as are the next two */
void bytes_put_u32(struct bytes *bytes, uint32_t value);
void bytes_put_u64(struct bytes *bytes, uint64_t value);

/* Makes room for `count` more bytes, one at least, and returns the place of the first; they belong to the array after
 * bytes_end. */
uint8_t *bytes_grow(struct bytes *bytes, size_t count);
static inline uint8_t *bytes_begin(struct bytes *bytes, size_t count)
{
    if (__builtin_expect(bytes->count + count > bytes->capacity, false))
        return bytes_grow(bytes, count);
    if (bytes->data == NULL)
        __builtin_unreachable(); /* its capacity is 0 */
    return bytes->data + bytes->count;
}

/* The array ends before `end`, a place that bytes_begin made. */
static inline void bytes_end(struct bytes *bytes, const uint8_t *end) { bytes->count = (size_t)(end - bytes->data); }

/* Encode to a place with room for it, and return the place behind: little-endian. One store each, which compilers do
 * not make of stores of bytes where several values follow each other. */
static inline uint8_t *encode_u16(uint8_t *to, uint16_t value)
{
    uint16_t stored = htole16(value);

    memcpy(to, &stored, sizeof stored);
    return to + sizeof stored;
}

static inline uint8_t *encode_u32(uint8_t *to, uint32_t value)
{
    uint32_t stored = htole32(value);

    memcpy(to, &stored, sizeof stored);
    return to + sizeof stored;
}

static inline uint8_t *encode_u64(uint8_t *to, uint64_t value)
{
    uint64_t stored = htole64(value);

    memcpy(to, &stored, sizeof stored);
    return to + sizeof stored;
}

static inline uint8_t *encode_bytes(uint8_t *to, const void *data, size_t count)
{
    if (count > 0)
        memcpy(to, data, count);
    return to + count;
}

void bytes_put_text(struct bytes *bytes, const char *text); /* including the terminating zero */
void bytes_pad(struct bytes *bytes, size_t multiple);       /* pads with zeros to a multiple */
void bytes_free(struct bytes *bytes);

#endif
