/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading a machine file. Nothing in it has a default: a machine is measured or estimated, or said to be like another,
 * not assumed in silence. A cost of a mechanism that few machines are described with may be missing, and is off.
 */
#include "scenario/machine_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "scenario/installation.h"
#include "scenario/text_file.h"
#include "scenario/yaml_tree.h"

const struct option_name machine_tag_names[] = {
    { "measured", MACHINE_MEASURED, "by irqpath calibrate, on the machine itself" },
    { "seen", MACHINE_SEEN, "read in the source" },
    { "derived", MACHINE_DERIVED, "computed from what was seen" },
    { "recalled", MACHINE_RECALLED, "from memory of the source" },
    { "estimate", MACHINE_ESTIMATE, "no source: sweep it" },
    { NULL, 0, NULL },
};

struct cost_entry {
    enum machine_tag tag;
    char source[512];
};

static const struct option entry_rows[] = {
    { "tag", OPTION_ENUM, offsetof(struct cost_entry, tag), sizeof(enum machine_tag), 1, NULL, 0, 0, NULL,
      machine_tag_names, "how well the value is known" },
    { "source", OPTION_TEXT, offsetof(struct cost_entry, source), 512, 1, NULL, 1, 0, NULL, NULL,
      "where the value is from" },
};

static const struct option_table entry_options = { entry_rows, sizeof(entry_rows) / sizeof(*entry_rows) };
static const char *const entry_others[] = { "value", "low", "high", NULL };

static bool bind_range(const struct binder *binder, const struct option *option, const struct node *entry,
                       struct machine_file *file)
{
    const struct node *value = node_find(entry, "value"), *low = node_find(entry, "low"),
                      *high = node_find(entry, "high");

    if (!low && !high)
        return false;
    if (!low || !high) {
        bind_error(binder, entry, NULL, "a range needs both low and high");
        return false;
    }
    if (!bind_value(binder, option, low, false, &file->low) || !bind_value(binder, option, high, false, &file->high))
        return false;
    for (uint32_t i = 0; i < option->count; i++) {
        uint64_t middle = option_value(option, &file->setup.costs, i);

        if (option_value(option, &file->low, i) > middle || middle > option_value(option, &file->high, i)) {
            bind_error(binder, value, NULL, "the value is not between low and high");
            return false;
        }
    }
    return true;
}

static void bind_cost(const struct binder *binder, uint32_t index, const struct node *entry, bool is_borrowed,
                      struct machine_file *file)
{
    struct section section = { .node = entry, .place = entry->place, .path = "", .others = entry_others };
    struct binder quiet = { binder->diag, NULL, 0 };
    const struct option *option = &cost_options.rows[index];
    const struct node *value = node_find(entry, "value");
    struct machine_cost *cost = &file->costs[index];
    struct cost_entry row = { MACHINE_ESTIMATE, "" };

    if (!bind_map(binder, entry, "value, tag and source"))
        return;
    bind_section(&quiet, &entry_options, &section, &row);
    cost->tag = is_borrowed ? MACHINE_ESTIMATE : row.tag;
    free(cost->source);
    cost->source = strdup(row.source);
    CHECK(cost->source != NULL);
    if (!value) {
        bind_error(binder, entry, NULL, "missing key 'value'");
        return;
    }
    if (!bind_value(binder, option, value, false, &file->setup.costs))
        return;
    origins_add(binder, "machine.costs", option->key, value->place, machine_tag_names[cost->tag].name);
    cost->has_range = bind_range(binder, option, entry, file);
}

static void bind_costs(const struct binder *binder, const struct node *root, bool is_borrowed,
                       struct machine_file *file)
{
    const struct node *costs = node_find(root, "costs");
    bool has_like = file->head.like[0] != '\0';

    CHECK(cost_options.count <= MACHINE_COSTS_MAX);
    if (!costs) {
        diag_error(binder->diag, root->place, "missing key 'costs'");
        return;
    }
    if (!bind_map(binder, costs, "costs"))
        return;
    for (const struct node *child = costs->first; child; child = child->next) {
        if (!option_find(&cost_options, child->key))
            bind_unknown_key(binder, child, &cost_options, NULL);
    }
    for (uint32_t i = 0; i < cost_options.count; i++) {
        const struct node *entry = node_find(costs, cost_options.rows[i].key);

        if (entry)
            bind_cost(binder, i, entry, is_borrowed, file);
        else if (!has_like && cost_options.rows[i].default_text == NULL)
            bind_error(binder, costs, NULL, "missing cost '%s'", cost_options.rows[i].key);
    }
}

static bool load(struct machine_file *file, const char *profile, const char *beside, const struct node *profile_node,
                 bool is_borrowed, struct inputs *inputs, struct origins *origins, struct diag *diag);

/* The costs of the machine that this one is like; what else its file says is overwritten afterwards. */
static void bind_like(const struct binder *binder, const struct node *root, const char *path, bool is_borrowed,
                      struct inputs *inputs, struct origins *origins, struct machine_file *file)
{
    const struct node *like = node_find(root, "like");
    struct machine_head head = file->head;

    if (is_borrowed)
        bind_error(binder, like, NULL, "a machine that another is like cannot be like a third");
    else
        load(file, head.like, path, like, true, inputs, origins, binder->diag);
    file->head = head;
}

static void bind_file(const struct node *root, const char *path, bool is_borrowed, struct inputs *inputs,
                      struct origins *origins, struct machine_file *file, struct diag *diag)
{
    static const char *const head_others[] = { "costs", "topology", "interconnect", "frequency", NULL };
    static const char *const body_others[] = { "costs", "name", "summary", "like", NULL };
    struct section section = { .node = root, .place = root->place, .path = "machine", .others = head_others };
    struct binder binder = { diag, NULL, 0 };
    const struct node *topology = node_find(root, "topology");

    bind_section(&binder, &machine_head_options, &section, &file->head);
    if (file->head.like[0] != '\0')
        bind_like(&binder, root, path, is_borrowed, inputs, origins, file);
    binder.origins = origins;
    section.others = body_others;
    bind_section(&binder, &machine_options, &section, &file->setup);
    file->topology_place = topology ? topology->place : root->place;
    binder.frequency_hz = file->setup.costs.frequency_hz;
    bind_costs(&binder, root, is_borrowed, file);
}

static void fail_unknown(const char *profile, const struct node *profile_node, struct diag *diag)
{
    struct binder binder = { diag, NULL, 0 };
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;
    size_t count;
    char **names = installation_names(INSTALLATION_MACHINES, &count);

    suggest_init(&suggest, profile);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggest, names[i]);
    suggest_text(&suggest, suggestion);
    if (profile_node)
        bind_error(&binder, profile_node, suggestion, "unknown machine '%.60s'", profile);
    else
        diag_error(diag, (struct place){ 0, 0, 0 }, "unknown machine '%.60s'%s", profile, suggestion);
    installation_names_free(names, count);
}

/* False after an error: the profile is a name, and no file has it. */
static bool find_path(const char *profile, const char *beside, const struct node *profile_node, struct inputs *inputs,
                      struct diag *diag, char *path, size_t path_bytes)
{
    char **names;
    size_t count;
    bool is_found = false;

    if (installation_is_path(profile))
        return text_file_beside(beside, profile, path, path_bytes);
    if (installation_path(INSTALLATION_MACHINES, profile, path, path_bytes) && inputs_has_text(inputs, path))
        return true;
    names = installation_names(INSTALLATION_MACHINES, &count);
    for (size_t i = 0; i < count; i++)
        is_found |= !strcmp(names[i], profile);
    installation_names_free(names, count);
    if (!is_found)
        fail_unknown(profile, profile_node, diag);
    return is_found && installation_path(INSTALLATION_MACHINES, profile, path, path_bytes);
}

static bool load(struct machine_file *file, const char *profile, const char *beside, const struct node *profile_node,
                 bool is_borrowed, struct inputs *inputs, struct origins *origins, struct diag *diag)
{
    struct place place = profile_node ? profile_node->place : (struct place){ 0, 0, 0 };
    size_t errors = diag->error_count, bytes;
    struct yaml_tree tree;
    struct node *root;
    const char *text;
    char path[4096];

    memset(file, 0, sizeof(*file));
    if (!find_path(profile, beside, profile_node, inputs, diag, path, sizeof(path)))
        return false;
    if (inputs_text(inputs, path, place, diag, &text, &bytes) != TEXT_FILE_OK)
        return false;
    yaml_tree_init(&tree);
    root = yaml_read(&tree, text, bytes, (struct place){ diag_source_file(diag, path, text, bytes), 1, 1 }, diag);
    if (root && root->kind != NODE_MAP)
        diag_error(diag, root->place, "a machine file is a map of keys");
    else if (root)
        bind_file(root, path, is_borrowed, inputs, origins, file, diag);
    yaml_tree_free(&tree);
    return diag->error_count == errors;
}

bool machine_file_load(struct machine_file *file, const char *profile, const char *beside,
                       const struct node *profile_node, struct origins *origins, struct diag *diag)
{
    struct inputs *inputs = inputs_new();
    bool is_loaded = load(file, profile, beside, profile_node, false, inputs, origins, diag);

    inputs_free(inputs);
    return is_loaded;
}

bool machine_file_load_kept(struct machine_file *file, const char *profile, const char *beside,
                            const struct node *profile_node, struct inputs *inputs, struct origins *origins,
                            struct diag *diag)
{
    return load(file, profile, beside, profile_node, false, inputs, origins, diag);
}

void machine_file_free(struct machine_file *file)
{
    for (uint32_t i = 0; i < MACHINE_COSTS_MAX; i++)
        free(file->costs[i].source);
    memset(file, 0, sizeof(*file));
}
