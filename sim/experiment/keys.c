/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks a path up in the tree of a resolved scenario.
 */
#include "experiment/keys.h"

#include <string.h>

#include "base/diag.h"
#include "scenario/yaml_tree.h"

/* The child of a map with this key, or the entry of a list with this name. */
static const struct node *find_part(const struct node *node, const char *name, size_t bytes)
{
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        const struct node *own = node->kind == NODE_LIST ? node_find(child, "name") : NULL;
        const char *text = node->kind == NODE_MAP ? child->key : own != NULL ? own->text : NULL;

        if (text != NULL && strlen(text) == bytes && strncmp(text, name, bytes) == 0)
            return child;
    }
    return NULL;
}

bool key_value(const char *resolved, const char *path, struct quotient *value)
{
    struct yaml_tree tree;
    struct diag diag;
    bool is_found;

    yaml_tree_init(&tree);
    diag_init(&diag);
    const struct node *node = yaml_read(&tree, resolved, strlen(resolved), (struct place){ 0, 0, 0 }, &diag);
    for (const char *at = path; node != NULL && *at != '\0';) {
        size_t bytes = strcspn(at, ".");

        node = find_part(node, at, bytes);
        at += bytes + (at[bytes] == '.');
    }
    is_found = node != NULL && node->kind == NODE_SCALAR && quotient_from_label(node->text, value);
    diag_free(&diag);
    yaml_tree_free(&tree);
    return is_found;
}

bool label_is(const char *label, const char *value)
{
    struct quotient left, right;

    if (label == NULL || strcmp(label, value) == 0)
        return label != NULL;
    return quotient_from_label(label, &left) && quotient_from_label(value, &right) &&
           quotient_compare(left, right) == 0;
}
