/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects a workload's log from the records of a trace.
 */
#include "trace/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "trace/workload_log.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

/* Where the trace does not number interrupts: a wake-up at most this long after one on the same pCPU is caused by it,
 * unless another came between. */
#define SOON_NS 100000u

static uint64_t ns_of(const struct workload_log *log, cycles time)
{
    cycles from = log->world->measured_from;

    return time <= from ? 0 : cycles_to_ns(time - from, log->world->frequency_hz);
}

static struct log_task *task_of(struct workload_log *log, uint32_t who, uint32_t *number)
{
    *number = trace_world_task(log->world, who);
    return *number == UINT32_MAX ? NULL : &log->tasks[*number];
}

/* --- runstates --- */

static void span_add(struct workload_span **spans, size_t *count, uint64_t from, uint64_t to, uint32_t cpu)
{
    *spans = array_grown(*spans, *count, sizeof **spans);
    (*spans)[(*count)++] = (struct workload_span){ from, to, cpu };
}

/* The task has been in its state until `ns`. */
static void spend(struct log_task *task, uint64_t ns)
{
    uint64_t spent = ns - task->since;

    if (!task->is_known)
        return;
    if (task->is_unsure) {
        task->unknown_ns += spent;
        return;
    }
    task->in_state[task->state] += spent;
    if (task->state == RUNNABLE && spent > 0)
        span_add(&task->waits, &task->wait_count, task->since, ns, task->cpu);
    if (task->state == RUNNING) {
        if (spent > 0)
            span_add(&task->runs, &task->run_count, task->since, ns, task->cpu);
        if (task->cpu_ns == NULL) {
            task->cpu_ns = calloc(WORKLOAD_CPUS_MAX, sizeof *task->cpu_ns);
            CHECK(task->cpu_ns != NULL);
        }
        task->cpu_ns[task->cpu % WORKLOAD_CPUS_MAX] += spent;
    }
}

static void note_state(struct workload_log *log, const struct trace_record *record, uint64_t ns)
{
    uint32_t number;
    struct log_task *task = task_of(log, record->who, &number);
    uint8_t state = (uint8_t)(record->a % 16);

    if (task == NULL || state > OFFLINE)
        return;
    if (!task->is_known && record->kind == TRACE_RUNSTATE) { /* it has been in the state that it leaves */
        task->is_known = true;
        task->state = (uint8_t)(record->a / 16 % 4);
        task->since = 0;
        task->cpu = (uint32_t)record->b;
        task->is_unsure = task->state == RUNNABLE && log->is_linux;
        if (task->state == BLOCKED || task->is_unsure)
            span_add(&task->sleeps, &task->sleep_count, 0, WORKLOAD_UNKNOWN, task->cpu);
    }
    spend(task, ns);
    if (task->is_unsure && task->sleep_count > 0)
        task->sleeps[task->sleep_count - 1].to = ns;
    task->is_unsure = record->kind == TRACE_VCPU && state == RUNNABLE && log->is_linux;
    if (task->is_known && task->state == BLOCKED && state != BLOCKED && task->sleep_count > 0)
        task->sleeps[task->sleep_count - 1].to = ns;
    if ((state == BLOCKED && (task->state != BLOCKED || !task->is_known)) || task->is_unsure)
        span_add(&task->sleeps, &task->sleep_count, ns, WORKLOAD_UNKNOWN, task->cpu);
    if (task->is_known && task->state == RUNNING && task->cpu < log->world->cpu_count &&
        log->cpus[task->cpu].task == number)
        log->cpus[task->cpu].task = WORKLOAD_NOBODY;
    task->is_known = true;
    task->state = state;
    task->since = ns;
    task->cpu = (uint32_t)record->b;
    if (state == RUNNING && task->cpu < log->world->cpu_count)
        log->cpus[task->cpu].task = number;
}

/* Polling is no work; a poll that ends with a wake-up is a sleep that took its pCPU with it. */
static void note_poll(struct workload_log *log, const struct trace_record *record, uint64_t ns)
{
    uint32_t number;
    struct log_task *task = task_of(log, record->who, &number);
    uint64_t polled = record->b, from = ns > polled ? ns - polled : 0;

    if (task == NULL)
        return;
    if (task->is_known && task->state == RUNNING) {
        from = from < task->since ? task->since : from;
        spend(task, from);
        task->in_state[RUNNING] += ns - from;
        if (task->cpu_ns != NULL)
            task->cpu_ns[task->cpu % WORKLOAD_CPUS_MAX] += ns - from;
        task->since = ns;
    }
    task->poll_ns += ns - from;
    if (record->a == 0)
        return;
    task->polled++;
    span_add(&task->sleeps, &task->sleep_count, from, ns, LOG_POLLING);
}

static void note_guest(struct workload_log *log, const struct trace_record *record, uint64_t ns)
{
    uint32_t number;
    struct log_task *task = task_of(log, record->who, &number);

    if (task == NULL)
        return;
    if (record->kind == TRACE_VMENTRY) {
        task->guest_since = ns;
    } else if (task->guest_since != WORKLOAD_UNKNOWN) {
        if (ns > task->guest_since)
            span_add(&task->guest, &task->guest_count, task->guest_since, ns, task->cpu);
        task->guest_since = WORKLOAD_UNKNOWN;
    }
}

/* --- interrupts --- */

static const char *line_name(const struct trace_world *world, uint32_t number)
{
    return world->irq_names != NULL && number < world->irq_count ? world->irq_names[number] : NULL;
}

static void source_name(const struct trace_world *world, struct log_source *source)
{
    char text[SETUP_NAME_BYTES + 32], who[TRACE_TEXT_BYTES];
    const char *name = line_name(world, source->number);

    if (source->origin == LOG_RAISE && source->number >= LOG_MESSAGE) {
        snprintf(text, sizeof text, "msi%u", source->number - LOG_MESSAGE);
    } else if (source->origin == LOG_LINE && name != NULL) {
        snprintf(text, sizeof text, "irq%u-%.40s", source->number, name);
    } else if (source->owner != TRACE_NOBODY && source->owner < world->domain_count) {
        trace_who_text(world, trace_who(source->owner, TRACE_WHOLE_DOMAIN), who);
        snprintf(text, sizeof text, "%.32s-irq%u", who, source->number);
    } else {
        snprintf(text, sizeof text, "irq%u", source->number);
    }
    workload_name(source->name, text);
}

static uint32_t source_of(struct workload_log *log, enum log_origin origin, uint32_t number, uint32_t owner)
{
    const char kind[2] = { (char)('0' + origin), '\0' };
    uint32_t source = intern_number(&log->source_numbers, (uint64_t)owner << 32 | number, kind);

    if (source == log->source_count) {
        log->sources = array_grown(log->sources, log->source_count, sizeof *log->sources);
        log->sources[source] = (struct log_source){ .origin = origin, .number = number, .owner = owner };
        source_name(log->world, &log->sources[source]);
        log->source_count++;
    }
    return source;
}

/* The interrupt with that number in the trace, or without one the last of the pCPU, if it may have caused what happens
 * there now; else NULL. */
static struct log_interrupt *interrupt_of(struct workload_log *log, uint32_t flow, uint32_t cpu, uint64_t ns)
{
    if (flow != 0)
        return flow < log->flow_capacity && log->flows[flow].last != 0 ? &log->interrupts[log->flows[flow].last - 1]
                                                                       : NULL;
    if (cpu >= log->world->cpu_count || log->cpus[cpu].interrupt == 0)
        return NULL;
    struct log_interrupt *interrupt = &log->interrupts[log->cpus[cpu].interrupt - 1];
    return interrupt->flow == 0 && ns - interrupt->ns <= SOON_NS ? interrupt : NULL;
}

static void flow_set(struct workload_log *log, uint32_t flow, size_t interrupt)
{
    if (flow == 0)
        return;
    if (flow >= log->flow_capacity) {
        size_t capacity = 2 * (size_t)flow + 64;
        log->flows = realloc(log->flows, capacity * sizeof *log->flows);
        CHECK(log->flows != NULL);
        memset(log->flows + log->flow_capacity, 0, (capacity - log->flow_capacity) * sizeof *log->flows);
        log->flow_capacity = capacity;
    }
    if (log->flows[flow].first == 0)
        log->flows[flow].first = (uint32_t)interrupt;
    log->flows[flow].last = (uint32_t)interrupt;
}

static void interrupt_add(struct workload_log *log, const struct trace_record *record, uint32_t source, uint64_t ns)
{
    uint32_t task = trace_world_task(log->world, record->who);

    log->interrupts = array_grown(log->interrupts, log->interrupt_count, sizeof *log->interrupts);
    log->interrupts[log->interrupt_count++] = (struct log_interrupt){ .ns = ns,
                                                                      .source = source,
                                                                      .cpu = record->cpu,
                                                                      .flow = record->flow,
                                                                      .task = task,
                                                                      .through = WORKLOAD_NOBODY,
                                                                      .is_told = task != WORKLOAD_NOBODY };
    flow_set(log, record->flow, log->interrupt_count);
    if (record->cpu < log->world->cpu_count)
        log->cpus[record->cpu].interrupt = (uint32_t)log->interrupt_count;
}

static uint32_t domain_of(const struct trace_world *world, uint32_t who)
{
    return who == TRACE_NOBODY || trace_domain(who) >= world->domain_count ? TRACE_NOBODY : trace_domain(who);
}

/* Messages of the host's own devices, which nobody owns, are told apart by the line that handles them. */
static void name_messages(struct workload_log *log, const struct trace_record *record, uint32_t source)
{
    const struct log_source *old = &log->sources[source];
    bool is_message = old->origin == LOG_RAISE && old->owner == TRACE_NOBODY && old->number - LOG_MESSAGE < LOG_LINES &&
                      record->b < UINT16_MAX;
    const char *name = line_name(log->world, (uint32_t)record->b);
    char text[SETUP_NAME_BYTES + 32];

    if (!is_message || name == NULL)
        return;
    uint32_t number = old->number + LOG_LINES * (1 + (uint32_t)record->b);
    uint32_t line = source_of(log, LOG_RAISE, number, TRACE_NOBODY);
    snprintf(text, sizeof text, "irq%u-%.40s", (uint32_t)record->b, name);
    workload_name(log->sources[line].name, text);
    for (uint32_t i = log->flows[record->flow].first - 1; i < log->flows[record->flow].last; i++)
        if (log->interrupts[i].flow == record->flow)
            log->interrupts[i].source = line;
}

/* The handler of an interrupt that the device's own record has told is no other interrupt. */
static void note_line(struct workload_log *log, const struct trace_record *record, uint64_t ns)
{
    const struct log_interrupt *known = record->flow != 0 ? interrupt_of(log, record->flow, record->cpu, ns) : NULL;

    if (known != NULL)
        name_messages(log, record, known->source);

    if (record->cpu < log->world->cpu_count && log->cpus[record->cpu].depth > 0)
        log->cpus[record->cpu].flow = record->flow;
    if (known == NULL)
        interrupt_add(log, record, source_of(log, LOG_LINE, (uint32_t)record->b, domain_of(log->world, record->who)),
                      ns);
}

/* The thread that does the interrupt's work on this pCPU and was woken for it, or WORKLOAD_NOBODY. */
static uint32_t passing(const struct workload_log *log, const struct log_interrupt *interrupt, uint32_t cpu)
{
    const struct log_cpu *here = cpu < log->world->cpu_count ? &log->cpus[cpu] : NULL;

    if (here == NULL || here->depth > 0 || here->task == WORKLOAD_NOBODY || here->task < log->world->vcpu_count)
        return WORKLOAD_NOBODY;
    return interrupt->task == here->task ? here->task : WORKLOAD_NOBODY;
}

/* The interrupt reaches a vCPU, from its handler or through a thread. */
static void tell(const struct workload_log *log, struct log_interrupt *interrupt, uint32_t task, uint32_t cpu,
                 uint64_t ns)
{
    if (interrupt->is_told || task == WORKLOAD_NOBODY)
        return;
    interrupt->through = passing(log, interrupt, cpu);
    if (interrupt->through != WORKLOAD_NOBODY)
        interrupt->ns = ns;
    interrupt->task = task;
    interrupt->is_told = true;
}

/* The device's record, or a message to a guest, which goes on with a line's interrupt. */
static void note_raise(struct workload_log *log, const struct trace_record *record, uint64_t now)
{
    uint32_t number = record->a >> 8;
    struct log_interrupt *known = record->flow != 0 ? interrupt_of(log, record->flow, record->cpu, now) : NULL;

    if (known != NULL && log->sources[known->source].origin == LOG_LINE) {
        tell(log, known, trace_world_task(log->world, record->who), record->cpu, now);
        return;
    }
    if (number == 0 && log->is_linux)
        number = LOG_MESSAGE + record->a % 256;
    interrupt_add(log, record, source_of(log, LOG_RAISE, number, domain_of(log->world, record->who)),
                  ns_of(log, record->b));
    log->has_raises = true;
}

static void note_action(struct workload_log *log, const struct trace_record *record, uint64_t ns)
{
    const struct trace_world *world = log->world;
    const struct log_interrupt *interrupt = interrupt_of(log, record->flow, record->cpu, ns);
    char text[SETUP_NAME_BYTES + 32];

    if (interrupt == NULL || record->b == 0 || world->action_names == NULL || record->a >= world->action_count ||
        world->action_names[record->a] == NULL)
        return;
    struct log_source *source = &log->sources[interrupt->source];
    if (source->is_named_by_action || source->origin != LOG_LINE)
        return;
    source->is_named_by_action = true;
    snprintf(text, sizeof text, "irq%u-%.40s", source->number, world->action_names[record->a]);
    workload_name(source->name, text);
}

static void note_wake(struct workload_log *log, const struct trace_record *record, uint64_t ns)
{
    const struct log_cpu *cpu = record->cpu < log->world->cpu_count ? &log->cpus[record->cpu] : NULL;
    uint32_t flow = record->flow;

    if (flow == 0 && record->cpu < log->world->cpu_count)
        flow = log->cpus[record->cpu].flow;
    struct log_interrupt *cause = interrupt_of(log, flow, record->cpu, ns);
    uint32_t task = trace_world_task(log->world, record->who);

    if (task == WORKLOAD_NOBODY)
        return;
    if (cause != NULL && task < log->world->vcpu_count)
        tell(log, cause, task, record->cpu, ns);
    else if (cause != NULL && cause->task == WORKLOAD_NOBODY)
        cause->task = task;
    log->wakes = array_grown(log->wakes, log->wake_count, sizeof *log->wakes);
    log->wakes[log->wake_count++] =
        (struct log_wake){ ns, cpu != NULL && cpu->depth == 0 ? cpu->task : WORKLOAD_NOBODY, task };
}

/* What tells that an interrupt has reached its vCPU. */
static void note_reached(const struct workload_log *log, const struct trace_record *record, uint64_t ns)
{
    struct log_flow *flow = record->flow != 0 && record->flow < log->flow_capacity ? &log->flows[record->flow] : NULL;

    if (flow == NULL || flow->last == 0 || flow->is_reached)
        return;
    flow->is_reached = true;
    flow->reached_ns = ns;
}

static void note_handler(struct workload_log *log, const struct trace_record *record)
{
    if (record->cpu >= log->world->cpu_count)
        return;
    struct log_cpu *cpu = &log->cpus[record->cpu];
    cpu->flow = 0;
    if (record->kind == TRACE_IRQ_ENTRY)
        cpu->depth++;
    else if (cpu->depth > 0)
        cpu->depth--;
}

/* --- the sink --- */

static void follow(struct workload_log *log, const struct trace_record *record)
{
    uint64_t ns = ns_of(log, record->time);
    bool is_measured = record->time >= log->world->measured_from;

    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        note_state(log, record, ns);
        break;
    case TRACE_POLL:
        note_poll(log, record, ns);
        break;
    case TRACE_VMENTRY:
    case TRACE_VMEXIT:
        note_guest(log, record, ns);
        break;
    case TRACE_IRQ_ENTRY:
    case TRACE_IRQ_EXIT:
        note_handler(log, record);
        break;
    default:
        break;
    }
    log->has_switches |= record->kind == TRACE_SWITCH;
    if (!is_measured)
        return;
    if (record->kind == TRACE_DO_IRQ)
        note_line(log, record, ns);
    else if (record->kind == TRACE_RAISE)
        note_raise(log, record, ns);
    else if (record->kind == TRACE_ACTION)
        note_action(log, record, ns);
    else if (record->kind == TRACE_WAKE)
        note_wake(log, record, ns);
    if (record->kind == TRACE_PEND || record->kind == TRACE_INJECT || record->kind == TRACE_HANDLER ||
        (record->kind == TRACE_WAKE && trace_world_vcpu(log->world, record->who) != UINT32_MAX))
        note_reached(log, record, ns);
}

static bool workload_begin(struct trace_sink *sink, const struct trace_world *world, char *message,
                           size_t message_bytes)
{
    struct workload *workload = (struct workload *)sink;
    struct workload_log *log = calloc(1, sizeof *log);

    (void)message, (void)message_bytes;
    CHECK(log != NULL);
    workload->log = log;
    log->is_linux = workload->is_linux;
    log->world = world;
    log->task_count = world->vcpu_count + world->thread_count;
    log->tasks = calloc(log->task_count + 1, sizeof *log->tasks);
    log->cpus = calloc(world->cpu_count + 1, sizeof *log->cpus);
    CHECK(log->tasks != NULL && log->cpus != NULL);
    for (uint32_t i = 0; i < log->task_count; i++)
        log->tasks[i].guest_since = WORKLOAD_UNKNOWN;
    for (uint32_t i = 0; i < world->cpu_count; i++)
        log->cpus[i].task = WORKLOAD_NOBODY;
    workload->cpu_count = world->cpu_count;
    workload->frequency_hz = world->frequency_hz;
    return true;
}

static void workload_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        follow(((struct workload *)sink)->log, &records[i]);
}

static void log_free(struct workload_log *log)
{
    for (uint32_t i = 0; i < log->task_count; i++) {
        free(log->tasks[i].runs);
        free(log->tasks[i].waits);
        free(log->tasks[i].guest);
        free(log->tasks[i].sleeps);
        free(log->tasks[i].cpu_ns);
    }
    free(log->tasks);
    free(log->cpus);
    free(log->wakes);
    free(log->sources);
    intern_free(&log->source_numbers);
    free(log->interrupts);
    free(log->flows);
    free(log);
}

static void workload_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct workload *workload = (struct workload *)sink;
    struct workload_log *log = workload->log;

    (void)machine;
    log->end_ns = workload->duration_ns = ns_of(log, now);
    for (uint32_t i = 0; i < log->task_count; i++) {
        struct log_task *task = &log->tasks[i];
        spend(task, log->end_ns);
        if (task->guest_since != WORKLOAD_UNKNOWN && task->guest_since < log->end_ns)
            span_add(&task->guest, &task->guest_count, task->guest_since, log->end_ns, task->cpu);
    }
    workload->knows_waits = log->has_switches || log->world->setup != NULL;
    workload_conclude(workload);
    log_free(log);
    workload->log = NULL;
}

void workload_init(struct workload *workload)
{
    *workload = (struct workload){ .sink = { TRACE_ALL_KINDS, workload_begin, workload_records, workload_end } };
}

void workload_free(struct workload *workload)
{
    if (workload->log != NULL)
        log_free(workload->log);
    for (size_t i = 0; i < workload->source_count; i++)
        free(workload->sources[i].arrivals);
    for (size_t i = 0; i < workload->task_count; i++)
        free(workload->tasks[i].cpu_ns);
    free(workload->sources);
    free(workload->tasks);
    free(workload->guests);
    free(workload->dropped);
    workload_init(workload);
}
