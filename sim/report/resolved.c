/* SPDX-License-Identifier: Apache-2.0
 *
 * See resolved.h.
 */
#define _GNU_SOURCE
#include "report/resolved.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "scenario/yaml_tree.h"

/* Copies the texts of a list; `expect` of an exploration is a word, "clean", and no list. */
static char **copy_list(const struct node *list, size_t *count)
{
    char **texts = calloc(list != NULL ? list->child_count + 1 : 1, sizeof *texts);

    CHECK(texts != NULL);
    *count = 0;
    for (const struct node *child = list != NULL && list->kind == NODE_LIST ? list->first : NULL; child != NULL;
         child = child->next)
        if (child->kind == NODE_SCALAR)
            texts[(*count)++] = text_copy(child->text);
    return texts;
}

void resolved_read(struct resolved *resolved, const char *text)
{
    struct yaml_tree tree;
    struct diag diag;

    diag_init(&diag);
    yaml_tree_init(&tree);
    const struct node *root = yaml_read(&tree, text, strlen(text), (struct place){ 0, 1, 1 }, &diag);
    resolved->expectations = copy_list(node_find(root, "expect"), &resolved->expectation_count);
    yaml_tree_free(&tree);
    diag_free(&diag);
}

void resolved_free(struct resolved *resolved)
{
    for (size_t i = 0; i < resolved->expectation_count; i++)
        free(resolved->expectations[i]);
    free(resolved->expectations);
}
