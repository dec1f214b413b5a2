/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes files piece by piece while a run goes on, and collects bytes in memory.
 */
#define _GNU_SOURCE
#include "formats/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "result/file.h"

static void remember(struct output *output)
{
    if (!output->has_failed)
        output->error = errno;
    output->has_failed = true;
}

bool output_open(struct output *output, const char *path, bool force, char *message, size_t message_bytes)
{
    struct stat status;
    bool is_special = stat(path, &status) == 0 && !S_ISREG(status.st_mode);

    *output = (struct output){ .is_forced = force };
    if (!strcmp(path, "-")) {
        snprintf(message, message_bytes, "a trace cannot be written to standard output: name a file");
        return false;
    }
    if (!result_file_can_write(path, force, message, message_bytes))
        return false;
    output->path = strdup(path);
    CHECK(output->path != NULL);
    if (!is_special)
        CHECK(asprintf(&output->temporary, "%s.%d.tmp", path, (int)getpid()) > 0);
    output->file = fopen(is_special ? path : output->temporary, "we");
    if (output->file != NULL)
        return true;
    snprintf(message, message_bytes, "%s: cannot be created: %s", path, strerror(errno));
    free(output->path);
    free(output->temporary);
    return false;
}

void output_write(struct output *output, const void *bytes, size_t count)
{
    if (count > 0 && fwrite(bytes, 1, count, output->file) != count)
        remember(output);
    output->bytes += count;
}

static void output_free(struct output *output)
{
    free(output->path);
    free(output->temporary);
    *output = (struct output){ 0 };
}

bool output_commit(struct output *output, char *message, size_t message_bytes)
{
    if (fflush(output->file) != 0 || (output->temporary != NULL && fsync(fileno(output->file)) != 0))
        remember(output);
    if (fclose(output->file) != 0)
        remember(output);
    if (!output->has_failed && output->temporary != NULL && !output->is_forced && access(output->path, F_OK) == 0) {
        errno = EEXIST;
        remember(output);
    }
    if (!output->has_failed && output->temporary != NULL && rename(output->temporary, output->path) != 0)
        remember(output);
    bool is_good = !output->has_failed;
    if (!is_good) {
        snprintf(message, message_bytes, "%s: cannot be written: %s", output->path, strerror(output->error));
        if (output->temporary != NULL)
            unlink(output->temporary);
    }
    output_free(output);
    return is_good;
}

void output_abandon(struct output *output)
{
    if (output->file == NULL)
        return;
    fclose(output->file);
    if (output->temporary != NULL)
        unlink(output->temporary);
    output_free(output);
}

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
