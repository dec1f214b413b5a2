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
    for (size_t i = 0; i < side_count && comparison->headline.count == 0; i++)
        if (sides[i].count > 0)
            comparison->headline = headline_read(sides[i].results[0]->resolved);
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
    headline_free(&comparison->headline);
    free(comparison->rows);
    free(comparison->sides);
    *comparison = (struct comparison){ 0 };
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
    comparison->row_count = metric_names_sort(names, count);
    comparison->rows = calloc(comparison->row_count + 1, sizeof *comparison->rows);
    CHECK(comparison->rows != NULL);
    for (size_t i = 0; i < comparison->row_count; i++)
        comparison->rows[i].metric = names[i];
    free(names);
}

static bool has_repeated_seed(const struct compare_side *side)
{
    for (size_t i = 1; i < side->count; i++)
        if (side->results[i]->seed == side->results[i - 1]->seed)
            return true;
    return false;
}

/* Moves both positions to the next seed that both sides have. Returns false at the end of a side. */
static bool find_pair(const struct compare_side *base, const struct compare_side *other, size_t *left, size_t *right)
{
    while (*left < base->count && *right < other->count) {
        uint64_t a = base->results[*left]->seed, b = other->results[*right]->seed;
        if (a == b)
            return true;
        *left += a < b;
        *right += b < a;
    }
    return false;
}

size_t compare_pair_count(const struct compare_side *base, const struct compare_side *other)
{
    size_t count = 0;

    if (has_repeated_seed(base) || has_repeated_seed(other))
        return 0;
    for (size_t left = 0, right = 0; find_pair(base, other, &left, &right); left++, right++)
        count++;
    return count;
}

bool compare_is_paired(const struct compare_side *base, const struct compare_side *other)
{
    size_t pairs = compare_pair_count(base, other);

    return pairs >= 2 || (pairs == 1 && (base->count == 1 || other->count == 1));
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

/* Stores the observed values of each pair, base[] and others[], and returns their number. */
static size_t observed_pairs(const struct compare_side *base, const struct compare_side *other, const char *metric,
                             double *base_values, double *other_values)
{
    size_t count = 0;

    for (size_t left = 0, right = 0; find_pair(base, other, &left, &right); left++, right++) {
        base_values[count] = result_metric_value(base->results[left], metric);
        other_values[count] = result_metric_value(other->results[right], metric);
        count += !isnan(base_values[count]) && !isnan(other_values[count]);
    }
    return count;
}

static struct statistics_estimate estimate_difference(const struct compare_side *base, const struct compare_side *other,
                                                      const char *metric, double *base_mean)
{
    double *base_values = calloc(base->count + 1, sizeof *base_values);
    double *other_values = calloc(other->count + 1, sizeof *other_values);
    struct statistics_estimate estimate = { .value = NAN };

    CHECK(base_values != NULL && other_values != NULL);
    if (compare_is_paired(base, other)) {
        size_t pairs = observed_pairs(base, other, metric, base_values, other_values);
        if (pairs > 0)
            estimate = statistics_paired(base_values, other_values, pairs);
        *base_mean = statistics_sample(base_values, pairs).mean;
    } else {
        size_t base_count = observed(base, metric, base_values);
        size_t other_count = observed(other, metric, other_values);
        if (base_count > 0 && other_count > 0)
            estimate = statistics_welch(base_values, base_count, other_values, other_count);
        *base_mean = statistics_sample(base_values, base_count).mean;
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
    row->family = headline_has(&comparison->headline, row->metric) ? COMPARE_HEADLINE : COMPARE_OTHERS;
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
        difference->estimate = estimate_difference(&comparison->sides[0], side, row->metric, &difference->base_mean);
        difference->percent =
            difference->base_mean != 0 ? 100 * difference->estimate.value / fabs(difference->base_mean) : NAN;
        difference->p_value = NAN;
    }
}

/* Of a difference without an estimate it is NaN, which nothing is beyond or within. */
static double margin_of(const struct comparison *comparison, const struct compare_difference *difference)
{
    return fabs(difference->base_mean) * comparison->threshold_percent / 100;
}

/* Whether a seed of the side or of the base has no observation, while another has one. */
static bool is_unobserved(const struct compare_row *row, size_t side)
{
    bool is_observed = !isnan(row->means[0].value) || !isnan(row->means[side].value);

    return is_observed && (row->unobserved[0] > 0 || row->unobserved[side] > 0);
}

static bool is_equal(const struct compare_difference *difference)
{
    return difference->estimate.value == 0 && difference->estimate.standard_error == 0;
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
    if (is_equal(difference))
        return VERDICT_SAME; /* equal for every seed; this needs no interval, so one seed is enough */
    if (fabs(value) - difference->half_width > margin)
        return (value < 0) == (better == METRIC_LOWER) ? VERDICT_BETTER : VERDICT_WORSE;
    return fabs(value) + difference->half_width <= margin ? VERDICT_SAME : VERDICT_INCONCLUSIVE;
}

/* Whether the difference takes part in the correction: it can be judged, and has an interval with a width. */
static bool is_tested(const struct compare_row *row, size_t side)
{
    const struct compare_difference *difference = &row->differences[side];

    return metric_better(row->metric) != METRIC_NEUTRAL && difference->estimate.degrees > 0 && !is_equal(difference) &&
           !is_unobserved(row, side);
}

static size_t seeds_needed(const struct comparison *comparison, const struct compare_row *row, size_t side,
                           double margin)
{
    const struct compare_side *base = &comparison->sides[0], *other = &comparison->sides[side];
    const struct statistics_estimate *estimate = &row->differences[side].estimate;
    bool is_paired = compare_is_paired(base, other);

    if (!(estimate->degrees > 0) || (!is_paired && base->count != other->count))
        return 0;
    size_t needed = statistics_observations_needed(estimate, is_paired ? (size_t)estimate->degrees + 1 : base->count,
                                                   margin, comparison->tested_count[row->family], COMPARE_SEEDS_MAX);
    return needed > 0 ? needed : COMPARE_SEEDS_MAX + 1;
}

static void assign_verdict(struct comparison *comparison, struct compare_row *row, size_t side)
{
    struct compare_difference *difference = &row->differences[side];
    size_t tests = comparison->tested_count[row->family];
    double margin = margin_of(comparison, difference);

    difference->half_width = statistics_joint_half_width(&difference->estimate, tests > 0 ? tests : 1);
    difference->p_value =
        is_tested(row, side) ? fmin(1, (double)tests * statistics_p_value(&difference->estimate, margin)) : NAN;
    difference->verdict = verdict_of(row, side, margin);
    if (difference->verdict == VERDICT_INCONCLUSIVE)
        difference->seeds_needed = seeds_needed(comparison, row, side, margin);
}

static void assign_verdicts(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->row_count; i++)
        for (size_t side = 1; side < comparison->side_count; side++)
            comparison->tested_count[comparison->rows[i].family] += is_tested(&comparison->rows[i], side);
    for (size_t i = 0; i < comparison->row_count; i++)
        for (size_t side = 1; side < comparison->side_count; side++)
            assign_verdict(comparison, &comparison->rows[i], side);
}

const struct compare_row *comparison_find(const struct comparison *comparison, const char *metric)
{
    for (size_t i = 0; i < comparison->row_count; i++)
        if (strcmp(comparison->rows[i].metric, metric) == 0)
            return &comparison->rows[i];
    return NULL;
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
