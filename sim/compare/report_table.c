/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts of single differences, and the table of two sides.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compare/report_parts.h"
#include "result/metric_catalogue.h"

enum { METRIC_WIDTH_MIN = 12 };

void report_value(const struct compare_row *row, size_t side, char *text, size_t text_bytes)
{
    char value[METRIC_TEXT_BYTES];

    metric_format(row->means[side].value, metric_unit(row->metric), value);
    (void)snprintf(text, text_bytes, "%s", value);
}

/* The difference itself: "+5 ±2". */
static void write_difference(const struct compare_row *row, size_t side, char *text, size_t text_bytes)
{
    const struct compare_difference *difference = &row->differences[side];
    const char *unit = metric_unit(row->metric);
    char value[METRIC_TEXT_BYTES], half[METRIC_TEXT_BYTES];

    metric_format(difference->estimate.value, unit, value);
    metric_format(difference->half_width, unit, half);
    bool has_interval = isfinite(difference->half_width);
    (void)snprintf(text, text_bytes, "%s%s%s%s", difference->estimate.value > 0 ? "+" : "", value,
                   has_interval ? " ±" : "", has_interval ? half : "");
}

void report_change(const struct compare_row *row, size_t side, char *text, size_t text_bytes)
{
    const struct compare_difference *difference = &row->differences[side];
    double percent = difference->percent, half = 100 * difference->half_width / fabs(difference->base_mean);
    int digits = !isfinite(half) || half == 0 ? 1 : half < 0.995 ? 2 : half < 9.95 ? 1 : 0;

    if (isnan(difference->estimate.value))
        (void)snprintf(text, text_bytes, "-");
    else if (difference->estimate.value == 0 && difference->estimate.standard_error == 0)
        (void)snprintf(text, text_bytes, "0");
    else if (isnan(percent))
        write_difference(row, side, text, text_bytes);
    else if (!isfinite(half))
        (void)snprintf(text, text_bytes, "%+.*f %%", digits, percent);
    else if (half == 0)
        (void)snprintf(text, text_bytes, "%+.*f ±0 %%", digits, percent);
    else
        (void)snprintf(text, text_bytes, "%+.*f ±%.*f %%", digits, percent, digits, half);
}

static void write_inconclusive(const struct compare_difference *difference, char *text, size_t text_bytes)
{
    if (difference->seeds_needed == 0)
        (void)snprintf(text, text_bytes, "%s", compare_verdict_name(VERDICT_INCONCLUSIVE));
    else if (difference->seeds_needed > COMPARE_SEEDS_MAX)
        (void)snprintf(text, text_bytes, "needs >%d seeds", COMPARE_SEEDS_MAX);
    else
        (void)snprintf(text, text_bytes, "needs ~%zu seeds", difference->seeds_needed);
}

void report_verdict(const struct comparison *comparison, const struct compare_row *row, size_t side, bool use_colour,
                    char *text, size_t text_bytes)
{
    static const char *const colours[] = { "", "", "\033[32m", "\033[31m", "\033[33m", "\033[33m" };
    enum compare_verdict verdict = row->differences[side].verdict;
    bool is_coloured = use_colour && colours[verdict][0] != '\0';
    char plain[96];

    if (verdict == VERDICT_UNOBSERVED) {
        size_t whose = row->unobserved[side] > 0 ? side : 0;
        (void)snprintf(plain, sizeof plain, "%s%s in %zu of %zu", whose == 0 ? "base " : "",
                       compare_verdict_name(verdict), row->unobserved[whose], comparison->sides[whose].count);
    } else if (verdict == VERDICT_INCONCLUSIVE) {
        write_inconclusive(&row->differences[side], plain, sizeof plain);
    } else {
        (void)snprintf(plain, sizeof plain, "%s", compare_verdict_name(verdict));
    }
    (void)snprintf(text, text_bytes, "%s%s%s", is_coloured ? colours[verdict] : "", plain,
                   is_coloured ? "\033[0m" : "");
}

static void add_line(struct table *table, const struct comparison *comparison, size_t side,
                     const struct report_line *line, bool use_colour)
{
    char text[REPORT_TEXT_BYTES];

    table_cell(table, "%s", line->metric);
    if (line->row == NULL) {
        for (size_t column = 1; column + 1 < table->columns; column++)
            table_cell(table, "-");
        table_cell(table, "not reported");
        return;
    }
    report_value(line->row, 0, text, sizeof text);
    table_cell(table, "%s", text);
    report_value(line->row, side, text, sizeof text);
    table_cell(table, "%s", text);
    report_change(line->row, side, text, sizeof text);
    table_cell(table, "%s", text);
    report_verdict(comparison, line->row, side, use_colour, text, sizeof text);
    table_cell(table, "%s", text);
}

static void add_title(struct table *table, const char *title)
{
    table_cell(table, "%s", title);
    for (size_t column = 1; column < table->columns; column++)
        table_cell(table, "%s", "");
}

struct table report_table(const struct comparison *comparison, size_t side, const struct report_line *lines,
                          size_t line_count, const char *title, size_t title_at, const struct compare_layout *layout)
{
    struct table table;

    for (bool has_labels = true;; has_labels = false) {
        table_init(&table, 5, 1);
        table.is_last_left = true;
        table_cell(&table, "metric");
        table_cell(&table, "%s", has_labels ? comparison->sides[0].label : "base");
        table_cell(&table, "%s", has_labels ? comparison->sides[side].label : "new");
        table_cell(&table, "change");
        table_cell(&table, "verdict");
        for (size_t i = 0; i < line_count; i++) {
            if (title != NULL && i == title_at)
                add_title(&table, title);
            add_line(&table, comparison, side, &lines[i], layout->use_colour);
        }
        size_t width = table_width(&table);
        if (width <= layout->width)
            return table;
        if (!has_labels) {
            size_t excess = width - layout->width, longest = table_column_width(&table, 0);
            table_shorten(&table, 0, longest > METRIC_WIDTH_MIN + excess ? longest - excess : METRIC_WIDTH_MIN);
            return table;
        }
        table_free(&table);
    }
}
