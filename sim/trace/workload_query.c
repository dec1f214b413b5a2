/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about a finished workload, notes on it, and its arrays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "trace/workload.h"
#include "trace/workload_log.h"

enum { DROPPED_MAX = 40 };

void workload_name(char name[SETUP_NAME_BYTES], const char *text)
{
    size_t count = 0;

    if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z')))
        name[count++] = 'x';
    for (; *text && count < SETUP_NAME_BYTES - 12; text++) {
        bool is_plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                        (*text >= '0' && *text <= '9') || *text == '_' || *text == '-';
        name[count++] = is_plain ? *text : '-';
    }
    while (count > 1 && name[count - 1] == '-')
        count--;
    name[count] = '\0';
}

bool workload_is_pinned(const struct workload_task *task, uint32_t *home)
{
    uint64_t sum = 0;

    *home = 0;
    for (uint32_t cpu = 0; cpu < WORKLOAD_CPUS_MAX; cpu++) {
        sum += task->cpu_ns[cpu];
        if (task->cpu_ns[cpu] > task->cpu_ns[*home])
            *home = cpu;
    }
    return task->cpu_ns[*home] >= sum / 100 * 95;
}

bool workload_has_states(const struct workload_task *task)
{
    return task->running_ns + task->runnable_ns + task->blocked_ns + task->offline_ns > 0;
}

const struct workload_task *workload_task_of(const struct workload *workload, uint32_t who)
{
    for (size_t i = 0; i < workload->task_count; i++)
        if (workload->tasks[i].who == who)
            return &workload->tasks[i];
    return NULL;
}

uint64_t workload_work(const struct workload *workload, const struct workload_source *source, size_t arrival)
{
    uint64_t work = source->arrivals[arrival].work_ns, own = workload->tasks[source->task].own_ns;

    return work > own ? work - own : 0;
}

uint64_t *workload_times(const struct workload_source *source)
{
    uint64_t *times = malloc((source->count + 1) * sizeof *times);

    CHECK(times != NULL);
    for (size_t i = 0; i < source->count; i++)
        times[i] = source->arrivals[i].ns;
    return times;
}

void workload_drop(struct workload *workload, const char *what, const char *why)
{
    struct workload_dropped dropped = { .why = why, .count = 1 };

    snprintf(dropped.what, sizeof dropped.what, "%s", workload->dropped_count < DROPPED_MAX ? what : "all others");
    for (size_t i = 0; i < workload->dropped_count; i++)
        if (workload->dropped[i].why == why && !strcmp(workload->dropped[i].what, dropped.what)) {
            workload->dropped[i].count++;
            return;
        }
    workload->dropped = array_grown(workload->dropped, workload->dropped_count, sizeof *workload->dropped);
    workload->dropped[workload->dropped_count++] = dropped;
}
