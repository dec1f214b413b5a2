/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotients with checked 128-bit arithmetic.
 */
#include "base/check.h"
#include "experiment/quotient.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define EXPONENT_MAX 36

static int128 greatest_divisor(int128 a, int128 b)
{
    while (b != 0) {
        int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static struct quotient known(int128 numerator, int128 denominator)
{
    int128 divisor = greatest_divisor(numerator, denominator);

    CHECK(divisor != 0); /* the denominator is not 0 */
    if (denominator < 0)
        divisor = -divisor;
    return (struct quotient){ QUOTIENT_KNOWN, numerator / divisor, denominator / divisor };
}

struct quotient quotient_from(int128 numerator, int128 denominator)
{
    return denominator == 0 ? (struct quotient){ .state = QUOTIENT_NOTHING } : known(numerator, denominator);
}

static bool is_known(const struct quotient *left, const struct quotient *right, struct quotient *result)
{
    result->state = left->state != QUOTIENT_KNOWN ? left->state : right->state;
    return result->state == QUOTIENT_KNOWN;
}

struct quotient quotient_add(struct quotient left, struct quotient right)
{
    struct quotient result = { 0 };
    int128 common, a, b, sum, denominator;

    if (!is_known(&left, &right, &result))
        return result;
    common = greatest_divisor(left.denominator, right.denominator);
    if (__builtin_mul_overflow(left.numerator, right.denominator / common, &a) ||
        __builtin_mul_overflow(right.numerator, left.denominator / common, &b) || __builtin_add_overflow(a, b, &sum) ||
        __builtin_mul_overflow(left.denominator, right.denominator / common, &denominator))
        return (struct quotient){ .state = QUOTIENT_TOO_LONG };
    return known(sum, denominator);
}

struct quotient quotient_subtract(struct quotient left, struct quotient right)
{
    right.numerator = -right.numerator;
    return quotient_add(left, right);
}

struct quotient quotient_multiply(struct quotient left, struct quotient right)
{
    struct quotient result = { 0 };
    int128 numerator, denominator;

    if (!is_known(&left, &right, &result))
        return result;
    /* Crosswise, what is common is divided out first, so that only results that are really long are too long. */
    struct quotient a = known(left.numerator, right.denominator), b = known(right.numerator, left.denominator);
    if (__builtin_mul_overflow(a.numerator, b.numerator, &numerator) ||
        __builtin_mul_overflow(a.denominator, b.denominator, &denominator))
        return (struct quotient){ .state = QUOTIENT_TOO_LONG };
    return (struct quotient){ QUOTIENT_KNOWN, numerator, denominator };
}

struct quotient quotient_divide(struct quotient left, struct quotient right)
{
    struct quotient result = { 0 };

    if (!is_known(&left, &right, &result))
        return result;
    if (right.numerator == 0)
        return (struct quotient){ .state = QUOTIENT_NOTHING };
    return quotient_multiply(left, quotient_from(right.denominator, right.numerator));
}

/* Compares a/b with c/d for b, d > 0 by their whole parts, then by the inverses of what is left. */
static int compare_positive(uint128 a, uint128 b, uint128 c, uint128 d)
{
    for (int sign = 1;; sign = -sign) {
        uint128 left = a / b, right = c / d, left_rest = a % b, right_rest = c % d;

        if (left != right)
            return left < right ? -sign : sign;
        if (left_rest == 0 || right_rest == 0)
            return left_rest == right_rest ? 0 : left_rest == 0 ? -sign : sign;
        a = b;
        b = left_rest;
        c = d;
        d = right_rest;
    }
}

int quotient_compare(struct quotient left, struct quotient right)
{
    bool is_left_negative = left.numerator < 0, is_right_negative = right.numerator < 0;

    if (is_left_negative != is_right_negative)
        return is_left_negative ? -1 : 1;
    if (is_left_negative)
        return compare_positive((uint128)-right.numerator, (uint128)right.denominator, (uint128)-left.numerator,
                                (uint128)left.denominator);
    return compare_positive((uint128)left.numerator, (uint128)left.denominator, (uint128)right.numerator,
                            (uint128)right.denominator);
}

double quotient_value(struct quotient value)
{
    return value.state == QUOTIENT_KNOWN ? (double)value.numerator / (double)value.denominator : NAN;
}

static bool power_of_ten(long exponent, int128 *power)
{
    *power = 1;
    for (long i = 0; i < exponent; i++)
        if (__builtin_mul_overflow(*power, 10, power))
            return false;
    return true;
}

/* Reads "e-05"; nothing when no digit follows. */
static size_t read_exponent(const char *text, long *exponent)
{
    size_t at = 1, sign = text[0] == 'e' && (text[1] == '-' || text[1] == '+');

    *exponent = 0;
    if (text[0] != 'e' || !isdigit((unsigned char)text[1 + sign]))
        return 0;
    for (at += sign; isdigit((unsigned char)text[at]); at++)
        if (*exponent < 1000)
            *exponent = *exponent * 10 + (text[at] - '0');
    if (sign && text[1] == '-')
        *exponent = -*exponent;
    return at;
}

size_t quotient_read(const char *text, struct quotient *value)
{
    size_t at = text[0] == '-', digits = 0;
    int128 mantissa = 0, power;
    long places = 0, exponent;
    bool has_point = false;

    for (;; at++) {
        if (text[at] == '.' && !has_point && digits > 0 && isdigit((unsigned char)text[at + 1])) {
            has_point = true;
            continue;
        }
        if (!isdigit((unsigned char)text[at]))
            break;
        digits++;
        places += has_point;
        if (__builtin_mul_overflow(mantissa, 10, &mantissa) ||
            __builtin_add_overflow(mantissa, text[at] - '0', &mantissa))
            return 0;
    }
    if (digits == 0)
        return 0;
    at += read_exponent(text + at, &exponent);
    exponent -= places;
    if (exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX ||
        !power_of_ten(exponent < 0 ? -exponent : exponent, &power))
        return 0;
    if (exponent > 0 && __builtin_mul_overflow(mantissa, power, &mantissa))
        return 0;
    *value = quotient_from(text[0] == '-' ? -mantissa : mantissa, exponent < 0 ? power : 1);
    return at;
}

static const struct {
    const char *unit, *base;
    int64_t numerator, denominator; /* what one is in the base unit */
} units[] = {
    { "", "", 1, 1 },
    { "cy", "cycles", 1, 1 },
    { "s", "s", 1, 1 },
    { "ms", "s", 1, 1000 },
    { "us", "s", 1, 1000000 },
    { "ns", "s", 1, 1000000000 },
    { "mHz", "Hz", 1, 1000 },
    { "Hz", "Hz", 1, 1 },
    { "kHz", "Hz", 1000, 1 },
    { "MHz", "Hz", 1000000, 1 },
    { "GHz", "Hz", 1000000000, 1 },
    { "B", "B", 1, 1 },
    { "KiB", "B", 1024, 1 },
    { "MiB", "B", 1048576, 1 },
    { "GiB", "B", 1073741824, 1 },
};

/* Returns the index of the unit behind a number, SIZE_MAX when the text is no number with a unit. */
static size_t find_unit(const char *label, struct quotient *value)
{
    size_t bytes = quotient_read(label, value);

    for (size_t i = 0; bytes > 0 && i < sizeof units / sizeof units[0]; i++)
        if (strcmp(label + bytes, units[i].unit) == 0)
            return i;
    return SIZE_MAX;
}

/* The words that stand for 1 and 0. */
static bool read_word(const char *label, struct quotient *value)
{
    static const char *const words[] = { "off", "false", "none", "tickless", "on", "true" };

    for (int i = 0; i < 6; i++)
        if (strcmp(label, words[i]) == 0) {
            *value = quotient_from(i >= 4, 1);
            return true;
        }
    return false;
}

bool quotient_from_label(const char *label, struct quotient *value)
{
    size_t unit;

    if (read_word(label, value))
        return true;
    unit = find_unit(label, value);
    if (unit == SIZE_MAX)
        return false;
    *value = quotient_multiply(*value, quotient_from(units[unit].numerator, units[unit].denominator));
    return value->state == QUOTIENT_KNOWN;
}

const char *quotient_label_unit(const char *label)
{
    struct quotient value;
    size_t unit = find_unit(label, &value);

    return read_word(label, &value) ? "" : unit != SIZE_MAX ? units[unit].base : NULL;
}

const char *quotient_text(struct quotient value, char text[48])
{
    if (value.state != QUOTIENT_KNOWN)
        text[0] = '\0';
    else if (value.denominator == 1 && value.numerator > -(int128)1000000000000000000 &&
             value.numerator < (int128)1000000000000000000)
        (void)snprintf(text, 48, "%lld", (long long)value.numerator);
    else
        (void)snprintf(text, 48, "%.9g", quotient_value(value));
    return text;
}
