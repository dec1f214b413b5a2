/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares a task's running time among the interrupts that came for it.
 */
#include "trace/workload_log.h"

uint64_t workload_spent(const struct workload_span *spans, size_t count, uint64_t ns)
{
    size_t low = 0, high = count;
    uint64_t sum = 0;

    while (low < high) { /* the first that ends after ns */
        size_t middle = low + (high - low) / 2;
        if (spans[middle].to <= ns)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = 0; i < low; i++)
        sum += spans[i].to - spans[i].from;
    return low < count && spans[low].from < ns ? sum + ns - spans[low].from : sum;
}

/* A position in spans, so that a task is gone through once. */
struct cursor {
    const struct workload_span *spans;
    size_t count, at;
    uint64_t before; /* time in the spans before `at` */
};

/* The time before `ns`, which never decreases from call to call. */
static uint64_t spent(struct cursor *cursor, uint64_t ns)
{
    while (cursor->at < cursor->count && cursor->spans[cursor->at].to <= ns) {
        cursor->before += cursor->spans[cursor->at].to - cursor->spans[cursor->at].from;
        cursor->at++;
    }
    bool is_inside = cursor->at < cursor->count && cursor->spans[cursor->at].from < ns;
    return cursor->before + (is_inside ? ns - cursor->spans[cursor->at].from : 0);
}

/* The task is awake in `awake`; these arrivals came during it or the sleep before. */
static void share_awake(struct cursor *cursor, struct workload_span awake, struct workload_arrival *const *arrivals,
                        size_t count)
{
    size_t at = 0;
    uint64_t done = spent(cursor, awake.from);

    while (at < count) {
        size_t next = at + 1;
        uint64_t from = arrivals[at]->ns < awake.from ? awake.from : arrivals[at]->ns;
        while (next < count && arrivals[next]->ns <= from)
            next++;
        uint64_t until = next < count ? arrivals[next]->ns : awake.to, all = spent(cursor, until);
        uint64_t share = (all - done) / (next - at), rest = (all - done) % (next - at);
        for (size_t i = at; i < next; i++)
            arrivals[i]->work_ns = share + (i == at ? rest : 0);
        done = all;
        at = next;
    }
}

void workload_share(const struct log_task *task, struct workload_arrival *const *arrivals, size_t count,
                    uint64_t end_ns)
{
    bool is_in_guest = task->guest_count > 0;
    struct cursor cursor = { .spans = is_in_guest ? task->guest : task->runs,
                             .count = is_in_guest ? task->guest_count : task->run_count };
    struct workload_span awake = { .from = 0 };
    size_t at = 0, run = 0;

    for (size_t i = 0; i <= task->sleep_count; i++) {
        awake.to = i < task->sleep_count ? task->sleeps[i].from : end_ns;
        size_t next = at;
        while (next < count && (arrivals[next]->ns < awake.to || i == task->sleep_count))
            arrivals[next++]->work_ns = 0;
        if (awake.from < awake.to)
            share_awake(&cursor, awake, arrivals + at, next - at);
        at = next;
        awake.from = i < task->sleep_count ? task->sleeps[i].to : end_ns;
        while (run < task->run_count && task->runs[run].from < awake.from)
            run++;
        awake.from = run < task->run_count ? task->runs[run].from : end_ns;
    }
}
