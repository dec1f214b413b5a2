/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads a scenario: reads the file, applies the overrides, builds the setup and the matrix. Also loads its cells.
 */
#define _GNU_SOURCE
#include "scenario/scenario.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"
#include "code/object.h"
#include "models/family/family.h"
#include "scenario/build.h"
#include "scenario/inputs.h"
#include "scenario/installation.h"
#include "scenario/sample.h"
#include "scenario/set.h"
#include "scenario/text_file.h"

#define CELLS_MAX 1000000

/* Whether a line of the comment is meant for programs rather than for readers. */
static bool is_directive(const char *line, size_t bytes)
{
    static const char *const marks[] = { "SPDX-License-Identifier:", "yaml-language-server:" };

    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        if (bytes >= strlen(marks[i]) && !strncmp(line, marks[i], strlen(marks[i])))
            return true;
    }
    return false;
}

char *scenario_comment(const char *text)
{
    char *question = calloc(1, strlen(text) + 1);
    size_t used = 0;

    CHECK(question != NULL);
    if (!strncmp(text, "\xEF\xBB\xBF", 3))
        text += 3;
    while (*text == '#') {
        const char *line = text + 1 + strspn(text + 1, " #\t");
        size_t bytes = strcspn(text, "\r\n") - (size_t)(line - text);

        if (bytes == 0 && used > 0)
            break;
        if (bytes > 0 && !is_directive(line, bytes)) {
            if (used)
                question[used++] = ' ';
            memcpy(question + used, line, bytes);
            used += bytes;
        }
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    question[used] = '\0';
    return question;
}

/* What is changed in the text of a scenario: either texts "path=value" or values of another tree. */
struct overrides {
    const char *const *sets;
    const struct scenario_change *changes; /* NULL: sets */
    size_t count;
};

/* Keeps them as texts, for scenario_reload, which has neither a matrix nor a sample. */
static void keep_sets(struct scenario *scenario, const struct overrides *overrides)
{
    scenario->sets = calloc(overrides->count + 1, sizeof(*scenario->sets));
    CHECK(scenario->sets != NULL);
    for (size_t i = 0; i < overrides->count; i++) {
        const struct scenario_change *change = overrides->changes ? &overrides->changes[i] : NULL;

        CHECK(change || overrides->sets);
        if (!change)
            scenario->sets[scenario->set_count++] = text_copy(overrides->sets[i]);
        else if (strncmp(change->path, "matrix.", 7) != 0 && strncmp(change->path, "sample.", 7) != 0)
            scenario->sets[scenario->set_count++] = scenario_set_text(change->path, change->value);
    }
}

/* Takes an axis ("matrix.NAME") out, if there is one. */
static void remove_axis(const struct scenario_change *change, struct node *root, struct diag *diag)
{
    const char *name = strchr(change->path, '.') + 1;
    struct node *axis = node_find(node_find(root, "matrix"), name);

    if (axis)
        node_remove(axis);
    else
        diag_error(diag, change->place, "the scenario has no axis '%.80s' to leave out", name);
}

/* Applies the values of another tree, as they stand there. */
static void apply_changes(const struct scenario_change *changes, size_t count, struct yaml_tree *tree,
                          struct node *root, struct diag *diag)
{
    for (size_t i = 0; i < count; i++) {
        if (changes[i].value == NULL) {
            remove_axis(&changes[i], root, diag);
            continue;
        }
        struct node *copy = node_copy(tree, changes[i].value);

        if (copy != NULL)
            scenario_assign(tree, root, changes[i].path, changes[i].place, copy, diag);
        else
            diag_error(diag, changes[i].place, "the scenario is too large");
    }
}

/* Applies all overrides, so that the errors of all of them are reported. */
static void apply_sets(const struct scenario *scenario, struct yaml_tree *tree, struct node *root, struct diag *diag)
{
    struct place place = { 0, 0, 1 };

    if (scenario->set_count == 0)
        return;
    for (size_t i = 0; i < scenario->set_count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): keep_sets filled all of them */
        if (!text_file_check("--set", scenario->sets[i], strlen(scenario->sets[i]), diag))
            return;
    }
    place.source = diag_source_arguments(diag, "--set", (const char *const *)scenario->sets, scenario->set_count);
    for (size_t i = 0; i < scenario->set_count; i++) {
        place.line = (uint32_t)i + 1;
        scenario_apply_set(tree, root, scenario->sets[i], place, diag);
    }
}

/* Joins the tree with its bases, and applies the overrides. */
static void prepare(struct build *build, struct base_files *bases, struct yaml_tree *tree,
                    const struct overrides *overrides)
{
    build->root = base_join(bases, tree, build->root, build->path, build->inputs, build->diag, &build->own_design);
    if (!build->root)
        return;
    build->own_expect = node_find(build->root, "expect");
    if (overrides->changes != NULL)
        apply_changes(overrides->changes, overrides->count, tree, build->root, build->diag);
    else
        apply_sets(build->scenario, tree, build->root, build->diag);
}

static void build(struct scenario *scenario, bool has_matrix, struct yaml_tree *tree, const char *name,
                  const struct overrides *overrides, struct diag *diag)
{
    struct place origin = { diag_source_file(diag, name, scenario->text, scenario->text_bytes), 1, 1 };
    struct origins origins = { NULL, 0, 0 };
    struct base_files bases = { .count = 0 };
    struct build build = {
        .diag = diag,
        .origins = &origins,
        .path = name,
        .bases = &bases,
        .scenario = scenario,
        .inputs = scenario->inputs,
    };

    build.root = yaml_read(tree, scenario->text, scenario->text_bytes, origin, diag);
    if (build.root && build.root->kind != NODE_MAP) {
        diag_error(diag, build.root->place, "a scenario must be a map of keys: name, guests, devices, ...");
        build.root = NULL;
    } else if (build.root && !build.root->first && scenario->set_count == 0) {
        diag_error(diag, (struct place){ origin.source, 0, 0 }, "the scenario is empty");
        build.root = NULL;
    }
    if (build.root)
        prepare(&build, &bases, tree, overrides);
    if (build.root) {
        scenario_build(&build);
        if (has_matrix)
            scenario_build_matrix(&build);
        if (has_matrix)
            scenario_build_sample(&build);
    }
    base_files_free(&bases);
    origins_sort(&origins);
    scenario->origins = origins.rows;
    scenario->origin_count = origins.count;
    if (scenario_cell_count(scenario) > CELLS_MAX)
        diag_error(diag, (struct place){ origin.source, 0, 0 }, "the matrix has more than %d cells", CELLS_MAX);
}

bool scenario_set_code(struct scenario *scenario, const struct code_object *object, struct diag *diag)
{
    const char *family = code_object_info(object, "family"), *refusal = NULL;

    scenario->setup.code = object;
    if (strcmp(family, scenario->design->family->name) == 0) {
        if (scenario->design->family->code_refusal != NULL)
            refusal = scenario->design->family->code_refusal(scenario->design, &scenario->setup);
        if (refusal != NULL)
            diag_error(diag, (struct place){ 0, 0, 0 }, "%s: this code object takes no part in the design '%s': %s",
                       object->path, scenario->design->name, refusal);
        return refusal == NULL;
    }
    diag_error(diag, (struct place){ 0, 0, 0 },
               "%s: this code object is of the family '%s'; the design '%s' is of the family '%s'", object->path,
               family, scenario->design->name, scenario->design->family->name);
    return false;
}

/* Loads a scenario. With a `base` it uses the inputs and the code object of `base` and has no matrix. */
static enum scenario_status load(struct scenario *scenario, const struct scenario *base, const char *path,
                                 const char *text, size_t text_bytes, const struct overrides *overrides,
                                 struct diag *diag)
{
    const char *name = strcmp(path, "-") != 0 ? path : "<stdin>";
    size_t errors = diag->error_count;
    struct yaml_tree tree;

    memset(scenario, 0, sizeof(*scenario));
    if (!text_file_check(name, text, text_bytes, diag))
        return SCENARIO_INVALID;
    scenario->path = text_copy(path);
    scenario->text = text_copy_bytes(text, text_bytes);
    scenario->text_bytes = text_bytes;
    scenario->question = scenario_comment(scenario->text);
    scenario->inputs = base ? base->inputs : inputs_new();
    scenario->owns_inputs = !base;
    keep_sets(scenario, overrides);
    yaml_tree_init(&tree);
    build(scenario, !base, &tree, name, overrides, diag);
    yaml_tree_free(&tree);
    if (diag->error_count == errors &&
        (!base || base->setup.code == NULL || scenario_set_code(scenario, base->setup.code, diag)))
        return SCENARIO_OK;
    scenario_free(scenario);
    return diag->is_unreadable ? SCENARIO_UNREADABLE : SCENARIO_INVALID;
}

enum scenario_status scenario_load_text(struct scenario *scenario, const char *path, const char *text,
                                        size_t text_bytes, const char *const *sets, size_t set_count, struct diag *diag)
{
    return load(scenario, NULL, path, text, text_bytes, &(struct overrides){ sets, NULL, set_count }, diag);
}

/* Reports that neither a file nor an installed scenario has this name. */
static void suggest_scenario(const char *name, struct diag *diag)
{
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;
    size_t count;
    char **names = installation_names(NULL, &count);

    suggest_init(&suggest, name);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggest, names[i]);
    diag_error(diag, (struct place){ diag_source_file(diag, name, "", 0), 0, 0 },
               "there is neither a file nor a scenario with this name%s", suggest_text(&suggest, suggestion));
    installation_names_free(names, count);
}

/* Sweeps and experiments create directories that have the name of their scenario. */
static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static enum scenario_status load_file(struct scenario *scenario, const char *path, const struct overrides *overrides,
                                      struct diag *diag)
{
    bool is_name = !installation_is_path(path) && (access(path, F_OK) != 0 || is_directory(path));
    enum text_file_status file_status;
    enum scenario_status status;
    char found[4096], *text;
    size_t bytes;

    memset(scenario, 0, sizeof(*scenario));
    if (is_name && (!installation_path(NULL, path, found, sizeof(found)) || access(found, F_OK) != 0)) {
        is_name = false;
        if (!is_directory(path)) {
            suggest_scenario(path, diag);
            return SCENARIO_UNREADABLE;
        }
    }
    if (is_name)
        path = found;
    file_status =
        text_file_read(path, strcmp(path, "-") != 0 ? path : "<stdin>", (struct place){ 0, 0, 0 }, diag, &text, &bytes);
    if (file_status != TEXT_FILE_OK)
        return file_status == TEXT_FILE_INVALID ? SCENARIO_INVALID : SCENARIO_UNREADABLE;
    status = load(scenario, NULL, path, text, bytes, overrides, diag);
    free(text);
    return status;
}

enum scenario_status scenario_load(struct scenario *scenario, const char *path, const char *const *sets,
                                   size_t set_count, struct diag *diag)
{
    return load_file(scenario, path, &(struct overrides){ sets, NULL, set_count }, diag);
}

enum scenario_status scenario_load_changed(struct scenario *scenario, const char *path,
                                           const struct scenario_change *changes, size_t count, struct diag *diag)
{
    static const struct scenario_change none[1];

    return load_file(scenario, path, &(struct overrides){ NULL, count > 0 ? changes : none, count }, diag);
}

enum scenario_status scenario_reload(struct scenario *scenario, const struct scenario *base, const char *const *sets,
                                     size_t set_count, struct diag *diag)
{
    const char **all = calloc(base->set_count + set_count + 1, sizeof(*all));
    enum scenario_status status;

    CHECK(all != NULL && scenario != base);
    for (size_t i = 0; i < base->set_count; i++)
        all[i] = base->sets[i];
    for (size_t i = 0; i < set_count; i++)
        all[base->set_count + i] = sets[i];
    status = load(scenario, base, base->path, base->text, base->text_bytes,
                  &(struct overrides){ all, NULL, base->set_count + set_count }, diag);
    free(all);
    return status;
}

enum scenario_status scenario_design_load(struct scenario *scenario, const struct scenario *base, const char *design,
                                          struct diag *diag)
{
    enum scenario_status status;
    char *set;

    CHECK(asprintf(&set, "hypervisor.design=%s", design) > 0);
    status = scenario_reload(scenario, base, (const char *const[]){ set }, 1, diag);
    free(set);
    return status;
}

struct scenario *scenario_with_seed(const struct scenario *scenario, uint64_t seed)
{
    struct scenario *run = malloc(sizeof(*run));

    CHECK(run != NULL);
    *run = *scenario;
    run->setup.run.seed = seed;
    run->axis_count = 0;
    run->expectation_count -= run->added_expectation_count;
    return run;
}

static void free_axes(struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->axis_count; i++) {
        struct scenario_axis *axis = &scenario->axes[i];

        for (size_t j = 0; j < axis->value_count; j++) {
            for (size_t k = 0; k < axis->values[j].set_count; k++)
                free(axis->values[j].sets[k]);
            free(axis->values[j].sets);
            free(axis->values[j].label);
        }
        free(axis->values);
        free(axis->path);
    }
    free(scenario->axes);
}

void scenario_free(struct scenario *scenario)
{
    scenario_build_free(scenario);
    free_axes(scenario);
    scenario_sample_free(scenario->sample);
    for (size_t i = 0; i < scenario->origin_count; i++) {
        free(scenario->origins[i].path);
        free(scenario->origins[i].text);
    }
    for (size_t i = 0; i < scenario->set_count; i++)
        free(scenario->sets[i]);
    if (scenario->owns_inputs)
        inputs_free(scenario->inputs);
    free(scenario->origins);
    free(scenario->sets);
    free(scenario->path);
    free(scenario->question);
    free(scenario->text);
    memset(scenario, 0, sizeof(*scenario));
}

size_t scenario_cell_count(const struct scenario *scenario)
{
    size_t count = 1;

    for (size_t i = 0; i < scenario->axis_count; i++) {
        if (count <= CELLS_MAX)
            count *= scenario->axes[i].value_count;
    }
    return count;
}

void scenario_cell_indices(const struct scenario *scenario, size_t cell, size_t *indices)
{
    CHECK(cell < scenario_cell_count(scenario));
    for (size_t i = scenario->axis_count; i-- > 0;) {
        indices[i] = cell % scenario->axes[i].value_count;
        cell /= scenario->axes[i].value_count;
    }
}

enum scenario_status scenario_cell_load(struct scenario *cell_scenario, const struct scenario *base, size_t cell,
                                        struct diag *diag)
{
    return scenario_cell_load_with(cell_scenario, base, cell, NULL, 0, diag);
}

enum scenario_status scenario_cell_load_with(struct scenario *cell_scenario, const struct scenario *base, size_t cell,
                                             const char *const *more, size_t more_count, struct diag *diag)
{
    size_t *indices = calloc(base->axis_count + 1, sizeof(*indices)), count = 0, used = 0;
    enum scenario_status status;
    const char **sets;

    CHECK(indices != NULL);
    scenario_cell_indices(base, cell, indices);
    for (size_t i = 0; i < base->axis_count; i++)
        count += base->axes[i].values[indices[i]].set_count;
    sets = calloc(count + more_count + 1, sizeof(*sets));
    CHECK(sets != NULL);
    for (size_t i = 0; i < more_count; i++)
        sets[used++] = more[i];
    for (size_t i = 0; i < base->axis_count; i++) {
        const struct scenario_value *value = &base->axes[i].values[indices[i]];

        for (size_t j = 0; j < value->set_count; j++)
            sets[used++] = value->sets[j];
    }

    status = scenario_reload(cell_scenario, base, sets, used, diag);
    free(sets);
    free(indices);
    return status;
}

static int compare_path(const void *path, const void *origin)
{
    return strcmp(path, ((const struct scenario_origin *)origin)->path);
}

const char *scenario_origin(const struct scenario *scenario, const char *path)
{
    const struct scenario_origin *origin =
        scenario->origin_count == 0
            ? NULL
            : bsearch(path, scenario->origins, scenario->origin_count, sizeof(*scenario->origins), compare_path);

    return origin ? origin->text : "default";
}
