/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints a comparison as a table and converts it to JSON.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "compare/compare.h"
#include "result/engine_metrics.h"
#include "result/metric_catalogue.h"
#include "result/report.h"
#include "result/table.h"

static void print_mean(struct table *table, const struct compare_row *row, size_t side);
static void print_difference(struct table *table, const struct compare_row *row, size_t side);
static void print_verdict(struct table *table, const struct comparison *comparison, const struct compare_row *row,
                          size_t side, bool use_colour);
static void print_footer(const struct comparison *comparison, FILE *out);

/* Whether no run has observed the metric. */
static bool is_unobserved(const struct comparison *comparison, const struct compare_row *row)
{
    for (size_t side = 0; side < comparison->side_count; side++)
        if (!isnan(row->means[side].value))
            return false;
    return true;
}

/* Whether a row is left out because its metric is the same in all runs. Counts of interrupts are always shown. */
static bool is_identical(const struct comparison *comparison, const struct compare_row *row)
{
    if (is_unobserved(comparison, row))
        return comparison->side_count > 1;
    for (size_t side = 1; side < comparison->side_count; side++) {
        const struct statistics_estimate *estimate = &row->differences[side].estimate;
        if (estimate->value != 0 || estimate->standard_error != 0 || row->means[side].standard_error != 0)
            return false;
    }
    return comparison->side_count > 1 && strncmp(row->metric, "irq.", 4) != 0;
}

void comparison_print(const struct comparison *comparison, FILE *out, bool wants_all, bool use_colour)
{
    struct table table;
    size_t hidden = 0;

    table_init(&table, 1 + comparison->side_count + 2 * (comparison->side_count - 1), 1);
    table_cell(&table, "metric");
    table_cell(&table, "%s", comparison->sides[0].label);
    for (size_t side = 1; side < comparison->side_count; side++) {
        table_cell(&table, "%s", comparison->sides[side].label);
        table_cell(&table, "difference");
        table_cell(&table, "verdict");
    }
    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        if (!wants_all && is_identical(comparison, row)) {
            hidden++;
            continue;
        }
        table_cell(&table, "%s", row->metric);
        print_mean(&table, row, 0);
        for (size_t side = 1; side < comparison->side_count; side++) {
            print_mean(&table, row, side);
            print_difference(&table, row, side);
            print_verdict(&table, comparison, row, side, use_colour);
        }
    }
    table_print(&table, out, 0, use_colour);
    table_free(&table);
    print_footer(comparison, out);
    if (hidden > 0)
        fprintf(out, "%zu of %zu metrics are the same in every run and not shown (--all shows them)\n", hidden,
                comparison->row_count);
}

/* Writes "35.70 ±0.80", or only the value when there is no interval. */
static void format_estimate(char *text, size_t text_bytes, const struct statistics_estimate *estimate, const char *unit,
                            bool is_signed)
{
    char value[METRIC_TEXT_BYTES], half_width[METRIC_TEXT_BYTES];
    double half = statistics_half_width(estimate);

    metric_format(estimate->value, unit, value);
    metric_format(half, unit, half_width);
    snprintf(text, text_bytes, "%s%s%s%s", is_signed && estimate->value > 0 ? "+" : "", value,
             isfinite(half) ? " ±" : "", isfinite(half) ? half_width : "");
}

static void print_mean(struct table *table, const struct compare_row *row, size_t side)
{
    char text[3 * METRIC_TEXT_BYTES];
    format_estimate(text, sizeof text, &row->means[side], metric_unit(row->metric), false);
    table_cell(table, "%s", text);
}

/* The verdict; for seeds without an observation also how many, of this side or else of the base. */
static void print_verdict(struct table *table, const struct comparison *comparison, const struct compare_row *row,
                          size_t side, bool use_colour)
{
    static const char *const colours[] = { "", "", "\033[32m", "\033[31m", "\033[33m", "\033[33m" };
    enum compare_verdict verdict = row->differences[side].verdict;
    bool is_coloured = use_colour && colours[verdict][0] != '\0';
    char text[96];

    snprintf(text, sizeof text, "%s", compare_verdict_name(verdict));
    if (verdict == VERDICT_UNOBSERVED) {
        size_t whose = row->unobserved[side] > 0 ? side : 0, seeds = comparison->sides[whose].count;
        snprintf(text, sizeof text, "%s%s in %zu of %zu seed%s", whose == 0 ? "base " : "",
                 compare_verdict_name(verdict), row->unobserved[whose], seeds, seeds == 1 ? "" : "s");
    }
    table_cell(table, "%s%s%s", is_coloured ? colours[verdict] : "", text, is_coloured ? "\033[0m" : "");
}

static void print_difference(struct table *table, const struct compare_row *row, size_t side)
{
    const struct compare_difference *difference = &row->differences[side];
    char text[3 * METRIC_TEXT_BYTES], percent[32] = "";

    if (isnan(difference->estimate.value)) {
        table_cell(table, "-");
    } else {
        format_estimate(text, sizeof text, &difference->estimate, metric_unit(row->metric), true);
        if (!isnan(difference->percent))
            snprintf(percent, sizeof percent, " (%+.*f %%)", fabs(difference->percent) < 99.95 ? 1 : 0,
                     difference->percent);
        table_cell(table, "%s%s", text, percent);
    }
}

static void print_footer(const struct comparison *comparison, FILE *out)
{
    const struct compare_side *base = &comparison->sides[0];
    size_t unobserved = comparison_verdict_count(comparison, VERDICT_UNOBSERVED);
    bool is_paired = true;

    for (size_t side = 1; side < comparison->side_count; side++)
        is_paired = is_paired && compare_is_paired(base, &comparison->sides[side]);
    fprintf(out, "\n%zu seed%s", base->count, base->count == 1 ? "" : "s");
    if (base->count > 1)
        fprintf(out, ", %s differences, ± 95 %% confidence", is_paired ? "paired" : "unpaired (Welch)");
    else
        fprintf(out, ": no confidence intervals and no verdicts except \"same\" (use --seeds 5)");
    if (comparison->side_count > 1)
        fprintf(out,
                "\nverdicts beyond %g %% of %s, corrected for %zu test%s: %zu better, %zu worse, %zu same, %zu "
                "inconclusive",
                comparison->threshold_percent, base->label, comparison->tested_count,
                comparison->tested_count == 1 ? "" : "s", comparison_verdict_count(comparison, VERDICT_BETTER),
                comparison_verdict_count(comparison, VERDICT_WORSE), comparison_verdict_count(comparison, VERDICT_SAME),
                comparison_verdict_count(comparison, VERDICT_INCONCLUSIVE));
    if (unobserved > 0)
        fprintf(out, ", %zu unobserved", unobserved);
    fputc('\n', out);
}

/* Adds the means of the wall-clock metrics of a side. Results that were read from a file have none. */
static void add_wall_mean(json_t *metrics, const struct compare_side *side)
{
    struct result_wall sum = { .seconds = 0 };
    double simulated_seconds = 0;

    for (size_t i = 0; i < side->count; i++) {
        const struct result_wall *wall = &side->results[i]->wall;
        sum.seconds += wall->seconds;
        sum.events += wall->events;
        simulated_seconds += (double)side->results[i]->simulated_ns / 1e9;
        if (wall->peak_rss_bytes > sum.peak_rss_bytes)
            sum.peak_rss_bytes = wall->peak_rss_bytes;
    }
    wall_add_to_json(metrics, &sum, simulated_seconds, side->count);
}

static json_t *side_to_json(const struct comparison *comparison, size_t index)
{
    const struct compare_side *side = &comparison->sides[index];
    json_t *json = json_object(), *metrics = json_object(), *confidence = json_object(), *unobserved = json_object();
    bool is_partial = false;

    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        const struct metric *only = side->count == 1 ? metric_find(&side->results[0]->metrics, row->metric) : NULL;
        json_object_set_new(metrics, row->metric,
                            only != NULL ? json_from_metric(only) : json_from_double(row->means[index].value));
        json_object_set_new(confidence, row->metric, json_from_double(statistics_half_width(&row->means[index])));
        if (row->unobserved[index] > 0)
            json_object_set_new(unobserved, row->metric, json_integer((json_int_t)row->unobserved[index]));
    }
    for (size_t i = 0; i < side->count; i++)
        is_partial = is_partial || side->results[i]->is_partial;
    add_wall_mean(metrics, side);
    json_object_set_new(json, "scenario", json_string(side->count > 0 ? side->results[0]->scenario : ""));
    json_object_set_new(json, "design", json_string(side->count > 0 ? side->results[0]->design : side->label));
    json_object_set_new(json, "label", json_string(side->label));
    json_object_set_new(json, "seed", json_from_u64(side->count > 0 ? side->results[0]->seed : 0));
    json_object_set_new(json, "seeds", json_integer((json_int_t)side->count));
    json_object_set_new(json, "metrics", metrics);
    json_object_set_new(json, "confidence", confidence);
    json_object_set_new(json, "unobserved", unobserved);
    if (is_partial)
        json_object_set_new(json, "partial", json_true());
    return json;
}

static json_t *differences_to_json(const struct comparison *comparison, size_t index)
{
    json_t *json = json_object(), *metrics = json_object();

    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        const struct compare_difference *difference = &row->differences[index];
        if (isnan(difference->estimate.value) && difference->verdict != VERDICT_UNOBSERVED)
            continue;
        json_t *entry = json_object();
        json_object_set_new(entry, "difference", json_from_double(difference->estimate.value));
        json_object_set_new(entry, "confidence", json_from_double(difference->half_width));
        json_object_set_new(entry, "percent", json_from_double(difference->percent));
        json_object_set_new(entry, "p", json_from_double(difference->p_value));
        json_object_set_new(entry, "better", json_string(metric_better_name(metric_better(row->metric))));
        if (difference->verdict != VERDICT_NONE)
            json_object_set_new(entry, "verdict", json_string(compare_verdict_name(difference->verdict)));
        json_object_set_new(metrics, row->metric, entry);
    }
    json_object_set_new(json, "label", json_string(comparison->sides[index].label));
    json_object_set_new(json, "against", json_string(comparison->sides[0].label));
    json_object_set_new(json, "paired",
                        json_boolean(compare_is_paired(&comparison->sides[0], &comparison->sides[index])));
    json_object_set_new(json, "metrics", metrics);
    return json;
}

json_t *comparison_to_json(const struct comparison *comparison)
{
    const struct compare_side *base = &comparison->sides[0];
    json_t *json = json_object(), *designs = json_array(), *differences = json_array();

    for (size_t side = 0; side < comparison->side_count; side++)
        json_array_append_new(designs, side_to_json(comparison, side));
    for (size_t side = 1; side < comparison->side_count; side++)
        json_array_append_new(differences, differences_to_json(comparison, side));
    json_object_set_new(json, "scenario", json_string(base->count > 0 ? base->results[0]->scenario : ""));
    json_object_set_new(json, "seeds", json_integer((json_int_t)base->count));
    json_object_set_new(json, "threshold_percent", json_real(comparison->threshold_percent));
    json_object_set_new(json, "designs", designs);
    json_object_set_new(json, "differences", differences);
    return json;
}
