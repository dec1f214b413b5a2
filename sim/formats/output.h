/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that is written piece by piece under a temporary name, and synced and renamed at the end, so that a crash
 * leaves either the old file or the complete new one. Write errors are reported at the end.
 */
#ifndef FORMATS_OUTPUT_H
#define FORMATS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct output {
    FILE *file;
    char *path, *temporary; /* temporary is NULL when the path is not a regular file */
    bool is_forced, has_failed;
    int error;
    uint64_t bytes;
};

/* Opens the temporary file. An existing file is overwritten only with `force`. False with a message on failure; the
 * output then needs no cleanup. */
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
void bytes_put_text(struct bytes *bytes, const char *text); /* including the terminating zero */
void bytes_pad(struct bytes *bytes, size_t multiple);       /* pads with zeros to a multiple */
void bytes_free(struct bytes *bytes);

#endif
