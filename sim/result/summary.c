/* SPDX-License-Identifier: Apache-2.0
 *
 * The summary that run and show print: which table shows which metrics. Columns without a value in any row are omitted,
 * as are tables without columns. The last line counts the metrics that no table shows.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "result/metric_catalogue.h"
#include "result/report.h"
#include "result/table.h"

#define SUMMARY_COLUMNS_MAX 12
#define SUMMARY_ROWS_MAX 400
#define SUMMARY_STUCK_MAX 20

/* The metric of a table cell is its row's base ("guests.idle", "irq") followed by the suffix of the column. */
struct column {
    const char *heading, *suffix;
};

struct section {
    const char *title;
    const char *single_base; /* the base of the first row, or NULL */
    const char *prefix;      /* "guests.": each name after the prefix has a row; or NULL */
    struct column columns[SUMMARY_COLUMNS_MAX];
};

static const struct section sections[] = {
    { "guests (% of time)",
      NULL,
      "guests.",
      { { "steal", ".steal.percent" },
        { "top to 4.7", ".steal_top.percent" },
        { "top from 4.8", ".steal_top_since_4_8.percent" },
        { "in ticks", ".steal_tick.percent" },
        { "running", ".running.percent" },
        { "runnable", ".runnable.percent" },
        { "blocked", ".blocked.percent" },
        { "offline", ".offline.percent" } } },
    { "lock time of guests (%)",
      NULL,
      "guests.",
      { { "of RUNNING", ".running_lock.percent" },
        { "u1", ".running_lock_u1.percent" },
        { "u2", ".running_lock_u2.percent" },
        { "u4", ".running_lock_u4.percent" },
        { "u5", ".running_lock_u5.percent" },
        { "in running", ".lock_running.percent" },
        { "in runnable", ".lock_runnable.percent" },
        { "in blocked", ".lock_blocked.percent" } } },
    { "interrupts",
      "irq",
      "devices.",
      { { "raised", ".raised" },
        { "delivered", ".delivered" },
        { "interrupts", ".interrupts" },
        { "coalesced", ".coalesced" },
        { "discarded", ".discarded" },
        { "pending", ".pending" },
        { "lost", ".lost" } } },
    { "latency of interrupts",
      "irq",
      "devices.",
      { { "mean", ".latency.mean_ns" },
        { "p50", ".latency.p50_ns" },
        { "p90", ".latency.p90_ns" },
        { "p95", ".latency.p95_ns" },
        { "p99", ".latency.p99_ns" },
        { "p99.9", ".latency.p999_ns" },
        { "max", ".latency.max_ns" },
        { "starved", ".starvation.max_ns" } } },
    { "locks",
      NULL,
      "locks.",
      { { "taken", ".acquisitions" },
        { "held %", ".utilization.percent" },
        { "wait mean", ".wait.mean_ns" },
        { "p50", ".wait.p50_ns" },
        { "p99", ".wait.p99_ns" },
        { "hold p50", ".hold.p50_ns" },
        { "p99", ".hold.p99_ns" },
        { "most waiters", ".waiters.max" } } },
    { "pCPUs (% of time)", NULL, "cpus.", { { "share", ".percent" } } },
};

struct bases {
    char *names[SUMMARY_ROWS_MAX];
    size_t count;
};

static int text_pointer_compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void add_base(struct bases *bases, const char *name, size_t length)
{
    for (size_t i = 0; i < bases->count; i++)
        if (strlen(bases->names[i]) == length && memcmp(bases->names[i], name, length) == 0)
            return;
    if (bases->count < SUMMARY_ROWS_MAX) {
        bases->names[bases->count] = strndup(name, length);
        CHECK(bases->names[bases->count++] != NULL);
    }
}

/* Finds the names between the section's prefix and one of its suffixes in the names of metrics, in ascending order. */
static void find_bases(struct bases *bases, const struct section *section, const struct result *result)
{
    bases->count = 0;
    for (size_t i = 0; section->prefix != NULL && i < result->metrics.count; i++) {
        const char *name = result->metrics.rows[i].name;
        size_t length = strlen(name), prefix = strlen(section->prefix);
        if (strncmp(name, section->prefix, prefix) != 0)
            continue;
        for (size_t column = 0; column < SUMMARY_COLUMNS_MAX && section->columns[column].heading != NULL; column++) {
            size_t suffix = strlen(section->columns[column].suffix);
            if (length > prefix + suffix && strcmp(name + length - suffix, section->columns[column].suffix) == 0)
                add_base(bases, name, length - suffix);
        }
    }
    qsort(bases->names, bases->count, sizeof bases->names[0], text_pointer_compare);
    if (section->single_base != NULL && bases->count < SUMMARY_ROWS_MAX) {
        memmove(bases->names + 1, bases->names, bases->count++ * sizeof bases->names[0]);
        bases->names[0] = text_copy(section->single_base);
    }
}

static const struct metric *cell_metric(const struct result *result, const char *base, const char *suffix)
{
    char name[sizeof result->metrics.rows->name];
    if (snprintf(name, sizeof name, "%s%s", base, suffix) >= (int)sizeof name)
        return NULL;
    return metric_find(&result->metrics, name);
}

static void print_cell(struct table *table, const struct metric *metric)
{
    char text[METRIC_TEXT_BYTES];
    metric_format(metric != NULL ? metric_value(metric) : NAN, metric != NULL ? metric_unit(metric->name) : "", text);
    table_cell(table, "%s", text);
}

/* Prints the section and returns how many metrics it showed. */
static size_t print_section(const struct section *section, const struct result *result, FILE *out, bool use_colour)
{
    struct bases bases;
    struct column shown[SUMMARY_COLUMNS_MAX];
    size_t column_count = 0, metric_count = 0;

    find_bases(&bases, section, result);
    for (const struct column *column = section->columns;
         column < section->columns + SUMMARY_COLUMNS_MAX && column->heading != NULL; column++) {
        size_t found = 0;
        for (size_t row = 0; row < bases.count; row++)
            found += cell_metric(result, bases.names[row], column->suffix) != NULL;
        if (found > 0)
            shown[column_count++] = *column;
        metric_count += found;
    }
    if (column_count > 0) {
        struct table table;
        table_init(&table, column_count + 1, 1);
        table_cell(&table, "%s", section->title);
        for (size_t column = 0; column < column_count; column++)
            table_cell(&table, "%s", shown[column].heading);
        for (size_t row = 0; row < bases.count; row++) {
            const char *dot = section->prefix != NULL ? strchr(bases.names[row], '.') : NULL;
            table_cell(&table, "  %s", dot != NULL ? dot + 1 : "all");
            for (size_t column = 0; column < column_count; column++)
                print_cell(&table, cell_metric(result, bases.names[row], shown[column].suffix));
        }
        fputc('\n', out);
        table_print(&table, out, 0, use_colour);
        table_free(&table);
    }
    for (size_t row = 0; row < bases.count; row++)
        free(bases.names[row]);
    return metric_count;
}

/* Prints where the interrupts are that did not arrive. */
static void print_stuck(const struct result *result, FILE *out, bool use_colour)
{
    static const char *const headings[] = { "interrupts that did not arrive", "fate", "where", "vector", "count" };
    size_t shown = result->stuck_count < SUMMARY_STUCK_MAX ? result->stuck_count : SUMMARY_STUCK_MAX;
    uint64_t left = 0;
    struct table table;

    if (result->stuck_count == 0)
        return;
    table_init(&table, 5, 3);
    for (size_t i = 0; i < 5; i++)
        table_cell(&table, "%s", headings[i]);
    for (size_t i = 0; i < shown; i++) {
        const struct result_stuck *stuck = &result->stuck[i];
        table_cell(&table, "  %s", stuck->device);
        table_cell(&table, "%s", stuck->is_lost ? "lost" : "pending");
        table_cell(&table, "%s", stuck->place);
        table_cell(&table, "%" PRIu64, stuck->vector);
        table_cell(&table, "%" PRIu64, stuck->count);
    }
    fputc('\n', out);
    table_print(&table, out, 0, use_colour);
    table_free(&table);
    for (size_t i = shown; i < result->stuck_count; i++)
        left += result->stuck[i].count;
    if (left > 0)
        fprintf(out, "  and %" PRIu64 " of %zu more vectors, in --json\n", left, result->stuck_count - shown);
}

static void print_heading(const struct result *result, FILE *out, bool use_colour)
{
    char simulated[METRIC_TEXT_BYTES], wall[METRIC_TEXT_BYTES], events[METRIC_TEXT_BYTES];

    fprintf(out, "%s%s%s: %s, seed %" PRIu64, use_colour ? "\033[1m" : "", result->scenario,
            use_colour ? "\033[0m" : "", result->design, result->seed);
    for (size_t i = 0; i < result->axis_count; i++)
        fprintf(out, ", %s %s", result->axes[i].path, result->axes[i].value);
    if (result->code.hash != NULL)
        fprintf(out, "\ncode %s: %s of %s, by %s", result->code.hash, result->code.files,
                result->code.commit[0] != '\0' ? result->code.commit : "an unknown commit", result->code.compiler);
    metric_format((double)result->simulated_ns, "ns", simulated);
    fprintf(out, "\n%s simulated", simulated);
    if (result->wall.seconds > 0) {
        metric_format(result->wall.seconds, "s", wall);
        metric_format((double)result->wall.events, "count", events);
        fprintf(out, " in %s, %s events, %.3g x real time", wall, events,
                (double)result->simulated_ns / 1e9 / result->wall.seconds);
    }
    if (result->is_partial)
        fprintf(out, "%s, PARTIAL: %s before the end%s", use_colour ? "\033[31m" : "",
                result->violation.kind != NULL ? "crashed" : "interrupted", use_colour ? "\033[0m" : "");
    fputc('\n', out);
    if (result->violation.kind != NULL) {
        char text[600];
        result_violation_text(result, text, sizeof text);
        fprintf(out, "%s\n", text);
    }
}

void result_violation_text(const struct result *result, char *text, size_t text_bytes)
{
    char when[METRIC_TEXT_BYTES];

    metric_format((double)result->violation.at_ns, "ns", when);
    snprintf(text, text_bytes, "%s crashes after %s on CPU %" PRIu64 ", %s: %s", result->design, when,
             result->violation.cpu, result->violation.kind, result->violation.text);
}

void result_print_summary(const struct result *result, FILE *out, bool use_colour)
{
    size_t shown = 0;

    print_heading(result, out, use_colour);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        shown += print_section(&sections[i], result, out, use_colour);
        if (strcmp(sections[i].title, "interrupts") == 0)
            print_stuck(result, out, use_colour);
    }
    shown += metric_find(&result->metrics, "engine.events") != NULL;
    if (result->metrics.count > shown)
        fprintf(out, "\n%zu more metrics in --json and --csv\n", result->metrics.count - shown);
}

/* The metrics in which designs usually differ. */
static bool is_overview_metric(const char *name)
{
    static const char *const patterns[] = { "guests.G.steal.percent", "guests.G.running_lock.percent", "irq.lost",
                                            "irq.latency.p50_ns", "irq.latency.p99_ns" };
    const struct metric_row *row = metric_describe(name);
    for (size_t i = 0; row != NULL && i < sizeof patterns / sizeof patterns[0]; i++)
        if (strcmp(row->name, patterns[i]) == 0)
            return true;
    return false;
}

/* Shortens "guests.idle.steal.percent" to "idle steal %" and "irq.latency.p99_ns" to "irq latency p99". */
static void print_short_heading(struct table *table, const char *name)
{
    char text[96];
    const char *from =
        strncmp(name, "guests.", 7) == 0 || strncmp(name, "locks.", 6) == 0 ? strchr(name, '.') + 1 : name;
    snprintf(text, sizeof text, "%s", from);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '.' && strcmp(c, ".percent") == 0)
            strcpy(c, " %");
        else if (*c == '_' && strcmp(c, "_ns") == 0)
            *c = '\0';
        else if (*c == '.')
            *c = ' ';
        if (*c == '\0')
            break;
    }
    table_cell(table, "%s", text);
}

/* Finds the lock with the longest mean wait in any result and returns the metric; NULL without locks. */
static const char *find_slowest_lock(const struct result_set *set)
{
    const char *slowest = NULL;
    double longest = 0;

    for (size_t i = 0; i < set->count; i++)
        for (size_t row = 0; row < set->results[i].metrics.count; row++) {
            const struct metric *metric = &set->results[i].metrics.rows[row];
            const struct metric_row *description = metric_describe(metric->name);
            if (description == NULL || strcmp(description->name, "locks.L.wait.mean_ns") != 0 ||
                !(metric_value(metric) > longest))
                continue;
            longest = metric_value(metric);
            slowest = metric->name;
        }
    return slowest;
}

/* Finds the metrics of the overview that any result has, in the order of reports. */
static const char **overview_names(const struct result_set *set, size_t *count)
{
    const char **names, *slowest = find_slowest_lock(set);
    size_t total = 0;

    for (size_t i = 0; i < set->count; i++)
        total += set->results[i].metrics.count;
    names = calloc(total + 1, sizeof *names);
    CHECK(names != NULL);
    *count = 0;
    for (size_t i = 0; i < set->count; i++)
        for (size_t row = 0; row < set->results[i].metrics.count; row++) {
            const char *name = set->results[i].metrics.rows[row].name;
            if (is_overview_metric(name) || (slowest != NULL && strcmp(name, slowest) == 0))
                names[(*count)++] = name;
        }
    *count = metric_names_sort(names, *count);
    return names;
}

/* Writes the axes as "lock=ttas, sockets=8", without the design, which has its own column. */
static void print_coordinates(char *text, size_t bytes, const struct result *result)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < result->axis_count && used < bytes; i++) {
        const struct result_axis *axis = &result->axes[i];
        const char *dot = strrchr(axis->path, '.');
        if (strcmp(axis->path, "hypervisor.design") == 0)
            continue;
        used += (size_t)snprintf(text + used, bytes - used, "%s%s=%s", used > 0 ? ", " : "",
                                 dot != NULL ? dot + 1 : axis->path, axis->value);
    }
}

void result_set_print_overview(const struct result_set *set, FILE *out, bool use_colour)
{
    size_t metric_count;
    const char **names = overview_names(set, &metric_count);
    struct table table;

    table_init(&table, 4 + metric_count, 3);
    table_cell(&table, "scenario");
    table_cell(&table, "cell");
    table_cell(&table, "design");
    table_cell(&table, "seed");
    for (size_t i = 0; i < metric_count; i++)
        print_short_heading(&table, names[i]);
    for (size_t i = 0; i < set->count; i++) {
        const struct result *result = &set->results[i];
        char coordinates[256];
        print_coordinates(coordinates, sizeof coordinates, result);
        table_cell(&table, "%s%s", result->scenario, result->is_partial ? " (partial)" : "");
        table_cell(&table, "%s", coordinates);
        table_cell(&table, "%s", result->design);
        table_cell(&table, "%" PRIu64, result->seed);
        for (size_t column = 0; column < metric_count; column++)
            print_cell(&table, metric_find(&result->metrics, names[column]));
    }
    table_print(&table, out, 0, use_colour);
    table_free(&table);
    free(names);
}
