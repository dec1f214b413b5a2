/* SPDX-License-Identifier: Apache-2.0
 *
 * See digest.h.
 */
#include "report/digest.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "compare/report_parts.h"
#include "report/values.h"
#include "result/headline.h"
#include "result/metric_catalogue.h"

/* The metrics in which designs usually differ; of several locks, that with the longest wait. */
static const char *const usual[] = {
    "guests.G.steal.percent", "guests.G.running_lock.percent", "irq.lost", "irq.latency.p50_ns",
    "irq.latency.p99_ns",     "devices.D.starvation.max_ns"
};

static bool is_usual(const char *metric)
{
    const struct metric_row *row = metric_describe(metric);

    for (size_t i = 0; row != NULL && i < sizeof usual / sizeof usual[0]; i++)
        if (strcmp(usual[i], row->name) == 0)
            return true;
    return false;
}

static bool is_observed(const struct values *values, size_t row)
{
    for (size_t column = 0; column < values->column_count; column++)
        if (!isnan(values_at(values, row, column)->mean.value))
            return true;
    return false;
}

static size_t slowest_lock(const struct values *values)
{
    size_t slowest = values->row_count;
    double longest = 0;

    for (size_t row = 0; row < values->row_count; row++) {
        const struct metric_row *description = metric_describe(values->metrics[row]);
        if (description == NULL || strcmp(description->name, "locks.L.wait.mean_ns") != 0)
            continue;
        for (size_t column = 0; column < values->column_count; column++)
            if (values_at(values, row, column)->mean.value > longest) {
                longest = values_at(values, row, column)->mean.value;
                slowest = row;
            }
    }
    return slowest;
}

/* The headline of the scenario, in its order. */
static size_t named_headline(const struct values *values, size_t *rows, size_t most)
{
    size_t count = 0;

    if (values->column_count == 0)
        return 0;
    struct headline headline = headline_read(values->columns[0].group->first->resolved);
    for (size_t i = 0; i < headline.count; i++)
        for (size_t row = 0; row < values->row_count && count < most; row++)
            if (strcmp(headline.metrics[i], values->metrics[row]) == 0)
                rows[count++] = row;
    headline_free(&headline);
    return count;
}

size_t digest_headline(const struct values *values, size_t *rows, size_t most)
{
    size_t count = named_headline(values, rows, most), slowest = slowest_lock(values);

    if (count > 0)
        return count;
    for (size_t row = 0; row < values->row_count && count < most; row++)
        if ((is_usual(values->metrics[row]) && is_observed(values, row)) || row == slowest)
            rows[count++] = row;
    return count;
}

/* The largest sure change of the row; negative without one. */
static double change_of(const struct values *values, size_t row)
{
    double largest = -1;

    for (size_t column = 0; column < values->column_count; column++)
        largest = fmax(largest, values_at(values, row, column)->sure_size);
    return largest;
}

/* Whether one of the rows is this one, or differs from it in the last component of its name alone. */
static bool has_kin(const struct values *values, const size_t *rows, size_t count, size_t row)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i] == row || report_has_same_stem(values->metrics[rows[i]], values->metrics[row]))
            return true;
    return false;
}

size_t digest_changes(const struct values *values, const size_t *headline, size_t headline_count, size_t *rows,
                      size_t most)
{
    size_t count = 0;

    while (count < most) {
        size_t best = values->row_count;
        for (size_t row = 0; row < values->row_count; row++)
            if (change_of(values, row) >= 0 && !has_kin(values, headline, headline_count, row) &&
                !has_kin(values, rows, count, row) &&
                (best == values->row_count || change_of(values, row) > change_of(values, best)))
                best = row;
        if (best == values->row_count)
            break;
        rows[count++] = best;
    }
    return count;
}
