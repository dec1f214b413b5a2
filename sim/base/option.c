/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses and formats the values of option rows: exact decimals with units, enums, booleans and text.
 */
#include "base/option.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"

#define FRACTION_DIGITS_MAX 9 /* the finest resolution is 1 ns, written in seconds */
#define QUOTED_BYTES_MAX 60   /* how much of the user's text a message quotes */

struct unit {
    const char *name;
    uint64_t factor;
};

/* In ascending order of the factor; the first is the stored unit. */
static const struct unit duration_units[] = {
    { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { NULL, 0 },
};
static const struct unit rate_units[] = {
    { "mHz", 1 }, { "Hz", 1000 }, { "kHz", 1000000 }, { "MHz", 1000000000 }, { NULL, 0 },
};
static const struct unit frequency_units[] = {
    { "Hz", 1 }, { "kHz", 1000 }, { "MHz", 1000000 }, { "GHz", 1000000000 }, { NULL, 0 },
};
static const struct unit cycles_units[] = { { "cy", 1 }, { NULL, 0 } };
static const struct unit size_units[] = {
    { "B", 1 }, { "KiB", 1024 }, { "MiB", 1048576 }, { "GiB", 1073741824 }, { NULL, 0 },
};

static const struct {
    const struct unit *units; /* NULL for values without a unit */
    const char *expected;
} types[] = {
    [OPTION_DURATION] = { duration_units, "a duration (ns, us, ms, s)" },
    [OPTION_RATE] = { rate_units, "a rate (mHz, Hz, kHz, MHz)" },
    [OPTION_FREQUENCY] = { frequency_units, "a frequency (Hz, kHz, MHz, GHz)" },
    [OPTION_CYCLES] = { cycles_units, "a number of cycles (cy)" },
    [OPTION_SIZE] = { size_units, "a size (B, KiB, MiB, GiB)" },
    [OPTION_INTEGER] = { NULL, "an integer" },
    [OPTION_INDEX] = { NULL, "an integer" },
    [OPTION_ENUM] = { NULL, "a name" },
    [OPTION_BOOL] = { NULL, "on or off" },
    [OPTION_TEXT] = { NULL, "text" },
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

__attribute__((format(printf, 2, 3))) static bool fail(struct option_problem *problem, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem->message, sizeof(problem->message), format, arguments);
    va_end(arguments);
    problem->suggestion[0] = '\0';
    return false;
}

/* The number mantissa / 10^fraction_digits. */
struct decimal {
    uint128 mantissa;
    uint32_t fraction_digits;
};

/* Parses digits[.digits] and sets *rest to the first character after the number. */
static bool read_decimal(const char *text, struct decimal *decimal, const char **rest, const char *expected,
                         struct option_problem *problem)
{
    const char *at = text;

    if (*text == '-' && is_digit(text[1]))
        return fail(problem, "'%.*s' is negative: expected %s", QUOTED_BYTES_MAX, text, expected);
    if (!is_digit(*text))
        return fail(problem, "'%.*s' is not a number: expected %s", QUOTED_BYTES_MAX, text, expected);
    if (text[0] == '0' && is_digit(text[1]))
        return fail(problem, "'%.*s' has a leading 0: expected %s", QUOTED_BYTES_MAX, text, expected);
    while (is_digit(*at) && decimal->mantissa <= UINT64_MAX)
        decimal->mantissa = 10 * decimal->mantissa + (unsigned)(*at++ - '0');
    if (at[0] == '.' && is_digit(at[1])) {
        for (at++; is_digit(*at) && decimal->fraction_digits < FRACTION_DIGITS_MAX; at++, decimal->fraction_digits++)
            decimal->mantissa = 10 * decimal->mantissa + (unsigned)(*at - '0');
    }
    if (is_digit(*at))
        return fail(problem, "'%.*s' has too many digits", QUOTED_BYTES_MAX, text);
    if (*at == '.')
        return fail(problem, "'%.*s' is not a number: expected %s", QUOTED_BYTES_MAX, text, expected);
    if ((*at == 'e' || *at == 'E') && (is_digit(at[1]) || ((at[1] == '-' || at[1] == '+') && is_digit(at[2]))))
        return fail(problem, "'%.*s' has an exponent: expected %s", QUOTED_BYTES_MAX, text, expected);
    *rest = at;
    return true;
}

static bool scale_decimal(const char *text, struct decimal decimal, uint64_t factor, const char *smallest,
                          uint64_t *value, struct option_problem *problem)
{
    uint128 scaled = decimal.mantissa, divisor = 1;

    for (uint32_t i = 0; i < decimal.fraction_digits; i++)
        divisor *= 10;
    /* mantissa < 2^98, factor < 2^30: no overflow. */
    scaled *= factor;
    if (scaled % divisor != 0 && *smallest == '\0')
        return fail(problem, "'%.*s' is not an integer", QUOTED_BYTES_MAX, text);
    if (scaled % divisor != 0)
        return fail(problem, "'%.*s' is not a multiple of 1%s", QUOTED_BYTES_MAX, text, smallest);
    scaled /= divisor;
    if (scaled > UINT64_MAX)
        return fail(problem, "'%.*s' is too large", QUOTED_BYTES_MAX, text);
    *value = (uint64_t)scaled;
    return true;
}

static bool fail_unit(struct option_problem *problem, const char *text, const char *unit, enum option_type type)
{
    const struct unit *units = types[type].units;
    const char *word = unit + strspn(unit, " \t");
    struct suggest suggest;
    size_t count = 0;

    if (*unit == '\0')
        return fail(problem, "'%.*s' has no unit: expected %s", QUOTED_BYTES_MAX, text, types[type].expected);
    suggest_init(&suggest, word);
    while (units[count].name)
        count++;
    /* From the largest unit down, so that of two equally similar units the larger one is suggested. */
    while (count-- > 0) {
        if (word != unit && !strcmp(word, units[count].name))
            return fail(problem, "'%.*s' has a space between number and unit", QUOTED_BYTES_MAX, text);
        suggest_offer(&suggest, units[count].name);
    }
    fail(problem, "unknown unit '%.*s' in '%.*s': expected %s", QUOTED_BYTES_MAX, word, QUOTED_BYTES_MAX, text,
         types[type].expected);
    suggest_text(&suggest, problem->suggestion);
    return false;
}

bool option_parse_number(enum option_type type, const char *text, uint64_t *value, struct option_problem *problem)
{
    const struct unit *units = types[type].units;
    struct decimal decimal = { 0, 0 };
    const char *rest = text;

    CHECK(units || type == OPTION_INTEGER || type == OPTION_INDEX);
    if (*text == '\0')
        return fail(problem, "empty value: expected %s", types[type].expected);
    if (!read_decimal(text, &decimal, &rest, types[type].expected, problem))
        return false;
    if (!units) {
        if (*rest != '\0')
            return fail(problem, "'%.*s' is not an integer", QUOTED_BYTES_MAX, text);
        return scale_decimal(text, decimal, 1, "", value, problem);
    }
    for (const struct unit *unit = units; unit->name; unit++) {
        if (!strcmp(rest, unit->name))
            return scale_decimal(text, decimal, unit->factor, units[0].name, value, problem);
    }
    return fail_unit(problem, text, rest, type);
}

int option_format_number(enum option_type type, uint64_t value, char *text, size_t text_bytes)
{
    const struct unit *unit = types[type].units;

    if (!unit)
        return snprintf(text, text_bytes, "%llu", (unsigned long long)value);
    while (unit[1].name && value != 0 && value % unit[1].factor == 0)
        unit++;
    return snprintf(text, text_bytes, "%llu%s", (unsigned long long)(value / unit->factor), unit->name);
}

const struct option *option_find(const struct option_table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++) {
        if (!strcmp(table->rows[i].key, key))
            return &table->rows[i];
    }
    return NULL;
}

uint64_t option_value(const struct option *option, const void *record, uint32_t index)
{
    const char *field = (const char *)record + option->offset + index * option->bytes;
    uint64_t value = 0;
    uint32_t word;

    CHECK(index < (option->count ? option->count : 1));
    if (option->bytes == 8) {
        memcpy(&value, field, 8);
    } else if (option->bytes == 4) {
        memcpy(&word, field, 4);
        value = word;
    } else if (option->bytes == 1) {
        value = (unsigned char)*field;
    } else {
        CHECK(option->bytes == 0);
    }
    return value;
}

void option_store(const struct option *option, void *record, uint32_t index, uint64_t value)
{
    char *field = (char *)record + option->offset + index * option->bytes;
    uint32_t word = (uint32_t)value;

    CHECK(index < (option->count ? option->count : 1));
    if (option->bytes == 8) {
        memcpy(field, &value, 8);
    } else if (option->bytes == 4) {
        CHECK(value <= UINT32_MAX);
        memcpy(field, &word, 4);
    } else if (option->bytes == 1) {
        CHECK(value <= UINT8_MAX);
        *field = (char)value;
    } else {
        CHECK(option->bytes == 0);
    }
}

const char *option_expected(const struct option *option, char *text, size_t text_bytes)
{
    size_t used;

    CHECK(text_bytes > 0);
    if (option->type != OPTION_ENUM) {
        snprintf(text, text_bytes, "%s%s%s", types[option->type].expected, option->zero_name ? " or " : "",
                 option->zero_name ? option->zero_name : "");
        return text;
    }
    used = (size_t)snprintf(text, text_bytes, "%s", option->names[1].name ? "one of " : "");
    for (const struct option_name *name = option->names; name->name && used < text_bytes; name++)
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", name == option->names ? "" : ", ", name->name);
    return text;
}

static bool parse_enum(const struct option *option, const char *text, uint64_t *value, struct option_problem *problem)
{
    struct suggest suggest;
    char expected[400];

    for (const struct option_name *name = option->names; name->name; name++) {
        if (!strcmp(text, name->name)) {
            *value = name->value;
            return true;
        }
    }
    suggest_init(&suggest, text);
    for (const struct option_name *name = option->names; name->name; name++)
        suggest_offer(&suggest, name->name);
    fail(problem, "unknown %s '%.*s': expected %s", option->key, QUOTED_BYTES_MAX, text,
         option_expected(option, expected, sizeof(expected)));
    suggest_text(&suggest, problem->suggestion);
    return false;
}

static bool parse_bool(const char *text, uint64_t *value, struct option_problem *problem)
{
    *value = !strcmp(text, "on") || !strcmp(text, "true");
    if (*value || !strcmp(text, "off") || !strcmp(text, "false"))
        return true;
    return fail(problem, "'%.*s' is not a switch: expected on or off", QUOTED_BYTES_MAX, text);
}

static bool parse_text(const struct option *option, const char *text, void *record, struct option_problem *problem)
{
    size_t bytes = strlen(text);

    if (bytes < option->minimum)
        return fail(problem, bytes ? "'%.*s' is too short" : "empty value: expected text", QUOTED_BYTES_MAX, text);
    if (bytes >= option->bytes || (option->maximum && bytes > option->maximum))
        return fail(problem, "'%.*s...' is %zu bytes long, at most %zu are allowed", 20, text, bytes,
                    option->maximum ? (size_t)option->maximum : option->bytes - 1);
    memset((char *)record + option->offset, 0, option->bytes);
    memcpy((char *)record + option->offset, text, bytes);
    return true;
}

static bool check_range(const struct option *option, const char *text, uint64_t value, struct option_problem *problem)
{
    uint64_t maximum = option->maximum ? option->maximum : UINT64_MAX;
    char limit[64];

    if (option->bytes == 4 && maximum > UINT32_MAX)
        maximum = UINT32_MAX;
    if (value < option->minimum) {
        option_format_number(option->type, option->minimum, limit, sizeof(limit));
        return fail(problem, "'%.*s' is below the minimum %s", QUOTED_BYTES_MAX, text, limit);
    }
    if (value > maximum) {
        option_format_number(option->type, maximum, limit, sizeof(limit));
        return fail(problem, "'%.*s' is above the maximum %s", QUOTED_BYTES_MAX, text, limit);
    }
    return true;
}

static bool parse_number(const struct option *option, const char *text, uint64_t *value, struct option_problem *problem)
{
    if (!option_parse_number(option->type, text, value, problem) || !check_range(option, text, *value, problem))
        return false;
    *value += option->type == OPTION_INDEX;
    return true;
}

bool option_parse(const struct option *option, const char *text, void *record, uint32_t index,
                  struct option_problem *problem)
{
    char expected[400];
    uint64_t value = 0;
    bool is_good;

    if (option->type == OPTION_TEXT) {
        CHECK(index == 0);
        return parse_text(option, text, record, problem);
    }
    if (*text == '\0')
        return fail(problem, "empty value: expected %s", option_expected(option, expected, sizeof(expected)));
    if (option->zero_name && !strcmp(text, option->zero_name))
        is_good = true;
    else if (option->type == OPTION_ENUM)
        is_good = parse_enum(option, text, &value, problem);
    else if (option->type == OPTION_BOOL)
        is_good = parse_bool(text, &value, problem);
    else
        is_good = parse_number(option, text, &value, problem);
    if (is_good)
        option_store(option, record, index, value);
    return is_good;
}

int option_format(const struct option *option, const void *record, uint32_t index, char *text, size_t text_bytes)
{
    uint64_t value;

    if (option->type == OPTION_TEXT)
        return snprintf(text, text_bytes, "%s", (const char *)record + option->offset);
    value = option_value(option, record, index);
    if (option->type == OPTION_BOOL)
        return snprintf(text, text_bytes, "%s", value ? "on" : "off");
    if (option->type == OPTION_ENUM) {
        for (const struct option_name *name = option->names; name->name; name++) {
            if (name->value == value)
                return snprintf(text, text_bytes, "%s", name->name);
        }
        CHECK(!"an enum value of the table");
    }
    if (option->zero_name && value == 0)
        return snprintf(text, text_bytes, "%s", option->zero_name);
    return option_format_number(option->type, value - (option->type == OPTION_INDEX), text, text_bytes);
}
