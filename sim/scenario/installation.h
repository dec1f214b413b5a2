/* SPDX-License-Identifier: Apache-2.0
 *
 * What is installed with the program, in share/irqpath beside its bin/, or beside the program itself in a build tree:
 * scenarios/ with machines and cost profiles, and code/ with what `irqpath build` compiles. The environment variables
 * IRQPATH_SCENARIOS and IRQPATH_CODE name other directories with the same layouts. The program's own place decides, so
 * that an installation may be moved.
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

/* Writes the path of a file or directory of the installation, as in "code", which `name` says. Links on the way are
 * followed where it exists. Returns false when the path does not fit. */
bool installation_file(const char *name, char *path, size_t path_bytes);

/* Returns the directory that holds models/FAMILY/code and sim/code/abi, by IRQPATH_CODE or of the installation. It
 * stays valid; the first call is not thread-safe. */
const char *installation_code(void);

/* Returns whether an argument is a path rather than a name: it contains a slash, ends in .yaml, or is "-". */
bool installation_is_path(const char *argument);

#endif
