/* SPDX-License-Identifier: Apache-2.0
 *
 * Result files on disk. Writing is atomic: a temporary file in the same directory is written, synced and renamed. The
 * path "-" is standard input or output.
 */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "result/result.h"

/* Appends the results of the file to `set`. On failure returns false with a message that names the file. */
bool result_file_read(struct result_set *set, const char *path, char *message, size_t message_bytes);

/* Writes the results. An existing file is an error unless `force`. On failure an existing file is left unchanged. */
bool result_file_write(const struct result_set *set, const char *path, bool force, char *message, size_t message_bytes);

/* Checks early whether the path can be written, so that a long simulation does not run in vain. The write itself may
 * still fail. */
bool result_file_can_write(const char *path, bool force, char *message, size_t message_bytes);

/* Writes any other file in the same way as result_file_write. */
bool file_write(const char *path, const void *bytes, size_t count, bool force, char *message, size_t message_bytes);

/* Reads a whole file. NULL with a message on failure. The caller frees the bytes. */
char *file_read_bytes(const char *path, size_t *count, char *message, size_t message_bytes);

#endif
