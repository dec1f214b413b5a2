/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of protocol buffers, encoded by hand; private to perfetto_write.c.
 */
#ifndef FORMATS_PERFETTO_WIRE_H
#define FORMATS_PERFETTO_WIRE_H

#include <string.h>

#include "formats/output.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };
enum { NUMBER_BYTES = 20 }; /* that a field takes at most whose value is a number */

/* These encode a field to a place with room for it, and return the place behind. */

static inline uint8_t *varint(uint8_t *to, uint64_t value)
{
    while (value > 0x7f) {
        *to++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *to++ = (uint8_t)value;
    return to;
}

/* Of the field with this value; or of the tag and the length of a field of so many bytes. */
static inline size_t number_bytes(uint32_t field, uint64_t value)
{
    size_t tag_bits = 64 - (size_t)__builtin_clzll(field << 3 | 1), bits = 64 - (size_t)__builtin_clzll(value | 1);

    return (tag_bits + 6) / 7 + (bits + 6) / 7;
}

static inline uint8_t *number(uint8_t *to, uint32_t field, uint64_t value)
{
    return varint(varint(to, field << 3 | WIRE_VARINT), value);
}

static inline uint8_t *fixed(uint8_t *to, uint32_t field, uint64_t value)
{
    return encode_u64(varint(to, field << 3 | WIRE_FIXED64), value);
}

static inline uint8_t *blob(uint8_t *to, uint32_t field, const void *data, size_t count)
{
    return encode_bytes(varint(varint(to, field << 3 | WIRE_BYTES), count), data, count);
}

static inline uint8_t *text(uint8_t *to, uint32_t field, const char *text)
{
    return blob(to, field, text, strlen(text));
}

#endif
