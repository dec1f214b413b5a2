/* SPDX-License-Identifier: Apache-2.0
 *
 * The complementary cumulative distribution: the fraction of interrupts that take longer than x. Both axes are
 * logarithmic, so that the tail is visible. The seeds of a cell are merged into one distribution.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"
#include "plot/figure.h"

#define CURVES_MAX 12
#define STEP 0.004 /* decades; points closer than this in both directions are left out */

struct curve {
    char label[PLOT_LABEL_BYTES];
    const char *colour;
    struct histogram *histogram;
};

struct curves {
    struct curve curve[CURVES_MAX];
    size_t count;
    double low, high; /* range of all values of x, in decades */
    double rarest;    /* smallest fraction that is drawn */
};

static void collect(struct curves *curves, const struct plot_figure *figure);
static void print_axes(const struct curves *curves, const struct plot_canvas *canvas, FILE *script);
static void print_curve(const struct curve *curve, size_t index, FILE *script);
static void print_labels(const struct curves *curves, FILE *script);

int plot_ccdf_height(const struct plot_figure *figure)
{
    (void)figure;
    return 460;
}

void plot_ccdf_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script)
{
    struct curves curves;
    char subtitle[300];

    collect(&curves, figure);
    CHECK(curves.count > 0);
    plot_figure_subtitle(figure, false, "merged", subtitle, sizeof subtitle);
    plot_print_prelude(script, canvas, figure->name, figure->title, subtitle);
    print_axes(&curves, canvas, script);
    for (size_t i = 0; i < curves.count; i++)
        print_curve(&curves.curve[i], i, script);
    if (canvas->format == PLOT_DUMB)
        fputs("set key bottom left\n", script);
    else
        print_labels(&curves, script);
    fputs("plot ", script);
    for (size_t i = 0; i < curves.count; i++) {
        fprintf(script, "%s$curve%zu using 1:2 with lines lc rgb '%s' lw 2.2", i > 0 ? ", \\\n     " : "", i,
                curves.curve[i].colour);
        if (canvas->format == PLOT_DUMB) {
            fputs(" title ", script);
            plot_print_quoted(script, curves.curve[i].label);
        }
        free(curves.curve[i].histogram);
    }
    fputc('\n', script);
}

/* Estimates the width of a label, as a fraction of the graph's width. */
static double label_width(const struct curve *curve) { return (double)strlen(curve->label) * 0.0118 + 0.025; }

static double end_decade(const struct curve *curve)
{
    return log10((double)(curve->histogram->maximum > 0 ? curve->histogram->maximum : 1));
}

static void collect(struct curves *curves, const struct plot_figure *figure)
{
    size_t cell_count;
    const struct compare_group **cells = plot_figure_cells(figure, &cell_count);
    const char *labels[CURVES_MAX] = { NULL }, *colours[CURVES_MAX];
    uint64_t lowest = UINT64_MAX, highest = 1, most = 1;

    curves->count = 0;
    for (size_t i = 0; i < cell_count && curves->count < CURVES_MAX; i++) {
        struct histogram *merged = malloc(sizeof *merged);
        CHECK(merged != NULL);
        histogram_init(merged);
        for (size_t seed = 0; seed < cells[i]->side.count; seed++) {
            const struct histogram *one = result_histogram(cells[i]->side.results[seed], figure->subject);
            if (one != NULL && one->count > 0)
                histogram_merge(merged, one);
        }
        if (merged->count == 0) {
            free(merged);
            continue;
        }
        struct curve *curve = &curves->curve[curves->count];
        curve->histogram = merged;
        plot_group_label(cells[i], figure->has_axis ? figure->axis.path : NULL, curve->label);
        labels[curves->count++] = curve->label;
        lowest = merged->minimum < lowest ? merged->minimum : lowest;
        highest = merged->maximum > highest ? merged->maximum : highest;
        most = merged->count > most ? merged->count : most;
    }
    plot_choose_colours(labels, curves->count, colours);
    for (size_t i = 0; i < curves->count; i++)
        curves->curve[i].colour = colours[i];
    curves->low = log10((double)(lowest > 0 ? lowest : 1)) - 0.05;
    curves->high = log10((double)highest) + 0.05;
    for (size_t i = 0; i < curves->count; i++)
        if (curves->curve[i].histogram->maximum == highest)
            curves->high = fmax(curves->high, curves->low + (end_decade(&curves->curve[i]) - curves->low) /
                                                                (1 - fmin(0.6, label_width(&curves->curve[i]))));
    curves->rarest = 1 / (double)most;
    free(cells);
}

/* Ticks at whole decades, and at 2 and 5 times a decade when few decades are shown. */
static void print_x_ticks(const struct curves *curves, FILE *script)
{
    static const char *const units[] = { "ns", "µs", "ms", "s", "ks" };
    static const int steps[] = { 1, 2, 5 };
    const char *separator = "";
    size_t step_count = curves->high - curves->low < 2.6 ? 3 : 1;

    for (int decade = (int)floor(curves->low); decade <= (int)ceil(curves->high) && decade < 15; decade++)
        for (size_t i = 0; decade >= 0 && i < step_count; i++) {
            fprintf(script, "%s'%.0f %s' %de%d", separator, steps[i] * pow(10, decade % 3), units[decade / 3], steps[i],
                    decade);
            separator = ", ";
        }
}

static void print_axes(const struct curves *curves, const struct plot_canvas *canvas, FILE *script)
{
    static const char *const shares[] = { "90 %%",     "99 %%",      "99.9 %%",     "99.99 %%",
                                          "99.999 %%", "99.9999 %%", "99.99999 %%", "99.999999 %%" };

    if (canvas->format != PLOT_DUMB)
        fprintf(script, "set lmargin at screen %.4f\nset rmargin at screen 0.97\nset bmargin at screen 0.125\n",
                0.075 + 0.0115 * -log10(curves->rarest));
    fputs("set xlabel 'Device raise to guest handler' textcolor rgb '" PLOT_INK "' offset 0,0.3\n"
          "set ylabel 'Interrupts handled within that time' textcolor rgb '" PLOT_INK "' offset 0.3,0\n"
          "set logscale xy\nset xtics (",
          script);
    print_x_ticks(curves, script);
    fputs(")\nset ytics ('0 %%' 1, '50 %%' 0.5", script);
    for (size_t i = 0; i < sizeof shares / sizeof shares[0] && pow(10, -(double)i - 1) >= curves->rarest / 2; i++)
        fprintf(script, ", '%s' 1e-%zu", shares[i], i + 1);
    fprintf(script, ")\nset xrange [%.6g:%.6g]\nset yrange [%.6g:1.05]\n", pow(10, curves->low), pow(10, curves->high),
            curves->rarest / 1.5);
}

/* Prints a curve from the smallest value, which all interrupts reach, to the largest, which one interrupt reaches. */
static void print_curve(const struct curve *curve, size_t index, FILE *script)
{
    const struct histogram *histogram = curve->histogram;
    double total = (double)histogram->count, last_x = 0, last_y = 0;
    uint64_t left = histogram->count;

    fprintf(script, "$curve%zu << end_of_data\n", index);
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS && left > 0; bucket++) {
        uint64_t lowest, highest;
        if (histogram->buckets[bucket] == 0)
            continue;
        histogram_bucket_range(bucket, &lowest, &highest);
        if (lowest < histogram->minimum)
            lowest = histogram->minimum;
        double x = log10((double)(lowest > 0 ? lowest : 1)), y = log10((double)left / total);
        if (left == histogram->count || x - last_x > STEP || last_y - y > STEP) {
            fprintf(script, "%.8g %.8g\n", pow(10, x), pow(10, y));
            last_x = x;
            last_y = y;
        }
        left -= histogram->buckets[bucket];
    }
    fprintf(script, "%.8g %.8g\nend_of_data\n", (double)(histogram->maximum > 0 ? histogram->maximum : 1), 1 / total);
}

/* Returns the right end of a label that does not fit to the right of its curve: left of all curves that it would cover.
 */
static double left_anchor(const struct curves *curves, const double *end, size_t index)
{
    double anchor = end[index], width = label_width(&curves->curve[index]);
    for (size_t other = 0; other < curves->count; other++)
        if (end[other] < anchor && anchor - end[other] < width) {
            anchor = end[other];
            other = (size_t)-1;
        }
    return anchor;
}

static double gap_on_the_right(const struct curves *curves, const double *end, size_t index)
{
    double gap = 2;
    for (size_t other = 0; other < curves->count; other++)
        if (end[other] > end[index] || (end[other] == end[index] && other > index))
            gap = fmin(gap, end[other] - end[index]);
    return gap;
}

/* Prints labels beside the lower ends of the curves: on the right where there is room (the axis is long enough for the
 * last label), otherwise on the left. Labels that would cover each other are stacked. */
static void print_labels(const struct curves *curves, FILE *script)
{
    double end[CURVES_MAX], left[CURVES_MAX], height[CURVES_MAX];

    for (size_t i = 0; i < curves->count; i++)
        end[i] = (end_decade(&curves->curve[i]) - curves->low) / (curves->high - curves->low);
    for (size_t i = 0; i < curves->count; i++) {
        double width = label_width(&curves->curve[i]);
        bool is_left = gap_on_the_right(curves, end, i) < width;
        double anchor = is_left ? left_anchor(curves, end, i) : end[i];
        left[i] = is_left ? anchor - width : anchor;
        height[i] = 1.035 - log10((double)curves->curve[i].histogram->count) / -log10(curves->rarest / 1.5);
        for (size_t other = 0; other < i; other++)
            if (left[i] < left[other] + label_width(&curves->curve[other]) && left[other] < left[i] + width &&
                fabs(height[i] - height[other]) < 0.05) {
                height[i] = height[other] + 0.055;
                other = (size_t)-1;
            }
        fprintf(script, "set label %zu ", 10 + i);
        plot_print_quoted(script, curves->curve[i].label);
        fprintf(script, " at graph %.4f,%.4f %s textcolor rgb '%s'\n", anchor + (is_left ? -0.012 : 0.012), height[i],
                is_left ? "right" : "left", curves->curve[i].colour);
    }
}
