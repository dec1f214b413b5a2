/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the slowest wake-ups first, and then reads the steps of each from the recording, which is in memory.
 */
#include "trace/wakeups.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "trace/answer.h"

enum { RUNNING, RUNNABLE, BLOCKED };
enum { STEPS_MAX = 40, STEPS_FIRST = 24 };

/* A wake-up, by records: the change to runnable and the one to running. */
struct wakeup {
    size_t from, until;
    uint32_t current; /* who the task's pCPU ran when it was woken; TRACE_NOBODY: not known */
    uint32_t waker;   /* who the waking pCPU ran */
    cycles latency;
};

struct search {
    const struct recorded *recorded;
    bool is_of_threads;
    uint32_t *current;     /* [cpu_count] */
    struct wakeup *waking; /* [vCPUs and threads] */
    bool *is_waking;
    struct wakeup *found; /* the slowest first */
    size_t count, wanted;
    cycles from, until;
};

static const struct trace_record *at(const struct search *search, size_t index)
{
    return &search->recorded->records[index];
}

static uint32_t cpu_of(const struct search *search, const struct trace_record *record)
{
    return record->b < search->recorded->world.cpu_count ? (uint32_t)record->b : record->cpu;
}

static void keep(struct search *search, const struct wakeup *wakeup)
{
    size_t place = search->count;

    if (search->count == search->wanted) {
        if (search->wanted == 0 || wakeup->latency <= search->found[search->count - 1].latency)
            return;
        place--;
        search->count--;
    }
    for (; place > 0 && search->found[place - 1].latency < wakeup->latency; place--)
        search->found[place] = search->found[place - 1];
    search->found[place] = *wakeup;
    search->count++;
}

static void follow_state(struct search *search, size_t index)
{
    const struct trace_world *world = &search->recorded->world;
    const struct trace_record *record = at(search, index);
    uint32_t task = trace_world_task(world, record->who), from = record->a / 16, to = record->a % 16;

    if (to == RUNNING)
        search->current[cpu_of(search, record)] = record->who;
    if (task == UINT32_MAX || (!search->is_of_threads && task >= world->vcpu_count))
        return;
    if (to == RUNNING && search->is_waking[task]) {
        struct wakeup wakeup = search->waking[task];
        wakeup.until = index;
        wakeup.latency = record->time - at(search, wakeup.from)->time;
        if (record->time >= search->from && record->time < search->until)
            keep(search, &wakeup);
    }
    search->is_waking[task] = record->kind == TRACE_RUNSTATE && from == BLOCKED && to == RUNNABLE;
    if (search->is_waking[task])
        search->waking[task] = (struct wakeup){ .from = index,
                                                .current = search->current[cpu_of(search, record)],
                                                .waker = search->current[record->cpu] };
}

static void find(struct search *search)
{
    for (size_t i = 0; i < search->recorded->count; i++) {
        const struct trace_record *record = at(search, i);
        if (record->kind == TRACE_RUNSTATE || record->kind == TRACE_VCPU)
            follow_state(search, i);
        else if (record->kind == TRACE_SWITCH)
            search->current[record->cpu] = record->who;
    }
}

/* --- steps --- */

static const char *who_text(const struct search *search, uint32_t who, char text[ANSWER_TEXT_BYTES])
{
    if (who == TRACE_NOBODY)
        snprintf(text, ANSWER_TEXT_BYTES, "an unknown task");
    else if (trace_domain(who) == TRACE_IDLE_DOMAIN)
        snprintf(text, ANSWER_TEXT_BYTES, "the idle task");
    else
        answer_who_of(&search->recorded->world, who, text);
    return text;
}

static const char *line_text(const struct search *search, uint64_t line, char text[ANSWER_TEXT_BYTES])
{
    const struct trace_world *world = &search->recorded->world;

    if (world->irq_names != NULL && line < world->irq_count && world->irq_names[line] != NULL)
        snprintf(text, ANSWER_TEXT_BYTES, "%u %.100s", (unsigned)line, world->irq_names[line]);
    else
        snprintf(text, ANSWER_TEXT_BYTES, "%u", (unsigned)line);
    answer_clean(text);
    return text;
}

/* What the record says the task's pCPU does; an empty text: nothing to tell. */
static const char *step_text(const struct search *search, const struct wakeup *wakeup, size_t index,
                             char text[ANSWER_TEXT_BYTES])
{
    const struct trace_record *record = at(search, index);
    const struct trace_world *world = &search->recorded->world;
    char name[ANSWER_TEXT_BYTES], softirq[TRACE_TEXT_BYTES];

    text[0] = '\0';
    if (record->kind == TRACE_RUNSTATE && index == wakeup->until)
        snprintf(text, ANSWER_TEXT_BYTES, "%.150s runs", who_text(search, record->who, name));
    else if (record->kind == TRACE_RUNSTATE && record->a % 16 == RUNNING)
        snprintf(text, ANSWER_TEXT_BYTES, "switches to %.150s", who_text(search, record->who, name));
    else if (record->kind == TRACE_IRQ_ENTRY)
        snprintf(text, ANSWER_TEXT_BYTES, "interrupt %.150s", line_text(search, record->a, name));
    else if (record->kind == TRACE_IRQ_EXIT)
        snprintf(text, ANSWER_TEXT_BYTES, "end of interrupt %.150s", line_text(search, record->a, name));
    else if (record->kind == TRACE_SOFTIRQ_ENTRY || record->kind == TRACE_SOFTIRQ_EXIT)
        snprintf(text, ANSWER_TEXT_BYTES, "%s %s", record->kind == TRACE_SOFTIRQ_ENTRY ? "softirq" : "end of softirq",
                 trace_softirq_text(world, record->a, softirq));
    else if (record->kind == TRACE_VMENTRY || record->kind == TRACE_VMEXIT)
        snprintf(text, ANSWER_TEXT_BYTES, "%.90s: %s%.60s", who_text(search, record->who, name),
                 record->kind == TRACE_VMENTRY ? "VM entry" : "VM exit ",
                 record->kind == TRACE_VMENTRY ? "" : trace_exit_text(world, record->a));
    else if (record->kind == TRACE_DROPPED)
        snprintf(text, ANSWER_TEXT_BYTES, "records are missing here");
    return text;
}

/* The pCPU to which the task is assigned from this record on; other records leave it. */
static uint32_t moved_to(const struct search *search, size_t index, uint32_t who, uint32_t cpu)
{
    const struct trace_record *record = at(search, index);

    return record->kind == TRACE_RUNSTATE && record->who == who ? cpu_of(search, record) : cpu;
}

static size_t steps_of(const struct search *search, const struct wakeup *wakeup, struct slow_interrupt *slow,
                       size_t all)
{
    const struct trace_record *first = at(search, wakeup->from);
    uint32_t cpu = cpu_of(search, first);
    cycles previous = first->time;
    char text[ANSWER_TEXT_BYTES];
    size_t count = 0;

    for (size_t i = wakeup->from + 1; i <= wakeup->until; i++) {
        const struct trace_record *record = at(search, i);
        uint32_t now_on = moved_to(search, i, first->who, cpu);
        if (now_on != cpu && slow != NULL && i < wakeup->until)
            slowest_step(slow, record->time - first->time, record->time - previous, (uint16_t)now_on,
                         "is moved here from cpu%u", cpu);
        cpu = now_on;
        if (record->cpu != cpu || step_text(search, wakeup, i, text)[0] == '\0')
            continue;
        count++;
        if (slow == NULL)
            continue;
        if (all > STEPS_MAX && count > STEPS_FIRST && count <= all - (STEPS_MAX - STEPS_FIRST)) {
            if (count == STEPS_FIRST + 1) {
                slowest_step(slow, 0, 0, 0, "%s", "");
                slow->steps[slow->step_count - 1].left_out = (uint32_t)(all - STEPS_MAX);
            }
            continue;
        }
        slowest_step(slow, record->time - first->time, record->time - previous, record->cpu, "%s", text);
        previous = record->time;
    }
    return count;
}

static void add(const struct search *search, const struct wakeup *wakeup, struct slowest *slowest)
{
    const struct trace_record *first = at(search, wakeup->from);
    struct slow_interrupt *slow = &slowest->rows[slowest->count++];
    char name[ANSWER_TEXT_BYTES], other[ANSWER_TEXT_BYTES];
    uint32_t cpu = cpu_of(search, first);

    *slow = (struct slow_interrupt){ .flow = { .who = first->who, .raise = first->time },
                                     .end = at(search, wakeup->until)->time };
    slow->wakes = text_copy(who_text(search, first->who, name));
    if (first->cpu != cpu)
        slowest_step(slow, 0, 0, first->cpu, "%.80s is woken, while %.80s is current here", name,
                     who_text(search, wakeup->waker, other));
    slowest_step(slow, 0, 0, (uint16_t)cpu, "%.80s%s runnable here, behind %.80s", first->cpu == cpu ? name : "is",
                 first->cpu == cpu ? " is woken and" : "", who_text(search, wakeup->current, other));
    steps_of(search, wakeup, slow, steps_of(search, wakeup, NULL, 0));
}

void wakeups_slowest(struct recorded *recorded, cycles from, cycles until, struct slowest *slowest)
{
    const struct trace_world *world = &recorded->world;
    size_t tasks = (size_t)world->vcpu_count + world->thread_count;
    struct search search = {
        .recorded = recorded,
        .is_of_threads = world->vcpu_count == 0,
        .current = malloc((world->cpu_count + 1) * sizeof *search.current),
        .waking = calloc(tasks + 1, sizeof *search.waking),
        .is_waking = calloc(tasks + 1, sizeof *search.is_waking),
        .found = calloc(slowest->wanted + 1, sizeof *search.found),
        .wanted = slowest->wanted,
        .from = from,
        .until = until,
    };

    CHECK(search.current != NULL && search.waking != NULL && search.is_waking != NULL && search.found != NULL);
    memset(search.current, 0xff, world->cpu_count * sizeof *search.current); /* TRACE_NOBODY */
    find(&search);
    slowest->is_recording = true;
    slowest->frequency_hz = world->frequency_hz;
    for (size_t i = 0; i < search.count; i++)
        add(&search, &search.found[i], slowest);
    free(search.current);
    free(search.waking);
    free(search.is_waking);
    free(search.found);
}
