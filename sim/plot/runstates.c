/* SPDX-License-Identifier: Apache-2.0
 *
 * The runstates of vCPUs: a bar for each guest and cell, divided into runstates. Time in RUNNING that is spent on the
 * tasklet lock is a segment of its own.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/figure.h"
#include "plot/gnuplot.h"

#define BARS_MAX 48

enum segment { SEGMENT_RUNNING, SEGMENT_LOCK, SEGMENT_RUNNABLE, SEGMENT_OFFLINE, SEGMENT_BLOCKED, SEGMENT_COUNT };

static const struct {
    const char *name, *colour;
} segments[SEGMENT_COUNT] = {
    { "running", PLOT_BLUE },
    { "running, on the lock", PLOT_ORANGE },
    { "runnable (steal)", PLOT_VERMILLION },
    { "offline (steal)", PLOT_PURPLE },
    { "blocked", PLOT_GREY },
};

struct bar {
    char guest[96];
    char label[PLOT_LABEL_BYTES];
    double share[SEGMENT_COUNT]; /* percent */
};

struct bars {
    struct bar bar[BARS_MAX];
    size_t count;
};

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
        for (size_t i = 0; i < cell_count && bars->count < BARS_MAX; i++) {
            struct bar *bar = &bars->bar[bars->count];
            if (!read_shares(&cells[i]->side, guests[guest], bar->share))
                continue;
            strcpy(bar->guest, guests[guest]);
            plot_group_label(cells[i], figure->has_axis ? figure->axis.path : NULL, bar->label);
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

static size_t fill_series(struct plot_made *made, const struct bars *bars, struct chart_series *series)
{
    size_t count = 0;
    for (int segment = 0; segment < SEGMENT_COUNT; segment++) {
        if (!is_segment_used(bars, (enum segment)segment))
            continue;
        struct chart_point *points = plot_keep(made, bars->count * sizeof *points);
        for (size_t i = 0; i < bars->count; i++)
            points[i] = (struct chart_point){ .x = (double)i, .y = bars->bar[i].share[segment] };
        series[count++] =
            (struct chart_series){ segments[segment].name, segments[segment].colour, points, bars->count };
    }
    return count;
}

void plot_runstates_make(const struct plot_figure *figure, struct plot_made *made)
{
    struct bars bars;
    char heading[128];

    collect(&bars, figure);
    const char **keys = plot_keep(made, (bars.count + 1) * sizeof *keys);
    const char **groups = plot_keep(made, (bars.count + 1) * sizeof *groups);
    for (size_t i = 0; i < bars.count; i++) {
        snprintf(heading, sizeof heading, "guest %s", bars.bar[i].guest);
        keys[i] = plot_keep_text(made, bars.bar[i].label);
        groups[i] = plot_keep_text(made, heading);
    }
    struct chart_series *series = plot_keep(made, SEGMENT_COUNT * sizeof *series);
    size_t series_count = fill_series(made, &bars, series);
    plot_figure_subtitle(figure, false, "mean", made->subtitle, sizeof made->subtitle);
    made->panel = (struct chart_panel){
        .kind = CHART_STACK,
        .key = { "Design", "", false, 0, 0 },
        .value = { "Share of vCPU time", "%", false, 0, 0 },
        .keys = keys,
        .key_count = bars.count,
        .groups = groups,
        .series = series,
        .series_count = series_count,
    };
}
