/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath list: lists designs, metrics, keys and so on. Every list is made from the tables that the program itself
 * uses.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/option.h"
#include "base/program.h"
#include "base/suggest.h"
#include "commands/cli.h"
#include "commands/command.h"
#include "commands/list_code.h"
#include "commands/list_rows.h"
#include "commands/width.h"
#include "scenario/installation.h"
#include "scenario/profile.h"
#include "result/metric_catalogue.h"
#include "models/locks/list.h"
#include "models/xen/posted_fixes.h"
#include "models/registry.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "scenario/options.h"
#include "scenario/bind_keys.h"

/* A list: the names of its columns, and its rows. The first column is the name of the row. */
struct list {
    const char *const *columns;
    json_t *rows; /* array of objects of strings */
};

/* Appends a row with one text for each column. */
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

/* Adds the names of the families that report a metric, which only the JSON contains. */
static json_t *families_of(const struct metric_row *row)
{
    json_t *names = json_array();

    for (size_t i = 0; i < family_count; i++)
        if (metric_is_reported_by(row, families[i]))
            json_array_append_new(names, json_string(families[i]->name));
    return names;
}

static int list_metrics(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "unit", "better", "meaning", NULL };
    size_t count;
    const struct metric_row **rows = metric_catalogue_new(&count);

    (void)cli;
    list->columns = columns;
    for (size_t i = 0; i < count; i++) {
        add(list, (const char *const[]){ rows[i]->name, rows[i]->unit, metric_better_name(rows[i]->better),
                                         rows[i]->meaning });
        json_object_set_new(json_array_get(list->rows, i), "families", families_of(rows[i]));
    }
    free(rows);
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

/* Returns the exit code of a listing that had these errors. */
static int print_diagnostics(const struct cli *cli, struct diag *diag)
{
    int code = diag->is_unreadable ? EXIT_CODE_IO : diag->error_count > 0 ? EXIT_CODE_USAGE : EXIT_CODE_OK;

    diag_print(diag, stderr, cli_use_colour(cli, 2));
    diag_free(diag);
    return code;
}

/* Lists machine files. A file that cannot be loaded is reported and left out. */
static int list_profiles(const struct cli *cli, struct list *list, const struct profile_kind *kind,
                         void (*add_profile)(struct list *list, const struct profile_kind *kind,
                                             const struct profile *profile, const char *name))
{
    size_t count;
    char **names = installation_names(kind->directory, &count);
    int code = EXIT_CODE_OK;

    for (size_t i = 0; i < count; i++) {
        struct profile profile;
        struct diag diag;

        diag_init(&diag);
        if (profile_load(&profile, kind, names[i], &diag))
            add_profile(list, kind, &profile, names[i]);
        int worst = print_diagnostics(cli, &diag);
        code = worst > code ? worst : code;
        profile_free(&profile);
    }
    installation_names_free(names, count);
    return code;
}

static void add_machine(struct list *list, const struct profile_kind *kind, const struct profile *profile,
                        const char *name)
{
    char frequency[32];

    (void)kind;
    option_format_number(OPTION_FREQUENCY, profile->value->machine.costs.frequency_hz, frequency, sizeof(frequency));
    add(list, (const char *const[]){ name, frequency, profile->value->machine.topology, profile->head.summary });
}

static int list_machines(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "frequency", "topology", "summary", NULL };

    list->columns = columns;
    return list_profiles(cli, list, &machine_profile, add_machine);
}

static void add_costs(struct list *list, const struct profile_kind *kind, const struct profile *profile,
                      const char *name)
{
    add(list, (const char *const[]){ name, kind->section, profile->head.summary });
}

/* Lists the cost profiles of each piece of software once, although several families may use it. */
static int list_costs(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "section", "summary", NULL };
    const char *seen[FAMILY_SECTIONS_MAX];
    size_t seen_count = 0;
    int code = EXIT_CODE_OK;

    list->columns = columns;
    for (size_t i = 0; i < family_count; i++)
        for (const struct software *const *software = families[i]->software; software && *software; software++) {
            struct profile_kind kind = software_profile(*software);
            bool is_new = true;
            for (size_t s = 0; s < seen_count; s++)
                is_new = is_new && strcmp(seen[s], (*software)->name) != 0;
            if (!is_new)
                continue;
            CHECK(seen_count < FAMILY_SECTIONS_MAX);
            seen[seen_count++] = (*software)->name;
            if (list_profiles(cli, list, &kind, add_costs) != EXIT_CODE_OK)
                code = EXIT_CODE_USAGE;
        }
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
        }
        int worst = print_diagnostics(cli, &diag);
        code = worst > code ? worst : code;
        free(scenario);
    }
    installation_names_free(names, count);
    return code;
}

static void add_key(struct list *list, const char *section, const struct option *option, const char *readers)
{
    char name[128], expected[400];

    snprintf(name, sizeof(name), "%.*s%s%s", SETUP_NAME_BYTES, section, *section ? "." : "", option->key);
    add(list, (const char *const[]){ name, option->default_text ? option->default_text : "-", readers,
                                     option_expected(option, expected, sizeof(expected)), option->help });
}

static void add_keys(struct list *list, const char *section, const struct option_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        add_key(list, section, &table->rows[i], "all");
}

#define READERS_BYTES 128

/* The families that read this row of the section: "xen,vfio", or "all". */
static const char *readers_of(const char *section, const struct option *option, char readers[READERS_BYTES])
{
    size_t used = 0, count = 0;

    readers[0] = '\0';
    for (size_t i = 0; i < family_count && used < READERS_BYTES; i++)
        if (family_key(families[i], section, option->key) == option) {
            used += (size_t)snprintf(readers + used, READERS_BYTES - used, "%s%s", used ? "," : "", families[i]->name);
            count++;
        }
    return count == family_count ? "all" : readers;
}

/* Adds a row for a key. Families that give the key different meanings have a row each. */
static void add_family_key(struct list *list, const char *section, const char *shown, const struct option *option)
{
    char readers[READERS_BYTES];

    add_key(list, shown, option, readers_of(section, option, readers));
}

/* Adds a row for a key without an option row, which is read by the families that read `key` of one of their tables. */
static void add_special_key(struct list *list, const char *name, const struct key_table *table, const char *key,
                            const char *value, const char *help)
{
    char readers[READERS_BYTES];

    add(list, (const char *const[]){ name, "-", readers_of(table->section, option_find(&table->options, key), readers),
                                     value, help });
}

struct key_listing {
    struct list *list;
    const char *section, *shown;
    const struct key_table *seen[64];
    size_t seen_count;
};

static void add_table(void *context, const struct key_table *table)
{
    struct key_listing *listing = context;

    for (size_t i = 0; i < listing->seen_count; i++)
        if (listing->seen[i] == table)
            return;
    CHECK(listing->seen_count < sizeof(listing->seen) / sizeof(*listing->seen));
    listing->seen[listing->seen_count++] = table;
    for (size_t i = 0; i < table->options.count; i++)
        add_family_key(listing->list, listing->section, listing->shown, &table->options.rows[i]);
}

static void add_section(struct list *list, const char *section, const char *shown)
{
    struct key_listing listing = { .list = list, .section = section, .shown = shown };

    for (size_t i = 0; i < family_count; i++)
        family_tables(families[i], section, add_table, &listing);
}

/* Adds the sections that not all families have. */
static void add_own_sections(struct list *list)
{
    char seen[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES], names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES];
    char costs[SETUP_NAME_BYTES + 8];
    size_t seen_count = 0, count;

    for (size_t f = 0; f < family_count; f++) {
        family_sections(families[f], names, &count);
        for (size_t i = 0; i < count; i++) {
            bool is_new = true;
            for (size_t s = 0; s < seen_count; s++)
                is_new = is_new && strcmp(seen[s], names[i]) != 0;
            if (!is_new)
                continue;
            CHECK(seen_count < FAMILY_SECTIONS_MAX);
            memcpy(seen[seen_count++], names[i], SETUP_NAME_BYTES);
            add_section(list, names[i], names[i]);
            if (family_software(families[f], names[i]) >= 0)
                add_keys(list, names[i], &software_options);
            (void)snprintf(costs, sizeof(costs), "%.*s.costs", SETUP_NAME_BYTES - 1, names[i]);
            add_section(list, costs, costs);
        }
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
    static const char *const columns[] = { "name", "default", "families", "value", "meaning", NULL };

    (void)cli;
    list->columns = columns;
    add_keys(list, "", &head_options);
    add(list, (const char *const[]){ "base", "-", "all", "a file, or a name from `irqpath list scenarios`",
                                     "the scenario that this one begins with; its own keys go on top" });
    add(list, (const char *const[]){ "headline", "-", "all", "a list of up to 4 metrics (list metrics)",
                                     "what answers the scenario's question: compare shows and judges these first" });
    add_keys(list, "machine", &profile_options);
    add_keys(list, "machine", &machine_options);
    add_section(list, "machine.costs", "machine.costs");
    add_section(list, "hypervisor", "hypervisor");
    add_own_sections(list);
    add_section(list, "guests", "guests.NAME");
    add_section(list, "devices", "devices.NAME");
    add_special_key(list, "devices.NAME.guest", &guest_keys, "name", "the name of a guest",
                    "the guest that owns the device");
    add_section(list, "devices.arrivals", "devices.NAME.arrivals");
    add_special_key(list, "devices.NAME.arrivals.times", &arrival_keys, "process", "a list of durations",
                    "for replay: times of arrivals since the start of the run, ascending");
    add_special_key(list, "devices.NAME.arrivals.file", &arrival_keys, "process", "a file name",
                    "for replay: a file of such times, one per line");
    add_section(list, "actions", "actions.NAME");
    add_special_key(list, "actions.NAME.do", &action_keys, "name", "the name of an action (list actions)",
                    "the action");
    add_special_key(list, "actions.NAME.guest", &action_keys, "name", "the name of a guest", "for actions on a guest");
    add_special_key(list, "actions.NAME.device", &action_keys, "name", "the name of a device",
                    "for actions on a device");
    add_section(list, "run", "run");
    return EXIT_CODE_OK;
}

static int list_actions(const struct cli *cli, struct list *list)
{
    static const char *const columns[] = { "name", "family", "on", "meaning", NULL };
    static const char *const objects[] = { "device", "guest", "pCPU" };

    (void)cli;
    list->columns = columns;
    for (size_t f = 0; f < family_count; f++)
        for (size_t i = 0; i < families[f]->action_count; i++) {
            const struct action_kind *action = &families[f]->actions[i];
            add(list, (const char *const[]){ action->name, families[f]->name, objects[action->object], action->help });
        }
    return EXIT_CODE_OK;
}

static const struct {
    const char *name;
    int (*fill)(const struct cli *cli, struct list *list);
} lists[] = {
    { "designs", list_designs }, { "metrics", list_metrics },     { "machines", list_machines },
    { "locks", list_locks },     { "scenarios", list_scenarios }, { "keys", list_keys },
    { "actions", list_actions }, { "costs", list_costs },         { "fixes", list_fixes },
};

#define LIST_COUNT (sizeof(lists) / sizeof(*lists))

json_t *list_rows(const struct cli *cli, const char *name)
{
    struct list list = { NULL, NULL };

    for (size_t i = 0; i < LIST_COUNT; i++)
        if (strcmp(lists[i].name, name) == 0) {
            list.rows = json_array();
            (void)lists[i].fill(cli, &list);
        }
    return list.rows;
}

const char *list_name(size_t index) { return index < LIST_COUNT ? lists[index].name : NULL; }

static int command_list_main(const struct cli *cli)
{
    const char *name = cli->arguments[0];
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    if (strcmp(name, "code") == 0)
        return list_code(cli);
    if (cli->argument_count > 1) {
        cli_error(cli, "unexpected argument '%s'", cli->arguments[1]);
        return EXIT_CODE_USAGE;
    }
    suggest_init(&suggest, name);
    suggest_offer(&suggest, "code");
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list list = { NULL, NULL };
        int code;

        suggest_offer(&suggest, lists[i].name);
        if (strcmp(lists[i].name, name) != 0)
            continue;
        list.rows = json_array();
        code = lists[i].fill(cli, &list);
        if (cli->wants_json) {
            json_print_document(json_pack("{s:o}", name, list.rows), "list", stdout);
        } else {
            list_print(list.columns, list.rows, output_width(1), stdout);
            json_decref(list.rows);
        }
        if (strcmp(name, "scenarios") == 0 && !cli->wants_json && isatty(1))
            cli_note(cli, "%s run NAME runs one of these from anywhere, %s explain NAME prints it", program_call(),
                     program_call());
        return code;
    }
    cli_error(cli, "unknown list '%s'%s", name, suggest_text(&suggest, suggestion));
    return EXIT_CODE_USAGE;
}

const struct command command_list = {
    .name = "list",
    .arguments = "designs|metrics|machines|costs|locks|scenarios|keys|actions|fixes|code OBJECT",
    .summary = "list designs, metrics, keys and more, one per line",
    .description =
        "Prints the designs, metrics, machine files, cost profiles, locks, scenarios, keys, actions or fixes that\n"
        "the program knows, one per line; or of a code object (irqpath build) the files, what of the model each one\n"
        "replaces, the compiler, the tree, the hash, and the names that nothing implements: a run that reaches one\n"
        "ends there. On a terminal, long lines are broken.",
    .common = CLI_JSON,
    .argument_minimum = 1,
    .argument_maximum = 2,
    .run = command_list_main,
};
