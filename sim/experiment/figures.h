/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures of an experiment as charts (plot/chart.h), with their data.
 */
#ifndef EXPERIMENT_FIGURES_H
#define EXPERIMENT_FIGURES_H

#include "experiment/reading.h"
#include "plot/chart.h"

struct filled_figure {
    struct chart chart;
    struct chart_panel *panels; /* those of the chart */
    char **texts;               /* what they point to */
    size_t text_count;
    void **arrays;
    size_t array_count;
};

void figure_fill(struct filled_figure *filled, const struct experiment_rows *rows, const struct experiment *experiment,
                 const struct experiment_figure *figure);
void filled_figure_free(struct filled_figure *filled);

#endif
