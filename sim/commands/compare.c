/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath compare: compares designs with the same seeds, or results with earlier ones.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/expectations.h"
#include "commands/progress.h"
#include "compare/compare.h"
#include "compare/cells.h"
#include "compare/groups.h"
#include "result/file.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "sweep/sweep.h"

#define DESIGNS_MAX 64
#define DEFAULT_THRESHOLD_PERCENT 1.0

struct compare_options {
    const char *designs;
    const char *threshold;
    struct cli_count threads;
    bool wants_all, is_forced;
};

struct design_list {
    char *text; /* the text of the option, split at the commas */
    const char *names[DESIGNS_MAX];
    size_t count;
};

static int compare_designs(const struct cli *cli, double threshold);
static int compare_files(const struct cli *cli, double threshold);

static bool read_threshold(const struct cli *cli, double *threshold)
{
    const struct compare_options *given = cli->own;
    char *end;

    *threshold = DEFAULT_THRESHOLD_PERCENT;
    if (given->threshold == NULL)
        return true;
    *threshold = strtod(given->threshold, &end);
    if (end == given->threshold || (*end != '\0' && strcmp(end, "%") != 0) || !(*threshold >= 0 && *threshold <= 1e6)) {
        cli_error(cli, "--threshold: expected a percentage of at least 0, not '%s'", given->threshold);
        return false;
    }
    return true;
}

/* Whether an argument is a result, by its name, or the directory of a sweep. */
static bool is_result(const char *path)
{
    const char *ending = strrchr(path, '.');
    struct stat status;
    return (ending != NULL && strcmp(ending, ".cbor") == 0) || (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

static int command_compare_main(const struct cli *cli)
{
    double threshold;

    if (!read_threshold(cli, &threshold))
        return EXIT_CODE_USAGE;
    if (cli->argument_count == 2 || is_result(cli->arguments[0]))
        return compare_files(cli, threshold);
    return compare_designs(cli, threshold);
}

static int finish_output(const struct cli *cli, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    cli_error(cli, "cannot write to standard output");
    return EXIT_CODE_IO;
}

/* Reads the names of designs from --designs or from the matrix of the scenario. */
static bool list_designs(const struct cli *cli, const struct scenario *scenario, struct design_list *list)
{
    const struct compare_options *given = cli->own;

    *list = (struct design_list){ .text = strdup(given->designs != NULL ? given->designs : "") };
    CHECK(list->text != NULL);
    for (char *rest = list->text, *name; (name = strsep(&rest, ",")) != NULL && list->count < DESIGNS_MAX;)
        if (name[0] != '\0')
            list->names[list->count++] = name;
    for (size_t i = 0; given->designs == NULL && i < scenario->axis_count; i++) {
        const struct scenario_axis *axis = &scenario->axes[i];
        for (size_t value = 0;
             strcmp(axis->path, "hypervisor.design") == 0 && value < axis->value_count && list->count < DESIGNS_MAX;
             value++)
            list->names[list->count++] = axis->values[value].label;
    }
    if (list->count == 0) {
        cli_error(cli, "--designs A,B is missing (the scenario's matrix has no hypervisor.design either)");
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (!cli_design_exists(cli, list->names[i]))
            return false;
        for (size_t earlier = 0; earlier < i; earlier++)
            if (strcmp(list->names[earlier], list->names[i]) == 0) {
                cli_error(cli, "--designs names %s twice", list->names[i]);
                return false;
            }
    }
    return true;
}

/* Sums a metric over the seeds of a side; with equal denominators the quotient is the mean. A metric that one of the
 * seeds has no observation of has none for the side either: the others would hide it. Sums that overflow are left out.
 */
static void pool_metrics(const struct compare_side *side, struct metrics *pooled)
{
    metrics_init(pooled);
    for (size_t row = 0; side->count > 0 && row < side->results[0]->metrics.count; row++) {
        const char *name = side->results[0]->metrics.rows[row].name;
        uint64_t numerator = 0, denominator = 0;
        bool overflows = false, is_observed = true;
        for (size_t i = 0; i < side->count; i++) {
            const struct metric *metric = metric_find(&side->results[i]->metrics, name);
            if (metric == NULL || metric->denominator == 0) {
                is_observed = false;
                continue;
            }
            overflows = overflows || __builtin_add_overflow(numerator, metric->numerator, &numerator) ||
                        __builtin_add_overflow(denominator, metric->denominator, &denominator);
        }
        if (!overflows)
            metrics_append(pooled, name, numerator, is_observed ? denominator : 0);
    }
}

/* Checks the expectations of --expect for every design. Those of the scenario apply to its own design only and are
 * checked by irqpath run. */
static int check_expectations(const struct scenario *scenario, const struct compare_groups *groups)
{
    size_t count = scenario->added_expectation_count, first = scenario->expectation_count - count;
    int status = EXIT_CODE_OK;

    for (size_t i = 0; count > 0 && i < groups->count; i++) {
        struct metrics pooled;
        pool_metrics(&groups->groups[i].side, &pooled);
        int one = expectations_check(scenario->expectations + first, count, &pooled, groups->groups[i].side.label);
        if (one > status)
            status = one;
        metrics_free(&pooled);
    }
    return status;
}

/* Compares and prints the sides, and takes ownership of them. */
static bool report_comparison(const struct cli *cli, struct compare_side *sides, size_t count, double threshold,
                              json_t *documents)
{
    const struct compare_options *given = cli->own;
    struct comparison comparison;
    comparison_make(&comparison, sides, count, threshold);
    if (cli->wants_json)
        json_array_append_new(documents, comparison_to_json(&comparison));
    else
        comparison_print(&comparison, stdout, given->wants_all, cli_use_colour(cli, 1));
    bool has_regression = comparison_verdict_count(&comparison, VERDICT_WORSE) > 0;
    comparison_free(&comparison);
    return has_regression;
}

/* Prints a single object as it is, and several as an array. */
static void print_documents(const struct cli *cli, json_t *documents)
{
    if (cli->wants_json && json_array_size(documents) > 0)
        json_print(json_array_size(documents) == 1 ? json_incref(json_array_get(documents, 0)) : json_incref(documents),
                   stdout);
    json_decref(documents);
}

/* Whether two results have the same scenario and axes; designs may differ. */
static bool is_same_but_design(const struct result *left, const struct result *right)
{
    if (strcmp(left->scenario, right->scenario) != 0 || left->axis_count != right->axis_count)
        return false;
    for (size_t i = 0; i < left->axis_count; i++)
        if (strcmp(left->axes[i].path, right->axes[i].path) != 0 ||
            (strcmp(left->axes[i].path, "hypervisor.design") != 0 &&
             strcmp(left->axes[i].value, right->axes[i].value) != 0))
            return false;
    return true;
}

/* Makes a comparison of the designs for each cell of a sweep, or a single one without axes. */
static bool report_groups(const struct cli *cli, const struct compare_groups *groups, double threshold)
{
    struct compare_side *sides = calloc(groups->count + 1, sizeof *sides);
    bool *is_reported = calloc(groups->count + 1, sizeof *is_reported);
    json_t *documents = json_array();
    bool has_regression = false;

    CHECK(sides != NULL && is_reported != NULL);
    for (size_t first = 0; first < groups->count; first++) {
        size_t count = 0;
        if (is_reported[first])
            continue;
        for (size_t i = first; i < groups->count; i++) {
            const struct compare_side *side = &groups->groups[i].side;
            if (!is_same_but_design(groups->groups[first].first, groups->groups[i].first))
                continue;
            is_reported[i] = true;
            compare_side_init(&sides[count], side->label);
            for (size_t result = 0; result < side->count; result++)
                compare_side_add(&sides[count], side->results[result]);
            count++;
        }
        if (!cli->wants_json && count < groups->count) {
            char text[256];
            compare_cell_text(groups->groups[first].first, text, sizeof text);
            printf("%s%s\n", first > 0 ? "\n" : "", text);
        }
        has_regression = report_comparison(cli, sides, count, threshold, documents) || has_regression;
    }
    print_documents(cli, documents);
    free(is_reported);
    free(sides);
    return has_regression;
}

/* Refuses results of different scenarios with one name, which cannot be told apart. */
static bool are_distinct(const struct cli *cli, const struct compare_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        if (groups->groups[i].is_mixed) {
            char text[256];

            compare_cell_text(groups->groups[i].first, text, sizeof text);
            cli_error(cli,
                      "%s: results of this cell differ in more than the seed, one has \"%s\"; compare them as two "
                      "files, or give each scenario a name",
                      text, groups->groups[i].variant);
            return false;
        }
    return true;
}

static int report_designs(const struct cli *cli, const struct scenario *scenario, const struct result_set *set,
                          double threshold)
{
    const struct compare_options *given = cli->own;
    struct compare_groups groups;

    compare_groups_make(&groups, set);
    if (!are_distinct(cli, &groups)) {
        compare_groups_free(&groups);
        return EXIT_CODE_USAGE;
    }
    bool has_regression = report_groups(cli, &groups, threshold);
    int status = scenario != NULL ? check_expectations(scenario, &groups) : EXIT_CODE_OK;
    if (status == EXIT_CODE_OK && has_regression && given->threshold != NULL)
        status = EXIT_CODE_FAILED;
    compare_groups_free(&groups);
    return finish_output(cli, status);
}

/* Reports the results with a violation. Returns whether there are any. */
static bool report_crashes(const struct cli *cli, const struct result_set *set)
{
    bool has_crash = false;

    for (size_t i = 0; i < set->count; i++) {
        char text[600];
        if (set->results[i].violation.kind == NULL)
            continue;
        has_crash = true;
        result_violation_text(&set->results[i], text, sizeof text);
        cli_error(cli, "%s, seed %" PRIu64 ": %s; left out", set->results[i].scenario, set->results[i].seed, text);
    }
    return has_crash;
}

static int run_and_report(const struct cli *cli, const struct scenario *scenario, const struct design_list *designs,
                          double threshold)
{
    const struct compare_options *given = cli->own;
    struct progress progress;
    struct compare_cells cells = {
        .scenario = scenario,
        .designs = designs->names,
        .design_count = designs->count,
        .first_seed = scenario->setup.run.seed,
        .seed_count = cli->seeds.value,
        .threads = given->threads.value,
        .watcher = &progress.watcher,
    };
    struct result_set set;
    char message[512] = "";
    bool was_cancelled;
    int status;

    result_set_init(&set);
    progress_init(&progress, cli->is_quiet);
    if (!compare_cells_run(&cells, &set, &was_cancelled, message, sizeof message)) {
        cli_error(cli, "%s: %s", cli->arguments[0], message);
        status = EXIT_CODE_USAGE;
    } else if (cli->output != NULL &&
               !result_file_write(&set, cli->output, given->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        status = EXIT_CODE_IO;
    } else {
        status = report_designs(cli, scenario, &set, threshold);
        if (report_crashes(cli, &set) && status == EXIT_CODE_OK)
            status = EXIT_CODE_FAILED;
        if (was_cancelled && status != EXIT_CODE_IO)
            status = EXIT_CODE_INTERRUPTED;
    }
    result_set_free(&set);
    return status;
}

static int compare_designs(const struct cli *cli, double threshold)
{
    const struct compare_options *given = cli->own;
    struct scenario scenario;
    struct design_list designs;
    char message[512];

    int status = cli_load_scenario(cli, cli->arguments[0], &scenario);
    if (status != EXIT_CODE_OK)
        return status;
    if (!list_designs(cli, &scenario, &designs)) {
        status = EXIT_CODE_USAGE;
    } else if (cli->output != NULL && !result_file_can_write(cli->output, given->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        status = EXIT_CODE_IO;
    } else {
        status = run_and_report(cli, &scenario, &designs, threshold);
    }
    free(designs.text);
    scenario_free(&scenario);
    return status;
}

static const struct cli_option options[] = {
    { "designs", 0, CLI_TEXT, offsetof(struct compare_options, designs), "A,B[,...]", NULL,
      "designs to compare; the first is the base (default: those of the scenario's matrix)" },
    { "threshold", 0, CLI_TEXT, offsetof(struct compare_options, threshold), "PERCENT", NULL,
      "tolerated change, in percent of the base; with --designs, exit with code 1 if a design is worse" },
    { "threads", 'j', CLI_FEW, offsetof(struct compare_options, threads), "N", NULL,
      "number of simulations at the same time (default: one per core)" },
    { "all", 0, CLI_FLAG, offsetof(struct compare_options, wants_all), NULL, NULL,
      "also show metrics that are the same in every run" },
    { "force", 0, CLI_FLAG, offsetof(struct compare_options, is_forced), NULL, NULL, "overwrite the file of -o" },
};

const struct command command_compare = {
    .name = "compare",
    .arguments = "SCENARIO --designs A,B[,...] | BASE.cbor NEW.cbor",
    .summary = "compare designs with the same seeds, or a result with an earlier one",
    .description =
        "Runs every design with the same --seeds N seeds and shows the metrics side by side with 95 % confidence\n"
        "intervals; differences are paired by seed. With two result files, the cells that both contain are\n"
        "compared, and the exit code is 1 if a metric is significantly worse by more than the threshold (1 %).\n"
        "A metric that some seeds have no observation of, such as a latency without a delivery, is\n"
        "\"unobserved\": its other seeds are shown, but not judged.",
    .common = CLI_SCENARIO | CLI_SEEDS | CLI_JSON | CLI_EXPECT | CLI_OUTPUT,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct compare_options),
    .argument_minimum = 1,
    .argument_maximum = 2,
    .run = command_compare_main,
};

/* Makes the sides of a cell of both files. The caller owns the sides. */
static void pair_sides(const struct compare_group *base, const struct compare_group *other,
                       struct compare_side sides[2])
{
    bool is_same = compare_same_cell(base->first, other->first);
    compare_side_init(&sides[0], is_same ? "base" : base->side.label);
    compare_side_init(&sides[1], is_same ? "new" : other->side.label);
    for (size_t i = 0; i < base->side.count; i++)
        compare_side_add(&sides[0], base->side.results[i]);
    for (size_t i = 0; i < other->side.count; i++)
        compare_side_add(&sides[1], other->side.results[i]);
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
        if (partner->first->seed == other->groups[i].first->seed &&
            strcmp(partner->first->resolved, other->groups[i].first->resolved) != 0)
            cli_note(cli, "%s: the resolved scenarios differ", text);
        if (!cli->wants_json)
            printf("%s%s\n", pairs > 0 ? "\n" : "", text);
        struct compare_side sides[2];
        pair_sides(partner, &other->groups[i], sides);
        *has_regression = report_comparison(cli, sides, 2, threshold, documents) || *has_regression;
        pairs++;
    }
    print_documents(cli, documents);
    return pairs;
}

static int compare_two_files(const struct cli *cli, const struct result_set sets[2], double threshold)
{
    struct compare_groups base, other;
    bool has_regression = false;

    compare_groups_make(&base, &sets[0]);
    compare_groups_make(&other, &sets[1]);
    if (!are_distinct(cli, &base) || !are_distinct(cli, &other)) {
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
    return finish_output(cli, pairs == 0 ? EXIT_CODE_USAGE : has_regression ? EXIT_CODE_FAILED : EXIT_CODE_OK);
}

static int compare_files(const struct cli *cli, double threshold)
{
    const struct compare_options *given = cli->own;
    struct result_set sets[2];
    char message[512];
    int status = EXIT_CODE_OK;

    if (given->designs != NULL || cli->sets.count > 0 || cli->expects.count > 0 || cli->output != NULL) {
        cli_error(cli, "options of a simulation cannot be used with result files");
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
                                          : report_designs(cli, NULL, &sets[0], threshold);
    result_set_free(&sets[0]);
    result_set_free(&sets[1]);
    return status;
}
