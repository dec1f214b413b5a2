/* SPDX-License-Identifier: Apache-2.0
 *
 * What a Xen tree has, from 4.4 on.
 */
#ifndef CODE_BUILD_XEN_TREE_H
#define CODE_BUILD_XEN_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "code/build/words.h"

/* The files that an object may have, as the glue names them. */
enum xen_part { XEN_TASKLET, XEN_DPCI, XEN_SOFTIRQ, XEN_VMSI, XEN_IRQ, XEN_PARTS };

struct xen_tree {
    char *root; /* absolute; has the folder xen */
    const char
        *headers; /* of the architecture, with a folder asm, relative to root; NULL: the tree's build would link it */
    const char *asm_folder;       /* what <asm/...> means, relative to root */
    const char *paths[XEN_PARTS]; /* relative to root; NULL: the tree does not have it */
};

/* False with a message: this is no Xen tree, or not one of the kind. */
bool xen_tree_open(struct xen_tree *tree, const char *path, char *message, size_t message_bytes);
void xen_tree_close(struct xen_tree *tree);

/* Selects files by --files: "all", or names separated by commas, as in the tree or only the last component. False with
 * a message: the tree does not have one of them, or one lacks another that it needs. */
bool xen_tree_select(const struct xen_tree *tree, const char *files, bool is_selected[XEN_PARTS], char *message,
                     size_t message_bytes);

/* `git describe`, the version of the Debian package or that of the Makefile; the caller frees it. */
char *xen_tree_version(const struct xen_tree *tree);

/* Appends -DIRQPATH_NAME for each line "NAME header text" of the file `list` whose header has the text. */
bool xen_tree_features(const struct xen_tree *tree, const char *list, struct words *flags);

/* The first of the paths, relative to root and separated by blanks, that the tree has; false: none. */
bool xen_tree_find(const struct xen_tree *tree, const char *paths, char *found, size_t found_bytes);

#endif
