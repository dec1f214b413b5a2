/* SPDX-License-Identifier: Apache-2.0
 *
 * A Linux tree, and the folder in which its own build is configured: one for each tree and compiler, kept for the next
 * build. The tree itself is only read.
 */
#ifndef CODE_BUILD_LINUX_TREE_H
#define CODE_BUILD_LINUX_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "code/build/compiler.h"
#include "code/build/words.h"

struct linux_tree {
    char *root;    /* absolute */
    char *out;     /* what its build writes, absolute */
    char *version; /* git describe, or that of the Makefile */
    int lock;      /* of `out`, against builds at the same time; -1: none */
};

/* False with a message: this is no Linux tree, or one in which somebody has built. */
bool linux_tree_open(struct linux_tree *tree, const char *path, char *message, size_t message_bytes);
/* Makes and locks `out`: $XDG_CACHE_HOME/irqpath/linux-NUMBER, or below ~/.cache. */
bool linux_tree_lock(struct linux_tree *tree, const struct compiler *compiler, char *message, size_t message_bytes);
void linux_tree_close(struct linux_tree *tree);

/* Brings the configuration, and what `make prepare` makes, up to date. `fragment`: a file that is appended to the
 * tree's defconfig. False with a message. */
bool linux_tree_prepare(const struct linux_tree *tree, const struct compiler *compiler, const char *fragment,
                        bool is_quiet, char *message, size_t message_bytes);

/* Runs the tree's make for these targets; prints compilers' messages. M: a folder outside of the tree whose files it
 * compiles; NULL: none. */
bool linux_tree_make(const struct linux_tree *tree, const struct compiler *compiler, const char *folder,
                     const struct words *targets);

#endif
