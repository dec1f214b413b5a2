/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath sweep: runs every cell of a scenario's matrix, on one machine or in shards on several.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/file.h"
#include "base/program.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/population.h"
#include "commands/progress.h"
#include "commands/shard.h"
#include "result/file.h"
#include "scenario/scenario.h"
#include "scenario/sample.h"
#include "sweep/population.h"
#include "sweep/sweep.h"

struct sweep_options {
    const char *shard;
    const char *merge;
    struct cli_count threads;
    bool wants_jobs;
    struct population_options population;
};

static int merge(const struct cli *cli);
static int sweep_scenario(const struct cli *cli, const struct scenario *scenario);

static int command_sweep_main(const struct cli *cli)
{
    const struct sweep_options *given = cli->own;
    struct scenario scenario;

    if (given->population.analyse != NULL)
        return population_analyse(cli, &given->population);
    if (given->merge != NULL)
        return merge(cli);
    if (cli->argument_count == 0) {
        cli_error(cli, "SCENARIO is missing");
        return EXIT_CODE_USAGE;
    }
    int status = cli_load_scenario(cli, cli->arguments[0], &scenario);
    if (status != EXIT_CODE_OK)
        return status;
    status = sweep_scenario(cli, &scenario);
    scenario_free(&scenario);
    return status;
}

static int merge_tables(const struct cli *cli)
{
    const struct sweep_options *given = cli->own;
    char message[512];

    if (file_can_write(cli->output, cli->is_forced, message, sizeof message) &&
        population_merge(given->merge, cli->output, cli->is_forced, message, sizeof message))
        return EXIT_CODE_OK;
    cli_error(cli, "%s", message);
    return EXIT_CODE_IO;
}

static int merge(const struct cli *cli)
{
    const struct sweep_options *given = cli->own;
    struct result_set set;
    char message[512];
    enum sweep_status merged = SWEEP_OK;
    int status = EXIT_CODE_OK;

    if (cli->argument_count > 0 || cli->output == NULL) {
        cli_error(cli, "--merge DIR needs -o FILE and takes no scenario");
        return EXIT_CODE_USAGE;
    }
    if (population_is_there(given->merge))
        return merge_tables(cli);
    result_set_init(&set);
    if (!file_can_write(cli->output, cli->is_forced, message, sizeof message) ||
        (merged = sweep_merge(given->merge, &set, message, sizeof message)) != SWEEP_OK ||
        !result_file_write(&set, cli->output, cli->is_forced, message, sizeof message)) {
        cli_error(cli, "%s", message);
        status = merged == SWEEP_REFUSED ? EXIT_CODE_USAGE : EXIT_CODE_IO;
    }
    result_set_free(&set);
    return status;
}

/* Prints a word in single quotes, unless it has no character that is special to a shell. */
static void print_word(const char *word)
{
    if (word[0] != '\0' &&
        strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%") == strlen(word)) {
        printf(" %s", word);
        return;
    }
    fputs(" '", stdout);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){ *word, '\0' }, stdout);
    fputc('\'', stdout);
}

static void print_option(const char *name, const char *value)
{
    printf(" %s", name);
    print_word(value);
}

/* Prints a command line for each cell that is not done, for xargs, GNU parallel or make. */
static void print_jobs(const struct cli *cli, const struct sweep *sweep)
{
    for (size_t i = sweep->shard; i < sweep->plan->count; i += sweep->shard_count) {
        char message[512];
        if (sweep_cell_check(sweep->plan, &sweep->plan->cells[i], sweep->directory, NULL, message, sizeof message) ==
            SWEEP_CELL_DONE)
            continue;
        printf("%s sweep", program_call());
        print_word(cli->arguments[0]);
        if (cli->code != NULL)
            print_option("--code", cli->code);
        if (cli->design != NULL)
            print_option("--design", cli->design);
        for (size_t set = 0; set < cli->sets.count; set++)
            print_option("--set", cli->sets.items[set]);
        if (cli->seed.is_given)
            print_option("--seed", cli->seed.text);
        if (cli->duration.is_given)
            print_option("--duration", cli->duration.text);
        if (cli->seeds.is_given)
            print_option("--seeds", cli->seeds.text);
        print_option("-o", sweep->directory);
        printf(" --shard %zu/%zu\n", i + 1, sweep->plan->count);
    }
}

static int report(const struct cli *cli, const struct sweep *sweep, const struct sweep_outcome *outcome)
{
    cli_note(cli, "%s: %zu of %zu cells done (%zu now, %zu before%s)", sweep->directory, outcome->found + outcome->done,
             outcome->cells, outcome->done, outcome->found,
             outcome->damaged > 0 ? ", damaged cells were run again" : "");
    if (!outcome->was_cancelled)
        return EXIT_CODE_OK;
    cli_note(cli, "run the same command again to continue");
    return EXIT_CODE_INTERRUPTED;
}

/* Makes the directory of the results. */
static bool make_directory(const struct cli *cli, const char *directory)
{
    struct stat status;

    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        cli_error(cli, "%s: %s", directory, strerror(errno));
        return false;
    }
    if (stat(directory, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    cli_error(cli, "%s: not a directory", directory);
    return false;
}

static int run_sweep(const struct cli *cli, const struct sweep *sweep)
{
    const struct sweep_options *given = cli->own;
    struct sweep_outcome outcome;
    char message[600];

    if (given->wants_jobs) {
        print_jobs(cli, sweep);
        return cli_finish_output(EXIT_CODE_OK);
    }
    if (!make_directory(cli, sweep->directory))
        return EXIT_CODE_IO;
    struct stat status;
    char *plan_path = sweep_path(sweep->directory, "sweep.json");
    bool is_new = stat(plan_path, &status) != 0;
    free(plan_path);
    if (!sweep_plan_write(sweep->plan, sweep->directory, message, sizeof message)) {
        cli_error(cli, "%s", message);
        return is_new ? EXIT_CODE_IO : EXIT_CODE_USAGE;
    }
    enum sweep_status done = sweep_run(sweep, &outcome, message, sizeof message);
    if (done != SWEEP_OK) {
        cli_error(cli, "%s", message);
        return done == SWEEP_REFUSED ? EXIT_CODE_USAGE : EXIT_CODE_IO;
    }
    return report(cli, sweep, &outcome);
}

/* Runs the machines of a sample. */
static int run_population(const struct cli *cli, const struct sweep *sweep)
{
    const struct sweep_options *given = cli->own;
    struct population population = { sweep->scenario,    sweep->directory, sweep->shard,
                                     sweep->shard_count, sweep->threads,   sweep->watcher };
    struct population_outcome outcome;
    char message[600];

    if (given->wants_jobs || cli->seeds.is_given) {
        cli_error(cli, "a sample has one seed for each machine: --print-jobs and --seeds do not apply");
        return EXIT_CODE_USAGE;
    }
    if (!make_directory(cli, sweep->directory))
        return EXIT_CODE_IO;
    enum sweep_status done = population_run(&population, &outcome, message, sizeof message);
    if (done != SWEEP_OK) {
        cli_error(cli, "%s", message);
        return done == SWEEP_REFUSED ? EXIT_CODE_USAGE : EXIT_CODE_IO;
    }
    cli_note(cli, "%s: %zu of %zu machines done (%zu now, %zu before)", sweep->directory, outcome.found + outcome.done,
             outcome.machines, outcome.done, outcome.found);
    if (!outcome.was_cancelled)
        return EXIT_CODE_OK;
    cli_note(cli, "run the same command again to continue");
    return EXIT_CODE_INTERRUPTED;
}

/* Plans and runs the cells of a matrix. */
static int run_matrix(const struct cli *cli, struct sweep *sweep)
{
    struct sweep_plan plan;
    struct diag diag;

    diag_init(&diag);
    bool is_good = sweep_plan_make(&plan, sweep->scenario, cli->seeds.value, &diag);
    diag_print(&diag, stderr, cli_use_colour(cli, 2));
    diag_free(&diag);
    if (!is_good)
        return EXIT_CODE_USAGE;
    sweep->plan = &plan;
    int status = run_sweep(cli, sweep);
    sweep->plan = NULL;
    sweep_plan_free(&plan);
    return status;
}

static int sweep_scenario(const struct cli *cli, const struct scenario *scenario)
{
    const struct sweep_options *given = cli->own;
    struct sweep sweep = { .scenario = scenario, .threads = given->threads.value };
    struct progress progress;
    char *directory;

    if (!shard_choose(cli, given->shard, &sweep.shard, &sweep.shard_count))
        return EXIT_CODE_USAGE;
    CHECK(asprintf(&directory, cli->output != NULL ? "%s" : "%s.sweep",
                   cli->output != NULL ? cli->output : scenario->name) > 0);
    sweep.directory = directory;
    progress_init(&progress, cli->is_quiet);
    sweep.watcher = &progress.watcher;
    int status = scenario->sample != NULL ? run_population(cli, &sweep) : run_matrix(cli, &sweep);
    free(directory);
    return status;
}

static const struct cli_option options[] = {
    { "shard", 0, CLI_TEXT, offsetof(struct sweep_options, shard), "I/N", NULL,
      "run shard I of N (default: by job array or rank of mpirun and srun; else all)" },
    { "merge", 0, CLI_TEXT, offsetof(struct sweep_options, merge), "DIR", NULL,
      "combine the results of DIR in the file of -o; fails if a cell is missing" },
    { "print-jobs", 0, CLI_FLAG, offsetof(struct sweep_options, wants_jobs), NULL, NULL,
      "print a command for each cell that is not done, and run nothing" },
    { "threads", 'j', CLI_FEW, offsetof(struct sweep_options, threads), "N", NULL,
      "number of simulations at the same time (default: one per core)" },
    { "analyse", 0, CLI_TEXT, offsetof(struct sweep_options, population.analyse), "TABLE", NULL,
      "print CSV of the machines in a sample's table: the share in a range with its 95 % interval, quantiles" },
    { "metric", 0, CLI_TEXT, offsetof(struct sweep_options, population.metric), "COLUMN", NULL,
      "with --analyse: the metric" },
    { "above", 0, CLI_TEXT, offsetof(struct sweep_options, population.above), "NUMBER", NULL,
      "with --analyse: count machines whose metric is above this" },
    { "below", 0, CLI_TEXT, offsetof(struct sweep_options, population.below), "NUMBER", NULL,
      "with --analyse: count machines whose metric is below this" },
    { "by", 0, CLI_TEXT, offsetof(struct sweep_options, population.by), "COLUMN", NULL,
      "with --analyse: also for each value of this column" },
    { "where", 0, CLI_TEXT, offsetof(struct sweep_options, population.where), "COLUMN=VALUE", NULL,
      "with --analyse: only these machines" },
    { "indices", 0, CLI_FLAG, offsetof(struct sweep_options, population.wants_indices), NULL, NULL,
      "with --analyse: which drawn values decide whether a machine counts: first-order indices and those of pairs" },
    { "redrawn", 0, CLI_TEXT, offsetof(struct sweep_options, population.redrawn), "TABLE", NULL,
      "with --analyse: total indices, from the table of the same sample with redraw: on" },
};

const struct command command_sweep = {
    .name = "sweep",
    .arguments = "SCENARIO [-o DIR] | --merge DIR -o FILE | --analyse TABLE --metric COLUMN",
    .summary = "run every cell of the scenario's matrix, or the machines of its sample",
    .description =
        "Runs all cells of the matrix with --seeds N seeds each and writes one result file per cell to the\n"
        "directory of -o (default: NAME.sweep). Run the command again to continue an interrupted sweep. --shard I/N\n"
        "runs one of N parts, so that several machines can work on one directory; --merge combines the results in\n"
        "one file. A scenario with a section `sample` has a table of its machines instead, table.csv.",
    .common = CLI_SCENARIO | CLI_SEEDS | CLI_OUTPUT | CLI_FORCE,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .own_bytes = sizeof(struct sweep_options),
    .argument_minimum = 0,
    .argument_maximum = 1,
    .run = command_sweep_main,
};
