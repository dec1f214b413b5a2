/* SPDX-License-Identifier: Apache-2.0
 *
 * Binds sections, rows and values, and stores origins in a growing array.
 */
#define _GNU_SOURCE
#include "scenario/bind.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "models/family/keys.h"

#define PATH_BYTES 512

static const char *const kind_names[] = { [NODE_SCALAR] = "a value", [NODE_MAP] = "a map", [NODE_LIST] = "a list" };

void bind_error(const struct binder *binder, const struct node *node, const char *suggestion, const char *format, ...)
{
    char path[PATH_BYTES], message[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    node_path(node, path, sizeof(path));
    diag_error(binder->diag, node->place, "%s%s%s%s", message, path[0] ? " at " : "", path,
               suggestion ? suggestion : "");
}

void bind_unknown_key(const struct binder *binder, const struct node *node, const struct option_table *table,
                      const char *const *others)
{
    char path[PATH_BYTES], suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, node->key);
    for (size_t i = 0; table && i < table->count; i++)
        suggest_offer(&suggest, table->rows[i].key);
    for (; others && *others; others++)
        suggest_offer(&suggest, *others);
    diag_error(binder->diag, node->key_place, "unknown key '%.80s' at %s%s", node->key,
               node_path(node, path, sizeof(path)), suggest_text(&suggest, suggestion));
}

const struct node *bind_map(const struct binder *binder, const struct node *node, const char *what)
{
    if (!node || node->kind == NODE_MAP)
        return node;
    bind_error(binder, node, NULL, "expected a map of %s, not %s", what, kind_names[node->kind]);
    return NULL;
}

const struct node *bind_list(const struct binder *binder, const struct node *node, const char *what)
{
    if (!node || node->kind == NODE_LIST)
        return node;
    bind_error(binder, node, NULL, "expected a list of %s, not %s", what, kind_names[node->kind]);
    return NULL;
}

const char *bind_text(const struct binder *binder, const struct node *node, const char *what)
{
    if (node->kind == NODE_SCALAR)
        return node->text;
    bind_error(binder, node, NULL, "expected %s, not %s", what, kind_names[node->kind]);
    return NULL;
}

/* Converts a duration to cycles: 44ns at 2GHz are 88cy. Returns false when the text is not a duration. */
static bool cycles_from_text(const struct binder *binder, const char *text, char *cycles_text, size_t bytes)
{
    struct option_problem problem;
    uint64_t ns;

    if (binder->frequency_hz == 0 || !option_parse_number(OPTION_DURATION, text, &ns, &problem) || ns > 1000000000000u)
        return false;
    option_format_number(OPTION_CYCLES, cycles_from_ns(ns, binder->frequency_hz), cycles_text, bytes);
    return true;
}

static bool bind_scalar(const struct binder *binder, const struct option *option, const struct node *node,
                        uint32_t index, void *record)
{
    struct option_problem problem;
    char expected[400], cycles_text[32];
    const char *text;

    text = bind_text(binder, node, option_expected(option, expected, sizeof(expected)));
    if (!text)
        return false;
    if (option->type == OPTION_CYCLES && cycles_from_text(binder, text, cycles_text, sizeof(cycles_text)))
        text = cycles_text;
    if (option_parse(option, text, record, index, &problem))
        return true;
    bind_error(binder, node, problem.suggestion, "%s", problem.message);
    return false;
}

static bool bind_elements_by_name(const struct binder *binder, const struct option *option, const struct node *node,
                                  bool keeps_missing, void *record)
{
    uint32_t found = 0;
    bool is_good = true;

    for (const struct node *child = node->first; child; child = child->next) {
        uint32_t index = 0;

        while (distance_names[index] && strcmp(distance_names[index], child->key) != 0)
            index++;
        if (!distance_names[index]) {
            bind_unknown_key(binder, child, NULL, distance_names);
            is_good = false;
            continue;
        }
        is_good = bind_scalar(binder, option, child, index, record) && is_good;
        found++;
    }
    if (is_good && found < option->count && !keeps_missing) {
        bind_error(binder, node, NULL, "only %u of the three values near, middle and far are given", found);
        is_good = false;
    }
    return is_good;
}

bool bind_value(const struct binder *binder, const struct option *option, const struct node *node, bool keeps_missing,
                void *record)
{
    uint32_t index = 0;
    bool is_good = true;

    if (option->count <= 1)
        return bind_scalar(binder, option, node, 0, record);
    if (node->kind == NODE_MAP)
        return bind_elements_by_name(binder, option, node, keeps_missing, record);
    if (node->kind == NODE_SCALAR || node->child_count != option->count) {
        bind_error(binder, node, NULL, "expected a list of %u: [near, middle, far]", option->count);
        return false;
    }
    for (const struct node *child = node->first; child; child = child->next)
        is_good = bind_scalar(binder, option, child, index++, record) && is_good;
    return is_good;
}

const struct node *section_find(const struct section *section, const char *key)
{
    const struct node *node = node_find(section->node, key);

    return node ? node : node_find(section->fallback, key);
}

static bool is_known(const char *key, const struct option_table *table, const char *const *others)
{
    for (; others && *others; others++) {
        if (!strcmp(*others, key))
            return true;
    }
    return option_find(table, key) != NULL;
}

static void check_keys(const struct binder *binder, const struct option_table *table, const struct node *node,
                       const char *const *others)
{
    for (const struct node *child = node && node->kind == NODE_MAP ? node->first : NULL; child; child = child->next) {
        if (!is_known(child->key, table, others))
            bind_unknown_key(binder, child, table, others);
    }
}

static void bind_missing(const struct binder *binder, const struct option *option, const struct section *section,
                         void *record)
{
    struct option_problem problem;
    char path[PATH_BYTES] = "";

    if (option->default_text) {
        for (uint32_t i = 0; i < (option->count ? option->count : 1); i++)
            CHECK(option_parse(option, option->default_text, record, i, &problem));
        return;
    }
    if (section->node)
        node_path(section->node, path, sizeof(path));
    diag_error(binder->diag, section->place, "missing key '%s'%s%s: %s", option->key, path[0] ? " at " : "", path,
               option->help);
}

void bind_row(const struct binder *binder, const struct option *option, const struct section *section, void *record)
{
    const struct node *node = section_find(section, option->key);
    struct option_problem problem;

    if (!node && !section->keeps_missing) {
        bind_missing(binder, option, section, record);
    } else if (node) {
        if (option->default_text)
            CHECK(option_parse(option, option->default_text, record, 0, &problem));
        if (bind_value(binder, option, node, section->keeps_missing, record))
            origins_add(binder, section->path, option->key, node->place, NULL);
    }
}

void bind_section(const struct binder *binder, const struct option_table *table, const struct section *section,
                  void *record)
{
    check_keys(binder, table, section->node, section->others);
    check_keys(binder, table, section->fallback, section->others);
    for (size_t i = 0; i < table->count; i++)
        bind_row(binder, &table->rows[i], section, record);
}

void origins_add(const struct binder *binder, const char *prefix, const char *key, struct place place, const char *note)
{
    struct origins *origins = binder->origins;
    struct scenario_origin *row;
    char text[4200];

    if (!origins)
        return;
    if (origins->count == origins->capacity) {
        origins->capacity = origins->capacity ? 2 * origins->capacity : 64;
        origins->rows = realloc(origins->rows, origins->capacity * sizeof(*origins->rows));
        CHECK(origins->rows != NULL);
    }
    diag_place_text(binder->diag, place, text, sizeof(text));
    row = &origins->rows[origins->count++];
    CHECK(asprintf(&row->path, "%s%s%s", prefix, *prefix ? "." : "", key) > 0);
    CHECK(asprintf(&row->text, "%s%s%s%s", text, note ? " (" : "", note ? note : "", note ? ")" : "") >= 0);
}

struct ordered_origin {
    struct scenario_origin row;
    size_t order;
};

static int compare_origins(const void *left, const void *right)
{
    const struct ordered_origin *a = left, *b = right;
    int order = strcmp(a->row.path, b->row.path);

    return order != 0 ? order : a->order < b->order ? -1 : 1;
}

void origins_sort(struct origins *origins)
{
    struct ordered_origin *ordered = calloc(origins->count + 1, sizeof(*ordered));
    size_t kept = 0;

    CHECK(ordered != NULL);
    for (size_t i = 0; i < origins->count; i++)
        ordered[i] = (struct ordered_origin){ origins->rows[i], i };
    qsort(ordered, origins->count, sizeof(*ordered), compare_origins);
    for (size_t i = 0; i < origins->count; i++) {
        if (i + 1 < origins->count && !strcmp(ordered[i].row.path, ordered[i + 1].row.path)) {
            free(ordered[i].row.path);
            free(ordered[i].row.text);
        } else {
            origins->rows[kept++] = ordered[i].row;
        }
    }
    origins->count = kept;
    free(ordered);
}
