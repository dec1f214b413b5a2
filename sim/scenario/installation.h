/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenarios and machines that are installed with the program. The environment variable IRQPATH_SCENARIOS names
 * another directory with the same layout.
 */
#ifndef INSTALLATION_H
#define INSTALLATION_H

#include <stdbool.h>
#include <stddef.h>

#define INSTALLATION_MACHINES "machines"
#define INSTALLATION_COSTS "costs"

/* Writes DIRECTORY/NAME.yaml, or DIRECTORY/SUBDIRECTORY/NAME.yaml; `subdirectory` may be NULL. Returns false when the
 * path does not fit. */
bool installation_path(const char *subdirectory, const char *name, char *path, size_t path_bytes);

/* Returns the names of all files of a subdirectory, ascending and without .yaml; freed with installation_names_free. */
char **installation_names(const char *subdirectory, size_t *count);
void installation_names_free(char **names, size_t count);

/* Returns whether an argument is a path rather than a name: it contains a slash, ends in .yaml, or is "-". */
bool installation_is_path(const char *argument);

#endif
