/* SPDX-License-Identifier: Apache-2.0
 *
 * The complementary cumulative distribution of a histogram: the fraction of interrupts that take longer than x. The
 * seeds of a cell are merged into one distribution.
 */
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/histogram.h"
#include "plot/figure.h"

#define CURVES_MAX 12

/* Stores a point for each bucket, from the smallest value, which all interrupts reach, to the largest. */
static void fill_points(const struct histogram *histogram, struct chart_point *points, size_t *count)
{
    double total = (double)histogram->count;
    uint64_t left = histogram->count;

    *count = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS && left > 0; bucket++) {
        uint64_t lowest, highest;
        if (histogram->buckets[bucket] == 0)
            continue;
        histogram_bucket_range(bucket, &lowest, &highest);
        if (lowest < histogram->minimum)
            lowest = histogram->minimum;
        points[(*count)++] = (struct chart_point){ .x = fmax(1, (double)lowest), .y = (double)left / total };
        left -= histogram->buckets[bucket];
    }
    points[(*count)++] = (struct chart_point){ .x = fmax(1, (double)histogram->maximum), .y = 1 / total };
}

/* Merges the histograms of the cell's seeds. */
static void merge_seeds(const struct compare_group *cell, const char *name, struct histogram *merged)
{
    histogram_init(merged);
    for (size_t seed = 0; seed < cell->side.count; seed++) {
        const struct histogram *one = result_histogram(cell->side.results[seed], name);
        if (one != NULL && one->count > 0)
            histogram_merge(merged, one);
    }
}

void plot_ccdf_make(const struct plot_figure *figure, struct plot_made *made)
{
    size_t cell_count, count = 0;
    const struct compare_group **cells = plot_figure_cells(figure, &cell_count);
    struct chart_series *series = plot_keep(made, CURVES_MAX * sizeof *series);
    struct histogram *merged = malloc(sizeof *merged);
    char label[PLOT_LABEL_BYTES];

    CHECK(merged != NULL);
    for (size_t i = 0; i < cell_count && count < CURVES_MAX; i++) {
        merge_seeds(cells[i], figure->subject, merged);
        if (merged->count == 0)
            continue;
        struct chart_point *points = plot_keep(made, (HISTOGRAM_BUCKETS + 1) * sizeof *points);
        plot_group_label(cells[i], figure->has_axis ? figure->axis.path : NULL, label);
        series[count] = (struct chart_series){ plot_keep_text(made, label), NULL, points, 0 };
        fill_points(merged, points, &series[count++].count);
    }
    free(merged);
    free(cells);
    plot_figure_subtitle(figure, false, "merged", made->subtitle, sizeof made->subtitle);
    made->panel = (struct chart_panel){
        .kind = CHART_CCDF,
        .key = { "Device raise to guest handler", "ns", true, 0, 0 },
        .value = { "Interrupts handled within that time", "", true, 0, 0 },
        .series = series,
        .series_count = count,
    };
}
