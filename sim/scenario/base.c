/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the bases of a scenario and joins their trees from the last one up.
 */
#define _GNU_SOURCE
#include "scenario/base.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"
#include "scenario/installation.h"
#include "scenario/text_file.h"

struct joining {
    struct base_files *files;
    struct yaml_tree *tree;
    struct inputs *inputs;
    struct diag *diag;
    const char *scenario; /* the path that the first file was given by */
};

static const char *text_of(const struct node *node)
{
    return node != NULL && node->kind == NODE_SCALAR ? node->text : NULL;
}

static const char *design_of(const struct node *root)
{
    return text_of(node_find(node_find(root, "hypervisor"), "design"));
}

/* --- joining two trees --- */

static struct node *named_like(const struct node *list, const struct node *entry)
{
    const char *name = text_of(node_find(entry, "name")), *other;

    for (struct node *child = list->first; name != NULL && child != NULL; child = child->next)
        if ((other = text_of(node_find(child, "name"))) != NULL && strcmp(other, name) == 0)
            return child;
    return NULL;
}

/* Whether the list is one of guests, devices or actions. */
static bool has_names(const struct node *list)
{
    static const char *const keys[] = { "guests", "devices", "actions" };

    for (size_t i = 0; list->key != NULL && i < sizeof(keys) / sizeof(*keys); i++)
        if (strcmp(list->key, keys[i]) == 0)
            return true;
    return false;
}

/* Puts `node`, which has no parent any more, in the place of `old`. */
static void replace(struct node *old, struct node *node)
{
    struct place key_place = node->key_place;

    node_replace(old, node);
    node->key_place = key_place;
}

/* Moves what is in `from` into `into`, two maps or two lists. The order follows `into`. Lists are joined by the names
 * of their entries. It calls itself at most YAML_DEPTH_MAX deep. */
static void join(struct joining *joining, struct node *into, struct node *from) /* NOLINT(misc-no-recursion) */
{
    while (from->first != NULL) {
        struct node *child = from->first;
        struct node *old = from->kind == NODE_MAP ? node_find(into, child->key) : named_like(into, child);
        bool is_map = old != NULL && old->kind == NODE_MAP && child->kind == NODE_MAP;
        bool is_list = old != NULL && old->kind == NODE_LIST && child->kind == NODE_LIST && has_names(old);

        node_remove(child);
        if (old == NULL)
            CHECK(
                node_append(joining->tree, into, child, from->kind == NODE_MAP ? child->key : NULL, child->key_place));
        else if (is_map || is_list)
            join(joining, old, child);
        else
            replace(old, child);
    }
    into->place = from->place;
}

/* --- reading --- */

/* Writes the path of the base: beside the file that names it, or of the installation. */
static bool find(const struct joining *joining, const struct node *base, const char *path, char found[PATH_MAX])
{
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;
    size_t count;

    if (strcmp(base->text, "-") == 0 || base->text[0] == '\0') {
        diag_error(joining->diag, base->place, "base: expected the file or the name of a scenario");
        return false;
    }
    if (installation_is_path(base->text)) {
        if (text_file_beside(path, base->text, found, PATH_MAX))
            return true;
        diag_error(joining->diag, base->place, "base: this is not a file name");
        return false;
    }
    if (installation_path(NULL, base->text, found, PATH_MAX) &&
        (inputs_has_text(joining->inputs, found) || access(found, F_OK) == 0))
        return true;
    char **names = installation_names(NULL, &count);
    suggest_init(&suggest, base->text);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggest, names[i]);
    diag_error(joining->diag, base->place, "base: there is no scenario with the name '%.80s'%s", base->text,
               suggest_text(&suggest, suggestion));
    installation_names_free(names, count);
    return false;
}

static bool is_same_file(const char *left, const char *right)
{
    char resolved[2][PATH_MAX];

    if (strcmp(left, right) == 0)
        return true;
    return realpath(left, resolved[0]) != NULL && realpath(right, resolved[1]) != NULL &&
           strcmp(resolved[0], resolved[1]) == 0;
}

/* Whether the file is the scenario or one of its bases already. */
static bool is_cycle(const struct joining *joining, const struct node *base, const char *found)
{
    bool is_known = is_same_file(joining->scenario, found);

    for (size_t i = 0; i < joining->files->count; i++)
        is_known = is_known || is_same_file(joining->files->paths[i], found);
    if (is_known)
        diag_error(joining->diag, base->place, "base: %s is its own base, by way of this one", found);
    return is_known;
}

/* Reads the base that `base` names in the file `path`, and adds it to the files. */
static struct node *read_base(struct joining *joining, const struct node *base, const char *path)
{
    struct base_files *files = joining->files;
    char found[PATH_MAX];
    const char *text;
    size_t bytes;

    if (!find(joining, base, path, found) || is_cycle(joining, base, found))
        return NULL;
    if (files->count == BASE_FILES_MAX) {
        diag_error(joining->diag, base->place, "base: more than %d files", BASE_FILES_MAX);
        return NULL;
    }
    if (inputs_text(joining->inputs, found, base->place, joining->diag, &text, &bytes) != TEXT_FILE_OK)
        return NULL;
    struct place origin = { diag_source_file(joining->diag, found, text, bytes), 1, 1 };
    files->sources[files->count] = origin.source;
    files->paths[files->count++] = text_copy(found);
    struct node *root = yaml_read(joining->tree, text, bytes, origin, joining->diag);
    if (root != NULL && root->kind != NODE_MAP) {
        diag_error(joining->diag, root->place, "a scenario must be a map of keys: name, guests, devices, ...");
        return NULL;
    }
    return root;
}

/* At most BASE_FILES_MAX deep. */
static struct node *join_bases(struct joining *joining, struct node *root,
                               const char *path, /* NOLINT(misc-no-recursion) */
                               const char **expected_design)
{
    struct node *base = node_find(root, "base");
    bool has_expectation = node_find(root, "expect") != NULL;

    if (base == NULL) {
        *expected_design = design_of(root);
        return root;
    }
    if (base->kind != NODE_SCALAR) {
        diag_error(joining->diag, base->place, "base: expected the file or the name of one scenario");
        return NULL;
    }
    struct node *below = read_base(joining, base, path);
    if (below == NULL)
        return NULL;
    below = join_bases(joining, below, joining->files->paths[joining->files->count - 1], expected_design);
    if (below == NULL)
        return NULL;
    node_remove(base);
    join(joining, below, root);
    if (has_expectation)
        *expected_design = design_of(below);
    return below;
}

struct node *base_join(struct base_files *files, struct yaml_tree *tree, struct node *root, const char *path,
                       struct inputs *inputs, struct diag *diag, const char **expected_design)
{
    struct joining joining = { files, tree, inputs, diag, path };

    files->count = 0;
    return join_bases(&joining, root, path, expected_design);
}

void base_files_free(struct base_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    files->count = 0;
}

const char *base_path(const struct base_files *files, const struct node *node, const char *path)
{
    for (size_t i = 0; node != NULL && files != NULL && i < files->count; i++)
        if (files->sources[i] == node->place.source)
            return files->paths[i];
    return path;
}
