/* SPDX-License-Identifier: Apache-2.0
 *
 * Axes of both kinds, their labels, and the cells of the matrix.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/locks/list.h"
#include "scenario_samples.h"

static const char text[] =
    SAMPLE "run: { seed: 9 }\n"
           "matrix:\n"
           "  hypervisor.lock: [ ttas, mcs ]\n"
           "  size:\n"
           "    - { label: one, machine.topology: \"package:1 core:2 pu:1\", guests.g.pin: \"core:0-1\" }\n"
           "    - { machine.topology: \"package:2 core:2 pu:1\", guests.g.pin: \"core:3\" }\n"
           "  machine.costs.load_modified: [ [ 1cy, 2cy, 3cy ], { near: 5cy } ]\n";

static void axes_keep_their_order(void **state)
{
    struct scenario scenario;
    char *messages;

    (void)state;
    if (sample_load(&scenario, text, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    free(messages);
    assert_int_equal(scenario.axis_count, 3);
    assert_string_equal(scenario.axes[0].path, "hypervisor.lock");
    assert_string_equal(scenario.axes[0].values[1].label, "mcs");
    assert_string_equal(scenario.axes[0].values[1].sets[0], "hypervisor.lock=mcs");
    assert_string_equal(scenario.axes[1].values[0].label, "one");
    assert_int_equal(scenario.axes[1].values[0].set_count, 2);
    assert_string_equal(scenario.axes[1].values[0].sets[1], "guests.g.pin=core:0-1");
    assert_string_equal(scenario.axes[1].values[1].label, "package:2 core:2 pu:1");
    assert_string_equal(scenario.axes[2].values[0].label, "[1cy, 2cy, 3cy]");
    assert_int_equal(scenario_cell_count(&scenario), 8);
    scenario_free(&scenario);
}

static void cells_are_scenarios(void **state)
{
    struct scenario scenario;
    bool seen[2][2][2] = { 0 };

    (void)state;
    assert_int_equal(sample_load(&scenario, text, NULL, 0, NULL), SCENARIO_OK);
    for (size_t cell = 0; cell < 8; cell++) {
        struct scenario cell_scenario;
        size_t indices[3];
        struct diag diag;

        scenario_cell_indices(&scenario, cell, indices);
        assert_int_equal(cell, 4 * indices[0] + 2 * indices[1] + indices[2]);
        seen[indices[0]][indices[1]][indices[2]] = true;
        diag_init(&diag);
        assert_int_equal(scenario_cell_load(&cell_scenario, &scenario, cell, &diag), SCENARIO_OK);
        diag_free(&diag);
        assert_int_equal(cell_scenario.setup.hypervisor.lock, lock_find(indices[0] ? "mcs" : "ttas"));
        assert_string_equal(cell_scenario.setup.guests[0].pin, indices[1] ? "core:3" : "core:0-1");
        assert_int_equal(cell_scenario.setup.machine.costs.load_modified[0], indices[2] ? 5 : 1);
        assert_int_equal(cell_scenario.setup.run.seed, 9);
        assert_int_equal(cell_scenario.axis_count, 0);
        scenario_free(&cell_scenario);
    }
    for (size_t i = 0; i < 8; i++)
        assert_true(seen[i >> 2][i >> 1 & 1][i & 1]);
    scenario_free(&scenario);
}

/* Their labels are missing when those of later values are compared with them. */
static void broken_values_have_no_label(void **state)
{
    static const char broken[] = SAMPLE "matrix:\n"
                                        "  size:\n"
                                        "    - 5\n"
                                        "    - { label: none }\n"
                                        "    - { label: one, guests.g.vcpus: 1 }\n"
                                        "    - { label: one, guests.g.vcpus: 2 }\n";
    struct scenario scenario;
    char *messages;

    (void)state;
    assert_int_equal(sample_load(&scenario, broken, NULL, 0, &messages), SCENARIO_INVALID);
    assert_non_null(strstr(messages, "this value has no path to set"));
    assert_non_null(strstr(messages, "the value 'one' occurs twice in this axis"));
    free(messages);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(axes_keep_their_order),
                                               cmocka_unit_test(cells_are_scenarios),
                                               cmocka_unit_test(broken_values_have_no_label) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
