/* SPDX-License-Identifier: Apache-2.0
 *
 * Sections fill structs: values of the section take precedence over the fallback, and these over the default of the
 * row. Origins are recorded.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/bind.h"
#include "scenario_samples.h"

struct record {
    uint64_t a, b, c;
    uint64_t costs[3];
};

static const struct option rows[] = {
    { "a", OPTION_DURATION, offsetof(struct record, a), 8, 1, "1ns", 0, 0, NULL, NULL, "a" },
    { "b", OPTION_DURATION, offsetof(struct record, b), 8, 1, "2ns", 0, 0, NULL, NULL, "b" },
    { "c", OPTION_DURATION, offsetof(struct record, c), 8, 1, NULL, 0, 0, NULL, NULL, "what c is" },
};
static const struct option cost_row = { "costs", OPTION_CYCLES, offsetof(struct record, costs), 8, 3, NULL, 0, 0, NULL,
                                        NULL,    "costs" };
static const struct option_table table = { rows, 3 };

struct fixture {
    struct diag diag;
    struct yaml_tree tree;
    struct origins origins;
    struct binder binder;
    const struct node *root;
    struct record record;
};

static void fixture_init(struct fixture *fixture, const char *yaml)
{
    uint32_t source;

    memset(fixture, 0, sizeof(*fixture));
    diag_init(&fixture->diag);
    yaml_tree_init(&fixture->tree);
    source = diag_source_file(&fixture->diag, SAMPLE_PATH, yaml, strlen(yaml));
    fixture->root = yaml_read(&fixture->tree, yaml, strlen(yaml), (struct place){ source, 1, 1 }, &fixture->diag);
    fixture->binder = (struct binder){ &fixture->diag, &fixture->origins, 0 };
    assert_non_null(fixture->root);
}

static void fixture_free(struct fixture *fixture, const char *expected)
{
    char *messages = sample_messages(&fixture->diag);

    assert_string_equal(messages, expected);
    for (size_t i = 0; i < fixture->origins.count; i++) {
        free(fixture->origins.rows[i].path);
        free(fixture->origins.rows[i].text);
    }
    free(fixture->origins.rows);
    free(messages);
    diag_free(&fixture->diag);
    yaml_tree_free(&fixture->tree);
}

static void nearer_values_win(void **state)
{
    struct fixture fixture;
    struct section section = { .path = "s.x" };

    (void)state;
    fixture_init(&fixture, "own: { c: 5ns }\nfallback: { c: 6ns, b: 7ns }\n");
    section.node = node_find(fixture.root, "own");
    section.fallback = node_find(fixture.root, "fallback");
    bind_section(&fixture.binder, &table, &section, &fixture.record);
    assert_true(fixture.record.a == 1 && fixture.record.b == 7 && fixture.record.c == 5);
    assert_int_equal(fixture.origins.count, 2);
    assert_string_equal(fixture.origins.rows[0].path, "s.x.b");
    assert_string_equal(fixture.origins.rows[0].text, "s.yaml:2:24");
    assert_string_equal(fixture.origins.rows[1].path, "s.x.c");
    fixture_free(&fixture, "");
}

static void overrides_keep_what_they_do_not_name(void **state)
{
    struct fixture fixture;
    struct section section = { .path = "", .keeps_missing = true };

    (void)state;
    fixture_init(&fixture, "b: 7ns\n");
    fixture.record = (struct record){ .a = 11, .b = 12, .c = 13 };
    section.node = fixture.root;
    bind_section(&fixture.binder, &table, &section, &fixture.record);
    assert_true(fixture.record.a == 11 && fixture.record.b == 7 && fixture.record.c == 13);
    fixture_free(&fixture, "");
}

static void errors_leave_defaults(void **state)
{
    struct fixture fixture;
    struct section section = { .path = "" };

    (void)state;
    fixture_init(&fixture, "a: 7\nd: 1\n");
    section.node = fixture.root;
    section.place = fixture.root->place;
    bind_section(&fixture.binder, &table, &section, &fixture.record);
    assert_true(fixture.record.a == 1 && fixture.record.b == 2);
    assert_int_equal(fixture.origins.count, 0);
    fixture_free(&fixture, "1:1: error: missing key 'c': what c is\n"
                           "1:4: error: '7' has no unit: expected a duration (ns, us, ms, s) at .a\n"
                           "2:1: error: unknown key 'd' at .d\n");
}

static void costs_come_in_three_shapes(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture, "list: [ 1cy, 2cy, 3cy ]\nmap: { far: 9cy }\nns: [ 1ns, 44ns, 1us ]\n");
    assert_true(bind_value(&fixture.binder, &cost_row, node_find(fixture.root, "list"), false, &fixture.record));
    assert_true(fixture.record.costs[0] == 1 && fixture.record.costs[1] == 2 && fixture.record.costs[2] == 3);
    assert_true(bind_value(&fixture.binder, &cost_row, node_find(fixture.root, "map"), true, &fixture.record));
    assert_true(fixture.record.costs[0] == 1 && fixture.record.costs[2] == 9);
    assert_false(bind_value(&fixture.binder, &cost_row, node_find(fixture.root, "map"), false, &fixture.record));
    fixture.binder.frequency_hz = 2500000000;
    assert_true(bind_value(&fixture.binder, &cost_row, node_find(fixture.root, "ns"), false, &fixture.record));
    assert_true(fixture.record.costs[0] == 3 && fixture.record.costs[1] == 110 && fixture.record.costs[2] == 2500);
    fixture_free(&fixture, "2:6: error: only 1 of the three values near, middle and far are given at .map\n");
}

static void the_last_origin_stays(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture, "");
    origins_add(&fixture.binder, "m", "b", (struct place){ 1, 1, 1 }, "seen");
    origins_add(&fixture.binder, "m", "a", (struct place){ 1, 2, 2 }, NULL);
    origins_add(&fixture.binder, "m", "b", (struct place){ 1, 3, 3 }, NULL);
    origins_sort(&fixture.origins);
    assert_int_equal(fixture.origins.count, 2);
    assert_string_equal(fixture.origins.rows[0].path, "m.a");
    assert_string_equal(fixture.origins.rows[1].text, "s.yaml:3:3");
    fixture_free(&fixture, "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearer_values_win),     cmocka_unit_test(overrides_keep_what_they_do_not_name),
        cmocka_unit_test(errors_leave_defaults), cmocka_unit_test(costs_come_in_three_shapes),
        cmocka_unit_test(the_last_origin_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
