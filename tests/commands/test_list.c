/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath list: the entries of every list, as text and as JSON.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdbool.h>

#include "program.h"
#include "temporary.h"

struct row {
    const char *list, *name; /* a name in the list */
    size_t least;
};

static const struct row rows[] = {
    { "designs", "softirq-requeue", 4 },
    { "metrics", "guests.G.steal.percent", 30 },
    { "machines", "westmere-ex-8s", 3 },
    { "locks", "ttas", 3 },
    { "scenarios", "eight-socket-steal", 5 },
    { "keys", "guests.NAME.timer", 70 },
    { "keys", "devices.NAME.arrivals.off", 70 },
    { "keys", "machine.costs.load_hit", 70 },
    { "keys", "run.seed", 70 },
    { "keys", "hypervisor.lock", 70 },
    { "keys", "actions.NAME.every", 70 },
    { "fixes", "F12", 12 },
};

static void lists_have_their_entries(void **state)
{
    static struct program program;
    char arguments[128];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        bool is_found = false;
        json_error_t error;
        json_t *json, *row;
        size_t index;

        snprintf(arguments, sizeof(arguments), "list %s --json", rows[i].list);
        program_run(&program, "", arguments);
        assert_int_equal(program.code, 0);
        assert_string_equal(program.errors, "");
        json = json_loads(program.output, 0, &error);
        assert_non_null(json);
        json_array_foreach(json_object_get(json, rows[i].list), index, row) is_found |=
            !strcmp(json_string_value(json_object_get(row, "name")), rows[i].name);
        assert_true(is_found && index >= rows[i].least);
        json_decref(json);
        snprintf(arguments, sizeof(arguments), "list %s | cut -d' ' -f1 | grep -cx '%s'", rows[i].list, rows[i].name);
        program_run(&program, "", arguments);
        assert_string_equal(program.output, "1\n");
    }
}

/* Where columns do not fit side by side, the name stands alone, and the others below it with their headings but for the
 * last one. */
static void narrow_lists_are_paragraphs(void **state)
{
    static struct program program;

    (void)state;
    program_run(&program, "COLUMNS=44", "list designs");
    assert_int_equal(program.code, 0);
    assert_true(strncmp(program.output,
                        "domain-tasklet\n    summary: one tasklet a domain under the\n      "
                        "global tasklet lock, walking all PIRQs\n    Xen 4.0 to 4.5, 802b778e9a\npirq-tasklet\n",
                        140) == 0);
}

static void metrics_name_their_families(void **state)
{
    static struct program program;
    json_error_t error;
    json_t *json, *row;
    size_t index, found = 0;

    (void)state;
    program_run(&program, "", "list metrics --json");
    json = json_loads(program.output, 0, &error);
    assert_non_null(json);
    json_array_foreach(json_object_get(json, "metrics"), index, row)
    {
        const json_t *families = json_object_get(row, "families");
        assert_true(json_array_size(families) > 0);
        if (strcmp(json_string_value(json_object_get(row, "name")), "posted.posts") != 0)
            continue;
        found++;
        assert_int_equal(json_array_size(families), 2);
        assert_string_equal(json_string_value(json_array_get(families, 0)), "xen");
        assert_string_equal(json_string_value(json_array_get(families, 1)), "nvme");
    }
    assert_int_equal(found, 1);
    json_decref(json);
}

static void broken_machines_are_said_to_be(void **state)
{
    static struct program program;
    char directory[] = "/tmp/irqpath-list-XXXXXX", environment[160];

    (void)state;
    temporary_directory(directory);
    (void)snprintf(environment, sizeof(environment),
                   "d=%s; mkdir $d/machines; echo 'name: x' >$d/machines/x.yaml; IRQPATH_SCENARIOS=$d", directory);
    program_run(&program, environment, "list machines");
    temporary_directory_remove(directory);
    assert_int_equal(program.code, 2);
    assert_string_equal(program.output, "");
    assert_non_null(strstr(program.errors, "x.yaml:1:1: error: missing key 'costs'"));
}

static void unknown_list_is_an_error(void **state)
{
    static struct program program;

    (void)state;
    program_run(&program, "", "list design");
    assert_int_equal(program.code, 2);
    assert_string_equal(program.errors, "irqpath list: error: unknown list 'design' (did you mean 'designs'?)\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_have_their_entries),    cmocka_unit_test(narrow_lists_are_paragraphs),
        cmocka_unit_test(metrics_name_their_families), cmocka_unit_test(broken_machines_are_said_to_be),
        cmocka_unit_test(unknown_list_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
