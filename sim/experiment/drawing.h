/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that fill charts share.
 */
#ifndef EXPERIMENT_DRAWING_H
#define EXPERIMENT_DRAWING_H

#include "experiment/figures.h"
#include "experiment/groups.h"

/* A panel that is being filled. */
struct drawing {
    const struct experiment_rows *rows;
    const struct experiment *experiment;
    const struct experiment_panel *panel;
    struct filled_figure *filled;
    struct chart_panel *chart;
    struct groups keys, series; /* of their axes */
    bool are_keys_numbers;
    double factor; /* of values */
};

/* Take over a text, or make an array of zeroes, that lives as long as the figure. */
const char *drawing_keep(struct filled_figure *filled, char *text);
void *drawing_keep_array(struct filled_figure *filled, size_t count, size_t bytes);

/* Sets title and unit of an axis from the quantity of a column, and the factor of its values. */
void drawing_axis(const struct experiment *experiment, const struct experiment_column *column, struct chart_axis *axis,
                  double *factor);

/* Fills keys and series of POINTS (figure_points.c). */
void drawing_fill_points(struct drawing *drawing);

#endif
