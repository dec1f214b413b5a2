/* SPDX-License-Identifier: Apache-2.0
 *
 * Filters the records of a trace, by window or as a flight recorder.
 */
#include "trace/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static const uint32_t class_of[TRACE_KIND_COUNT] = {
    [TRACE_SWITCH] = TRACE_CLASS_SCHED,
    [TRACE_WAKE] = TRACE_CLASS_SCHED,
    [TRACE_BLOCK] = TRACE_CLASS_SCHED,
    [TRACE_IDLE_ENTRY] = TRACE_CLASS_SCHED,
    [TRACE_IDLE_EXIT] = TRACE_CLASS_SCHED,
    [TRACE_RAISE] = TRACE_CLASS_IRQ,
    [TRACE_ACCEPT] = TRACE_CLASS_IRQ,
    [TRACE_IRQ_ENTRY] = TRACE_CLASS_IRQ,
    [TRACE_IRQ_EXIT] = TRACE_CLASS_IRQ,
    [TRACE_DO_IRQ] = TRACE_CLASS_IRQ,
    [TRACE_IPI] = TRACE_CLASS_IRQ,
    [TRACE_SOFTIRQ_RAISE] = TRACE_CLASS_SOFTIRQ,
    [TRACE_SOFTIRQ_ENTRY] = TRACE_CLASS_SOFTIRQ,
    [TRACE_SOFTIRQ_EXIT] = TRACE_CLASS_SOFTIRQ,
    [TRACE_FOR] = TRACE_CLASS_SOFTIRQ,
    [TRACE_LOCK_WAIT] = TRACE_CLASS_LOCK,
    [TRACE_LOCK_ACQUIRE] = TRACE_CLASS_LOCK,
    [TRACE_LOCK_RELEASE] = TRACE_CLASS_LOCK,
    [TRACE_VMEXIT] = TRACE_CLASS_HVM,
    [TRACE_VMENTRY] = TRACE_CLASS_HVM,
    [TRACE_PEND] = TRACE_CLASS_HVM,
    [TRACE_INJECT] = TRACE_CLASS_HVM,
    [TRACE_HANDLER] = TRACE_CLASS_HVM,
    [TRACE_HANDLER_END] = TRACE_CLASS_HVM,
};

static bool is_schedule(const struct trace_record *record)
{
    return record->kind == TRACE_RUNSTATE || record->kind == TRACE_VCPU;
}

/* The kinds of records to collect: those of the chosen classes that the writer writes, and those that the trigger
 * needs. */
static uint64_t kinds_of(const struct trace_choice *choice, const struct trace_sink *next)
{
    uint64_t kinds = UINT64_C(1) << TRACE_RUNSTATE | UINT64_C(1) << TRACE_VCPU | UINT64_C(1) << TRACE_DROPPED;

    for (uint32_t kind = 0; kind < TRACE_KIND_COUNT; kind++)
        if (choice->classes == 0 || choice->classes & class_of[kind])
            kinds |= next->kinds & UINT64_C(1) << kind;
    if (choice->trigger == TRACE_TRIGGER_LATENCY)
        kinds |= UINT64_C(1) << TRACE_RAISE | UINT64_C(1) << TRACE_PEND | UINT64_C(1) << TRACE_HANDLER;
    if (choice->trigger == TRACE_TRIGGER_LOCK_WAIT)
        kinds |= UINT64_C(1) << TRACE_LOCK_WAIT | UINT64_C(1) << TRACE_LOCK_ACQUIRE;
    return kinds;
}

static uint32_t state_count(const struct trace_world *world)
{
    return world->vcpu_count + world->thread_count + world->cpu_count;
}

static struct trace_base *state_of(struct trace_recorder *recorder, uint32_t who)
{
    uint32_t task = trace_world_task(&recorder->world, who);

    if (task == UINT32_MAX && who != TRACE_NOBODY && trace_domain(who) == TRACE_IDLE_DOMAIN)
        task = recorder->world.vcpu_count + recorder->world.thread_count + trace_vcpu(who);
    return task == UINT32_MAX ? NULL : &recorder->states[task];
}

/* The record is before the window. */
static void follow(struct trace_recorder *recorder, const struct trace_record *record)
{
    trace_opening_follow(&recorder->opening, record);
    if (!is_schedule(record))
        return;
    struct trace_base *base = state_of(recorder, record->who);
    base->is_known = true;
    base->state = (uint8_t)(record->a % 16);
    base->cpu = (uint16_t)record->b;
    base->since = record->time;
}

/* --- filters --- */

static bool is_of_guest(const struct trace_recorder *recorder, uint32_t who)
{
    const struct trace_world *world = &recorder->world;

    if (who == TRACE_NOBODY || trace_domain(who) >= world->domain_count)
        return true;
    const struct trace_domain *domain = &world->domains[trace_domain(who)];
    return !strcmp(domain->name, recorder->choice->guest) ||
           !strcmp(world->setup->guests[domain->group].name, recorder->choice->guest);
}

static bool passes(const struct trace_recorder *recorder, const struct trace_record *record)
{
    const struct trace_choice *choice = recorder->choice;

    if (is_schedule(record) || record->kind == TRACE_DROPPED)
        return true;
    if (!(recorder->next->kinds >> record->kind & 1))
        return false;
    if (choice->classes != 0 && !(choice->classes & class_of[record->kind]))
        return false;
    if (choice->cpus != NULL && !(choice->cpus[record->cpu / 64] >> (record->cpu % 64) & 1))
        return false;
    return choice->guest == NULL || is_of_guest(recorder, record->who);
}

/* --- passing on --- */

static void hand_state(struct trace_recorder *recorder, cycles at, uint32_t who, const struct trace_base *base)
{
    struct trace_record record = {
        .time = at, .b = base->cpu, .who = who, .a = base->state, .kind = TRACE_VCPU, .cpu = base->cpu
    };

    if (base->is_known)
        recorder->next->records(recorder->next, &record, 1);
}

static void hand_tasks(struct trace_recorder *recorder, cycles at, bool are_running)
{
    const struct trace_world *world = &recorder->world;

    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++) {
            const struct trace_base *base = &recorder->states[world->domains[d].first_vcpu + v];
            if ((base->state == 0) == are_running)
                hand_state(recorder, at, trace_who(d, v), base);
        }
    for (uint32_t i = 0; i < world->thread_count; i++) {
        const struct trace_base *base = &recorder->states[world->vcpu_count + i];
        if ((base->state == 0) == are_running)
            hand_state(recorder, at, trace_who(TRACE_THREADS, i), base);
    }
}

/* Passes on the states of the idle vCPUs, then of tasks that do not run, then of those that do. */
static void hand_states(struct trace_recorder *recorder, cycles at)
{
    const struct trace_world *world = &recorder->world;

    for (uint32_t cpu = 0; cpu < world->cpu_count; cpu++)
        hand_state(recorder, at, trace_who(TRACE_IDLE_DOMAIN, cpu),
                   state_of(recorder, trace_who(TRACE_IDLE_DOMAIN, cpu)));
    hand_tasks(recorder, at, false);
    hand_tasks(recorder, at, true);
}

/* Passes on what is under way, which is no event of the window. */
static void hand_opening(struct trace_recorder *recorder, cycles at)
{
    size_t count;
    struct trace_record *records = trace_opening_records(&recorder->opening, at, &count);

    recorder->world.is_opening = true;
    for (size_t i = 0; i < count; i++)
        if (passes(recorder, &records[i]))
            recorder->next->records(recorder->next, &records[i], 1);
    recorder->world.is_opening = false;
    free(records);
}

static void open_window(struct trace_recorder *recorder, cycles at)
{
    hand_states(recorder, at);
    hand_opening(recorder, at);
    recorder->is_open = true;
}

static void hand_on(struct trace_recorder *recorder, const struct trace_record *records, size_t count)
{
    if (count == 0)
        return;
    if (!recorder->is_open)
        open_window(recorder, recorder->from);
    recorder->passed += count;
    recorder->next->records(recorder->next, records, count);
}

/* --- the flight recorder --- */

static void forget_first(struct trace_recorder *recorder)
{
    follow(recorder, &recorder->kept[recorder->kept_first]);
    recorder->kept_first = (recorder->kept_first + 1) % recorder->kept_capacity;
    recorder->kept_count--;
    recorder->forgotten++;
}

static void keep(struct trace_recorder *recorder, const struct trace_record *record)
{
    cycles keep_cycles = cycles_from_ns(recorder->choice->keep_ns, recorder->world.frequency_hz);

    CHECK(recorder->kept_capacity > 0);
    while (recorder->kept_count > 0 && recorder->kept[recorder->kept_first].time + keep_cycles < record->time)
        forget_first(recorder);
    if (recorder->kept_count == recorder->kept_capacity) {
        recorder->dropped++;
        forget_first(recorder);
    }
    recorder->kept[(recorder->kept_first + recorder->kept_count++) % recorder->kept_capacity] = *record;
}

static bool is_longer(const struct trace_recorder *recorder, cycles duration)
{
    return cycles_to_ns(duration, recorder->world.frequency_hz) > recorder->choice->trigger_ns;
}

/* Updates the trigger with the record. True when the record fires it. */
static bool triggers(struct trace_recorder *recorder, const struct trace_record *record)
{
    const struct trace_flow *flow;
    struct trace_base *latest;

    switch (recorder->choice->trigger) {
    case TRACE_TRIGGER_LATENCY:
        flow = trace_flows_follow(&recorder->flows, record);
        return flow != NULL && record->time > flow->raise && is_longer(recorder, record->time - flow->raise);
    case TRACE_TRIGGER_RUNNABLE:
        if (!is_schedule(record))
            return false;
        latest = state_of(recorder, record->who) + state_count(&recorder->world);
        bool was_runnable = latest->state == 1 && trace_domain(record->who) != TRACE_IDLE_DOMAIN;
        bool is_long = was_runnable && is_longer(recorder, record->time - latest->since);
        *latest = (struct trace_base){ true, (uint8_t)(record->a % 16), (uint16_t)record->b, record->time };
        return is_long;
    case TRACE_TRIGGER_LOCK_WAIT:
        if (record->kind == TRACE_LOCK_WAIT)
            recorder->waiting_since[record->cpu] = record->time;
        return record->kind == TRACE_LOCK_ACQUIRE &&
               is_longer(recorder, record->time - recorder->waiting_since[record->cpu]);
    case TRACE_TRIGGER_NONE:
        break;
    }
    return false;
}

static void fly(struct trace_recorder *recorder, const struct trace_record *record)
{
    bool is_it = triggers(recorder, record) && record->time >= recorder->from && record->time < recorder->until;

    if (passes(recorder, record) || is_it)
        keep(recorder, record);
    else
        recorder->filtered++;
    if (is_it) {
        recorder->has_triggered = recorder->is_over = true;
        recorder->until = record->time + 1;
    }
}

static void fly_end(struct trace_recorder *recorder)
{
    if (!recorder->has_triggered || recorder->kept_count == 0)
        return;
    recorder->from = recorder->kept[recorder->kept_first].time;
    for (size_t i = 0; i < recorder->kept_count; i++)
        hand_on(recorder, &recorder->kept[(recorder->kept_first + i) % recorder->kept_capacity], 1);
}

/* --- the sink --- */

static bool guest_exists(const struct trace_recorder *recorder)
{
    for (uint32_t d = 0; d < recorder->world.domain_count; d++)
        if (is_of_guest(recorder, trace_who(d, 0)))
            return true;
    return false;
}

static bool recorder_begin(struct trace_sink *sink, const struct trace_world *world, char *message,
                           size_t message_bytes)
{
    struct trace_recorder *recorder = (struct trace_recorder *)sink;
    const struct trace_choice *choice = recorder->choice;

    recorder->world = *world;
    trace_opening_init(&recorder->opening, world->cpu_count, world->irq_count > 0);
    recorder->from =
        choice->until_ns == 0 ? world->measured_from : cycles_from_ns(choice->from_ns, world->frequency_hz);
    if (world->needed_from != NULL && choice->trigger == TRACE_TRIGGER_NONE)
        *world->needed_from = recorder->from;
    recorder->until = choice->until_ns == 0 ? world->end : cycles_from_ns(choice->until_ns, world->frequency_hz);
    if (recorder->from >= world->end) {
        snprintf(message, message_bytes, "the trace's window begins after the end of the run");
        return false;
    }
    if (choice->guest != NULL && !guest_exists(recorder)) {
        snprintf(message, message_bytes, "the scenario has no guest '%.60s' to trace", choice->guest);
        return false;
    }
    recorder->states = calloc(2 * (size_t)state_count(world), sizeof *recorder->states);
    recorder->waiting_since = calloc(world->cpu_count, sizeof *recorder->waiting_since);
    CHECK(recorder->states != NULL && recorder->waiting_since != NULL);
    if (choice->trigger != TRACE_TRIGGER_NONE) {
        recorder->kept_capacity = choice->limit;
        recorder->kept = malloc(recorder->kept_capacity * sizeof *recorder->kept);
        CHECK(recorder->kept != NULL);
    }
    return recorder->next->begin(recorder->next, &recorder->world, message, message_bytes);
}

/* Returns whether the record is before the window. */
static bool is_before(struct trace_recorder *recorder, const struct trace_record *record)
{
    if (record->time >= recorder->from && (record->kind != TRACE_VCPU || recorder->is_open))
        return false;
    follow(recorder, record);
    return true;
}

/* Hands on the records of the window that pass, as many at a time as come one after the other. Their times ascend. */
static void window(struct trace_recorder *recorder, const struct trace_record *records, size_t count)
{
    size_t from = 0, i = 0;

    if (recorder->passes_all && recorder->is_open && count > 0 && records[0].time >= recorder->from &&
        records[count - 1].time < recorder->until) {
        hand_on(recorder, records, count);
        return;
    }
    for (; i < count && records[i].time < recorder->until; i++) {
        if (!is_before(recorder, &records[i])) {
            if (recorder->passes_all || passes(recorder, &records[i]))
                continue;
            recorder->filtered++;
        }
        hand_on(recorder, &records[from], i - from);
        from = i + 1;
    }
    hand_on(recorder, &records[from], i - from);
    recorder->is_over = i < count;
}

static void recorder_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct trace_recorder *recorder = (struct trace_recorder *)sink;

    if (recorder->choice->trigger == TRACE_TRIGGER_NONE && !recorder->is_over)
        window(recorder, records, count);
    for (size_t i = 0; recorder->choice->trigger != TRACE_TRIGGER_NONE && i < count && !recorder->is_over; i++)
        fly(recorder, &records[i]);
}

static void recorder_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct trace_recorder *recorder = (struct trace_recorder *)sink;

    recorder->dropped += recorder->world.trace->dropped;
    if (recorder->choice->trigger != TRACE_TRIGGER_NONE)
        fly_end(recorder);
    else if (!recorder->is_open)
        open_window(recorder, recorder->from);
    recorder->next->end(recorder->next, machine, now < recorder->until ? now : recorder->until);
}

void trace_recorder_init(struct trace_recorder *recorder, const struct trace_choice *choice, struct trace_sink *next)
{
    memset(recorder, 0, sizeof *recorder);
    recorder->sink = (struct trace_sink){ kinds_of(choice, next), recorder_begin, recorder_records, recorder_end };
    recorder->choice = choice;
    recorder->next = next;
    recorder->passes_all = choice->classes == 0 && choice->cpus == NULL && choice->guest == NULL;
}

void trace_recorder_free(struct trace_recorder *recorder)
{
    free(recorder->states);
    free(recorder->kept);
    free(recorder->waiting_since);
    trace_opening_free(&recorder->opening);
}
