/* SPDX-License-Identifier: Apache-2.0
 *
 * Axes of charts: limits, ticks, and how numbers of a unit are written.
 */
#ifndef PLOT_AXIS_H
#define PLOT_AXIS_H

#include "plot/chart.h"

#define AXIS_LABEL_BYTES 128
#define AXIS_UNIT_BYTES 48
#define AXIS_TICKS_MAX 64

/* A range of numbers on a range of pixels. */
struct scale {
    double low, high; /* low < high; both > 0 if is_log */
    bool is_log;
    double from, to;             /* pixels of low and high */
    const char *base_unit;       /* of the numbers */
    double factor;               /* numbers are divided by it before they are written */
    char unit[AXIS_UNIT_BYTES]; /* in the title: "µs" */
    const char *suffix;          /* behind each number: "k"; "" if the unit has the prefix */
    bool is_unit_in_ticks;       /* each tick has a unit of its own, and the title has none */
};

struct tick {
    double value;
    char label[AXIS_LABEL_BYTES];
};

struct ticks {
    struct tick tick[AXIS_TICKS_MAX];
    size_t count;
};

/* Which numbers an axis has to show. */
struct extent {
    double low, high;      /* of all; low > high: none */
    double least_positive; /* INFINITY: none */
};

struct extent extent_none(void);
void extent_add(struct extent *extent, double value);

enum scale_fit {
    SCALE_FROM_ZERO, /* the axis contains 0 */
    SCALE_TIGHT,     /* from the least to the largest value, with a margin */
};

/* Chooses limits and unit. Of a logarithmic axis without positive values the limits are 1 and 10. */
struct scale scale_make(const struct chart_axis *axis, struct extent extent, enum scale_fit fit);

/* Returns the pixel of the value, which may lie outside of the range. */
double scale_pixel(const struct scale *scale, double value);
bool scale_contains(const struct scale *scale, double value);

/* Chooses ticks whose labels, of `size` pixels, have room beside each other, or above each other on a vertical axis. */
void scale_ticks(const struct scale *scale, double size, bool is_vertical, struct ticks *ticks);

bool scale_ticks_fit(const struct scale *scale, double size, bool is_vertical, const struct ticks *ticks);

/* Writes the value with `digits` significant digits, in the axis' unit, and with the unit if `has_unit`. */
void scale_format(const struct scale *scale, double value, int digits, bool has_unit, char text[AXIS_LABEL_BYTES]);

/* Writes the value with as many decimals as the largest of the axis needs for `digits` digits; 0 as "0". */
void scale_format_fixed(const struct scale *scale, double value, int digits, char text[AXIS_LABEL_BYTES]);

/* Returns the title with the unit: "Latency (µs)". The caller frees it. */
char *scale_title(const struct scale *scale, const struct chart_axis *axis);

#endif
