/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses and evaluates expectations of three or five words. All comparisons are made with 128-bit integers.
 */
#define _GNU_SOURCE
#include "result/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "base/program.h"
#include "base/suggest.h"
#include "result/metric_catalogue.h"

#define DIGITS_MAX 9
#define METRIC_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* Operators that are prefixes of others come last. */
static const struct {
    const char *text;
    enum expect_relation relation;
} operators[] = {
    { "<=", EXPECT_AT_MOST },   { ">=", EXPECT_AT_LEAST }, { "==", EXPECT_EQUAL },
    { "!=", EXPECT_NOT_EQUAL }, { "<", EXPECT_LESS },      { ">", EXPECT_MORE },
};

struct cursor {
    const char *text, *at;
    struct place place; /* of text[0] */
    struct diag *diag;
};

static bool fail(const struct cursor *cursor, const char *message)
{
    struct place place = cursor->place;

    place.column += (uint32_t)(cursor->at - cursor->text);
    diag_error(cursor->diag, place, "%s: expected 'METRIC OP VALUE', as in 'guests.idle.steal.percent < 1'", message);
    return false;
}

static void skip_blanks(struct cursor *cursor) { cursor->at += strspn(cursor->at, " \t"); }

static bool read_metric(struct cursor *cursor, struct expectation *expectation)
{
    size_t bytes = strspn(cursor->at, METRIC_CHARACTERS);

    if (bytes == 0)
        return fail(cursor, "this is not the name of a metric");
    if (bytes >= sizeof(expectation->metric))
        return fail(cursor, "this name is too long for a metric");
    memcpy(expectation->metric, cursor->at, bytes);
    expectation->metric[bytes] = '\0';
    cursor->at += bytes;
    return true;
}

const char *expect_read_relation(const char *text, enum expect_relation *relation)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
        if (!strncmp(text, operators[i].text, strlen(operators[i].text))) {
            *relation = operators[i].relation;
            return text + strlen(operators[i].text);
        }
    }
    return NULL;
}

static bool read_operator(struct cursor *cursor, struct expectation *expectation)
{
    const char *after = expect_read_relation(cursor->at, &expectation->relation);

    if (after != NULL) {
        cursor->at = after;
        return true;
    }
    return fail(cursor,
                *cursor->at ? "unknown operator; the operators are < <= > >= == !=" : "the operator is missing");
}

static bool read_decimal(struct cursor *cursor, struct expect_decimal *decimal)
{
    const char *start = cursor->at, *digit = start;
    uint64_t mantissa = 0;
    uint32_t digits = 0;
    bool has_point = false;

    for (; (*digit >= '0' && *digit <= '9') || (*digit == '.' && !has_point && digit > start); digit++) {
        if (*digit == '.') {
            has_point = true;
            continue;
        }
        digits += has_point;
        if (__builtin_mul_overflow(mantissa, 10, &mantissa) ||
            __builtin_add_overflow(mantissa, (uint64_t)(*digit - '0'), &mantissa) || digits > DIGITS_MAX)
            return fail(cursor, "this number has too many digits");
    }
    if (digit == start)
        return fail(cursor, *start ? "this is not a number" : "the number is missing");
    if (digit[-1] == '.' || (*start == '0' && start[1] >= '0' && start[1] <= '9'))
        return fail(cursor, "this is not a number");
    cursor->at = digit;
    if (*digit && !strchr(" \t+", *digit))
        return fail(cursor, "numbers have no unit here; it is part of the metric's name");
    *decimal = (struct expect_decimal){ mantissa, digits };
    return true;
}

static bool read_tolerance(struct cursor *cursor, struct expectation *expectation)
{
    expectation->tolerance = (struct expect_decimal){ 0, 0 };
    if (strncmp(cursor->at, "+-", 2) != 0)
        return *cursor->at == '\0' || fail(cursor, "unexpected text after the number");
    if (expectation->relation != EXPECT_EQUAL)
        return fail(cursor, "+- can be used with == only");
    cursor->at += 2;
    skip_blanks(cursor);
    if (!read_decimal(cursor, &expectation->tolerance))
        return false;
    skip_blanks(cursor);
    return *cursor->at == '\0' || fail(cursor, "unexpected text after the tolerance");
}

static int format_decimal(struct expect_decimal decimal, char *text, size_t bytes)
{
    uint64_t divisor = 1;

    for (uint32_t i = 0; i < decimal.digits; i++)
        divisor *= 10;
    if (decimal.digits == 0)
        return snprintf(text, bytes, "%llu", (unsigned long long)decimal.mantissa);
    return snprintf(text, bytes, "%llu.%0*llu", (unsigned long long)(decimal.mantissa / divisor), (int)decimal.digits,
                    (unsigned long long)(decimal.mantissa % divisor));
}

const char *expect_relation_text(enum expect_relation relation)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
        if (operators[i].relation == relation)
            return operators[i].text;
    }
    CHECK(!"a known operator");
    return "";
}

bool expect_parse(struct expectation *expectation, const char *text, struct place place, struct diag *diag)
{
    struct cursor cursor = { text, text, place, diag };
    char value[40], tolerance[40];

    memset(expectation, 0, sizeof(*expectation));
    expectation->place = place;
    skip_blanks(&cursor);
    if (!read_metric(&cursor, expectation))
        return false;
    skip_blanks(&cursor);
    if (!read_operator(&cursor, expectation))
        return false;
    skip_blanks(&cursor);
    if (!read_decimal(&cursor, &expectation->value))
        return false;
    skip_blanks(&cursor);
    if (!read_tolerance(&cursor, expectation))
        return false;
    format_decimal(expectation->value, value, sizeof(value));
    format_decimal(expectation->tolerance, tolerance, sizeof(tolerance));
    CHECK(asprintf(&expectation->text, "%s %s %s%s%s", expectation->metric, expect_relation_text(expectation->relation),
                   value, expectation->tolerance.mantissa ? " +- " : "",
                   expectation->tolerance.mantissa ? tolerance : "") > 0);
    return true;
}

/* Replaces the single capital letters of the pattern by the components of the name at their places, so that a
 * suggestion corrects the other components. */
static void instantiate(const char *pattern, const char *name, char *text, size_t text_bytes)
{
    size_t used = 0;

    while (*pattern && used + 1 < text_bytes) {
        size_t pattern_bytes = strcspn(pattern, "."), name_bytes = strcspn(name, ".");
        bool is_variable = pattern_bytes == 1 && *pattern >= 'A' && *pattern <= 'Z' && name_bytes > 0;
        int bytes = (int)(is_variable ? name_bytes : pattern_bytes);

        used += (size_t)snprintf(text + used, text_bytes - used, "%s%.*s", used ? "." : "", bytes,
                                 is_variable ? name : pattern);
        pattern += pattern_bytes + (pattern[pattern_bytes] == '.');
        name += name_bytes + (name[name_bytes] == '.');
    }
}

bool expect_is_metric_name(const char *text)
{
    size_t bytes = strlen(text);

    return bytes > 0 && bytes < METRIC_NAME_BYTES && strspn(text, METRIC_CHARACTERS) == bytes;
}

void expect_offer_metrics(struct suggest *suggest, const char *name, char best[METRIC_NAME_BYTES])
{
    char text[METRIC_NAME_BYTES];
    size_t count;
    const struct metric_row **rows = metric_catalogue_new(&count);

    for (size_t i = 0; i < count; i++) {
        if (rows[i]->source == METRIC_SOURCE_DISTRIBUTION)
            continue;
        instantiate(rows[i]->name, name, text, sizeof(text));
        suggest_offer(suggest, text);
        if (suggest->best == text) {
            memcpy(best, text, sizeof(text));
            suggest->best = best;
        }
    }
    free(rows);
}

void expect_check_name(const char *metric, struct place place, struct diag *diag)
{
    char best[METRIC_NAME_BYTES], suggestion[SUGGEST_TEXT_BYTES];
    const struct metric_row *row = metric_describe(metric);
    struct suggest suggest;

    if (row != NULL && row->source != METRIC_SOURCE_DISTRIBUTION)
        return;
    suggest_init(&suggest, metric);
    expect_offer_metrics(&suggest, metric, best);
    diag_warning(diag, place, "`%s list metrics` has no '%s'%s", program_call(), metric,
                 suggest_text(&suggest, suggestion));
}

void expect_free(struct expectation *expectation)
{
    free(expectation->text);
    expectation->text = NULL;
}

static uint128 power_of_ten(uint32_t digits)
{
    uint128 power = 1;

    while (digits-- > 0)
        power *= 10;
    return power;
}

/* Returns the sign of metric - decimal. The operands stay below 2^94. */
static int compare(const struct metric *metric, struct expect_decimal decimal)
{
    uint128 left = metric->numerator * power_of_ten(decimal.digits);
    uint128 right = (uint128)metric->denominator * decimal.mantissa;

    return left < right ? -1 : left > right;
}

/* Whether |metric - value| <= tolerance, computed as value - tolerance <= metric <= value + tolerance with a common
 * denominator. */
static bool is_near(const struct metric *metric, struct expect_decimal value, struct expect_decimal tolerance)
{
    uint32_t digits = value.digits > tolerance.digits ? value.digits : tolerance.digits;
    uint128 center = value.mantissa * power_of_ten(digits - value.digits);
    uint128 radius = tolerance.mantissa * power_of_ten(digits - tolerance.digits);
    uint128 left = metric->numerator * power_of_ten(digits), highest = center + radius;
    uint128 lowest = center > radius ? center - radius : 0;
    uint128 whole = left / metric->denominator, rest = left % metric->denominator;

    /* lowest <= left / denominator <= highest, without a multiplication that could overflow. */
    return whole >= lowest && (whole < highest || (whole == highest && rest == 0));
}

static bool is_met(const struct expectation *expectation, const struct metric *metric)
{
    int sign = compare(metric, expectation->value);

    switch (expectation->relation) {
    case EXPECT_LESS:
        return sign < 0;
    case EXPECT_AT_MOST:
        return sign <= 0;
    case EXPECT_MORE:
        return sign > 0;
    case EXPECT_AT_LEAST:
        return sign >= 0;
    case EXPECT_EQUAL:
        return is_near(metric, expectation->value, expectation->tolerance);
    case EXPECT_NOT_EQUAL:
        return sign != 0;
    }
    CHECK(!"a known operator");
    return false;
}

static enum expect_verdict report_unknown(const struct expectation *expectation, const struct metrics *metrics,
                                          char *message, size_t message_bytes)
{
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, expectation->metric);
    for (size_t i = 0; i < metrics->count; i++)
        suggest_offer(&suggest, metrics->rows[i].name);
    snprintf(message, message_bytes, "unknown metric '%s' in '%s'%s", expectation->metric, expectation->text,
             suggest_text(&suggest, suggestion));
    return EXPECT_UNKNOWN_METRIC;
}

enum expect_verdict expect_evaluate(const struct expectation *expectation, const struct metrics *metrics, char *message,
                                    size_t message_bytes)
{
    const struct metric *metric = metric_find(metrics, expectation->metric);

    if (!metric)
        return report_unknown(expectation, metrics, message, message_bytes);
    if (metric->denominator == 0) {
        snprintf(message, message_bytes, "expectation failed: %s, but there was no observation", expectation->text);
        return EXPECT_NO_OBSERVATION;
    }
    if (is_met(expectation, metric))
        return EXPECT_MET;
    snprintf(message, message_bytes, "expectation failed: %s, but it is %.6g", expectation->text, metric_value(metric));
    return EXPECT_FAILED;
}
