/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML as a bounded tree with places. libyaml's events become nodes; aliases become copies, within the bounds, so that
 * neither a cycle nor an alias bomb gets through. Duplicate keys, merge keys, tags, keys that are no text, and more
 * than one document are errors.
 */
#ifndef SCENARIO_YAML_TREE_H
#define SCENARIO_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

#define YAML_NODES_MAX 200000
#define YAML_DEPTH_MAX 32
#define YAML_PATH_MAX 8 /* levels that an override may put above a document */

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    bool is_quoted; /* a scalar in quotes: its text begins one column after its place */
    struct place place;
    const char *text; /* of a scalar */
    const char *key;  /* of a map's child */
    struct place key_place;
    uint32_t index; /* of a list's child */
    uint32_t child_count;
    struct node *parent, *first, *last, *next;
};

struct yaml_chunk;

/* Owns its nodes and their texts. */
struct yaml_tree {
    struct yaml_chunk *chunks;
    size_t node_count;
};

void yaml_tree_init(struct yaml_tree *tree);
void yaml_tree_free(struct yaml_tree *tree);

/* Reads one document. `origin` is the place of text[0]. NULL after an error, which then stands in `diag`; an empty
 * document is an empty map. */
struct node *yaml_read(struct yaml_tree *tree, const char *text, size_t bytes, struct place origin, struct diag *diag);

/* New nodes without a parent. NULL when the tree is full. */
struct node *node_scalar(struct yaml_tree *tree, struct place place, const char *text, size_t bytes);
struct node *node_container(struct yaml_tree *tree, struct place place, enum node_kind kind);
struct node *node_copy(struct yaml_tree *tree, const struct node *node);

/* Appends to a map (with key) or a list (key NULL). The key is copied. False when the tree is full. */
bool node_append(struct yaml_tree *tree, struct node *parent, struct node *child, const char *key,
                 struct place key_place);

/* `replacement` takes the place of `node` among its siblings. */
void node_replace(struct node *node, struct node *replacement);

/* A map's child of that key, or NULL; also when `map` is NULL or no map. */
struct node *node_find(const struct node *map, const char *key);

/* ".guests[0].timer"; "" for the root. Returns `text`. */
const char *node_path(const struct node *node, char *text, size_t text_bytes);

/* Flow YAML on one line that reads as the same tree. To be freed by the caller. */
char *node_flow_text(const struct node *node);

#endif
