/* SPDX-License-Identifier: Apache-2.0
 *
 * Result files on disk. A file appears whole or not at all: it is written beside its destination, synced, and renamed.
 * "-" is standard input or output.
 */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "result/result.h"

/* Appends the results of the file to `set`; false with a message that names the file. */
bool result_file_read(struct result_set *set, const char *path, char *message, size_t message_bytes);

/* Without `force` an existing file is an error. On failure what was there stays as it was. */
bool result_file_write(const struct result_set *set, const char *path, bool force, char *message, size_t message_bytes);

/* Would a write have a chance? Asked before hours of simulation, not instead of the write's own checks. */
bool result_file_can_write(const char *path, bool force, char *message, size_t message_bytes);

/* The same care for any other file. */
bool file_write(const char *path, const void *bytes, size_t count, bool force, char *message, size_t message_bytes);

#endif
