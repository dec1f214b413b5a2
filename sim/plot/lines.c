/* SPDX-License-Identifier: Apache-2.0
 *
 * A metric over an axis of a sweep, a line for each series.
 */
#include <math.h>
#include <string.h>

#include "plot/figure.h"
#include "result/metric_catalogue.h"

#define LOG_RATIO 50.0 /* an axis with a larger ratio of maximum to minimum is logarithmic */

struct range {
    double low, high;
};

static bool is_wide(struct range range) { return range.low > 0 && range.high / range.low > LOG_RATIO; }

static void add(struct range *range, double value)
{
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static void fill_series(struct plot_made *made, const struct plot_series *from, struct chart_series *series)
{
    struct chart_point *points = plot_keep(made, from->count * sizeof *points);

    for (size_t i = 0; i < from->count; i++) {
        const struct plot_point *point = &from->points[i];
        bool has_interval = isfinite(point->half_width);
        double half = has_interval ? point->half_width : 0;
        double low = point->mean >= 0 ? fmax(0, point->mean - half) : point->mean - half;
        points[i] = (struct chart_point){ point->x, point->mean, low, point->mean + half, has_interval };
    }
    *series = (struct chart_series){ plot_keep_text(made, from->label), from->colour, points, from->count };
}

void plot_lines_make(const struct plot_figure *figure, struct plot_made *made)
{
    struct plot_series_list list;
    struct range x = { INFINITY, -INFINITY }, y = x;
    const char *unit = metric_unit(figure->metric);

    plot_series_make(&list, figure->groups, &figure->axis, figure->metric);
    struct chart_series *series = plot_keep(made, (list.count + 1) * sizeof *series);
    for (size_t i = 0; i < list.count; i++) {
        fill_series(made, &list.series[i], &series[i]);
        for (size_t at = 0; at < list.series[i].count; at++) {
            add(&x, list.series[i].points[at].x);
            add(&y, list.series[i].points[at].mean);
        }
    }
    plot_figure_subtitle(figure, true, "bands and bars: 95 % confidence", made->subtitle, sizeof made->subtitle);
    if (list.left_out > 0) {
        size_t used = strlen(made->subtitle);
        snprintf(made->subtitle + used, sizeof made->subtitle - used, "; %zu lines are left out", list.left_out);
    }
    made->panel = (struct chart_panel){
        .kind = CHART_LINES,
        .key = { figure->axis.title, figure->axis.unit, is_wide(x), 0, 0 },
        .value = { figure->y_title, unit, strcmp(unit, "%") != 0 && is_wide(y), 0, 0 },
        .series = series,
        .series_count = list.count,
    };
    plot_series_free(&list);
}
