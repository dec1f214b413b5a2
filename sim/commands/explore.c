/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explore: explores every interleaving of small scenarios, one design after the other.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/object.h"
#include "code/races.h"
#include "commands/checkpoints.h"
#include "commands/cli.h"
#include "commands/code_output.h"
#include "commands/command.h"
#include "commands/explore_replay.h"
#include "commands/mpi.h"
#include "commands/walks.h"
#include "explore/replay.h"
#include "explore/verdicts.h"
#include "commands/progress.h"
#include "commands/signals.h"
#include "report/cases.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "models/family/family.h"

#define DESIGNS_MAX 64

struct explore_options {
    const char *designs;
    struct cli_count states, depth, preemptions, seconds, megabytes, jobs;
    bool wants_trace, wants_csv, wants_markdown, wants_races;
    uint32_t accesses; /* enum accesses */
    uint32_t memory;   /* index into memory_names + 1; 0: not given */
    struct code_options code;
    struct walks_options random;
    struct checkpoint_options checkpoints;
};

/* The choices of --accesses, from 1; 0: not given. */
enum accesses { ACCESSES_NOT_GIVEN, ACCESSES_FOUND, ACCESSES_ALL };
static const char *const accesses_names[] = { "found", "all", NULL };

static const char *const memory_names[] = { "sc", "tso", NULL };

struct design_list {
    char *text; /* the text of the option, split at the commas */
    const char *names[DESIGNS_MAX];
    size_t count;
};

struct exploration {
    const struct cli *cli;
    struct explore_limits limits;
    struct explore_rows rows;
    struct code_output code;
    struct walk_parts parts; /* of --merge */
    struct checkpoints checkpoints;
    struct mpi mpi;
    int status;
};

/* Prints the verdict of a design as soon as it is known. */
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

/* Reads the names of --designs, or the design of the scenario. */
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
        cli_error(cli, "--designs is empty");
    return list->count > 0;
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
    if (given->seconds.is_given)
        limits.seconds = given->seconds.value;
    if (given->megabytes.is_given)
        limits.bytes = given->megabytes.value < UINT64_MAX >> 20 ? given->megabytes.value << 20 : UINT64_MAX;
    limits.is_interrupted = signals_arrived;
    limits.jobs = (uint32_t)given->jobs.value;
    return limits;
}

/* Rejects limits that have no meaning for random interleavings, which neither store states nor count preemptions. */
static bool are_limits_of_random(const struct cli *cli)
{
    const struct explore_options *given = cli->own;
    const char *name = given->states.is_given        ? "--max-states"
                       : given->megabytes.is_given   ? "--max-memory"
                       : given->preemptions.is_given ? "--preemptions"
                       : given->seconds.is_given     ? "--max-seconds"
                                                     : NULL;

    if (!given->random.number.is_given || name == NULL)
        return true;
    cli_error(cli, "%s cannot be used with --random", name);
    return false;
}

static bool are_options_of_code(const struct cli *cli)
{
    const struct explore_options *given = cli->own;

    if (cli->code != NULL || (!given->wants_races && given->accesses == ACCESSES_NOT_GIVEN))
        return true;
    cli_error(cli, "%s has no effect without --code", given->wants_races ? "--races" : "--accesses");
    return false;
}

static void print_trace(const struct scenario *scenario, const struct explore_row *row)
{
    struct explore_world world;
    char message[512];

    if (!explore_world_open(&world, scenario, row->design, row->races, message, sizeof(message)))
        return;
    CHECK(explore_replay_print(&world, row->outcome.trace, row->outcome.trace_count, stdout));
    explore_world_close(&world);
}

/* The races are described in a world, by the names of its memory. */
static struct code_report *code_report_of(const struct exploration *exploration, const struct scenario *scenario,
                                          const struct explore_row *row)
{
    struct race_list *races = NULL;
    struct explore_world world;
    char message[512];

    if (row->races == NULL)
        return NULL;
    if (explore_world_open(&world, scenario, row->design, row->races, message, sizeof(message))) {
        if (world.explored.code != NULL)
            races = race_list_new(&world.explored);
        explore_world_close(&world);
    }
    return code_output_report(&exploration->code, races);
}

static void raise_status(struct exploration *exploration, int status)
{
    if (status > exploration->status)
        exploration->status = status;
}

static void add_case(const struct cli *cli, const struct explore_row *row, bool is_met, const char *text)
{
    bool is_violation = row->outcome.verdict == EXPLORE_VIOLATION;

    if (cli->cases != NULL)
        cases_add(cli->cases, row->scenario, row->design, is_met ? CASE_PASSED : CASE_FAILED, row->seconds,
                  "%s%s%s%s%s", text, is_violation ? ": " : "", is_violation ? row->outcome.violation.text : "",
                  row->replay != NULL ? "\nirqpath replay " : "", row->replay != NULL ? row->replay : "");
}

/* Compares the verdict with what is expected, and says so in the scenario's report, or if it is not met where a
 * document is printed, as an error. The expectation applies to the scenario's own design. For any other design, every
 * violation is a failure. */
static void compare(struct exploration *exploration, const struct scenario *scenario, const struct explore_row *row)
{
    const struct cli *cli = exploration->cli;
    const char *about = scenario->expected_design;
    bool is_about = about != NULL && strcmp(about, row->design) == 0;
    const char *expectation = is_about ? scenario->explore_expectation : NULL;
    bool is_met = explore_is_expected(&row->outcome, expectation);
    char text[256];

    if (walks_are_part(&((const struct explore_options *)cli->own)->random, &exploration->limits))
        return;
    explore_row_compare(row, expectation, is_about ? NULL : about, text, sizeof(text));
    if (!is_met)
        raise_status(exploration, EXIT_CODE_FAILED);
    add_case(cli, row, is_met, text);
    if (wants_lines(cli) && about != NULL)
        printf("  %s\n", text);
    else if (!is_met)
        cli_error(cli, "%s, %s: %s", scenario->name, row->design, text);
}

static void report(struct exploration *exploration, const struct scenario *scenario, struct explore_row *row,
                   size_t designs)
{
    const struct cli *cli = exploration->cli;
    const struct explore_options *given = cli->own;

    if (cli->output != NULL && row->outcome.verdict == EXPLORE_VIOLATION) {
        row->replay = explore_replay_path(cli, scenario, row->design, designs);
        if (!explore_keep_replay(cli, scenario, row))
            raise_status(exploration, EXIT_CODE_IO);
    }
    if (wants_lines(cli))
        explore_row_print(row, stdout);
    if (wants_lines(cli) && row->code != NULL)
        code_report_print(row->code, &(struct code_report_parts){ given->wants_races, given->code.wants_coverage },
                          stdout);
    compare(exploration, scenario, row);
    if (given->wants_trace && wants_lines(cli) && row->outcome.verdict == EXPLORE_VIOLATION)
        print_trace(scenario, row);
    fflush(stdout);
}

static bool explore_design(struct exploration *exploration, const char *path, const struct scenario *scenario,
                           const char *design)
{
    const struct explore_options *given = exploration->cli->own;
    struct explore_outcome outcome;
    char message[512] = "";
    double start = progress_seconds(), seconds = 0;
    struct races *races = explore_races_new(scenario, given->accesses == ACCESSES_ALL);

    exploration->limits.seed = scenario->setup.run.seed;
    if (given->random.merge != NULL
            ? !walks_merge(&exploration->parts, scenario, design, &exploration->limits, &outcome, &seconds, message,
                           sizeof(message))
            : !explore_scenario(scenario, design, &exploration->limits, races, &outcome, message, sizeof(message))) {
        races_free(races);
        cli_error(exploration->cli, "%s: %s", path, message);
        return false;
    }
    struct explore_row *row = explore_rows_add(&exploration->rows, scenario->name, design, &outcome,
                                               given->random.merge != NULL ? seconds : progress_seconds() - start);
    row->memory = scenario->setup.run.memory;
    row->races = races;
    row->walks_hash = walks_hash(scenario, &exploration->limits);
    row->code = code_report_of(exploration, scenario, row);
    return true;
}

static void explore_designs(struct exploration *exploration, const char *path, const struct scenario *scenario,
                            const struct design_list *designs)
{
    const struct cli *cli = exploration->cli;

    if (wants_lines(cli) && cli->argument_count > 1)
        printf("%s%s\n", exploration->rows.count > 0 ? "\n" : "", scenario->name);
    for (size_t i = 0; i < designs->count && !mpi_is_interrupted(&exploration->mpi, signals_arrived()); i++) {
        if (mpi_any(&exploration->mpi, !explore_can_keep_replay(cli, scenario, designs->names[i], designs->count))) {
            raise_status(exploration, EXIT_CODE_IO);
            continue;
        }
        if (!code_output_begin(&exploration->code, scenario->setup.code) ||
            !checkpoints_begin(&exploration->checkpoints, scenario, designs->names[i], designs->count,
                               &exploration->limits) ||
            !explore_design(exploration, path, scenario, designs->names[i])) {
            raise_status(exploration, EXIT_CODE_USAGE);
            continue;
        }
        report(exploration, scenario, &exploration->rows.rows[exploration->rows.count - 1], designs->count);
    }
}

/* --memory is the same as --set run.memory, and comes last. */
static int load(const struct cli *cli, const char *path, struct scenario *scenario)
{
    const struct explore_options *given = cli->own;
    struct cli with = *cli;
    char memory[32];
    int status;

    if (given->memory == 0)
        return cli_load_scenario(cli, path, scenario);
    with.sets.items = calloc(cli->sets.count + 1, sizeof(*with.sets.items));
    CHECK(with.sets.items != NULL);
    for (size_t i = 0; i < cli->sets.count; i++)
        with.sets.items[i] = cli->sets.items[i];
    (void)snprintf(memory, sizeof(memory), "run.memory=%s", memory_names[given->memory - 1]);
    with.sets.items[with.sets.count++] = memory;
    status = cli_load_scenario(&with, path, scenario);
    free(with.sets.items);
    return status;
}

static void explore_file(struct exploration *exploration, const char *path)
{
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct design_list designs;

    CHECK(scenario != NULL);
    int status = load(exploration->cli, path, scenario);
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
        json_print_document(explore_rows_to_json(&exploration->rows), "explore", stdout);
    } else if (given->wants_csv) {
        explore_rows_print_csv(&exploration->rows, stdout);
    } else if (given->wants_markdown) {
        explore_rows_print_markdown(&exploration->rows, stdout);
    } else if (cli->argument_count > 1) {
        putchar('\n');
        explore_rows_print_table(&exploration->rows, stdout, cli_use_colour(cli, 1));
    }
}

/* What one process does for itself. */
static const char *option_of_one(const struct cli *cli)
{
    const struct explore_options *given = cli->own;

    if (cli->code != NULL)
        return "--code";
    if (given->checkpoints.written != NULL || given->checkpoints.resumed != NULL)
        return given->checkpoints.written != NULL ? "--checkpoint" : "--resume";
    return given->jobs.is_given && given->jobs.value != 1 ? "-j, other than 1," : NULL;
}

static int command_explore_main(const struct cli *given_cli)
{
    struct exploration exploration = { .limits = limits_of(given_cli), .status = EXIT_CODE_OK };
    const struct explore_options *given = given_cli->own;
    const struct cli *cli = exploration.cli = &exploration.mpi.cli;
    struct signals signals;

    /* Random walks are divided among ranks as among the tasks of an array: no process needs another. */
    exploration.mpi.cli = *given_cli;
    if ((!given->random.number.is_given &&
         !mpi_open(&exploration.mpi, given_cli, option_of_one(given_cli), &exploration.limits)) ||
        !are_limits_of_random(cli) || !are_options_of_code(cli) ||
        !walks_choose(cli, &given->random, &exploration.limits))
        return EXIT_CODE_USAGE;
    if (!walks_open(cli, &given->random, &exploration.parts))
        return EXIT_CODE_IO;
    if (!code_output_open(&exploration.code, cli, &given->code))
        return EXIT_CODE_USAGE;
    exploration.status = checkpoints_open(&exploration.checkpoints, cli, &given->checkpoints);
    if (exploration.status != EXIT_CODE_OK)
        return exploration.status;
    signals_watch(&signals);
    for (size_t i = 0; i < cli->argument_count && !mpi_is_interrupted(&exploration.mpi, signals_arrived()); i++)
        explore_file(&exploration, cli->arguments[i]);
    if (mpi_is_interrupted(&exploration.mpi, signals_unwatch(&signals)))
        exploration.status = EXIT_CODE_INTERRUPTED;
    print_document(&exploration);
    raise_status(&exploration, checkpoints_close(&exploration.checkpoints));
    raise_status(&exploration, code_output_close(&exploration.code, exploration.status == EXIT_CODE_OK));
    explore_rows_free(&exploration.rows);
    walk_parts_free(&exploration.parts);
    mpi_close(&exploration.mpi);
    return exploration.status;
}

static const struct cli_option options[] = {
    { "designs", 0, CLI_TEXT, offsetof(struct explore_options, designs), "A,B", NULL,
      "designs to explore instead of the scenario's; all: its whole family" },
    { "max-states", 0, CLI_COUNT, offsetof(struct explore_options, states), "N", NULL, "stop after N states" },
    { "max-depth", 0, CLI_COUNT, offsetof(struct explore_options, depth), "N", NULL, "stop at a depth of N steps" },
    { "max-memory", 0, CLI_COUNT, offsetof(struct explore_options, megabytes), "MIB", NULL,
      "stop when more memory is used (default: 8192)" },
    { "max-seconds", 0, CLI_COUNT, offsetof(struct explore_options, seconds), "N", NULL,
      "stop after N seconds; where a limit of states, memory or time ends the search, half of the time is for a search "
      "with no preemption, then one, and so on" },
    { "preemptions", 0, CLI_NUMBER, offsetof(struct explore_options, preemptions), "N", NULL,
      "limit the number of preemptions: steps of another pCPU, and interrupts, IPIs, actions and timers that arrive,\n"
      "while the pCPU that went last could go on" },
    { "random", 0, CLI_COUNT, offsetof(struct explore_options, random.number), "N", NULL,
      "try N random interleavings instead, for large scenarios; finds violations, proves nothing" },
    { "memory", 0, CLI_CHOICE, offsetof(struct explore_options, memory), "MODEL", memory_names,
      "when other pCPUs see a store: at once (sc, the default) or after it has left a store buffer, as on x86 (tso);\n"
      "same as --set run.memory=MODEL" },
    { "walks", 0, CLI_TEXT, offsetof(struct explore_options, random.part), "FROM,TO", NULL,
      "with --random N: those numbered FROM to TO - 1, from 0\n"
      "(default: by job array or rank of mpirun and srun; else all)" },
    { "merge", 0, CLI_TEXT, offsetof(struct explore_options, random.merge), "DIR", NULL,
      "with --random N: take none, but say what all of them find, from the files *.json of DIR, printed by --walks "
      "--json" },
    { "jobs", 'j', CLI_FEW, offsetof(struct explore_options, jobs), "N", NULL,
      "number of processes (default: one per processor); does not affect the result" },
    { "trace", 0, CLI_FLAG, offsetof(struct explore_options, wants_trace), NULL, NULL,
      "print the trace of a violation" },
    { "races", 0, CLI_FLAG, offsetof(struct explore_options, wants_races), NULL, NULL,
      "with --code: print the accesses of the same memory that no lock orders" },
    { "accesses", 0, CLI_CHOICE, offsetof(struct explore_options, accesses), "WHICH", accesses_names,
      "with --code: plain accesses that are steps: found (the default: where no lock orders them) or all" },
    CODE_OUTPUT_OPTIONS(explore_options),
    CHECKPOINT_OPTIONS(explore_options),
    { "csv", 0, CLI_FLAG, offsetof(struct explore_options, wants_csv), NULL, NULL,
      "print CSV, one line per exploration" },
    { "markdown", 0, CLI_FLAG, offsetof(struct explore_options, wants_markdown), NULL, NULL,
      "print a Markdown table of designs by scenarios" },
};

const struct command command_explore = {
    .name = "explore",
    .arguments = "SCENARIO...",
    .summary = "try every interleaving and report lost interrupts, deadlocks, crashes",
    .description =
        "Boots the scenario without costs and timers, lets each device raise its `interrupts` at any time, and\n"
        "tries every order of the steps of pCPUs, devices and IPIs. The first violation that is found has the\n"
        "shortest possible trace. -o writes it to a file for irqpath replay (FILE-DESIGN for several designs,\n"
        "FILE-SCENARIO-DESIGN for several scenarios).\n"
        "lost-interrupt: nothing is left that would deliver it. delayed-interrupt: it is set in the PIR or IRR of a\n"
        "vCPU in guest mode, whose next VM exit finds it, but nothing on its way causes one.\n"
        "If a limit is reached, the verdict is incomplete, never clean. Ctrl-C has the same effect and keeps the\n"
        "verdicts so far. Several scenarios are summarised in a table of designs by scenarios.\n"
        "--checkpoint FILE keeps a search that a limit or signal ends, every ten minutes what a killed one has done "
        "so\n"
        "far; --resume FILE, with a higher limit, goes on and says what one search would have said. It takes one step\n"
        "for each state that was reached, not all of them.\n"
        "The exit code is 1 if a design violates a property; for the design in the scenario file, if the verdict is\n"
        "not the one in `expect`; for that of --design, if --set gives `expect`.\n"
        "Steps whose boundary no other CPU can observe are merged, and of steps of Xen's designs that commute only\n"
        "one order is tried, unless --set run.reduction=off is given.\n"
        "--random N --walks FROM,TO takes a part of the walks, which --json prints into a directory; --merge of that\n"
        "directory, with the same arguments, says what one run of all N says, writes the same replay file, and has "
        "the\n"
        "same exit code. That of a part says nothing about its verdict.\n"
        "mpirun -n N irqpath explore ... divides the states among N processes, on one machine or many, with the same\n"
        "result; --max-memory and peak_bytes are then those of the process that needs most.\n"
        "With --memory tso, each pCPU has a store buffer, which locked operations, fences, interrupts and IRET drain;\n"
        "a clean verdict without it holds for sequentially consistent memory only. Runs have no store buffers.\n"
        "With --code, every atomic access of the object is a step, and so are plain ones of memory that several CPUs\n"
        "access without a common lock, or a handler and what it interrupts. The search is repeated until it finds no\n"
        "more of these; --races prints them. Each verdict says how much of the object's files was reached, in lines\n"
        "and basic blocks.",
    .common = CLI_SCENARIO | CLI_JSON | CLI_OUTPUT | CLI_FORCE | CLI_CASES,
    .options = options,
    .option_count = sizeof(options) / sizeof(*options),
    .own_bytes = sizeof(struct explore_options),
    .argument_minimum = 1,
    .argument_maximum = SIZE_MAX,
    .run = command_explore_main,
};
