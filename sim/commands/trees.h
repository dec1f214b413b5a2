/* SPDX-License-Identifier: Apache-2.0
 *
 * Two trees of sources, or a tree and a copy of it with a patch, as code objects.
 */
#ifndef COMMANDS_TREES_H
#define COMMANDS_TREES_H

#include <stdbool.h>

#include "code/build/build.h"
#include "code/object.h"
#include "code/patch.h"
#include "commands/cli.h"

struct trees_options {
    struct cli_list xen, linux_trees, qemu;
    const char *patch, *files, *compiler;
    bool is_strict;
};

enum tree_side { TREE_BASE, TREE_NEW, TREE_SIDES };

struct trees {
    enum build_status (*build)(const struct build_request *request); /* of the trees' family */
    const char *trees[TREE_SIDES];
    char *directory;   /* of objects, results and replays */
    bool is_temporary; /* the directory is removed at the end */
    char *copy;        /* of the tree, with the patch; NULL: none */
    struct code_object *objects[TREE_SIDES];
    struct patch changes; /* of all files that have code in the new object */
};

/* Compiles both, into the directory of -o or a temporary one. Otherwise returns an enum exit_code after errors were
 * printed: EXIT_CODE_NOT_BUILT where a tree does not compile or the patch does not apply. The caller closes them in
 * either case. */
int trees_open(struct trees *trees, const struct cli *cli, const struct trees_options *given);
void trees_close(struct trees *trees);

#endif
