/* SPDX-License-Identifier: Apache-2.0
 *
 * Means, medians and the like of the selected rows. The numbers are those of result/statistics.h.
 */
#include "experiment/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "experiment/derive.h"
#include "experiment/keys.h"
#include "experiment/siblings.h"
#include "result/metric_catalogue.h"
#include "result/statistics.h"
#include "sample/indices.h"

struct scope {
    const struct experiment_rows *rows;
    const struct experiment *experiment;
    const struct selection *selection;
};

bool is_selected(const struct selection *selection, const struct experiment_row *row)
{
    if (selection == NULL)
        return true;
    if (selection->row != NULL && selection->row != row)
        return false;
    for (size_t i = 0; i < selection->count; i++) {
        const char *label = row->labels[selection->axes[i]], *wanted = selection->labels[i];

        if (label != wanted && (label == NULL || wanted == NULL || strcmp(label, wanted) != 0))
            return false;
    }
    return conditions_hold(selection->where, row);
}

static struct quotient value_in(const struct scope *scope, const struct formula *name, size_t row)
{
    size_t sibling = find_sibling(scope->rows, scope->experiment, name, row);

    if (sibling == SIZE_MAX)
        return (struct quotient){ 0 };
    if (name->axis != SIZE_MAX)
        return label_value(&scope->rows->rows[sibling], name->axis);
    return scope->rows->rows[sibling].values[name->quantity];
}

static double over(enum formula_over over, double *values, size_t count)
{
    double sum = 0;

    switch (over) {
    case OVER_MEAN:
        return statistics_sample(values, count).mean;
    case OVER_COUNT:
        return (double)count;
    case OVER_SUM:
        for (size_t i = 0; i < count; i++)
            sum += values[i];
        return sum;
    default:
        break;
    }
    sample_sort(values, count);
    if (over == OVER_MEDIAN)
        return (values[(count - 1) / 2] + values[count / 2]) / 2;
    return over == OVER_MIN ? values[0] : values[count - 1];
}

/* --- published values --- */

/* Whether a condition of the formula allows what was published: it was for this label, or for any. */
static bool allows(const struct formula_condition *condition, const struct experiment_published *published)
{
    for (size_t i = 0; i < published->where->condition_count; i++) {
        const struct formula_condition *there = &published->where->conditions[i];

        if (there->axis != condition->axis || condition->axis == SIZE_MAX)
            continue;
        for (size_t j = 0; j < condition->value_count; j++)
            if (label_is(there->values[0], condition->values[j]))
                return condition->relation == RELATION_IS;
        return condition->relation == RELATION_IS_NOT;
    }
    return true;
}

/* Whether the labels of a cell or point allow it. */
static bool is_selected_published(const struct selection *selection, const struct experiment_published *published)
{
    for (size_t i = 0; selection != NULL && i < selection->count; i++) {
        char *label = (char *)selection->labels[i];
        struct formula_condition condition = { .relation = RELATION_IS,
                                               .values = &label,
                                               .value_count = label != NULL };

        condition.axis = selection->axes[i];
        if (!allows(&condition, published))
            return false;
    }
    return true;
}

static struct reading read_published(const struct scope *scope, const struct formula *name)
{
    struct reading reading = { .value = NAN, .half = NAN, .low = NAN, .high = NAN, .quantity = name->quantity };

    reading.reason = "nothing is published";
    for (size_t i = 0; i < scope->experiment->published_count; i++) {
        const struct experiment_published *published = &scope->experiment->published[i];
        bool is_it = published->quantity == name->quantity && is_selected_published(scope->selection, published);

        for (size_t j = 0; j < name->condition_count && is_it; j++)
            is_it = allows(&name->conditions[j], published);
        if (!is_it)
            continue;
        reading.low = quotient_value(published->low);
        reading.high = quotient_value(published->high);
        reading.value = published->value.state == QUOTIENT_KNOWN ? quotient_value(published->value)
                                                                 : (reading.low + reading.high) / 2;
        reading.n = 1;
        reading.reason = NULL;
        return reading;
    }
    return reading;
}

static struct reading read_name(const struct scope *scope, const struct formula *name);

struct reading reading_of_published(const struct experiment_rows *rows, const struct experiment *experiment,
                                    const struct experiment_published *published, const struct formula *where)
{
    struct selection selection = { .where = where };
    struct scope scope = { rows, experiment, &selection };
    struct formula name = *published->where;

    name.quantity = published->quantity;
    return read_name(&scope, &name);
}

bool reading_is_inside(const struct reading *found, const struct experiment_published *published)
{
    return quotient_value(published->low) <= found->high && quotient_value(published->high) >= found->low;
}

/* 1 where what was found meets what was published. */
static struct reading read_inside(const struct scope *scope, const struct formula *name)
{
    const struct experiment_published *published = &scope->experiment->published[name->published];
    struct reading found = reading_of_published(scope->rows, scope->experiment, published, NULL);
    struct reading reading = { .value = NAN, .half = NAN, .low = NAN, .high = NAN, .quantity = SIZE_MAX };

    reading.n = found.n;
    reading.reason = found.reason;
    if (found.reason == NULL)
        reading.value = reading_is_inside(&found, published);
    return reading;
}

/* --- names --- */

/* Whether the row is meant and has a value, which is stored. */
static bool takes_part(const struct scope *scope, const struct formula *name, size_t row, struct quotient *value)
{
    if (!is_selected(scope->selection, &scope->rows->rows[row]) || !conditions_hold(name, &scope->rows->rows[row]))
        return false;
    *value = value_in(scope, name, row);
    return value->state == QUOTIENT_KNOWN;
}

static struct reading read_share(const struct scope *scope, const struct formula *name)
{
    struct reading reading = { .value = NAN, .half = NAN, .low = NAN, .high = NAN, .quantity = SIZE_MAX };
    struct sample_interval interval;
    struct quotient value;
    size_t hits = 0;

    for (size_t i = 0; i < scope->rows->count; i++) {
        if (!takes_part(scope, name, i, &value))
            continue;
        reading.n++;
        hits += number_holds(name->shared, value);
    }
    if (reading.n == 0) {
        reading.reason = "no row has a value";
        return reading;
    }
    interval = sample_share(hits, reading.n);
    reading.is_share = true;
    reading.value = (double)hits / (double)reading.n;
    reading.low = interval.low;
    reading.high = interval.high;
    reading.half = (interval.high - interval.low) / 2;
    return reading;
}

/* The line through the values over an axis with numbers. */
static struct reading read_line(const struct scope *scope, const struct formula *name)
{
    struct reading reading = { .value = NAN, .half = NAN, .low = NAN, .high = NAN, .quantity = name->quantity };
    double *x = calloc(scope->rows->count + 1, sizeof *x), *y = calloc(scope->rows->count + 1, sizeof *y);
    struct quotient value;

    CHECK(x != NULL && y != NULL);
    for (size_t i = 0; i < scope->rows->count; i++) {
        struct quotient place = label_value(&scope->rows->rows[i], name->over_index);

        if (place.state != QUOTIENT_KNOWN || !takes_part(scope, name, i, &value))
            continue;
        x[reading.n] = quotient_value(place);
        y[reading.n++] = quotient_value(value);
    }
    struct statistics_line line = statistics_line(x, y, reading.n);
    struct statistics_estimate *estimate = name->over == OVER_SLOPE ? &line.slope : &line.intercept;
    double half = statistics_half_width(estimate);
    reading.value = estimate->value;
    reading.half = isfinite(half) ? half : NAN;
    reading.reason = isnan(reading.value) ? "a line needs two different places" : NULL;
    free(x);
    free(y);
    return reading;
}

/* The lowest or highest of the means for the values of an axis. */
static struct reading read_extreme(const struct scope *scope, const struct formula *name)
{
    struct reading reading = { .value = NAN, .half = NAN, .low = NAN, .high = NAN, .quantity = name->quantity };
    const struct experiment_axis *axis = &scope->experiment->axes[name->over_index];
    double *values = calloc(scope->rows->count + 1, sizeof *values);

    CHECK(values != NULL);
    for (size_t i = 0; i < axis->value_count; i++) {
        struct quotient value;
        size_t count = 0;
        double mean;

        for (size_t row = 0; row < scope->rows->count; row++) {
            const char *label = scope->rows->rows[row].labels[name->over_index];

            if (label != NULL && strcmp(label, axis->values[i]) == 0 && takes_part(scope, name, row, &value))
                values[count++] = quotient_value(value);
        }
        if (count == 0)
            continue;
        mean = statistics_sample(values, count).mean;
        reading.n += count;
        if (isnan(reading.value) || (mean < reading.value) == (name->over == OVER_LOWEST))
            reading.value = mean;
    }
    reading.reason = isnan(reading.value) ? "no row has a value" : NULL;
    free(values);
    return reading;
}

/* Whether the conditions say of which runs the rows are. */
static bool names_run(const struct formula *name)
{
    for (size_t i = 0; i < name->condition_count; i++)
        if (name->conditions[i].axis == AXIS_RUN)
            return true;
    return false;
}

/* Half of an interval, NaN where there is none. */
static double joint_half(const struct scope *scope, const struct statistics_estimate *mean)
{
    size_t count = scope->selection != NULL && scope->selection->intervals > 1 ? scope->selection->intervals : 1;
    double half = statistics_joint_half_width(mean, count);

    return isfinite(half) ? half : NAN;
}

static struct reading read_name(const struct scope *scope, const struct formula *name)
{
    struct reading reading = { .value = NAN, .half = NAN, .low = NAN, .high = NAN, .quantity = name->quantity };
    double *values;
    size_t absent = 0, found = 0, run = SIZE_MAX;

    if (name->over == OVER_PUBLISHED)
        return read_published(scope, name);
    if (name->over == OVER_INSIDE)
        return read_inside(scope, name);
    if (name->over == OVER_SHARE)
        return read_share(scope, name);
    if (name->over == OVER_LOWEST || name->over == OVER_HIGHEST)
        return read_extreme(scope, name);
    if (name->over == OVER_SLOPE || name->over == OVER_INTERCEPT)
        return read_line(scope, name);
    values = calloc(scope->rows->count + 1, sizeof *values);
    CHECK(values != NULL);
    for (size_t i = 0; i < scope->rows->count; i++) {
        struct quotient value;

        if (!is_selected(scope->selection, &scope->rows->rows[i]) || !conditions_hold(name, &scope->rows->rows[i]))
            continue;
        found++;
        value = value_in(scope, name, i);
        absent += value.state == QUOTIENT_ABSENT;
        if (value.state != QUOTIENT_KNOWN)
            continue;
        reading.is_mixed = reading.is_mixed || (reading.n > 0 && scope->rows->rows[i].run != run);
        run = scope->rows->rows[i].run;
        values[reading.n++] = quotient_value(value);
    }
    if (name->over == OVER_COUNT || reading.n > 0) {
        struct statistics_estimate mean = statistics_mean(values, reading.n);
        double half = statistics_half_width(&mean);

        if (name->over == OVER_MEAN && isfinite(half))
            reading.half = half;
        reading.value = name->over == OVER_HALF ? joint_half(scope, &mean) : over(name->over, values, reading.n);
        if (isnan(reading.value))
            reading.reason = "an interval needs two rows";
        reading.low = reading.n > 0 ? over(OVER_MIN, values, reading.n) : NAN;
        reading.high = reading.n > 0 ? over(OVER_MAX, values, reading.n) : NAN;
        reading.is_mixed = reading.is_mixed && !names_run(name);
    } else {
        reading.reason = found == 0        ? "no row fulfils the conditions"
                         : absent == found ? "the runs do not report it"
                                           : "nothing was observed";
    }
    free(values);
    return reading;
}

static struct reading read_formula_value(const struct scope *scope, const struct formula *formula)
{
    struct reading left, right, both;

    if (formula->kind == FORMULA_NAME)
        return read_name(scope, formula);
    both = (struct reading){ .value = NAN, .half = NAN, .low = NAN, .high = NAN, .quantity = SIZE_MAX };
    if (formula->kind == FORMULA_NUMBER) {
        both.value = quotient_value(formula->number);
        return both;
    }
    left = read_formula_value(scope, formula->left);
    if (formula->kind == FORMULA_FIRST)
        return left.reason == NULL ? left : read_formula_value(scope, formula->right);
    right = read_formula_value(scope, formula->right);
    both.quantity = left.quantity != SIZE_MAX ? left.quantity : right.quantity;
    both.n = left.n > right.n ? left.n : right.n;
    both.is_mixed = left.is_mixed || right.is_mixed;
    both.reason = left.reason != NULL ? left.reason : right.reason;
    if (both.reason != NULL)
        return both;
    switch (formula->kind) {
    case FORMULA_ADD:
        both.value = left.value + right.value;
        break;
    case FORMULA_SUBTRACT:
        both.value = left.value - right.value;
        break;
    case FORMULA_MULTIPLY:
        both.value = left.value * right.value;
        break;
    case FORMULA_DIVIDE:
        both.value = right.value != 0 ? left.value / right.value : NAN;
        both.reason = right.value != 0 ? NULL : "a denominator is 0";
        break;
    case FORMULA_SMALLER:
        both.value = fmin(left.value, right.value);
        break;
    default:
        both.value = fmax(left.value, right.value);
    }
    return both;
}

struct reading reading_of(const struct experiment_rows *rows, const struct experiment *experiment,
                          const struct formula *formula, const struct selection *selection)
{
    struct scope scope = { rows, experiment, selection };
    struct reading reading = read_formula_value(&scope, formula);

    /* A quotient or product has another unit than its first name. */
    if (formula->kind == FORMULA_MULTIPLY || formula->kind == FORMULA_DIVIDE ||
        (formula->kind == FORMULA_NAME && formula->over == OVER_COUNT))
        reading.quantity = SIZE_MAX;
    return reading;
}

/* --- text --- */

double unit_factor(const char *from, const char *to)
{
    static const struct {
        const char *unit, *of;
        double size;
    } units[] = {
        { "ns", "time", 1e-9 },        { "us", "time", 1e-6 },  { "ms", "time", 1e-3 },  { "s", "time", 1 },
        { "Hz", "rate", 1 },           { "1/s", "rate", 1 },    { "kHz", "rate", 1e3 },  { "MHz", "rate", 1e6 },
        { "bytes", "size", 1 },        { "B", "size", 1 },      { "KiB", "size", 1024 }, { "MiB", "size", 1048576 },
        { "GiB", "size", 1073741824 }, { "ratio", "ratio", 1 }, { "%", "ratio", 0.01 },
    };
    size_t left = SIZE_MAX, right = SIZE_MAX;

    for (size_t i = 0; from != NULL && to != NULL && i < sizeof units / sizeof units[0]; i++) {
        left = strcmp(units[i].unit, from) == 0 ? i : left;
        right = strcmp(units[i].unit, to) == 0 ? i : right;
    }
    if (left == SIZE_MAX || right == SIZE_MAX || strcmp(units[left].of, units[right].of) != 0)
        return 1;
    return units[left].size / units[right].size;
}

const char *reading_unit(const struct experiment *experiment, const struct reading *reading)
{
    const char *unit = reading->quantity != SIZE_MAX ? experiment->quantities[reading->quantity].unit : NULL;

    return reading->is_share ? "ratio" : unit != NULL ? unit : "";
}

double reading_interval_low(const struct experiment *experiment, const struct reading *reading)
{
    bool is_metric =
        reading->quantity != SIZE_MAX && reading->low >= 0 && experiment->quantities[reading->quantity].formula == NULL;
    double low = reading->is_share ? reading->low : reading->value - reading->half;

    return is_metric ? fmax(low, 0) : low;
}

void reading_text(const struct experiment *experiment, const struct reading *reading, const char *unit, int decimals,
                  bool with_interval, char text[READING_TEXT_BYTES])
{
    const char *own = reading_unit(experiment, reading);
    double factor = unit != NULL ? unit_factor(own, unit) : 1;
    bool has_interval = with_interval && !isnan(reading->half);
    int used;

    if (isnan(reading->value)) {
        (void)snprintf(text, READING_TEXT_BYTES, "-");
        return;
    }
    if (decimals < 0 && unit == NULL) {
        char value[METRIC_TEXT_BYTES], half[METRIC_TEXT_BYTES];

        metric_format(reading->value, own, value);
        metric_format(reading->half, own, half);
        (void)snprintf(text, READING_TEXT_BYTES, "%s%s%s", value, has_interval ? " +- " : "", has_interval ? half : "");
        return;
    }
    if (decimals < 0)
        decimals = fabs(reading->value * factor) >= 99.995 ? 0 : 2;
    used = snprintf(text, READING_TEXT_BYTES, "%.*f", decimals, reading->value * factor + 0.0);
    if (has_interval && reading->is_share && used > 0 && used < READING_TEXT_BYTES)
        (void)snprintf(text + used, (size_t)(READING_TEXT_BYTES - used), " [%.*f, %.*f]", decimals,
                       reading->low * factor, decimals, reading->high * factor);
    else if (has_interval && used > 0 && used < READING_TEXT_BYTES)
        (void)snprintf(text + used, (size_t)(READING_TEXT_BYTES - used), " +- %.*f", decimals, reading->half * factor);
}
