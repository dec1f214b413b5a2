/* SPDX-License-Identifier: Apache-2.0
 *
 * What a QEMU tree has, from 8.0 on, and what its own scripts make of it.
 */
#ifndef CODE_BUILD_QEMU_TREE_H
#define CODE_BUILD_QEMU_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "code/build/build.h"
#include "code/build/words.h"

/* The file that an object has, relative to the tree's root. */
extern const char qemu_tree_file[];

struct qemu_tree {
    char *root;        /* absolute */
    char *version;     /* `git describe`, the version of the Debian package, or that of the file VERSION */
    bool has_type_val; /* a port's value has this name, as in the first ones */
    struct words glib; /* flags of glib's headers */
};

/* False with a message: this is no QEMU tree, or one without Xen's event channels, or the host lacks python3 or glib's
 * headers. */
bool qemu_tree_open(struct qemu_tree *tree, const char *path, char *message, size_t message_bytes);
void qemu_tree_close(struct qemu_tree *tree);

/* Writes the headers that the tree's configuration and scripts would make to folder/generated. BUILD_IO: errno tells
 * why; BUILD_FAILED after messages were printed to stderr. */
enum build_status qemu_tree_generate(const struct qemu_tree *tree, const char *folder);

/* Appends the flags of the tree's files. */
void qemu_tree_add_flags(const struct qemu_tree *tree, const char *folder, struct words *flags);

#endif
