/* SPDX-License-Identifier: Apache-2.0
 *
 * The temporaries of files that are being written: `.NAME.HOST.RANDOM.tmp` beside the file NAME. HOST is the host's
 * name with dashes for dots, RANDOM 16 hexadecimal digits. The process that writes one holds a lock on it (flock).
 */
#ifndef BASE_TEMPORARIES_H
#define BASE_TEMPORARIES_H

#include <stdbool.h>

/* The directory and the last part of a path. The caller frees the text. */
char *path_directory(const char *path);
char *path_name(const char *path);

/* A new name for a temporary of this file. The caller frees it. */
char *temporary_name(const char *path);

/* Removes the temporaries in a directory that killed processes have left: those of the file `name`, or all if it is
 * NULL. Those of other hosts, whose locks may not be seen here, are left until they are a day old. */
void temporaries_remove(const char *directory, const char *name);

#endif
