/* SPDX-License-Identifier: Apache-2.0
 *
 * Result files on disk. The path "-" is standard input or output.
 */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "result/result.h"

#define RESULT_FILE_BYTES_MAX ((size_t)1 << 30)

/* Appends the results of the file to `set`. On failure returns false with a message that names the file. */
bool result_file_read(struct result_set *set, const char *path, char *message, size_t message_bytes);

/* Writes the results (base/file.h). An existing file is an error unless `force`. */
bool result_file_write(const struct result_set *set, const char *path, bool force, char *message, size_t message_bytes);

#endif
