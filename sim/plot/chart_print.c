/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts of characters, for a terminal. LINES, CCDF and POINTS are drawn by gnuplot; the other kinds are tables with a
 * bar of characters in each row, because gnuplot's terminal of characters cannot fill areas.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/control.h"
#include "plot/axis.h"
#include "plot/gnuplot.h"
#include "plot/series.h"

#define NAME_COLUMNS 44
#define BAR_LEAST 10

struct print {
    const struct chart_panel *panel;
    struct scale value;
    int columns;
    bool use_colour;
    FILE *out;
};

static struct extent panel_extent(const struct chart_panel *panel, bool is_of_x)
{
    struct extent extent = extent_none();
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t at = 0; at < panel->series[i].count; at++)
            if (isfinite(panel->series[i].points[at].y))
                extent_add(&extent, is_of_x ? panel->series[i].points[at].x : panel->series[i].points[at].y);
    return extent;
}

static void print_setting(FILE *script, const char *setting, const char *text)
{
    fprintf(script, "%s ", setting);
    plot_print_quoted(script, text);
    fputc('\n', script);
}

static void print_shares(FILE *script)
{
    fputs("set ytics (\"0 %%\" 1, \"50 %%\" 0.5", script);
    for (int i = 1; i < 10; i++)
        fprintf(script, ", \"%.*f %%%%\" 1e-%d", i > 2 ? i - 2 : 0, 100 - pow(10, 2 - i), i);
    fputs(")\n", script);
}

/* Prints the label of a tick, in which gnuplot would take a percent sign for a format. */
static void print_tick(FILE *script, const char *text)
{
    char *doubled = malloc(2 * strlen(text) + 1), *end = doubled;

    CHECK(doubled != NULL);
    for (; *text != '\0'; text++) {
        *end++ = *text;
        if (*text == '%')
            *end++ = '%';
    }
    *end = '\0';
    plot_print_quoted(script, doubled);
    free(doubled);
}

static void print_axes(FILE *script, const struct chart_panel *panel, const struct scale *key,
                       const struct scale *value)
{
    struct scale in_title[2] = { *key, *value };
    in_title[0].is_unit_in_ticks = in_title[1].is_unit_in_ticks = false;
    char *titles[] = { scale_title(&in_title[0], &panel->key), scale_title(&in_title[1], &panel->value) };

    print_setting(script, "set xlabel", titles[0]);
    print_setting(script, "set ylabel", titles[1]);
    fprintf(script, "set xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n", key->low / key->factor,
            key->high / key->factor, value->low / value->factor, value->high / value->factor);
    if (panel->kind == CHART_CCDF)
        print_shares(script);
    if (key->is_log)
        fputs("set logscale x\n", script);
    if (value->is_log)
        fputs("set logscale y\n", script);
    bool has_names = panel->kind == CHART_LINES && panel->keys != NULL;
    for (size_t i = 0; has_names && i < panel->key_count; i++) {
        fputs(i == 0 ? "set xtics (" : ", ", script);
        print_tick(script, panel->keys[i]);
        fprintf(script, " %zu%s", i, i + 1 == panel->key_count ? ")\n" : "");
    }
    free(titles[0]);
    free(titles[1]);
}

static const char *curve_style(enum chart_kind kind)
{
    return kind == CHART_CCDF ? "lines" : kind == CHART_POINTS ? "points" : "linespoints";
}

static void print_curves(FILE *script, const struct chart_panel *panel, const struct scale *key,
                         const struct scale *value)
{
    for (size_t i = 0; i < panel->series_count; i++) {
        fprintf(script, "$series%zu << end_of_data\n", i);
        for (size_t at = 0; at < panel->series[i].count; at++) {
            const struct chart_point *point = &panel->series[i].points[at];
            if (isfinite(point->y))
                fprintf(script, "%.10g %.10g\n", point->x / key->factor, point->y / value->factor);
        }
        fputs("end_of_data\n", script);
    }
    for (size_t i = 0; i < panel->series_count; i++) {
        fprintf(script, "%s$series%zu using 1:2 with %s title ", i > 0 ? ", " : "plot ", i, curve_style(panel->kind));
        plot_print_quoted(script, panel->series[i].name != NULL ? panel->series[i].name : "");
    }
    fputc('\n', script);
}

static bool print_plot(const struct print *print, const char *title, int rows, char *message, size_t message_bytes)
{
    const struct chart_panel *panel = print->panel;
    char *script, *picture;
    size_t bytes;
    FILE *out = open_memstream(&script, &bytes);
    struct chart_axis keys = panel->key, values = panel->value;
    CHECK(out != NULL);

    keys.is_log = keys.is_log || panel->kind == CHART_CCDF;
    values.is_log = values.is_log || panel->kind == CHART_CCDF;
    struct scale key = scale_make(&keys, panel_extent(panel, true), SCALE_TIGHT);
    struct scale value =
        scale_make(&values, panel_extent(panel, false), panel->kind == CHART_POINTS ? SCALE_TIGHT : SCALE_FROM_ZERO);
    fprintf(out, "set encoding utf8\nset terminal dumb size %d,%d noenhanced %s\nset tics nomirror\nset border 3\n",
            print->columns, rows, print->use_colour ? "ansi256" : "mono");
    fprintf(out, "set key %s\n", panel->kind == CHART_CCDF ? "bottom left" : "top left");
    print_setting(out, "set title", title);
    print_axes(out, panel, &key, &value);
    print_curves(out, panel, &key, &value);
    CHECK(fclose(out) == 0);
    bool is_good = plot_run_gnuplot(script, &picture, &bytes, message, message_bytes);
    free(script);
    if (!is_good)
        return false;
    fwrite(picture, 1, bytes, print->out);
    free(picture);
    return true;
}

/* Prints the text without control characters, cut off or filled up to `columns` characters, on the right of them. */
static void print_name(FILE *out, const char *text, int columns)
{
    const char *end = text + strlen(text);
    int length = 0;

    for (const char *at = text; at < end; at++)
        length += ((unsigned char)*at & 0xC0) != 0x80;
    fprintf(out, "%*s", length < columns ? columns - length : 0, "");
    for (int count = 0; text < end; text++) {
        size_t control = control_bytes(text, end);
        count += ((unsigned char)*text & 0xC0) != 0x80;
        if (count > columns)
            break;
        fputc(control > 0 ? '?' : *text, out);
        text += control > 1;
    }
}

static int name_columns(const struct chart_panel *panel)
{
    size_t longest = 8;
    for (size_t i = 0; i < panel->key_count; i++)
        longest = strlen(panel->keys[i]) > longest ? strlen(panel->keys[i]) : longest;
    return longest < NAME_COLUMNS ? (int)longest : NAME_COLUMNS;
}

static const struct chart_point *find_point(const struct chart_series *series, size_t key)
{
    for (size_t i = 0; i < series->count; i++)
        if (series->points[i].x == (double)key && isfinite(series->points[i].y))
            return &series->points[i];
    return NULL;
}

/* The colour of a terminal's background that is closest to the colour. */
static const char *escape_of(const char *colour)
{
    static const char *const escapes[][2] = {
        { PLOT_BLUE, "\033[44m" },   { PLOT_ORANGE, "\033[43m" }, { PLOT_VERMILLION, "\033[41m" },
        { PLOT_PURPLE, "\033[45m" }, { PLOT_GREEN, "\033[42m" },  { PLOT_SKY, "\033[46m" },
    };
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
        if (strcmp(escapes[i][0], colour) == 0)
            return escapes[i][1];
    return "";
}

/* A letter for each series: a point for what is drawn in grey, otherwise the first letter of one of its longer words
 * that no series before it has. */
static void choose_letters(const struct chart_panel *panel, char *letters)
{
    for (size_t i = 0; i < panel->series_count; i++) {
        const char *name = panel->series[i].name != NULL ? panel->series[i].name : "";
        const char *colour = panel->series[i].colour;
        letters[i] = colour != NULL && strcmp(colour, PLOT_GREY) == 0 ? '.' : '\0';
        while (letters[i] == '\0' && *name != '\0') {
            size_t skip = strcspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
            size_t word = strspn(name + skip, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
            char letter = (char)toupper((unsigned char)name[skip]);
            if (word > 3 && memchr(letters, letter, i) == NULL)
                letters[i] = letter;
            name += skip + word;
        }
        for (char letter = 'A'; letters[i] == '\0'; letter++)
            if (letter > 'Z' || memchr(letters, letter, i) == NULL)
                letters[i] = letter > 'Z' ? '#' : letter;
    }
    letters[panel->series_count] = '\0';
}

static const char **choose_colours(const struct chart_panel *panel)
{
    const char **names = calloc(panel->series_count + 1, sizeof *names);
    const char **colours = calloc(panel->series_count + 1, sizeof *colours);
    CHECK(names != NULL && colours != NULL);
    for (size_t i = 0; i < panel->series_count; i++)
        names[i] = panel->series[i].name != NULL ? panel->series[i].name : "";
    plot_choose_colours(names, panel->series_count, colours);
    for (size_t i = 0; i < panel->series_count; i++)
        if (panel->series[i].colour != NULL)
            colours[i] = panel->series[i].colour;
    free(names);
    return colours;
}

/* Prints the row of a STACK: all series, from left to right. */
static void print_stack_row(const struct print *print, size_t key, const char *letters, const char *const *colours,
                            double full, int width)
{
    double end = 0;
    int drawn = 0;

    for (size_t i = 0; i < print->panel->series_count; i++) {
        const struct chart_point *point = find_point(&print->panel->series[i], key);
        end += point != NULL ? fmax(0, point->y) : 0;
        int until = (int)lround(end / full * width);
        fputs(print->use_colour && until > drawn ? escape_of(colours[i]) : "", print->out);
        for (; drawn < until; drawn++)
            fputc(letters[i], print->out);
        fputs(print->use_colour ? "\033[0m" : "", print->out);
    }
    fprintf(print->out, "%*s|\n", width - drawn, "");
}

/* Prints a row for a series: a bar of BARS, or a mark where a dot is. */
static void print_value_row(const struct print *print, const struct chart_point *point, char letter, int width)
{
    char text[AXIS_LABEL_BYTES];
    struct scale scale = print->value;

    scale.from = 0;
    scale.to = width;
    bool is_drawn = !scale.is_log || point->y > 0;
    int at = is_drawn ? (int)lround(scale_pixel(&scale, point->y)) : 0;
    int zero = scale.is_log || scale.low > 0 ? 0 : (int)lround(scale_pixel(&scale, 0));
    for (int i = 0; i <= width; i++) {
        bool is_bar = print->panel->kind == CHART_BARS && is_drawn && i >= (at < zero ? at : zero) &&
                      i <= (at < zero ? zero : at);
        fputc(is_bar || (i == at && is_drawn) ? letter : i == zero ? '|' : ' ', print->out);
    }
    scale_format(&scale, point->y, 3, true, text);
    fprintf(print->out, " %s\n", text);
}

static void print_cells(const struct print *print)
{
    const struct chart_panel *panel = print->panel;
    char text[AXIS_LABEL_BYTES];

    for (size_t i = 0; i < panel->series_count; i++) {
        print_name(print->out, panel->series[i].name != NULL ? panel->series[i].name : "", NAME_COLUMNS / 2);
        for (size_t key = 0; key < panel->key_count; key++) {
            const struct chart_point *point = find_point(&panel->series[i], key);
            if (point != NULL)
                scale_format_fixed(&print->value, point->y, 2, text);
            print_name(print->out, point != NULL ? text : "-", 7);
        }
        fputc('\n', print->out);
    }
    for (size_t key = 0; key < panel->key_count; key++) {
        fprintf(print->out, "%*s column %zu: ", NAME_COLUMNS / 2, "", key + 1);
        print_name(print->out, panel->keys[key], (int)strlen(panel->keys[key]));
        fputc('\n', print->out);
    }
}

static void print_legend(const struct print *print, const char *letters, int names)
{
    if (print->panel->series_count < 2 && print->panel->kind != CHART_STACK)
        return;
    fprintf(print->out, "%*s ", names, "");
    for (size_t i = 0; i < print->panel->series_count; i++) {
        fprintf(print->out, " %c ", letters[i]);
        const char *name = print->panel->series[i].name != NULL ? print->panel->series[i].name : "";
        print_name(print->out, name, (int)strlen(name) > 0 ? (int)strlen(name) : 1);
    }
    fputc('\n', print->out);
}

static void print_rows(const struct print *print)
{
    const struct chart_panel *panel = print->panel;
    int names = name_columns(panel), width = print->columns - names - 3;
    char *letters = calloc(panel->series_count + 1, 1);
    const char **colours = choose_colours(panel);
    double full = 0;

    CHECK(letters != NULL);
    choose_letters(panel, letters);
    for (size_t key = 0; key < panel->key_count; key++) {
        double sum = 0;
        for (size_t i = 0; i < panel->series_count; i++) {
            const struct chart_point *point = find_point(&panel->series[i], key);
            sum += point != NULL ? fmax(0, point->y) : 0;
        }
        full = fmax(full, sum);
    }
    width = panel->kind == CHART_STACK ? width : width - 14;
    width = width > BAR_LEAST ? width : BAR_LEAST;
    for (size_t key = 0; key < panel->key_count; key++) {
        if (panel->groups != NULL && (key == 0 || strcmp(panel->groups[key], panel->groups[key - 1]) != 0)) {
            fprintf(print->out, "%*s  ", names, "");
            print_name(print->out, panel->groups[key], (int)strlen(panel->groups[key]));
            fputc('\n', print->out);
        }
        for (size_t i = 0; i < (panel->kind == CHART_STACK ? 1 : panel->series_count); i++) {
            const struct chart_point *point = find_point(&panel->series[i], key);
            print_name(print->out, i == 0 ? panel->keys[key] : "", names);
            fputs(" |", print->out);
            if (panel->kind == CHART_STACK)
                print_stack_row(print, key, letters, colours, full > 0 ? full : 1, width);
            else if (point != NULL)
                print_value_row(print, point, letters[i], width);
            else
                fputs(" -\n", print->out);
        }
    }
    print_legend(print, letters, names);
    free(letters);
    free(colours);
}

bool chart_print(const struct chart *chart, int columns, int rows, bool use_colour, FILE *out, char *message,
                 size_t message_bytes)
{
    const char *fault = chart_fault(chart);

    if (fault != NULL) {
        snprintf(message, message_bytes, "the chart %s cannot be drawn: %s", chart->name, fault);
        return false;
    }
    for (size_t i = 0; i < chart->panel_count; i++) {
        const struct chart_panel *panel = &chart->panels[i];
        const char *title = panel->title != NULL ? panel->title : chart->title;
        struct print print = { panel, scale_make(&panel->value, panel_extent(panel, false), SCALE_FROM_ZERO), columns,
                               use_colour, out };
        if (panel->kind == CHART_LINES || panel->kind == CHART_CCDF || panel->kind == CHART_POINTS) {
            if (!print_plot(&print, title, rows, message, message_bytes))
                return false;
        } else {
            fprintf(out, "%s\n", title);
            if (chart->subtitle != NULL && i == 0)
                fprintf(out, "%s\n", chart->subtitle);
            if (panel->kind == CHART_HEAT)
                print_cells(&print);
            else
                print_rows(&print);
        }
        fputc('\n', out);
    }
    return true;
}
