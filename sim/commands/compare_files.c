/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath compare BASE.cbor NEW.cbor: results with earlier ones.
 */
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "commands/compare_axis.h"
#include "commands/compare_parts.h"
#include "compare/difference.h"
#include "sweep/sweep.h"

#define SIDE_BYTES 200

/* What tells a cell from the other one: scenario, design, axes. */
static void name_side(const struct result *cell, const struct result *other, char text[SIDE_BYTES])
{
    bool is_design = strcmp(cell->design, other->design) != 0;
    int used =
        snprintf(text, SIDE_BYTES, "%s%s%s", strcmp(cell->scenario, other->scenario) != 0 ? cell->scenario : "",
                 strcmp(cell->scenario, other->scenario) != 0 && is_design ? ", " : "", is_design ? cell->design : "");

    for (size_t i = 0; i < cell->axis_count && used < SIDE_BYTES; i++) {
        const char *value = result_axis_value(other, cell->axes[i].path);
        bool is_shown = strcmp(cell->axes[i].path, COMPARE_DESIGN_AXIS) != 0 &&
                        (value == NULL || strcmp(value, cell->axes[i].value) != 0);
        if (is_shown)
            used += snprintf(text + used, SIDE_BYTES - (size_t)used, "%s%s=%s", used > 0 ? ", " : "",
                             cell->axes[i].path, cell->axes[i].value);
    }
}

/* Makes the sides of a cell of both files. The caller owns the sides, which borrow their labels. */
static void pair_sides(const struct compare_group *base, const struct compare_group *other,
                       struct compare_side sides[2], char labels[2][SIDE_BYTES])
{
    name_side(base->first, other->first, labels[0]);
    name_side(other->first, base->first, labels[1]);
    if (strcmp(labels[0], labels[1]) == 0 || labels[0][0] == '\0' || labels[1][0] == '\0') {
        strcpy(labels[0], "base");
        strcpy(labels[1], "new");
    }
    compare_side_init(&sides[0], labels[0]);
    compare_side_init(&sides[1], labels[1]);
    for (size_t i = 0; i < base->side.count; i++)
        compare_side_add(&sides[0], base->side.results[i]);
    for (size_t i = 0; i < other->side.count; i++)
        compare_side_add(&sides[1], other->side.results[i]);
}

/* Says what else than its seed a cell has otherwise in both files. */
static void note_differences(const struct cli *cli, const struct result *base, const struct result *other)
{
    struct difference_keys keys[2];
    char cell[256], texts[2][300];
    size_t found = 0;

    difference_keys_read(&keys[0], base->resolved);
    difference_keys_read(&keys[1], other->resolved);
    for (size_t i = 0; i < 2; i++)
        found += difference_text(keys, 2, i, false, texts[i], sizeof texts[i]);
    compare_cell_text(other, cell, sizeof cell);
    if (found > 0)
        cli_note(cli, "%s: the scenarios differ: base %s; new %s", cell, texts[0][0] != '\0' ? texts[0] : "lacks it",
                 texts[1][0] != '\0' ? texts[1] : "lacks it");
    difference_keys_free(&keys[0]);
    difference_keys_free(&keys[1]);
}

/* Compares the cells that both files contain. If each file has only one cell, these two are compared even when they
 * differ. Returns the number of pairs. */
static size_t compare_pairs(const struct cli *cli, const struct compare_groups *base,
                            const struct compare_groups *other, double threshold, bool *has_regression)
{
    json_t *documents = json_array();
    size_t pairs = 0;

    for (size_t i = 0; i < other->count; i++) {
        const struct compare_group *partner = compare_groups_find(base, other->groups[i].first);
        char text[256];
        if (partner == NULL && base->count == 1 && other->count == 1)
            partner = &base->groups[0];
        compare_cell_text(other->groups[i].first, text, sizeof text);
        if (partner == NULL) {
            cli_note(cli, "%s is not in %s", text, cli->arguments[0]);
            continue;
        }
        if (compare_same_cell(partner->first, other->groups[i].first))
            note_differences(cli, partner->first, other->groups[i].first);
        if (!cli->wants_json && pairs > 0)
            putchar('\n');
        struct compare_side sides[2];
        char labels[2][SIDE_BYTES];
        pair_sides(partner, &other->groups[i], sides, labels);
        *has_regression = compare_report(cli, sides, 2, threshold, documents) || *has_regression;
        pairs++;
    }
    compare_print_documents(cli, documents);
    return pairs;
}

static int compare_two_files(const struct cli *cli, const struct result_set sets[2], double threshold)
{
    struct compare_groups base, other;
    bool has_regression = false;

    compare_groups_make(&base, &sets[0]);
    compare_groups_make(&other, &sets[1]);
    if (!compare_are_distinct(cli, &base) || !compare_are_distinct(cli, &other)) {
        compare_groups_free(&base);
        compare_groups_free(&other);
        return EXIT_CODE_USAGE;
    }
    if (base.partial_count + other.partial_count > 0)
        cli_note(cli, "%zu partial results are left out", base.partial_count + other.partial_count);
    for (size_t i = 0; i < base.count; i++) {
        char text[256];
        compare_cell_text(base.groups[i].first, text, sizeof text);
        if (compare_groups_find(&other, base.groups[i].first) == NULL && base.count + other.count > 2)
            cli_note(cli, "%s is not in %s", text, cli->arguments[1]);
    }
    size_t pairs = compare_pairs(cli, &base, &other, threshold, &has_regression);
    if (pairs == 0)
        cli_error(cli, "%s and %s have no cell in common", cli->arguments[0], cli->arguments[1]);
    compare_groups_free(&base);
    compare_groups_free(&other);
    return cli_finish_output(pairs == 0 ? EXIT_CODE_USAGE : has_regression ? EXIT_CODE_FAILED : EXIT_CODE_OK);
}

/* Whether the results lie on more than one place of the axis; the design is one, too. */
static bool varies(const struct result_set *set, const char *axis)
{
    for (size_t i = 1; i < set->count; i++) {
        const char *first = result_axis_value(&set->results[0], axis),
                   *value = result_axis_value(&set->results[i], axis);
        bool is_same = strcmp(axis, COMPARE_DESIGN_AXIS) == 0
                           ? strcmp(set->results[0].design, set->results[i].design) == 0
                           : (first == NULL) == (value == NULL) && (first == NULL || strcmp(first, value) == 0);
        if (!is_same)
            return true;
    }
    return false;
}

/* The axis to compare along: the design, unless all have the same and only one other axis varies. */
static const char *natural_axis(const struct result_set *set)
{
    const char *axis = COMPARE_DESIGN_AXIS;
    size_t count = 0;

    if (set->count == 0 || varies(set, COMPARE_DESIGN_AXIS))
        return COMPARE_DESIGN_AXIS;
    for (size_t i = 0; i < set->results[0].axis_count; i++)
        if (varies(set, set->results[0].axes[i].path)) {
            axis = set->results[0].axes[i].path;
            count++;
        }
    return count == 1 ? axis : COMPARE_DESIGN_AXIS;
}

static int compare_one_file(const struct cli *cli, const struct result_set *set, double threshold)
{
    const struct compare_options *given = cli->own;
    struct suggest suggest;
    char suggestion[SUGGEST_TEXT_BYTES], axes[256];

    if (given->over == NULL || strcmp(given->over, COMPARE_DESIGN_AXIS) == 0)
        return compare_report_axis(cli, NULL, set, given->over != NULL ? given->over : natural_axis(set), threshold);
    if (varies(set, given->over))
        return compare_report_axis(cli, NULL, set, given->over, threshold);
    suggest_init(&suggest, given->over);
    size_t used = (size_t)snprintf(axes, sizeof axes, "%s", COMPARE_DESIGN_AXIS);
    for (size_t i = 0; set->count > 0 && i < set->results[0].axis_count; i++) {
        const char *path = set->results[0].axes[i].path;
        suggest_offer(&suggest, path);
        if (strcmp(path, COMPARE_DESIGN_AXIS) != 0 && used < sizeof axes)
            used += (size_t)snprintf(axes + used, sizeof axes - used, ", %s", path);
    }
    cli_error(cli, "--over: the results do not differ on an axis '%s'%s; they have %s", given->over,
              suggest_text(&suggest, suggestion), axes);
    return EXIT_CODE_USAGE;
}

int compare_files(const struct cli *cli, double threshold)
{
    const struct compare_options *given = cli->own;
    struct result_set sets[2];
    char message[512];
    int status = EXIT_CODE_OK;

    if (given->designs != NULL || given->until != NULL || given->seeds_max.is_given || cli->seeds.is_given ||
        cli->sets.count > 0 || cli->expects.count > 0 || cli->output != NULL) {
        cli_error(cli, "options of a simulation cannot be used with result files");
        return EXIT_CODE_USAGE;
    }
    if (given->over != NULL && cli->argument_count == 2) {
        cli_error(cli, "--over is for one file: two files are compared cell by cell");
        return EXIT_CODE_USAGE;
    }
    result_set_init(&sets[0]);
    result_set_init(&sets[1]);
    for (size_t i = 0; i < cli->argument_count && status == EXIT_CODE_OK; i++)
        if (!sweep_read_results(cli->arguments[i], &sets[i], message, sizeof message)) {
            cli_error(cli, "%s", message);
            status = EXIT_CODE_IO;
        }
    if (status == EXIT_CODE_OK)
        status = cli->argument_count == 2 ? compare_two_files(cli, sets, threshold)
                                          : compare_one_file(cli, &sets[0], threshold);
    result_set_free(&sets[0]);
    result_set_free(&sets[1]);
    return status;
}
