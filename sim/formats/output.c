/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes files piece by piece while a run goes on, and collects bytes in memory.
 */
#include "formats/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

bool output_open(struct output *output, const char *path, bool force, char *message, size_t message_bytes)
{
    *output = (struct output){ .bytes = 0 };
    if (!strcmp(path, "-")) {
        snprintf(message, message_bytes, "a trace cannot be written to standard output: name a file");
        return false;
    }
    return file_can_write(path, force, message, message_bytes) &&
           file_open(&output->file, path, force, message, message_bytes);
}

void output_write(struct output *output, const void *bytes, size_t count)
{
    if (count > 0)
        (void)fwrite(bytes, 1, count, output->file.stream); /* its error is told by output_commit */
    output->bytes += count;
}

bool output_commit(struct output *output, char *message, size_t message_bytes)
{
    return file_commit(&output->file, message, message_bytes);
}

void output_abandon(struct output *output) { file_abandon(&output->file); }

uint8_t *bytes_grow(struct bytes *bytes, size_t count)
{
    bytes->capacity = (bytes->count + count) * 2 + 64;
    bytes->data = realloc(bytes->data, bytes->capacity);
    CHECK(bytes->data != NULL);
    return bytes->data + bytes->count;
}

void bytes_put(struct bytes *bytes, const void *data, size_t count)
{
    if (count > 0)
        bytes_end(bytes, encode_bytes(bytes_begin(bytes, count), data, count));
}

void bytes_put_u16(struct bytes *bytes, uint16_t value) { bytes_end(bytes, encode_u16(bytes_begin(bytes, 2), value)); }

void bytes_put_u32(struct bytes *bytes, uint32_t value) { bytes_end(bytes, encode_u32(bytes_begin(bytes, 4), value)); }

void bytes_put_u64(struct bytes *bytes, uint64_t value) { bytes_end(bytes, encode_u64(bytes_begin(bytes, 8), value)); }
void bytes_put_text(struct bytes *bytes, const char *text) { bytes_put(bytes, text, strlen(text) + 1); }

void bytes_pad(struct bytes *bytes, size_t multiple)
{
    static const uint8_t zeros[64];

    while (bytes->count % multiple != 0) {
        size_t count = multiple - bytes->count % multiple;
        bytes_put(bytes, zeros, count < sizeof zeros ? count : sizeof zeros);
    }
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){ 0 };
}
