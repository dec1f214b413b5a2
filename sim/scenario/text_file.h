/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a whole text file or standard input. Files that are too large or not UTF-8 text are rejected, with the place of
 * the error.
 */
#ifndef SCENARIO_TEXT_FILE_H
#define SCENARIO_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

#define TEXT_FILE_BYTES_MAX (4u << 20)

enum text_file_status { TEXT_FILE_OK, TEXT_FILE_INVALID, TEXT_FILE_UNREADABLE };

/* Reads the file; "-" is standard input. `name` is its name in messages. On TEXT_FILE_OK *text is terminated by a zero
 * byte, and the caller frees it. Otherwise one error is added to `diag`, at `place` if that has a source, or else at
 * the file. What is named at a place, in another file, may be any file: no line of it is printed. */
enum text_file_status text_file_read(const char *path, const char *name, struct place place, struct diag *diag,
                                     char **text, size_t *bytes);

/* Checks only the content. Returns false after an error. */
bool text_file_check(const char *name, const char *text, size_t bytes, struct diag *diag);

/* Writes the path of `file` relative to the directory of the file `beside` ("a/b.yaml", "c.txt" -> "a/c.txt"); an
 * absolute path is copied. Returns false when the path does not fit. */
bool text_file_beside(const char *beside, const char *file, char *path, size_t path_bytes);

#endif
