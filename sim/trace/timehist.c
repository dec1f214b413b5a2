/* SPDX-License-Identifier: Apache-2.0
 *
 * A run is recorded when it ends. The end of the trace records one more run for each vCPU, marked as cut off, so that
 * the times of a vCPU sum to the trace's length.
 */
#include "trace/timehist.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/table.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE, UNKNOWN, STATES };

struct timehist_task {
    uint8_t state;
    uint16_t cpu;
    cycles since;
    cycles blocked, runnable; /* since the last run */
};

static void run_add(struct timehist *timehist, struct timehist_run run)
{
    if (timehist->count == timehist->capacity) {
        timehist->capacity = timehist->capacity == 0 ? 1024 : timehist->capacity * 2;
        timehist->runs = realloc(timehist->runs, timehist->capacity * sizeof *timehist->runs);
        CHECK(timehist->runs != NULL);
    }
    timehist->runs[timehist->count++] = run;
}

/* Of vCPUs, or of threads where there are no vCPUs. */
static uint32_t index_of(const struct timehist *timehist, uint32_t who)
{
    return timehist->is_of_threads ? trace_world_task(&timehist->world, who) : trace_world_vcpu(&timehist->world, who);
}

/* From the state's beginning, or the window's. */
static cycles spent_in(const struct timehist *timehist, const struct timehist_task *task, cycles now)
{
    cycles since = task->since > timehist->from ? task->since : timehist->from;

    return now > since ? now - since : 0;
}

static void follow(struct timehist *timehist, const struct trace_record *record)
{
    uint32_t index = index_of(timehist, record->who);

    if (index == UINT32_MAX || (record->kind != TRACE_RUNSTATE && record->kind != TRACE_VCPU))
        return;
    struct timehist_task *task = &timehist->tasks[index];
    timehist->has_vcpus = true;
    cycles spent = spent_in(timehist, task, record->time);
    if (record->kind == TRACE_RUNSTATE && task->state == RUNNING) {
        if (record->time > timehist->from || timehist->from == 0)
            run_add(timehist, (struct timehist_run){ record->time, task->blocked, task->runnable, spent, record->who,
                                                     record->cpu, (uint8_t)(record->a % 16) });
        task->blocked = task->runnable = 0;
    } else if (record->kind == TRACE_RUNSTATE && task->state != UNKNOWN) {
        *(task->state == BLOCKED ? &task->blocked : &task->runnable) += spent;
    }
    task->cpu = (uint16_t)record->b;
    task->since = record->time;
    task->state = record->a % 16 < UNKNOWN ? (uint8_t)(record->a % 16) : UNKNOWN;
}

static bool timehist_begin(struct trace_sink *sink, const struct trace_world *world, char *message,
                           size_t message_bytes)
{
    struct timehist *timehist = (struct timehist *)sink;

    (void)message, (void)message_bytes;
    timehist->world = trace_world_kept(world);
    timehist->is_of_threads = world->vcpu_count == 0;
    timehist->task_count = timehist->is_of_threads ? world->thread_count : world->vcpu_count;
    timehist->from = world->setup == NULL ? world->measured_from : 0;
    timehist->tasks = calloc(timehist->task_count + 1, sizeof *timehist->tasks);
    CHECK(timehist->tasks != NULL);
    for (uint32_t i = 0; world->setup == NULL && i < timehist->task_count; i++)
        timehist->tasks[i].state = UNKNOWN;
    return true;
}

static void timehist_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        follow((struct timehist *)sink, &records[i]);
}

/* The run that the end of the trace cuts off. */
static void last_run(struct timehist *timehist, uint32_t who, cycles now)
{
    const struct timehist_task *task = &timehist->tasks[index_of(timehist, who)];
    cycles left[STATES] = { 0, task->runnable, task->blocked, 0, 0 };

    if (task->state == UNKNOWN && task->since == 0)
        return;
    left[task->state == OFFLINE ? RUNNABLE : task->state] += spent_in(timehist, task, now);
    run_add(timehist, (struct timehist_run){ now, left[BLOCKED], left[RUNNABLE], left[RUNNING], who, task->cpu,
                                             TIMEHIST_CUT_OFF });
}

static void timehist_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct timehist *timehist = (struct timehist *)sink;
    const struct trace_world *world = &timehist->world;

    (void)machine;
    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            last_run(timehist, trace_who(d, v), now);
    for (uint32_t t = 0; timehist->is_of_threads && t < world->thread_count; t++)
        last_run(timehist, trace_who(TRACE_THREADS, t), now);
}

void timehist_init(struct timehist *timehist)
{
    *timehist = (struct timehist){ .sink = { TRACE_ALL_KINDS, timehist_begin, timehist_records, timehist_end } };
}

void timehist_free(struct timehist *timehist)
{
    free(timehist->tasks);
    free(timehist->runs);
    trace_world_free(&timehist->world);
}

/* --- as a document --- */

static const char *then_text(const struct timehist_run *run)
{
    return run->left_as == TIMEHIST_CUT_OFF ? "the trace ends" : trace_state_names[run->left_as % 4];
}

static uint64_t ns(const struct timehist *timehist, cycles time)
{
    return cycles_to_ns(time, timehist->world.frequency_hz);
}

static bool is_of_guest(const struct timehist *timehist, const struct timehist_run *run, const char *guest)
{
    const char *name = timehist->is_of_threads ? timehist->world.threads[trace_vcpu(run->who)].name
                                               : timehist->world.domains[trace_domain(run->who)].name;
    size_t bytes = guest == NULL ? 0 : strlen(guest);

    return guest == NULL || (!strncmp(name, guest, bytes) && (name[bytes] == '\0' || name[bytes] == '.'));
}

struct summary {
    uint64_t runs, wakes;
    cycles blocked, runnable, running, runnable_max;
};

static void print_summary(const struct timehist *timehist, FILE *out, bool use_colour)
{
    static const char *const heads[] = { "guest",  "runs",          "blocked ms",  "delay ms",
                                         "run ms", "mean delay us", "max delay us" };
    const struct trace_world *world = &timehist->world;
    uint32_t rows = timehist->is_of_threads ? world->thread_count : world->domain_count;
    struct summary *summaries = calloc(rows + 1, sizeof *summaries);
    struct table table;

    CHECK(summaries != NULL);
    for (size_t i = 0; i < timehist->count; i++) {
        const struct timehist_run *run = &timehist->runs[i];
        struct summary *summary = &summaries[timehist->is_of_threads ? trace_vcpu(run->who) : trace_domain(run->who)];
        summary->runs++;
        summary->blocked += run->blocked;
        summary->runnable += run->runnable;
        summary->running += run->running;
        if (run->runnable > summary->runnable_max)
            summary->runnable_max = run->runnable;
    }
    table_init(&table, 7, 1);
    for (size_t i = 0; i < 7; i++)
        table_cell(&table, "%s", heads[i]);
    for (uint32_t d = 0; d < rows; d++) {
        const struct summary *summary = &summaries[d];
        if (timehist->is_of_threads && summary->running + summary->runnable == 0)
            continue;
        double runs = summary->runs > 0 ? (double)summary->runs : 1;
        table_cell(&table, "%s", timehist->is_of_threads ? world->threads[d].name : world->domains[d].name);
        table_cell(&table, "%" PRIu64, summary->runs);
        table_cell(&table, "%.3f", (double)ns(timehist, summary->blocked) / 1e6);
        table_cell(&table, "%.3f", (double)ns(timehist, summary->runnable) / 1e6);
        table_cell(&table, "%.3f", (double)ns(timehist, summary->running) / 1e6);
        table_cell(&table, "%.3f", (double)ns(timehist, summary->runnable) / 1e3 / runs);
        table_cell(&table, "%.3f", (double)ns(timehist, summary->runnable_max) / 1e3);
    }
    table_print(&table, out, 0, use_colour);
    table_free(&table);
    free(summaries);
}

void timehist_print(const struct timehist *timehist, const char *guest, FILE *out, bool use_colour)
{
    char name[TRACE_TEXT_BYTES];

    fprintf(out, "%15s  %-6s %-24s %13s %13s %13s  %s\n", "time (s)", "cpu",
            timehist->is_of_threads ? "thread" : "vCPU", "wait (us)", "delay (us)", "run (us)", "then");
    for (size_t i = 0; i < timehist->count; i++) {
        const struct timehist_run *run = &timehist->runs[i];
        if (!is_of_guest(timehist, run, guest))
            continue;
        fprintf(out, "%15.9f  [%04u] %-24s %13.3f %13.3f %13.3f  %s\n", (double)ns(timehist, run->end) / 1e9, run->cpu,
                trace_who_text(&timehist->world, run->who, name), (double)ns(timehist, run->blocked) / 1e3,
                (double)ns(timehist, run->runnable) / 1e3, (double)ns(timehist, run->running) / 1e3, then_text(run));
    }
    fputc('\n', out);
    print_summary(timehist, out, use_colour);
}

void timehist_print_csv(const struct timehist *timehist, const char *guest, FILE *out)
{
    char name[TRACE_TEXT_BYTES];

    fputs("time_cycles,cpu,vcpu,wait_cycles,delay_cycles,run_cycles,then\n", out);
    for (size_t i = 0; i < timehist->count; i++) {
        const struct timehist_run *run = &timehist->runs[i];
        if (!is_of_guest(timehist, run, guest))
            continue;
        fprintf(out, "%" PRIu64 ",%u,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s\n", run->end, run->cpu,
                trace_who_text(&timehist->world, run->who, name), run->blocked, run->runnable, run->running,
                then_text(run));
    }
}

json_t *timehist_json(const struct timehist *timehist, const char *guest)
{
    char name[TRACE_TEXT_BYTES];
    json_t *runs = json_array();

    for (size_t i = 0; i < timehist->count; i++) {
        const struct timehist_run *run = &timehist->runs[i];
        if (!is_of_guest(timehist, run, guest))
            continue;
        json_t *task = json_string(trace_who_text(&timehist->world, run->who, name));
        json_array_append_new(runs, json_pack("{s:I, s:I, s:o, s:I, s:I, s:I, s:s}", "end", (json_int_t)run->end, "cpu",
                                              (json_int_t)run->cpu, "task", task != NULL ? task : json_null(), "wait",
                                              (json_int_t)run->blocked, "delay", (json_int_t)run->runnable, "run",
                                              (json_int_t)run->running, "then", then_text(run)));
    }
    return json_pack("{s:I, s:o}", "frequency_hz", (json_int_t)timehist->world.frequency_hz, "runs", runs);
}
