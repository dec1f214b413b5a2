/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds what other tasks did on a pCPU while a task of the workload waited for it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/check.h"
#include "trace/workload_log.h"

/* Waits that are shorter in all, between two sleeps, are what a switch of tasks takes. */
#define SHORTEST_NS 5000u

/* The others come this much before the interrupt that wakes the task, so that it finds them at work. */
#define LEAD_NS 8000u

enum { ARRIVALS_MAX = 100000 };

static int by_cpu_and_time(const void *a, const void *b)
{
    const struct workload_span *first = a, *second = b;

    if (first->cpu != second->cpu)
        return first->cpu < second->cpu ? -1 : 1;
    return first->from < second->from ? -1 : first->from > second->from;
}

static void add(struct workload_span **spans, size_t *count, struct workload_span span)
{
    *spans = array_grown(*spans, *count, sizeof **spans);
    (*spans)[(*count)++] = span;
}

/* The runs of all other tasks, in the order of pCPU and time; to be freed. */
static struct workload_span *other_runs(const struct workload_log *log, const bool *is_needed, size_t *count)
{
    struct workload_span *runs = NULL;

    *count = 0;
    for (uint32_t t = 0; t < log->task_count; t++)
        for (size_t i = 0; !is_needed[t] && i < log->tasks[t].run_count; i++)
            add(&runs, count, log->tasks[t].runs[i]);
    if (*count > 0)
        qsort(runs, *count, sizeof *runs, by_cpu_and_time);
    return runs;
}

/* The part of the wait in which one of the runs took the pCPU. A recording may be damaged so that two tasks run there
 * at the same time, which counts once. */
static uint64_t overlap(struct workload_span wait, const struct workload_span *runs, size_t count)
{
    size_t low = 0, high = count;
    uint64_t sum = 0, from = wait.from;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (runs[middle].cpu < wait.cpu || (runs[middle].cpu == wait.cpu && runs[middle].to <= wait.from))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < count && runs[low].cpu == wait.cpu && runs[low].from < wait.to; low++) {
        uint64_t to = runs[low].to < wait.to ? runs[low].to : wait.to;
        from = runs[low].from > from ? runs[low].from : from;
        sum += to > from ? to - from : 0;
        from = to > from ? to : from;
    }
    return sum;
}

/* The part of the wait in which no task at all ran on the pCPU. */
static uint64_t unexplained(const struct workload_log *log, const bool *is_needed, uint32_t waiter,
                            struct workload_span wait, const struct workload_span *runs, size_t count)
{
    uint64_t ns = wait.to - wait.from, taken = overlap(wait, runs, count);

    for (uint32_t t = 0; t < log->task_count && taken < ns; t++)
        if (t != waiter && is_needed[t] && log->tasks[t].cpu_ns != NULL &&
            log->tasks[t].cpu_ns[wait.cpu % WORKLOAD_CPUS_MAX] > 0)
            taken = ns; /* a task of the workload shares the pCPU, and its time there is simulated */
    return ns - taken;
}

/* When the first interrupt came that the task was woken for after that sleep. */
static uint64_t first_arrival(struct workload_span sleep, const struct workload_arrival *const *arrivals, size_t count,
                              size_t *at)
{
    while (*at < count && arrivals[*at]->ns < sleep.from)
        ++*at;
    return *at < count && arrivals[*at]->ns < sleep.to ? arrivals[*at]->ns : sleep.to;
}

/* What others took from the task in each time between two sleeps, at the beginning of that time. */
static void taken_from(const struct log_task *task, const struct workload_arrival *const *arrivals, size_t count,
                       const struct workload_span *runs, size_t run_count, struct workload_span **taken,
                       size_t *taken_count)
{
    size_t wait = 0, at = 0;

    for (size_t i = 0; i <= task->sleep_count; i++) { /* the time before sleep i */
        uint64_t until = i < task->sleep_count ? task->sleeps[i].from : WORKLOAD_UNKNOWN, sum = 0, from = 0;
        uint32_t cpu = 0;
        if (i > 0)
            from = first_arrival(task->sleeps[i - 1], arrivals, count, &at);
        for (; wait < task->wait_count && task->waits[wait].from < until; wait++) {
            uint64_t ns = overlap(task->waits[wait], runs, run_count);
            if (i == 0 && ns >= SHORTEST_NS) /* without a sleep before it, a wait is where it was */
                add(taken, taken_count,
                    (struct workload_span){ task->waits[wait].from, task->waits[wait].from + ns,
                                            task->waits[wait].cpu });
            sum += i > 0 ? ns : 0;
            cpu = ns > 0 ? task->waits[wait].cpu : cpu;
        }
        if (sum >= SHORTEST_NS)
            add(taken, taken_count, (struct workload_span){ from > LEAD_NS ? from - LEAD_NS : 0, from + sum, cpu });
    }
}

static uint32_t others_of(struct workload *workload, uint32_t cpu)
{
    workload->tasks = array_grown(workload->tasks, workload->task_count, sizeof *workload->tasks);
    struct workload_task *task = &workload->tasks[workload->task_count];
    *task = (struct workload_task){
        .is_others = true, .who = TRACE_NOBODY, .wakes = 1, .cpu_ns = calloc(WORKLOAD_CPUS_MAX, sizeof *task->cpu_ns)
    };
    CHECK(task->cpu_ns != NULL);
    snprintf(task->name, sizeof task->name, "others-cpu%u", cpu);
    return (uint32_t)workload->task_count++;
}

static void add_spans(struct workload *workload, const struct workload_span *taken, size_t count)
{
    struct workload_source *source = NULL;

    for (size_t i = 0; i < count; i++) {
        if (i == 0 || taken[i].cpu != taken[i - 1].cpu) {
            uint32_t task = others_of(workload, taken[i].cpu);
            source = workload_source_add(workload, task, workload->tasks[task].name);
            source->cpu = taken[i].cpu;
        }
        uint64_t ns = taken[i].to - taken[i].from;
        workload->tasks[source->task].cpu_ns[taken[i].cpu % WORKLOAD_CPUS_MAX] += ns;
        workload->other_ns += ns;
        if (source->count < ARRIVALS_MAX)
            workload_arrival_add(source, taken[i].from, ns);
    }
}

void workload_add_others(struct workload *workload, const bool *is_needed)
{
    const struct workload_log *log = workload->log;
    struct workload_span *taken = NULL;
    size_t run_count, taken_count = 0, task = 0;
    struct workload_span *runs = other_runs(log, is_needed, &run_count);

    for (uint32_t t = 0; t < log->task_count; t++) {
        size_t count;
        if (!is_needed[t])
            continue;
        for (size_t i = 0; i < log->tasks[t].wait_count; i++)
            workload->unexplained_ns += unexplained(log, is_needed, t, log->tasks[t].waits[i], runs, run_count);
        struct workload_arrival **arrivals = workload_arrivals(workload, (uint32_t)task++, &count);
        taken_from(&log->tasks[t], (const struct workload_arrival *const *)arrivals, count, runs, run_count, &taken,
                   &taken_count);
        free(arrivals);
    }
    if (taken_count > 0)
        qsort(taken, taken_count, sizeof *taken, by_cpu_and_time);
    add_spans(workload, taken, taken_count);
    free(taken);
    free(runs);
}
