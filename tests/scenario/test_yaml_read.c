/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading YAML into a tree, with the place of every key and value. Text that is rejected is in
 * tests/scenario/broken.cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/yaml_tree.h"

struct row {
    const char *yaml, *flow;
};

static const struct row rows[] = {
    { "", "{}" },
    { "# nothing\n", "{}" },
    { "a: 1\nb: two words\n", "{a: 1, b: \"two words\"}" },
    { "a: 1\r\nb: 2\r\n", "{a: 1, b: 2}" },
    { "a: 1\nb: 2", "{a: 1, b: 2}" },
    { "- a\n- [ b, c ]\n- { d: e }\n", "[a, [b, c], {d: e}]" },
    { "a: &x { k: 1 }\nb: *x\nc: [ *x, *x ]\n", "{a: {k: 1}, b: {k: 1}, c: [{k: 1}, {k: 1}]}" },
    { "a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}" },
    { "a:\nb: ~\n", "{a: \"\", b: \"~\"}" },
    { "a: |\n  x\n  y\n", "{a: \"x\\x0ay\\x0a\"}" },
    { "a: >-\n  x\n  y\n", "{a: \"x y\"}" },
    { "{\"a\": [1, true, null]}", "{a: [1, true, null]}" },
    { "\xEF\xBB\xBF"
      "a: 1\n",
      "{a: 1}" },
    { "---\na: 1\n...\n", "{a: 1}" },
    { "text", "text" },
    { "'<<': 1", "{\"<<\": 1}" },
};

static struct node *read(struct yaml_tree *tree, const char *yaml, struct place origin)
{
    struct node *node;
    struct diag diag;

    diag_init(&diag);
    yaml_tree_init(tree);
    diag_source_file(&diag, "y", yaml, strlen(yaml));
    node = yaml_read(tree, yaml, strlen(yaml), origin, &diag);
    assert_int_equal(diag.error_count, 0);
    assert_non_null(node);
    diag_free(&diag);
    return node;
}

static void tree_means_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct yaml_tree tree;
        char *flow = node_flow_text(read(&tree, rows[i].yaml, (struct place){ 1, 1, 1 }));

        assert_string_equal(flow, rows[i].flow);
        free(flow);
        yaml_tree_free(&tree);
    }
}

static void assert_place(struct place place, uint32_t line, uint32_t column)
{
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void places_are_counted_in_characters(void **state)
{
    struct yaml_tree tree;
    const struct node *root = read(&tree, "a: 1\n\xC3\xA4: { \xC3\xB6: 'x' }\n", (struct place){ 1, 1, 1 });
    const struct node *map = root->last;

    (void)state;
    assert_place(root->first->key_place, 1, 1);
    assert_place(root->first->place, 1, 4);
    assert_place(map->key_place, 2, 1);
    assert_place(map->place, 2, 4);
    assert_place(map->first->key_place, 2, 6);
    assert_place(map->first->place, 2, 9);
    assert_true(map->first->is_quoted);
    assert_false(root->first->is_quoted);
    yaml_tree_free(&tree);
}

static void origin_moves_the_first_line(void **state)
{
    struct yaml_tree tree;
    const struct node *list = read(&tree, "[ a,\nb ]", (struct place){ 1, 3, 11 });

    (void)state;
    assert_place(list->first->place, 3, 13);
    assert_place(list->last->place, 4, 1);
    yaml_tree_free(&tree);
}

/* A scanner that looks at all open brackets for each new one would take minutes. */
static void deep_nesting_ends_soon(void **state)
{
    enum { BRACKETS = 1000000 };
    char *text = malloc(BRACKETS);
    struct yaml_tree tree;
    struct diag diag;

    (void)state;
    assert_non_null(text);
    memset(text, '[', BRACKETS);
    diag_init(&diag);
    yaml_tree_init(&tree);
    assert_null(yaml_read(&tree, text, BRACKETS, (struct place){ 0, 1, 1 }, &diag));
    assert_string_equal(diag.messages[0].text, "nested deeper than 32 levels");
    yaml_tree_free(&tree);
    diag_free(&diag);
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_means_the_text),
        cmocka_unit_test(places_are_counted_in_characters),
        cmocka_unit_test(origin_moves_the_first_line),
        cmocka_unit_test(deep_nesting_ends_soon),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
