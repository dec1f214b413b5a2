/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiler of code objects: gcc or clang, and the flags that instrument accesses.
 */
#ifndef CODE_BUILD_COMPILER_H
#define CODE_BUILD_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/build/words.h"

struct compiler {
    struct words command; /* may have arguments, such as "ccache gcc" */
    char *version;        /* first line of --version */
    bool is_clang;
    uint32_t optimise;
};

/* `name` NULL: $CC; or the first of gcc, clang, gcc-12 and clang-14 that can be used. False with a message when the
 * compiler does not run or does not know an option that is needed, as gcc before 12. */
bool compiler_find(struct compiler *compiler, const char *name, uint32_t optimise, char *message, size_t message_bytes);
void compiler_free(struct compiler *compiler);

/* Appends the command and the flags of every file of an object. */
void compiler_start(const struct compiler *compiler, struct words *arguments);
/* Appends the flags of files whose accesses and basic blocks are seen. */
void compiler_add_instrumentation(const struct compiler *compiler, struct words *arguments);
/* All of these flags, for the object's section .irqpath; the caller frees the text. */
char *compiler_flags(const struct compiler *compiler);

/* Links the files to one shared object. False after the linker's messages were printed to stderr. */
bool compiler_link(const struct compiler *compiler, const struct words *objects, const char *output);

#endif
