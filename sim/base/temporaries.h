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

/* Temporaries that this process is writing: of a process that a failed CHECK ends they are removed. A forked child
 * leaves those of its parent alone. The path stays the caller's, and valid until temporaries_release. */
struct temporary {
    const char *path;
    struct temporary *next; /* of the same process */
};
void temporaries_keep(struct temporary *temporary, const char *path);
void temporaries_release(struct temporary *temporary);
void temporaries_abandon(void);

#endif
