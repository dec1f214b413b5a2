/* SPDX-License-Identifier: Apache-2.0
 *
 * Concludes from a workload's log: which task each interrupt is for, what work it asks of it, and how long it waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "trace/workload_log.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

/* A wake-up at most this long after an interrupt for the task is explained by it. */
#define EXPLAINED_NS 200000u

/* --- who is an interrupt for? --- */

static int by_waker(const void *a, const void *b)
{
    const struct log_wake *first = a, *second = b;

    if (first->waker != second->waker)
        return first->waker < second->waker ? -1 : 1;
    return first->ns < second->ns ? -1 : first->ns > second->ns;
}

enum sleep { AWAKE, POLLING, ASLEEP };

/* The task's first sleep that ends after `ns`; NULL: none does. */
static const struct workload_span *sleep_of(const struct log_task *task, uint64_t ns)
{
    size_t low = 0, high = task->sleep_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (task->sleeps[middle].to <= ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low < task->sleep_count ? &task->sleeps[low] : NULL;
}

static enum sleep sleep_at(const struct log_task *task, uint64_t ns)
{
    const struct workload_span *sleep = sleep_of(task, ns);

    if (sleep == NULL || sleep->from > ns)
        return AWAKE;
    return sleep->cpu == LOG_POLLING ? POLLING : ASLEEP;
}

/* When the task sleeps next, after `ns`. */
static uint64_t next_sleep(const struct log_task *task, uint64_t ns)
{
    size_t low = 0, high = task->sleep_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (task->sleeps[middle].from <= ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low < task->sleep_count ? task->sleeps[low].from : WORKLOAD_UNKNOWN;
}

/* Threads whose purpose is to pass interrupts on. */
static bool passes_on(const char *name)
{
    return !strncmp(name, "vhost-", 6) || !strncmp(name, "irq/", 4) || !strncmp(name, "kworker/", 8);
}

/* The interrupt woke a thread: it is for the task that this thread wakes before it sleeps, if that is a vCPU, or if the
 * thread does nothing else. */
static void pass_on(const struct workload_log *log, struct log_interrupt *interrupt)
{
    const struct trace_world *world = log->world;
    uint32_t thread = interrupt->task;
    uint64_t until = next_sleep(&log->tasks[thread], interrupt->ns);
    bool is_between = passes_on(world->threads[thread - world->vcpu_count].name);
    size_t low = 0, high = log->wake_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct log_wake *wake = &log->wakes[middle];
        if (wake->waker < thread || (wake->waker == thread && wake->ns < interrupt->ns))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < log->wake_count && log->wakes[low].waker == thread && log->wakes[low].ns <= until; low++) {
        uint32_t task = log->wakes[low].task;
        if (task == thread || (task >= world->vcpu_count && !is_between))
            continue;
        interrupt->through = thread;
        interrupt->task = task;
        interrupt->ns = log->wakes[low].ns;
        return;
    }
}

/* For each source the thread that most of its interrupts are for: elected[source], with votes[source]. */
struct election {
    uint32_t *counts; /* [source][task] */
    uint32_t *elected;
};

static void elect(const struct workload_log *log, struct election *election)
{
    election->counts = calloc(log->source_count * log->task_count + 1, sizeof *election->counts);
    election->elected = calloc(log->source_count + 1, sizeof *election->elected);
    CHECK(election->counts != NULL && election->elected != NULL);
    for (size_t i = 0; i < log->interrupt_count; i++)
        if (log->interrupts[i].task != WORKLOAD_NOBODY)
            election->counts[(size_t)log->interrupts[i].source * log->task_count + log->interrupts[i].task]++;
    for (size_t s = 0; s < log->source_count; s++) {
        const uint32_t *counts = &election->counts[s * log->task_count];
        uint32_t best = WORKLOAD_NOBODY;
        for (uint32_t t = 0; t < log->task_count; t++)
            if (counts[t] > 0 && (best == WORKLOAD_NOBODY || counts[t] > counts[best]))
                best = t;
        election->elected[s] = best;
    }
}

static uint32_t who_of(const struct trace_world *world, uint32_t number)
{
    if (number >= world->vcpu_count)
        return trace_who(TRACE_THREADS, number - world->vcpu_count);
    for (uint32_t d = 0; d < world->domain_count; d++)
        if (number - world->domains[d].first_vcpu < world->domains[d].vcpu_count)
            return trace_who(d, number - world->domains[d].first_vcpu);
    return TRACE_NOBODY;
}

/* Whether the workload has the task, if it turns out to do anything: vCPUs only on a host that has some, and of a guest
 * or of threads with one name if only these are wanted. */
static bool is_wanted(const struct workload *workload, uint32_t task, bool has_vcpus)
{
    const struct trace_world *world = workload->log->world;

    if (workload->only == NULL)
        return task < world->vcpu_count || !has_vcpus;
    uint32_t who = who_of(world, task);
    return !strcmp(workload->only, task < world->vcpu_count ? world->domains[trace_domain(who)].name
                                                            : world->threads[task - world->vcpu_count].name);
}

/* An interrupt that its vCPU sleeps through comes when it reaches the vCPU. False if it is not known to, or comes with
 * one before it. */
static bool reaches(struct workload *workload, struct log_interrupt *interrupt, uint32_t task)
{
    struct workload_log *log = workload->log;
    const struct log_task *own = &log->tasks[task];
    const char *name = log->sources[interrupt->source].name;

    if (sleep_at(own, interrupt->ns) != ASLEEP || sleep_of(own, interrupt->ns)->to - interrupt->ns <= EXPLAINED_NS)
        return true;
    struct log_flow *flow = interrupt->flow != 0 ? &log->flows[interrupt->flow] : NULL;
    if (flow == NULL || !flow->is_reached || flow->reached_ns < interrupt->ns) {
        workload_drop(workload, name, "their vCPU sleeps on for more than 200 us");
        return false;
    }
    if (flow->is_moved) {
        workload_drop(workload, name, "they reach their vCPU together with one before them");
        return false;
    }
    flow->is_moved = true;
    interrupt->ns = flow->reached_ns;
    return true;
}

/* The task that a scenario raises the interrupt for, or WORKLOAD_NOBODY. */
static uint32_t target_of(struct workload *workload, struct log_interrupt *interrupt, const struct election *election,
                          bool has_vcpus)
{
    const struct workload_log *log = workload->log;
    const struct log_source *source = &log->sources[interrupt->source];
    uint32_t elected = election->elected[interrupt->source], task = interrupt->task;

    if (source->origin == LOG_LINE && log->has_raises && interrupt->flow == 0)
        return WORKLOAD_NOBODY; /* the device's own record of the same interrupt counts */
    if (task != WORKLOAD_NOBODY && task < log->world->vcpu_count)
        elected = task;
    if (elected == WORKLOAD_NOBODY || !is_wanted(workload, elected, has_vcpus)) {
        if (workload->only != NULL)
            workload_drop(workload, "interrupts", "they are for others than the guest that is selected");
        else
            workload_drop(workload, source->name, "these interrupts wake no vCPU");
        return WORKLOAD_NOBODY;
    }
    if (task == elected)
        return !interrupt->is_told || reaches(workload, interrupt, task) ? task : WORKLOAD_NOBODY;
    if (sleep_at(&log->tasks[elected], interrupt->ns) != ASLEEP)
        return elected;
    workload_drop(workload, source->name,
                  task == WORKLOAD_NOBODY ? "these interrupts wake nobody" : "these interrupts wake another task");
    return WORKLOAD_NOBODY;
}

/* --- tasks --- */

static void task_name(const struct trace_world *world, uint32_t who, char name[SETUP_NAME_BYTES])
{
    char text[TRACE_TEXT_BYTES], *space;

    trace_who_text(world, who, text);
    if (!trace_is_thread(who) && (space = strrchr(text, ' ')) != NULL) {
        if (world->domains[trace_domain(who)].vcpu_count == 1)
            *space = '\0';
        else
            *space = '-';
    }
    workload_name(name, text);
}

/* A run's vCPUs are woken when it boots: what is before that is no sleep of a task that computes from then on. */
static bool is_computing(const struct log_task *task)
{
    uint64_t slept = task->in_state[BLOCKED], whole = slept + task->in_state[RUNNING] + task->in_state[RUNNABLE];
    bool is_begin = task->sleep_count == 1 && task->run_count > 0 && task->sleeps[0].to <= task->runs[0].from;

    if (task->in_state[RUNNING] == 0)
        return false;
    return (task->sleep_count == 0 && slept == 0) || (is_begin && slept <= whole / 1000);
}

static void task_add(struct workload *workload, uint32_t number)
{
    const struct workload_log *log = workload->log;
    const struct log_task *own = &log->tasks[number];

    workload->tasks = array_grown(workload->tasks, workload->task_count, sizeof *workload->tasks);
    struct workload_task *task = &workload->tasks[workload->task_count++];
    *task = (struct workload_task){ .who = who_of(log->world, number),
                                    .cpu_ns = calloc(WORKLOAD_CPUS_MAX, sizeof *task->cpu_ns),
                                    .running_ns = own->in_state[RUNNING],
                                    .runnable_ns = own->in_state[RUNNABLE],
                                    .blocked_ns = own->in_state[BLOCKED],
                                    .offline_ns = own->in_state[OFFLINE],
                                    .unknown_ns = own->unknown_ns,
                                    .poll_ns = own->poll_ns,
                                    .polled = own->polled };
    CHECK(task->cpu_ns != NULL);
    task->is_computing = is_computing(own);
    if (own->cpu_ns != NULL)
        memcpy(task->cpu_ns, own->cpu_ns, WORKLOAD_CPUS_MAX * sizeof *task->cpu_ns);
    for (size_t i = 0; i < own->guest_count; i++)
        task->guest_ns += own->guest[i].to - own->guest[i].from;
    for (size_t i = 0; i < own->sleep_count && !task->is_computing; i++)
        task->wakes += own->sleeps[i].to != WORKLOAD_UNKNOWN;
    task_name(log->world, task->who, task->name);
    if (!trace_is_thread(task->who))
        workload_name(task->domain, log->world->domains[trace_domain(task->who)].name);
}

/* --- sources --- */

void workload_arrival_add(struct workload_source *source, uint64_t ns, uint64_t work_ns)
{
    source->arrivals = array_grown(source->arrivals, source->count, sizeof *source->arrivals);
    source->arrivals[source->count++] = (struct workload_arrival){ ns, work_ns };
}

struct workload_source *workload_source_add(struct workload *workload, uint32_t task, const char *name)
{
    workload->sources = array_grown(workload->sources, workload->source_count, sizeof *workload->sources);
    struct workload_source *source = &workload->sources[workload->source_count++];
    *source = (struct workload_source){ .task = task };
    snprintf(source->name, sizeof source->name, "%.*s", (int)sizeof source->name - 1, name);
    return source;
}

/* The sources of one task, by the log's sources; `map` is scratch space. */
static void sources_of(struct workload *workload, uint32_t number, uint32_t task, const uint32_t *targets,
                       uint32_t *map)
{
    const struct workload_log *log = workload->log;

    for (size_t s = 0; s < log->source_count; s++)
        map[s] = UINT32_MAX;
    for (size_t i = 0; i < log->interrupt_count; i++) {
        const struct log_interrupt *interrupt = &log->interrupts[i];
        if (targets[i] != number)
            continue;
        if (map[interrupt->source] == UINT32_MAX) {
            map[interrupt->source] = (uint32_t)workload->source_count;
            workload_source_add(workload, task, log->sources[interrupt->source].name);
        }
        struct workload_source *source = &workload->sources[map[interrupt->source]];
        workload_arrival_add(source, interrupt->ns, WORKLOAD_UNKNOWN);
        source->cpu = interrupt->cpu;
        source->passed_on += interrupt->through != WORKLOAD_NOBODY;
        if (interrupt->through != WORKLOAD_NOBODY)
            snprintf(source->through, sizeof source->through, "%s",
                     log->world->threads[interrupt->through - log->world->vcpu_count].name);
        workload->tasks[task].interrupts++;
    }
}

static int by_time(const void *a, const void *b)
{
    const struct workload_arrival *first = *(struct workload_arrival *const *)a,
                                  *second = *(struct workload_arrival *const *)b;

    return first->ns < second->ns ? -1 : first->ns > second->ns;
}

static int by_arrival(const void *a, const void *b)
{
    const struct workload_arrival *first = a, *second = b;

    return first->ns < second->ns ? -1 : first->ns > second->ns;
}

/* All arrivals of the task, ascending; to be freed. */
struct workload_arrival **workload_arrivals(const struct workload *workload, uint32_t task, size_t *count)
{
    struct workload_arrival **all = NULL;

    *count = 0;
    for (size_t s = 0; s < workload->source_count; s++)
        for (size_t i = 0; workload->sources[s].task == task && i < workload->sources[s].count; i++) {
            all = array_grown(all, *count, sizeof *all);
            all[(*count)++] = &workload->sources[s].arrivals[i];
        }
    if (*count > 0)
        qsort(all, *count, sizeof *all, by_time);
    return all;
}

/* A source for the task's wake-ups that no interrupt explains, and for what it does at the beginning. */
static void add_wakes(struct workload *workload, const struct log_task *own, uint32_t task)
{
    struct workload_source *source = NULL;
    char name[SETUP_NAME_BYTES + 8];
    size_t count, at = 0;
    struct workload_arrival **all = workload_arrivals(workload, task, &count);
    uint64_t *times = NULL;
    size_t time_count = 0;

    if (own->run_count > 0 && (own->sleep_count == 0 || own->sleeps[0].from > 0)) {
        times = array_grown(times, time_count, sizeof *times);
        times[time_count++] = own->runs[0].from;
    }
    for (size_t i = 0; i < own->sleep_count && own->sleeps[i].to != WORKLOAD_UNKNOWN; i++) {
        while (at < count && all[at]->ns <= own->sleeps[i].to)
            at++;
        if (at > 0 && own->sleeps[i].to - all[at - 1]->ns <= EXPLAINED_NS)
            continue;
        times = array_grown(times, time_count, sizeof *times);
        times[time_count++] = own->sleeps[i].to;
    }
    snprintf(name, sizeof name, "wakes-%s", workload->tasks[task].name);
    for (size_t i = 0; i < time_count; i++) {
        if (source == NULL)
            source = workload_source_add(workload, task, name);
        source->is_wakes = true;
        workload_arrival_add(source, times[i], WORKLOAD_UNKNOWN);
    }
    free(times);
    free(all);
}

static int by_value(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return first < second ? -1 : first > second;
}

/* The time until the task ran, of all that found it asleep. */
static void note_delays(struct workload_task *task, const struct log_task *own, struct workload_arrival *const *all,
                        size_t count)
{
    uint64_t *delays = malloc((count + 1) * sizeof *delays);
    size_t run = 0;

    CHECK(delays != NULL);
    for (size_t i = 0; i < count; i++) {
        if (sleep_at(own, all[i]->ns) == AWAKE && (all[i]->ns == 0 || sleep_at(own, all[i]->ns - 1) == AWAKE))
            continue;
        while (run < own->run_count && own->runs[run].from < all[i]->ns)
            run++;
        if (run == own->run_count)
            break;
        delays[task->delays++] = own->runs[run].from - all[i]->ns;
        task->delay_sum_ns += (double)(own->runs[run].from - all[i]->ns);
    }
    if (task->delays > 0) {
        qsort(delays, task->delays, sizeof *delays, by_value);
        task->delay_p99_ns = delays[task->delays - 1 - task->delays / 100];
    }
    free(delays);
}

static void task_conclude(struct workload *workload, uint32_t number, uint32_t task)
{
    const struct log_task *own = &workload->log->tasks[number];
    size_t count;

    for (size_t s = 0; s < workload->source_count; s++)
        if (workload->sources[s].task == task)
            qsort(workload->sources[s].arrivals, workload->sources[s].count, sizeof(struct workload_arrival),
                  by_arrival);
    if (!workload->tasks[task].is_computing)
        add_wakes(workload, own, task);
    struct workload_arrival **all = workload_arrivals(workload, task, &count);
    if (!workload->tasks[task].is_computing && own->run_count > 0)
        workload_share(own, all, count, workload->log->end_ns);
    note_delays(&workload->tasks[task], own, all, count);
    free(all);
}

/* --- all of it --- */

/* Whether threads run, and have no sleep behind their first run. */
static bool has_sleepless(const struct workload_log *log)
{
    bool has_runs = false, has_sleeps = false;

    for (uint32_t i = 0; i < log->task_count; i++) {
        has_runs |= log->tasks[i].run_count > 0;
        has_sleeps |= log->tasks[i].sleep_count > 0 && !is_computing(&log->tasks[i]);
    }
    return has_runs && !has_sleeps;
}

void workload_conclude(struct workload *workload)
{
    struct workload_log *log = workload->log;
    uint32_t vcpus = log->world->vcpu_count;
    bool *is_needed = calloc(log->task_count + 1, sizeof *is_needed), has_vcpus = false;
    uint32_t *targets = malloc((log->interrupt_count + 1) * sizeof *targets);
    uint32_t *map = malloc((log->source_count + 1) * sizeof *map);
    struct election election;

    CHECK(is_needed != NULL && targets != NULL && map != NULL);
    if (log->wake_count > 0)
        qsort(log->wakes, log->wake_count, sizeof *log->wakes, by_waker);
    for (size_t i = 0; i < log->interrupt_count; i++)
        if (!log->interrupts[i].is_told && log->interrupts[i].task != WORKLOAD_NOBODY &&
            log->interrupts[i].task >= vcpus)
            pass_on(log, &log->interrupts[i]);
    for (uint32_t i = 0; i < vcpus; i++)
        has_vcpus |= log->tasks[i].run_count > 0 || log->tasks[i].sleep_count > 1;
    for (size_t i = 0; i < log->interrupt_count; i++)
        has_vcpus |= log->interrupts[i].task < vcpus;
    for (uint32_t i = 0; i < (workload->only != NULL ? log->task_count : vcpus); i++)
        is_needed[i] =
            (log->tasks[i].run_count > 0 || log->tasks[i].sleep_count > 1) && is_wanted(workload, i, has_vcpus);
    elect(log, &election);
    for (size_t i = 0; i < log->interrupt_count; i++) {
        targets[i] = target_of(workload, &log->interrupts[i], &election, has_vcpus);
        if (targets[i] != WORKLOAD_NOBODY)
            is_needed[targets[i]] = true;
    }
    for (uint32_t number = 0; number < log->task_count; number++) {
        if (!is_needed[number])
            continue;
        task_add(workload, number);
        sources_of(workload, number, (uint32_t)workload->task_count - 1, targets, map);
        task_conclude(workload, number, (uint32_t)workload->task_count - 1);
    }
    workload->has_sleepless = has_sleepless(log);
    workload_add_others(workload, is_needed);
    free(election.counts);
    free(election.elected);
    free(is_needed);
    free(targets);
    free(map);
}
