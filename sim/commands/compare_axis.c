/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses the axis. Values of --over are separated by commas that are not in brackets or quotes.
 */
#define _GNU_SOURCE
#include "commands/compare_axis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"
#include "commands/compare_parts.h"

static void add_value(struct scenario_axis *axis, const char *label, const char *const *sets, size_t set_count)
{
    axis->values = realloc(axis->values, (axis->value_count + 1) * sizeof *axis->values);
    CHECK(axis->values != NULL);
    struct scenario_value *value = &axis->values[axis->value_count++];
    *value = (struct scenario_value){ .label = strdup(label), .sets = calloc(set_count + 1, sizeof *value->sets) };
    CHECK(value->label != NULL && value->sets != NULL);
    for (; value->set_count < set_count; value->set_count++) {
        value->sets[value->set_count] = text_copy(sets[value->set_count]);
    }
}

/* Adds the value that sets the axis's own path to the text. */
static void add_text(struct scenario_axis *axis, const char *text)
{
    char *set;

    CHECK(asprintf(&set, "%s=%s", axis->path, text) > 0);
    add_value(axis, text, (const char *const[]){ set }, 1);
    free(set);
}

/* The length of the text up to its next comma outside of brackets and quotes. */
static size_t value_bytes(const char *text)
{
    size_t bytes = 0, depth = 0;
    char quote = '\0';

    for (; text[bytes] != '\0' && (text[bytes] != ',' || depth > 0 || quote != '\0'); bytes++) {
        char c = text[bytes];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[' || c == '{')
            depth++;
        else if ((c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return bytes;
}

static bool is_named_twice(const struct scenario_axis *axis, const char *label)
{
    for (size_t i = 0; i < axis->value_count; i++)
        if (strcmp(axis->values[i].label, label) == 0)
            return true;
    return false;
}

/* Adds the values in the text of an option. */
static bool add_values(struct scenario_axis *axis, const struct cli *cli, const char *option, const char *text)
{
    for (const char *rest = text;; rest++) {
        size_t bytes = value_bytes(rest);
        char *value = text_copy_bytes(rest, bytes);
        rest += bytes;
        bool is_empty = value[0] == '\0', is_twice = is_named_twice(axis, value);
        if (is_empty)
            cli_error(cli, "%s: a value in '%s' is empty", option, text);
        else if (is_twice)
            cli_error(cli, "%s names %s twice", option, value);
        else
            add_text(axis, value);
        free(value);
        if (is_empty || is_twice)
            return false;
        if (*rest == '\0')
            return true;
    }
}

static void set_path(struct scenario_axis *axis, const char *path, size_t bytes)
{
    axis->path = text_copy_bytes(path, bytes);
}

static void copy_axis(struct scenario_axis *axis, const struct scenario_axis *from)
{
    set_path(axis, from->path, strlen(from->path));
    for (size_t i = 0; i < from->value_count; i++)
        add_value(axis, from->values[i].label, (const char *const *)from->values[i].sets, from->values[i].set_count);
}

static const struct scenario_axis *find_axis(const struct scenario *scenario, const char *path)
{
    for (size_t i = 0; i < scenario->axis_count; i++)
        if (strcmp(scenario->axes[i].path, path) == 0)
            return &scenario->axes[i];
    return NULL;
}

/* "sockets, hypervisor.lock": the axes of the matrix. */
static void list_axes(const struct scenario *scenario, char *text, size_t text_bytes)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < scenario->axis_count && used < text_bytes; i++)
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", i > 0 ? ", " : "", scenario->axes[i].path);
}

static bool choose_designs(struct scenario_axis *axis, const struct cli *cli, const char *text)
{
    set_path(axis, COMPARE_DESIGN_AXIS, strlen(COMPARE_DESIGN_AXIS));
    if (!add_values(axis, cli, "--designs", text))
        return false;
    for (size_t i = 0; i < axis->value_count; i++)
        if (!cli_design_exists(cli, axis->values[i].label))
            return false;
    return true;
}

/* --over PATH=A,B, or the name of an axis of the matrix. */
static bool choose_over(struct scenario_axis *axis, const struct cli *cli, const struct scenario *scenario,
                        const char *text)
{
    const char *values = strchr(text, '=');
    const struct scenario_axis *known = values == NULL ? find_axis(scenario, text) : NULL;
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    if (known != NULL) {
        copy_axis(axis, known);
        return true;
    }
    if (values != NULL && values > text) {
        set_path(axis, text, (size_t)(values - text));
        if (strcmp(axis->path, "run.seed") != 0)
            return add_values(axis, cli, "--over", values + 1);
        cli_error(cli, "--over run.seed: every value runs with the same seeds (--seed, --seeds)");
        return false;
    }
    suggest_init(&suggest, text);
    for (size_t i = 0; i < scenario->axis_count; i++)
        suggest_offer(&suggest, scenario->axes[i].path);
    cli_error(cli, "--over: expected PATH=A,B or an axis of the scenario's matrix, not '%s'%s", text,
              suggest_text(&suggest, suggestion));
    return false;
}

/* The design, or else the only axis of the matrix. */
static bool choose_from_matrix(struct scenario_axis *axis, const struct cli *cli, const struct scenario *scenario)
{
    const struct scenario_axis *found = find_axis(scenario, COMPARE_DESIGN_AXIS);
    char axes[256];

    if (found == NULL && scenario->axis_count == 1)
        found = &scenario->axes[0];
    if (found != NULL) {
        copy_axis(axis, found);
        return true;
    }
    list_axes(scenario, axes, sizeof axes);
    if (scenario->axis_count == 0)
        cli_error(cli,
                  "nothing to compare: --designs A,B or --over PATH=A,B is missing, and the scenario has no matrix");
    else
        cli_error(cli, "the scenario's matrix has several axes: --over one of %s", axes);
    return false;
}

bool compare_axis_choose(struct scenario_axis *axis, const struct cli *cli, const struct scenario *scenario)
{
    const struct compare_options *given = cli->own;

    *axis = (struct scenario_axis){ .path = NULL };
    if (given->designs != NULL && given->over != NULL) {
        cli_error(cli, "--designs and --over: one axis can be compared at a time");
        return false;
    }
    if (given->designs != NULL)
        return choose_designs(axis, cli, given->designs);
    if (given->over != NULL)
        return choose_over(axis, cli, scenario, given->over);
    return choose_from_matrix(axis, cli, scenario);
}

void compare_axis_free(struct scenario_axis *axis)
{
    for (size_t i = 0; i < axis->value_count; i++) {
        for (size_t set = 0; set < axis->values[i].set_count; set++)
            free(axis->values[i].sets[set]);
        free(axis->values[i].sets);
        free(axis->values[i].label);
    }
    free(axis->values);
    free(axis->path);
    *axis = (struct scenario_axis){ .path = NULL };
}
