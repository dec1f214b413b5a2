/* SPDX-License-Identifier: Apache-2.0
 *
 * A chart of a tidy table: what is shown, as plain structures, without where it came from. The layout (margins, height,
 * places of labels) follows from the lengths and numbers of the texts, so that no text is cut off and none covers
 * another. A chart has one panel or several, which stand beside each other and share title, legend and colours.
 *
 * Each kind has an axis of keys, an axis of values and series. Keys are numbers (LINES, CCDF, POINTS; x is the number)
 * or names (all other kinds, and LINES over names; x is the index into `keys`). BARS, DOTS, STACK and FOREST draw the
 * keys from top to bottom and values from left to right, because names are long; LINES, CCDF and POINTS draw keys from
 * left to right.
 *
 *   BARS    a bar from 0 to y for each key and series, with the interval as a line across its end
 *   LINES   y over x, one line per series, labelled at its end, with the interval as a band
 *   DOTS    a dot at y for each key and series, with the interval as a line
 *   CCDF    x a value, y the share of all that are at least as large (in 0..1); both axes are logarithmic, and the
 *           ticks of y are the shares below: a title is "Interrupts handled within that time", a tick "99.9 %"
 *   HEAT    a cell for each key (column) and series (row), with y as its colour and, where it fits, as text; columns
 *           without a measured value are left out
 *   STACK   a bar for each key, divided into the values of the series from left to right
 *   FOREST  as DOTS, with the value and interval written beside each and a line at the reference
 *   POINTS  a point at each x and y, in no order; with has_diagonal both axes have the same range, and the line y = x
 * is drawn with a band of `diagonal` on either side
 *
 * All structures and texts are borrowed for the duration of a call. Texts are UTF-8 and may contain anything.
 */
#ifndef PLOT_CHART_H
#define PLOT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum chart_kind {
    CHART_BARS,
    CHART_LINES,
    CHART_DOTS,
    CHART_CCDF,
    CHART_HEAT,
    CHART_STACK,
    CHART_FOREST,
    CHART_POINTS
};

struct chart_axis {
    const char *title; /* without the unit; required, since an axis without a title cannot be read */
    const char *unit;  /* "", "%", "cycles"...; "ns", "us", "ms", "s", "Hz" and "B" get a prefix that fits */
    bool is_log;       /* values <= 0 are not drawn; CCDF is always logarithmic */
    double low, high;  /* limits of the axis; both 0: from the data */
};

struct chart_point {
    double x;          /* a number, or an index into `keys` */
    double y;          /* NaN: nothing was measured here, and nothing is drawn; an empty cell of a HEAT */
    double low, high;  /* confidence interval or range, when has_interval */
    bool has_interval; /* false: no interval, so that zeroes are a point without one */
};

struct chart_series {
    const char *name; /* may be NULL in a panel of one series */
    const char
        *colour; /* "#rrggbb" or NULL: chosen from the palette. The same name has the same colour in all panels */
    const struct chart_point *points; /* ascending by x for LINES and CCDF */
    size_t count;
};

/* A value that others have published, drawn as a hollow diamond (or, without x, as a dashed line across the panel),
 * with its source below the panel. */
struct chart_published {
    double x; /* as of a point; NaN: for every x */
    double y;
    size_t series;      /* index of the series whose colour it takes; SIZE_MAX: none, grey */
    const char *source; /* "QEMU e1d1e5867d, TCP_RR" */
};

/* A line across the panel at a value: "relative to". */
struct chart_reference {
    double value;
    const char *label; /* "userspace = 0 %"; NULL: none */
};

struct chart_panel {
    enum chart_kind kind;
    const char *title; /* of the panel, above it; NULL with one panel */
    struct chart_axis key, value;
    const char *row_title;   /* HEAT: title of the axis of rows */
    const char *const *keys; /* names; NULL when the keys are numbers */
    size_t key_count;
    const char *const *groups; /* one for each key, or NULL: keys with the same name in a row share a heading */
    const struct chart_series *series;
    size_t series_count;
    const struct chart_published *published;
    size_t published_count;
    const struct chart_reference *references;
    size_t reference_count;
    bool has_diagonal; /* POINTS */
    double diagonal;   /* half the width of its band, as a share of x: 0.1 for 10 %; 0: no band */
};

struct chart {
    const char *name;     /* letters, digits and dashes: the prefix of ids in an SVG */
    const char *title;    /* required: one sentence, what the chart shows */
    const char *subtitle; /* setup, seeds, what an interval is; NULL: none */
    const struct chart_panel *panels;
    size_t panel_count;
};

/* Returns why the chart cannot be drawn ("an axis has no title"), or NULL. */
const char *chart_fault(const struct chart *chart);

enum chart_format { CHART_SVG, CHART_PNG };

enum chart_end {
    CHART_WRITTEN,
    CHART_NOT_DRAWN,   /* the chart is incomplete (chart_fault), or gnuplot is not installed or fails */
    CHART_NOT_WRITTEN, /* a file cannot be written */
};

/* Writes `path`.svg and `path`.png; existing files are an error unless `force`. Otherwise writes a message. */
enum chart_end chart_draw(const struct chart *chart, const char *path, bool force, char *message, size_t message_bytes);

/* Draws into memory. The caller frees *picture, which is terminated by a zero byte. Returns false with a message
 * when it is not drawn. */
bool chart_render(const struct chart *chart, enum chart_format format, char **picture, size_t *picture_bytes,
                  char *message, size_t message_bytes);

/* Draws with characters, `columns` wide and, for each panel of LINES or CCDF, `rows` high. Fails as chart_render. */
bool chart_print(const struct chart *chart, int columns, int rows, bool use_colour, FILE *out, char *message,
                 size_t message_bytes);

#endif
