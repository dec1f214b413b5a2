/* SPDX-License-Identifier: Apache-2.0
 *
 * One figure: its data, and how it is drawn. plot.c chooses figures, one plot_*.c draws each kind.
 */
#ifndef PLOT_FIGURE_H
#define PLOT_FIGURE_H

#include <stdio.h>

#include "compare/groups.h"
#include "plot/gnuplot.h"
#include "plot/series.h"

#define PLOT_NAME_BYTES 64

struct plot_figure {
    char name[PLOT_NAME_BYTES]; /* of the file, without its ending */
    const struct compare_groups *groups;
    bool has_axis;
    struct plot_axis axis; /* when has_axis */
    char subject[96];      /* guest or lock, or histogram */
    char metric[96];       /* of lines */
    char title[200];
    const char *y_title; /* of lines */
    int (*height)(const struct plot_figure *figure);
    void (*print)(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);
};

/* A metric over the axis: lines, bands and bars of the 95 % intervals, labels at their ends. */
int plot_lines_height(const struct plot_figure *figure);
void plot_lines_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);

/* Complementary distribution of the histogram `subject` on logarithmic axes. */
int plot_ccdf_height(const struct plot_figure *figure);
void plot_ccdf_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);

/* Runstates of all guests, a bar for each guest and cell. */
int plot_runstates_height(const struct plot_figure *figure);
void plot_runstates_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script);

/* The same in characters: gnuplot's dumb terminal cannot fill boxes. */
void plot_runstates_print_text(const struct plot_figure *figure, int columns, bool use_colour, FILE *out);

/* Figures that show cells beside each other show those of the axis' last value: the groups, in their order.
 * The array is to be freed. */
const struct compare_group **plot_figure_cells(const struct plot_figure *figure, size_t *count);

/* "sample, sockets 8, 5 seeds" */
void plot_figure_subtitle(const struct plot_figure *figure, bool is_over_axis, const char *remark, char *text,
                          size_t text_bytes);

/* Mean of the metric over the side's seeds; NaN without an observation. */
double plot_mean(const struct compare_side *side, const char *metric);

#endif
