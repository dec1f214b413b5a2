/* SPDX-License-Identifier: Apache-2.0
 *
 * A matrix cell is resolved once for all of its runs and freed after the last one, unless there are too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario_samples.h"
#include "sweep/cell_scenarios.h"

#define MATRIX SAMPLE "matrix:\n  guests.g.vcpus: [1, 2, 3]\n"

static void the_runs_of_a_cell_share_its_scenario(void **state)
{
    struct cell_scenarios scenarios;
    struct scenario base;

    (void)state;
    assert_int_equal(sample_load(&base, MATRIX, NULL, 0, NULL), SCENARIO_OK);
    cell_scenarios_init(&scenarios, &base);
    cell_scenarios_expect(&scenarios, 1);
    cell_scenarios_expect(&scenarios, 1);
    cell_scenarios_expect(&scenarios, 2);
    const struct scenario *first = cell_scenarios_take(&scenarios, 1), *other = cell_scenarios_take(&scenarios, 2);
    assert_int_equal(first->setup.guests[0].vcpus, 2);
    assert_int_equal(other->setup.guests[0].vcpus, 3);
    assert_ptr_equal(first->topology, other->topology);
    assert_ptr_equal(first->topology, base.topology);
    cell_scenarios_return(&scenarios, 1);
    assert_ptr_equal(cell_scenarios_take(&scenarios, 1), first);
    cell_scenarios_return(&scenarios, 1);
    cell_scenarios_free(&scenarios); /* the run of cell 2 was cancelled */
    scenario_free(&base);
}

static void a_few_scenarios_are_kept_for_later_runs(void **state)
{
    char text[4096] = SAMPLE "matrix:\n  guests.g.vcpus: [1";
    struct cell_scenarios scenarios;
    struct scenario base;

    (void)state;
    for (int i = 2; i <= 100; i++)
        (void)sprintf(text + strlen(text), ", %d", i);
    strcat(text, "]\n");
    assert_int_equal(sample_load(&base, text, NULL, 0, NULL), SCENARIO_OK);
    cell_scenarios_init(&scenarios, &base);
    for (size_t round = 0; round < 2; round++)
        for (size_t cell = 0; cell < 100; cell++)
            cell_scenarios_expect(&scenarios, cell);
    for (size_t round = 0; round < 2; round++)
        for (size_t cell = 0; cell < 100; cell++) {
            assert_int_equal(cell_scenarios_take(&scenarios, cell)->setup.guests[0].vcpus, cell + 1);
            cell_scenarios_return(&scenarios, cell);
            assert_in_range(scenarios.loaded, 0, 64);
        }
    assert_int_equal(scenarios.loaded, 0);
    cell_scenarios_free(&scenarios);
    scenario_free(&base);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_runs_of_a_cell_share_its_scenario),
                                        cmocka_unit_test(a_few_scenarios_are_kept_for_later_runs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
