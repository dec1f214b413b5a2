/* SPDX-License-Identifier: Apache-2.0
 *
 * A file written piece by piece: beside its destination, synced and renamed at the end, so that a kill leaves the old
 * file or the new one. Errors are kept until then.
 */
#ifndef FORMATS_OUTPUT_H
#define FORMATS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct output {
    FILE *file;
    char *path, *temporary; /* temporary is NULL for what is no regular file */
    bool is_forced, has_failed;
    int error;
    uint64_t bytes;
};

/* False with a message; then nothing is to be closed. */
bool output_open(struct output *output, const char *path, bool force, char *message, size_t message_bytes);
void output_write(struct output *output, const void *bytes, size_t count);

/* The file is there, or it is not and the message says why. */
bool output_commit(struct output *output, char *message, size_t message_bytes);
void output_abandon(struct output *output);

/* Bytes in memory, growing. */
struct bytes {
    uint8_t *data;
    size_t count, capacity;
};

void bytes_put(struct bytes *bytes, const void *data, size_t count);
void bytes_put_u16(struct bytes *bytes, uint16_t value); /* little-endian, as all here */
void bytes_put_u32(struct bytes *bytes, uint32_t value);
void bytes_put_u64(struct bytes *bytes, uint64_t value);
void bytes_put_text(struct bytes *bytes, const char *text); /* with its terminating zero */
void bytes_pad(struct bytes *bytes, size_t multiple);       /* zeros to the next multiple */
void bytes_free(struct bytes *bytes);

#endif
