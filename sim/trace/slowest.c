/* SPDX-License-Identifier: Apache-2.0
 *
 * When the handler of an interrupt runs and the interrupt is among the slowest so far, its steps are read from the
 * history: its own records, those of its vCPU, and those of each pCPU on its path from the time the pCPU joined the
 * path. A wait for a held lock is one step that lists the holders. A note says when the history is too short.
 */
#define _GNU_SOURCE
#include "trace/slowest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* SHORT_WAIT: a wait for a free lock that is shorter than this many cycles is not reported. */
enum { FIRST_STEPS = 24, LAST_STEPS = 24, PATH_MAX_CPUS = 8, SHORT_WAIT = 1000 };

/* The state of the report on one interrupt. */
struct chain {
    struct slowest *slowest;
    struct slow_interrupt *slow;
    cycles previous;
    uint32_t steps, all_steps;       /* steps so far; total, or 0 during the first pass, which counts them */
    bool is_kept;                    /* the last step was kept, so its details are, too */
    uint16_t path[PATH_MAX_CPUS];    /* pCPUs on the interrupt's path */
    size_t path_from[PATH_MAX_CPUS]; /* index of the record with which each joined the path */
    uint32_t path_count;
};

static const struct trace_record *record_at(const struct slowest *slowest, size_t index)
{
    size_t first = slowest->next + slowest->history_capacity - slowest->history_count;

    return &slowest->history[(first + index) % slowest->history_capacity];
}

/* The first record at or after `when`; the history is ascending by time. */
static size_t find(const struct slowest *slowest, cycles when)
{
    size_t low = 0, high = slowest->history_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (record_at(slowest, middle)->time < when)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* --- the pCPUs on the path --- */

static void path_add(struct chain *chain, uint16_t cpu, size_t from)
{
    for (uint32_t i = 0; i < chain->path_count; i++)
        if (chain->path[i] == cpu)
            return;
    if (chain->path_count == PATH_MAX_CPUS)
        return;
    chain->path[chain->path_count] = cpu;
    chain->path_from[chain->path_count++] = from;
}

static bool is_on_path(const struct chain *chain, uint16_t cpu, size_t index)
{
    for (uint32_t i = 0; i < chain->path_count; i++)
        if (chain->path[i] == cpu)
            return index >= chain->path_from[i];
    return false;
}

/* --- steps --- */

static struct slow_step *step_add(struct slow_interrupt *slow)
{
    slow->steps = realloc(slow->steps, (slow->step_count + 1) * sizeof *slow->steps);
    CHECK(slow->steps != NULL);
    slow->steps[slow->step_count] = (struct slow_step){ .text = NULL };
    return &slow->steps[slow->step_count++];
}

__attribute__((format(printf, 3, 4))) static void step(struct chain *chain, const struct trace_record *record,
                                                       const char *format, ...)
{
    va_list arguments;

    uint32_t number = chain->steps++;

    chain->is_kept = number < FIRST_STEPS || number + LAST_STEPS >= chain->all_steps;
    if (chain->all_steps == 0 || (number != FIRST_STEPS && !chain->is_kept)) {
        chain->is_kept = false;
        return;
    }
    struct slow_step *step = step_add(chain->slow);
    if (!chain->is_kept) {
        step->left_out = chain->all_steps - FIRST_STEPS - LAST_STEPS;
        return;
    }
    step->at = record->time - chain->slow->flow.raise;
    step->more = record->time - chain->previous;
    step->cpu = record->cpu;
    va_start(arguments, format);
    CHECK(vasprintf(&step->text, format, arguments) >= 0);
    va_end(arguments);
    chain->previous = record->time;
}

void slowest_step(struct slow_interrupt *slow, cycles at, cycles more, uint16_t cpu, const char *format, ...)
{
    struct slow_step *step = step_add(slow);
    va_list arguments;

    step->at = at;
    step->more = more;
    step->cpu = cpu;
    va_start(arguments, format);
    CHECK(vasprintf(&step->text, format, arguments) >= 0);
    va_end(arguments);
}

static void add_holding(struct slow_holder *holdings, size_t *count, uint16_t cpu, cycles time)
{
    for (size_t i = 0; i < *count; i++)
        if (holdings[i].cpu == cpu) {
            holdings[i].time += time;
            return;
        }
    if (*count < TRACE_FLOWS / 16)
        holdings[(*count)++] = (struct slow_holder){ cpu, time };
}

static int by_time(const void *a, const void *b)
{
    const struct slow_holder *first = a, *second = b;

    return first->time == second->time ? (int)first->cpu - (int)second->cpu : first->time < second->time ? 1 : -1;
}

/* Adds to the last step the pCPUs that held the lock from record `from` to record `until`, and for how long. */
static void add_holders(struct chain *chain, uint32_t lock, size_t from, size_t until, uint32_t holder)
{
    static const size_t bytes = TRACE_FLOWS / 16 * sizeof(struct slow_holder);
    struct slow_holder *holdings = malloc(bytes);
    cycles since = record_at(chain->slowest, from)->time;
    size_t count = 0;

    CHECK(holdings != NULL);
    for (size_t i = from; i <= until; i++) {
        const struct trace_record *record = record_at(chain->slowest, i);
        if (record->a != lock || (record->kind != TRACE_LOCK_ACQUIRE && record->kind != TRACE_LOCK_RELEASE))
            continue;
        if (holder != UINT32_MAX)
            add_holding(holdings, &count, (uint16_t)holder, record->time - since);
        holder = record->kind == TRACE_LOCK_ACQUIRE ? record->cpu : UINT32_MAX;
        since = record->time;
    }
    qsort(holdings, count, sizeof *holdings, by_time);
    if (chain->is_kept) {
        struct slow_step *last = &chain->slow->steps[chain->slow->step_count - 1];
        last->holder_count = (uint32_t)(count < SLOW_HOLDERS_MAX ? count : SLOW_HOLDERS_MAX);
        last->more_holders = (uint32_t)count - last->holder_count;
        memcpy(last->holders, holdings, last->holder_count * sizeof *holdings);
    }
    free(holdings);
}

/* The record that begins the wait ending with record `until`, or `until` if that lies before `first`. */
static size_t wait_begin(const struct chain *chain, size_t first, size_t until)
{
    const struct trace_record *end = record_at(chain->slowest, until);

    for (size_t i = until; i-- > first;) {
        const struct trace_record *record = record_at(chain->slowest, i);
        if (record->cpu == end->cpu && record->kind == TRACE_LOCK_WAIT && record->a == end->a)
            return i;
    }
    return until;
}

static void add_wait(struct chain *chain, size_t first, size_t index)
{
    const struct trace_record *record = record_at(chain->slowest, index);
    size_t from = wait_begin(chain, first, index);
    const struct trace_record *begin = record_at(chain->slowest, from);
    char name[TRACE_TEXT_BYTES];

    if (from == index || (begin->b == UINT32_MAX && record->time - begin->time < SHORT_WAIT))
        return;
    step(chain, record, "has waited %" PRIu64 " for %s", record->time - begin->time,
         trace_lock_text(chain->slowest->world, record->a, name));
    add_holders(chain, record->a, from, index, (uint32_t)begin->b);
}

static void add_own(struct chain *chain, const struct trace_record *record)
{
    const char *interrupt = chain->slow->flow.is_device ? "the virtual interrupt" : "the event";

    switch (record->kind) {
    case TRACE_RAISE:
        step(chain, record, "the message reaches the LAPIC: vector %02x", record->a % 256);
        break;
    case TRACE_DO_IRQ:
        step(chain, record, "do_IRQ of this interrupt");
        break;
    case TRACE_PEND:
        step(chain, record, "%s is pending", interrupt);
        break;
    case TRACE_INJECT:
        step(chain, record, "%s is injected", interrupt);
        break;
    case TRACE_HANDLER:
        step(chain, record, "the %s handler runs", chain->slow->flow.who == TRACE_NOBODY ? "host's" : "guest's");
        break;
    default:
        break;
    }
}

static void add_vcpu(struct chain *chain, const struct trace_record *record)
{
    char name[TRACE_TEXT_BYTES];

    if (record->kind == TRACE_RUNSTATE && record->a / 16 < 4 && record->a % 16 < 4)
        step(chain, record, "%s: %s -> %s", trace_who_text(chain->slowest->world, record->who, name),
             trace_state_names[record->a / 16], trace_state_names[record->a % 16]);
    else if (record->kind == TRACE_WAKE)
        step(chain, record, "wakes %s", trace_who_text(chain->slowest->world, record->who, name));
}

static void add_cpu(struct chain *chain, size_t first, size_t index)
{
    const struct trace_record *record = record_at(chain->slowest, index);
    const struct trace_world *world = chain->slowest->world;
    char name[TRACE_TEXT_BYTES];

    switch (record->kind) {
    case TRACE_IRQ_ENTRY:
        step(chain, record, "takes %s", trace_interrupt_text(world, record->a, name));
        break;
    case TRACE_SOFTIRQ_ENTRY:
        step(chain, record, "softirq %s", trace_softirq_text(world, record->a, name));
        break;
    case TRACE_FOR:
        if (record->who != TRACE_NOBODY)
            step(chain, record, "works for %s", trace_who_text(world, record->who, name));
        break;
    case TRACE_LOCK_ACQUIRE:
        add_wait(chain, first, index);
        break;
    case TRACE_IDLE_EXIT:
        step(chain, record, "is woken from idle");
        break;
    case TRACE_SWITCH:
        step(chain, record, "switches to %s", trace_who_text(world, record->who, name));
        break;
    case TRACE_VMENTRY:
        step(chain, record, "VM entry of %s", trace_who_text(world, record->who, name));
        break;
    case TRACE_VMEXIT:
        step(chain, record, "VM exit of %s: %s", trace_who_text(world, record->who, name),
             trace_exit_text(world, record->a));
        break;
    case TRACE_IPI:
        step(chain, record, "sends vector %02x to cpu%" PRIu64, record->a, record->b);
        break;
    default:
        break;
    }
}

static void add_all(struct chain *chain, size_t first)
{
    const struct slowest *slowest = chain->slowest;

    for (size_t i = first; i < slowest->history_count; i++) {
        const struct trace_record *record = record_at(slowest, i);
        if (record->flow == chain->slow->flow.flow)
            add_own(chain, record);
        else if (record->who == chain->slow->flow.who && (record->kind == TRACE_RUNSTATE || record->kind == TRACE_WAKE))
            add_vcpu(chain, record);
        else if (is_on_path(chain, record->cpu, i))
            add_cpu(chain, first, i);
    }
}

static void add_steps(struct slowest *slowest, struct slow_interrupt *slow)
{
    size_t first = find(slowest, slow->flow.raise);
    struct chain chain = { .slowest = slowest, .slow = slow, .previous = slow->flow.raise };

    slow->is_cut = first == 0;
    for (size_t i = first; i < slowest->history_count; i++)
        if (record_at(slowest, i)->flow == slow->flow.flow)
            path_add(&chain, record_at(slowest, i)->cpu, i);
    add_all(&chain, first);
    chain.all_steps = chain.steps;
    chain.steps = 0;
    chain.previous = slow->flow.raise;
    add_all(&chain, first);
}

static void slow_free(struct slow_interrupt *slow)
{
    for (size_t i = 0; i < slow->step_count; i++)
        free(slow->steps[i].text);
    free(slow->steps);
    free(slow->wakes);
}

/* --- the slowest so far --- */

static cycles latency_of(const struct slow_interrupt *slow) { return slow->end - slow->flow.raise; }

static void consider(struct slowest *slowest, const struct trace_flow *flow, cycles end)
{
    struct slow_interrupt slow = { .flow = *flow, .end = end };
    size_t at = slowest->count;

    if (end < slowest->world->measured_from || slowest->wanted == 0)
        return;
    if (slowest->count == slowest->wanted) {
        if (latency_of(&slow) <= latency_of(&slowest->rows[slowest->count - 1]))
            return;
        slow_free(&slowest->rows[--slowest->count]);
        at--;
    }
    add_steps(slowest, &slow);
    for (; at > 0 && latency_of(&slowest->rows[at - 1]) < latency_of(&slow); at--)
        slowest->rows[at] = slowest->rows[at - 1];
    slowest->rows[at] = slow;
    slowest->count++;
}

/* --- the sink --- */

static bool slowest_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct slowest *slowest = (struct slowest *)sink;

    (void)message, (void)message_bytes;
    slowest->world = world;
    slowest->frequency_hz = world->frequency_hz;
    slowest->is_recording = world->setup == NULL;
    return true;
}

static void slowest_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct slowest *slowest = (struct slowest *)sink;

    for (size_t i = 0; i < count; i++) {
        slowest->history[slowest->next] = records[i];
        slowest->next = (slowest->next + 1) % slowest->history_capacity;
        slowest->history_count += slowest->history_count < slowest->history_capacity;
        const struct trace_flow *flow = trace_flows_follow(&slowest->flows, &records[i]);
        if (flow != NULL)
            consider(slowest, flow, records[i].time);
    }
}

static void slowest_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)sink, (void)machine, (void)now;
}

void slowest_init(struct slowest *slowest, size_t wanted, size_t memory_records)
{
    memset(slowest, 0, sizeof *slowest);
    slowest->sink = (struct trace_sink){ TRACE_ALL_KINDS, slowest_begin, slowest_records, slowest_end };
    slowest->wanted = wanted;
    slowest->history_capacity = memory_records;
    slowest->history = malloc(memory_records * sizeof *slowest->history);
    slowest->rows = calloc(wanted + 1, sizeof *slowest->rows);
    CHECK(slowest->history != NULL && slowest->rows != NULL);
}

void slowest_free(struct slowest *slowest)
{
    for (size_t i = 0; i < slowest->count; i++)
        slow_free(&slowest->rows[i]);
    free(slowest->rows);
    free(slowest->history);
}
