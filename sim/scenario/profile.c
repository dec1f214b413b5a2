/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads a profile. Costs have no defaults: a profile gives each of them, or names another profile with `like`. The
 * exception are costs of optional mechanisms; if such a cost is missing, the mechanism is disabled.
 */
#include "scenario/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "scenario/installation.h"
#include "scenario/options.h"
#include "scenario/text_file.h"
#include "scenario/yaml_tree.h"

const struct option_name cost_tag_names[] = {
    { "measured", COST_MEASURED, "measured by irqpath calibrate on the machine itself" },
    { "seen", COST_SEEN, "read in the cited source" },
    { "derived", COST_DERIVED, "computed from values in the cited source" },
    { "recalled", COST_RECALLED, "recalled from a source that was not read again" },
    { "estimate", COST_ESTIMATE, "no source; results should be checked over a range" },
    { NULL, 0, NULL },
};

static const struct option head_rows[] = {
    { "name", OPTION_TEXT, KEY_TEXT(struct profile_head, name), NULL, 1, 0, NULL, NULL, "name of the profile" },
    { "summary", OPTION_TEXT, KEY_TEXT(struct profile_head, summary), NULL, 1, 0, NULL, NULL,
      "one line of description for `irqpath list machines` and `irqpath list costs`" },
    { "like", OPTION_TEXT, KEY_TEXT(struct profile_head, like), "", 0, 0, NULL, NULL,
      "profile that supplies the costs not given here: a name, or a path" },
};

static const struct option_table head_table = KEY_ROWS(head_rows);

struct cost_entry {
    enum cost_tag tag;
    char source[512];
};

static const struct option entry_rows[] = {
    { "tag", OPTION_ENUM, KEY_FIELD(struct cost_entry, tag), NULL, 0, 0, NULL, cost_tag_names,
      "how well the value is known" },
    { "source", OPTION_TEXT, KEY_TEXT(struct cost_entry, source), NULL, 1, 0, NULL, NULL, "source of the value" },
};

static const struct option_table entry_options = KEY_ROWS(entry_rows);
static const char *const entry_others[] = { "value", "low", "high", NULL };

const struct profile_kind machine_profile = { "machine", INSTALLATION_MACHINES, "machine.costs", machine_cost_keys,
                                              true };

struct profile_kind software_profile(const struct software *software)
{
    struct profile_kind kind = { .noun = "cost profile", .tables = software->costs };

    (void)snprintf(kind.directory, sizeof(kind.directory), "%s/%s", INSTALLATION_COSTS, software->name);
    (void)snprintf(kind.section, sizeof(kind.section), "%s.costs", software->name);
    return kind;
}

/* --- costs --- */

static void costs_list(struct profile *profile, const struct profile_kind *kind)
{
    for (const struct key_table *const *table = kind->tables; *table; table++)
        for (size_t i = 0; i < (*table)->options.count; i++) {
            CHECK(profile->cost_count < PROFILE_COSTS_MAX);
            profile->costs[profile->cost_count++] =
                (struct profile_cost){ .table = *table, .option = &(*table)->options.rows[i] };
        }
}

const struct profile_cost *profile_cost(const struct profile *profile, const char *key)
{
    for (size_t i = 0; i < profile->cost_count; i++)
        if (!strcmp(profile->costs[i].option->key, key))
            return &profile->costs[i];
    return NULL;
}

void profile_copy(const struct profile *profile, struct setup *setup)
{
    for (size_t i = 0; i < profile->cost_count; i++) {
        const struct profile_cost *cost = &profile->costs[i];
        for (uint32_t element = 0; element < cost->option->count; element++)
            option_store(cost->option, profile_record(setup, cost->table), element,
                         option_value(cost->option, profile_record(profile->value, cost->table), element));
    }
}

static bool bind_range(const struct binder *binder, const struct profile_cost *cost, const struct node *entry,
                       const struct profile *profile)
{
    const struct node *value = node_find(entry, "value"), *low = node_find(entry, "low"),
                      *high = node_find(entry, "high");
    void *value_record = profile_record(profile->value, cost->table),
         *low_record = profile_record(profile->low, cost->table),
         *high_record = profile_record(profile->high, cost->table);

    if (!low && !high)
        return false;
    if (!low || !high) {
        bind_error(binder, entry, NULL, "a range needs both low and high");
        return false;
    }
    if (!bind_value(binder, cost->option, low, false, low_record) ||
        !bind_value(binder, cost->option, high, false, high_record))
        return false;
    for (uint32_t i = 0; i < cost->option->count; i++) {
        uint64_t middle = option_value(cost->option, value_record, i);

        if (option_value(cost->option, low_record, i) > middle || middle > option_value(cost->option, high_record, i)) {
            bind_error(binder, value, NULL, "the value is not between low and high");
            return false;
        }
    }
    return true;
}

static void bind_cost(const struct binder *binder, const char *section_path, struct profile_cost *cost,
                      const struct node *entry, bool is_borrowed, const struct profile *profile)
{
    struct section section = { .node = entry, .place = entry->place, .path = "", .others = entry_others };
    struct binder quiet = { binder->diag, NULL, 0 };
    const struct node *value = node_find(entry, "value");
    struct cost_entry row = { COST_ESTIMATE, "" };

    if (!bind_map(binder, entry, "value, tag and source"))
        return;
    bind_section(&quiet, &entry_options, &section, &row);
    cost->tag = is_borrowed ? COST_ESTIMATE : row.tag;
    free(cost->source);
    cost->source = text_copy(row.source);
    if (!value) {
        bind_error(binder, entry, NULL, "missing key 'value'");
        return;
    }
    if (!bind_value(binder, cost->option, value, false, profile_record(profile->value, cost->table)))
        return;
    origins_add(binder, section_path, cost->option->key, value->place, cost_tag_names[cost->tag].name);
    cost->has_range = bind_range(binder, cost, entry, profile);
}

static void fail_unknown_cost(const struct binder *binder, const struct node *node, const struct profile *profile,
                              const struct profile_kind *kind)
{
    char path[512], suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, node->key);
    for (size_t i = 0; i < profile->cost_count; i++)
        suggest_offer(&suggest, profile->costs[i].option->key);
    diag_error(binder->diag, node->key_place, "unknown key '%.80s' at %s%s: %s has no such cost", node->key,
               node_path(node, path, sizeof(path)), suggest_text(&suggest, suggestion), kind->section);
}

static void bind_costs(const struct binder *binder, const struct node *root, const struct profile_kind *kind,
                       bool is_borrowed, struct profile *profile)
{
    const struct node *costs = node_find(root, "costs");
    bool has_like = profile->head.like[0] != '\0';

    if (!costs) {
        diag_error(binder->diag, root->place, "missing key 'costs'");
        return;
    }
    if (!bind_map(binder, costs, "costs"))
        return;
    for (const struct node *child = costs->first; child; child = child->next)
        if (!profile_cost(profile, child->key))
            fail_unknown_cost(binder, child, profile, kind);
    for (size_t i = 0; i < profile->cost_count; i++) {
        struct profile_cost *cost = &profile->costs[i];
        const struct node *entry = node_find(costs, cost->option->key);

        if (entry)
            bind_cost(binder, kind->section, cost, entry, is_borrowed, profile);
        else if (!has_like && cost->option->default_text == NULL)
            bind_error(binder, costs, NULL, "missing cost '%s'", cost->option->key);
    }
}

/* --- files --- */

/* The arguments of profile_load_kept that loading needs throughout. */
struct loading {
    const struct profile_kind *kind;
    struct inputs *inputs;
    uint64_t frequency_hz;
    struct origins *origins;
    struct diag *diag;
};

static bool load(const struct loading *loading, struct profile *profile, const char *name, const char *beside,
                 const struct node *name_node, bool is_borrowed);

/* Loads the profile that `like` names. Everything that this profile gives itself overwrites it afterwards. */
static void bind_like(const struct loading *loading, struct profile *profile, const struct node *root, const char *path,
                      bool is_borrowed)
{
    const struct binder binder = { loading->diag, NULL, 0 };
    const struct node *like = node_find(root, "like");
    struct profile_head head = profile->head;

    if (is_borrowed)
        bind_error(&binder, like, NULL, "the %s that `like` names must not have `like` itself", loading->kind->noun);
    else
        load(loading, profile, head.like, path, like, true);
    memcpy(profile->like_name, profile->head.name, sizeof(profile->like_name));
    profile->head = head;
}

static void bind_machine(const struct binder *binder, const struct node *root, const struct section *section,
                         struct profile *profile)
{
    static const char *const others[] = { "costs", "name", "summary", "like", NULL };
    struct section machine = *section;
    const struct node *topology = node_find(root, "topology");

    machine.others = others;
    bind_section(binder, &machine_options, &machine, &profile->value->machine);
    profile->topology_place = topology ? topology->place : root->place;
}

static void bind_file(const struct loading *loading, struct profile *profile, const struct node *root, const char *path,
                      bool is_borrowed)
{
    static const char *const machine_others[] = { "costs", "topology", "interconnect", "frequency", NULL };
    static const char *const software_others[] = { "costs", NULL };
    struct section section = { .node = root, .place = root->place, .path = "machine" };
    struct binder binder = { loading->diag, NULL, loading->frequency_hz };

    section.others = loading->kind->has_machine ? machine_others : software_others;
    bind_section(&binder, &head_table, &section, &profile->head);
    if (profile->head.like[0] != '\0')
        bind_like(loading, profile, root, path, is_borrowed);
    binder.origins = loading->origins;
    if (loading->kind->has_machine) {
        bind_machine(&binder, root, &section, profile);
        binder.frequency_hz = profile->value->machine.costs.frequency_hz;
    }
    bind_costs(&binder, root, loading->kind, is_borrowed, profile);
}

bool profile_exists(const struct profile_kind *kind, const char *name, struct inputs *inputs)
{
    char path[4096];

    return installation_path(kind->directory, name, path, sizeof(path)) &&
           (inputs_has_text(inputs, path) || access(path, F_OK) == 0);
}

static void fail_unknown(const struct loading *loading, const char *name, const struct node *name_node)
{
    struct binder binder = { loading->diag, NULL, 0 };
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;
    size_t count;
    char **names = installation_names(loading->kind->directory, &count);

    suggest_init(&suggest, name);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggest, names[i]);
    suggest_text(&suggest, suggestion);
    if (name_node)
        bind_error(&binder, name_node, suggestion, "unknown %s '%.60s'", loading->kind->noun, name);
    else
        diag_error(loading->diag, (struct place){ 0, 0, 0 }, "unknown %s '%.60s'%s", loading->kind->noun, name,
                   suggestion);
    installation_names_free(names, count);
}

/* Finds the file of a profile. Returns false, usually after an error, when no profile has this name. */
static bool find_path(const struct loading *loading, const char *name, const char *beside, const struct node *name_node,
                      char *path, size_t path_bytes)
{
    if (installation_is_path(name))
        return text_file_beside(beside, name, path, path_bytes);
    if (profile_exists(loading->kind, name, loading->inputs))
        return installation_path(loading->kind->directory, name, path, path_bytes);
    fail_unknown(loading, name, name_node);
    return false;
}

static bool load(const struct loading *loading, struct profile *profile, const char *name, const char *beside,
                 const struct node *name_node, bool is_borrowed)
{
    struct place place = name_node ? name_node->place : (struct place){ 0, 0, 0 };
    size_t errors = loading->diag->error_count, bytes;
    struct yaml_tree tree;
    struct node *root;
    const char *text;
    char path[4096];

    if (!find_path(loading, name, beside, name_node, path, sizeof(path)))
        return false;
    if (inputs_text(loading->inputs, path, place, loading->diag, &text, &bytes) != TEXT_FILE_OK)
        return false;
    yaml_tree_init(&tree);
    /* The scenario may name any file: no line of it is printed. */
    root = yaml_read(&tree, text, bytes, (struct place){ diag_source_file(loading->diag, path, "", 0), 1, 1 },
                     loading->diag);
    if (root && root->kind != NODE_MAP)
        diag_error(loading->diag, root->place, "a %s file must be a map of keys", loading->kind->noun);
    else if (root)
        bind_file(loading, profile, root, path, is_borrowed);
    yaml_tree_free(&tree);
    return loading->diag->error_count == errors;
}

bool profile_load_kept(struct profile *profile, const struct profile_kind *kind, const char *name, const char *beside,
                       const struct node *name_node, uint64_t frequency_hz, struct inputs *inputs,
                       struct origins *origins, struct diag *diag)
{
    const struct loading loading = { kind, inputs, frequency_hz, origins, diag };

    memset(profile, 0, sizeof(*profile));
    profile->value = calloc(1, sizeof(*profile->value));
    profile->low = calloc(1, sizeof(*profile->low));
    profile->high = calloc(1, sizeof(*profile->high));
    CHECK(profile->value != NULL && profile->low != NULL && profile->high != NULL);
    costs_list(profile, kind);
    return load(&loading, profile, name, beside, name_node, false);
}

bool profile_load(struct profile *profile, const struct profile_kind *kind, const char *name, struct diag *diag)
{
    struct inputs *inputs = inputs_new();
    bool is_loaded = profile_load_kept(profile, kind, name, "", NULL, 0, inputs, NULL, diag);

    inputs_free(inputs);
    return is_loaded;
}

void profile_free(struct profile *profile)
{
    for (size_t i = 0; i < profile->cost_count; i++)
        free(profile->costs[i].source);
    free(profile->value);
    free(profile->low);
    free(profile->high);
    memset(profile, 0, sizeof(*profile));
}
