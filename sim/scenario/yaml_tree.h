/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML as a tree of bounded size, with the place of every node. Aliases become copies that count towards the limits, so
 * that cycles and alias bombs are rejected. Duplicate keys, merge keys, tags, keys that are not text, and more than one
 * document are errors.
 */
#ifndef SCENARIO_YAML_TREE_H
#define SCENARIO_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

#define YAML_NODES_MAX 200000
#define YAML_KEYS_MAX 1000 /* of one map: each new key is compared with the others */
#define YAML_DEPTH_MAX 32
#define YAML_PATH_MAX 8 /* levels that the path of an override may add above its value */

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    bool is_quoted; /* a scalar in quotes, whose text begins one column after its place */
    struct place place;
    const char *text; /* of a scalar */
    const char *key;  /* of a child of a map */
    struct place key_place;
    uint32_t index; /* of a child of a list */
    uint32_t child_count;
    struct node *parent, *first, *last, *next;
};

struct yaml_chunk;

/* Owns the nodes and their texts. */
struct yaml_tree {
    struct yaml_chunk *chunks;
    size_t node_count;
};

void yaml_tree_init(struct yaml_tree *tree);
void yaml_tree_free(struct yaml_tree *tree);

/* Reads one document. `origin` is the place of text[0]. Returns NULL after an error, which is added to `diag`. An empty
 * document gives an empty map. */
struct node *yaml_read(struct yaml_tree *tree, const char *text, size_t bytes, struct place origin, struct diag *diag);

/* Create nodes without a parent. Return NULL when the tree is full. */
struct node *node_scalar(struct yaml_tree *tree, struct place place, const char *text, size_t bytes);
struct node *node_container(struct yaml_tree *tree, struct place place, enum node_kind kind);
struct node *node_copy(struct yaml_tree *tree, const struct node *node);

/* Appends to a map, or with a NULL key to a list. The key is copied. Returns false when the tree is full. */
bool node_append(struct yaml_tree *tree, struct node *parent, struct node *child, const char *key,
                 struct place key_place);

/* Replaces `node` by `replacement` among its siblings. */
void node_replace(struct node *node, struct node *replacement);

/* Takes a child out of its map or list. */
void node_remove(struct node *node);

/* Returns the child of a map with this key, or NULL. `map` may be NULL or another kind of node. */
struct node *node_find(const struct node *map, const char *key);

/* Writes the path of a node (".guests[0].timer", "" for the root) and returns `text`. */
const char *node_path(const struct node *node, char *text, size_t text_bytes);

/* Returns the node as flow YAML on one line. The caller frees the text. */
char *node_flow_text(const struct node *node);

#endif
