/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath experiment: runs what a file asks, and writes tables, figures and a verdict.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/program.h"
#include "base/temporaries.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/experiment_help.h"
#include "commands/progress.h"
#include "commands/shard.h"
#include "commands/signals.h"
#include "experiment/experiment.h"
#include "experiment/perform.h"
#include "experiment/write.h"
#include "report/cases.h"
#include "result/report.h"
#include "sweep/plan.h"

struct experiment_options {
    const char *shard, *cells;
    struct cli_count threads;
    bool is_quick, is_checked, is_redrawn;
};

struct work {
    const struct cli *cli;
    struct experiment experiment;
    struct experiment_rows rows;
    struct findings findings;
    char *directory, *cells;
    struct progress progress;
    struct signals signals;
};

static struct watcher *watch(void *context)
{
    struct work *work = context;

    progress_init(&work->progress, work->cli->is_quiet);
    return &work->progress.watcher;
}

static void watch_signals(void *context, bool is_beginning)
{
    struct work *work = context;

    if (is_beginning)
        signals_watch(&work->signals);
    else
        (void)signals_unwatch(&work->signals);
}

static void note(void *context, const char *text) { cli_note(((struct work *)context)->cli, "%s", text); }

/* --- running --- */

static int exit_code_of(const struct cli *cli, enum perform_status status, const char *message)
{
    switch (status) {
    case PERFORM_OK:
        return EXIT_CODE_OK;
    case PERFORM_PARTIAL:
        cli_note(cli, "%s: this shard is done; the one that finds all others done writes the results", message);
        return EXIT_CODE_OK;
    case PERFORM_INTERRUPTED:
        cli_note(cli, "run the same command again to continue");
        return EXIT_CODE_INTERRUPTED;
    case PERFORM_INVALID:
        if (message[0] != '\0')
            cli_error(cli, "%s", message);
        return EXIT_CODE_USAGE;
    case PERFORM_UNWRITABLE:
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    return EXIT_CODE_IO;
}

/* Runs everything. Returns EXIT_CODE_OK with *is_complete false when other shards are missing. */
static int run(struct work *work, bool *is_complete)
{
    const struct experiment_options *given = work->cli->own;
    char program[PROGRAM_BUILD_ID_BYTES], message[600] = "";
    struct perform perform = { .experiment = &work->experiment,
                               .directory = work->cells,
                               .program = program_build_id(program),
                               .threads = given->threads.value,
                               .watch = watch,
                               .note = note,
                               .watch_signals = watch_signals,
                               .is_interrupted = signals_arrived,
                               .context = work };
    struct diag diag;

    if (!shard_choose(work->cli, given->shard, &perform.shard, &perform.shard_count))
        return EXIT_CODE_USAGE;
    if (!perform_make_directory(work->cells, message, sizeof message)) {
        cli_error(work->cli, "%s", message);
        return EXIT_CODE_IO;
    }
    diag_init(&diag);
    enum perform_status status = perform_experiment(&perform, &work->rows, &diag, message, sizeof message);
    if (status == PERFORM_INVALID) /* warnings were printed when the scenarios were loaded */
        diag_print(&diag, stderr, cli_use_colour(work->cli, 2));
    diag_free(&diag);
    *is_complete = status == PERFORM_OK;
    return exit_code_of(work->cli, status, message);
}

/* --- reporting --- */

/* Writes what is not as expected. */
static void describe_missed(const struct work *work, size_t index, char *text, size_t text_bytes)
{
    const struct experiment_expectation *expectation = &work->experiment.expectations[index];
    const struct expectation_found *found = &work->findings.expectations[index];

    if (found->outcome == EXPECTATION_NOT_OBSERVED)
        (void)snprintf(text, text_bytes, "%s",
                       found->left.reason != NULL    ? found->left.reason
                       : found->right.reason != NULL ? found->right.reason
                                                     : "there is no value");
    else
        (void)snprintf(text, text_bytes, "%s%.100s%sfound %.4g, wanted %s %.4g", found->each != NULL ? "for " : "",
                       found->each != NULL ? found->each : "", found->each != NULL ? ", " : "", found->left.value,
                       expect_relation_text(expectation->relation), found->right.value);
}

static const char *expectation_text(const struct experiment_expectation *expectation)
{
    return expectation->text != NULL ? expectation->text : expectation->condition;
}

static void report_missed(const struct work *work, size_t index)
{
    const struct experiment_expectation *expectation = &work->experiment.expectations[index];
    enum expectation_outcome outcome = work->findings.expectations[index].outcome;
    char text[400];

    if (outcome == EXPECTATION_MET)
        return;
    describe_missed(work, index, text, sizeof text);
    printf("%s %s: %s: %s\n", expectation->is_aim ? "aim" : "expectation",
           outcome == EXPECTATION_NOT_OBSERVED ? "not observed"
           : expectation->is_aim               ? "missed"
                                               : "failed",
           expectation_text(expectation), text);
}

/* An aim that is missed is no failure, nor is what a quick run has not observed. */
static void add_case(const struct work *work, size_t index)
{
    const struct experiment_expectation *expectation = &work->experiment.expectations[index];
    enum expectation_outcome outcome = work->findings.expectations[index].outcome;
    bool is_excused = expectation->is_aim || (outcome == EXPECTATION_NOT_OBSERVED && work->experiment.is_quick);
    char text[400] = "met";

    if (outcome != EXPECTATION_MET)
        describe_missed(work, index, text, sizeof text);
    cases_add(work->cli->cases, work->experiment.name, expectation_text(expectation),
              outcome == EXPECTATION_MET ? CASE_PASSED
              : is_excused               ? CASE_SKIPPED
                                         : CASE_FAILED,
              0, "%s%s", outcome != EXPECTATION_MET && expectation->is_aim ? "aim: " : "", text);
}

/* What is quick may leave out what an expectation is about. */
static bool is_as_expected(const struct work *work)
{
    size_t failed = findings_count(&work->findings, false, EXPECTATION_MISSED);

    if (!work->experiment.is_quick)
        failed += findings_count(&work->findings, false, EXPECTATION_NOT_OBSERVED);
    return failed == 0;
}

static int report(struct work *work)
{
    const struct cli *cli = work->cli;
    const struct experiment_options *given = cli->own;
    char message[600];

    rows_derive(&work->rows, &work->experiment);
    findings_make(&work->findings, &work->experiment, &work->rows, cli_version());
    if (!given->is_checked &&
        !findings_write(&work->findings, work->directory, given->is_redrawn, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    if (cli->wants_json) {
        json_print_document(findings_to_json(&work->findings, work->directory), "experiment", stdout);
    } else {
        printf("%s\n\n", work->experiment.question);
        findings_print_tables(&work->findings, false, cli_use_colour(cli, 1), stdout);
        printf("%s%s", work->experiment.table_count > 0 ? "\n" : "", work->findings.verdict);
        for (size_t i = 0; i < work->experiment.expectation_count; i++)
            report_missed(work, i);
    }
    for (size_t i = 0; i < work->experiment.expectation_count && cli->cases != NULL; i++)
        add_case(work, i);
    for (size_t i = 0; i < work->rows.message_count; i++)
        cli_note(cli, "%s", work->rows.messages[i]);
    if (!given->is_checked)
        cli_note(cli, "%s: %zu rows; %zu of %zu expectations and %zu of %zu aims are met", work->directory,
                 work->rows.count, findings_count(&work->findings, false, EXPECTATION_MET),
                 findings_total(&work->findings, false), findings_count(&work->findings, true, EXPECTATION_MET),
                 findings_total(&work->findings, true));
    return cli_finish_output(is_as_expected(work) ? EXIT_CODE_OK : EXIT_CODE_FAILED);
}

/* Holds the expectations against the data.csv of an earlier run. */
static int read_data(struct work *work)
{
    char *path = sweep_path(work->directory, "data.csv"), message[600];
    bool is_good = rows_read_csv(&work->rows, &work->experiment, path, message, sizeof message);

    if (!is_good)
        cli_error(work->cli, "%s", message);
    free(path);
    return is_good ? EXIT_CODE_OK : EXIT_CODE_IO;
}

static int perform_all(struct work *work)
{
    const struct cli *cli = work->cli;
    const struct experiment_options *given = cli->own;
    char message[600];
    bool is_complete = true;

    CHECK(asprintf(&work->directory, cli->output != NULL ? "%s" : "%s.experiment",
                   cli->output != NULL ? cli->output : work->experiment.name) > 0);
    CHECK(asprintf(&work->cells, given->cells != NULL ? "%s" : "%s/cells",
                   given->cells != NULL ? given->cells : work->directory) > 0);
    if (!given->is_checked && !perform_make_directory(work->directory, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return EXIT_CODE_IO;
    }
    if (!given->is_checked)
        temporaries_remove(work->directory, NULL);
    rows_init(&work->rows);
    int status = given->is_checked || given->is_redrawn ? read_data(work) : run(work, &is_complete);
    if (status == EXIT_CODE_OK && is_complete) {
        status = report(work);
        findings_free(&work->findings);
    }
    rows_free(&work->rows);
    return status;
}

static int command_experiment_main(const struct cli *cli)
{
    const struct experiment_options *given = cli->own;
    struct work *work = calloc(1, sizeof *work);
    struct diag diag;
    int code = EXIT_CODE_USAGE;

    CHECK(work != NULL);
    work->cli = cli;
    if (given->is_checked && given->is_redrawn) {
        cli_error(cli, "--check writes nothing, and --redraw writes");
        free(work);
        return EXIT_CODE_USAGE;
    }
    diag_init(&diag);
    enum experiment_status status = experiment_load(&work->experiment, cli->arguments[0], given->is_quick, &diag);
    diag_print(&diag, stderr, cli_use_colour(cli, 2));
    diag_free(&diag);
    if (status == EXPERIMENT_UNREADABLE)
        code = EXIT_CODE_IO;
    if (status == EXPERIMENT_OK) {
        code = perform_all(work);
        free(work->directory);
        free(work->cells);
        experiment_free(&work->experiment);
    }
    free(work);
    return code;
}

static const struct cli_option options[] = {
    { "quick", 0, CLI_FLAG, offsetof(struct experiment_options, is_quick), NULL, NULL,
      "run with the changes that the file has under `quick`" },
    { "check", 0, CLI_FLAG, offsetof(struct experiment_options, is_checked), NULL, NULL,
      "run nothing: hold the expectations against the data.csv in the directory of -o" },
    { "redraw", 0, CLI_FLAG, offsetof(struct experiment_options, is_redrawn), NULL, NULL,
      "run nothing: write tables, figures and texts again from the data.csv in the directory of -o" },
    { "shard", 0, CLI_TEXT, offsetof(struct experiment_options, shard), "I/N", NULL,
      "run shard I of N of every run (default: by job array or rank of mpirun and srun; else all)" },
    { "cells", 0, CLI_TEXT, offsetof(struct experiment_options, cells), "DIR", NULL,
      "keep the results of the single runs here (default: cells/ in the directory of -o)" },
    { "threads", 'j', CLI_FEW, offsetof(struct experiment_options, threads), "N", NULL,
      "number of simulations, or processes of an exploration, at the same time (default: one per core)" },
};

const struct command command_experiment = {
    .name = "experiment",
    .arguments = "FILE [-o DIR]",
    .summary = "run an experiment: runs, tables, figures, expectations and a verdict in one file",
    .paragraphs = experiment_help,
    .common = CLI_OUTPUT | CLI_JSON | CLI_CASES,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct experiment_options),
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_experiment_main,
};
