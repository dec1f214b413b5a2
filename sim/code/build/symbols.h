/* SPDX-License-Identifier: Apache-2.0
 *
 * Names in the symbol table of a compiled file (x86-64 ELF).
 */
#ifndef CODE_BUILD_SYMBOLS_H
#define CODE_BUILD_SYMBOLS_H

#include <stdbool.h>

#include "code/build/words.h"

/* Appends the undefined names of an object file, or of a shared object's dynamic symbols. Weak ones are left out.
 * False: the file cannot be read or is none of these. */
bool symbols_undefined(const char *path, struct words *names);
/* Appends the undefined names that a shared object does not only call: variables, and functions whose address it keeps.
 */
bool symbols_undefined_data(const char *path, struct words *names);

#endif
