/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses the command line by declarative rows. getopt_long is not used: suggestions need the rows, and its abbreviated
 * options would become ambiguous when options are added.
 */
#define _GNU_SOURCE
#include "commands/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/option.h"
#include "base/suggest.h"
#include "code/object.h"
#include "commands/command.h"
#include "models/registry.h"
#include "scenario/scenario.h"

#define COMMON_ALWAYS 0u

enum color_mode { COLOR_UNSET, COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct common_option {
    uint32_t mask; /* enum cli_common, or COMMON_ALWAYS */
    struct cli_option option;
};

enum { CLI_FEW_MAX = 100000 };

static const char *const color_choices[] = { "auto", "always", "never", NULL };

static const struct common_option common_options[] = {
    { CLI_SCENARIO | CLI_CODE,
      { "code", 0, CLI_TEXT, offsetof(struct cli, code), "OBJECT", NULL,
        "run this code object (irqpath build) in place of a part of the design" } },
    { CLI_SCENARIO,
      { "design", 0, CLI_TEXT, offsetof(struct cli, design), "NAME", NULL,
        "delivery design; same as --set hypervisor.design=NAME" } },
    { CLI_SCENARIO,
      { "set", 0, CLI_LIST, offsetof(struct cli, sets), "PATH=VALUE", NULL,
        "override a value of the scenario; repeatable" } },
    { CLI_SCENARIO,
      { "seed", 0, CLI_NUMBER, offsetof(struct cli, seed), "N", NULL,
        "seed of all random numbers; same as --set run.seed=N" } },
    { CLI_SCENARIO,
      { "duration", 0, CLI_DURATION, offsetof(struct cli, duration), "TIME", NULL,
        "simulated time to measure; same as --set run.duration=TIME" } },
    { CLI_SEEDS,
      { "seeds", 0, CLI_FEW, offsetof(struct cli, seeds), "N", NULL,
        "run with N consecutive seeds, from the seed of the scenario" } },
    { CLI_EXPECT,
      { "expect", 0, CLI_LIST, offsetof(struct cli, expects), "'METRIC OP VALUE'", NULL,
        "exit with code 1 unless this is true; repeatable" } },
    { CLI_OUTPUT, { "output", 'o', CLI_TEXT, offsetof(struct cli, output), "FILE", NULL, "write the result to FILE" } },
    { CLI_FORCE, { "force", 0, CLI_FLAG, offsetof(struct cli, is_forced), NULL, NULL, "overwrite existing files" } },
    { CLI_CASES,
      { "junit", 0, CLI_TEXT, offsetof(struct cli, junit), "FILE", NULL, "write what was checked as JUnit XML" } },
    { CLI_CASES,
      { "annotations", 0, CLI_FLAG, offsetof(struct cli, wants_annotations), NULL, NULL,
        "print what has failed as annotations of GitHub" } },
    { CLI_TRACE,
      { "trace-window", 0, CLI_TEXT, offsetof(struct cli, trace.window), "FROM,TO", NULL,
        "trace: only between these times since the start of the run (default: the measured time)" } },
    { CLI_TRACE,
      { "trace-classes", 0, CLI_TEXT, offsetof(struct cli, trace.classes), "LIST", NULL,
        "trace: only these of sched, irq, softirq, lock, hvm (default: all); runstates are always included" } },
    { CLI_TRACE,
      { "trace-cpus", 0, CLI_TEXT, offsetof(struct cli, trace.cpus), "LIST", NULL,
        "trace: only these pCPUs, as in 0-9,40" } },
    { CLI_TRACE,
      { "trace-guest", 0, CLI_TEXT, offsetof(struct cli, trace.guest), "NAME", NULL,
        "trace: only this kind of guest (idle) or this guest (idle.3)" } },
    { CLI_TRACE,
      { "trace-trigger", 0, CLI_TEXT, offsetof(struct cli, trace.trigger), "'WHAT>TIME'", NULL,
        "trace: end at the first latency, runnable or lock_wait that exceeds TIME" } },
    { CLI_TRACE,
      { "trace-keep", 0, CLI_DURATION, offsetof(struct cli, trace.keep), "TIME", NULL,
        "trace: how much time before the trigger is kept (default: 2ms)" } },
    { CLI_TRACE,
      { "trace-memory", 0, CLI_TEXT, offsetof(struct cli, trace.memory), "SIZE", NULL,
        "trace: memory for records (default: 256MiB); further records are dropped and counted" } },
    { CLI_JSON, { "json", 0, CLI_FLAG, offsetof(struct cli, wants_json), NULL, NULL, "print JSON" } },
    { COMMON_ALWAYS,
      { "quiet", 'q', CLI_FLAG, offsetof(struct cli, is_quiet), NULL, NULL, "print neither progress nor notes" } },
    { COMMON_ALWAYS,
      { "color", 0, CLI_CHOICE, offsetof(struct cli, color), "WHEN", color_choices,
        "auto, always or never; the environment variable NO_COLOR disables auto" } },
    { COMMON_ALWAYS, { "help", 'h', CLI_FLAG, offsetof(struct cli, wants_help), NULL, NULL, "print this help" } },
};

#define COMMON_COUNT (sizeof(common_options) / sizeof(*common_options))

static bool is_common(const struct command *command, const struct common_option *common)
{
    return common->mask == COMMON_ALWAYS || (command->common & common->mask);
}

/* Finds the row of a name or a letter, and the struct that it fills. */
static const struct cli_option *find_option(struct cli *cli, const char *name, size_t name_bytes, char letter,
                                            void **record)
{
    const struct command *command = cli->command;

    for (size_t i = 0; i < command->option_count + COMMON_COUNT; i++) {
        bool is_own = i < command->option_count;
        const struct common_option *common = is_own ? NULL : &common_options[i - command->option_count];
        const struct cli_option *option = is_own ? &command->options[i] : &common->option;

        if (common && !is_common(command, common))
            continue;
        if (name ? strlen(option->name) == name_bytes && !strncmp(option->name, name, name_bytes)
                 : option->letter == letter) {
            *record = is_own ? cli->own : cli;
            return option;
        }
    }
    return NULL;
}

static bool fail_unknown(struct cli *cli, const char *argument)
{
    char suggestion[SUGGEST_TEXT_BYTES] = "", typed[64], dashed[COMMON_COUNT + 64][32];
    size_t bytes = strcspn(argument, "="), offered = 0;
    struct suggest suggest;

    snprintf(typed, sizeof(typed), "%.*s", (int)(bytes < 63 ? bytes : 63), argument);
    suggest_init(&suggest, typed);
    for (size_t i = 0; i < cli->command->option_count && offered < 64; i++)
        snprintf(dashed[offered++], sizeof(dashed[0]), "--%s", cli->command->options[i].name);
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        if (is_common(cli->command, &common_options[i]))
            snprintf(dashed[offered++], sizeof(dashed[0]), "--%s", common_options[i].option.name);
    }
    for (size_t i = 0; i < offered; i++)
        suggest_offer(&suggest, dashed[i]);
    cli_error(cli, "unknown option '%s'%s", typed, suggest_text(&suggest, suggestion));
    return false;
}

static void list_add(struct cli_list *list, const char *item)
{
    list->items = realloc(list->items, (list->count + 1) * sizeof(*list->items));
    CHECK(list->items != NULL);
    list->items[list->count++] = item;
}

static bool store_number(const struct cli *cli, const struct cli_option *option, const char *text,
                         struct cli_count *count)
{
    struct option_problem problem;
    enum option_type type = option->kind == CLI_DURATION ? OPTION_DURATION : OPTION_INTEGER;

    if (!option_parse_number(type, text, &count->value, &problem)) {
        cli_error(cli, "--%s: %s%s", option->name, problem.message, problem.suggestion);
        return false;
    }
    if (count->value == 0 && option->kind != CLI_NUMBER) {
        cli_error(cli, "--%s: the value must be greater than 0", option->name);
        return false;
    }
    if (count->value > CLI_FEW_MAX && option->kind == CLI_FEW) {
        cli_error(cli, "--%s: the value must be at most %d", option->name, CLI_FEW_MAX);
        return false;
    }
    count->is_given = true;
    count->text = text;
    return true;
}

static bool store_choice(const struct cli *cli, const struct cli_option *option, const char *text, uint32_t *choice)
{
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, text);
    for (uint32_t i = 0; option->choices[i]; i++) {
        if (!strcmp(option->choices[i], text)) {
            *choice = i + 1;
            return true;
        }
        suggest_offer(&suggest, option->choices[i]);
    }
    cli_error(cli, "--%s: unknown choice '%s'%s", option->name, text, suggest_text(&suggest, suggestion));
    return false;
}

static bool store_text(const struct cli *cli, const struct cli_option *option, const char *text, const char **field)
{
    *field = text;
    if (*text == '\0')
        cli_error(cli, "--%s: empty value: expected %s", option->name, option->value_name);
    return *text != '\0';
}

static bool store(const struct cli *cli, const struct cli_option *option, const char *text, void *record)
{
    void *field = (char *)record + option->offset;

    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return true;
    case CLI_TEXT:
        return store_text(cli, option, text, field);
    case CLI_LIST:
        list_add(field, text);
        return true;
    case CLI_CHOICE:
        return store_choice(cli, option, text, field);
    case CLI_COUNT:
    case CLI_FEW:
    case CLI_NUMBER:
    case CLI_DURATION:
        return store_number(cli, option, text, field);
    }
    CHECK(!"a known kind");
    return false;
}

/* Parses an option, whose value may be the next argument. Returns the number of arguments used, 0 after an error. */
static int parse_option(struct cli *cli, int count, char **argv)
{
    const char *argument = argv[0], *value = NULL;
    const struct cli_option *option;
    void *record = NULL;

    if (argument[1] == '-') {
        size_t bytes = strcspn(argument + 2, "=");

        option = find_option(cli, argument + 2, bytes, 0, &record);
        value = argument[2 + bytes] == '=' ? argument + 2 + bytes + 1 : NULL;
    } else {
        option = find_option(cli, NULL, 0, argument[1], &record);
        value = argument[2] ? argument + 2 : NULL;
    }
    if (!option)
        return fail_unknown(cli, argument);
    if (option->kind == CLI_FLAG && value) {
        cli_error(cli, "--%s takes no value", option->name);
        return 0;
    }
    if (option->kind == CLI_FLAG || value)
        return store(cli, option, value, record);
    if (count < 2) {
        cli_error(cli, "--%s needs a value: %s", option->name, option->value_name);
        return 0;
    }
    return store(cli, option, argv[1], record) ? 2 : 0;
}

static bool check_arguments(const struct cli *cli)
{
    const struct command *command = cli->command;

    if (cli->wants_help)
        return true;
    if (cli->argument_count < command->argument_minimum) {
        cli_error(cli, "missing argument: irqpath %s %s", command->name, command->arguments);
        return false;
    }
    if (cli->argument_count > command->argument_maximum) {
        cli_error(cli, "unexpected argument '%s'", cli->arguments[command->argument_maximum]);
        return false;
    }
    return !cli->design || cli_design_exists(cli, cli->design);
}

bool cli_parse(struct cli *cli, const struct command *command, int count, char **argv)
{
    bool is_end = false;

    memset(cli, 0, sizeof(*cli));
    cli->command = command;
    cli->seeds.value = 1;
    cli->own = calloc(1, command->own_bytes + 1);
    cli->arguments = calloc((size_t)count + 1, sizeof(*cli->arguments));
    CHECK(cli->own != NULL && cli->arguments != NULL);
    while (count > 0) {
        int taken = 1;

        if (!is_end && !strcmp(argv[0], "--"))
            is_end = true;
        else if (!is_end && argv[0][0] == '-' && argv[0][1] != '\0')
            taken = parse_option(cli, count, argv);
        else
            cli->arguments[cli->argument_count++] = argv[0];
        if (taken == 0)
            return false;
        count -= taken;
        argv += taken;
    }
    return check_arguments(cli);
}

void cli_free(struct cli *cli)
{
    for (size_t i = 0; cli->command && i < cli->command->option_count; i++) {
        if (cli->command->options[i].kind == CLI_LIST)
            free(((struct cli_list *)((char *)cli->own + cli->command->options[i].offset))->items);
    }
    free(cli->sets.items);
    free(cli->expects.items);
    free(cli->arguments);
    free(cli->own);
    memset(cli, 0, sizeof(*cli));
}

const struct cli_option *cli_option_at(const struct command *command, size_t index)
{
    if (index < command->option_count)
        return &command->options[index];
    index -= command->option_count;
    for (size_t i = 0; i < COMMON_COUNT; i++)
        if (is_common(command, &common_options[i]) && index-- == 0)
            return &common_options[i].option;
    return NULL;
}

const char *cli_version(void) { return IRQPATH_VERSION; }

bool cli_use_colour(const struct cli *cli, int descriptor)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    if (cli->color == COLOR_ALWAYS || cli->color == COLOR_NEVER)
        return cli->color == COLOR_ALWAYS;
    return !(no_color && *no_color) && !(term && !strcmp(term, "dumb")) && isatty(descriptor);
}

bool cli_wants_trace(const struct cli *cli)
{
    const struct cli_trace *given = &cli->trace;

    return given->window || given->cpus || given->guest || given->classes || given->trigger || given->memory ||
           given->keep.is_given;
}

bool cli_design_exists(const struct cli *cli, const char *name)
{
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    if (design_find(name))
        return true;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < design_count(); i++)
        suggest_offer(&suggest, design_at(i)->name);
    cli_error(cli, "unknown design '%s'%s", name, suggest_text(&suggest, suggestion));
    return false;
}

/* Returns the overrides of --set, followed by those of --design, --seed and --duration. The caller frees the array and
 * its last *made_count texts. */
static const char **collect_sets(const struct cli *cli, size_t *count, size_t *made_count)
{
    const char **sets = calloc(cli->sets.count + 4, sizeof(*sets));
    char *text;

    CHECK(sets != NULL);
    *made_count = 0;
    for (*count = 0; *count < cli->sets.count; (*count)++)
        sets[*count] = cli->sets.items[*count];
    if (cli->design) {
        CHECK(asprintf(&text, "hypervisor.design=%s", cli->design) > 0);
        sets[*count + (*made_count)++] = text;
    }
    if (cli->seed.is_given) {
        CHECK(asprintf(&text, "run.seed=%s", cli->seed.text) > 0);
        sets[*count + (*made_count)++] = text;
    }
    if (cli->duration.is_given) {
        CHECK(asprintf(&text, "run.duration=%s", cli->duration.text) > 0);
        sets[*count + (*made_count)++] = text;
    }
    *count += *made_count;
    return sets;
}

/* Adds the expectations of --expect to those of the scenario. Returns false after an error. */
static bool add_expectations(const struct cli *cli, struct scenario *scenario, struct diag *diag)
{
    size_t errors = diag->error_count, count = scenario->expectation_count + cli->expects.count;
    struct place place = { 0, 0, 1 };

    if (cli->expects.count == 0)
        return true;
    place.source = diag_source_arguments(diag, "--expect", cli->expects.items, cli->expects.count);
    scenario->expectations = realloc(scenario->expectations, count * sizeof(*scenario->expectations));
    CHECK(scenario->expectations != NULL);
    for (size_t i = 0; i < cli->expects.count; i++) {
        place.line = (uint32_t)i + 1;
        if (expect_parse(&scenario->expectations[scenario->expectation_count], cli->expects.items[i], place, diag))
            expect_check_name(scenario->expectations[scenario->expectation_count++].metric, place, diag);
    }
    scenario->added_expectation_count = cli->expects.count;
    return diag->error_count == errors;
}

int cli_scenario_code(enum scenario_status status)
{
    return status == SCENARIO_OK ? EXIT_CODE_OK : status == SCENARIO_UNREADABLE ? EXIT_CODE_IO : EXIT_CODE_USAGE;
}

static int finish_load(const struct cli *cli, enum scenario_status status, struct diag *diag)
{
    diag_print(diag, stderr, cli_use_colour(cli, 2));
    diag_free(diag);
    return cli_scenario_code(status);
}

static void sets_free(const char **sets, size_t count, size_t made_count)
{
    for (size_t i = count - made_count; i < count; i++)
        free((char *)sets[i]);
    free(sets);
}

bool cli_open_code(const struct cli *cli, const struct code_object **code)
{
    static struct code_object *opened;
    char message[400];

    *code = NULL;
    if (cli->code == NULL)
        return true;
    if (opened == NULL && (opened = code_object_open(cli->code, message, sizeof(message))) == NULL) {
        cli_error(cli, "%s", message);
        return false;
    }
    *code = opened;
    return true;
}

int cli_load_scenario(const struct cli *cli, const char *path, struct scenario *scenario)
{
    size_t count, made_count;
    const char **sets = collect_sets(cli, &count, &made_count);
    const struct code_object *code;
    enum scenario_status status;
    struct diag diag;

    if (!cli_open_code(cli, &code)) {
        sets_free(sets, count, made_count);
        return EXIT_CODE_USAGE;
    }
    diag_init(&diag);
    status = scenario_load(scenario, path, sets, count, &diag);
    if (status == SCENARIO_OK &&
        ((code != NULL && !scenario_set_code(scenario, code, &diag)) || !add_expectations(cli, scenario, &diag))) {
        scenario_free(scenario);
        status = SCENARIO_INVALID;
    }
    sets_free(sets, count, made_count);
    return finish_load(cli, status, &diag);
}
