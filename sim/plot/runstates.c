/* SPDX-License-Identifier: Apache-2.0
 *
 * The runstates of vCPUs: a horizontal bar for each guest and cell, divided into runstates. Time in RUNNING that is
 * spent on the tasklet lock is a segment of its own.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "plot/figure.h"

#define BARS_MAX 48

enum segment { SEGMENT_RUNNING, SEGMENT_LOCK, SEGMENT_RUNNABLE, SEGMENT_OFFLINE, SEGMENT_BLOCKED, SEGMENT_COUNT };

static const struct {
    const char *name, *colour, *text_colour;
    char letter;
    const char *escape;
} segments[SEGMENT_COUNT] = {
    { "running", PLOT_BLUE, "#FFFFFF", 'R', "\033[44m" },
    { "running, on the lock", PLOT_ORANGE, "#000000", 'L', "\033[43m" },
    { "runnable (steal)", PLOT_VERMILLION, "#FFFFFF", 'S', "\033[41m" },
    { "offline (steal)", PLOT_PURPLE, "#000000", 'O', "\033[45m" },
    { "blocked", PLOT_GREY, "#555555", '.', "" },
};

struct bar {
    char guest[96];
    char label[PLOT_LABEL_BYTES];
    double share[SEGMENT_COUNT]; /* percent */
    bool is_first;               /* the first bar of its guest */
};

struct bars {
    struct bar bar[BARS_MAX];
    size_t count;
};

static void collect(struct bars *bars, const struct plot_figure *figure);
static void print_legend(const struct bars *bars, int height, FILE *script);
static void print_segments(const struct bars *bars, FILE *script);
static void print_bar_labels(const struct bars *bars, FILE *script);

/* Positions of the bars, with a gap between guests. */
static double bar_position(const struct bars *bars, size_t index)
{
    double position = 0;
    for (size_t i = 1; i <= index; i++)
        position += bars->bar[i].is_first ? 1.9 : 1;
    return position;
}

int plot_runstates_height(const struct plot_figure *figure)
{
    struct bars bars;
    collect(&bars, figure);
    return 175 + (int)(30 * (bar_position(&bars, bars.count - 1) + 1.8));
}

static size_t longest_label(const struct bars *bars)
{
    size_t longest = 8;
    for (size_t i = 0; i < bars->count; i++)
        if (strlen(bars->bar[i].label) > longest)
            longest = strlen(bars->bar[i].label);
    return longest < 44 ? longest : 44;
}

void plot_runstates_print(const struct plot_figure *figure, const struct plot_canvas *canvas, FILE *script)
{
    struct bars bars;
    char subtitle[300];

    collect(&bars, figure);
    CHECK(bars.count > 0);
    plot_figure_subtitle(figure, false, "mean", subtitle, sizeof subtitle);
    plot_print_prelude(script, canvas, figure->name, figure->title, subtitle);
    print_legend(&bars, canvas->height, script);
    fprintf(script,
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\nset lmargin at screen %.4f\n"
            "set rmargin at screen 0.965\nset border 1\nunset ytics\nset grid noytics xtics back ls 81\n"
            "set xrange [0:100]\nset yrange [%.3f:-1.35]\nset xtics 20 nomirror out scale 0.6\n"
            "set xlabel 'Share of vCPU time (%%)' textcolor rgb '" PLOT_INK "' offset 0,0.3\n",
            1 - 88.0 / canvas->height, 58.0 / canvas->height, 0.03 + (double)longest_label(&bars) * 0.0108,
            bar_position(&bars, bars.count - 1) + 0.6);
    print_bar_labels(&bars, script);
    print_segments(&bars, script);
}

static double percent_of(const struct compare_side *side, const char *guest, const char *what)
{
    char name[sizeof((struct metric *)0)->name + 64];
    snprintf(name, sizeof name, "guests.%.95s.%s.percent", guest, what);
    return plot_mean(side, name);
}

/* Returns false when the cell does not have the runstates of the guest. */
static bool read_shares(const struct compare_side *side, const char *guest, double share[SEGMENT_COUNT])
{
    share[SEGMENT_RUNNING] = percent_of(side, guest, "running");
    share[SEGMENT_RUNNABLE] = percent_of(side, guest, "runnable");
    share[SEGMENT_BLOCKED] = percent_of(side, guest, "blocked");
    share[SEGMENT_OFFLINE] = percent_of(side, guest, "offline");
    if (isnan(share[SEGMENT_RUNNING]) || isnan(share[SEGMENT_RUNNABLE]) || isnan(share[SEGMENT_BLOCKED]))
        return false;
    double lock = percent_of(side, guest, "lock_running");
    if (isnan(lock))
        lock = share[SEGMENT_RUNNING] * percent_of(side, guest, "running_lock") / 100;
    share[SEGMENT_LOCK] = isnan(lock) ? 0 : fmin(lock, share[SEGMENT_RUNNING]);
    share[SEGMENT_RUNNING] -= share[SEGMENT_LOCK];
    if (isnan(share[SEGMENT_OFFLINE]))
        share[SEGMENT_OFFLINE] = 0;
    return true;
}

static int text_compare(const void *left, const void *right) { return strcmp(left, right); }

/* Returns the names of guests that have runstates in any cell, in ascending order. */
static size_t find_guests(const struct compare_group **cells, size_t cell_count, char guests[BARS_MAX][96])
{
    static const char prefix[] = "guests.", suffix[] = ".running.percent";
    size_t count = 0;

    for (size_t i = 0; i < cell_count; i++)
        for (size_t row = 0; row < cells[i]->first->metrics.count; row++) {
            const char *name = cells[i]->first->metrics.rows[row].name;
            size_t length = strlen(name);
            if (strncmp(name, prefix, sizeof prefix - 1) != 0 || length < sizeof prefix + sizeof suffix - 2 ||
                strcmp(name + length - sizeof suffix + 1, suffix) != 0)
                continue;
            char guest[96] = "";
            memcpy(guest, name + sizeof prefix - 1, length - sizeof prefix - sizeof suffix + 2);
            size_t at = 0;
            while (at < count && strcmp(guests[at], guest) != 0)
                at++;
            if (at == count && count < BARS_MAX)
                strcpy(guests[count++], guest);
        }
    qsort(guests, count, sizeof guests[0], text_compare);
    return count;
}

static void collect(struct bars *bars, const struct plot_figure *figure)
{
    char guests[BARS_MAX][96];
    size_t cell_count;
    const struct compare_group **cells = plot_figure_cells(figure, &cell_count);
    size_t guest_count = find_guests(cells, cell_count, guests);

    bars->count = 0;
    for (size_t guest = 0; guest < guest_count; guest++) {
        bool is_first = true;
        for (size_t i = 0; i < cell_count && bars->count < BARS_MAX; i++) {
            struct bar *bar = &bars->bar[bars->count];
            if (!read_shares(&cells[i]->side, guests[guest], bar->share))
                continue;
            strcpy(bar->guest, guests[guest]);
            plot_group_label(cells[i], figure->has_axis ? figure->axis.path : NULL, bar->label);
            bar->is_first = is_first;
            is_first = false;
            bars->count++;
        }
    }
    free(cells);
}

static bool is_segment_used(const struct bars *bars, enum segment segment)
{
    for (size_t i = 0; i < bars->count; i++)
        if (bars->bar[i].share[segment] >= 0.05)
            return true;
    return false;
}

/* Prints the legend: the names of the segments in their colours, in a line below the subtitle. */
static void print_legend(const struct bars *bars, int height, FILE *script)
{
    double x = 0.03;
    for (int segment = 0; segment < SEGMENT_COUNT; segment++) {
        if (!is_segment_used(bars, segment))
            continue;
        const char *colour = segment == SEGMENT_BLOCKED ? "#999999" : segments[segment].colour;
        fprintf(script, "set label %d '■ %s' at screen %.4f,%.4f textcolor rgb '%s' font ',11'\n", 200 + segment,
                segments[segment].name, x, 1 - 70.0 / height, colour);
        x += 0.040 + (double)strlen(segments[segment].name) * 0.0078;
    }
}

static void print_bar_labels(const struct bars *bars, FILE *script)
{
    size_t tag = 300;
    for (size_t i = 0; i < bars->count; i++) {
        double position = bar_position(bars, i);
        if (bars->bar[i].is_first) {
            char heading[128];
            snprintf(heading, sizeof heading, "guest %s", bars->bar[i].guest);
            fprintf(script, "set label %zu ", tag++);
            plot_print_quoted(script, heading);
            fprintf(script, " at graph 0, first %.3f left offset character 0.4,0 textcolor rgb '#111111'\n",
                    position - 0.75);
        }
        fprintf(script, "set label %zu ", tag++);
        plot_print_quoted(script, bars->bar[i].label);
        fprintf(script, " at graph 0, first %.3f right offset character -0.8,0 textcolor rgb '" PLOT_INK "'\n",
                position);
    }
}

static void print_segments(const struct bars *bars, FILE *script)
{
    const char *separator = "plot ";

    for (int segment = 0; segment < SEGMENT_COUNT; segment++) {
        fprintf(script, "$segment%d << end_of_data\n", segment);
        for (size_t i = 0; i < bars->count; i++) {
            double from = 0;
            for (int before = 0; before < segment; before++)
                from += bars->bar[i].share[before];
            double to = from + bars->bar[i].share[segment], position = bar_position(bars, i);
            fprintf(script, "%.6f %.6f %.6f %.6f %.6f %.6f ", (from + to) / 2, position, from, to, position - 0.37,
                    position + 0.37);
            if (to - from >= 4)
                fprintf(script, "\"%.*f\"\n", to - from >= 10 ? 0 : 1, to - from);
            else
                fputs("\"\"\n", script);
        }
        fputs("end_of_data\n", script);
    }
    for (int segment = 0; segment < SEGMENT_COUNT; segment++) {
        if (!is_segment_used(bars, segment))
            continue;
        fprintf(script, "%s$segment%d using 1:2:3:4:5:6 with boxxyerror fc rgb '%s' fs solid 1 border lc rgb '#FFFFFF'",
                separator, segment, segments[segment].colour);
        fprintf(script, ", \\\n     $segment%d using 1:2:7 with labels font ',10.5' textcolor rgb '%s'", segment,
                segments[segment].text_colour);
        separator = ", \\\n     ";
    }
    fputc('\n', script);
}

void plot_runstates_print_text(const struct plot_figure *figure, int columns, bool use_colour, FILE *out)
{
    struct bars bars;
    char subtitle[300];

    collect(&bars, figure);
    plot_figure_subtitle(figure, false, "mean", subtitle, sizeof subtitle);
    int label_width = (int)longest_label(&bars), width = columns - label_width - 3;
    fprintf(out, "%s\n%s\n", figure->title, subtitle);
    for (size_t i = 0; i < bars.count; i++) {
        if (bars.bar[i].is_first)
            fprintf(out, "%*s  guest %s\n", label_width, "", bars.bar[i].guest);
        fprintf(out, "%*.*s |", label_width, label_width, bars.bar[i].label);
        double end = 0;
        int drawn = 0;
        for (int segment = 0; segment < SEGMENT_COUNT; segment++) {
            end += bars.bar[i].share[segment];
            int until = (int)lround(end / 100 * (width > 10 ? width : 10));
            fputs(use_colour && until > drawn ? segments[segment].escape : "", out);
            for (; drawn < until; drawn++)
                fputc(segments[segment].letter, out);
            fputs(use_colour ? "\033[0m" : "", out);
        }
        fputs("|\n", out);
    }
    fprintf(out, "%*s ", label_width, "");
    for (int segment = 0; segment < SEGMENT_COUNT; segment++)
        if (is_segment_used(&bars, segment))
            fprintf(out, " %c %s", segments[segment].letter, segments[segment].name);
    fputc('\n', out);
}
