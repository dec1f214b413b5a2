/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath list: what there is, one line each. Every list comes from the table that the program itself works with.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/option.h"
#include "base/suggest.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "scenario/installation.h"
#include "scenario/machine_file.h"
#include "result/metric_catalogue.h"
#include "models/locks/list.h"
#include "models/xen/posted/fixes.h"
#include "models/registry.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "scenario/options.h"

#define COLUMNS_MAX 5

/* One list: names of its columns, and its rows. The first column is a row's name. */
struct list {
    const char *const *columns;
    json_t *rows; /* array of objects of strings */
};

/* Appends a row; one text for each column. */
static void add(struct list *list, const char *const *texts)
{
    json_t *row = json_object();

    for (size_t i = 0; list->columns[i]; i++)
        json_object_set_new(row, list->columns[i], json_string(texts[i]));
    json_array_append_new(list->rows, row);
}

static int list_designs(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "summary", "mirrors", NULL };

    (void)cli;
    list->columns = columns;
    for (size_t i = 0; i < design_count(); i++) {
        const struct design *design = design_at(i);

        add(list, (const char *const[]){ design->name, design->summary, design->mirrors });
    }
    return EXIT_CODE_OK;
}

static int list_metrics(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "unit", "better", "meaning", NULL };

    (void)cli;
    list->columns = columns;
    for (size_t i = 0; i < metric_catalogue_count; i++) {
        const struct metric_description *metric = &metric_catalogue[i];

        add(list, (const char *const[]){ metric->pattern, metric->unit, metric_better_name(metric->better),
                                         metric->meaning });
    }
    return EXIT_CODE_OK;
}

static int list_locks(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "summary", NULL };

    (void)cli;
    list->columns = columns;
    for (const struct option_name *name = lock_names; name->name; name++)
        add(list, (const char *const[]){ name->name, name->help });
    return EXIT_CODE_OK;
}

static void print_diagnostics(const struct cli *cli, struct diag *diag)
{
    diag_print(diag, stderr, cli_use_colour(cli, 2));
    diag_free(diag);
}

/* Files that don't load are left out, and said to be. */
static int list_machines(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "frequency", "topology", "summary", NULL };
    size_t count;
    char **names = installation_names(INSTALLATION_MACHINES, &count);
    int code = EXIT_CODE_OK;

    list->columns = columns;
    for (size_t i = 0; i < count; i++) {
        struct machine_file *file = malloc(sizeof(*file));
        char frequency[32];
        struct diag diag;

        CHECK(file != NULL);
        diag_init(&diag);
        if (machine_file_load(file, names[i], "", NULL, NULL, &diag)) {
            option_format_number(OPTION_FREQUENCY, file->setup.costs.frequency_hz, frequency, sizeof(frequency));
            add(list, (const char *const[]){ names[i], frequency, file->setup.topology, file->head.summary });
        } else {
            code = EXIT_CODE_USAGE;
        }
        print_diagnostics(cli, &diag);
        machine_file_free(file);
        free(file);
    }
    installation_names_free(names, count);
    return code;
}

static int list_scenarios(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "question", NULL };
    size_t count;
    char **names = installation_names(NULL, &count), path[4096];
    int code = EXIT_CODE_OK;

    list->columns = columns;
    for (size_t i = 0; i < count; i++) {
        struct scenario *scenario = malloc(sizeof(*scenario));
        struct diag diag;

        CHECK(scenario != NULL);
        diag_init(&diag);
        if (installation_path(NULL, names[i], path, sizeof(path)) &&
            scenario_load(scenario, path, NULL, 0, &diag) == SCENARIO_OK) {
            add(list, (const char *const[]){ names[i], scenario->question });
            scenario_free(scenario);
        } else {
            code = EXIT_CODE_USAGE;
        }
        print_diagnostics(cli, &diag);
        free(scenario);
    }
    installation_names_free(names, count);
    return code;
}

static void add_keys(struct list *list, const char *section, const struct option_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->rows[i];
        char name[128], expected[400];

        snprintf(name, sizeof(name), "%s%s%s", section, *section ? "." : "", option->key);
        add(list, (const char *const[]){ name, option->default_text ? option->default_text : "-",
                                         option_expected(option, expected, sizeof(expected)), option->help });
    }
}

static void add_names(struct list *list, const struct posted_name *rows, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        add(list, (const char *const[]){ rows[i].name, rows[i].commit[0] != '\0' ? rows[i].commit : "-", key,
                                         rows[i].summary });
}

static int list_fixes(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "commit", "key", "summary", NULL };

    (void)cli;
    list->columns = columns;
    add_names(list, posted_fix_names, POSTED_FIX_COUNT, "posted_without");
    add_names(list, posted_proposal_names, POSTED_PROPOSAL_COUNT, "posted_with");
    return EXIT_CODE_OK;
}

static int list_keys(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "default", "value", "meaning", NULL };

    (void)cli;
    list->columns = columns;
    add_keys(list, "", &head_options);
    add_keys(list, "machine", &profile_options);
    add_keys(list, "machine", &machine_options);
    add_keys(list, "machine.costs", &cost_options);
    add_keys(list, "hypervisor", &hypervisor_options);
    add_keys(list, "host", &host_options);
    add_keys(list, "qemu", &qemu_options);
    add_keys(list, "guests.NAME", &guest_options);
    add_keys(list, "devices.NAME", &device_options);
    add(list, (const char *const[]){ "devices.NAME.guest", "-", "the name of a guest", "whose device it is" });
    add_keys(list, "devices.NAME.arrivals", &arrival_options);
    add(list, (const char *const[]){ "devices.NAME.arrivals.times", "-", "a list of durations",
                                     "replay: from the start of the run, ascending" });
    add(list, (const char *const[]){ "devices.NAME.arrivals.file", "-", "a file name",
                                     "replay: the same, one duration a line" });
    add_keys(list, "actions.NAME", &action_options);
    add(list, (const char *const[]){ "actions.NAME.guest", "-", "the name of a guest",
                                     "destroy, notify, pause, resume, boot: which" });
    add(list, (const char *const[]){ "actions.NAME.device", "-", "the name of a device", "the other actions: which" });
    add_keys(list, "run", &run_options);
    return EXIT_CODE_OK;
}

static const struct {
    const char *name;
    int (*fill)(const struct cli *cli, struct list *list);
} lists[] = {
    { "designs", list_designs }, { "metrics", list_metrics },     { "machines", list_machines },
    { "locks", list_locks },     { "scenarios", list_scenarios }, { "keys", list_keys },
    { "fixes", list_fixes },
};

#define LIST_COUNT (sizeof(lists) / sizeof(*lists))

static const char *cell(const struct list *list, size_t row, size_t column)
{
    return json_string_value(json_object_get(json_array_get(list->rows, row), list->columns[column]));
}

/* Columns as wide as their widest text, the last as it is. */
static void print_rows(const struct list *list)
{
    size_t widths[COLUMNS_MAX] = { 0 }, count = json_array_size(list->rows);

    for (size_t row = 0; row < count; row++) {
        for (size_t i = 0; list->columns[i]; i++) {
            size_t width = strlen(cell(list, row, i));

            CHECK(i < COLUMNS_MAX);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (size_t row = 0; row < count; row++) {
        for (size_t i = 0; list->columns[i]; i++)
            printf("%-*s%s", list->columns[i + 1] ? (int)widths[i] : 0, cell(list, row, i),
                   list->columns[i + 1] ? "  " : "\n");
    }
}

static int command_list_main(const struct cli *cli)
{
    const char *name = cli->arguments[0];
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list list = { NULL, NULL };
        int code;

        suggest_offer(&suggest, lists[i].name);
        if (strcmp(lists[i].name, name) != 0)
            continue;
        list.rows = json_array();
        code = lists[i].fill(cli, &list);
        if (cli->wants_json) {
            json_print(json_pack("{s:o}", name, list.rows), stdout);
        } else {
            print_rows(&list);
            json_decref(list.rows);
        }
        return code;
    }
    cli_error(cli, "there is no list of '%s'%s", name, suggest_text(&suggest, suggestion));
    return EXIT_CODE_USAGE;
}

const struct command command_list = {
    .name = "list",
    .arguments = "designs|metrics|machines|locks|scenarios|keys|fixes",
    .summary = "what there is, one line each",
    .common = CLI_JSON,
    .argument_minimum = 1,
    .argument_maximum = 1,
    .run = command_list_main,
};
