/* SPDX-License-Identifier: Apache-2.0
 *
 * The key `base` of a scenario, another scenario that it begins with: `base: FILE`, relative to its own file, or `base:
 * NAME` of the installation. What stands in the scenario itself goes on top. Maps are joined key by key; entries of
 * `guests`, `devices` and `actions` are joined where they have the same name, and others are added; anything else is
 * replaced as a whole. A base may have a base.
 */
#ifndef SCENARIO_BASE_H
#define SCENARIO_BASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "scenario/inputs.h"
#include "scenario/yaml_tree.h"

#define BASE_FILES_MAX 16

/* The files that were joined, but for the scenario itself. */
struct base_files {
    uint32_t sources[BASE_FILES_MAX]; /* of struct place */
    char *paths[BASE_FILES_MAX];      /* owned */
    size_t count;
};

/* Joins the tree `root` of the file `path` with its bases and returns the result, which is `root` where it has none.
 * *expected_design is the design in the file that has the key `expect`, with its own bases, NULL where it names none.
 * Returns NULL after an error. The caller calls base_files_free in either case. */
struct node *base_join(struct base_files *files, struct yaml_tree *tree, struct node *root, const char *path,
                       struct inputs *inputs, struct diag *diag, const char **expected_design);
void base_files_free(struct base_files *files);

/* Returns the file in which `node` stands, to which files that it names are relative: a base, or else `path`. `node`
 * may be NULL. */
const char *base_path(const struct base_files *files, const struct node *node, const char *path);

#endif
