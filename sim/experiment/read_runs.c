/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the section `runs`, and loads the scenarios with the changes of their run.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"
#include "experiment/read.h"
#include "explore/search.h"
#include "models/family/family.h"
#include "models/registry.h"
#include "scenario/installation.h"
#include "scenario/sample.h"
#include "scenario/text_file.h"

#define SEEDS_MAX 100000
#define PATH_BYTES 4096

static const char *const run_keys[] = { "scenario",   "explore",     "attribute", "set",   "matrix",
                                        "sample",     "designs",     "vary",      "costs", "seeds",
                                        "max_states", "preemptions", "replays",   "quick", NULL };
static const char *const quick_keys[] = { "set",      "matrix",  "sample",    "designs",    "vary",
                                          "costs",    "seeds",   "skip",      "max_states", "preemptions",
                                          "scenario", "explore", "attribute", NULL };

struct changes {
    struct scenario_change *items;
    size_t count;
};

static bool is_path(const struct node *node) { return strchr(node->key, '.') != NULL; }

/* Reports unknown keys. A key with a dot in it is a path of the scenario, and sets it. */
static void check_run_keys(const struct reader *reader, const struct node *map, const char *const *keys)
{
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        size_t i = 0;

        while (keys[i] != NULL && strcmp(keys[i], child->key) != 0)
            i++;
        if (keys[i] == NULL && !is_path(child))
            bind_unknown_key(&reader->binder, child, NULL, keys);
    }
}

/* What the experiment says now: of `quick` if it is quick and has the key, or else of the run. */
static const struct node *section_of(const struct reader *reader, const struct node *run, const char *key)
{
    const struct node *quick = reader->experiment->is_quick ? node_find(run, "quick") : NULL;
    const struct node *node = node_find(quick, key);

    return node != NULL ? node : node_find(run, key);
}

/* The key that names the scenarios says what is done with them. */
static const struct {
    const char *key;
    enum experiment_run_kind kind;
} subjects[] = { { "scenario", EXPERIMENT_SIMULATED },
                 { "explore", EXPERIMENT_EXPLORED },
                 { "attribute", EXPERIMENT_ATTRIBUTED },
                 { "indices", EXPERIMENT_INDICES },
                 { "measured", EXPERIMENT_MEASURED } };

static void read_subject(const struct reader *reader, const struct node *node, struct experiment_run *run)
{
    size_t found = 0;

    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        const struct node *subject = node_find(node, subjects[i].key);

        if (subject == NULL)
            continue;
        run->kind = subjects[i].kind;
        run->subject = subjects[i].key;
        if (found++ > 0)
            bind_error(&reader->binder, subject, NULL,
                       "a run has one of `scenario`, `explore`, `attribute`, `indices` and `measured`");
    }
    if (found == 0)
        diag_error(reader->diag, node->key_place,
                   "missing key 'scenario', 'explore', 'attribute', 'indices' or 'measured' at .runs.%s", node->key);
}

static void read_run(struct reader *reader, const struct node *node)
{
    struct experiment *experiment = reader->experiment;
    struct experiment_run *run = ARRAY_ADD(experiment->runs, experiment->run_count);
    const struct node *quick = node_find(node, "quick");

    run->name = text_copy(node->key);
    run->node = node;
    run->seeds = 1;
    run->states = explore_default_limits.states;
    run->preemptions = explore_default_limits.preemptions;
    if (strspn(node->key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != strlen(node->key) ||
        node->key[0] == '\0' || node->key[0] == '-')
        diag_error(reader->diag, node->key_place,
                   "the name of a run consists of letters, digits, '-' and '_': it is also that of a directory");
    if (node->kind == NODE_SCALAR)
        return;
    if (bind_map(&reader->binder, node, "scenario, set, matrix, seeds, ...") == NULL)
        return;
    if (node_find(node, "measured") != NULL) {
        read_measured(reader, node, run);
        return;
    }
    if (node_find(node, "indices") != NULL) {
        read_indices(reader, node, run);
        return;
    }
    check_run_keys(reader, node, run_keys);
    if (bind_map(&reader->binder, quick, "what is different with --quick") != NULL)
        check_run_keys(reader, quick, quick_keys);
    run->is_skipped = experiment->is_quick && read_switch(reader, quick, "skip", false);
    run->keeps_replays = read_switch(reader, node, "replays", false);
    read_subject(reader, node, run);
    const char *numbers[] = { "seeds", "max_states", "preemptions" };
    uint64_t limits[] = { SEEDS_MAX, UINT64_MAX, 1000000 }, values[] = { 1, run->states, run->preemptions };
    for (size_t i = 0; i < 3; i++) {
        const struct node *value = section_of(reader, node, numbers[i]);

        values[i] = read_number(reader, value != NULL ? value->parent : NULL, numbers[i], limits[i], values[i]);
        if (value != NULL && (i == 0) == (run->kind == EXPERIMENT_EXPLORED))
            bind_error(&reader->binder, value, NULL, "%s is for %s", numbers[i],
                       i == 0 ? "simulated runs" : "runs that explore");
    }
    run->seeds = (size_t)values[0];
    run->states = values[1];
    run->preemptions = values[2];
}

void read_runs(struct reader *reader, const struct node *node)
{
    node = bind_map(&reader->binder, node, "runs and their scenarios");
    if (node != NULL && node->first == NULL)
        bind_error(&reader->binder, node, NULL, "there is no run");
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL; child = child->next)
        read_run(reader, child);
}

/* --- changes --- */

static void add_change(struct changes *changes, const char *prefix, const char *path, struct place place,
                       const struct node *value)
{
    struct scenario_change *change = ARRAY_ADD(changes->items, changes->count);

    CHECK(asprintf(&change->path, "%s%s", prefix, path) > 0);
    change->place = place;
    change->value = value;
}

static void add_map(const struct reader *reader, struct changes *changes, const char *prefix, const struct node *map,
                    const char *what)
{
    map = bind_map(&reader->binder, map, what);
    for (const struct node *child = map != NULL ? map->first : NULL; child != NULL; child = child->next)
        add_change(changes, prefix, child->key, child->key_place, child);
}

/* `AXIS: none` leaves an axis of the scenario out. */
static void add_axes(const struct reader *reader, struct changes *changes, const struct node *matrix)
{
    matrix = bind_map(&reader->binder, matrix, "axes");
    for (const struct node *axis = matrix != NULL ? matrix->first : NULL; axis != NULL; axis = axis->next) {
        bool is_none = axis->kind == NODE_SCALAR && strcmp(axis->text, "none") == 0;

        add_change(changes, "matrix.", axis->key, axis->key_place, is_none ? NULL : axis);
    }
}

/* A sample must name metrics. The experiment's own take their place when it is known which (perform.c). */
static void add_metrics(const struct reader *reader, struct changes *changes, struct place place)
{
    static const char any[] = "engine.events";
    struct yaml_tree *tree = &reader->experiment->tree;
    struct node *list = node_container(tree, place, NODE_LIST), *name = node_scalar(tree, place, any, strlen(any));

    if (list != NULL && name != NULL && node_append(tree, list, name, NULL, place))
        add_change(changes, "sample.", "metrics", place, list);
}

/* Adds what a map sets: `set`, `matrix`, `sample`, and paths. */
static void add_changes(const struct reader *reader, struct changes *changes, const struct node *map)
{
    const struct node *sample = node_find(map, "sample");

    if (map == NULL || map->kind != NODE_MAP)
        return;
    add_map(reader, changes, "", node_find(map, "set"), "paths and values");
    for (const struct node *child = map->first; child != NULL; child = child->next)
        if (is_path(child))
            add_change(changes, "", child->key, child->key_place, child);
    add_axes(reader, changes, node_find(map, "matrix"));
    add_map(reader, changes, "sample.", sample, "keys of a sample");
    if (sample != NULL)
        add_metrics(reader, changes, sample->place);
}

static void free_changes(struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        free(changes->items[i].path);
    free(changes->items);
    *changes = (struct changes){ 0 };
}

/* A list of all designs of the scenario's family that know what it says. */
static struct node *list_designs(struct reader *reader, const struct scenario *scenario, struct place place)
{
    const struct family *family = scenario->design->family;
    struct node *list = node_container(&reader->experiment->tree, place, NODE_LIST);

    for (size_t i = 0; i < family->design_count && list != NULL; i++) {
        const char *name = family->designs[i]->name;
        struct scenario *other = malloc(sizeof *other);
        struct diag diag;

        CHECK(other != NULL);
        diag_init(&diag);
        if (scenario_design_load(other, scenario, name, &diag) == SCENARIO_OK) {
            struct node *item = node_scalar(&reader->experiment->tree, place, name, strlen(name));

            CHECK(item == NULL || node_append(&reader->experiment->tree, list, item, NULL, place));
            scenario_free(other);
        }
        diag_free(&diag);
        free(other);
    }
    return list;
}

/* Adds the designs as an axis. For `all`, the scenario has been loaded without them. Returns false after an error. */
static bool add_designs(struct reader *reader, struct changes *changes, const struct node *designs,
                        const struct scenario *scenario)
{
    const struct node *list = designs;

    if (designs->kind == NODE_SCALAR && strcmp(designs->text, "all") == 0)
        list = list_designs(reader, scenario, designs->place);
    else if (bind_list(&reader->binder, designs, "designs, or all") == NULL)
        return false;
    for (const struct node *name = list != NULL ? list->first : NULL; name != NULL; name = name->next) {
        char suggestion[SUGGEST_TEXT_BYTES];
        struct suggest suggest;

        if (bind_text(&reader->binder, name, "a design") == NULL)
            return false;
        if (design_find(name->text) != NULL)
            continue;
        suggest_init(&suggest, name->text);
        for (size_t i = 0; i < design_count(); i++)
            suggest_offer(&suggest, design_at(i)->name);
        bind_error(&reader->binder, name, suggest_text(&suggest, suggestion), "unknown design '%.60s'", name->text);
        return false;
    }
    add_change(changes, "matrix.", "hypervisor.design", designs->place, list);
    return list != NULL;
}

/* --- scenarios --- */

/* Writes the path of a scenario: beside the experiment, as it stands, or of the installation. */
static void find_scenario(const struct reader *reader, const char *name, char path[PATH_BYTES])
{
    size_t bytes = strlen(name);
    char bare[PATH_BYTES];

    if (text_file_beside(reader->experiment->path, name, path, PATH_BYTES) && access(path, F_OK) == 0)
        return;
    (void)snprintf(path, PATH_BYTES, "%s", name);
    if (access(path, F_OK) == 0 || strchr(name, '/') != NULL || bytes <= 5 || strcmp(name + bytes - 5, ".yaml") != 0)
        return;
    (void)snprintf(bare, sizeof bare, "%.*s", (int)(bytes - 5), name);
    if (!installation_path(NULL, bare, path, PATH_BYTES) || access(path, F_OK) != 0)
        (void)snprintf(path, PATH_BYTES, "%s", bare);
}

static bool load_changed(struct reader *reader, const struct node *name, const char *path,
                         const struct changes *changes, struct scenario *scenario)
{
    enum scenario_status status = scenario_load_changed(scenario, path, changes->items, changes->count, reader->diag);

    if (status == SCENARIO_UNREADABLE)
        bind_error(&reader->binder, name, NULL, "cannot read the scenario '%.200s'", name->text);
    return status == SCENARIO_OK;
}

static void load_scenario(struct reader *reader, struct experiment_run *run, const struct node *name)
{
    struct changes changes = { 0 };
    const struct node *designs = section_of(reader, run->node, "designs");
    const struct node *costs = section_of(reader, run->node, "costs"), *vary = section_of(reader, run->node, "vary");
    struct scenario *scenario = calloc(1, sizeof *scenario);
    char path[PATH_BYTES];
    bool is_loaded;

    CHECK(scenario != NULL);
    find_scenario(reader, name->text, path);
    add_changes(reader, &changes, run->node);
    if (reader->experiment->is_quick)
        add_changes(reader, &changes, node_find(run->node, "quick"));
    if (vary != NULL) {
        const struct node *axis = read_vary_axis(reader, vary);

        if (axis != NULL)
            add_change(&changes, "matrix.", "vary", vary->place, axis);
    }
    is_loaded = load_changed(reader, name, path, &changes, scenario);
    if (is_loaded && (designs != NULL || costs != NULL)) {
        is_loaded = designs == NULL || add_designs(reader, &changes, designs, scenario);
        const struct node *axis = costs != NULL ? read_cost_axis(reader, costs, scenario) : NULL;
        if (axis != NULL)
            add_change(&changes, "matrix.", "costs", costs->place, axis);
        scenario_free(scenario);
        is_loaded =
            is_loaded && (axis != NULL || costs == NULL) && load_changed(reader, name, path, &changes, scenario);
    }
    free_changes(&changes);
    if (is_loaded)
        *(struct scenario *)ARRAY_ADD(run->scenarios, run->scenario_count) = *scenario;
    free(scenario);
}

static void load_run(struct reader *reader, struct experiment_run *run)
{
    const struct node *node = run->subject == NULL ? run->node : section_of(reader, run->node, run->subject);

    if (node == NULL || run->kind == EXPERIMENT_MEASURED || run->kind == EXPERIMENT_INDICES ||
        (run->subject == NULL && node->kind != NODE_SCALAR))
        return;
    if (node->kind == NODE_SCALAR)
        load_scenario(reader, run, node);
    else if (bind_list(&reader->binder, node, "scenarios") != NULL)
        for (const struct node *child = node->first; child != NULL; child = child->next)
            if (bind_text(&reader->binder, child, "a scenario") != NULL)
                load_scenario(reader, run, child);
    for (size_t i = 0; i < run->scenario_count; i++) {
        bool is_sampled = run->scenarios[i].sample != NULL;

        if (is_sampled && (run->kind != EXPERIMENT_SIMULATED || run->scenario_count > 1))
            bind_error(&reader->binder, node, NULL, "a scenario with a sample is run alone, and simulated");
        else if (is_sampled)
            run->kind = EXPERIMENT_SAMPLED;
        for (size_t j = 0; j < i; j++)
            if (strcmp(run->scenarios[i].name, run->scenarios[j].name) == 0)
                bind_error(&reader->binder, node, NULL, "two scenarios of this run have the name '%.60s'",
                           run->scenarios[i].name);
    }
    if (run->kind == EXPERIMENT_SAMPLED && run->seeds != 1)
        bind_error(&reader->binder, node, NULL, "a sample has one seed for each machine: `seeds` does not apply");
}

void load_runs(struct reader *reader)
{
    for (size_t i = 0; i < reader->experiment->run_count; i++)
        load_run(reader, &reader->experiment->runs[i]);
}
