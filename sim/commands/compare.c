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
#include "commands/command.h"
#include "commands/compare_parts.h"
#include "commands/expectations.h"
#include "commands/progress.h"
#include "compare/cells.h"
#include "result/file.h"
#include "result/report.h"
#include "scenario/scenario.h"

#define DESIGNS_MAX 64
#define DEFAULT_THRESHOLD_PERCENT 1.0

struct design_list {
    char *text; /* the text of the option, split at the commas */
    const char *names[DESIGNS_MAX];
    size_t count;
};

static int compare_designs(const struct cli *cli, double threshold);

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
    if (compare_wants_trees(cli))
        return compare_trees(cli, threshold);
    if (cli->argument_count > 2) {
        cli_error(cli, "unexpected argument '%s'", cli->arguments[2]);
        return EXIT_CODE_USAGE;
    }
    if (cli->argument_count == 2 || is_result(cli->arguments[0]))
        return compare_files(cli, threshold);
    return compare_designs(cli, threshold);
}

int compare_finish_output(const struct cli *cli, int status)
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

bool compare_report(const struct cli *cli, struct compare_side *sides, size_t count, double threshold,
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

void compare_print_documents(const struct cli *cli, json_t *documents)
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

int compare_report_designs(const struct cli *cli, const struct scenario *scenario, const struct result_set *set,
                           double threshold)
{
    const struct compare_options *given = cli->own;
    struct compare_groups groups;

    compare_groups_make(&groups, set);
    if (!compare_are_distinct(cli, &groups)) {
        compare_groups_free(&groups);
        return EXIT_CODE_USAGE;
    }
    bool has_regression = report_groups(cli, &groups, threshold);
    int status = scenario != NULL ? check_expectations(scenario, &groups) : EXIT_CODE_OK;
    if (status == EXIT_CODE_OK && has_regression && given->threshold != NULL)
        status = EXIT_CODE_FAILED;
    compare_groups_free(&groups);
    return compare_finish_output(cli, status);
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
        status = compare_report_designs(cli, scenario, &set, threshold);
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
    .arguments = "SCENARIO --designs A,B[,...] | BASE.cbor NEW.cbor | SCENARIO... --xen TREE --xen TREE",
    .summary = "compare designs with the same seeds, a result with an earlier one, or two trees of sources",
    .description =
        "Runs every design with the same --seeds N seeds and shows the metrics side by side with 95 % confidence\n"
        "intervals; differences are paired by seed. With two result files, the cells that both contain are\n"
        "compared, and the exit code is 1 if a metric is significantly worse by more than the threshold (1 %).\n"
        "A metric that some seeds have no observation of, such as a latency without a delivery, is\n"
        "\"unobserved\": its other seeds are shown, but not judged.\n\n"
        "With two trees (--xen BASE --xen NEW) or a tree and a patch (--xen TREE --patch FILE), their files are\n"
        "compiled as irqpath build does and run in place of parts of the scenario's design. A scenario with `expect:\n"
        "clean` or `expect: violation` is explored, any other is run with --seeds N seeds (5). -o DIR keeps the\n"
        "objects, the results and the interleavings of violations. Exit code 1: a violation that the base has not, or\n"
        "a metric that is worse; 125: a tree does not compile, or the patch does not apply, as `git bisect run` wants\n"
        "it.",
    .common = CLI_SCENARIO | CLI_SEEDS | CLI_JSON | CLI_EXPECT | CLI_OUTPUT,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct compare_options),
    .argument_minimum = 1,
    .argument_maximum = SIZE_MAX,
    .run = command_compare_main,
};
