/* SPDX-License-Identifier: Apache-2.0
 *
 * The statistical analysis of a comparison. The output is in report.c.
 */
#define _GNU_SOURCE
#include "compare/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/metric_catalogue.h"

#define SIGNIFICANCE (1 - STATISTICS_CONFIDENCE)

static void find_rows(struct comparison *comparison);
static void estimate_row(struct comparison *comparison, struct compare_row *row);
static void assign_verdicts(struct comparison *comparison);

void compare_side_init(struct compare_side *side, const char *label)
{
    *side = (struct compare_side){ .label = label };
}

void compare_side_add(struct compare_side *side, const struct result *result)
{
    side->results = realloc(side->results, (side->count + 1) * sizeof *side->results);
    CHECK(side->results != NULL);
    size_t at = side->count++;
    for (; at > 0 && side->results[at - 1]->seed > result->seed; at--)
        side->results[at] = side->results[at - 1];
    side->results[at] = result;
}

void comparison_make(struct comparison *comparison, struct compare_side *sides, size_t side_count,
                     double threshold_percent)
{
    CHECK(side_count >= 1 && threshold_percent >= 0);
    *comparison = (struct comparison){ .side_count = side_count, .threshold_percent = threshold_percent };
    comparison->sides = calloc(side_count, sizeof *sides);
    CHECK(comparison->sides != NULL);
    memcpy(comparison->sides, sides, side_count * sizeof *sides);
    find_rows(comparison);
    for (size_t i = 0; i < comparison->row_count; i++)
        estimate_row(comparison, &comparison->rows[i]);
    assign_verdicts(comparison);
}

void comparison_free(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->row_count; i++) {
        free(comparison->rows[i].means);
        free(comparison->rows[i].unobserved);
        free(comparison->rows[i].differences);
    }
    for (size_t i = 0; i < comparison->side_count; i++)
        free(comparison->sides[i].results);
    free(comparison->rows);
    free(comparison->sides);
    *comparison = (struct comparison){ 0 };
}

static int name_pointer_compare(const void *left, const void *right)
{
    return metric_name_compare(*(const char *const *)left, *(const char *const *)right);
}

/* Makes a row for each metric that any result has. */
static void find_rows(struct comparison *comparison)
{
    size_t total = 0, count = 0;
    for (size_t side = 0; side < comparison->side_count; side++)
        for (size_t i = 0; i < comparison->sides[side].count; i++)
            total += comparison->sides[side].results[i]->metrics.count;

    const char **names = calloc(total + 1, sizeof *names);
    CHECK(names != NULL);
    for (size_t side = 0; side < comparison->side_count; side++)
        for (size_t i = 0; i < comparison->sides[side].count; i++) {
            const struct metrics *metrics = &comparison->sides[side].results[i]->metrics;
            for (size_t row = 0; row < metrics->count; row++)
                names[count++] = metrics->rows[row].name;
        }
    qsort(names, count, sizeof *names, name_pointer_compare);

    comparison->rows = calloc(total + 1, sizeof *comparison->rows);
    CHECK(comparison->rows != NULL);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
            comparison->rows[comparison->row_count++].metric = names[i];
    free(names);
}

bool compare_is_paired(const struct compare_side *base, const struct compare_side *other)
{
    if (base->count != other->count)
        return false;
    for (size_t i = 0; i < base->count; i++) {
        if (base->results[i]->seed != other->results[i]->seed)
            return false;
        if (i > 0 && base->results[i]->seed == base->results[i - 1]->seed)
            return false;
    }
    return true;
}

/* Stores the observed values of a metric in values[side->count] and returns their number. */
static size_t observed(const struct compare_side *side, const char *metric, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < side->count; i++) {
        double value = result_metric_value(side->results[i], metric);
        if (!isnan(value))
            values[count++] = value;
    }
    return count;
}

static bool is_reported(const struct compare_side *side, const char *metric)
{
    for (size_t i = 0; i < side->count; i++)
        if (metric_find(&side->results[i]->metrics, metric) != NULL)
            return true;
    return false;
}

static struct statistics_estimate estimate_difference(const struct compare_side *base, const struct compare_side *other,
                                                      const char *metric)
{
    double *base_values = calloc(base->count + 1, sizeof *base_values);
    double *other_values = calloc(other->count + 1, sizeof *other_values);
    struct statistics_estimate estimate = { .value = NAN };

    CHECK(base_values != NULL && other_values != NULL);
    if (compare_is_paired(base, other)) {
        size_t pairs = 0;
        for (size_t i = 0; i < base->count; i++) {
            double left = result_metric_value(base->results[i], metric);
            double right = result_metric_value(other->results[i], metric);
            if (isnan(left) || isnan(right))
                continue;
            base_values[pairs] = left;
            other_values[pairs++] = right;
        }
        if (pairs > 0)
            estimate = statistics_paired(base_values, other_values, pairs);
    } else {
        size_t base_count = observed(base, metric, base_values);
        size_t other_count = observed(other, metric, other_values);
        if (base_count > 0 && other_count > 0)
            estimate = statistics_welch(base_values, base_count, other_values, other_count);
    }
    free(base_values);
    free(other_values);
    return estimate;
}

static void estimate_row(struct comparison *comparison, struct compare_row *row)
{
    row->means = calloc(comparison->side_count, sizeof *row->means);
    row->unobserved = calloc(comparison->side_count, sizeof *row->unobserved);
    row->differences = calloc(comparison->side_count, sizeof *row->differences);
    CHECK(row->means != NULL && row->unobserved != NULL && row->differences != NULL);
    for (size_t i = 0; i < comparison->side_count; i++) {
        const struct compare_side *side = &comparison->sides[i];
        double *values = calloc(side->count + 1, sizeof *values);
        CHECK(values != NULL);
        size_t count = observed(side, row->metric, values);
        row->means[i] = statistics_mean(values, count);
        row->unobserved[i] = is_reported(side, row->metric) ? side->count - count : 0;
        free(values);

        struct compare_difference *difference = &row->differences[i];
        difference->estimate = estimate_difference(&comparison->sides[0], side, row->metric);
        difference->half_width = statistics_half_width(&difference->estimate);
        difference->percent =
            row->means[0].value != 0 ? 100 * difference->estimate.value / fabs(row->means[0].value) : NAN;
        difference->p_value = NAN;
    }
}

static double margin_of(const struct comparison *comparison, const struct compare_row *row)
{
    return fabs(row->means[0].value) * comparison->threshold_percent / 100;
}

/* Whether a seed of the side or of the base has no observation, while another has one. */
static bool is_unobserved(const struct compare_row *row, size_t side)
{
    bool is_observed = !isnan(row->means[0].value) || !isnan(row->means[side].value);

    return is_observed && (row->unobserved[0] > 0 || row->unobserved[side] > 0);
}

static enum compare_verdict verdict_of(const struct compare_row *row, size_t side, double margin)
{
    const struct compare_difference *difference = &row->differences[side];
    enum metric_better better = metric_better(row->metric);
    double value = difference->estimate.value;

    if (better == METRIC_NEUTRAL)
        return VERDICT_NONE;
    if (is_unobserved(row, side))
        return VERDICT_UNOBSERVED;
    if (isnan(value))
        return VERDICT_NONE;
    if (difference->p_value < SIGNIFICANCE)
        return (value < 0) == (better == METRIC_LOWER) ? VERDICT_BETTER : VERDICT_WORSE;
    if (value == 0 && difference->estimate.standard_error == 0)
        return VERDICT_SAME; /* equal for every seed; this needs no interval, so one seed is enough */
    if (fabs(value) + difference->half_width <= margin)
        return VERDICT_SAME;
    return VERDICT_INCONCLUSIVE;
}

/* Applies Holm's correction to the differences of all sides, over metrics that are not neutral and that changed. */
static void assign_verdicts(struct comparison *comparison)
{
    size_t others = comparison->side_count - 1, count = comparison->row_count * others;
    double *p_values = calloc(count + 1, sizeof *p_values);
    CHECK(p_values != NULL);

    for (size_t i = 0; i < count; i++) {
        const struct compare_row *row = &comparison->rows[i / others];
        const struct compare_difference *difference = &row->differences[1 + i % others];
        bool is_equal = difference->estimate.value == 0 && difference->estimate.standard_error == 0;
        bool is_tested = metric_better(row->metric) != METRIC_NEUTRAL && difference->estimate.degrees > 0 &&
                         !is_equal && !is_unobserved(row, 1 + i % others);
        p_values[i] = is_tested ? statistics_p_value(&difference->estimate, margin_of(comparison, row)) : NAN;
        comparison->tested_count += is_tested;
    }
    statistics_holm(p_values, count);
    for (size_t i = 0; i < count; i++) {
        const struct compare_row *row = &comparison->rows[i / others];
        struct compare_difference *difference = &row->differences[1 + i % others];
        difference->p_value = p_values[i];
        difference->verdict = verdict_of(row, 1 + i % others, margin_of(comparison, row));
    }
    free(p_values);
}

size_t comparison_verdict_count(const struct comparison *comparison, enum compare_verdict verdict)
{
    size_t count = 0;
    for (size_t row = 0; row < comparison->row_count; row++)
        for (size_t side = 1; side < comparison->side_count; side++)
            count += comparison->rows[row].differences[side].verdict == verdict;
    return count;
}

const char *compare_verdict_name(enum compare_verdict verdict)
{
    static const char *const names[] = { "", "same", "better", "worse", "inconclusive", "unobserved" };
    return names[verdict];
}
