/* SPDX-License-Identifier: Apache-2.0
 *
 * A temporary folder of a build.
 */
#ifndef CODE_BUILD_WORKSPACE_H
#define CODE_BUILD_WORKSPACE_H

#include <stdbool.h>

/* Makes the folder below $TMPDIR or /tmp. NULL: not possible (errno). The caller frees the path after
 * workspace_remove. */
char *workspace_make(void);
void workspace_remove(const char *path);

/* Writes a file below the folder, whose folders are made, too. False: errno tells why not. */
bool workspace_write(const char *path, const char *name, const char *text);

bool file_exists(const char *path);
/* The file's text, which the caller frees; NULL: it cannot be read. */
char *file_read(const char *path);

#endif
