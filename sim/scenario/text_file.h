/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a whole text file of the user's, or standard input: bounded, and refused with a place when it is no UTF-8
 * text.
 */
#ifndef SCENARIO_TEXT_FILE_H
#define SCENARIO_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

#define TEXT_FILE_BYTES_MAX (4u << 20)

enum text_file_status { TEXT_FILE_OK, TEXT_FILE_INVALID, TEXT_FILE_UNREADABLE };

/* `path` "-" is standard input, named `name` in messages. On TEXT_FILE_OK *text is to be freed by the caller and is
 * terminated; otherwise one error stands in `diag`, at `place` if that has a source, else at the file. */
enum text_file_status text_file_read(const char *path, const char *name, struct place place, struct diag *diag,
                                     char **text, size_t *bytes);

/* The checks on the content alone. */
bool text_file_check(const char *name, const char *text, size_t bytes, struct diag *diag);

/* `file` beside the file `beside` ("a/b.yaml", "c.txt" -> "a/c.txt"), unless it is absolute. False: too long. */
bool text_file_beside(const char *beside, const char *file, char *path, size_t path_bytes);

#endif
