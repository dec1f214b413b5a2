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

/* One of each kind of value, with its limits. Apostrophes stand for quotation marks. */
static const struct {
    const char *family, *section, *second, *key, *text;
} values[] = {
    { "xen", "devices", NULL, "count",
      "{'anyOf': [{'maximum': 256, 'minimum': 1, 'type': 'integer'}, {'pattern': "
      "'^(?!0+([.]0+)?[A-Za-z]*$)[0-9]+([.][0-9]+)?$', 'type': 'string'}], 'description': 'devices of this "
      "kind in each of its guests; default: 1'}" },
    { "xen", "devices", NULL, "interrupts",
      "{'anyOf': [{'maximum': 1000, 'minimum': 0, 'type': 'integer'}, {'pattern': '^[0-9]+([.][0-9]+)?$', "
      "'type': 'string'}], 'description': 'explore: number of interrupts that each vector raises; default: 2'}" },
    { "xen", "devices", NULL, "handler",
      "{'anyOf': [{'pattern': '^[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': 'string'}, {'enum': ['costs']}], "
      "'description': 'time of the guest's handler and poll; `costs` stands for guest_handler of the software "
      "costs; default: costs'}" },
    { "xen", "devices", NULL, "pirqs",
      "{'description': 'position of its PIRQ numbers among the guest's; default: first', 'enum': ['first', 'last']}" },
    { "xen", "devices", NULL, "polled",
      "{'description': 'raises nothing from the interrupt to the end of the guest's poll (NAPI); default: "
      "off', 'enum': ['on', true, 'off', false, 'true', true, 'false', false]}" },
    { "xen", "devices", NULL, "name",
      "{'description': 'name of this kind of device: a letter, then letters, digits, '_', '-'', 'maxLength': "
      "47, 'minLength': 1, 'type': ['string', 'number']}" },
    { "xen", "devices", NULL, "guest",
      "{'description': 'the guest that owns the device', 'type': ['string', 'number']}" },
    { "xen", "devices", "arrivals", "times",
      "{'description': 'for replay: times of arrivals since the start of the run, ascending', 'items': "
      "{'type': 'string'}, 'type': 'array'}" },
    { "xen", "devices", "arrivals", "file",
      "{'description': 'for replay: a file of such times, one per line', 'type': ['string', 'number']}" },
    { "xen", "devices", "arrivals", "rate",
      "{'anyOf': [{'pattern': '^(?!0+([.]0+)?[A-Za-z]*$)[0-9]+([.][0-9]+)?(mHz|Hz|kHz|MHz)$', 'type': "
      "'string'}], 'description': 'rate of each vector: of packets with moderated, during bursts with onoff, "
      "of interrupts otherwise; default: 1kHz'}" },
    { "xen", "guests", NULL, "timer",
      "{'anyOf': [{'pattern': '^(?!0+([.]0+)?[A-Za-z]*$)[0-9]+([.][0-9]+)?(mHz|Hz|kHz|MHz)$', 'type': "
      "'string'}, {'enum': ['tickless']}], 'description': 'tick of each vCPU; default: 250Hz'}" },
    { "xen", "guests", NULL, "cap",
      "{'anyOf': [{'maximum': 65535, 'minimum': 0, 'type': 'integer'}, {'pattern': '^[0-9]+([.][0-9]+)?$', "
      "'type': 'string'}, {'enum': ['none']}], 'description': 'most of a pCPU that the whole guest may use, in "
      "percent; default: 0'}" },
    { "xen", "xen", NULL, "profile",
      "{'description': 'cost profile of this software: a name from `irqpath list costs`, or a path; default: "
      "named like the machine; default: machine', 'maxLength': 1023, 'minLength': 1, 'type': ['string', "
      "'number']}" },
    { "xen", "xen", "costs", "do_irq",
      "{'anyOf': [{'pattern': '^[0-9]+([.][0-9]+)?cy$', 'type': 'string'}, {'pattern': "
      "'^[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': 'string'}], 'description': 'do_IRQ without the action'}" },
    { "xen", "machine", NULL, "frequency",
      "{'anyOf': [{'pattern': '^(?!0+([.]0+)?[A-Za-z]*$)[0-9]+([.][0-9]+)?(Hz|kHz|MHz|GHz)$', 'type': "
      "'string'}], 'description': 'frequency of the clock that counts cycles; default: the profile's'}" },
    { "xen", "machine", "costs", "load_modified",
      "{'anyOf': [{'items': {'anyOf': [{'pattern': '^[0-9]+([.][0-9]+)?cy$', 'type': 'string'}, {'pattern': "
      "'^[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': 'string'}]}, 'maxItems': 3, 'minItems': 3, 'type': "
      "'array'}, {'additionalProperties': false, 'properties': {'far': {'anyOf': [{'pattern': "
      "'^[0-9]+([.][0-9]+)?cy$', 'type': 'string'}, {'pattern': '^[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': "
      "'string'}]}, 'middle': {'anyOf': [{'pattern': '^[0-9]+([.][0-9]+)?cy$', 'type': 'string'}, {'pattern': "
      "'^[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': 'string'}]}, 'near': {'anyOf': [{'pattern': "
      "'^[0-9]+([.][0-9]+)?cy$', 'type': 'string'}, {'pattern': '^[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': "
      "'string'}]}}, 'type': 'object'}], 'description': 'load of a line modified in another cache'}" },
    { "xen", "run", NULL, "duration",
      "{'anyOf': [{'pattern': '^(?!0+([.]0+)?[A-Za-z]*$)[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': 'string'}], "
      "'description': 'simulated time of the measurement; default: 1s'}" },
    { "xen", "run", NULL, "seed",
      "{'anyOf': [{'minimum': 0, 'type': 'integer'}, {'pattern': '^[0-9]+([.][0-9]+)?$', 'type': 'string'}], "
      "'description': 'seed of all random draws; default: 1'}" },
    { "qemu", "qemu", NULL, "unmap_every",
      "{'anyOf': [{'pattern': '^[0-9]+([.][0-9]+)?(ns|us|ms|s)$', 'type': 'string'}, {'enum': ['never']}], "
      "'description': 'interval at which the guest's shared pages are unmapped; default: never'}" },
    { "qemu", "actions", NULL, "do",
      "{'description': 'the action (irqpath list actions)', 'enum': ['unbind', 'bind', 'affinity', 'reopen', "
      "'migrate', 'reset', 'map-pirq', 'callback', 'lapic', 'loopback']}" },
    { "qemu", "actions", NULL, "guest", "{'description': 'for actions on a guest', 'type': ['string', 'number']}" },
    { "qemu", "actions", NULL, "device", "{'description': 'for actions on a device', 'type': ['string', 'number']}" },
};

static void each_kind_of_value_has_its_schema(void **state)
{
    json_t *schema = schema_of();

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        const json_t *section = section_of(schema, values[i].family, values[i].section, values[i].second);
        char *text = json_dumps(json_object_get(section, values[i].key), JSON_SORT_KEYS);

        assert_non_null(text);
        for (char *at = text; *at != '\0'; at++)
            *at = *at == '"' ? '\'' : *at;
        if (strcmp(text, values[i].text) != 0)
            fail_msg("%s.%s: %s", values[i].section, values[i].key, text);
        free(text);
    }
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_there),
        cmocka_unit_test(designs_choose_the_keys),
        cmocka_unit_test(each_kind_of_value_has_its_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
