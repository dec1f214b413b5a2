/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explore: every interleaving of small scenarios, one design after the other.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "explore/replay.h"
#include "explore/verdicts.h"
#include "commands/progress.h"
#include "result/file.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "models/family/family.h"

#define DESIGNS_MAX 64

struct explore_options {
    const char *designs;
    struct cli_count states, depth, preemptions, megabytes, jobs, walks;
    bool wants_trace, wants_csv, wants_markdown;
};

struct design_list {
    char *text; /* the option's, cut at the commas */
    const char *names[DESIGNS_MAX];
    size_t count;
};

struct exploration {
    const struct cli *cli;
    struct explore_limits limits;
    struct explore_rows rows;
    int status;
};

/* What is printed as soon as it is known. */
static bool wants_lines(const struct cli *cli)
{
    const struct explore_options *given = cli->own;

    return !cli->wants_json && !given->wants_csv && !given->wants_markdown;
}

static void list_family(const struct family *family, struct design_list *list)
{
    for (size_t i = 0; i < family->design_count && list->count < DESIGNS_MAX; i++)
        list->names[list->count++] = family->designs[i]->name;
}

/* --designs, or the scenario's own. */
static bool list_designs(const struct cli *cli, const struct scenario *scenario, struct design_list *list)
{
    const struct explore_options *given = cli->own;

    *list = (struct design_list){ .text = strdup(given->designs != NULL ? given->designs
                                                                        : scenario->setup.hypervisor.design) };
    CHECK(list->text != NULL);
    for (char *rest = list->text, *name; (name = strsep(&rest, ",")) != NULL && list->count < DESIGNS_MAX;) {
        if (name[0] == '\0')
            continue;
        if (strcmp(name, "all") == 0) {
            list_family(scenario->design->family, list);
            continue;
        }
        if (!cli_design_exists(cli, name))
            return false;
        list->names[list->count++] = name;
    }
    if (list->count == 0)
        cli_error(cli, "--designs names no design");
    return list->count > 0;
}

static void signals_add(sigset_t *signals, int number)
{
    struct sigaction action;

    CHECK(sigaction(number, NULL, &action) == 0);
    if (action.sa_handler != SIG_IGN) /* as a shell has it for a job in the background */
        sigaddset(signals, number);
}

/* The signals are blocked: the processes of a search would end one by one, and what is known so far would be lost. */
static void watch(sigset_t *signals, sigset_t *old)
{
    sigemptyset(signals);
    signals_add(signals, SIGINT);
    signals_add(signals, SIGTERM);
    CHECK(sigprocmask(SIG_BLOCK, signals, old) == 0);
}

static bool is_interrupted(void)
{
    sigset_t pending;

    CHECK(sigpending(&pending) == 0);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

/* True: there was one. */
static bool unwatch(const sigset_t *signals, const sigset_t *old)
{
    const struct timespec at_once = { 0, 0 };
    bool was_interrupted = false;

    while (sigtimedwait(signals, NULL, &at_once) > 0)
        was_interrupted = true;
    CHECK(sigprocmask(SIG_SETMASK, old, NULL) == 0);
    return was_interrupted;
}

static struct explore_limits limits_of(const struct cli *cli)
{
    const struct explore_options *given = cli->own;
    struct explore_limits limits = explore_default_limits;

    if (given->states.is_given)
        limits.states = given->states.value;
    if (given->depth.is_given)
        limits.depth = given->depth.value;
    if (given->preemptions.is_given)
        limits.preemptions = given->preemptions.value;
    if (given->megabytes.is_given)
        limits.bytes = given->megabytes.value < UINT64_MAX >> 20 ? given->megabytes.value << 20 : UINT64_MAX;
    if (given->walks.is_given)
        limits.walks = given->walks.value;
    limits.is_interrupted = is_interrupted;
    limits.jobs = (uint32_t)given->jobs.value;
    return limits;
}

/* Random interleavings keep no states and count no preemptions. */
static bool are_limits_of_random(const struct cli *cli)
{
    const struct explore_options *given = cli->own;
    const char *name = given->states.is_given        ? "--max-states"
                       : given->megabytes.is_given   ? "--max-memory"
                       : given->preemptions.is_given ? "--preemptions"
                                                     : NULL;

    if (!given->walks.is_given || name == NULL)
        return true;
    cli_error(cli, "%s is no limit of random interleavings (--random)", name);
    return false;
}

/* With several designs or scenarios each has its own file. */
static char *replay_path(const struct cli *cli, const struct scenario *scenario, const char *design, size_t designs)
{
    char *path;
    int length;

    if (cli->argument_count > 1)
        length = asprintf(&path, "%s-%s-%s", cli->output, scenario->name, design);
    else if (designs > 1)
        length = asprintf(&path, "%s-%s", cli->output, design);
    else
        length = asprintf(&path, "%s", cli->output);
    CHECK(length > 0);
    return path;
}

static bool keep_replay(const struct cli *cli, const struct scenario *scenario, const struct explore_row *row)
{
    struct replay replay = {
        .scenario = scenario_resolved_yaml(scenario),
        .design = row->design,
        .kind = (char *)violation_name(row->outcome.violation.kind),
        .text = (char *)row->outcome.violation.text,
        .trace = row->outcome.trace,
        .trace_count = row->outcome.trace_count,
    };
    char message[512];
    bool is_good = replay_write(&replay, row->replay, message, sizeof(message));

    if (!is_good)
        cli_error(cli, "%s", message);
    free(replay.scenario);
    return is_good;
}

/* Before the exploration, which may take hours. */
static bool can_keep_replay(const struct cli *cli, const struct scenario *scenario, const char *design, size_t designs)
{
    char message[512], *path;
    bool is_good;

    if (cli->output == NULL)
        return true;
    path = replay_path(cli, scenario, design, designs);
    is_good = result_file_can_write(path, true, message, sizeof(message));
    if (!is_good)
        cli_error(cli, "%s", message);
    free(path);
    return is_good;
}

static void print_trace(const struct scenario *scenario, const struct explore_row *row)
{
    struct explore_world world;
    char message[512];

    if (!explore_world_open(&world, scenario, row->design, message, sizeof(message)))
        return;
    CHECK(explore_replay_print(&world, row->outcome.trace, row->outcome.trace_count, stdout));
    explore_world_close(&world);
}

static void raise_status(struct exploration *exploration, int status)
{
    if (status > exploration->status)
        exploration->status = status;
}

/* The expectation is of the scenario's own design; a violation of another one is one. */
static const char *expectation_of(const struct scenario *scenario, const char *design)
{
    return strcmp(scenario->setup.hypervisor.design, design) == 0 ? scenario->explore_expectation : NULL;
}

static void report(struct exploration *exploration, const struct scenario *scenario, struct explore_row *row,
                   size_t designs)
{
    const struct cli *cli = exploration->cli;
    const struct explore_options *given = cli->own;

    if (!explore_is_expected(&row->outcome, expectation_of(scenario, row->design)))
        raise_status(exploration, EXIT_CODE_FAILED);
    if (cli->output != NULL && row->outcome.verdict == EXPLORE_VIOLATION) {
        row->replay = replay_path(cli, scenario, row->design, designs);
        if (!keep_replay(cli, scenario, row))
            raise_status(exploration, EXIT_CODE_IO);
    }
    if (wants_lines(cli))
        explore_row_print(row, stdout);
    if (given->wants_trace && wants_lines(cli) && row->outcome.verdict == EXPLORE_VIOLATION)
        print_trace(scenario, row);
    fflush(stdout);
}

static void explore_designs(struct exploration *exploration, const char *path, const struct scenario *scenario,
                            const struct design_list *designs)
{
    const struct cli *cli = exploration->cli;

    if (wants_lines(cli) && cli->argument_count > 1)
        printf("%s%s\n", exploration->rows.count > 0 ? "\n" : "", scenario->name);
    for (size_t i = 0; i < designs->count && !is_interrupted(); i++) {
        struct explore_outcome outcome;
        char message[512] = "";
        double start = progress_seconds();
        if (!can_keep_replay(cli, scenario, designs->names[i], designs->count)) {
            raise_status(exploration, EXIT_CODE_IO);
            continue;
        }
        exploration->limits.seed = scenario->setup.run.seed;
        if (!explore_scenario(scenario, designs->names[i], &exploration->limits, &outcome, message, sizeof(message))) {
            cli_error(cli, "%s: %s", path, message);
            raise_status(exploration, EXIT_CODE_USAGE);
            continue;
        }
        struct explore_row *row = explore_rows_add(&exploration->rows, scenario->name, designs->names[i], &outcome,
                                                   progress_seconds() - start);
        report(exploration, scenario, row, designs->count);
    }
}

static void explore_file(struct exploration *exploration, const char *path)
{
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct design_list designs;

    CHECK(scenario != NULL);
    int status = cli_load_scenario(exploration->cli, path, scenario);
    raise_status(exploration, status);
    if (status == EXIT_CODE_OK) {
        if (list_designs(exploration->cli, scenario, &designs))
            explore_designs(exploration, path, scenario, &designs);
        else
            raise_status(exploration, EXIT_CODE_USAGE);
        free(designs.text);
        scenario_free(scenario);
    }
    free(scenario);
}

static void print_document(const struct exploration *exploration)
{
    const struct cli *cli = exploration->cli;
    const struct explore_options *given = cli->own;

    if (exploration->rows.count == 0)
        return;
    if (cli->wants_json) {
        json_print(explore_rows_to_json(&exploration->rows), stdout);
    } else if (given->wants_csv) {
        explore_rows_print_csv(&exploration->rows, stdout);
    } else if (given->wants_markdown) {
        explore_rows_print_markdown(&exploration->rows, stdout);
    } else if (cli->argument_count > 1) {
        putchar('\n');
        explore_rows_print_table(&exploration->rows, stdout, cli_use_colour(cli, 1));
    }
}

static int command_explore_main(const struct cli *cli)
{
    struct exploration exploration = { .cli = cli, .limits = limits_of(cli), .status = EXIT_CODE_OK };
    sigset_t signals, old;

    if (!are_limits_of_random(cli))
        return EXIT_CODE_USAGE;
    watch(&signals, &old);
    for (size_t i = 0; i < cli->argument_count && !is_interrupted(); i++)
        explore_file(&exploration, cli->arguments[i]);
    if (unwatch(&signals, &old))
        exploration.status = EXIT_CODE_INTERRUPTED;
    print_document(&exploration);
    explore_rows_free(&exploration.rows);
    return exploration.status;
}

static const struct cli_option options[] = {
    { "designs", 0, CLI_TEXT, offsetof(struct explore_options, designs), "A,B", NULL,
      "explore these instead of the scenario's; all: its whole family" },
    { "max-states", 0, CLI_COUNT, offsetof(struct explore_options, states), "N", NULL, "give up after so many states" },
    { "max-depth", 0, CLI_COUNT, offsetof(struct explore_options, depth), "N", NULL, "give up after so many steps" },
    { "max-memory", 0, CLI_COUNT, offsetof(struct explore_options, megabytes), "MIB", NULL,
      "give up beyond so much memory (default 8192)" },
    { "preemptions", 0, CLI_NUMBER, offsetof(struct explore_options, preemptions), "N", NULL,
      "at most so many switches away from a pCPU that could go on" },
    { "random", 0, CLI_COUNT, offsetof(struct explore_options, walks), "N", NULL,
      "N random interleavings instead, for what is too large; finds violations, proves nothing" },
    { "jobs", 'j', CLI_FEW, offsetof(struct explore_options, jobs), "N", NULL,
      "so many processes (default: one for each processor); the result does not depend on it" },
    { "trace", 0, CLI_FLAG, offsetof(struct explore_options, wants_trace), NULL, NULL, "print the violating trace" },
    { "csv", 0, CLI_FLAG, offsetof(struct explore_options, wants_csv), NULL, NULL, "one line an exploration, as CSV" },
    { "markdown", 0, CLI_FLAG, offsetof(struct explore_options, wants_markdown), NULL, NULL,
      "designs by scenarios, as a Markdown table" },
};

const struct command command_explore = {
    .name = "explore",
    .arguments = "SCENARIO...",
    .summary = "try every interleaving and report lost interrupts, deadlocks, crashes",
    .description =
        "Boots the scenario without costs and timers, lets each device raise its `interrupts` at any moment, and "
        "tries\n"
        "every order of the steps of pCPUs, devices and IPIs. The first violation found has the shortest trace there "
        "is;\n"
        "-o keeps it for irqpath replay (several designs: FILE-DESIGN; several scenarios: FILE-SCENARIO-DESIGN). A\n"
        "limit that was reached makes the verdict incomplete, never clean; so does Ctrl-C, which keeps the verdicts\n"
        "so far. Several scenarios end in a table of designs by scenarios. Exit code 1: a violation; of the\n"
        "scenario's own design: not what its expect: says.\n"
        "Steps that nobody can tell apart are one: --set run.reduction=off takes each by itself.",
    .common = CLI_SCENARIO | CLI_JSON | CLI_OUTPUT,
    .options = options,
    .option_count = sizeof(options) / sizeof(*options),
    .own_bytes = sizeof(struct explore_options),
    .argument_minimum = 1,
    .argument_maximum = SIZE_MAX,
    .run = command_explore_main,
};
