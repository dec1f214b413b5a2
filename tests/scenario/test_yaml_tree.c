/* SPDX-License-Identifier: Apache-2.0
 *
 * Building, finding, replacing, copying and writing nodes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/yaml_tree.h"

static const struct place nowhere = { 0, 0, 0 };

static struct node *scalar(struct yaml_tree *tree, const char *text)
{
    return node_scalar(tree, nowhere, text, strlen(text));
}

/* { a: 1, b: [ x, { c: "two words" } ] } */
static struct node *sample(struct yaml_tree *tree)
{
    struct node *root = node_container(tree, nowhere, NODE_MAP), *list = node_container(tree, nowhere, NODE_LIST);
    struct node *map = node_container(tree, nowhere, NODE_MAP);

    node_append(tree, root, scalar(tree, "1"), "a", nowhere);
    node_append(tree, root, list, "b", nowhere);
    node_append(tree, list, scalar(tree, "x"), NULL, nowhere);
    node_append(tree, list, map, NULL, nowhere);
    node_append(tree, map, scalar(tree, "two words"), "c", nowhere);
    return root;
}

static void assert_flow(const struct node *node, const char *expected)
{
    char *text = node_flow_text(node);

    assert_string_equal(text, expected);
    free(text);
}

static void paths_name_nodes(void **state)
{
    struct yaml_tree tree;
    struct node *root, *inner;
    char path[64];

    (void)state;
    yaml_tree_init(&tree);
    root = sample(&tree);
    inner = node_find(root, "b")->last->first;
    assert_string_equal(node_path(inner, path, sizeof(path)), ".b[1].c");
    assert_string_equal(node_path(inner, path, 5), ".b[1");
    assert_string_equal(node_path(root, path, sizeof(path)), "");
    assert_null(node_find(root, "c"));
    assert_null(node_find(inner, "c"));
    assert_null(node_find(NULL, "c"));
    yaml_tree_free(&tree);
}

static void replacement_takes_the_place(void **state)
{
    struct yaml_tree tree;
    struct node *root, *list, *value;
    char path[64];

    (void)state;
    yaml_tree_init(&tree);
    root = sample(&tree);
    list = node_find(root, "b");
    value = scalar(&tree, "new");
    node_replace(list->last, value);
    assert_flow(root, "{a: 1, b: [x, new]}");
    assert_string_equal(node_path(value, path, sizeof(path)), ".b[1]");
    assert_ptr_equal(list->last, value);
    node_replace(list->first, scalar(&tree, "y"));
    node_append(&tree, list, scalar(&tree, "z"), NULL, nowhere);
    assert_flow(root, "{a: 1, b: [y, new, z]}");
    assert_int_equal(list->last->index, 2);
    yaml_tree_free(&tree);
}

static void copy_stands_alone(void **state)
{
    struct yaml_tree tree, other;
    struct node *root, *copy;

    (void)state;
    yaml_tree_init(&tree);
    yaml_tree_init(&other);
    root = sample(&tree);
    copy = node_copy(&other, root);
    node_replace(node_find(root, "a"), scalar(&tree, "2"));
    yaml_tree_free(&tree);
    assert_flow(copy, "{a: 1, b: [x, {c: \"two words\"}]}");
    yaml_tree_free(&other);
}

static void tree_is_bounded(void **state)
{
    struct yaml_tree tree;
    struct node *list;
    uint32_t count = 0;

    (void)state;
    yaml_tree_init(&tree);
    list = node_container(&tree, nowhere, NODE_LIST);
    for (struct node *node; (node = scalar(&tree, "x")) != NULL; count++)
        node_append(&tree, list, node, NULL, nowhere);
    assert_int_equal(count, YAML_NODES_MAX - 1);
    assert_null(node_copy(&tree, list));
    yaml_tree_free(&tree);
    assert_non_null(scalar(&tree, "again"));
    yaml_tree_free(&tree);
}

static void what_is_removed_is_gone(void **state)
{
    struct place place = { 0, 1, 1 };
    struct yaml_tree tree;
    struct diag diag;
    char *text;

    (void)state;
    yaml_tree_init(&tree);
    diag_init(&diag);
    struct node *root = yaml_read(&tree, "{a: 1, b: [x, y, z], c: 3}", 26, place, &diag);
    node_remove(node_find(root, "c"));
    node_remove(node_find(root, "a"));
    node_remove(node_find(root, "b")->first->next);
    text = node_flow_text(root);
    assert_string_equal(text, "{b: [x, z]}");
    free(text);
    assert_int_equal(node_find(root, "b")->last->index, 1);
    assert_int_equal(node_find(root, "b")->child_count, 2);
    node_remove(node_find(root, "b"));
    assert_null(root->first);
    assert_null(root->last);
    diag_free(&diag);
    yaml_tree_free(&tree);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_name_nodes),        cmocka_unit_test(replacement_takes_the_place),
        cmocka_unit_test(what_is_removed_is_gone), cmocka_unit_test(copy_stands_alone),
        cmocka_unit_test(tree_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
