/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes schemas from option rows.
 */
#define _GNU_SOURCE
#include "scenario/schema_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "models/family/keys.h"

#define NUMBER "[0-9]+([.][0-9]+)?"
#define DURATION "(ns|us|ms|s)"

static const char *const patterns[] = {
    [OPTION_DURATION] = "^" NUMBER DURATION "$",
    [OPTION_RATE] = "^" NUMBER "(mHz|Hz|kHz|MHz)$",
    [OPTION_FREQUENCY] = "^" NUMBER "(Hz|kHz|MHz|GHz)$",
    [OPTION_CYCLES] = "^" NUMBER "cy$",
    [OPTION_SIZE] = "^" NUMBER "(B|KiB|MiB|GiB)$",
    [OPTION_INTEGER] = "^" NUMBER "$",
    [OPTION_INDEX] = "^" NUMBER "$",
};

static void add_name(json_t *names, const char *name)
{
    json_array_append_new(names, json_string(name));
    if (strcmp(name, "on") == 0 || strcmp(name, "true") == 0)
        json_array_append_new(names, json_true());
    if (strcmp(name, "off") == 0 || strcmp(name, "false") == 0)
        json_array_append_new(names, json_false());
}

json_t *schema_names(const char *const *names, size_t count)
{
    json_t *values = json_array();

    for (size_t i = 0; i < count; i++)
        add_name(values, names[i]);
    return json_pack("{s:o}", "enum", values);
}

static json_t *enum_schema(const struct option *option)
{
    json_t *values = json_array();

    for (const struct option_name *name = option->names; name->name != NULL; name++)
        add_name(values, name->name);
    return json_pack("{s:o}", "enum", values);
}

static json_t *text_schema(const struct option *option)
{
    size_t maximum = option->maximum != 0 ? (size_t)option->maximum : option->bytes - 1;
    json_t *schema = json_pack("{s:[s,s], s:I}", "type", "string", "number", "minLength", (json_int_t)option->minimum);

    if (option->bytes > 0)
        json_object_set_new(schema, "maxLength", json_integer((json_int_t)maximum));
    return schema;
}

static json_t *integer_schema(const struct option *option)
{
    json_t *schema = json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)option->minimum);

    if (option->maximum > 0 && option->maximum <= INT64_MAX)
        json_object_set_new(schema, "maximum", json_integer((json_int_t)option->maximum));
    return schema;
}

/* A number of at least `minimum`, of which a pattern only says whether 0 is one. */
static void add_pattern(json_t *choices, const char *pattern, uint64_t minimum)
{
    const char *no_zero = minimum > 0 ? "^(?!0+([.]0+)?[A-Za-z]*$)" : "^";

    json_array_append_new(choices, json_pack("{s:s, s:s+}", "type", "string", "pattern", no_zero, pattern + 1));
}

static json_t *number_schema(const struct option *option, bool is_cost)
{
    json_t *choices = json_array(), *zero = json_array();

    if (option->type == OPTION_INTEGER || option->type == OPTION_INDEX)
        json_array_append_new(choices, integer_schema(option));
    add_pattern(choices, patterns[option->type], option->minimum);
    if (option->type == OPTION_CYCLES && is_cost)
        add_pattern(choices, patterns[OPTION_DURATION], option->minimum);
    if (option->zero_name != NULL) {
        add_name(zero, option->zero_name);
        json_array_append_new(choices, json_pack("{s:O}", "enum", zero));
    }
    json_decref(zero);
    return json_pack("{s:o}", "anyOf", choices);
}

static json_t *scalar_schema(const struct option *option, bool is_cost)
{
    static const char *const switches[] = { "on", "off", "true", "false" };

    switch (option->type) {
    case OPTION_ENUM:
        return enum_schema(option);
    case OPTION_BOOL:
        return schema_names(switches, sizeof(switches) / sizeof(*switches));
    case OPTION_TEXT:
        return text_schema(option);
    default:
        return number_schema(option, is_cost);
    }
}

/* A list of all elements, or a map with the names of some. */
static json_t *elements_schema(const struct option *option, bool is_cost)
{
    json_t *scalar = scalar_schema(option, is_cost), *named = json_object();
    json_t *list = json_pack("{s:s, s:O, s:i, s:i}", "type", "array", "items", scalar, "minItems", (int)option->count,
                             "maxItems", (int)option->count);

    for (uint32_t i = 0; distance_names[i] != NULL; i++)
        json_object_set(named, distance_names[i], scalar);
    json_decref(scalar);
    return json_pack("{s:[o, {s:s, s:o, s:b}]}", "anyOf", list, "type", "object", "properties", named,
                     "additionalProperties", 0);
}

json_t *schema_value(const struct option *option, bool is_cost)
{
    json_t *schema = option->count > 1 ? elements_schema(option, is_cost) : scalar_schema(option, is_cost);
    char *text;

    CHECK(asprintf(&text, "%s%s%s", option->help, option->default_text != NULL ? "; default: " : "",
                   option->default_text != NULL ? option->default_text : "") > 0);
    json_object_set_new(schema, "description", json_string(text));
    free(text);
    return schema;
}
