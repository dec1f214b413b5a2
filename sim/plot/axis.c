/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits, ticks and numbers of axes.
 */
#define _GNU_SOURCE
#include "plot/axis.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "plot/text.h"

#define NUMBER_BYTES 40
#define LOG_MARGIN 1.15
#define MARGIN 0.05   /* of the range */
#define TICK_GAP 20.0 /* pixels between labels beside each other */
#define LOG_TICK_GAP 10.0
#define TICK_PITCH 36.0      /* pixels between labels above each other */
#define FIRST_SUFFIX 1e5     /* numbers of a unit without prefixes get one from here on */
#define FIRST_LOG_SUFFIX 1e4 /* on a logarithmic axis, each of its own */

struct prefix {
    const char *unit, *written;
    double factor;
};

static const struct prefix prefixes[] = {
    { "ns", "ns", 1 }, { "ns", "µs", 1e3 },    { "ns", "ms", 1e6 },    { "ns", "s", 1e9 },     { "us", "ns", 1e-3 },
    { "us", "µs", 1 }, { "us", "ms", 1e3 },    { "us", "s", 1e6 },     { "ms", "ns", 1e-6 },   { "ms", "µs", 1e-3 },
    { "ms", "ms", 1 }, { "ms", "s", 1e3 },     { "s", "ns", 1e-9 },    { "s", "µs", 1e-6 },    { "s", "ms", 1e-3 },
    { "s", "s", 1 },   { "Hz", "Hz", 1 },      { "Hz", "kHz", 1e3 },   { "Hz", "MHz", 1e6 },   { "Hz", "GHz", 1e9 },
    { "B", "B", 1 },   { "B", "KiB", 0x1p10 }, { "B", "MiB", 0x1p20 }, { "B", "GiB", 0x1p30 },
};

struct extent extent_none(void) { return (struct extent){ INFINITY, -INFINITY, INFINITY }; }

void extent_add(struct extent *extent, double value)
{
    if (!isfinite(value))
        return;
    extent->low = fmin(extent->low, value);
    extent->high = fmax(extent->high, value);
    if (value > 0)
        extent->least_positive = fmin(extent->least_positive, value);
}

/* Returns the prefix with the largest factor that is at most `size`, or the one with the smallest; NULL for a unit
 * without prefixes. */
static const struct prefix *find_prefix(const char *unit, double size)
{
    const struct prefix *found = NULL;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strcmp(prefixes[i].unit, unit) == 0 && (found == NULL || prefixes[i].factor <= size * 1.0000001))
            found = &prefixes[i];
    return found;
}

/* Returns the suffix for numbers of this size, of a unit without prefixes. */
static const struct prefix *suffix_of(double size)
{
    static const struct prefix suffixes[] = { { "", "G", 1e9 }, { "", "M", 1e6 }, { "", "k", 1e3 }, { "", "", 1 } };
    size_t i = 0;
    while (i < 3 && size < suffixes[i].factor * 0.9999999)
        i++;
    return &suffixes[i];
}

static void choose_unit(struct scale *scale, const struct chart_axis *axis)
{
    double size = fmax(fabs(scale->low), fabs(scale->high));
    const struct prefix *prefix = find_prefix(axis->unit, size / 2);

    scale->base_unit = axis->unit;
    scale->factor = 1;
    scale->suffix = "";
    snprintf(scale->unit, sizeof scale->unit, "%s", axis->unit);
    scale->is_unit_in_ticks = prefix != NULL && scale->is_log;
    if (prefix != NULL) {
        scale->factor = prefix->factor;
        snprintf(scale->unit, sizeof scale->unit, "%s", prefix->written);
    } else if (strcmp(axis->unit, "%") != 0 && size >= FIRST_SUFFIX && !scale->is_log) {
        scale->factor = suffix_of(size / 2)->factor;
        scale->suffix = suffix_of(size / 2)->written;
    }
}

static void fit_log(struct scale *scale, struct extent extent)
{
    bool is_empty = !isfinite(extent.least_positive);
    scale->low = is_empty ? 1 : extent.least_positive / LOG_MARGIN;
    scale->high = is_empty ? 10 : extent.high * LOG_MARGIN;
    if (scale->high / scale->low < 2) {
        scale->low /= 1.5;
        scale->high *= 1.5;
    }
}

static void fit_linear(struct scale *scale, struct extent extent, enum scale_fit fit)
{
    if (extent.low > extent.high)
        extent = (struct extent){ 0, 1, 1 };
    double low = fit == SCALE_FROM_ZERO ? fmin(0, extent.low) : extent.low;
    double high = fit == SCALE_FROM_ZERO ? fmax(0, extent.high) : extent.high;
    double margin = MARGIN * (high > low ? high - low : fabs(high) > 0 ? fabs(high) : 1);

    scale->low = fit == SCALE_FROM_ZERO && low == 0 ? 0 : low - margin;
    scale->high = fit == SCALE_FROM_ZERO && high == 0 && low < 0 ? 0 : high + margin;
}

struct scale scale_make(const struct chart_axis *axis, struct extent extent, enum scale_fit fit)
{
    struct scale scale = { .is_log = axis->is_log };

    if (axis->is_log)
        fit_log(&scale, extent);
    else
        fit_linear(&scale, extent, fit);
    if (axis->low < axis->high && (!axis->is_log || axis->low > 0)) {
        scale.low = axis->low;
        scale.high = axis->high;
    }
    choose_unit(&scale, axis);
    return scale;
}

double scale_pixel(const struct scale *scale, double value)
{
    double part = scale->is_log ? log(value / scale->low) / log(scale->high / scale->low)
                                : (value - scale->low) / (scale->high - scale->low);
    return scale->from + part * (scale->to - scale->from);
}

bool scale_contains(const struct scale *scale, double value)
{
    double slack = scale->is_log ? 0 : 1e-9 * (scale->high - scale->low);
    return value >= scale->low - slack && value <= scale->high + slack;
}

/* Replaces the hyphen of a negative number by a minus sign. */
static void write_number(const char *number, const char *suffix, const char *unit, char text[AXIS_LABEL_BYTES])
{
    bool is_negative = number[0] == '-' && strspn(number, "-0.") < strlen(number);
    snprintf(text, AXIS_LABEL_BYTES, "%s%s%s%s%s%s", is_negative ? "\u2212" : "", number + (number[0] == '-'),
             suffix[0] != '\0' ? " " : "", suffix, unit[0] != '\0' ? " " : "", unit);
}

void scale_format(const struct scale *scale, double value, int digits, bool has_unit, char text[AXIS_LABEL_BYTES])
{
    char number[NUMBER_BYTES];
    double factor = scale->factor;
    const char *unit = has_unit ? scale->unit : "", *suffix = scale->suffix;

    if (scale->is_unit_in_ticks) {
        const struct prefix *prefix = find_prefix(scale->base_unit, fabs(value));
        factor = prefix->factor;
        unit = prefix->written;
    } else if (scale->is_log && fabs(value) >= FIRST_LOG_SUFFIX) {
        factor = suffix_of(fabs(value))->factor;
        suffix = suffix_of(fabs(value))->written;
    }
    value /= factor;
    if (fabs(value) >= pow(10, digits) - 0.5 && fabs(value) < 1e15)
        snprintf(number, sizeof number, "%.0f", value);
    else
        snprintf(number, sizeof number, "%.*g", digits, value);
    write_number(number, suffix, unit, text);
}

void scale_format_fixed(const struct scale *scale, double value, int digits, char text[AXIS_LABEL_BYTES])
{
    double largest = fmax(fabs(scale->low), fabs(scale->high)) / scale->factor;
    int before_point = (int)floor(log10(largest)) + 1, decimals = digits - before_point;
    char number[NUMBER_BYTES];

    if (scale->is_log || value == 0) {
        scale_format(scale, value, digits, false, text);
        return;
    }
    snprintf(number, sizeof number, "%.*f", decimals < 0 ? 0 : decimals > 12 ? 12 : decimals, value / scale->factor);
    write_number(number, scale->suffix, "", text);
}

static void add_tick(const struct scale *scale, double value, int decimals, struct ticks *ticks)
{
    char number[NUMBER_BYTES];

    if (ticks->count == AXIS_TICKS_MAX || !scale_contains(scale, value))
        return;
    struct tick *tick = &ticks->tick[ticks->count++];
    tick->value = value;
    if (scale->is_log) {
        scale_format(scale, value, 3, false, tick->label);
        return;
    }
    snprintf(number, sizeof number, "%.*f", decimals, value / scale->factor);
    write_number(number, scale->suffix, "", tick->label);
}

bool scale_ticks_fit(const struct scale *scale, double size, bool is_vertical, const struct ticks *ticks)
{
    for (size_t i = 1; i < ticks->count; i++) {
        double distance = fabs(scale_pixel(scale, ticks->tick[i].value) - scale_pixel(scale, ticks->tick[i - 1].value));
        double widths = plot_text_width(ticks->tick[i].label, size) + plot_text_width(ticks->tick[i - 1].label, size);
        if (distance < (is_vertical ? (scale->is_log ? 2 * size : TICK_PITCH)
                                    : widths / 2 + (scale->is_log ? LOG_TICK_GAP : TICK_GAP)))
            return false;
    }
    return true;
}

/* Ticks at multiples of 1, 2 or 5 times a power of ten, as close as they fit. */
static void linear_ticks(const struct scale *scale, double size, bool is_vertical, struct ticks *ticks)
{
    static const double steps[] = { 1, 2, 5 };
    double range = (scale->high - scale->low) / scale->factor;
    int decade = (int)floor(log10(range)) - 2;

    for (int i = 0; i < 12; i++) {
        int power = decade + i / 3, decimals = power < 0 ? -power : 0;
        double step = steps[i % 3] * pow(10, power);
        ticks->count = 0;
        if (range / step > AXIS_TICKS_MAX - 2)
            continue;
        double first = ceil(scale->low / scale->factor / step - 1e-9);
        for (int n = 0; n < AXIS_TICKS_MAX; n++)
            add_tick(scale, (first + n) * step * scale->factor, decimals < 12 ? decimals : 12, ticks);
        if (scale_ticks_fit(scale, size, is_vertical, ticks))
            return;
    }
}

/* Ticks at powers of two, as close as they fit. */
static void binary_ticks(const struct scale *scale, double size, bool is_vertical, struct ticks *ticks)
{
    for (int every = 1; every < 64; every *= 2) {
        ticks->count = 0;
        for (int power = 0; power < 1000; power += every)
            add_tick(scale, ldexp(1, power), 0, ticks);
        if (scale_ticks_fit(scale, size, is_vertical, ticks))
            return;
    }
}

/* Ticks at 1, 2 and 5 times each decade, at each decade, or at each second, third... as close as they fit. */
static void log_ticks(const struct scale *scale, double size, bool is_vertical, struct ticks *ticks)
{
    static const int steps[] = { 1, 2, 5 };
    int first = (int)floor(log10(scale->low)), last = (int)ceil(log10(scale->high));

    for (int every = 0; every < 40; every++) {
        size_t step_count = every == 0 ? 3 : 1;
        ticks->count = 0;
        for (int decade = first; decade <= last; decade++)
            for (size_t i = 0; i < step_count; i++)
                if (every == 0 || decade % every == 0)
                    add_tick(scale, steps[i] * pow(10, decade), 0, ticks);
        if (scale_ticks_fit(scale, size, is_vertical, ticks))
            break;
    }
    if (ticks->count < 2 && scale->high / scale->low < 20) { /* no decade is within the range */
        ticks->count = 0;
        add_tick(scale, scale->low, 0, ticks);
        add_tick(scale, scale->high, 0, ticks);
    }
}

void scale_ticks(const struct scale *scale, double size, bool is_vertical, struct ticks *ticks)
{
    ticks->count = 0;
    if (scale->is_log && strcmp(scale->base_unit, "B") == 0)
        binary_ticks(scale, size, is_vertical, ticks);
    else if (scale->is_log)
        log_ticks(scale, size, is_vertical, ticks);
    else
        linear_ticks(scale, size, is_vertical, ticks);
}

char *scale_title(const struct scale *scale, const struct chart_axis *axis)
{
    bool has_unit = scale->unit[0] != '\0' && !scale->is_unit_in_ticks;
    char *title;

    CHECK(asprintf(&title, "%s%s%s%s", axis->title, has_unit ? " (" : "", has_unit ? scale->unit : "",
                   has_unit ? ")" : "") >= 0);
    return title;
}
