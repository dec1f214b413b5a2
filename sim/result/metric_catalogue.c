/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of all families and of the engine, their order in reports, and the format of numbers. Reports group rows by
 * subject (the first component of a name), independently of their tables; subjects are ordered by their first rows.
 */
#include "result/metric_catalogue.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/engine_metrics.h"

/* --- rows, in the order of their tables --- */

static const struct metric_table *const run_tables[] = { &engine_metric_table, &wall_metric_table, NULL };

static bool has_table(const struct metric_table *const *tables, const struct metric_table *table)
{
    for (; *tables != NULL; tables++)
        if (*tables == table)
            return true;
    return false;
}

/* Whether this family is the first one that reports the table. */
static bool is_first(const struct metric_table *table, size_t family)
{
    for (size_t i = 0; i < family; i++)
        if (has_table(families[i]->metric_tables, table))
            return false;
    return true;
}

/* Returns table number `index` of all families and the engine, each table counted once; NULL after the last. */
static const struct metric_table *table_at(size_t index)
{
    for (size_t family = 0; family < family_count; family++)
        for (const struct metric_table *const *table = families[family]->metric_tables; *table != NULL; table++)
            if (is_first(*table, family) && index-- == 0)
                return *table;
    return run_tables[index];
}

struct cursor {
    size_t tables, row; /* number of tables begun; next row of the last one */
    const struct metric_table *table;
};

/* Returns the next row, or NULL at the end. */
static const struct metric_row *next_row(struct cursor *cursor)
{
    while (cursor->table == NULL || cursor->row == cursor->table->count) {
        cursor->table = table_at(cursor->tables++);
        cursor->row = 0;
        if (cursor->table == NULL)
            return NULL;
    }
    return &cursor->table->rows[cursor->row++];
}

const struct metric_row *metric_describe(const char *name)
{
    struct cursor cursor = { .table = NULL };
    const struct metric_row *row;

    while ((row = next_row(&cursor)) != NULL && !metric_name_matches(row->name, name))
        ;
    return row;
}

bool metric_is_reported_by(const struct metric_row *row, const struct family *family)
{
    const struct metric_table *const *lists[] = { family->metric_tables, run_tables };

    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++)
        for (const struct metric_table *const *table = lists[list]; *table != NULL; table++)
            if (row >= (*table)->rows && row < (*table)->rows + (*table)->count)
                return true;
    return false;
}

/* --- the order of reports --- */

static bool has_same_subject(const char *left, const char *right)
{
    size_t bytes = strcspn(left, ".");

    return bytes == strcspn(right, ".") && memcmp(left, right, bytes) == 0;
}

struct order {
    size_t subject, row; /* positions among all rows; SIZE_MAX when no row matches the name */
};

static struct order order_of(const char *name)
{
    struct order order = { SIZE_MAX, SIZE_MAX };
    struct cursor cursor = { .table = NULL };
    const struct metric_row *row;

    for (size_t i = 0; order.row == SIZE_MAX && (row = next_row(&cursor)) != NULL; i++) {
        if (!has_same_subject(row->name, name))
            continue;
        if (order.subject == SIZE_MAX)
            order.subject = i;
        if (metric_name_matches(row->name, name))
            order.row = i;
    }
    return order.row == SIZE_MAX ? (struct order){ SIZE_MAX, SIZE_MAX } : order;
}

static int order_compare(const struct order *left, const char *left_name, const struct order *right,
                         const char *right_name)
{
    if (left->subject != right->subject)
        return left->subject < right->subject ? -1 : 1;
    if (left->row != right->row)
        return left->row < right->row ? -1 : 1;
    return strcmp(left_name, right_name);
}

/* A name with its place, which is found once and not at every comparison. */
struct placed {
    struct order order;
    const char *name;
    const struct metric_row *row; /* NULL for names of no row */
};

static int placed_compare(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;

    return order_compare(&a->order, a->name, &b->order, b->name);
}

static int text_compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

size_t metric_names_sort(const char **names, size_t count)
{
    struct placed *placed = malloc((count + 1) * sizeof *placed);
    size_t kept = 0;

    CHECK(placed != NULL);
    if (count > 0)
        qsort(names, count, sizeof *names, text_compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(names[i], placed[kept - 1].name) != 0)
            placed[kept++] = (struct placed){ order_of(names[i]), names[i], NULL };
    qsort(placed, kept, sizeof *placed, placed_compare);
    for (size_t i = 0; i < kept; i++)
        names[i] = placed[i].name;
    free(placed);
    return kept;
}

const struct metric_row **metric_catalogue_new(size_t *count)
{
    const struct metric_row **rows, *row;
    struct cursor cursor = { .table = NULL };

    *count = 0;
    while (next_row(&cursor) != NULL)
        ++*count;
    CHECK(*count > 0); /* the simulation itself has rows */
    rows = malloc(*count * sizeof *rows);
    struct placed *placed = malloc(*count * sizeof *placed);
    CHECK(rows != NULL && placed != NULL);
    cursor = (struct cursor){ .table = NULL };
    for (size_t i = 0; (row = next_row(&cursor)) != NULL; i++)
        placed[i] = (struct placed){ order_of(row->name), row->name, row };
    qsort(placed, *count, sizeof *placed, placed_compare);
    for (size_t i = 0; i < *count; i++)
        rows[i] = placed[i].row;
    free(placed);
    return rows;
}

/* --- units and numbers --- */

const char *metric_unit(const char *name)
{
    static const struct {
        const char *ending, *unit;
    } endings[] = {
        { ".percent", "%" }, { "_ns", "ns" }, { "_seconds", "s" }, { "_bytes", "bytes" }, { "_per_second", "1/s" }
    };
    const struct metric_row *row = metric_describe(name);

    if (row != NULL)
        return row->unit;
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t ending = strlen(endings[i].ending);
        if (length >= ending && strcmp(name + length - ending, endings[i].ending) == 0)
            return endings[i].unit;
    }
    return "count";
}

enum metric_better metric_better(const char *name)
{
    const struct metric_row *row = metric_describe(name);
    return row != NULL ? row->better : METRIC_NEUTRAL;
}

const char *metric_better_name(enum metric_better better)
{
    static const char *const names[] = { "lower", "higher", "neutral" };
    return names[better];
}

struct scale {
    double from;    /* the smallest value of this scale */
    double divisor; /* of values in this scale */
    const char *suffix;
};

/* Returns the largest scale whose `from` the value reaches. Rows are in ascending order. */
static void format_scaled(double value, const struct scale *scales, char text[METRIC_TEXT_BYTES])
{
    const struct scale *scale = scales;
    while (scale[1].suffix != NULL && fabs(value) >= scale[1].from)
        scale++;
    double scaled = value / scale->divisor;
    double size = fabs(scaled);
    int decimals = size >= 99.995 ? 1 : size >= 9.9995 ? 2 : 3;
    if (scaled == floor(scaled) && size < 1e7 && scale->divisor == 1)
        decimals = 0;
    snprintf(text, METRIC_TEXT_BYTES, "%.*f%s", decimals, scaled, scale->suffix);
}

void metric_format(double value, const char *unit, char text[METRIC_TEXT_BYTES])
{
    static const struct scale times[] = {
        { 0, 1, " ns" }, { 999.95, 1e3, " us" }, { 999.95e3, 1e6, " ms" }, { 999.95e6, 1e9, " s" }, { 0, 0, NULL }
    };
    static const struct scale sizes[] = { { 0, 1, " B" },
                                          { 1024, 1024, " KiB" },
                                          { 1048576, 1048576, " MiB" },
                                          { 1073741824, 1073741824, " GiB" },
                                          { 0, 0, NULL } };
    static const struct scale counts[] = {
        { 0, 1, "" }, { 1e7, 1e6, "M" }, { 1e10, 1e9, "G" }, { 1e13, 1e12, "T" }, { 0, 0, NULL }
    };

    if (isnan(value))
        strcpy(text, "-");
    else if (isinf(value))
        strcpy(text, value > 0 ? "inf" : "-inf");
    else if (strcmp(unit, "%") == 0)
        snprintf(text, METRIC_TEXT_BYTES, value != 0 && fabs(value) < 0.005 ? "%.1g" : "%.2f", value);
    else if (strcmp(unit, "ns") == 0)
        format_scaled(value, times, text);
    else if (strcmp(unit, "s") == 0)
        format_scaled(value * 1e9, times, text);
    else if (strcmp(unit, "bytes") == 0)
        format_scaled(value, sizes, text);
    else
        format_scaled(value, counts, text);
}
