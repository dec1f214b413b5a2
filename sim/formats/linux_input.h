/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a text line by line, of whatever size.
 */
#ifndef FORMATS_LINUX_INPUT_H
#define FORMATS_LINUX_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { LINUX_LINE_MAX = 1 << 16 };

struct linux_input {
    FILE *file;
    char *buffer;
    size_t begin, end; /* of what is read and not yet handed out */
    bool is_at_end, has_failed;
    bool is_cut;      /* the last line has no end */
    bool is_too_long; /* the line has more than LINUX_LINE_MAX bytes */
    uint64_t number;  /* of the line handed out last, from 1 */
};

/* `head` is what has been read of the file already, at most LINUX_LINE_MAX bytes. Does not own the file. */
void linux_input_init(struct linux_input *input, FILE *file, const void *head, size_t head_bytes);
void linux_input_free(struct linux_input *input);

/* The next line without its end, which may be changed and is valid until the next call; NULL at the end of the file, or
 * when it cannot be read (has_failed) or the line is too long. */
char *linux_input_line(struct linux_input *input);

#endif
