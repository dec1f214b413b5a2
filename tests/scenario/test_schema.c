/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON Schema of scenarios has every key of every family, and where a default may stand for it, there, too.
 * tests/manual/schema.py validates scenarios with it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "scenario/schema.h"

static json_t *schema_of(void)
{
    char *text = NULL;
    size_t bytes = 0;
    json_error_t error;
    FILE *stream = open_memstream(&text, &bytes);

    assert_non_null(stream);
    scenario_schema_print(stream);
    fclose(stream);
    json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (schema == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    free(text);
    return schema;
}

/* The keys at ROOT.definitions.FAMILY.properties.SECTION..., below an array's items or a map's properties. */
static const json_t *section_of(const json_t *schema, const char *family, const char *first, const char *second)
{
    const json_t *at = json_object_get(json_object_get(json_object_get(schema, "definitions"), family), "properties");
    const char *const path[] = { first, second };

    for (size_t i = 0; i < 2 && path[i] != NULL; i++) {
        at = json_object_get(at, path[i]);
        const json_t *items = json_object_get(at, "items");
        at = json_object_get(items != NULL ? items : at, "properties");
    }
    return at;
}

static void check_rows(const json_t *schema, const struct family *family, const struct key_table *table)
{
    const bool is_list = !strcmp(table->section, "guests") || !strcmp(table->section, "devices");

    if (strchr(table->section, '.') != NULL || !strcmp(table->section, "actions"))
        return; /* those of deeper sections, and of actions by their kinds */
    for (size_t i = 0; i < table->options.count; i++) {
        const char *key = table->options.rows[i].key;
        const json_t *section = section_of(schema, family->name, table->section, NULL);
        if (json_object_get(section, key) == NULL)
            fail_msg("%s: no %s.%s", family->name, table->section, key);
        if (is_list && json_object_get(section_of(schema, family->name, "defaults", table->section), key) == NULL)
            fail_msg("%s: no defaults.%s.%s", family->name, table->section, key);
    }
}

static void every_key_is_there(void **state)
{
    json_t *schema = schema_of();

    (void)state;
    for (size_t i = 0; i < family_count; i++) {
        for (const struct key_table *const *table = families[i]->keys; *table; table++)
            check_rows(schema, families[i], *table);
        bool has_guests = family_has_section(families[i], "guests");
        assert_true((section_of(schema, families[i]->name, "guests", NULL) != NULL) == has_guests);
        assert_true((section_of(schema, families[i]->name, "defaults", "guests") != NULL) == has_guests);
        assert_non_null(section_of(schema, families[i]->name, "machine", NULL));
        assert_non_null(section_of(schema, families[i]->name, "hypervisor", NULL));
        assert_non_null(section_of(schema, families[i]->name, "run", NULL));
    }
    json_decref(schema);
}

/* Each family's designs ask for its keys, and a scenario with neither design nor base for those of the first. */
static void designs_choose_the_keys(void **state)
{
    json_t *schema = schema_of(), *all = json_object_get(schema, "allOf"), *rule;
    char reference[64];
    size_t index, designs = 0;

    (void)state;
    assert_int_equal(json_array_size(all), family_count + 3);
    json_array_foreach(all, index, rule)
    {
        if (index >= family_count)
            break;
        const json_t *design = json_object_get(
            json_object_get(json_object_get(json_object_get(json_object_get(rule, "if"), "properties"), "hypervisor"),
                            "properties"),
            "design");
        designs += json_array_size(json_object_get(design, "enum"));
        snprintf(reference, sizeof reference, "#/definitions/%s", families[index]->name);
        assert_string_equal(json_string_value(json_object_get(json_object_get(rule, "then"), "$ref")), reference);
    }
    assert_int_equal(designs, design_count());
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_there),
        cmocka_unit_test(designs_choose_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
