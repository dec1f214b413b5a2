/* SPDX-License-Identifier: Apache-2.0
 *
 * Assigns values at dotted paths in the tree of a scenario. Unknown keys are added, too: binding reports them later, at
 * the place of the path.
 */
#define _GNU_SOURCE
#include "scenario/set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"
#include "models/family/keys.h"

struct walk {
    struct yaml_tree *tree;
    struct diag *diag;
    struct place place; /* of the segment */
    char segment[128];
};

static bool fail(struct walk *walk, const char *suggestion, const char *what, const char *name)
{
    diag_error(walk->diag, walk->place, "%s '%.80s'%s", what, name, suggestion);
    return false;
}

static const char *entry_name(const struct node *entry)
{
    const struct node *name = node_find(entry, "name");

    return name && name->kind == NODE_SCALAR ? name->text : NULL;
}

/* Returns the entry of a list that the segment names, or NULL after an error. */
static struct node *find_entry(struct walk *walk, const struct node *list)
{
    char suggestion[SUGGEST_TEXT_BYTES], what[64];
    struct suggest suggest;
    uint32_t index = 0;

    for (struct node *child = list->first; child; child = child->next) {
        if (entry_name(child) && !strcmp(entry_name(child), walk->segment))
            return child;
    }
    while (distance_names[index] && strcmp(distance_names[index], walk->segment) != 0)
        index++;
    for (struct node *child = distance_names[index] ? list->first : NULL; child; child = child->next) {
        if (child->index == index && child->kind == NODE_SCALAR)
            return child;
    }
    suggest_init(&suggest, walk->segment);
    for (const struct node *child = list->first; child; child = child->next) {
        if (entry_name(child))
            suggest_offer(&suggest, entry_name(child));
    }
    snprintf(what, sizeof(what), "'%.40s' has no entry", list->key ? list->key : "");
    fail(walk, suggest_text(&suggest, suggestion), what, walk->segment);
    return NULL;
}

/* Removes the next segment from *path. Below `matrix` the rest of the path is one segment, as keys are paths there.
 * Returns false after an error. */
static bool next_segment(struct walk *walk, const struct node *node, const char **path)
{
    bool is_matrix = node->key && !strcmp(node->key, "matrix") && !node->parent->parent;
    size_t bytes = is_matrix ? strlen(*path) : strcspn(*path, ".");

    if (bytes == 0)
        return fail(walk, "", "the path has an empty part:", *path);
    if (bytes >= sizeof(walk->segment))
        return fail(walk, "", "a part of the path is too long:", *path);
    memcpy(walk->segment, *path, bytes);
    walk->segment[bytes] = '\0';
    *path += bytes;
    return true;
}

static struct node *make_map(struct walk *walk, struct node *parent)
{
    struct node *map = node_container(walk->tree, walk->place, NODE_MAP);

    if (map)
        node_append(walk->tree, parent, map, walk->segment, walk->place);
    else
        fail(walk, "", "the scenario has too many values to add", walk->segment);
    return map;
}

bool scenario_assign(struct yaml_tree *tree, struct node *root, const char *path, struct place path_place,
                     struct node *value, struct diag *diag)
{
    struct walk walk = { .tree = tree, .diag = diag, .place = path_place };
    const char *at = path;
    struct node *node = root, *child;

    for (uint32_t depth = 1; next_segment(&walk, node, &at); depth++) {
        if (depth == YAML_PATH_MAX)
            return fail(&walk, "", "the path has too many parts:", path);
        if (node->kind == NODE_SCALAR)
            return fail(&walk, "", "a single value has no keys, so there is no", walk.segment);
        child = node->kind == NODE_LIST ? find_entry(&walk, node) : node_find(node, walk.segment);
        if (!child && node->kind == NODE_LIST)
            return false;
        if (*at == '\0') {
            if (child)
                node_replace(child, value);
            else
                node_append(tree, node, value, walk.segment, walk.place);
            value->key_place = walk.place;
            return true;
        }
        node = child ? child : make_map(&walk, node);
        if (!node)
            return false;
        at++;
        walk.place.column = path_place.column + (uint32_t)(at - path);
    }
    return false;
}

bool scenario_apply_set(struct yaml_tree *tree, struct node *root, const char *set, struct place place,
                        struct diag *diag)
{
    const char *equals = strchr(set, '=');
    struct place value_place = place;
    struct node *value;
    char *path;
    bool is_good;

    if (!equals || equals == set) {
        diag_error(diag, place, "expected PATH=VALUE, as in guests.idle.timer=250Hz");
        return false;
    }
    if (strchr(set, '\r')) { /* other control characters have been refused with the text */
        diag_error(diag, place, "a text contains the control character U+000D");
        return false;
    }
    value_place.column += (uint32_t)(equals - set) + 1;
    if (strchr("[{\"'", equals[1]) && equals[1] != '\0')
        value = yaml_read(tree, equals + 1, strlen(equals + 1), value_place, diag);
    else
        value = node_scalar(tree, value_place, equals + 1, strlen(equals + 1));
    if (!value)
        return false;
    path = text_copy_bytes(set, (size_t)(equals - set));
    is_good = scenario_assign(tree, root, path, place, value, diag);
    free(path);
    return is_good;
}

char *scenario_set_text(const char *path, const struct node *value)
{
    char *flow = value->kind == NODE_SCALAR ? NULL : node_flow_text(value), *set;

    /* Text that --set would parse as YAML is quoted. */
    if (!flow && strchr("[{\"'", value->text[0]) && value->text[0])
        flow = node_flow_text(value);
    CHECK(asprintf(&set, "%s=%s", path, flow ? flow : value->text) > 0);
    free(flow);
    return set;
}
