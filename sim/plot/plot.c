/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses and draws the figures. For every kind of figure that cannot be made, a note says what is missing.
 */
#define _GNU_SOURCE
#include "plot/plot.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/histogram.h"
#include "base/text.h"
#include "result/metric_catalogue.h"
#include "plot/figure.h"

#define FIGURES_MAX 32

struct figures {
    struct plot_figure figure[FIGURES_MAX];
    size_t count;
    struct compare_groups groups;
    bool has_axis;
    struct plot_axis axis;
    void (*note)(void *context, const char *text);
    void *context;
};

static void choose_runstates(struct figures *figures);
static void choose_latency(struct figures *figures);
static void choose_steal(struct figures *figures);
static void choose_lock_wait(struct figures *figures);
static bool draw(const struct plot_request *request, const struct figures *figures, const struct plot_figure *figure,
                 char *message, size_t message_bytes);

__attribute__((format(printf, 2, 3))) static void note(const struct figures *figures, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    figures->note(figures->context, text);
}

enum plot_status plot_results(const struct plot_request *request, void (*report)(void *context, const char *text),
                              void *context, char *message, size_t message_bytes)
{
    struct figures *figures = calloc(1, sizeof *figures);
    enum plot_status status = PLOT_OK;

    CHECK(figures != NULL);
    figures->note = report;
    figures->context = context;
    compare_groups_make(&figures->groups, request->set);
    if (figures->groups.partial_count > 0)
        note(figures, "%zu partial results are left out", figures->groups.partial_count);
    figures->has_axis = plot_find_axis(&figures->groups, &figures->axis);
    choose_runstates(figures);
    choose_latency(figures);
    choose_steal(figures);
    choose_lock_wait(figures);
    if (figures->count == 0)
        status = PLOT_NOTHING;
    for (size_t i = 0; i < figures->count && status == PLOT_OK; i++)
        if (!draw(request, figures, &figures->figure[i], message, message_bytes))
            status = PLOT_FAILED;
    compare_groups_free(&figures->groups);
    free(figures);
    return status;
}

/* Appends the text to a file name, and replaces characters that are not letters, digits or dashes. */
static void append_name(char name[PLOT_NAME_BYTES], const char *text)
{
    size_t used = strlen(name);
    if (used > 0 && used + 1 < PLOT_NAME_BYTES)
        name[used++] = '_';
    for (; *text != '\0' && used + 1 < PLOT_NAME_BYTES; text++)
        name[used++] = isalnum((unsigned char)*text) || *text == '_' ? *text : '-';
    name[used] = '\0';
}

/* Returns a new figure, or NULL with a note when there are too many or the file name is already used. */
static struct plot_figure *add_figure(struct figures *figures, const char *name, const char *subject)
{
    char stem[PLOT_NAME_BYTES] = "";

    append_name(stem, name);
    if (subject[0] != '\0')
        append_name(stem, subject);
    for (size_t i = 0; i < figures->count; i++)
        if (strcmp(figures->figure[i].name, stem) == 0) {
            note(figures, "left out: %s of %s: its file name is already used", name, subject);
            return NULL;
        }
    if (figures->count == FIGURES_MAX) {
        note(figures, "left out: %s of %s: more than %d figures", name, subject, FIGURES_MAX);
        return NULL;
    }
    struct plot_figure *figure = &figures->figure[figures->count++];
    *figure = (struct plot_figure){ .groups = &figures->groups, .has_axis = figures->has_axis, .axis = figures->axis };
    strcpy(figure->name, stem);
    snprintf(figure->subject, sizeof figure->subject, "%s", subject);
    return figure;
}

static void choose_runstates(struct figures *figures)
{
    for (size_t i = 0; i < figures->groups.count; i++) {
        const struct metrics *metrics = &figures->groups.groups[i].first->metrics;
        for (size_t row = 0; row < metrics->count; row++) {
            const struct metric_row *description = metric_describe(metrics->rows[row].name);
            if (description == NULL || strcmp(description->name, "guests.G.running.percent") != 0)
                continue;
            struct plot_figure *figure = add_figure(figures, "runstates", "");
            if (figure == NULL)
                return;
            snprintf(figure->title, sizeof figure->title, "Where the guests' time goes");
            figure->make = plot_runstates_make;
            return;
        }
    }
    note(figures, "left out: runstates: no result has guests.G.running.percent");
}

static void choose_latency(struct figures *figures)
{
    static const char histogram[] = "irq.latency";

    for (size_t i = 0; i < figures->groups.count; i++) {
        const struct histogram *found = result_histogram(figures->groups.groups[i].first, histogram);
        if (found == NULL || found->count == 0)
            continue;
        struct plot_figure *figure = add_figure(figures, "latency", "");
        if (figure == NULL)
            return;
        strcpy(figure->subject, histogram);
        snprintf(figure->title, sizeof figure->title, "Interrupt latency");
        figure->make = plot_ccdf_make;
        return;
    }
    note(figures, "left out: latency: no result has values in the histogram %s", histogram);
}

/* Returns the names between prefix and suffix in the metrics with an observation in any cell: "idle" and "busy" for
 * "guests." and ".steal.percent". The caller frees the array and its texts. */
static char **find_subjects(const struct figures *figures, const char *prefix, const char *suffix, size_t *count)
{
    char **subjects = NULL;

    *count = 0;
    for (size_t i = 0; i < figures->groups.count; i++) {
        const struct metrics *metrics = &figures->groups.groups[i].first->metrics;
        for (size_t row = 0; row < metrics->count; row++) {
            const char *name = metrics->rows[row].name;
            size_t length = strlen(name), before = strlen(prefix), after = strlen(suffix), at = 0;
            if (metrics->rows[row].denominator == 0 || length <= before + after || strncmp(name, prefix, before) != 0 ||
                strcmp(name + length - after, suffix) != 0)
                continue;
            char *subject = text_copy_bytes(name + before, length - before - after);
            while (at < *count && strcmp(subjects[at], subject) != 0)
                at++;
            if (at < *count) {
                free(subject);
                continue;
            }
            subjects = realloc(subjects, (*count + 1) * sizeof *subjects);
            CHECK(subjects != NULL);
            subjects[(*count)++] = subject;
        }
    }
    return subjects;
}

static void add_lines(struct figures *figures, const char *name, const char *subject, const char *metric,
                      const char *title, const char *y_title)
{
    struct plot_figure *figure = add_figure(figures, name, subject);
    if (figure == NULL)
        return;
    snprintf(figure->metric, sizeof figure->metric, "%s", metric);
    snprintf(figure->title, sizeof figure->title, "%s %s", title, subject);
    figure->y_title = y_title;
    figure->make = plot_lines_make;
}

/* Returns the largest mean of the metric in any cell. */
static double largest_mean(const struct figures *figures, const char *metric)
{
    double largest = 0;
    for (size_t i = 0; i < figures->groups.count; i++)
        largest = fmax(largest, plot_mean(&figures->groups.groups[i].side, metric));
    return largest;
}

/* Adds a figure of lines for each subject of the metrics PREFIX SUBJECT SUFFIX whose largest mean is at least `share`
 * of the largest mean of all subjects. */
static void choose_lines(struct figures *figures, const char *name, const char *prefix, const char *suffix,
                         double share, const char *title, const char *y_title)
{
    char metric[sizeof figures->figure[0].metric];
    double largest = 0;
    size_t count;

    if (!figures->has_axis) {
        note(figures, "left out: %s: it needs a sweep over sockets or another numeric axis", name);
        return;
    }
    char **subjects = find_subjects(figures, prefix, suffix, &count);
    if (count == 0)
        note(figures, "left out: %s: no result has %s*%s", name, prefix, suffix);
    for (size_t i = 0; i < count; i++) {
        snprintf(metric, sizeof metric, "%s%s%s", prefix, subjects[i], suffix);
        largest = fmax(largest, largest_mean(figures, metric));
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(metric, sizeof metric, "%s%s%s", prefix, subjects[i], suffix);
        if (largest_mean(figures, metric) < share * largest)
            note(figures, "left out: %s of %s: it never reaches %.0f %% of the largest", name, subjects[i],
                 100 * share);
        else
            add_lines(figures, name, subjects[i], metric, title, y_title);
        free(subjects[i]);
    }
    free(subjects);
}

static void choose_steal(struct figures *figures)
{
    choose_lines(figures, "steal", "guests.", ".steal.percent", 0, "Steal time of the guest", "Steal time");
}

static void choose_lock_wait(struct figures *figures)
{
    choose_lines(figures, "lock-wait", "locks.", ".wait.mean_ns", 0.1, "Wait for the lock", "Mean wait");
}

static bool show(const struct plot_request *request, const struct figures *figures, const struct chart *chart,
                 char *message, size_t message_bytes)
{
    char *path;

    if (request->directory == NULL)
        return chart_print(chart, request->columns, request->rows, request->use_colour, request->out, message,
                           message_bytes);
    CHECK(asprintf(&path, "%s/%s", request->directory, chart->name) > 0);
    bool is_good = chart_draw(chart, path, request->is_forced, message, message_bytes) == CHART_WRITTEN;
    if (is_good) {
        note(figures, "%s.svg", path);
        note(figures, "%s.png", path);
    }
    free(path);
    return is_good;
}

static bool draw(const struct plot_request *request, const struct figures *figures, const struct plot_figure *figure,
                 char *message, size_t message_bytes)
{
    struct plot_made made = { .memory = NULL };

    figure->make(figure, &made);
    made.chart = (struct chart){ figure->name, figure->title, made.subtitle, &made.panel, 1 };
    bool is_good = show(request, figures, &made.chart, message, message_bytes);
    plot_made_free(&made);
    return is_good;
}

void *plot_keep(struct plot_made *made, size_t bytes)
{
    void *memory = calloc(1, bytes + 1);
    made->memory = realloc(made->memory, (made->memory_count + 1) * sizeof *made->memory);
    CHECK(memory != NULL && made->memory != NULL);
    made->memory[made->memory_count++] = memory;
    return memory;
}

const char *plot_keep_text(struct plot_made *made, const char *text)
{
    size_t bytes = strlen(text) + 1;
    return memcpy(plot_keep(made, bytes), text, bytes);
}

void plot_made_free(struct plot_made *made)
{
    for (size_t i = 0; i < made->memory_count; i++)
        free(made->memory[i]);
    free(made->memory);
}

const struct compare_group **plot_figure_cells(const struct plot_figure *figure, size_t *count)
{
    const struct compare_groups *groups = figure->groups;
    const struct compare_group **cells = calloc(groups->count + 1, sizeof *cells);
    double last = -INFINITY, value;
    const char *unit;

    CHECK(cells != NULL);
    *count = 0;
    for (size_t i = 0; figure->has_axis && i < groups->count; i++)
        if (plot_axis_number(result_axis_value(groups->groups[i].first, figure->axis.path), &value, &unit))
            last = fmax(last, value);
    for (size_t i = 0; i < groups->count; i++) {
        if (figure->has_axis &&
            (!plot_axis_number(result_axis_value(groups->groups[i].first, figure->axis.path), &value, &unit) ||
             value != last))
            continue;
        cells[(*count)++] = &groups->groups[i];
    }
    return cells;
}

/* "sample", or "2 scenarios", whose names stand in the labels. */
static void write_scenarios(const struct compare_groups *groups, char *text, size_t text_bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < groups->count; i++) {
        size_t first = 0;
        while (strcmp(groups->groups[first].first->scenario, groups->groups[i].first->scenario) != 0)
            first++;
        count += first == i;
    }
    if (count == 1)
        (void)snprintf(text, text_bytes, "%s", groups->groups[0].first->scenario);
    else
        (void)snprintf(text, text_bytes, "%zu scenarios", count);
}

void plot_figure_subtitle(const struct plot_figure *figure, bool is_over_axis, const char *remark, char *text,
                          size_t text_bytes)
{
    size_t cell_count, fewest = SIZE_MAX, most = 0;
    const struct compare_group **cells = plot_figure_cells(figure, &cell_count);
    char axis[200] = "", seeds[64], scenarios[128];

    write_scenarios(figure->groups, scenarios, sizeof scenarios);
    for (size_t i = 0; i < figure->groups->count; i++) {
        size_t count = figure->groups->groups[i].side.count;
        fewest = count < fewest ? count : fewest;
        most = count > most ? count : most;
    }
    if (figure->has_axis && !is_over_axis && cell_count > 0)
        snprintf(axis, sizeof axis, ", %s %s", figure->axis.path,
                 result_axis_value(cells[0]->first, figure->axis.path));
    if (fewest == most)
        snprintf(seeds, sizeof seeds, "%zu seed%s", most, most == 1 ? "" : "s");
    else
        snprintf(seeds, sizeof seeds, "%zu to %zu seeds", fewest, most);
    bool has_remark = most > 1;
    snprintf(text, text_bytes, "%s%s, %s%s%s", scenarios, axis, seeds, has_remark ? "; " : "",
             has_remark ? remark : "");
    free(cells);
}

double plot_mean(const struct compare_side *side, const char *metric)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < side->count; i++) {
        double value = result_metric_value(side->results[i], metric);
        if (isnan(value))
            continue;
        sum += value;
        count++;
    }
    return count > 0 ? sum / (double)count : (double)NAN;
}
