/* SPDX-License-Identifier: Apache-2.0
 *
 * A figure of results, and the functions that make a chart of it. plot.c chooses the figures; lines.c, ccdf.c and
 * runstates.c make one kind each.
 */
#ifndef PLOT_FIGURE_H
#define PLOT_FIGURE_H

#include "compare/groups.h"
#include "plot/chart.h"
#include "plot/series.h"

#define PLOT_NAME_BYTES 64

/* A chart of one panel, with the memory that it points to. */
struct plot_made {
    struct chart chart;
    struct chart_panel panel;
    char subtitle[300];
    void **memory; /* freed with the chart */
    size_t memory_count;
};

struct plot_figure {
    char name[PLOT_NAME_BYTES]; /* of the file, without the extension */
    const struct compare_groups *groups;
    bool has_axis;
    struct plot_axis axis; /* valid if has_axis */
    char subject[96];      /* name of a guest, a lock or a histogram */
    char metric[96];       /* for lines */
    char title[200];
    const char *y_title; /* for lines */
    void (*make)(const struct plot_figure *figure, struct plot_made *made);
};

/* A metric over the axis, with 95 % confidence intervals. */
void plot_lines_make(const struct plot_figure *figure, struct plot_made *made);

/* Complementary cumulative distribution of the histogram `subject`; the seeds of a cell are merged. */
void plot_ccdf_make(const struct plot_figure *figure, struct plot_made *made);

/* Runstates of all guests, with a bar for each guest and cell. */
void plot_runstates_make(const struct plot_figure *figure, struct plot_made *made);

/* Allocates zeroed memory that lives as long as the chart. */
void *plot_keep(struct plot_made *made, size_t bytes);
const char *plot_keep_text(struct plot_made *made, const char *text);
void plot_made_free(struct plot_made *made);

/* Returns the groups that figures without an x axis show, in order: those with the last value of the sweep's axis. The
 * caller frees the array. */
const struct compare_group **plot_figure_cells(const struct plot_figure *figure, size_t *count);

/* Writes "sample, sockets 8, 5 seeds", or "2 scenarios, ...", with `remark` at the end. */
void plot_figure_subtitle(const struct plot_figure *figure, bool is_over_axis, const char *remark, char *text,
                          size_t text_bytes);

/* Returns the mean of the metric over the seeds of the side; NaN without an observation. */
double plot_mean(const struct compare_side *side, const char *metric);

#endif
