/* SPDX-License-Identifier: Apache-2.0
 *
 * An lstopo XML file before hwloc sees it: its bytes, and whether its format is one that this build's hwloc reads.
 */
#ifndef MACHINE_TOPOLOGY_FILE_H
#define MACHINE_TOPOLOGY_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct message {
    char *text;
    size_t bytes;
};

/* Writes the message and returns false. */
__attribute__((format(printf, 2, 3))) bool message_fail(struct message message, const char *format, ...);

/* Whether a topology is the path of a file: it ends in .xml, or names an existing file. */
bool topology_is_file(const char *text);

/* Returns the file's text, ended by a 0 that counts as one of its `bytes`; the caller frees it. NULL with a message
 * when the file cannot be read, exceeds 64 MiB, or is of a format newer than this build's hwloc; errno is 0 unless the
 * system has kept it from being read. */
char *topology_file_read(const char *path, int *bytes, struct message message);

#endif
