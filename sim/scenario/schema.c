/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the schema of each family's sections; which family's it is, the design says.
 */
#include "scenario/schema.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "models/registry.h"
#include "result/headline.h"
#include "scenario/bind_keys.h"
#include "scenario/options.h"
#include "scenario/schema_value.h"

/* --- maps --- */

struct section_schema {
    json_t *properties;
    bool is_cost;
};

static void add_rows(json_t *properties, const struct option_table *table, bool is_cost)
{
    for (size_t i = 0; i < table->count; i++)
        json_object_set_new(properties, table->rows[i].key, schema_value(&table->rows[i], is_cost));
}

static void add_table(void *context, const struct key_table *table)
{
    const struct section_schema *section = context;

    add_rows(section->properties, &table->options, section->is_cost);
}

/* The properties of a section; the caller may add others. */
static json_t *section_properties(const struct family *family, const char *name)
{
    size_t bytes = strlen(name);
    struct section_schema section = { json_object(), bytes > 6 && strcmp(name + bytes - 6, ".costs") == 0 };

    family_tables(family, name, add_table, &section);
    return section.properties;
}

/* A map with these keys only. */
static json_t *map_of(json_t *properties)
{
    return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
}

/* A list of such maps, each of which has a name. */
static json_t *list_of(json_t *properties)
{
    json_t *entry = map_of(properties);

    json_object_set_new(entry, "required", json_pack("[s]", "name"));
    return json_pack("{s:s, s:o}", "type", "array", "items", entry);
}

static json_t *text_of(const char *description)
{
    return json_pack("{s:[s,s], s:s}", "type", "string", "number", "description", description);
}

/* --- sections --- */

static json_t *machine_schema(const struct family *family)
{
    json_t *properties = json_object();

    add_rows(properties, &profile_options, false);
    add_rows(properties, &machine_options, false);
    json_object_set_new(properties, "costs", map_of(section_properties(family, "machine.costs")));
    return map_of(properties);
}

static json_t *hypervisor_schema(const struct family *family)
{
    json_t *properties = section_properties(family, "hypervisor"), *names = json_array();

    for (size_t i = 0; i < family->design_count; i++)
        json_array_append_new(names, json_string(family->designs[i]->name));
    json_object_set_new(
        properties, "design",
        json_pack("{s:o, s:s}", "enum", names, "description", "how interrupts are delivered (irqpath list designs)"));
    return map_of(properties);
}

/* A section that only this family has, with the costs and the profile of its software. */
static json_t *own_schema(const struct family *family, const char *name)
{
    char costs[SETUP_NAME_BYTES + 8];
    json_t *properties = section_properties(family, name), *of_costs;

    (void)snprintf(costs, sizeof(costs), "%.*s.costs", SETUP_NAME_BYTES - 1, name);
    of_costs = section_properties(family, costs);
    if (family_software(family, name) >= 0)
        add_rows(properties, &software_options, false);
    if (json_object_size(of_costs) > 0)
        json_object_set_new(properties, "costs", map_of(json_incref(of_costs)));
    json_decref(of_costs);
    return map_of(properties);
}

static json_t *device_properties(const struct family *family)
{
    json_t *properties = section_properties(family, "devices");
    json_t *arrivals = section_properties(family, "devices.arrivals");

    if (family_has_section(family, "guests"))
        json_object_set_new(properties, "guest", text_of("the guest that owns the device"));
    json_object_set_new(arrivals, "times",
                        json_pack("{s:s, s:{s:s}, s:s}", "type", "array", "items", "type", "string", "description",
                                  "for replay: times of arrivals since the start of the run, ascending"));
    json_object_set_new(arrivals, "file", text_of("for replay: a file of such times, one per line"));
    json_object_set_new(properties, "arrivals", map_of(arrivals));
    return properties;
}

static json_t *action_properties(const struct family *family)
{
    json_t *properties = section_properties(family, "actions"), *names = json_array();

    for (size_t i = 0; i < family->action_count; i++)
        json_array_append_new(names, json_string(family->actions[i].name));
    json_object_set_new(properties, "do",
                        json_pack("{s:o, s:s}", "enum", names, "description", "the action (irqpath list actions)"));
    json_object_set_new(properties, "guest", text_of("for actions on a guest"));
    json_object_set_new(properties, "device", text_of("for actions on a device"));
    return properties;
}

/* Keys of the top level without rows. */
static void add_others(json_t *properties)
{
    json_object_set_new(properties, "base", text_of("the file or the name of the scenario that this one begins with"));
    json_object_set_new(properties, "matrix",
                        json_pack("{s:s, s:{s:s, s:i}, s:s}", "type", "object", "additionalProperties", "type", "array",
                                  "minItems", 1, "description", "the values of keys that irqpath sweep combines"));
    json_object_set_new(
        properties, "sample",
        json_pack("{s:s, s:s}", "type", "object", "description", "machines that irqpath sweep draws at random"));
    json_object_set_new(properties, "headline",
                        json_pack("{s:s, s:{s:s}, s:i, s:s}", "type", "array", "items", "type", "string", "maxItems",
                                  HEADLINE_METRICS_MAX, "description", "the metrics that answer the question"));
    json_object_set_new(properties, "expect",
                        json_pack("{s:[{s:s, s:s}, {s:s, s:{s:s}}], s:s}", "anyOf", "type", "string", "pattern",
                                  "^(clean|violation( [a-z-]+)?)$", "type", "array", "items", "type", "string",
                                  "description", "what must hold at the end of the run, or of an exploration"));
}

static json_t *family_schema(const struct family *family)
{
    char names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES];
    json_t *properties = json_object(), *defaults = json_object();
    size_t count;

    add_rows(properties, &head_options, false);
    add_others(properties);
    json_object_set_new(properties, "machine", machine_schema(family));
    json_object_set_new(properties, "hypervisor", hypervisor_schema(family));
    json_object_set_new(properties, "run", map_of(section_properties(family, "run")));
    json_object_set_new(properties, "devices", list_of(device_properties(family)));
    json_object_set_new(defaults, "devices", map_of(device_properties(family)));
    if (family_has_section(family, "guests")) {
        json_object_set_new(properties, "guests", list_of(section_properties(family, "guests")));
        json_object_set_new(defaults, "guests", map_of(section_properties(family, "guests")));
    }
    if (family_has_section(family, "actions"))
        json_object_set_new(properties, "actions", list_of(action_properties(family)));
    json_object_set_new(properties, "defaults", map_of(defaults));
    family_sections(family, names, &count);
    for (size_t i = 0; i < count; i++)
        json_object_set_new(properties, names[i], own_schema(family, names[i]));
    return map_of(properties);
}

/* --- which family it is --- */

/* Holds for a scenario with one of the family's designs. */
static json_t *has_design(const struct family *family)
{
    json_t *names = json_array();

    for (size_t i = 0; i < family->design_count; i++)
        json_array_append_new(names, json_string(family->designs[i]->name));
    return json_pack("{s:[s], s:{s:{s:[s], s:{s:{s:o}}}}}", "required", "hypervisor", "properties", "hypervisor",
                     "required", "design", "properties", "design", "enum", names);
}

/* Holds for a scenario that names no design. */
static json_t *has_no_design(void)
{
    return json_pack("{s:{s:[s], s:{s:{s:[s]}}}}", "not", "required", "hypervisor", "properties", "hypervisor",
                     "required", "design");
}

static json_t *family_reference(const struct family *family)
{
    return json_pack("{s:s++}", "$ref", "#/definitions/", family->name, "");
}

/* Without a design it is the first family's default, or what the base says. */
static json_t *rules(void)
{
    json_t *all = json_array(), *any = json_array(), *designs = json_array();

    for (size_t i = 0; i < design_count(); i++)
        json_array_append_new(designs, json_string(design_at(i)->name));
    for (size_t i = 0; i < family_count; i++) {
        json_array_append_new(
            all, json_pack("{s:o, s:o}", "if", has_design(families[i]), "then", family_reference(families[i])));
        json_array_append_new(any, family_reference(families[i]));
    }
    json_array_append_new(all,
                          json_pack("{s:o, s:{s:{s:[s]}, s:{s:o}, s:o}}", "if", has_no_design(), "then", "if",
                                    "required", "base", "then", "anyOf", any, "else", family_reference(families[0])));
    json_array_append_new(
        all, json_pack("{s:{s:{s:[s]}}, s:{s:[s]}}", "if", "not", "required", "base", "then", "required", "name"));
    json_array_append_new(
        all, json_pack("{s:{s:{s:{s:{s:o}}}}}", "properties", "hypervisor", "properties", "design", "enum", designs));
    return all;
}

void scenario_schema_print(FILE *stream)
{
    json_t *definitions = json_object(), *schema;

    for (size_t i = 0; i < family_count; i++)
        json_object_set_new(definitions, families[i]->name, family_schema(families[i]));
    schema =
        json_pack("{s:s, s:s, s:s, s:o, s:o}", "$schema", "http://json-schema.org/draft-07/schema#", "title",
                  "A scenario of irqpath, version 1", "type", "object", "allOf", rules(), "definitions", definitions);
    json_dumpf(schema, stream, JSON_INDENT(1));
    fputc('\n', stream);
    json_decref(schema);
}
