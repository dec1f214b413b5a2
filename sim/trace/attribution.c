/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows what every pCPU does and in which state every task is. A part is closed whenever the pCPU's activity or one
 * of its tasks changes. The states are summed apart from the parts, so that the two can be compared.
 */
#include "trace/attribution.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "trace/attribution_engine.h"

const char *const attribution_loss_names[LOSS_COUNT] = { "steal", "lost running" };
const char *const attribution_cause_names[ATTRIBUTION_CAUSES] = {
    "waits, lock held",
    "waits, lock handed over",
    "takes a free lock",
    "interrupt",
    "softirq",
    "another vCPU runs",
    "hypervisor",
    "idle pCPU wakes",
    "a host thread runs",
    "idle, vCPU throttled",
    "unknown",
};

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

/* --- what a pCPU does --- */

static uint32_t domain_or_nobody(const struct attribution *attribution, uint32_t who)
{
    return who != TRACE_NOBODY && trace_domain(who) < attribution->world.domain_count
               ? trace_who(trace_domain(who), TRACE_WHOLE_DOMAIN)
               : TRACE_NOBODY;
}

uint32_t attribution_domain_of(const struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t who)
{
    uint32_t domain = domain_or_nobody(attribution, who);

    return domain != TRACE_NOBODY ? domain : domain_or_nobody(attribution, attribution_current_who(attribution, cpu));
}

/* Without a frame: what the current task, or its absence, is to the victim. */
static void charge_current(const struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t victim,
                           struct attribution_part *part)
{
    bool is_hidden = cpu->mode == MODE_UNKNOWN || attribution_hides_mode(attribution, cpu->current);
    bool is_kept_out = cpu->current != UINT32_MAX && attribution->tasks[victim].state != RUNNING;

    part->culprit = attribution_current_who(attribution, cpu);
    if (cpu->current != UINT32_MAX && !attribution_is_vcpu(attribution, cpu->current)) {
        part->cause = CAUSE_THREAD;
    } else if (cpu->mode == MODE_GUEST || (is_kept_out && is_hidden)) {
        part->cause = CAUSE_GUEST;
    } else if (cpu->mode == MODE_IDLE || cpu->mode == MODE_UNKNOWN) {
        bool is_throttled = attribution->is_linux && attribution->tasks[victim].is_put_aside;
        part->cause = cpu->mode != MODE_IDLE ? CAUSE_UNKNOWN : is_throttled ? CAUSE_THROTTLED : CAUSE_WAKE_UP;
        part->culprit = TRACE_NOBODY;
    } else {
        part->cause = CAUSE_HYPERVISOR;
        part->what = cpu->current == UINT32_MAX ? 0 : attribution->tasks[cpu->current].exit;
    }
}

static void charge_frame(const struct attribution *attribution, const struct attribution_cpu *cpu,
                         const struct frame *top, struct attribution_part *part)
{
    part->cause = top->kind == FRAME_INTERRUPT ? CAUSE_INTERRUPT : CAUSE_SOFTIRQ;
    part->culprit = attribution->is_linux ? domain_or_nobody(attribution, top->who)
                                          : attribution_domain_of(attribution, cpu, top->who);
    part->what = top->kind == FRAME_SOFTIRQ ? top->a : top->line;
}

/* Adds the time to the task's loss or to its own time. */
static void add_loss(struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t task, cycles from,
                     cycles until)
{
    struct attribution_task *victim = &attribution->tasks[task];
    const struct frame *top = cpu->depth > 0 ? &cpu->frames[cpu->depth - 1] : NULL;
    struct attribution_part part = {
        .time = until - from,
        .victim = task,
        .culprit = TRACE_NOBODY,
        .cpu = NO_CPU,
        .loss = victim->state == RUNNING ? LOSS_RUNNING : LOSS_STEAL,
        .cause = CAUSE_UNKNOWN,
    };

    if (!cpu->is_lost && top != NULL && top->kind == FRAME_WAIT) {
        attribution_add_wait(attribution, top, part, from, until);
        return;
    }
    if (!cpu->is_lost && top != NULL) {
        charge_frame(attribution, cpu, top, &part);
    } else if (!cpu->is_lost) {
        bool has_itself = cpu->mode == MODE_GUEST || attribution_hides_mode(attribution, task) ||
                          !attribution_is_vcpu(attribution, task);
        if (victim->state == RUNNING && has_itself) {
            victim->own += until - from;
            return;
        }
        if (attribution_is_untold(attribution, cpu, task)) {
            attribution->cpus[victim->cpu].untold += until - from;
            return;
        }
        charge_current(attribution, cpu, task, &part);
    }
    attribution_add(attribution, &part);
}

/* Closes the part that ends now on this pCPU, for each of its tasks. */
static void settle(struct attribution *attribution, uint32_t cpu_id, cycles now)
{
    struct attribution_cpu *cpu = &attribution->cpus[cpu_id];
    cycles from = cpu->since > attribution->from ? cpu->since : attribution->from;
    cycles until = now < attribution->until ? now : attribution->until;

    cpu->since = now;
    for (uint32_t task = cpu->first; from < until && task != UINT32_MAX; task = attribution->tasks[task].next)
        add_loss(attribution, cpu, task, from, until);
    if (cpu->depth > 0 && cpu->frames[cpu->depth - 1].kind == FRAME_WAIT)
        attribution_wait_advance(attribution, &cpu->frames[cpu->depth - 1], now);
}

/* --- frames --- */

static void drop_frames(struct attribution *attribution, struct attribution_cpu *cpu)
{
    for (uint32_t i = 0; i < cpu->depth; i++)
        if (cpu->frames[i].kind == FRAME_WAIT)
            attribution->locks[cpu->frames[i].a].waiters--;
    cpu->depth = 0;
}

static void push(struct attribution *attribution, struct attribution_cpu *cpu, struct frame frame)
{
    CHECK(cpu->depth < FRAMES_MAX || attribution->is_recording);
    if (cpu->depth == FRAMES_MAX) /* their ends are missing */
        drop_frames(attribution, cpu);
    cpu->frames[cpu->depth++] = frame;
}

static void pop(const struct attribution *attribution, struct attribution_cpu *cpu, enum frame_kind kind)
{
    uint32_t depth = cpu->depth;

    /* A Linux host has no waits, and where a frame's end is missing, that of an outer one ends it. */
    while (attribution->is_linux && depth > 0 && cpu->frames[depth - 1].kind != kind)
        depth--;
    if (depth > 0 && cpu->frames[depth - 1].kind == kind)
        cpu->depth = depth - 1;
}

/* The innermost work changes to another domain, and with it the locks that it took. */
static void work_for(struct attribution *attribution, const struct trace_record *record)
{
    const struct trace_world *world = &attribution->world;
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];
    uint32_t depth = cpu->depth;

    while (depth > 0 && cpu->frames[depth - 1].kind == FRAME_WAIT)
        depth--;
    if (depth > 0) {
        struct frame *frame = &cpu->frames[depth - 1];
        frame->who = record->who;
        if (record->kind == TRACE_DO_IRQ && record->b < world->irq_count && attribution->irq_names[record->b] != NULL)
            frame->line = 1 + (uint32_t)record->b;
    }
    attribution_held_for(attribution, record, depth);
}

/* --- tasks --- */

static void unlink_task(struct attribution *attribution, uint32_t task)
{
    uint32_t *link = &attribution->cpus[attribution->tasks[task].cpu].first;

    while (*link != task)
        link = &attribution->tasks[*link].next;
    *link = attribution->tasks[task].next;
    attribution->tasks[task].is_linked = false;
}

static void spend(const struct attribution *attribution, struct attribution_task *task, uint32_t state, cycles now)
{
    cycles from = task->since > attribution->from ? task->since : attribution->from;
    cycles until = now < attribution->until ? now : attribution->until;

    if (from < until)
        task->time[state] += until - from;
    task->since = now;
}

/* The pCPUs of the task are settled. */
static void set_state(struct attribution *attribution, uint32_t number, uint32_t state, uint32_t cpu, cycles now)
{
    struct attribution_task *task = &attribution->tasks[number];

    spend(attribution, task, task->state, now);
    if (attribution->cpus[task->cpu].current == number)
        attribution_tell(attribution, task->cpu, false, CAUSE_HYPERVISOR);
    if (task->is_linked)
        unlink_task(attribution, number);
    if (attribution->cpus[task->cpu].current == number)
        attribution->cpus[task->cpu].current = UINT32_MAX;
    task->state = state < ATTRIBUTION_UNKNOWN ? (uint8_t)state : ATTRIBUTION_UNKNOWN;
    task->cpu = (uint16_t)cpu;
    task->is_asleep = false;
    if (task->state == RUNNING) {
        attribution_tell(attribution, cpu, false, CAUSE_HYPERVISOR); /* of one whose leaving is missing */
        attribution->cpus[cpu].current = number;
        attribution->cpus[cpu].is_lost = false;
    }
    if (task->state == BLOCKED || task->state == ATTRIBUTION_UNKNOWN ||
        (!attribution_is_vcpu(attribution, number) && !attribution->wants_threads))
        return;
    task->next = attribution->cpus[cpu].first;
    task->is_linked = true;
    attribution->cpus[cpu].first = number;
}

/* A Linux host switches outside of interrupts and softirqs, so the ends of those under way are missing; and outside of
 * guests. Only runs of irqpath have locks: they lack no end, and Xen's designs switch in a softirq. */
static void switch_linux(struct attribution *attribution, struct attribution_cpu *cpu, enum mode mode)
{
    if (attribution->lock_count == 0)
        drop_frames(attribution, cpu);
    cpu->mode = mode;
}

static void runstate(struct attribution *attribution, const struct trace_record *record)
{
    uint32_t number = trace_world_task(&attribution->world, record->who), state = record->a % 16;
    uint32_t cpu = record->b < attribution->cpu_count ? (uint32_t)record->b : record->cpu;

    if (number == UINT32_MAX) { /* an idle vCPU */
        if (attribution->is_linux && state == RUNNING) {
            settle(attribution, cpu, record->time);
            switch_linux(attribution, &attribution->cpus[cpu], MODE_IDLE);
            attribution->cpus[cpu].is_lost = false;
        }
        return;
    }
    /* A thread that is first seen when it comes to run may be new. */
    if (attribution->is_recording && record->kind == TRACE_VCPU && state == RUNNABLE &&
        !attribution_is_vcpu(attribution, number))
        state = ATTRIBUTION_UNKNOWN;
    /* What another pCPU does to it in a gap says little of what it did there. */
    if (attribution->cpus[cpu].is_in_gap && record->cpu != cpu)
        state = ATTRIBUTION_UNKNOWN;
    struct attribution_task *task = &attribution->tasks[number];
    attribution->has_vcpus |= attribution_is_vcpu(attribution, number) || attribution->wants_threads;
    settle(attribution, task->cpu, record->time);
    settle(attribution, cpu, record->time);
    /* It was blocked when records came again. */
    if (task->is_asleep && !attribution->cpus[task->cpu].is_in_gap && record->kind == TRACE_RUNSTATE &&
        record->a / 16 == BLOCKED)
        spend(attribution, task, BLOCKED, record->time);
    set_state(attribution, number, state, cpu, record->time);
    task->is_put_aside = record->kind == TRACE_RUNSTATE && record->a == RUNNING * 16 + RUNNABLE;
    if (attribution->is_linux && state == RUNNING)
        switch_linux(attribution, &attribution->cpus[cpu],
                     record->kind == TRACE_RUNSTATE ? MODE_HYPERVISOR : MODE_UNKNOWN);
}

/* An exit or entry tells that its vCPU runs, and what it did before. */
static void learn_mode(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];
    uint32_t vcpu = trace_world_vcpu(&attribution->world, record->who);

    if (cpu->mode == MODE_UNKNOWN)
        cpu->mode = record->kind == TRACE_VMEXIT ? MODE_GUEST : MODE_HYPERVISOR;
    settle(attribution, record->cpu, record->time);
    attribution_tell(attribution, record->cpu, record->kind == TRACE_VMEXIT, CAUSE_HYPERVISOR);
    cpu->is_lost = false;
    cpu->is_told = true;
    cpu->mode = record->kind == TRACE_VMENTRY ? MODE_GUEST : MODE_HYPERVISOR;
    if (vcpu == UINT32_MAX)
        return;
    struct attribution_task *task = &attribution->tasks[vcpu];
    task->is_told = true;
    if (task->state == ATTRIBUTION_UNKNOWN)
        set_state(attribution, vcpu, RUNNING, record->cpu, record->time);
    task->exit = record->kind == TRACE_VMEXIT ? 1 + record->a : 0;
}

/* When the gap began: at time b, or where b does not say it with the pCPU's last record. */
static cycles gap_of(const struct attribution *attribution, const struct attribution_cpu *cpu,
                     const struct trace_record *record)
{
    cycles since = record->b < record->time ? record->b : attribution->is_recording ? cpu->seen : cpu->since;

    return since > cpu->since ? since : cpu->since;
}

/* Records are missing: of a run those of all pCPUs, but no runstates; of a recording those of one pCPU. */
static void lose(struct attribution *attribution, const struct trace_record *record)
{
    for (uint32_t id = 0; id < attribution->cpu_count; id++) {
        struct attribution_cpu *cpu = &attribution->cpus[id];
        if (attribution->is_recording && id != record->cpu)
            continue;
        cycles since = gap_of(attribution, cpu, record);
        settle(attribution, id, since);
        attribution_tell(attribution, id, false, CAUSE_UNKNOWN);
        drop_frames(attribution, cpu);
        cpu->held_count = 0;
        cpu->is_lost = true;
        cpu->mode = MODE_UNKNOWN;
        cpu->is_told = false;
        for (uint32_t i = 0; attribution->is_recording && i < attribution->task_count; i++) {
            struct attribution_task *task = &attribution->tasks[i];
            if (task->cpu != id || task->state == ATTRIBUTION_UNKNOWN)
                continue;
            bool is_asleep = task->state == BLOCKED;
            set_state(attribution, i, ATTRIBUTION_UNKNOWN, id, since > task->since ? since : task->since);
            task->is_asleep = is_asleep;
        }
        cpu->is_in_gap = attribution->is_recording;
        settle(attribution, id, record->time);
    }
}

/* With the pCPU's next record the gap is over: until then it is unknown what its tasks did, whatever their next records
 * say. */
static void end_gap(struct attribution *attribution, const struct trace_record *record)
{
    attribution->cpus[record->cpu].is_in_gap = false;
    for (uint32_t i = 0; i < attribution->task_count; i++) {
        struct attribution_task *task = &attribution->tasks[i];
        if (task->cpu == record->cpu && task->is_asleep)
            spend(attribution, task, ATTRIBUTION_UNKNOWN, record->time);
    }
}

static void follow(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];

    switch (record->kind) {
    case TRACE_IRQ_ENTRY:
        if (cpu->mode == MODE_IDLE && !attribution->is_linux)
            cpu->mode = MODE_HYPERVISOR;
        push(attribution, cpu, (struct frame){ .kind = FRAME_INTERRUPT, .a = record->a, .who = TRACE_NOBODY });
        break;
    case TRACE_IRQ_EXIT:
        pop(attribution, cpu, FRAME_INTERRUPT);
        break;
    case TRACE_SOFTIRQ_ENTRY:
        if (!attribution->is_linux)
            cpu->mode = MODE_HYPERVISOR;
        push(attribution, cpu, (struct frame){ .kind = FRAME_SOFTIRQ, .a = record->a, .who = TRACE_NOBODY });
        break;
    case TRACE_SOFTIRQ_EXIT:
        pop(attribution, cpu, FRAME_SOFTIRQ);
        break;
    case TRACE_DO_IRQ:
    case TRACE_FOR:
        work_for(attribution, record);
        break;
    case TRACE_LOCK_WAIT:
        push(attribution, cpu, attribution_wait(attribution, record));
        break;
    case TRACE_LOCK_ACQUIRE:
        attribution_acquire(attribution, record);
        break;
    case TRACE_LOCK_RELEASE:
        attribution_release(attribution, record);
        break;
    case TRACE_IDLE_ENTRY:
        cpu->mode = MODE_IDLE;
        cpu->is_lost = false;
        break;
    default:
        break;
    }
}

/* Whether the record changes the activity of its pCPU. */
static bool is_boundary(const struct attribution *attribution, const struct trace_record *record)
{
    if (record->kind >= TRACE_LOCK_WAIT && record->kind <= TRACE_LOCK_RELEASE)
        return record->a < attribution->lock_count;
    return record->kind >= TRACE_IRQ_ENTRY && record->kind < TRACE_VMEXIT && record->kind != TRACE_SOFTIRQ_RAISE;
}

static void attribution_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct attribution *attribution = (struct attribution *)sink;

    for (size_t i = 0; i < count; i++) {
        const struct trace_record *record = &records[i];
        if (attribution->cpus[record->cpu].is_in_gap && record->kind != TRACE_DROPPED)
            end_gap(attribution, record);
        if (record->kind != TRACE_DROPPED)
            attribution->cpus[record->cpu].seen = record->time;
        if (record->kind == TRACE_RUNSTATE || record->kind == TRACE_VCPU) {
            runstate(attribution, record);
        } else if (record->kind == TRACE_VMEXIT || record->kind == TRACE_VMENTRY) {
            learn_mode(attribution, record);
        } else if (record->kind == TRACE_DROPPED) {
            lose(attribution, record);
        } else if (is_boundary(attribution, record)) {
            settle(attribution, record->cpu, record->time);
            attribution_tell_host(attribution, record->cpu);
            follow(attribution, record);
        }
    }
}

static void attribution_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct attribution *attribution = (struct attribution *)sink;

    (void)machine;
    attribution->until = now < attribution->until ? now : attribution->until;
    for (uint32_t cpu = 0; cpu < attribution->cpu_count; cpu++) {
        settle(attribution, cpu, now);
        attribution_tell_last(attribution, cpu);
    }
    for (uint32_t task = 0; task < attribution->task_count; task++)
        spend(attribution, &attribution->tasks[task], attribution->tasks[task].state, now);
}

void attribution_init(struct attribution *attribution)
{
    memset(attribution, 0, sizeof *attribution);
    attribution->sink = (struct trace_sink){ TRACE_ALL_KINDS, attribution_begin, attribution_records, attribution_end };
}
