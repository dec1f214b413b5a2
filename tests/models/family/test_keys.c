/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of keys: every field of struct costs has a row, every default is a valid value of its row, and no key
 * occurs twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/registry.h"
#include "models/xen/setup.h"

static struct setup setup;
static struct device_setup device;

/* The struct whose fields the rows of a table name. */
static void *record_of(const struct key_table *table)
{
    bool is_entry = !strncmp(table->section, "devices", 7) || !strcmp(table->section, "guests") ||
                    !strcmp(table->section, "actions");

    return is_entry ? (char *)&device + table->offset : (char *)&setup + table->offset;
}

static void check_rows(const struct key_table *table)
{
    for (size_t j = 0; j < table->options.count; j++) {
        const struct option *option = &table->options.rows[j];
        struct option_problem problem;

        assert_true(option->help && *option->help);
        assert_ptr_equal(option_find(&table->options, option->key), option);
        assert_true(option->maximum == 0 || option->minimum <= option->maximum);
        assert_true((option->type == OPTION_ENUM) == (option->names != NULL));
        if (option->default_text && strcmp(table->section, "guests") != 0 && strcmp(table->section, "actions") != 0)
            assert_true(option_parse(option, option->default_text, record_of(table), 0, &problem));
    }
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (const struct key_table *const *table = common_keys; *table; table++)
        check_rows(*table);
    for (size_t i = 0; i < family_count; i++)
        for (const struct key_table *const *table = families[i]->keys; *table; table++)
            check_rows(*table);
}

/* A key has one row in a section of a family. */
static void no_family_has_a_key_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < family_count; i++)
        for (const struct key_table *const *table = families[i]->keys; *table; table++)
            for (size_t j = 0; j < (*table)->options.count; j++) {
                const struct option *row = &(*table)->options.rows[j];
                if (family_key(families[i], (*table)->section, row->key) != row)
                    fail_msg("%s %s.%s", families[i]->name, (*table)->section, row->key);
            }
}

static void cover(unsigned char *covered, const struct key_table *table)
{
    for (size_t i = 0; i < table->options.count; i++) {
        const struct option *option = &table->options.rows[i];
        for (size_t byte = 0; byte < option->bytes * option->count; byte++)
            covered[option->offset + byte]++;
    }
}

/* Every byte of a struct of costs belongs to one row; of the machine's, or to the frequency. */
static void every_cost_has_a_row(void **state)
{
    unsigned char machine[sizeof(struct costs)] = { 0 }, software[SETUP_OWN_BYTES] = { 0 };

    (void)state;
    memset(machine + offsetof(struct costs, frequency_hz), 1, sizeof(uint64_t));
    for (const struct key_table *const *table = machine_cost_keys; *table; table++)
        cover(machine, *table);
    for (size_t byte = 0; byte < sizeof(machine); byte++)
        assert_int_equal(machine[byte], 1);
    for (const struct key_table *const *table = families[0]->software[0]->costs; *table; table++)
        cover(software, *table);
    for (size_t byte = 0; byte < sizeof(struct xen_costs); byte++)
        assert_int_equal(software[byte], 1);
}

static void costs_of_three_are_those_of_distance(void **state)
{
    (void)state;
    for (const struct key_table *const *table = machine_cost_keys; *table; table++)
        for (size_t i = 0; i < (*table)->options.count; i++) {
            uint32_t count = (*table)->options.rows[i].count;
            assert_true(count == 1 || count == DISTANCE_COUNT);
        }
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
        cmocka_unit_test(no_family_has_a_key_twice),
        cmocka_unit_test(every_cost_has_a_row),
        cmocka_unit_test(costs_of_three_are_those_of_distance),
        cmocka_unit_test(processes_read_their_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
