/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explore: every interleaving of a small scenario, one design after the other.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "cli.h"
#include "command.h"
#include "explore/replay.h"
#include "progress.h"
#include "result/report.h"
#include "scenario/scenario.h"

#define DESIGNS_MAX 64
#define PATH_BYTES 4096

struct explore_options {
    const char *designs;
    struct cli_count states, depth, preemptions, megabytes;
    bool wants_trace;
};

struct design_list {
    char *text; /* the option's, cut at the commas */
    const char *names[DESIGNS_MAX];
    size_t count;
};

struct exploration {
    const struct cli *cli;
    const struct scenario *scenario;
    struct design_list designs;
    struct explore_limits limits;
    json_t *verdicts; /* NULL: text */
    int status;
};

static const char *const verdict_names[] = {
    [EXPLORE_CLEAN] = "clean",
    [EXPLORE_VIOLATION] = "violation",
    [EXPLORE_INCOMPLETE] = "incomplete",
};

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
        if (!cli_design_exists(cli, name))
            return false;
        list->names[list->count++] = name;
    }
    if (list->count == 0)
        cli_error(cli, "--designs names no design");
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
    if (given->megabytes.is_given)
        limits.bytes = given->megabytes.value << 20;
    return limits;
}

/* With several designs each has its own file. */
static void replay_path(const struct exploration *exploration, const char *design, char *path, size_t path_bytes)
{
    const char *output = exploration->cli->output;

    if (exploration->designs.count == 1)
        (void)snprintf(path, path_bytes, "%s", output);
    else
        (void)snprintf(path, path_bytes, "%s-%s", output, design);
}

static bool keep_replay(const struct exploration *exploration, const char *design,
                        const struct explore_outcome *outcome, const char *path)
{
    struct replay replay = {
        .scenario = scenario_resolved_yaml(exploration->scenario),
        .design = (char *)design,
        .kind = (char *)violation_name(outcome->violation.kind),
        .text = (char *)outcome->violation.text,
        .trace = outcome->trace,
        .trace_count = outcome->trace_count,
    };
    char message[512];
    bool is_good = replay_write(&replay, path, message, sizeof(message));

    if (!is_good)
        cli_error(exploration->cli, "%s", message);
    free(replay.scenario);
    return is_good;
}

static bool print_trace(const struct exploration *exploration, const char *design,
                        const struct explore_outcome *outcome)
{
    struct explore_world world;
    char message[512];

    if (!explore_world_open(&world, exploration->scenario, design, message, sizeof(message)))
        return false;
    CHECK(explore_replay_print(&world, outcome->trace, outcome->trace_count, stdout));
    explore_world_close(&world);
    return true;
}

static void report_json(struct exploration *exploration, const char *design, const struct explore_outcome *outcome,
                        double seconds, const char *path)
{
    json_t *verdict =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:f, s:I}", "design", design, "verdict",
                  verdict_names[outcome->verdict], "states", (json_int_t)outcome->states, "transitions",
                  (json_int_t)outcome->transitions, "ends", (json_int_t)outcome->ends, "depth",
                  (json_int_t)outcome->depth, "seconds", seconds, "peak_bytes", (json_int_t)outcome->peak_bytes);

    CHECK(verdict != NULL);
    if (outcome->verdict == EXPLORE_VIOLATION) {
        json_object_set_new(verdict, "kind", json_string(violation_name(outcome->violation.kind)));
        json_object_set_new(verdict, "text", json_string(outcome->violation.text));
    }
    if (outcome->verdict == EXPLORE_INCOMPLETE)
        json_object_set_new(verdict, "limit", json_string(outcome->limit));
    if (path[0] != '\0')
        json_object_set_new(verdict, "replay", json_string(path));
    json_array_append_new(exploration->verdicts, verdict);
}

static void report_text(const struct exploration *exploration, const char *design,
                        const struct explore_outcome *outcome, double seconds, const char *path)
{
    const struct explore_options *given = exploration->cli->own;

    printf("%-18s %s", design, verdict_names[outcome->verdict]);
    if (outcome->verdict == EXPLORE_VIOLATION)
        printf(" %s", violation_name(outcome->violation.kind));
    if (outcome->verdict == EXPLORE_INCOMPLETE)
        printf(" (limit of %s)", outcome->limit);
    printf(": %" PRIu64 " states, %" PRIu64 " transitions, depth %" PRIu64 ", %.2f s, %.0f states/s\n", outcome->states,
           outcome->transitions, outcome->depth, seconds, (double)outcome->states / (seconds > 0 ? seconds : 1e-9));
    if (outcome->verdict != EXPLORE_VIOLATION)
        return;
    printf("  %s\n", outcome->violation.text);
    if (path[0] != '\0')
        printf("  irqpath replay %s\n", path);
    if (given->wants_trace)
        print_trace(exploration, design, outcome);
}

/* Whether this is what the scenario expects; without an expectation a violation is none. */
static bool is_expected(const struct exploration *exploration, const struct explore_outcome *outcome)
{
    const char *expected = exploration->scenario->explore_expectation;

    if (expected == NULL)
        return outcome->verdict != EXPLORE_VIOLATION;
    if (strcmp(expected, "clean") == 0)
        return outcome->verdict == EXPLORE_CLEAN;
    return outcome->verdict == EXPLORE_VIOLATION &&
           (strcmp(expected, "violation") == 0 ||
            strcmp(strchr(expected, ' ') + 1, violation_name(outcome->violation.kind)) == 0);
}

static int explore_design(struct exploration *exploration, const char *design)
{
    const struct cli *cli = exploration->cli;
    struct explore_outcome outcome;
    char message[512] = "", path[PATH_BYTES] = "";
    double start = progress_seconds();

    if (!explore_scenario(exploration->scenario, design, &exploration->limits, &outcome, message, sizeof(message))) {
        cli_error(cli, "%s: %s", cli->arguments[0], message);
        return EXIT_CODE_USAGE;
    }
    double seconds = progress_seconds() - start;
    int status = is_expected(exploration, &outcome) ? EXIT_CODE_OK : EXIT_CODE_FAILED;
    if (cli->output != NULL && outcome.verdict == EXPLORE_VIOLATION) {
        replay_path(exploration, design, path, sizeof(path));
        if (!keep_replay(exploration, design, &outcome, path))
            status = EXIT_CODE_IO;
    }
    if (exploration->verdicts != NULL)
        report_json(exploration, design, &outcome, seconds, path);
    else
        report_text(exploration, design, &outcome, seconds, path);
    fflush(stdout);
    explore_outcome_free(&outcome);
    return status;
}

static void explore_designs(struct exploration *exploration)
{
    for (size_t i = 0; i < exploration->designs.count; i++) {
        /* The list is freed by command_explore_main; the analyzer loses it at strsep. */
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc)
        int status = explore_design(exploration, exploration->designs.names[i]);
        if (status > exploration->status)
            exploration->status = status;
        if (status == EXIT_CODE_USAGE)
            return;
    }
    if (exploration->verdicts != NULL)
        json_print(json_pack("{s:s, s:O}", "scenario", exploration->scenario->name, "verdicts", exploration->verdicts),
                   stdout);
}

static int command_explore_main(const struct cli *cli)
{
    struct scenario scenario;
    struct exploration exploration = { .cli = cli, .scenario = &scenario, .limits = limits_of(cli) };
    int status = cli_load_scenario(cli, cli->arguments[0], &scenario);

    if (status != EXIT_CODE_OK)
        return status;
    exploration.status = EXIT_CODE_USAGE;
    if (list_designs(cli, &scenario, &exploration.designs)) {
        exploration.status = EXIT_CODE_OK;
        exploration.verdicts = cli->wants_json ? json_array() : NULL;
        explore_designs(&exploration);
        json_decref(exploration.verdicts);
    }
    free(exploration.designs.text);
    scenario_free(&scenario);
    return exploration.status;
}

static const struct cli_option options[] = {
    { "designs", 0, CLI_TEXT, offsetof(struct explore_options, designs), "A,B", NULL,
      "explore these instead of the scenario's" },
    { "max-states", 0, CLI_COUNT, offsetof(struct explore_options, states), "N", NULL, "give up after so many states" },
    { "max-depth", 0, CLI_COUNT, offsetof(struct explore_options, depth), "N", NULL, "give up after so many steps" },
    { "max-memory", 0, CLI_COUNT, offsetof(struct explore_options, megabytes), "MIB", NULL,
      "give up beyond so much memory (default 8192)" },
    { "preemptions", 0, CLI_NUMBER, offsetof(struct explore_options, preemptions), "N", NULL,
      "at most so many switches away from a pCPU that could go on" },
    { "trace", 0, CLI_FLAG, offsetof(struct explore_options, wants_trace), NULL, NULL, "print the violating trace" },
};

const struct command command_explore = {
    .name = "explore",
    .arguments = "SCENARIO",
    .summary = "try every interleaving and report lost interrupts, deadlocks, crashes",
    .description =
        "Boots the scenario without costs and timers, lets each device raise its `interrupts` at any moment, and "
        "tries\n"
        "every order of the steps of pCPUs, devices and IPIs. The first violation found has the shortest trace there "
        "is;\n"
        "-o keeps it for irqpath replay (several designs: FILE-DESIGN). A limit that was reached makes the verdict\n"
        "incomplete, never clean. Exit code 1: a violation, or not what the scenario's expect: says.",
    .common = CLI_SCENARIO | CLI_JSON | CLI_OUTPUT,
    .options = options,
    .option_count = sizeof(options) / sizeof(*options),
    .own_bytes = sizeof(struct explore_options),
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_explore_main,
};
