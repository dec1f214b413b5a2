/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a resolved scenario: canonical YAML for results, YAML with comments and JSON for explain. All three are
 * written by the same walk over all values, so that none of them can omit a key.
 */
#define _GNU_SOURCE
#include "scenario/write.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "models/registry.h"
#include "scenario/bind_keys.h"
#include "scenario/options.h"
#include "scenario/yaml_text.h"

#define ORIGIN_COLUMN 56

struct walk {
    const struct scenario *scenario;
    FILE *stream; /* for YAML; NULL for JSON */
    bool has_origins;
    json_t *values;
    char path[192];           /* of the section */
    const char *first_indent; /* of the first line of the section; the others have `indent` */
    const char *indent;
    const struct family *family;
    const char *record; /* of the section; for walk_rows */
};

/* Returns the value of a row as YAML: a scalar or a flow list. */
static char *value_text(const struct option *option, const void *record, bool is_yaml)
{
    char *text = NULL, element[SETUP_TEXT_BYTES + 1];
    uint32_t count = option->count ? option->count : 1;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    CHECK(stream != NULL);
    for (uint32_t i = 0; i < count; i++) {
        fputs(count == 1 ? "" : i == 0 ? "[" : ", ", stream);
        option_format(option, record, i, element, sizeof(element));
        if (is_yaml)
            yaml_text_write(element, stream);
        else
            fputs(element, stream);
    }
    fputs(count == 1 ? "" : "]", stream);
    CHECK(fclose(stream) == 0);
    return text;
}

static void write_line(struct walk *walk, const char *key, const char *yaml, const char *path)
{
    int width = fprintf(walk->stream, "%s%s:%s%s", walk->first_indent, key, *yaml ? " " : "", yaml);

    walk->first_indent = walk->indent;
    if (walk->has_origins && path)
        fprintf(walk->stream, "%*s  # %s", width < ORIGIN_COLUMN ? ORIGIN_COLUMN - width : 0, "",
                scenario_origin(walk->scenario, path));
    fputc('\n', walk->stream);
}

/* The elements of a cost may have been overridden one by one; the origin is then that of the last override. */
static void walk_value(struct walk *walk, const char *key, const char *plain, const char *yaml)
{
    char path[256];

    snprintf(path, sizeof(path), "%s%s%s", walk->path, walk->path[0] ? "." : "", key);
    if (walk->stream)
        write_line(walk, key, yaml, path);
    else
        json_array_append_new(walk->values, json_pack("{s:s, s:s, s:s}", "path", path, "value", plain, "origin",
                                                      scenario_origin(walk->scenario, path)));
}

static void walk_text(struct walk *walk, const char *key, const char *text)
{
    char *yaml = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&yaml, &bytes);

    CHECK(stream != NULL);
    yaml_text_write(text, stream);
    CHECK(fclose(stream) == 0);
    walk_value(walk, key, text, yaml);
    free(yaml);
}

static void walk_table(struct walk *walk, const struct option_table *table, const void *record)
{
    for (size_t i = 0; i < table->count; i++) {
        char *plain = value_text(&table->rows[i], record, false), *yaml = value_text(&table->rows[i], record, true);

        walk_value(walk, table->rows[i].key, plain, yaml);
        free(plain);
        free(yaml);
    }
}

static void walk_rows(void *context, const struct key_table *table)
{
    struct walk *walk = context;

    walk_table(walk, &table->options, walk->record + table->offset);
}

/* Writes the keys of the section `name` that the family reads. */
static void walk_keys(struct walk *walk, const char *name, const void *record)
{
    walk->record = record;
    family_tables(walk->family, name, walk_rows, walk);
}

/* Begins a section, whose lines are indented by `indent`; the first line of an entry has `first_indent`. */
__attribute__((format(printf, 4, 5))) static void enter(struct walk *walk, const char *first_indent, const char *indent,
                                                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(walk->path, sizeof(walk->path), format, arguments);
    va_end(arguments);
    walk->first_indent = first_indent;
    walk->indent = indent;
}

static void header(struct walk *walk, const char *indent, const char *name, const char *value)
{
    if (walk->stream)
        fprintf(walk->stream, "%s%s:%s\n", indent, name, value);
}

static void walk_arrivals(struct walk *walk, const struct device_setup *device)
{
    const struct arrival_setup *arrivals = &device->arrivals;
    char *list = NULL, time[32];
    size_t bytes = 0;
    FILE *stream;

    header(walk, "    ", "arrivals", "");
    enter(walk, "      ", "      ", "devices.%s.arrivals", device->name);
    walk_keys(walk, "devices.arrivals", device);
    if (!arrivals->time_count)
        return;
    stream = open_memstream(&list, &bytes);
    CHECK(stream != NULL);
    for (uint64_t i = 0; i < arrivals->time_count; i++) {
        option_format_number(OPTION_DURATION, arrivals->times_ns[i], time, sizeof(time));
        fprintf(stream, "%s%s", i == 0 ? "[" : ", ", time);
        if (arrivals->works_ns == NULL || arrivals->works_ns[i] == ARRIVAL_HANDLER)
            continue;
        option_format_number(OPTION_DURATION, arrivals->works_ns[i], time, sizeof(time));
        fprintf(stream, " %s", time);
    }
    fputc(']', stream);
    CHECK(fclose(stream) == 0);
    walk_value(walk, "times", list, list);
    free(list);
}

static void walk_entries(struct walk *walk, const struct setup *setup)
{
    if (setup->guest_count)
        header(walk, "", "guests", "");
    for (uint32_t i = 0; i < setup->guest_count; i++) {
        enter(walk, "  - ", "    ", "guests.%s", setup->guests[i].name);
        walk_keys(walk, "guests", &setup->guests[i]);
    }
    header(walk, "", "devices", setup->device_count ? "" : " []");
    for (uint32_t i = 0; i < setup->device_count; i++) {
        enter(walk, "  - ", "    ", "devices.%s", setup->devices[i].name);
        walk_keys(walk, "devices", &setup->devices[i]);
        if (setup->devices[i].driver == DEVICE_DRIVER_GUEST && setup->guest_count)
            walk_text(walk, "guest", setup->guests[setup->devices[i].guest].name);
        walk_arrivals(walk, &setup->devices[i]);
    }
    if (setup->action_count)
        header(walk, "", "actions", "");
    for (uint32_t i = 0; i < setup->action_count; i++) {
        const struct action_setup *action = &setup->actions[i];
        const struct action_kind *kind = action_kind_of(walk->family, action);

        enter(walk, "  - ", "    ", "actions.%s", action->name);
        walk_keys(walk, "actions", action);
        walk_text(walk, "do", kind->name);
        if (kind->object == ACTION_ON_GUEST)
            walk_text(walk, "guest", setup->guests[action->guest].name);
        else if (kind->object == ACTION_ON_DEVICE)
            walk_text(walk, "device", setup->devices[action->device].name);
    }
}

static void write_headline(struct walk *walk)
{
    const struct headline *headline = &walk->scenario->headline;

    if (headline->count > 0)
        fputs("headline:\n", walk->stream);
    for (size_t i = 0; i < headline->count; i++)
        fprintf(walk->stream, "  - %s\n", headline->metrics[i]);
}

static void write_expectations(struct walk *walk)
{
    const struct scenario *scenario = walk->scenario;

    if (scenario->explore_expectation && !strcmp(scenario->expected_design, scenario->setup.hypervisor.design))
        fprintf(walk->stream, "expect: %s\n", scenario->explore_expectation);
    if (!scenario->expectation_count)
        return;
    fputs("expect:\n", walk->stream);
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        fputs("  - ", walk->stream);
        yaml_text_write(scenario->expectations[i].text, walk->stream);
        fputc('\n', walk->stream);
    }
}

/* Writes "path=value", as given to --set, as an entry of a YAML map. */
static void write_set(const char *set, FILE *stream)
{
    const char *value = strchr(set, '=') + 1;

    fprintf(stream, "%.*s: ", (int)(value - 1 - set), set);
    if (*value && strchr("[{\"'", *value))
        fputs(value, stream);
    else
        yaml_text_write(value, stream);
}

static void write_axis_value(const struct scenario_axis *axis, const struct scenario_value *value, FILE *stream)
{
    if (strchr(axis->path, '.')) {
        const char *text = strchr(value->sets[0], '=') + 1;

        fputs("    - ", stream);
        if (*text && strchr("[{\"'", *text))
            fputs(text, stream);
        else
            yaml_text_write(text, stream);
        fputc('\n', stream);
        return;
    }
    fputs("    - label: ", stream);
    yaml_text_write(value->label, stream);
    fputc('\n', stream);
    for (size_t i = 0; i < value->set_count; i++) {
        fputs("      ", stream);
        write_set(value->sets[i], stream);
        fputc('\n', stream);
    }
}

static void write_matrix(struct walk *walk)
{
    const struct scenario *scenario = walk->scenario;

    if (!scenario->axis_count)
        return;
    fputs("matrix:\n", walk->stream);
    for (size_t i = 0; i < scenario->axis_count; i++) {
        fputs("  ", walk->stream);
        yaml_text_write(scenario->axes[i].path, walk->stream);
        fputs(":\n", walk->stream);
        for (size_t j = 0; j < scenario->axes[i].value_count; j++)
            write_axis_value(&scenario->axes[i], &scenario->axes[i].values[j], walk->stream);
    }
}

/* Writes the sections that only the family has, with the profiles and costs of its software. */
static void walk_family_sections(struct walk *walk)
{
    const struct setup *setup = &walk->scenario->setup;
    char names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES], costs[SETUP_NAME_BYTES + 8];
    size_t count;

    family_sections(walk->family, names, &count);
    for (size_t i = 0; i < count; i++) {
        int software = family_software(walk->family, names[i]);

        header(walk, "", names[i], "");
        enter(walk, "  ", "  ", "%s", names[i]);
        walk_keys(walk, names[i], setup);
        if (software < 0)
            continue;
        walk_table(walk, &software_options, &setup->software[software]);
        header(walk, "  ", "costs", "");
        (void)snprintf(costs, sizeof(costs), "%.*s.costs", SETUP_NAME_BYTES - 1, names[i]);
        enter(walk, "    ", "    ", "%s", costs);
        walk_keys(walk, costs, setup);
    }
}

static void walk_scenario(struct walk *walk)
{
    const struct setup *setup = &walk->scenario->setup;
    struct scenario_head head = { .version = 1 };

    CHECK(strlen(walk->scenario->name) < sizeof(head.name));
    strcpy(head.name, walk->scenario->name);
    enter(walk, "", "", "%s", "");
    walk_table(walk, &head_options, &head);
    header(walk, "", "machine", "");
    enter(walk, "  ", "  ", "machine");
    walk_table(walk, &profile_options, &setup->machine);
    walk_table(walk, &machine_options, &setup->machine);
    header(walk, "  ", "costs", "");
    enter(walk, "    ", "    ", "machine.costs");
    walk_keys(walk, "machine.costs", setup);
    header(walk, "", "hypervisor", "");
    enter(walk, "  ", "  ", "hypervisor");
    walk_keys(walk, "hypervisor", setup);
    walk_family_sections(walk);
    walk_entries(walk, setup);
    header(walk, "", "run", "");
    enter(walk, "  ", "  ", "run");
    walk_keys(walk, "run", setup);
}

void scenario_write_yaml(const struct scenario *scenario, bool has_origins, FILE *stream)
{
    struct walk walk = {
        .scenario = scenario, .stream = stream, .has_origins = has_origins, .family = scenario->design->family
    };

    if (has_origins && scenario->question[0])
        fprintf(stream, "# %s\n", scenario->question);
    walk_scenario(&walk);
    write_matrix(&walk);
    write_headline(&walk);
    write_expectations(&walk);
}

json_t *scenario_to_json(const struct scenario *scenario)
{
    struct walk walk = { .scenario = scenario, .values = json_array(), .family = scenario->design->family };
    json_t *expectations = json_array(), *axes = json_object(), *headline = json_array();

    walk_scenario(&walk);
    for (size_t i = 0; i < scenario->expectation_count; i++)
        json_array_append_new(expectations, json_string(scenario->expectations[i].text));
    for (size_t i = 0; i < scenario->headline.count; i++)
        json_array_append_new(headline, json_string(scenario->headline.metrics[i]));
    for (size_t i = 0; i < scenario->axis_count; i++) {
        json_t *labels = json_array();

        for (size_t j = 0; j < scenario->axes[i].value_count; j++)
            json_array_append_new(labels, json_string(scenario->axes[i].values[j].label));
        json_object_set_new(axes, scenario->axes[i].path, labels);
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "scenario", scenario->name, "question", scenario->question,
                     "values", walk.values, "matrix", axes, "headline", headline, "expect", expectations);
}

char *scenario_resolved_yaml(const struct scenario *scenario)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    CHECK(stream != NULL);
    scenario_write_yaml(scenario, false, stream);
    CHECK(fclose(stream) == 0);
    return text;
}
