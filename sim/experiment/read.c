/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the file of an experiment: sections in the order of the file, then the scenarios, then the meaning of names.
 */
#define _GNU_SOURCE
#include "base/text.h"
#include "experiment/experiment.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/option.h"
#include "experiment/read.h"
#include "scenario/text_file.h"

static const char *const sections[] = { "question",  "runs",   "derive", "keep",    "tables", "figures",
                                        "published", "expect", "aim",    "verdict", "notes",  NULL };

void *array_add(void *array, size_t *count, size_t bytes)
{
    void **base = array;
    char *grown = realloc(*base, (*count + 1) * bytes);

    CHECK(grown != NULL);
    *base = grown;
    memset(grown + *count * bytes, 0, bytes);
    return grown + (*count)++ * bytes;
}

/* --- values --- */

void read_check_keys(const struct reader *reader, const struct node *map, const char *const *keys)
{
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        size_t i = 0;

        while (keys[i] != NULL && strcmp(keys[i], child->key) != 0)
            i++;
        if (keys[i] == NULL)
            bind_unknown_key(&reader->binder, child, NULL, keys);
    }
}

char *read_string(const struct reader *reader, const struct node *map, const char *key, const char *what)
{
    const struct node *node = node_find(map, key);
    const char *text = node != NULL ? bind_text(&reader->binder, node, what) : NULL;

    return text != NULL ? text_copy(text) : NULL;
}

bool read_switch(const struct reader *reader, const struct node *map, const char *key, bool otherwise)
{
    const struct node *node = node_find(map, key);
    const char *text = node != NULL ? bind_text(&reader->binder, node, "on or off") : NULL;

    if (text == NULL)
        return otherwise;
    if (strcmp(text, "on") == 0 || strcmp(text, "true") == 0)
        return true;
    if (strcmp(text, "off") != 0 && strcmp(text, "false") != 0)
        bind_error(&reader->binder, node, NULL, "expected on or off, not '%.40s'", text);
    return false;
}

uint64_t read_number(const struct reader *reader, const struct node *map, const char *key, uint64_t limit,
                     uint64_t otherwise)
{
    const struct node *node = node_find(map, key);
    const char *text = node != NULL ? bind_text(&reader->binder, node, "a number") : NULL;
    struct option_problem problem;
    uint64_t value = otherwise;

    if (text == NULL)
        return otherwise;
    if (!option_parse_number(OPTION_INTEGER, text, &value, &problem))
        bind_error(&reader->binder, node, problem.suggestion, "%s", problem.message);
    else if (value < 1 || value > limit)
        bind_error(&reader->binder, node, NULL, "expected a number from 1 to %llu", (unsigned long long)limit);
    else
        return value;
    return otherwise;
}

/* The number of blanks at the beginning of the first line with text below the place. */
static uint32_t indent_below(const char *text, uint32_t line)
{
    for (; line > 0 && text != NULL; line--) {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    while (text != NULL && text[strspn(text, " ")] == '\n')
        text += strspn(text, " ") + 1;
    return text != NULL ? (uint32_t)strspn(text, " ") : 0;
}

static char character_at(const char *text, struct place place)
{
    for (uint32_t line = 1; line < place.line && text != NULL; line++) {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return text != NULL && strcspn(text, "\n") >= place.column ? text[place.column - 1] : '\0';
}

struct formula_text read_formula_text(const struct reader *reader, const struct node *node)
{
    char first = character_at(reader->source_text, node->place);
    struct formula_text text = { node->text, node->place, !node->is_quoted && (first == '|' || first == '>'), 0 };

    if (text.is_block)
        text.indent = indent_below(reader->source_text, node->place.line);
    text.place.column += node->is_quoted;
    return text;
}

struct formula *read_formula(const struct reader *reader, const struct node *node)
{
    if (bind_text(&reader->binder, node, "a formula") == NULL)
        return NULL;
    struct formula_text text = read_formula_text(reader, node);
    return formula_parse_all(&text, reader->diag);
}

struct formula *read_conditions(const struct reader *reader, const struct node *map, const char *key)
{
    const struct node *node = node_find(map, key);

    if (node == NULL || bind_text(&reader->binder, node, "conditions like irqchip=kernel") == NULL)
        return NULL;
    struct formula_text text = read_formula_text(reader, node);
    return formula_parse_conditions(&text, reader->diag);
}

static void set_run(void *context, struct formula *name)
{
    const char *run = context;

    for (size_t i = 0; i < name->condition_count; i++)
        if (strcmp(name->conditions[i].name, "run") == 0)
            return;
    struct formula_condition *condition = ARRAY_ADD(name->conditions, name->condition_count);
    *condition = (struct formula_condition){ .name = text_copy("run"), .axis = SIZE_MAX, .quantity = SIZE_MAX };
    condition->place = name->place;
    *(char **)ARRAY_ADD(condition->values, condition->value_count) = text_copy(run);
}

void formula_set_run(struct formula *formula, const char *run) { formula_each_name(formula, set_run, (void *)run); }

/* --- derived quantities --- */

static bool is_good_name(const struct reader *reader, const struct node *node)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    if (node->key[0] == '\0' || node->key[strspn(node->key, letters)] != '\0' || strspn(node->key, "0123456789") > 0) {
        diag_error(reader->diag, node->key_place,
                   "a name consists of letters, digits and '_', and begins with a letter");
        return false;
    }
    if (!formula_is_keyword(node->key))
        return true;
    diag_error(reader->diag, node->key_place, "'%s' means something else in a formula", node->key);
    return false;
}

static void read_details(struct reader *reader, const struct node *map, struct experiment_quantity *quantity)
{
    static const char *const keys[] = { "formula", "unit", "title", "meaning", "better", NULL };
    const struct node *better = node_find(map, "better");

    read_check_keys(reader, map, keys);
    free(quantity->unit);
    quantity->unit = read_string(reader, map, "unit", "a unit");
    quantity->title = read_string(reader, map, "title", "a heading");
    quantity->meaning = read_string(reader, map, "meaning", "a sentence");
    if (better == NULL)
        return;
    const char *text = bind_text(&reader->binder, better, "lower or higher");
    if (text != NULL && strcmp(text, "lower") == 0)
        quantity->better = METRIC_LOWER;
    else if (text != NULL && strcmp(text, "higher") == 0)
        quantity->better = METRIC_HIGHER;
    else if (text != NULL)
        bind_error(&reader->binder, better, NULL, "expected lower or higher, not '%.40s'", text);
}

void read_derive(struct reader *reader, const struct node *node)
{
    struct experiment *experiment = reader->experiment;

    node = bind_map(&reader->binder, node, "names and formulas");
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL; child = child->next) {
        const struct node *formula = child->kind == NODE_MAP ? node_find(child, "formula") : child;

        if (!is_good_name(reader, child))
            continue;
        struct experiment_quantity *quantity = ARRAY_ADD(experiment->quantities, experiment->quantity_count);
        quantity->name = text_copy(child->key);
        quantity->place = child->key_place;
        quantity->better = METRIC_NEUTRAL;
        if (child->kind == NODE_MAP)
            read_details(reader, child, quantity);
        if (formula == NULL) {
            diag_error(reader->diag, child->key_place, "missing key 'formula' at .derive.%s", child->key);
            quantity->text = text_copy("");
            continue;
        }
        quantity->formula = read_formula(reader, formula);
        quantity->text = text_copy(formula->kind == NODE_SCALAR ? formula->text : "");
    }
}

/* Metrics that data.csv shall have although nothing else names them. */
void read_keep(struct reader *reader, const struct node *node)
{
    struct experiment *experiment = reader->experiment;

    node = bind_list(&reader->binder, node, "metrics");
    for (const struct node *child = node != NULL ? node->first : NULL; child != NULL; child = child->next) {
        if (bind_text(&reader->binder, child, "a metric") == NULL)
            continue;
        struct formula *formula = read_formula(reader, child);
        if (formula != NULL)
            *(struct formula **)ARRAY_ADD(experiment->kept, experiment->kept_count) = formula;
    }
}

/* --- the file --- */

/* The first paragraph of the comment at the beginning is the question unless there is a section `question`. */
static void read_question(struct reader *reader, const struct node *root)
{
    struct experiment *experiment = reader->experiment;

    experiment->question = read_string(reader, root, "question", "a question");
    if (experiment->question == NULL)
        experiment->question = scenario_comment(reader->source_text);
    if (experiment->question[0] == '\0')
        diag_warning(reader->diag, root->place,
                     "an experiment should ask something: neither a section `question` nor a comment at the beginning");
}

static void read_root(struct reader *reader, const struct node *root)
{
    struct experiment *experiment = reader->experiment;

    read_check_keys(reader, root, sections);
    read_question(reader, root);
    if (node_find(root, "runs") == NULL)
        diag_error(reader->diag, root->place,
                   "missing section 'runs': the scenarios to run, as in { alone: vfio-alone }");
    read_runs(reader, node_find(root, "runs"));
    read_derive(reader, node_find(root, "derive"));
    read_keep(reader, node_find(root, "keep"));
    read_tables(reader, node_find(root, "tables"));
    read_figures(reader, node_find(root, "figures"));
    read_published(reader, node_find(root, "published"));
    read_expectations(reader, node_find(root, "expect"), false);
    read_expectations(reader, node_find(root, "aim"), true);
    read_text(reader, node_find(root, "verdict"), &experiment->verdict);
    read_text(reader, node_find(root, "notes"), &experiment->notes);
    size_t errors = reader->diag->error_count;
    load_runs(reader);
    /* Without all axes, errors would be reported that are none. */
    if (reader->diag->error_count == errors)
        resolve_names(reader);
}

/* "bench/experiments/vfio-cost.yaml" -> "vfio-cost" */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *from = slash != NULL ? slash + 1 : path;
    size_t bytes = strlen(from);
    static const char *const endings[] = { ".yaml", ".experiment" };

    for (size_t i = 0; i < 2; i++)
        if (bytes > strlen(endings[i]) &&
            strncmp(from + bytes - strlen(endings[i]), endings[i], strlen(endings[i])) == 0)
            bytes -= strlen(endings[i]);
    char *name = text_copy_bytes(from, bytes);
    return name;
}

enum experiment_status experiment_load_text(struct experiment *experiment, const char *path, const char *text,
                                            size_t bytes, bool is_quick, struct diag *diag)
{
    struct reader reader = { .experiment = experiment, .diag = diag, .binder = { .diag = diag } };
    char *ended = strndup(text, bytes); /* with a zero, which the bytes of a caller need not have */
    size_t errors = diag->error_count;

    *experiment = (struct experiment){ .path = text_copy(path), .name = name_of(path), .is_quick = is_quick };
    CHECK(ended != NULL);
    sha256_text(text, bytes, experiment->hash);
    reader.source_text = ended;
    yaml_tree_init(&experiment->tree);
    struct place origin = { diag_source_file(diag, path, text, bytes), 1, 1 };
    const struct node *root = yaml_read(&experiment->tree, text, bytes, origin, diag);
    if (root != NULL && bind_map(&reader.binder, root, "sections: runs, derive, tables, figures, expect, ...") != NULL)
        read_root(&reader, root);
    free(ended);
    if (diag->error_count == errors)
        return EXPERIMENT_OK;
    experiment_free(experiment);
    return diag->is_unreadable ? EXPERIMENT_UNREADABLE : EXPERIMENT_INVALID;
}

enum experiment_status experiment_load(struct experiment *experiment, const char *path, bool is_quick,
                                       struct diag *diag)
{
    char *text;
    size_t bytes;
    enum text_file_status status = text_file_read(path, path, (struct place){ 0, 0, 0 }, diag, &text, &bytes);

    *experiment = (struct experiment){ 0 };
    if (status != TEXT_FILE_OK)
        return status == TEXT_FILE_INVALID ? EXPERIMENT_INVALID : EXPERIMENT_UNREADABLE;
    enum experiment_status loaded = experiment_load_text(experiment, path, text, bytes, is_quick, diag);
    free(text);
    return loaded;
}
