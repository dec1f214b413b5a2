/* SPDX-License-Identifier: Apache-2.0
 *
 * Overrides assign values at their paths. Overrides that fail are in tests/scenario/broken.cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/set.h"

#define YAML "run: { seed: 1 }\nguests: [ { name: a }, { name: b, pin: x } ]\ncosts: [ 1cy, 2cy, 3cy ]\n"

struct row {
    const char *set, *flow; /* NULL: refused */
};

static const struct row rows[] = {
    { "run.seed=2", "{run: {seed: 2}, guests: [{name: a}, {name: b, pin: x}], costs: [1cy, 2cy, 3cy]}" },
    { "run.new=", "{run: {seed: 1, new: \"\"}, guests: [{name: a}, {name: b, pin: x}], costs: [1cy, 2cy, 3cy]}" },
    { "run={seed: 3}", "{run: {seed: 3}, guests: [{name: a}, {name: b, pin: x}], costs: [1cy, 2cy, 3cy]}" },
    { "guests.b.pin=a=b", "{run: {seed: 1}, guests: [{name: a}, {name: b, pin: \"a=b\"}], costs: [1cy, 2cy, 3cy]}" },
    { "guests.a.x.y=1", "{run: {seed: 1}, guests: [{name: a, x: {y: 1}}, {name: b, pin: x}], costs: [1cy, 2cy, 3cy]}" },
    { "guests.a='it''s'", "{run: {seed: 1}, guests: [\"it's\", {name: b, pin: x}], costs: [1cy, 2cy, 3cy]}" },
    { "costs.middle=7cy", "{run: {seed: 1}, guests: [{name: a}, {name: b, pin: x}], costs: [1cy, 7cy, 3cy]}" },
    { "run.seed=package:8 [numa] #x",
      "{run: {seed: \"package:8 [numa] #x\"}, guests: [{name: a}, {name: b, pin: x}], costs: [1cy, 2cy, 3cy]}" },
    { "matrix.run.seed=[1]",
      "{run: {seed: 1}, guests: [{name: a}, {name: b, pin: x}], costs: [1cy, 2cy, 3cy], matrix: {run.seed: [1]}}" },
    { "guests.c.pin=1", NULL },
    { "=1", NULL },
    { "run.seed=1\r2", NULL },
    { "run", NULL },
    { "run.=1", NULL },
    { "run.seed.x=1", NULL },
    { "run.seed=[1", NULL },
};

static void values_stand_at_their_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct yaml_tree tree;
        struct diag diag;
        struct node *root;

        diag_init(&diag);
        yaml_tree_init(&tree);
        root = yaml_read(&tree, YAML, strlen(YAML), (struct place){ 0, 1, 1 }, &diag);
        assert_int_equal(scenario_apply_set(&tree, root, rows[i].set, (struct place){ 0, 1, 1 }, &diag),
                         rows[i].flow != NULL);
        assert_int_equal(diag.error_count, rows[i].flow == NULL);
        if (rows[i].flow) {
            char *flow = node_flow_text(root);

            assert_string_equal(flow, rows[i].flow);
            free(flow);
        }
        yaml_tree_free(&tree);
        diag_free(&diag);
    }
}

/* A path below an existing matrix is one key, as it is in the file. */
static void axes_are_paths(void **state)
{
    static const char yaml[] = "matrix: { run.seed: [ 1, 2 ] }\n";
    struct yaml_tree tree;
    struct diag diag;
    struct node *root;
    char *flow;

    (void)state;
    diag_init(&diag);
    yaml_tree_init(&tree);
    root = yaml_read(&tree, yaml, strlen(yaml), (struct place){ 0, 1, 1 }, &diag);
    assert_true(scenario_apply_set(&tree, root, "matrix.run.seed=[3]", (struct place){ 0, 1, 1 }, &diag));
    assert_true(scenario_apply_set(&tree, root, "matrix.run.policy=[random]", (struct place){ 0, 1, 1 }, &diag));
    flow = node_flow_text(root);
    assert_string_equal(flow, "{matrix: {run.seed: [3], run.policy: [random]}}");
    free(flow);
    yaml_tree_free(&tree);
    diag_free(&diag);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(values_stand_at_their_path),
                                               cmocka_unit_test(axes_are_paths) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
