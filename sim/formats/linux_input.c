/* SPDX-License-Identifier: Apache-2.0
 *
 * A buffer of a few lines' length, of which the rest is moved to the front when the next part of the file is read.
 */
#include "formats/linux_input.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { BUFFER_BYTES = 4 * LINUX_LINE_MAX };

void linux_input_init(struct linux_input *input, FILE *file, const void *head, size_t head_bytes)
{
    *input = (struct linux_input){ .file = file, .buffer = malloc(BUFFER_BYTES + 1), .end = head_bytes };
    CHECK(input->buffer != NULL && head_bytes <= BUFFER_BYTES);
    memcpy(input->buffer, head, head_bytes);
}

void linux_input_free(struct linux_input *input) { free(input->buffer); }

static void read_more(struct linux_input *input)
{
    memmove(input->buffer, input->buffer + input->begin, input->end - input->begin);
    input->end -= input->begin;
    input->begin = 0;
    size_t bytes = fread(input->buffer + input->end, 1, BUFFER_BYTES - input->end, input->file);
    input->is_at_end = bytes == 0;
    input->has_failed = bytes == 0 && ferror(input->file) != 0;
    input->end += bytes;
}

char *linux_input_line(struct linux_input *input)
{
    char *line, *end;

    while ((end = memchr(input->buffer + input->begin, '\n', input->end - input->begin)) == NULL &&
           input->end - input->begin <= LINUX_LINE_MAX && !input->is_at_end)
        read_more(input);
    line = input->buffer + input->begin;
    size_t rest = input->end - input->begin, bytes = end != NULL ? (size_t)(end - line) : rest;
    if (input->has_failed || (end == NULL && rest == 0))
        return NULL;
    input->number++;
    input->is_too_long = bytes > LINUX_LINE_MAX;
    if (input->is_too_long)
        return NULL;
    input->is_cut = end == NULL;
    input->begin += bytes + (end != NULL);
    if (bytes > 0 && line[bytes - 1] == '\r')
        bytes--;
    line[bytes] = '\0';
    return line;
}
