/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath compare: compares designs, or the values of another axis, with the same seeds, or results with earlier ones.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/file.h"
#include "commands/command.h"
#include "commands/compare_axis.h"
#include "commands/compare_cases.h"
#include "commands/compare_parts.h"
#include "commands/expectations.h"
#include "commands/progress.h"
#include "commands/width.h"
#include "compare/report.h"
#include "compare/until.h"
#include "report/cases.h"
#include "result/file.h"
#include "result/report.h"
#include "scenario/scenario.h"

#define DEFAULT_THRESHOLD_PERCENT 1.0
#define DEFAULT_SEEDS_MAX 100

static int compare_scenario(const struct cli *cli, double threshold);

/* Reads "2%" or "2" from an option. */
static bool read_percent(const struct cli *cli, const char *option, const char *text, double *percent)
{
    char *end;

    *percent = strtod(text, &end);
    if (end != text && (*end == '\0' || strcmp(end, "%") == 0) && *percent >= 0 && *percent <= 1e6)
        return true;
    cli_error(cli, "%s: expected a percentage of at least 0, not '%s'", option, text);
    return false;
}

static bool read_threshold(const struct cli *cli, double *threshold)
{
    const struct compare_options *given = cli->own;

    *threshold = DEFAULT_THRESHOLD_PERCENT;
    return given->threshold == NULL || read_percent(cli, "--threshold", given->threshold, threshold);
}

/* Reads --until, with its limit; 0: not given. */
static bool read_until(const struct cli *cli, const struct scenario *scenario, double *percent)
{
    const struct compare_options *given = cli->own;

    *percent = 0;
    if (given->until == NULL) {
        if (given->seeds_max.is_given)
            cli_error(cli, "--max-seeds is the limit of --until, which is missing");
        return !given->seeds_max.is_given;
    }
    if (!read_percent(cli, "--until", given->until, percent))
        return false;
    if (*percent == 0)
        cli_error(cli, "--until: no number of seeds gives an interval without width");
    else if (scenario->headline.count == 0)
        cli_error(cli, "--until is about the metrics of the headline: name them in the scenario or with "
                       "--set 'headline=[METRIC, ...]'");
    else if (given->seeds_max.is_given && given->seeds_max.value < compare_seed_count(cli))
        cli_error(cli, "--max-seeds is less than the %zu seeds to begin with", compare_seed_count(cli));
    else
        return true;
    return false;
}

size_t compare_seed_count(const struct cli *cli)
{
    return cli->seeds.is_given ? cli->seeds.value : COMPARE_SEEDS_DEFAULT;
}

/* Whether an argument is a result, by its name, or the directory of a sweep. */
static bool is_result(const char *path)
{
    const char *ending = strrchr(path, '.');
    struct stat status;
    return (ending != NULL && strcmp(ending, ".cbor") == 0) || (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

/* Whether an argument is a scenario, by its name: YAML, or no file at all but one of the installation. */
static bool is_scenario(const char *path)
{
    const char *ending = strrchr(path, '.');
    struct stat status;
    return !is_result(path) && ((ending != NULL && strcmp(ending, ".yaml") == 0) || stat(path, &status) != 0);
}

static int command_compare_main(const struct cli *cli)
{
    double threshold;

    if (!read_threshold(cli, &threshold))
        return EXIT_CODE_USAGE;
    if (compare_wants_trees(cli))
        return compare_trees(cli, threshold);
    if (cli->argument_count > 2) {
        cli_error(cli, "unexpected argument '%s'", cli->arguments[2]);
        return EXIT_CODE_USAGE;
    }
    for (size_t i = 0; cli->argument_count == 2 && i < 2; i++)
        if (is_scenario(cli->arguments[i])) {
            cli_error(cli,
                      "%s is a scenario, which is compared alone (--designs, --over); two results are compared, and "
                      "scenarios under two trees (--xen)",
                      cli->arguments[i]);
            return EXIT_CODE_USAGE;
        }
    if (cli->argument_count == 2 || is_result(cli->arguments[0]))
        return compare_files(cli, threshold);
    return compare_scenario(cli, threshold);
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
static int check_expectations(const struct cli *cli, const struct scenario *scenario,
                              const struct compare_groups *groups)
{
    size_t count = scenario->added_expectation_count, first = scenario->expectation_count - count;
    int status = EXIT_CODE_OK;

    for (size_t i = 0; count > 0 && i < groups->count; i++) {
        struct metrics pooled;
        pool_metrics(&groups->groups[i].side, &pooled);
        int one = expectations_check(scenario->expectations + first, count, &pooled, groups->groups[i].side.label,
                                     cli->cases, groups->groups[i].side.label);
        if (one > status)
            status = one;
        metrics_free(&pooled);
    }
    return status;
}

bool compare_report(const struct cli *cli, struct compare_side *sides, size_t count, double threshold,
                    json_t *documents)
{
    const struct compare_options *given = cli->own;
    struct compare_layout layout = { output_width(1), given->wants_all, cli_use_colour(cli, 1) };
    struct comparison comparison;
    comparison_make(&comparison, sides, count, threshold);
    if (given->until != NULL)
        comparison.until_percent = strtod(given->until, NULL);
    if (cli->wants_json)
        json_array_append_new(documents, comparison_to_json(&comparison));
    else
        comparison_print(&comparison, &layout, stdout);
    compare_cases_add(cli, &comparison);
    bool has_regression = comparison_verdict_count(&comparison, VERDICT_WORSE) > 0;
    comparison_free(&comparison);
    return has_regression;
}

void compare_print_documents(const struct cli *cli, json_t *documents)
{
    if (cli->wants_json && json_array_size(documents) > 0)
        json_print_document(json_array_size(documents) == 1 ? json_incref(json_array_get(documents, 0))
                                                            : json_incref(documents),
                            "compare", stdout);
    json_decref(documents);
}

/* Whether two results differ at most in their place on the axis. */
static bool is_same_but_axis(const struct result *left, const struct result *right, const char *axis)
{
    bool is_design = strcmp(axis, COMPARE_DESIGN_AXIS) == 0;

    if (strcmp(left->scenario, right->scenario) != 0 || left->axis_count != right->axis_count ||
        (!is_design && strcmp(left->design, right->design) != 0))
        return false;
    for (size_t i = 0; i < left->axis_count; i++)
        if (strcmp(left->axes[i].path, right->axes[i].path) != 0 ||
            (strcmp(left->axes[i].path, axis) != 0 && strcmp(left->axes[i].value, right->axes[i].value) != 0))
            return false;
    return true;
}

/* The sides of the comparison that the group `first` begins: each group that differs from it on the axis only. Marks
 * them and returns their number. */
static size_t take_sides(const struct compare_groups *groups, size_t first, const char *axis, bool *is_taken,
                         struct compare_side *sides)
{
    size_t count = 0;

    for (size_t i = first; i < groups->count; i++) {
        const struct compare_group *group = &groups->groups[i];
        if (!is_same_but_axis(groups->groups[first].first, group->first, axis))
            continue;
        const char *value = result_axis_value(group->first, axis);
        is_taken[i] = true;
        compare_side_init(&sides[count],
                          value != NULL && strcmp(axis, COMPARE_DESIGN_AXIS) != 0 ? value : group->side.label);
        for (size_t result = 0; result < group->side.count; result++)
            compare_side_add(&sides[count], group->side.results[result]);
        count++;
    }
    return count;
}

/* Makes a comparison along the axis for each cell of a sweep, or a single one without other axes. */
static bool report_groups(const struct cli *cli, const struct compare_groups *groups, const char *axis,
                          double threshold)
{
    struct compare_side *sides = calloc(groups->count + 1, sizeof *sides);
    bool *is_reported = calloc(groups->count + 1, sizeof *is_reported);
    json_t *documents = json_array();
    bool has_regression = false;

    CHECK(sides != NULL && is_reported != NULL);
    for (size_t first = 0; first < groups->count; first++) {
        if (is_reported[first])
            continue;
        size_t count = take_sides(groups, first, axis, is_reported, sides);
        if (!cli->wants_json && first > 0)
            putchar('\n');
        if (!cli->wants_json && count == 1) {
            char text[256];
            compare_cell_text(groups->groups[first].first, text, sizeof text);
            puts(text);
        }
        has_regression = compare_report(cli, sides, count, threshold, documents) || has_regression;
    }
    compare_print_documents(cli, documents);
    free(is_reported);
    free(sides);
    return has_regression;
}

bool compare_are_distinct(const struct cli *cli, const struct compare_groups *groups)
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

int compare_report_axis(const struct cli *cli, const struct scenario *scenario, const struct result_set *set,
                        const char *axis, double threshold)
{
    const struct compare_options *given = cli->own;
    struct compare_groups groups;

    compare_groups_make(&groups, set);
    if (!compare_are_distinct(cli, &groups)) {
        compare_groups_free(&groups);
        return EXIT_CODE_USAGE;
    }
    bool has_regression = report_groups(cli, &groups, axis, threshold);
    int status = scenario != NULL ? check_expectations(cli, scenario, &groups) : EXIT_CODE_OK;
    if (status == EXIT_CODE_OK && has_regression && given->threshold != NULL)
        status = EXIT_CODE_FAILED;
    compare_groups_free(&groups);
    return cli_finish_output(status);
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
        if (cli->cases != NULL)
            cases_add(cli->cases, set->results[i].scenario, set->results[i].design, CASE_FAILED, 0,
                      "seed %" PRIu64 ": %s", set->results[i].seed, text);
    }
    return has_crash;
}

/* Runs the cells of the axis, with as many seeds as --seeds or --until asks for. */
static bool run_cells(const struct cli *cli, const struct scenario *scenario, const struct scenario_axis *axis,
                      double until, struct result_set *set, bool *was_cancelled, char *message, size_t message_bytes)
{
    const struct compare_options *given = cli->own;
    struct progress progress;
    struct compare_cells cells = {
        .scenario = scenario,
        .axis = axis,
        .first_seed = scenario->setup.run.seed,
        .seed_count = compare_seed_count(cli),
        .threads = given->threads.value,
        .watcher = &progress.watcher,
    };

    progress_init(&progress, cli->is_quiet);
    if (until == 0)
        return compare_cells_run(&cells, set, was_cancelled, message, message_bytes);
    size_t most = given->seeds_max.is_given              ? given->seeds_max.value
                  : cells.seed_count > DEFAULT_SEEDS_MAX ? cells.seed_count
                                                         : DEFAULT_SEEDS_MAX;
    return compare_until_run(&cells, until, most, set, was_cancelled, message, message_bytes);
}

static int run_and_report(const struct cli *cli, const struct scenario *scenario, const struct scenario_axis *axis,
                          double until, double threshold)
{
    struct result_set set;
    char message[512] = "";
    bool was_cancelled;
    int status;

    result_set_init(&set);
    if (!run_cells(cli, scenario, axis, until, &set, &was_cancelled, message, sizeof message)) {
        cli_error(cli, "%s: %s", cli->arguments[0], message);
        status = EXIT_CODE_USAGE;
    } else if (cli->output != NULL && !result_file_write(&set, cli->output, cli->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        status = EXIT_CODE_IO;
    } else {
        status = compare_report_axis(cli, scenario, &set, axis->path, threshold);
        if (report_crashes(cli, &set) && status == EXIT_CODE_OK)
            status = EXIT_CODE_FAILED;
        if (was_cancelled && status != EXIT_CODE_IO)
            status = EXIT_CODE_INTERRUPTED;
    }
    result_set_free(&set);
    return status;
}

static int compare_scenario(const struct cli *cli, double threshold)
{
    struct scenario scenario;
    struct scenario_axis axis;
    char message[512];
    double until;

    int status = cli_load_scenario(cli, cli->arguments[0], &scenario);
    if (status != EXIT_CODE_OK)
        return status;
    if (!compare_axis_choose(&axis, cli, &scenario) || !read_until(cli, &scenario, &until)) {
        status = EXIT_CODE_USAGE;
    } else if (cli->output != NULL && !file_can_write(cli->output, cli->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        status = EXIT_CODE_IO;
    } else {
        status = run_and_report(cli, &scenario, &axis, until, threshold);
    }
    compare_axis_free(&axis);
    scenario_free(&scenario);
    return status;
}

static const struct cli_option options[] = {
    { "designs", 0, CLI_TEXT, offsetof(struct compare_options, designs), "A,B[,...]", NULL,
      "designs to compare; the first is the base (default: those of the scenario's matrix)" },
    { "over", 0, CLI_TEXT, offsetof(struct compare_options, over), "PATH=A,B", NULL,
      "compare these values of a key instead, or those of an axis of the matrix: --over AXIS" },
    { "until", 0, CLI_TEXT, offsetof(struct compare_options, until), "PERCENT", NULL,
      "add seeds until each difference of the headline is known to +-PERCENT of the larger mean" },
    { "max-seeds", 0, CLI_FEW, offsetof(struct compare_options, seeds_max), "N", NULL,
      "with --until: no more seeds than these (100)" },
    { "threshold", 0, CLI_TEXT, offsetof(struct compare_options, threshold), "PERCENT", NULL,
      "tolerated change, in percent of the base (1); where a scenario is run, exit with code 1 if something is worse" },
    { "threads", 'j', CLI_FEW, offsetof(struct compare_options, threads), "N", NULL,
      "number of simulations at the same time (default: one per core)" },
    { "all", 0, CLI_FLAG, offsetof(struct compare_options, wants_all), NULL, NULL,
      "after the digest, show every metric" },
    { "xen", 0, CLI_LIST, offsetof(struct compare_options, trees.xen), "TREE", NULL,
      "compile files of this tree of Xen and run them; twice: the base, and what is compared with it" },
    { "linux", 0, CLI_LIST, offsetof(struct compare_options, trees.linux_trees), "TREE", NULL,
      "the same with a tree of Linux" },
    { "qemu", 0, CLI_LIST, offsetof(struct compare_options, trees.qemu), "TREE", NULL, "the same with a tree of QEMU" },
    { "patch", 0, CLI_TEXT, offsetof(struct compare_options, trees.patch), "FILE", NULL,
      "with a tree: compare it with a copy that this patch is applied to" },
    { "files", 0, CLI_TEXT, offsetof(struct compare_options, trees.files), "LIST", NULL,
      "with trees: files to compile, separated by commas, or 'all' (default: as irqpath build)" },
    { "compiler", 0, CLI_TEXT, offsetof(struct compare_options, trees.compiler), "COMMAND", NULL,
      "with trees: gcc or clang (default: $CC, gcc or clang)" },
    { "strict-races", 0, CLI_FLAG, offsetof(struct compare_options, trees.is_strict), NULL, NULL,
      "with trees: a new pair of accesses that no lock orders is a regression" },
};

const struct command command_compare = {
    .name = "compare",
    .arguments =
        "SCENARIO --designs A,B[,...] | SCENARIO --over PATH=A,B | BASE.cbor NEW.cbor | SCENARIO... --xen TREE "
        "--xen TREE",
    .summary = "compare designs with the same seeds, a result with an earlier one, or two trees of sources",
    .description =
        "Runs every design, or every value of --over, with the same --seeds N seeds (5) and prints a digest of at\n"
        "most ten lines: the metrics that the scenario names under `headline:`, the largest other changes that are\n"
        "sure, and the answer. --all adds every metric, and --json has all numbers.\n\n"
        "The interval behind a change is the one that gives the verdict: wholly beyond the threshold (1 %) it is\n"
        "better or worse, wholly within the same. Differences are paired by seed, as the runs of a seed have the\n"
        "same random draws; intervals hold with 95 % together, those of the headline apart from all others. What\n"
        "`needs ~9 seeds` is inconclusive: with so many the paired t test shows it with 80 %, if the spread is what\n"
        "it seems. --until 2% adds seeds until the headline is known to 2 %.\n\n"
        "With two result files, the cells that both contain are compared, and the exit code is 1 if a metric is\n"
        "worse; with one, its designs, or the axis that --over names. A metric that some seeds have no observation\n"
        "of, such as a latency without a delivery, is \"unobserved\": its other seeds are shown, but not judged.\n"
        "Lines are as wide as the terminal or $COLUMNS; into a file or a pipe nothing is shortened.\n\n"
        "With two trees (--xen BASE --xen NEW) or a tree and a patch (--xen TREE --patch FILE), their files are\n"
        "compiled as irqpath build does and run in place of parts of the scenario's design. A scenario with `expect:\n"
        "clean` or `expect: violation` is explored, any other is run with --seeds N seeds (5). -o DIR keeps the\n"
        "objects, the results and the interleavings of violations. Exit code 1: a violation that the base has not, or\n"
        "a metric that is worse; 125: a tree does not compile, or the patch does not apply, as `git bisect run` wants\n"
        "it.",
    .common = CLI_SCENARIO | CLI_SEEDS | CLI_JSON | CLI_EXPECT | CLI_OUTPUT | CLI_FORCE | CLI_CASES,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct compare_options),
    .argument_minimum = 1,
    .argument_maximum = SIZE_MAX,
    .run = command_compare_main,
};
