/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows what every pCPU does and which pCPU holds each lock. A part is closed whenever the pCPU's activity or one of
 * its vCPUs changes. The history of a lock's holders is kept for as long as a pCPU waits for the lock.
 */
#include "trace/attribution.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

const char *const attribution_loss_names[LOSS_COUNT] = { "steal", "lost running" };
const char *const attribution_cause_names[ATTRIBUTION_CAUSES] = {
    "waits, lock held", "waits, lock handed over", "takes a free lock", "interrupt",
    "softirq",          "another vCPU runs",       "hypervisor",        "idle pCPU wakes",
};

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };
enum { FRAMES_MAX = 24, HELD_MAX = 16, NO_CPU = ATTRIBUTION_NONE };
enum frame_kind { FRAME_INTERRUPT, FRAME_SOFTIRQ, FRAME_WAIT };
enum mode { MODE_HYPERVISOR, MODE_GUEST, MODE_IDLE };

struct frame {
    enum frame_kind kind;
    uint32_t a;    /* vector, softirq, lock */
    uint32_t who;  /* the vCPU or domain it works for; a wait inherits it */
    size_t at;     /* wait: index into the lock's holders when the last part was closed */
    bool was_free; /* wait: the lock has not been held since the wait began */
};

struct attribution_cpu {
    struct frame frames[FRAMES_MAX];
    uint32_t depth;
    enum mode mode;
    cycles since;
    uint32_t current; /* vCPU that is charged as running, or UINT32_MAX */
    uint32_t first;   /* head of the list of its vCPUs that are not blocked */
    struct {
        uint32_t lock, depth; /* `depth`: number of frames when it was taken */
    } held[HELD_MAX];
    uint32_t held_count;
};

struct attribution_vcpu {
    uint16_t domain;
    uint16_t cpu;
    uint8_t state;
    bool is_linked;
    uint32_t next;
};

struct holder {
    cycles since;
    uint16_t domain; /* that the holder works for */
    uint16_t cpu;    /* the holder, or the last one */
    bool is_held;
};

struct attribution_lock {
    struct holder *holders; /* ascending by time; the last is the present one */
    size_t count, capacity;
    size_t gone; /* number of entries dropped before holders[0] */
    uint32_t waiters;
    uint8_t class;
};

static uint16_t domain_or_none(const struct attribution *attribution, uint32_t who)
{
    return who != TRACE_NOBODY && trace_domain(who) < attribution->world.domain_count ? (uint16_t)trace_domain(who)
                                                                                      : ATTRIBUTION_NONE;
}

/* --- what a pCPU does --- */

static uint16_t current_domain(const struct attribution *attribution, const struct attribution_cpu *cpu)
{
    return cpu->current == UINT32_MAX ? ATTRIBUTION_NONE : attribution->vcpus[cpu->current].domain;
}

/* The domain that the work is for, or else the one whose vCPU is current. */
static uint16_t domain_of(const struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t who)
{
    uint16_t domain = domain_or_none(attribution, who);

    return domain != ATTRIBUTION_NONE ? domain : current_domain(attribution, cpu);
}

/* The domain that the innermost interrupt or softirq works for. */
static uint16_t for_whom(const struct attribution *attribution, const struct attribution_cpu *cpu)
{
    for (uint32_t i = cpu->depth; i-- > 0;)
        if (cpu->frames[i].kind != FRAME_WAIT)
            return domain_of(attribution, cpu, cpu->frames[i].who);
    return current_domain(attribution, cpu);
}

/* Adds the time from..until of a wait to the part of each holder in turn. */
static void add_wait(struct attribution *attribution, const struct frame *wait, struct attribution_part part,
                     cycles from, cycles until)
{
    const struct attribution_lock *lock = &attribution->locks[wait->a];
    size_t at = wait->at - lock->gone;

    part.what = lock->class;
    while (from < until) {
        while (at + 1 < lock->count && lock->holders[at + 1].since <= from)
            at++;
        const struct holder *holder = &lock->holders[at];
        cycles end = at + 1 < lock->count && lock->holders[at + 1].since < until ? lock->holders[at + 1].since : until;
        bool is_free = wait->was_free && at + lock->gone == wait->at;
        part.cause = holder->is_held ? CAUSE_LOCK_HELD : is_free ? CAUSE_LOCK_FREE : CAUSE_LOCK_HANDOVER;
        part.culprit = is_free ? ATTRIBUTION_NONE : holder->domain;
        part.cpu = is_free ? NO_CPU : holder->cpu;
        part.time = end - from;
        attribution_add(attribution, &part);
        from = end;
    }
}

/* Adds the time to the vCPU's loss or, in guest mode, to its guest time. */
static void add_loss(struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t vcpu, cycles from,
                     cycles until)
{
    const struct attribution_vcpu *victim = &attribution->vcpus[vcpu];
    const struct frame *top = cpu->depth > 0 ? &cpu->frames[cpu->depth - 1] : NULL;
    struct attribution_part part = {
        .time = until - from,
        .victim = victim->domain,
        .culprit = ATTRIBUTION_NONE,
        .cpu = NO_CPU,
        .loss = victim->state == RUNNING ? LOSS_RUNNING : LOSS_STEAL,
        .cause = CAUSE_HYPERVISOR,
    };

    attribution->state_time[victim->domain][victim->state] += until - from;
    if (top == NULL && cpu->mode == MODE_GUEST && victim->state == RUNNING) {
        attribution->guest_time[victim->domain] += until - from;
        return;
    }
    if (top == NULL) {
        part.cause = cpu->mode == MODE_GUEST ? CAUSE_GUEST : cpu->mode == MODE_IDLE ? CAUSE_WAKE_UP : CAUSE_HYPERVISOR;
        part.culprit = cpu->mode == MODE_IDLE ? ATTRIBUTION_NONE : current_domain(attribution, cpu);
    } else if (top->kind == FRAME_WAIT) {
        add_wait(attribution, top, part, from, until);
        return;
    } else {
        part.cause = top->kind == FRAME_INTERRUPT ? CAUSE_INTERRUPT : CAUSE_SOFTIRQ;
        part.culprit = domain_of(attribution, cpu, top->who);
        part.what = top->kind == FRAME_SOFTIRQ ? (uint8_t)top->a : 0;
    }
    attribution_add(attribution, &part);
}

static void wait_advance(const struct attribution *attribution, struct frame *wait, cycles now)
{
    const struct attribution_lock *lock = &attribution->locks[wait->a];

    while (wait->at + 1 < lock->gone + lock->count && lock->holders[wait->at + 1 - lock->gone].since <= now) {
        wait->at++;
        wait->was_free = false;
    }
}

/* Closes the part that ends now on this pCPU, for each of its vCPUs. */
static void settle(struct attribution *attribution, uint32_t cpu_id, cycles now)
{
    struct attribution_cpu *cpu = &attribution->cpus[cpu_id];
    cycles from = cpu->since > attribution->from ? cpu->since : attribution->from;
    cycles until = now < attribution->until ? now : attribution->until;

    cpu->since = now;
    for (uint32_t vcpu = cpu->first; from < until && vcpu != UINT32_MAX; vcpu = attribution->vcpus[vcpu].next)
        add_loss(attribution, cpu, vcpu, from, until);
    if (cpu->depth > 0 && cpu->frames[cpu->depth - 1].kind == FRAME_WAIT)
        wait_advance(attribution, &cpu->frames[cpu->depth - 1], now);
}

/* --- locks --- */

/* Drops the holders before the earliest one that a waiter still needs. */
static void lock_forget(struct attribution *attribution, struct attribution_lock *lock)
{
    size_t first = lock->gone + lock->count - 1;
    uint32_t id = (uint32_t)(lock - attribution->locks);

    for (uint32_t i = 0; lock->waiters > 0 && i < attribution->cpu_count; i++)
        for (uint32_t f = 0; f < attribution->cpus[i].depth; f++) {
            const struct frame *frame = &attribution->cpus[i].frames[f];
            if (frame->kind == FRAME_WAIT && frame->a == id && frame->at < first)
                first = frame->at;
        }
    size_t unused = first - lock->gone;
    memmove(lock->holders, lock->holders + unused, (lock->count - unused) * sizeof *lock->holders);
    lock->count -= unused;
    lock->gone = first;
}

static void lock_change(struct attribution *attribution, uint32_t id, struct holder holder)
{
    struct attribution_lock *lock = &attribution->locks[id];

    if (lock->count == lock->capacity && lock->count > 0)
        lock_forget(attribution, lock);
    if (2 * lock->count >= lock->capacity) {
        lock->capacity = lock->capacity == 0 ? 4 : lock->capacity * 2;
        lock->holders = realloc(lock->holders, lock->capacity * sizeof *lock->holders);
        CHECK(lock->holders != NULL);
    }
    lock->holders[lock->count++] = holder;
}

static void acquire(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];

    if (cpu->depth > 0 && cpu->frames[cpu->depth - 1].kind == FRAME_WAIT &&
        cpu->frames[cpu->depth - 1].a == record->a) {
        cpu->depth--;
        attribution->locks[record->a].waiters--;
    }
    CHECK(cpu->held_count < HELD_MAX);
    cpu->held[cpu->held_count].lock = record->a;
    cpu->held[cpu->held_count++].depth = cpu->depth;
    lock_change(attribution, record->a, (struct holder){ record->time, for_whom(attribution, cpu), record->cpu, true });
}

static void release(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];
    uint32_t i = 0;

    while (i < cpu->held_count && cpu->held[i].lock != record->a)
        i++;
    if (i < cpu->held_count)
        cpu->held[i] = cpu->held[--cpu->held_count];
    lock_change(attribution, record->a,
                (struct holder){ record->time, for_whom(attribution, cpu), record->cpu, false });
}

/* The innermost work changes to another domain, and with it the locks that it took. */
static void work_for(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];
    uint32_t depth = cpu->depth;

    while (depth > 0 && cpu->frames[depth - 1].kind == FRAME_WAIT)
        depth--;
    if (depth > 0)
        cpu->frames[depth - 1].who = record->who;
    for (uint32_t i = 0; i < cpu->held_count; i++)
        if (cpu->held[i].depth >= depth)
            lock_change(attribution, cpu->held[i].lock,
                        (struct holder){ record->time, domain_of(attribution, cpu, record->who), record->cpu, true });
}

/* --- frames --- */

static void push(struct attribution_cpu *cpu, struct frame frame)
{
    CHECK(cpu->depth < FRAMES_MAX);
    cpu->frames[cpu->depth++] = frame;
}

static void pop(struct attribution_cpu *cpu, enum frame_kind kind)
{
    if (cpu->depth > 0 && cpu->frames[cpu->depth - 1].kind == kind)
        cpu->depth--;
}

static void wait(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_lock *lock = &attribution->locks[record->a];

    bool is_first = lock->waiters++ == 0;
    if (is_first)
        lock_forget(attribution, lock);
    push(&attribution->cpus[record->cpu],
         (struct frame){ FRAME_WAIT, record->a, TRACE_NOBODY, lock->gone + lock->count - 1,
                         is_first && !lock->holders[lock->count - 1].is_held });
}

/* --- vCPUs --- */

static void unlink_vcpu(struct attribution *attribution, uint32_t vcpu)
{
    uint32_t *link = &attribution->cpus[attribution->vcpus[vcpu].cpu].first;

    while (*link != vcpu)
        link = &attribution->vcpus[*link].next;
    *link = attribution->vcpus[vcpu].next;
    attribution->vcpus[vcpu].is_linked = false;
}

static void runstate(struct attribution *attribution, const struct trace_record *record)
{
    uint32_t vcpu = trace_world_vcpu(&attribution->world, record->who), cpu = (uint32_t)record->b;

    if (vcpu == UINT32_MAX)
        return;
    struct attribution_vcpu *v = &attribution->vcpus[vcpu];
    attribution->has_vcpus = true;
    settle(attribution, v->cpu, record->time);
    settle(attribution, cpu, record->time);
    if (v->is_linked)
        unlink_vcpu(attribution, vcpu);
    if (attribution->cpus[v->cpu].current == vcpu)
        attribution->cpus[v->cpu].current = UINT32_MAX;
    v->state = (uint8_t)(record->a % 16);
    v->cpu = (uint16_t)cpu;
    if (v->state == RUNNING)
        attribution->cpus[cpu].current = vcpu;
    if (v->state == BLOCKED)
        return;
    v->next = attribution->cpus[cpu].first;
    v->is_linked = true;
    attribution->cpus[cpu].first = vcpu;
}

static void follow(struct attribution *attribution, const struct trace_record *record)
{
    struct attribution_cpu *cpu = &attribution->cpus[record->cpu];

    switch (record->kind) {
    case TRACE_IRQ_ENTRY:
        if (cpu->mode == MODE_IDLE)
            cpu->mode = MODE_HYPERVISOR;
        push(cpu, (struct frame){ FRAME_INTERRUPT, record->a, TRACE_NOBODY, 0, false });
        break;
    case TRACE_IRQ_EXIT:
        pop(cpu, FRAME_INTERRUPT);
        break;
    case TRACE_SOFTIRQ_ENTRY:
        cpu->mode = MODE_HYPERVISOR;
        push(cpu, (struct frame){ FRAME_SOFTIRQ, record->a, TRACE_NOBODY, 0, false });
        break;
    case TRACE_SOFTIRQ_EXIT:
        pop(cpu, FRAME_SOFTIRQ);
        break;
    case TRACE_DO_IRQ:
    case TRACE_FOR:
        work_for(attribution, record);
        break;
    case TRACE_LOCK_WAIT:
        wait(attribution, record);
        break;
    case TRACE_LOCK_ACQUIRE:
        acquire(attribution, record);
        break;
    case TRACE_LOCK_RELEASE:
        release(attribution, record);
        break;
    case TRACE_IDLE_ENTRY:
        cpu->mode = MODE_IDLE;
        break;
    case TRACE_VMENTRY:
        cpu->mode = MODE_GUEST;
        break;
    case TRACE_VMEXIT:
        cpu->mode = MODE_HYPERVISOR;
        break;
    default:
        break;
    }
}

/* Whether the record changes the activity of its pCPU. */
static bool is_boundary(const struct trace_record *record)
{
    return (record->kind >= TRACE_IRQ_ENTRY && record->kind <= TRACE_VMENTRY) && record->kind != TRACE_SOFTIRQ_RAISE;
}

/* --- the sink --- */

/* Copies the names and numbers, which are printed after the run. */
static void keep_world(struct attribution *attribution, const struct trace_world *world)
{
    const struct trace *trace = world->trace;
    char text[TRACE_TEXT_BYTES];

    attribution->world = trace_world_kept(world);
    for (uint32_t i = 0; i < 64; i++)
        snprintf(attribution->softirq_names[i], SETUP_NAME_BYTES, "%.40s", trace_softirq_text(world, i, text));
    attribution->class_names = calloc(trace->lock_count + 1, sizeof *attribution->class_names);
    CHECK(attribution->class_names != NULL);
}

static uint8_t class_of(struct attribution *attribution, const char *name)
{
    uint32_t i = 0;

    while (i < attribution->class_count && strcmp(attribution->class_names[i], name) != 0)
        i++;
    if (i == attribution->class_count)
        snprintf(attribution->class_names[attribution->class_count++], SETUP_NAME_BYTES, "%s", name);
    CHECK(i <= UINT8_MAX);
    return (uint8_t)i;
}

static bool attribution_begin(struct trace_sink *sink, const struct trace_world *world, char *message,
                              size_t message_bytes)
{
    struct attribution *attribution = (struct attribution *)sink;

    (void)message, (void)message_bytes;
    keep_world(attribution, world);
    attribution->cpu_count = world->cpu_count;
    attribution->vcpu_count = world->vcpu_count;
    attribution->lock_count = world->trace->lock_count;
    attribution->from = world->measured_from;
    attribution->until = world->end;
    attribution->cpus = calloc(world->cpu_count, sizeof *attribution->cpus);
    attribution->vcpus = calloc(world->vcpu_count + 1, sizeof *attribution->vcpus);
    attribution->locks = calloc(attribution->lock_count + 1, sizeof *attribution->locks);
    attribution->guest_time = calloc(world->domain_count + 1, sizeof *attribution->guest_time);
    attribution->state_time = calloc(world->domain_count + 1, sizeof *attribution->state_time);
    CHECK(attribution->cpus != NULL && attribution->vcpus != NULL && attribution->locks != NULL &&
          attribution->guest_time != NULL && attribution->state_time != NULL);
    for (uint32_t i = 0; i < attribution->cpu_count; i++)
        attribution->cpus[i].first = attribution->cpus[i].current = UINT32_MAX;
    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            attribution->vcpus[world->domains[d].first_vcpu + v].domain = (uint16_t)d;
    for (uint32_t i = 0; i < attribution->lock_count; i++) {
        attribution->locks[i].class = class_of(attribution, world->trace->locks[i].class_name);
        lock_change(attribution, i, (struct holder){ 0, ATTRIBUTION_NONE, NO_CPU, false });
    }
    return true;
}

static void attribution_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct attribution *attribution = (struct attribution *)sink;

    for (size_t i = 0; i < count; i++) {
        const struct trace_record *record = &records[i];
        if (record->kind == TRACE_RUNSTATE || record->kind == TRACE_VCPU) {
            runstate(attribution, record);
        } else if (is_boundary(record)) {
            settle(attribution, record->cpu, record->time);
            follow(attribution, record);
        }
    }
}

static void attribution_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct attribution *attribution = (struct attribution *)sink;

    (void)machine;
    for (uint32_t cpu = 0; cpu < attribution->cpu_count; cpu++)
        settle(attribution, cpu, now);
}

void attribution_init(struct attribution *attribution)
{
    memset(attribution, 0, sizeof *attribution);
    attribution->sink = (struct trace_sink){ TRACE_ALL_KINDS, attribution_begin, attribution_records, attribution_end };
}

void attribution_free(struct attribution *attribution)
{
    for (uint32_t i = 0; i < attribution->lock_count; i++)
        free(attribution->locks[i].holders);
    free(attribution->locks);
    free(attribution->cpus);
    free(attribution->vcpus);
    free(attribution->parts);
    free(attribution->guest_time);
    free(attribution->state_time);
    free(attribution->class_names);
    trace_world_free(&attribution->world);
}

cycles attribution_whole(const struct attribution *attribution, uint32_t domain, enum attribution_loss loss)
{
    const cycles *time = attribution->state_time[domain];

    return loss == LOSS_STEAL ? time[RUNNABLE] + time[OFFLINE] : time[RUNNING] - attribution->guest_time[domain];
}
