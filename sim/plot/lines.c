/* SPDX-License-Identifier: Apache-2.0
 *
 * A metric over an axis of a sweep. Ranges are computed here rather than by gnuplot, because labels are placed at the
 * ends of the lines and must not cover each other.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/metric_catalogue.h"
#include "plot/figure.h"

#define LOG_RATIO 50.0  /* an axis with a larger ratio of maximum to minimum is logarithmic */
#define LABEL_GAP 0.052 /* distance between labels, as a fraction of the graph's height */

struct frame {
    double x_low, x_high, y_low, y_high;
    bool is_x_log, is_y_log;
    double y_scale; /* values are divided by this */
    const char *y_unit;
};

static struct frame find_frame(const struct plot_series_list *list, const char *unit);
static void print_axes(const struct plot_figure *figure, const struct plot_canvas *canvas,
                       const struct plot_series_list *list, const struct frame *frame, FILE *script);
static void print_data(const struct plot_series_list *list, const struct frame *frame, FILE *script);
static void print_labels(const struct plot_series_list *list, const struct frame *frame, FILE *script);
static void print_plot(const struct plot_canvas *canvas, const struct plot_series_list *list, FILE *script);

int plot_lines_height(const struct plot_figure *figure)
{
    (void)figure;
    return 460;
}

void plot_lines_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script)
{
    struct plot_series_list list;
    char subtitle[300];

    plot_series_make(&list, figure->groups, &figure->axis, figure->metric);
    CHECK(list.count > 0);
    struct frame frame = find_frame(&list, metric_unit(figure->metric));
    plot_figure_subtitle(figure, true, "bands and bars: 95 % confidence", subtitle, sizeof subtitle);
    plot_print_prelude(script, canvas, figure->name, figure->title, subtitle);
    print_axes(figure, canvas, &list, &frame, script);
    print_data(&list, &frame, script);
    if (canvas->format != PLOT_DUMB)
        print_labels(&list, &frame, script);
    print_plot(canvas, &list, script);
    plot_series_free(&list);
}

static double upper_end(const struct plot_point *point)
{
    return point->mean + (isfinite(point->half_width) ? point->half_width : 0);
}

static double lower_end(const struct plot_point *point)
{
    return point->mean - (isfinite(point->half_width) ? point->half_width : 0);
}

static void choose_unit(struct frame *frame, const char *unit)
{
    frame->y_scale = 1;
    frame->y_unit = unit;
    if (strcmp(unit, "ns") != 0)
        return;
    double size = fmax(fabs(frame->y_high), fabs(frame->y_low));
    frame->y_scale = size >= 2e9 ? 1e9 : size >= 2e6 ? 1e6 : size >= 2e3 ? 1e3 : 1;
    frame->y_unit = size >= 2e9 ? "s" : size >= 2e6 ? "ms" : size >= 2e3 ? "µs" : "ns";
    frame->y_low /= frame->y_scale;
    frame->y_high /= frame->y_scale;
}

static struct frame find_frame(const struct plot_series_list *list, const char *unit)
{
    struct frame frame = { INFINITY, -INFINITY, INFINITY, -INFINITY, false, false, 1, unit };
    double lowest_mean = INFINITY;

    for (size_t i = 0; i < list->count; i++)
        for (size_t at = 0; at < list->series[i].count; at++) {
            const struct plot_point *point = &list->series[i].points[at];
            frame.x_low = fmin(frame.x_low, point->x);
            frame.x_high = fmax(frame.x_high, point->x);
            frame.y_high = fmax(frame.y_high, upper_end(point));
            lowest_mean = fmin(lowest_mean, point->mean);
        }
    frame.is_x_log = frame.x_low > 0 && frame.x_high / frame.x_low > LOG_RATIO;
    frame.is_y_log = strcmp(unit, "%") != 0 && lowest_mean > 0 && frame.y_high / lowest_mean > LOG_RATIO;
    frame.y_low = frame.is_y_log ? lowest_mean / 1.6 : fmin(0, lowest_mean);
    frame.y_high = frame.is_y_log ? frame.y_high * 1.6 : frame.y_high > 0 ? frame.y_high * 1.08 : 1;
    if (frame.is_x_log) {
        frame.x_low /= 1.15;
        frame.x_high *= 1.15;
    } else {
        double margin = 0.04 * (frame.x_high - frame.x_low);
        frame.x_low -= margin;
        frame.x_high += margin;
    }
    choose_unit(&frame, unit);
    return frame;
}

/* Writes a number with its unit: "8", "20 kHz", "1.5 ms". */
static void format_tick(double x, const char *unit, char *text, size_t text_bytes)
{
    static const struct {
        double from;
        const char *prefix;
    } prefixes[] = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" }, { 1e-3, "m" }, { 1e-6, "µ" }, { 0, "n" } };
    size_t i = 0;

    if (unit[0] == '\0' || x <= 0) {
        snprintf(text, text_bytes, "%.6g%s%s", x, unit[0] != '\0' ? " " : "", unit);
        return;
    }
    while (prefixes[i].from > x * 1.0000001)
        i++;
    snprintf(text, text_bytes, "%.4g %s%s", x / (prefixes[i].from > 0 ? prefixes[i].from : 1e-9), prefixes[i].prefix,
             unit);
}

/* Sets a tick at each measured x, unless there are too many. */
static void print_x_ticks(const struct plot_figure *figure, const struct plot_series_list *list, FILE *script)
{
    double seen[16];
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        for (size_t at = 0; at < list->series[i].count; at++) {
            size_t same = 0;
            while (same < count && seen[same] != list->series[i].points[at].x)
                same++;
            if (same < count)
                continue;
            if (count == sizeof seen / sizeof seen[0])
                return;
            seen[count++] = list->series[i].points[at].x;
        }
    fputs("set xtics (", script);
    for (size_t i = 0; i < count; i++) {
        char text[48];
        format_tick(seen[i], figure->axis.unit, text, sizeof text);
        fputs(i > 0 ? ", " : "", script);
        plot_print_quoted(script, text);
        fprintf(script, " %.17g", seen[i]);
    }
    fputs(")\n", script);
}

static size_t longest_label(const struct plot_series_list *list)
{
    size_t longest = 0;
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->series[i].label) > longest)
            longest = strlen(list->series[i].label);
    return longest < 48 ? longest : 48;
}

static void print_axes(const struct plot_figure *figure, const struct plot_canvas *canvas,
                       const struct plot_series_list *list, const struct frame *frame, FILE *script)
{
    char y_title[160];

    snprintf(y_title, sizeof y_title, "%s (%s)", figure->y_title, frame->y_unit);
    if (canvas->format != PLOT_DUMB)
        fprintf(script, "set lmargin at screen 0.095\nset bmargin at screen 0.125\nset rmargin at screen %.4f\n",
                0.975 - (double)longest_label(list) * 0.0103);
    fputs("set xlabel ", script);
    plot_print_quoted(script, figure->axis.title);
    fputs(" textcolor rgb '" PLOT_INK "' offset 0,0.3\nset ylabel ", script);
    plot_print_quoted(script, y_title);
    fprintf(script, " textcolor rgb '" PLOT_INK "' offset 0.3,0\nset xrange [%.17g:%.17g]\nset yrange [%.17g:%.17g]\n",
            frame->x_low, frame->x_high, frame->y_low, frame->y_high);
    if (frame->is_x_log)
        fputs("set logscale x\n", script);
    if (frame->is_y_log)
        fputs("set logscale y\n", script);
    fputs("set format y '%g'\n", script);
    print_x_ticks(figure, list, script);
}

static void print_data(const struct plot_series_list *list, const struct frame *frame, FILE *script)
{
    for (size_t i = 0; i < list->count; i++) {
        fprintf(script, "$series%zu << end_of_data\n", i);
        for (size_t at = 0; at < list->series[i].count; at++) {
            const struct plot_point *point = &list->series[i].points[at];
            double low = lower_end(point) / frame->y_scale;
            fprintf(script, "%.17g %.17g %.17g %.17g\n", point->x, point->mean / frame->y_scale,
                    frame->is_y_log ? fmax(low, frame->y_low) : fmax(low, fmin(0, frame->y_low)),
                    upper_end(point) / frame->y_scale);
        }
        fputs("end_of_data\n", script);
    }
}

static double fraction_of_height(const struct frame *frame, double y)
{
    return frame->is_y_log ? log(y / frame->y_low) / log(frame->y_high / frame->y_low)
                           : (y - frame->y_low) / (frame->y_high - frame->y_low);
}

/* Prints labels to the right of the last points, and moves them upwards where they would cover each other. */
static void print_labels(const struct plot_series_list *list, const struct frame *frame, FILE *script)
{
    size_t order[PLOT_SERIES_MAX];
    double height[PLOT_SERIES_MAX];

    for (size_t i = 0; i < list->count; i++) {
        const struct plot_series *series = &list->series[i];
        height[i] = fraction_of_height(frame, series->points[series->count - 1].mean / frame->y_scale);
        size_t at = i;
        for (; at > 0 && height[order[at - 1]] > height[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    double free_from = 0;
    for (size_t i = 0; i < list->count; i++) {
        height[order[i]] = fmax(height[order[i]], free_from);
        free_from = height[order[i]] + LABEL_GAP;
    }
    double ceiling = 1.02;
    for (size_t i = list->count; i-- > 0; ceiling = height[order[i]] - LABEL_GAP)
        height[order[i]] = fmin(height[order[i]], ceiling);
    for (size_t i = 0; i < list->count; i++) {
        fprintf(script, "set label %zu ", 10 + i);
        plot_print_quoted(script, list->series[i].label);
        fprintf(script, " at graph 1.012,%.4f left textcolor rgb '%s'\n", height[i], list->series[i].colour);
    }
}

static void print_plot(const struct plot_canvas *canvas, const struct plot_series_list *list, FILE *script)
{
    static const int point_types[] = { 7, 5, 9, 13, 11, 15 };

    if (canvas->format == PLOT_DUMB)
        fputs("set key top left\n", script);
    fputs("plot ", script);
    for (size_t i = 0; i < list->count; i++) {
        const struct plot_series *series = &list->series[i];
        const char *separator = i > 0 ? ", \\\n     " : "";
        if (canvas->format == PLOT_DUMB) {
            fprintf(script, "%s$series%zu using 1:2 with linespoints lc rgb '%s' title ", separator, i, series->colour);
            plot_print_quoted(script, series->label);
            continue;
        }
        fprintf(script,
                "%s$series%zu using 1:3:4 with filledcurves lc rgb '%s' fs transparent solid 0.13 noborder, \\\n"
                "     $series%zu using 1:2:3:4 with yerrorbars lc rgb '%s' lw 1 pt -1, \\\n"
                "     $series%zu using 1:2 with linespoints lc rgb '%s' lw 2.2 pt %d ps 0.85",
                separator, i, series->colour, i, series->colour, i, series->colour,
                point_types[i % (sizeof point_types / sizeof point_types[0])]);
    }
    fputc('\n', script);
}
