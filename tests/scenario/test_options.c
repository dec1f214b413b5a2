/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of keys: every field of struct costs has its row, every default is a value of its row, no key twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/options.h"

static const struct option_table *const tables[] = {
    &head_options, &machine_head_options, &machine_options, &profile_options, &cost_options,    &hypervisor_options,
    &host_options, &qemu_options,         &guest_options,   &device_options,  &arrival_options, &run_options,
};

static union {
    struct scenario_head head;
    struct machine_head machine_head;
    struct setup setup;
} record;

static void rows_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        for (size_t j = 0; j < tables[i]->count; j++) {
            const struct option *option = &tables[i]->rows[j];
            struct option_problem problem;

            assert_true(option->help && *option->help);
            assert_ptr_equal(option_find(tables[i], option->key), option);
            assert_true(option->maximum == 0 || option->minimum <= option->maximum);
            assert_true((option->type == OPTION_ENUM) == (option->names != NULL));
            if (option->default_text)
                assert_true(option_parse(option, option->default_text, &record, 0, &problem));
        }
    }
}

/* Every byte of the struct belongs to one row, or to the frequency. */
static void every_cost_has_a_row(void **state)
{
    unsigned char covered[sizeof(struct costs)] = { 0 };

    (void)state;
    memset(covered + offsetof(struct costs, frequency_hz), 1, sizeof(uint64_t));
    for (size_t i = 0; i < cost_options.count; i++) {
        const struct option *option = &cost_options.rows[i];

        for (size_t byte = 0; byte < option->bytes * option->count; byte++)
            covered[option->offset + byte]++;
    }
    for (size_t byte = 0; byte < sizeof(covered); byte++)
        assert_int_equal(covered[byte], 1);
}

static void costs_of_three_are_those_of_distance(void **state)
{
    (void)state;
    for (size_t i = 0; i < cost_options.count; i++)
        assert_true(cost_options.rows[i].count == 1 || cost_options.rows[i].count == DISTANCE_COUNT);
    assert_null(distance_names[DISTANCE_COUNT]);
    assert_string_equal(distance_names[DISTANCE_NEAR], "near");
    assert_string_equal(distance_names[DISTANCE_FAR], "far");
}

static void processes_read_their_keys(void **state)
{
    (void)state;
    assert_int_equal(arrival_processes("process"), 0);
    assert_int_equal(arrival_processes("think"), 1u << ARRIVAL_CLOSED);
    assert_int_equal(arrival_processes("times"), 1u << ARRIVAL_REPLAY);
    assert_true(arrival_processes("rate") >> ARRIVAL_MODERATED & 1);
    assert_false(arrival_processes("rate") >> ARRIVAL_REPLAY & 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(every_cost_has_a_row),
        cmocka_unit_test(costs_of_three_are_those_of_distance),
        cmocka_unit_test(processes_read_their_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
