/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of an import.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/table.h"
#include "trace/fit.h"
#include "trace/import.h"

#define POOR_FIT 0.2 /* of the distance between two distributions */

static const char *const process_names[] = { "periodic", "poisson", "onoff", "moderated", "closed", "replay" };

static void cell_number(struct table *table, double value, const char *format)
{
    char text[32];

    snprintf(text, sizeof text, format, value);
    table_cell(table, "%s", isnan(value) ? "-" : text);
}

static void head(struct table *table, const char *const *heads, size_t count, size_t left)
{
    table_init(table, count, left);
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%s", heads[i]);
}

/* --- sources --- */

static void row_of(struct table *table, const char *name, const char *guest, const char *process,
                   const struct arrival_figures *figures)
{
    table_cell(table, "%s", name);
    table_cell(table, "%s", guest);
    table_cell(table, "%s", process);
    table_cell(table, "%" PRIu64, figures->count);
    cell_number(table, figures->rate_hz, "%.2f");
    cell_number(table, figures->gap_cv, "%.3f");
    cell_number(table, figures->dispersion, "%.2f");
    cell_number(table, (double)figures->gap_p10 / 1e3, "%.1f");
    cell_number(table, (double)figures->gap_p50 / 1e3, "%.1f");
    cell_number(table, (double)figures->gap_p90 / 1e3, "%.1f");
    cell_number(table, (double)figures->gap_p99 / 1e3, "%.1f");
}

static void report_sources(const struct workload *workload, FILE *out, bool use_colour)
{
    static const char *const heads[] = { "interrupts", "for",         "process",      "count", "rate Hz",
                                         "gap CoV",    "dispersion",  "gap p10 us",   "p50",   "p90",
                                         "p99",        "fit differs", "work mean us", "CoV",   "fit differs" };
    struct table table;

    head(&table, heads, 15, 3);
    for (size_t i = 0; i < workload->source_count; i++) {
        const struct workload_source *source = &workload->sources[i];
        uint64_t *times = workload_times(source);
        struct arrival_figures data = arrival_figures_of(times, source->count);
        struct arrival_fit fit = arrival_fit_of(times, source->count);
        double distance;
        struct work_fit work = import_work_fit(workload, source->task, source, &distance);
        row_of(&table, source->name, workload->tasks[source->task].name, "recorded", &data);
        table_cell(&table, "-");
        cell_number(&table, isnan(work.cv) ? NAN : (double)work.mean_ns / 1e3, "%.3f");
        cell_number(&table, work.cv, "%.3f");
        table_cell(&table, "-");
        if (fit.process != ARRIVAL_REPLAY) { /* else too few for a fit */
            struct arrival_figures fitted = arrival_figures_fitted(&fit, source->count);
            row_of(&table, "", "", process_names[fit.process], &fitted);
            cell_number(&table, arrival_fit_distance(&fit, times, source->count), "%.2f");
            cell_number(&table, isnan(work.cv) ? NAN : (double)work.mean_ns / 1e3, "%.3f");
            cell_number(&table, isnan(work.cv) ? NAN : (double)work.cv_percent / 100, "%.3f");
            cell_number(&table, isnan(work.cv) ? NAN : distance, "%.2f");
        }
        free(times);
    }
    table_print(&table, out, 0, use_colour);
    table_free(&table);
}

/* A source whose fit, of arrivals or of works, has another shape than what was recorded. */
static bool is_poorly_fitted(const struct workload *workload, const struct workload_source *source)
{
    uint64_t *times = workload_times(source);
    struct arrival_fit fit = arrival_fit_of(times, source->count);
    double of_works, of_arrivals = arrival_fit_distance(&fit, times, source->count);

    import_work_fit(workload, source->task, source, &of_works);
    free(times);
    return fit.process != ARRIVAL_REPLAY && (of_arrivals > POOR_FIT || of_works > POOR_FIT);
}

void import_report(const struct workload *workload, const struct recorded *recorded, bool is_fitted, FILE *out,
                   bool use_colour)
{
    fprintf(out, "%.6f s, %u pCPU%s\n\n", (double)workload->duration_ns / 1e9, workload->cpu_count,
            workload->cpu_count == 1 ? "" : "s");
    if (workload->source_count > 0) {
        report_sources(workload, out, use_colour);
        fprintf(out,
                "\n%s. \"fit differs\": the largest difference of the two distributions, of gaps and of works; works "
                "are fitted as lognormal.\n",
                is_fitted ? "The scenario has the fits" : "The scenario replays what was recorded; --fit has the fits");
    }
    for (size_t i = 0; i < workload->source_count && is_fitted; i++)
        if (is_poorly_fitted(workload, &workload->sources[i]))
            fprintf(out, "%s: a poor fit; without --fit it is replayed\n", workload->sources[i].name);
    for (size_t i = 0; i < workload->source_count; i++)
        if (workload->sources[i].passed_on > 0)
            fprintf(out, "%s: %zu of %zu woke the vCPU through %s; raised when that thread did it\n",
                    workload->sources[i].name, workload->sources[i].passed_on, workload->sources[i].count,
                    workload->sources[i].through);
    if (recorded->ignored_count + workload->dropped_count > 0)
        fputs("\nignored:\n", out);
    for (size_t i = 0; i < recorded->ignored_count; i++)
        fprintf(out, "  %" PRIu64 " x %s: %s\n", recorded->ignored[i].count, recorded->ignored[i].what,
                recorded->ignored[i].why);
    for (size_t i = 0; i < workload->dropped_count; i++)
        fprintf(out, "  %" PRIu64 " x %s: %s\n", workload->dropped[i].count, workload->dropped[i].what,
                workload->dropped[i].why);
}

/* --- recorded beside simulated --- */

struct comparison {
    struct table table;
    const char *task; /* for its first row */
    size_t different;
};

enum figure_kind { FIGURE_COUNT, FIGURE_SHARE, FIGURE_SHARE_OF_WAIT, FIGURE_TIME };

static void compare(struct comparison *comparison, const char *figure, enum figure_kind kind, double recorded,
                    double simulated)
{
    static const char *const formats[] = { "%.0f", "%.2f", "%.2f", "%.2f" };
    double difference = fabs(simulated - recorded);
    bool is_far = kind == FIGURE_SHARE_OF_WAIT ? difference > IMPORT_POINTS : difference > IMPORT_SHARE * recorded;

    table_cell(&comparison->table, "%s", comparison->task);
    table_cell(&comparison->table, "%s", figure);
    cell_number(&comparison->table, recorded, formats[kind]);
    cell_number(&comparison->table, simulated, formats[kind]);
    table_cell(&comparison->table, "%s", is_far ? "differs" : "");
    comparison->different += is_far;
    comparison->task = "";
}

static double arrivals_of(const struct workload *workload, const struct workload_task *task)
{
    double count = 0;

    for (size_t i = 0; i < workload->source_count; i++)
        if (&workload->tasks[workload->sources[i].task] == task)
            count += (double)workload->sources[i].count;
    return count;
}

static bool has_wakes(const struct workload *workload, const struct workload_task *task)
{
    bool has = false;

    for (size_t i = 0; i < workload->source_count; i++)
        has |= &workload->tasks[workload->sources[i].task] == task && workload->sources[i].is_wakes;
    return has;
}

static double share(const struct workload *workload, uint64_t ns)
{
    return workload->duration_ns == 0 ? NAN : 100 * (double)ns / (double)workload->duration_ns;
}

static double mean_delay(const struct workload_task *task)
{
    return task->delays == 0 ? NAN : task->delay_sum_ns / 1e3 / (double)task->delays;
}

static void compare_task(struct comparison *comparison, const struct workload *workload,
                         const struct workload_task *task, const struct workload *simulated,
                         const struct workload_task *run)
{
    bool has_states = workload_has_states(task), run_has_states = workload_has_states(run);

    comparison->task = task->name;
    compare(comparison, has_wakes(workload, task) ? "interrupts, other wakes" : "interrupts", FIGURE_COUNT,
            arrivals_of(workload, task), (double)run->interrupts);
    compare(comparison, "wake-ups", FIGURE_COUNT, has_states ? (double)task->wakes : NAN,
            run_has_states ? (double)run->wakes : NAN);
    compare(comparison, "running %", FIGURE_SHARE, has_states ? share(workload, task->running_ns - task->poll_ns) : NAN,
            run_has_states ? share(simulated, run->running_ns - run->poll_ns) : NAN);
    if (task->poll_ns + run->poll_ns > 0)
        compare(comparison, "polling %", FIGURE_SHARE, share(workload, task->poll_ns), share(simulated, run->poll_ns));
    compare(comparison, "runnable % (steal)", FIGURE_SHARE_OF_WAIT,
            has_states && workload->knows_waits ? share(workload, task->runnable_ns) : NAN,
            run_has_states ? share(simulated, run->runnable_ns) : NAN);
    compare(comparison, "until it runs, mean us", FIGURE_TIME, mean_delay(task), mean_delay(run));
    compare(comparison, "until it runs, p99 us", FIGURE_TIME,
            task->delays == 0 ? NAN : (double)task->delay_p99_ns / 1e3,
            run->delays == 0 ? NAN : (double)run->delay_p99_ns / 1e3);
}

/* Of the time for each wake-up, what is outside of the guest. */
static double own_us(const struct workload_task *task)
{
    return (double)(task->running_ns - task->poll_ns - task->guest_ns) / 1e3 / (double)task->wakes;
}

/* Says what the design takes of each run, where that explains that running differs. */
static void explain_running(const struct workload *workload, const struct workload_task *task,
                            const struct workload *simulated, const struct workload_task *run, FILE *out)
{
    double recorded = share(workload, task->running_ns - task->poll_ns);

    if (task->is_computing || task->wakes == 0 || run->wakes == 0 ||
        fabs(share(simulated, run->running_ns - run->poll_ns) - recorded) <= IMPORT_SHARE * recorded)
        return;
    if (task->guest_ns > 0)
        fprintf(out,
                "%s: %.2f us of each run were outside of the guest, and are %.2f us here: the recording does not say "
                "what the hypervisor did there\n",
                task->name, own_us(task), own_us(run));
    else if (own_us(run) > own_us(task))
        fprintf(
            out,
            "%s: each run took %.2f us, and takes %.2f us outside of the guest here, by a design whose wake-ups cost "
            "more\n",
            task->name, own_us(task), own_us(run));
}

void import_compare(const struct workload *workload, const struct workload *simulated, FILE *out, bool use_colour)
{
    static const char *const heads[] = { "guest", "figure", "recorded", "simulated", "" };
    static const struct workload_task nothing;
    struct comparison comparison = { .different = 0 };

    head(&comparison.table, heads, 5, 2);
    comparison.table.is_last_left = true;
    for (uint32_t t = 0; t < workload->task_count && !workload->tasks[t].is_others; t++) {
        const struct workload_task *run = import_simulated(simulated, &workload->tasks[t]);
        compare_task(&comparison, workload, &workload->tasks[t], simulated, run != NULL ? run : &nothing);
    }
    fputc('\n', out);
    table_print(&comparison.table, out, 0, use_colour);
    table_free(&comparison.table);
    fprintf(out, "\n%zu figures differ by more than %.0f %% of what was recorded; runnable by more than %.0f points\n",
            comparison.different, 100 * IMPORT_SHARE, IMPORT_POINTS);
    for (uint32_t t = 0; t < workload->task_count && !workload->tasks[t].is_others; t++) {
        const struct workload_task *run = import_simulated(simulated, &workload->tasks[t]);
        if (run != NULL)
            explain_running(workload, &workload->tasks[t], simulated, run, out);
    }
    for (size_t i = 0; i < workload->task_count; i++)
        if (workload->tasks[i].unknown_ns > 0)
            fprintf(out, "%s: nothing is known of it in the first %.6f s, before it first ran\n",
                    workload->tasks[i].name, (double)workload->tasks[i].unknown_ns / 1e9);
    if (!workload->knows_waits)
        fputs("runnable: the recording has no sched_switch, so it cannot say how long a vCPU waited for its pCPU\n",
              out);
    double nobody =
        share(workload, workload->unexplained_ns) / (double)(workload->task_count > 0 ? workload->task_count : 1);
    if (nobody > IMPORT_POINTS / 2)
        fprintf(out,
                "runnable: for %.1f %% of the time no task ran where a vCPU waited, but interrupts, softirqs or the "
                "hypervisor; the scenario has those of its own devices\n",
                nobody);
    if (workload->task_count > 0 && workload->tasks[workload->task_count - 1].is_others)
        fprintf(out,
                "other threads took %.2f %% of a pCPU's time from those that waited: guests others-cpu* replay it\n",
                share(workload, workload->other_ns));
}
