/* SPDX-License-Identifier: Apache-2.0
 *
 * The groups that are compared: which results differ in their seeds alone.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/groups.h"
#include "result_samples.h"

static void groups_differ_in_seeds_alone(void **state)
{
    (void)state;
    static const struct {
        const char *scenario, *design, *sockets;
        uint64_t seed;
        bool is_partial;
    } rows[] = {
        { "s", "a", "2", 2, false }, { "s", "b", "2", 1, false }, { "s", "a", "2", 1, false },
        { "s", "a", "4", 1, false }, { "t", "a", "2", 1, false }, { "s", "a", NULL, 1, false },
        { "s", "a", "2", 3, true },
    };
    struct result_set set;
    struct compare_groups groups;
    result_set_init(&set);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result result;
        result_init(&result, rows[i].scenario, rows[i].design, rows[i].seed, "");
        if (rows[i].sockets != NULL)
            result_add_axis(&result, "sockets", rows[i].sockets);
        result.is_partial = rows[i].is_partial;
        result_set_append(&set, &result);
    }
    compare_groups_make(&groups, &set);
    assert_int_equal(groups.count, 5);
    assert_int_equal(groups.partial_count, 1);
    assert_int_equal(groups.groups[0].side.count, 2);
    assert_int_equal(groups.groups[0].first->seed, 1);
    assert_ptr_equal(compare_groups_find(&groups, &set.results[3]), &groups.groups[2]);
    char text[64];
    compare_cell_text(&set.results[3], text, sizeof text);
    assert_string_equal(text, "s, a, sockets=4");
    compare_groups_free(&groups);
    result_set_free(&set);
}

static struct result code_result(char digit, uint64_t seed)
{
    struct code_object object = sample_code_object("xen", digit);
    struct result result;

    result_init(&result, "s", "softirq-requeue", seed, "");
    if (digit != '-')
        result_set_code(&result, &object);
    return result;
}

/* A cell's partner in another file: the same code object, else the same design with another object or without one. */
static void code_objects_are_told_apart_and_matched(void **state)
{
    (void)state;
    static const struct {
        const char *there; /* of each result: '-' built in, or the digit of its object's hash */
        char wanted;
        int group; /* of `there`; -1: none */
    } rows[] = {
        { "-a", '-', 0 },  { "-a", 'a', 1 },  { "a", '-', 0 },  { "-", 'a', 0 },   { "a", 'b', 0 },
        { "-a", 'b', -1 }, { "ab", '-', -1 }, { "ab", 'b', 1 }, { "aab", 'a', 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result wanted = code_result(rows[i].wanted, 1);
        struct result_set set;
        struct compare_groups groups;

        result_set_init(&set);
        for (size_t j = 0; rows[i].there[j] != '\0'; j++) {
            struct result result = code_result(rows[i].there[j], j + 1);
            result_set_append(&set, &result);
        }
        compare_groups_make(&groups, &set);
        assert_ptr_equal(compare_groups_find(&groups, &wanted),
                         rows[i].group < 0 ? NULL : &groups.groups[rows[i].group]);
        compare_groups_free(&groups);
        result_set_free(&set);
        result_free(&wanted);
    }
}

/* Groups of one cell say what their scenarios differ in, and those of several scenarios their names; each says
 * something else. */
static void scenarios_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *scenario, *design, *resolved;
        uint64_t seed;
        size_t group;
    } rows[] = {
        { "s", "a", "a: 1\nrun:\n  seed: 1\n  drain: 1s\n", 1, 0 },
        { "s", "a", "a: 1\nrun:\n  seed: 20\n  drain: 1s\nexpect: clean\n", 20, 0 },
        { "s", "a", "a: 1\nrun:\n  seed: 21\n  drain: 1s\nheadline:\n  - irq.lost\nexpect: clean\n", 21, 0 },
        { "s", "a", "a: 1\nrun:\n  seed: 1\n  drain: 2s\n", 1, 1 },
        { "t", "a", "a: 2\nrun:\n  seed: 1\n  drain: 1s\n", 1, 2 },
        { "s", "a", "a: 3\nrun:\n  seed: 1\n  drain: 2s\n", 1, 3 },
        { "u", "b", "a: 3\nrun:\n  seed: 1\n  drain: 2s\n", 1, 4 },
        { "s", "a", "b: 1\nc: 1\nd: 1\ne: 1\nf: 1\n", 1, 5 },
        { "s", "a", "b: 1\nc: 1\nd: 1\ne: 1\nf: 2\n", 1, 6 },
        { "s", "a", "a: 1\n", 1, 7 },
        { "s", "a", "a: 1\n\n", 1, 8 },
    };
    static const struct {
        const char *variant;
        bool is_mixed;
    } groups_wanted[] = {
        { "s, a=1, drain=1s", true },
        { "s, a=1, drain=2s", true },
        { "t", false },
        { "s, a=3, drain=2s", true },
        { "u", false },
        { "s, b=1, c=1, d=1, and 2 more", true },
        { "s, b=1, c=1, d=1, and 2 more [5]", true },
        { "s, a=1", true },
        { "s, a=1 [7]", true },
    };
    struct result_set set;
    struct compare_groups groups;

    result_set_init(&set);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result result;
        result_init(&result, rows[i].scenario, rows[i].design, rows[i].seed, rows[i].resolved);
        result_set_append(&set, &result);
    }
    compare_groups_make(&groups, &set);
    assert_int_equal(groups.count, sizeof groups_wanted / sizeof groups_wanted[0]);
    assert_int_equal(groups.groups[0].side.count, 3);
    for (size_t i = 0; i < groups.count; i++) {
        assert_string_equal(groups.groups[i].variant, groups_wanted[i].variant);
        assert_int_equal(groups.groups[i].is_mixed, groups_wanted[i].is_mixed);
    }
    compare_groups_free(&groups);
    result_set_free(&set);
}

/* The axes behind scenario and design, but for the design's own; cut where there is no room. */
static void a_cells_text_has_its_axes(void **state)
{
    static const struct {
        const char *design, *axes[3][2];
        size_t room;
        const char *text;
    } rows[] = {
        { "a", { { NULL } }, 100, "s, a" },
        { "a", { { "sockets", "4" }, { "rate", "1kHz" } }, 100, "s, a, rate=1kHz, sockets=4" },
        { "a", { { "x", "1" }, { "hypervisor.design", "a" }, { "y", "2" } }, 100, "s, a, x=1, y=2" },
        { "ab", { { "hypervisor.design", "a" }, { "y", "2" } }, 100, "s, ab, hypervisor.design=a, y=2" },
        { "a", { { "hypervisor.design", "ab" }, { "y", "2" } }, 100, "s, a, hypervisor.design=ab, y=2" },
        { "a", { { "sockets", "4" }, { "rate", "1kHz" } }, 20, "s, a, rate=1kHz, so" },
        { "a", { { "sockets", "4" }, { "rate", "1kHz" }, { "y", "2" } }, 10, "s, a, rat" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct result result;
        char text[100];

        result_init(&result, "s", rows[i].design, 1, "");
        for (size_t axis = 0; axis < 3 && rows[i].axes[axis][0] != NULL; axis++)
            result_add_axis(&result, rows[i].axes[axis][0], rows[i].axes[axis][1]);
        compare_cell_text(&result, text, rows[i].room);
        assert_string_equal(text, rows[i].text);
        result_free(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_differ_in_seeds_alone),
        cmocka_unit_test(code_objects_are_told_apart_and_matched),
        cmocka_unit_test(scenarios_are_told_apart),
        cmocka_unit_test(a_cells_text_has_its_axes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
