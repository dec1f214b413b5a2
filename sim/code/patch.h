/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines that a patch changes, and whether they have run. Lines are those of the new version.
 */
#ifndef CODE_PATCH_H
#define CODE_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "code/coverage.h"

struct patch_file {
    char *name;      /* of the new version, without the "b/" of git */
    uint32_t *lines; /* ascending: added or changed, or the line behind what is deleted */
    size_t line_count;
};

struct patch {
    struct patch_file *files;
    size_t file_count;
};

/* Reads unified differences, as of `git diff` and `diff -u`. False with a message when the file cannot be read or holds
 * none. In both cases the caller frees the patch. */
bool patch_open(struct patch *patch, const char *path, char *message, size_t message_bytes);
/* The difference of these files (relative to the trees, separated by blanks), by diff(1). No file that differs is no
 * failure. */
bool patch_compare(struct patch *patch, const char *old_tree, const char *new_tree, const char *files, char *message,
                   size_t message_bytes);
/* The same of the files that have code in the object, headers included, where one of the trees has them. */
bool patch_between(struct patch *patch, const struct code_object *object, const char *old_tree, const char *new_tree,
                   char *message, size_t message_bytes);
void patch_free(struct patch *patch);

struct patch_coverage {
    size_t lines;     /* changed */
    size_t with_code; /* of these, in the code object */
    size_t reached;
    size_t unknown; /* merged into others by the compiler: reached or not */
};

/* The coverage of the new version's object, with headers. */
struct patch_coverage patch_coverage(const struct patch *patch, const struct coverage *coverage);

/* "changed lines reached: 3 of 5; not reached: hvm.c:781-783", or that none was, or that none has code. */
void patch_print(const struct patch *patch, const struct coverage *coverage, FILE *stream);

#endif
