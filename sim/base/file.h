/* SPDX-License-Identifier: Apache-2.0
 *
 * The one writer of files. What is written stands under a temporary name in the same directory,
 * `.NAME.HOST.RANDOM.tmp`, until it is complete; it is then synced, renamed, and the directory synced. A kill, a full
 * disk or a power failure leaves the old file or the new one. Devices and pipes are written in place; "-" is standard
 * output. Symbolic links to files are refused.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/temporaries.h"

/* A file that is being written. It must not move between file_open and its end. */
struct file_writer {
    FILE *stream; /* takes the contents; its errors are remembered until file_commit. NULL: not open */

    char *path, *temporary; /* temporary is NULL where the path is written in place */
    struct temporary kept;  /* of the temporary */
    int descriptor, error;  /* errno of the first failure, or 0 */
    bool is_forced;
};

/* Checks early whether the path can be written, so that a long run is not in vain, and removes temporaries of this file
 * that killed runs have left. An existing file is an error unless `force`. The write itself may still fail. */
bool file_can_write(const char *path, bool force, char *message, size_t message_bytes);

/* Begins a file. On failure returns false with a message that begins with the path, and nothing needs to be ended. */
bool file_open(struct file_writer *writer, const char *path, bool force, char *message, size_t message_bytes);

/* Completes the file. On failure returns false with a message and removes what was written; what the path was before is
 * unchanged, unless only the last sync of the directory failed. */
bool file_commit(struct file_writer *writer, char *message, size_t message_bytes);

/* Removes what was written. Does nothing for a writer that is not open. */
void file_abandon(struct file_writer *writer);

/* All of the above for contents in memory. */
bool file_write(const char *path, const void *bytes, size_t count, bool force, char *message, size_t message_bytes);

/* Whether an errno says that the name is wrong: nothing is there, it may not be read, it is no file. The others are
 * errors of the system. */
bool file_is_misnamed(int error);

/* Reads a whole file; "-" is standard input. NULL with a message on failure, and for more than `limit` bytes; errno is
 * then the system's error, or 0. A zero follows the bytes. The caller frees them. */
char *file_read_bytes(const char *path, size_t limit, size_t *count, char *message, size_t message_bytes);

#endif
