/* SPDX-License-Identifier: Apache-2.0
 *
 * The data of figures: finds the axis of a sweep that can be an x axis, and makes series of a metric over it, one for
 * each design and each combination of the other axes, averaged over seeds.
 */
#ifndef PLOT_SERIES_H
#define PLOT_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/groups.h"
#include "result/result.h"

#define PLOT_SERIES_MAX 12
#define PLOT_LABEL_BYTES 256

struct plot_point {
    double x, mean;
    double half_width; /* of the 95 % interval; infinite with one seed */
};

struct plot_series {
    char label[PLOT_LABEL_BYTES];
    const char *design;
    const char *colour;
    struct plot_point *points; /* ascending by x */
    size_t count;
};

struct plot_series_list {
    struct plot_series series[PLOT_SERIES_MAX];
    size_t count;
    size_t left_out; /* number of series beyond PLOT_SERIES_MAX */
};

/* A numeric axis with at least two values. */
struct plot_axis {
    const char *path;  /* borrowed */
    const char *title; /* "Sockets" or the path */
    const char *unit;  /* "", "Hz", "s", "B" */
};

/* Finds the axis `sockets` or else the numeric axis with the most values. Returns false when no axis is numeric. */
bool plot_find_axis(const struct compare_groups *groups, struct plot_axis *axis);

/* Parses "8", "20kHz", "30ms", "64KiB", or a topology "package:8 [numa] core:10 pu:2", whose value is its number of
 * packages. Returns false when the text is not a number. */
bool plot_axis_number(const char *text, double *value, const char **unit);

/* Makes the series of the metric over the axis. Cells without an observation have no point; series without points are
 * left out. */
void plot_series_make(struct plot_series_list *list, const struct compare_groups *groups, const struct plot_axis *axis,
                      const char *metric);
void plot_series_free(struct plot_series_list *list);

/* Writes the design, the values of all other axes, except that of `path` (which may be NULL), and the variant. */
void plot_group_label(const struct compare_group *group, const char *path, char label[PLOT_LABEL_BYTES]);

/* Chooses colours for `count` designs, in order. Tasklet designs get vermillion and softirq designs blue if these are
 * free. No colour is used twice before all have been used. */
void plot_choose_colours(const char *const *designs, size_t count, const char **colours);

#endif
