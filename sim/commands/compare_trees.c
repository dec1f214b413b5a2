/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath compare SCENARIO... --xen BASE --xen NEW: what the difference of two trees does to verdicts, races and
 * metrics.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/program.h"
#include "code/describe.h"
#include "code/same_code.h"
#include "commands/compare_axis.h"
#include "commands/compare_parts.h"
#include "commands/progress.h"
#include "compare/cells.h"
#include "compare/explored_code.h"
#include "compare/race_difference.h"
#include "report/cases.h"
#include "result/file.h"
#include "result/report.h"
#include "scenario/scenario.h"

enum { STEPS_PRINTED = 6 };

struct tree_comparison {
    const struct cli *cli;
    double threshold;
    struct trees trees;
    json_t *documents; /* of the scenarios */
    int status;        /* an enum exit_code */
    bool differs, has_regression;
};

static const char *const side_names[TREE_SIDES] = { "base", "new" };

bool compare_wants_trees(const struct cli *cli)
{
    const struct trees_options *given = &((const struct compare_options *)cli->own)->trees;

    return given->xen.count > 0 || given->linux_trees.count > 0 || given->qemu.count > 0 || given->patch != NULL ||
           given->files != NULL || given->compiler != NULL || given->is_strict;
}

static void fail(struct tree_comparison *comparison, int status)
{
    if (status > comparison->status)
        comparison->status = status;
}

/* The path of a file of the scenario in the directory of -o; the caller frees it. */
static char *kept_path(const struct tree_comparison *comparison, const struct scenario *scenario, const char *ending)
{
    char *path;

    CHECK(asprintf(&path, "%s/%s%s", comparison->trees.directory, scenario->name, ending) > 0);
    return path;
}

/* The head of a scenario's paragraph; what follows it tells the difference, or that there is none. */
static void print_head(const struct tree_comparison *comparison, const struct scenario *scenario, bool differs,
                       const char *same)
{
    if (comparison->cli->wants_json)
        return;
    printf("%s, %s: %s%s%s\n", scenario->name, scenario->design->name, differs ? "differs" : "no difference (", same,
           differs ? "" : ")");
}

/* --- explored --- */

/* What only one of two searches has found, where the other one has seen all. */
struct race_pair {
    const struct race_list *base, *new;
    bool has_base, has_new; /* that search is complete */
    size_t new_count, gone_count;
};

static bool explore_sides(struct tree_comparison *comparison, struct scenario sides[TREE_SIDES],
                          struct explored_code explored[TREE_SIDES])
{
    const struct compare_options *given = comparison->cli->own;
    struct explore_limits limits = explore_default_limits;
    char message[512] = "";

    limits.jobs = (uint32_t)given->threads.value;
    limits.seed = sides[0].setup.run.seed;
    for (enum tree_side side = TREE_BASE; side < TREE_SIDES; side++)
        if (!explored_code_run(&explored[side], &sides[side], &limits, message, sizeof message)) {
            cli_error(comparison->cli, "%s: %s", sides[side].name, message);
            fail(comparison, EXIT_CODE_USAGE);
            return false;
        }
    return true;
}

/* Whether the new tree lacks what the base has: no violation, or a finished search. */
static bool is_worse_verdict(const struct explored_code explored[TREE_SIDES])
{
    const struct explore_outcome *base = &explored[TREE_BASE].outcome, *new = &explored[TREE_NEW].outcome;

    if (new->verdict == EXPLORE_VIOLATION)
        return base->verdict != EXPLORE_VIOLATION || base->violation.kind != new->violation.kind;
    return base->verdict == EXPLORE_CLEAN && new->verdict == EXPLORE_INCOMPLETE;
}

static void print_side(const struct tree_comparison *comparison, const struct explored_code *explored,
                       enum tree_side side)
{
    const struct explore_outcome *outcome = &explored->outcome;
    char verdict[128];

    explored_code_verdict(explored, verdict, sizeof verdict);
    printf("  %-4s  %s, %" PRIu64 " states\n", side_names[side], verdict, outcome->states);
    if (outcome->verdict != EXPLORE_VIOLATION)
        return;
    printf("    %s\n", outcome->violation.text);
    if (side == TREE_NEW)
        explored_code_print_steps(explored, &comparison->trees.changes, STEPS_PRINTED, stdout);
}

/* Whether what is found can be written, asked before anything runs. */
static bool can_keep(const struct tree_comparison *comparison, const struct scenario *scenario)
{
    const char *ending = scenario->explore_expectation != NULL ? ".json" : ".cbor";

    if (comparison->cli->output == NULL)
        return true;
    char *path = kept_path(comparison, scenario, ending), message[512];
    bool is_good = file_can_write(path, comparison->cli->is_forced, message, sizeof message);

    if (!is_good)
        cli_error(comparison->cli, "%s", message);
    free(path);
    return is_good;
}

static void keep_replay(struct tree_comparison *comparison, const struct explored_code *explored)
{
    char *path = kept_path(comparison, explored->scenario, ".json"), message[512];

    if (!explored_code_write_replay(explored, path, comparison->cli->is_forced, message, sizeof message)) {
        cli_error(comparison->cli, "%s", message);
        fail(comparison, EXIT_CODE_IO);
    } else if (!comparison->cli->wants_json) {
        printf("    %s replay %s\n", program_call(), path);
    }
    free(path);
}

static void explored_to_json(struct tree_comparison *comparison, const struct explored_code explored[TREE_SIDES],
                             const struct race_pair *races)
{
    json_t *sides = json_object();
    char verdict[128];

    for (enum tree_side side = TREE_BASE; side < TREE_SIDES; side++) {
        const struct explore_outcome *outcome = &explored[side].outcome;
        explored_code_verdict(&explored[side], verdict, sizeof verdict);
        json_t *one = json_pack("{s:s, s:I}", "verdict", verdict, "states", (json_int_t)outcome->states);
        if (outcome->verdict == EXPLORE_VIOLATION)
            json_object_set_new(one, "text", json_string(outcome->violation.text));
        json_object_set_new(sides, side_names[side], one);
    }
    json_object_set_new(sides, "scenario", json_string(explored[0].scenario->name));
    json_object_set_new(sides, "design", json_string(explored[0].scenario->design->name));
    json_object_set_new(sides, "new_races", json_integer((json_int_t)races->new_count));
    json_object_set_new(sides, "gone_races", json_integer((json_int_t)races->gone_count));
    json_array_append_new(comparison->documents, sides);
}

/* Whether the text of a violation is the same but for numbers, which are lines and objects. */
static bool is_same_text(const char *left, const char *right)
{
    static const char digits[] = "0123456789";

    for (;; left++, right++) {
        left += strspn(left, digits);
        right += strspn(right, digits);
        if (*left != *right || *left == '\0')
            return *left == *right;
    }
}

static bool is_same_verdict(const struct explored_code explored[TREE_SIDES])
{
    const struct explore_outcome *base = &explored[TREE_BASE].outcome, *new = &explored[TREE_NEW].outcome;

    return base->verdict == new->verdict &&
           (base->verdict != EXPLORE_VIOLATION ||
            (base->violation.kind == new->violation.kind &&is_same_text(base->violation.text, new->violation.text)));
}

/* A search that ends at a violation has not seen all races: only what a complete search lacks is told. */
static void find_races(struct race_pair *races, const struct explored_code explored[TREE_SIDES])
{
    races->base = explored[TREE_BASE].list;
    races->new = explored[TREE_NEW].list;
    races->has_base = explored[TREE_BASE].outcome.verdict == EXPLORE_CLEAN && races->base != NULL && races->new != NULL;
    races->has_new = explored[TREE_NEW].outcome.verdict == EXPLORE_CLEAN && races->base != NULL && races->new != NULL;
    races->new_count = races->has_base ? race_difference(races->new, races->base, "", NULL) : 0;
    races->gone_count = races->has_new ? race_difference(races->base, races->new, "", NULL) : 0;
}

static void print_races(const struct race_pair *races)
{
    if (races->has_base)
        race_difference(races->new, races->base, "  new race on ", stdout);
    if (races->has_new)
        race_difference(races->base, races->new, "  gone race on ", stdout);
}

static void add_cases(const struct cli *cli, const struct explored_code explored[TREE_SIDES], bool is_strict,
                      size_t new_races)
{
    const struct scenario *scenario = explored[TREE_NEW].scenario;
    const struct explore_outcome *new = &explored[TREE_NEW].outcome;
    char verdicts[TREE_SIDES][128];

    if (cli->cases == NULL)
        return;
    for (enum tree_side side = TREE_BASE; side < TREE_SIDES; side++)
        explored_code_verdict(&explored[side], verdicts[side], sizeof verdicts[side]);
    cases_add(cli->cases, scenario->name, scenario->design->name,
              is_worse_verdict(explored) ? CASE_FAILED : CASE_PASSED, 0, "base %s, new %s%s%s", verdicts[TREE_BASE],
              verdicts[TREE_NEW], new->verdict == EXPLORE_VIOLATION ? ": " : "",
              new->verdict == EXPLORE_VIOLATION ? new->violation.text : "");
    if (is_strict)
        cases_add(cli->cases, scenario->name, "races", new_races > 0 ? CASE_FAILED : CASE_PASSED, 0,
                  "%zu new pairs of accesses that no lock orders", new_races);
}

static void report_explored(struct tree_comparison *comparison, const struct explored_code explored[TREE_SIDES])
{
    const struct compare_options *given = comparison->cli->own;
    bool wants_lines = !comparison->cli->wants_json;
    struct race_pair races;
    char verdict[128], same[160];

    find_races(&races, explored);
    add_cases(comparison->cli, explored, given->trees.is_strict, races.new_count);
    bool differs = !is_same_verdict(explored) || races.new_count + races.gone_count > 0;
    comparison->differs = comparison->differs || differs;
    comparison->has_regression =
        comparison->has_regression || is_worse_verdict(explored) || (given->trees.is_strict && races.new_count > 0);
    explored_code_verdict(&explored[TREE_BASE], verdict, sizeof verdict);
    (void)snprintf(same, sizeof same, "%s in both", verdict);
    print_head(comparison, explored[0].scenario, differs, differs ? "" : same);
    for (enum tree_side side = TREE_BASE; differs && wants_lines && side < TREE_SIDES; side++)
        print_side(comparison, &explored[side], side);
    if (comparison->cli->output != NULL && explored[TREE_NEW].outcome.verdict == EXPLORE_VIOLATION)
        keep_replay(comparison, &explored[TREE_NEW]);
    if (wants_lines)
        print_races(&races);
    else
        explored_to_json(comparison, explored, &races);
}

static void compare_explored(struct tree_comparison *comparison, struct scenario sides[TREE_SIDES])
{
    struct explored_code explored[TREE_SIDES] = { { .scenario = NULL } };

    if (explore_sides(comparison, sides, explored))
        report_explored(comparison, explored);
    for (enum tree_side side = TREE_BASE; side < TREE_SIDES; side++)
        explored_code_free(&explored[side]);
}

/* --- timed --- */

/* Runs both objects with the same seeds; the results are those of the base, then those of the new tree. */
static bool run_sides(struct tree_comparison *comparison, struct scenario sides[TREE_SIDES], struct result_set *set)
{
    const struct cli *cli = comparison->cli;
    struct progress progress;
    char message[512] = "";

    progress_init(&progress, cli->is_quiet);
    for (enum tree_side side = TREE_BASE; side < TREE_SIDES; side++) {
        struct scenario_value own = { .label = (char *)sides[side].design->name };
        struct scenario_axis design = { .path = COMPARE_DESIGN_AXIS, .values = &own, .value_count = 1 };
        struct compare_cells cells = {
            .scenario = &sides[side],
            .axis = &design,
            .first_seed = sides[side].setup.run.seed,
            .seed_count = compare_seed_count(cli),
            .threads = ((const struct compare_options *)cli->own)->threads.value,
            .watcher = &progress.watcher,
        };
        bool was_cancelled = false, is_good = compare_cells_run(&cells, set, &was_cancelled, message, sizeof message);
        if (!is_good)
            cli_error(cli, "%s: %s", sides[side].name, message);
        if (!is_good || was_cancelled) {
            fail(comparison, is_good ? EXIT_CODE_INTERRUPTED : EXIT_CODE_USAGE);
            return false;
        }
    }
    return true;
}

/* The results of a side; those of a crash are left out, and the first one is given. */
static const struct result *take_side(const struct tree_comparison *comparison, const struct result_set *set,
                                      enum tree_side which, struct compare_side *side)
{
    const struct result *crash = NULL;

    compare_side_init(side, side_names[which]);
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->results[i].code.hash, comparison->trees.objects[which]->hash) != 0)
            continue;
        if (set->results[i].violation.kind == NULL)
            compare_side_add(side, &set->results[i]);
        else if (crash == NULL)
            crash = &set->results[i];
    }
    return crash;
}

static bool is_same_side(const struct compare_side *base, const struct compare_side *new)
{
    bool is_same = base->count == new->count;

    for (size_t i = 0; is_same && i < base->count; i++) {
        const struct metrics *a = &base->results[i]->metrics, *b = &new->results[i]->metrics;
        is_same = base->results[i]->seed == new->results[i]->seed && a->count == b->count;
        for (size_t row = 0; is_same && row < a->count; row++) {
            const struct metric *other = metric_find(b, a->rows[row].name);
            is_same = other != NULL && a->rows[row].numerator == other->numerator &&
                      a->rows[row].denominator == other->denominator;
        }
    }
    return is_same;
}

static void print_crash(const struct result *crash, enum tree_side side)
{
    char text[600];

    if (crash == NULL)
        return;
    result_violation_text(crash, text, sizeof text);
    printf("  %-4s  seed %" PRIu64 ": %s\n", side_names[side], crash->seed, text);
}

static void report_timed(struct tree_comparison *comparison, const struct scenario *scenario,
                         const struct result_set *set)
{
    struct compare_side sides[TREE_SIDES];
    const struct result *crashes[TREE_SIDES];
    char same[64];

    for (enum tree_side side = TREE_BASE; side < TREE_SIDES; side++)
        crashes[side] = take_side(comparison, set, side, &sides[side]);
    bool is_same = is_same_side(&sides[TREE_BASE], &sides[TREE_NEW]);
    comparison->differs = comparison->differs || !is_same;
    comparison->has_regression =
        comparison->has_regression || (crashes[TREE_NEW] != NULL && crashes[TREE_BASE] == NULL);
    (void)snprintf(same, sizeof same, "%zu seed%s", sides[0].count, sides[0].count == 1 ? "" : "s");
    print_head(comparison, scenario, !is_same, is_same ? same : "");
    if (comparison->cli->cases != NULL)
        cases_add(comparison->cli->cases, scenario->name, "violations",
                  crashes[TREE_NEW] != NULL && crashes[TREE_BASE] == NULL ? CASE_FAILED : CASE_PASSED, 0,
                  crashes[TREE_NEW] != NULL ? "the new tree breaks down" : "%s", same);
    for (enum tree_side side = TREE_BASE; side < TREE_SIDES && !comparison->cli->wants_json; side++)
        print_crash(crashes[side], side);
    if ((is_same && !comparison->cli->wants_json) || sides[0].count == 0 || sides[1].count == 0) {
        free(sides[0].results);
        free(sides[1].results);
    } else if (compare_report(comparison->cli, sides, TREE_SIDES, comparison->threshold, comparison->documents)) {
        comparison->has_regression = true;
    }
}

static void compare_timed(struct tree_comparison *comparison, struct scenario sides[TREE_SIDES])
{
    struct result_set set;
    char *path = kept_path(comparison, &sides[0], ".cbor"), message[512];

    result_set_init(&set);
    if (run_sides(comparison, sides, &set)) {
        report_timed(comparison, &sides[0], &set);
        if (comparison->cli->output != NULL &&
            !result_file_write(&set, path, comparison->cli->is_forced, message, sizeof message)) {
            cli_error(comparison->cli, "%s", message);
            fail(comparison, EXIT_CODE_IO);
        }
    }
    result_set_free(&set);
    free(path);
}

/* --- all scenarios --- */

static void compare_scenario(struct tree_comparison *comparison, const char *path)
{
    struct scenario *sides = calloc(TREE_SIDES, sizeof *sides);
    struct diag diag;

    CHECK(sides != NULL);
    diag_init(&diag);
    int status = cli_load_scenario(comparison->cli, path, &sides[TREE_BASE]);
    fail(comparison, status);
    if (status == EXIT_CODE_OK) {
        bool is_good = scenario_set_code(&sides[TREE_BASE], comparison->trees.objects[TREE_BASE], &diag);
        sides[TREE_NEW] = sides[TREE_BASE];
        is_good = is_good && scenario_set_code(&sides[TREE_NEW], comparison->trees.objects[TREE_NEW], &diag);
        diag_print(&diag, stderr, cli_use_colour(comparison->cli, 2));
        if (!is_good)
            fail(comparison, EXIT_CODE_USAGE);
        else if (!can_keep(comparison, &sides[TREE_BASE]))
            fail(comparison, EXIT_CODE_IO);
        else if (sides[TREE_BASE].explore_expectation != NULL)
            compare_explored(comparison, sides);
        else
            compare_timed(comparison, sides);
        scenario_free(&sides[TREE_BASE]);
    }
    diag_free(&diag);
    free(sides);
    fflush(stdout);
}

/* What of the change has run in any of the scenarios. */
static void print_coverage(const struct tree_comparison *comparison)
{
    const struct code_object *object = comparison->trees.objects[TREE_NEW];

    if (comparison->trees.changes.file_count == 0 || comparison->cli->wants_json)
        return;
    struct coverage *coverage = coverage_new(object, describe_source(object), true);
    patch_print(&comparison->trees.changes, coverage, stdout);
    coverage_free(coverage);
}

static void print_end(struct tree_comparison *comparison)
{
    const struct cli *cli = comparison->cli;
    const char *verdict = comparison->has_regression ? "regression"
                          : comparison->differs      ? "no regression"
                                                     : "no difference";

    print_coverage(comparison);
    if (cli->wants_json)
        json_print_document(json_pack("{s:s, s:s, s:s, s:O}", "verdict", verdict, "base",
                                      comparison->trees.objects[TREE_BASE]->hash, "new",
                                      comparison->trees.objects[TREE_NEW]->hash, "scenarios", comparison->documents),
                            "trees", stdout);
    else
        puts(verdict);
}

static bool check_options(const struct cli *cli)
{
    const struct compare_options *given = cli->own;

    if (given->designs == NULL && given->over == NULL && given->until == NULL && !given->seeds_max.is_given &&
        cli->code == NULL && cli->expects.count == 0)
        return true;
    cli_error(cli, "--designs, --over, --until, --code and --expect cannot be used with trees");
    return false;
}

static void print_same(const struct tree_comparison *comparison)
{
    if (comparison->cli->wants_json)
        json_print_document(json_pack("{s:s, s:s, s:s, s:[]}", "verdict", "no difference", "base",
                                      comparison->trees.objects[TREE_BASE]->hash, "new",
                                      comparison->trees.objects[TREE_NEW]->hash, "scenarios"),
                            "trees", stdout);
    else
        puts("no difference: both trees compile to the same code");
}

int compare_trees(const struct cli *cli, double threshold)
{
    const struct compare_options *given = cli->own;
    struct tree_comparison comparison = { .cli = cli, .threshold = threshold, .documents = json_array() };

    if (!check_options(cli))
        return EXIT_CODE_USAGE;
    comparison.status = trees_open(&comparison.trees, cli, &given->trees);
    if (comparison.status == EXIT_CODE_OK &&
        code_object_is_same(comparison.trees.objects[TREE_BASE], comparison.trees.objects[TREE_NEW])) {
        print_same(&comparison);
    } else if (comparison.status == EXIT_CODE_OK) {
        for (size_t i = 0; i < cli->argument_count && comparison.status != EXIT_CODE_INTERRUPTED; i++)
            compare_scenario(&comparison, cli->arguments[i]);
        if (comparison.status == EXIT_CODE_OK)
            print_end(&comparison);
    }
    if (comparison.status == EXIT_CODE_OK && comparison.has_regression)
        comparison.status = EXIT_CODE_FAILED;
    trees_close(&comparison.trees);
    json_decref(comparison.documents);
    return cli_finish_output(comparison.status);
}
