/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenarios and machines that came with the program. The environment variable IRQPATH_SCENARIOS names another
 * directory of the same shape.
 */
#ifndef INSTALLATION_H
#define INSTALLATION_H

#include <stdbool.h>
#include <stddef.h>

#define INSTALLATION_MACHINES "machines"
#define INSTALLATION_COSTS "costs"

/* DIRECTORY/NAME.yaml, or DIRECTORY/SUBDIRECTORY/NAME.yaml. False when it does not fit. */
bool installation_path(const char *subdirectory, const char *name, char *path, size_t path_bytes);

/* The names that installation_path finds, ascending. To be freed with installation_names_free. */
char **installation_names(const char *subdirectory, size_t *count);
void installation_names_free(char **names, size_t count);

/* Whether an argument can only mean a file: it has a slash or ends in .yaml, or is "-". */
bool installation_is_path(const char *argument);

#endif
