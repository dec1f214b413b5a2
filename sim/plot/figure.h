/* SPDX-License-Identifier: Apache-2.0
 *
 * A figure: its data and the functions that draw it. plot.c chooses the figures; lines.c, ccdf.c and runstates.c draw
 * one kind each.
 */
#ifndef PLOT_FIGURE_H
#define PLOT_FIGURE_H

#include <stdio.h>

#include "compare/groups.h"
#include "plot/gnuplot.h"
#include "plot/series.h"

#define PLOT_NAME_BYTES 64

struct plot_figure {
    char name[PLOT_NAME_BYTES]; /* of the file, without the extension */
    const struct compare_groups *groups;
    bool has_axis;
    struct plot_axis axis; /* valid if has_axis */
    char subject[96];      /* name of a guest, a lock or a histogram */
    char metric[96];       /* for lines */
    char title[200];
    const char *y_title; /* for lines */
    int (*height)(const struct plot_figure *figure);
    void (*print)(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);
};

/* A metric over the axis: lines with labels at their ends, 95 % confidence intervals as bands and bars. */
int plot_lines_height(const struct plot_figure *figure);
void plot_lines_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);

/* Complementary cumulative distribution of the histogram `subject` on logarithmic axes. */
int plot_ccdf_height(const struct plot_figure *figure);
void plot_ccdf_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);

/* Runstates of all guests, with a bar for each guest and cell. */
int plot_runstates_height(const struct plot_figure *figure);
void plot_runstates_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);

/* Draws the runstates with characters, because the dumb terminal of gnuplot cannot fill boxes. */
void plot_runstates_print_text(const struct plot_figure *figure, int columns, bool use_colour, FILE *out);

/* Returns the groups that figures without an x axis show, in order: those with the last value of the sweep's axis. The
 * caller frees the array. */
const struct compare_group **plot_figure_cells(const struct plot_figure *figure, size_t *count);

/* Writes "sample, sockets 8, 5 seeds", with `remark` at the end. */
void plot_figure_subtitle(const struct plot_figure *figure, bool is_over_axis, const char *remark, char *text,
                          size_t text_bytes);

/* Returns the mean of the metric over the seeds of the side; NaN without an observation. */
double plot_mean(const struct compare_side *side, const char *metric);

#endif
