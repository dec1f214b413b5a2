/* SPDX-License-Identifier: Apache-2.0
 *
 * Each pCPU has a list of the records whose ends have not come, in their order. What follows from them follows again
 * when they are read: that a lock is held for somebody, or how deep interrupts were nested when it was taken.
 */
#include "trace/opening.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { RUNNING, KEPT_MAX = 64 };

struct opening_cpu {
    struct trace_record mode; /* the last entry, exit or idle loop; if has_mode */
    bool has_mode;
    struct trace_record kept[KEPT_MAX];
    uint32_t count;
};

/* A lock that is on its way from one pCPU to another. */
struct opening_lock {
    uint32_t waiters;
    bool is_handed_over; /* its last record is its release, which came while others waited */
    struct trace_record release;
};

void trace_opening_init(struct trace_opening *opening, uint32_t cpu_count, bool is_linux)
{
    *opening = (struct trace_opening){ .cpus = calloc(cpu_count + 1, sizeof *opening->cpus),
                                       .cpu_count = cpu_count,
                                       .is_linux = is_linux };
    CHECK(opening->cpus != NULL);
}

void trace_opening_free(struct trace_opening *opening)
{
    free(opening->cpus);
    free(opening->locks);
    *opening = (struct trace_opening){ .cpus = NULL };
}

static struct opening_lock *lock_of(struct trace_opening *opening, uint32_t lock)
{
    if (lock >= opening->lock_count) {
        uint32_t count = 2 * lock + 16;
        opening->locks = realloc(opening->locks, count * sizeof *opening->locks);
        CHECK(opening->locks != NULL);
        memset(opening->locks + opening->lock_count, 0, (count - opening->lock_count) * sizeof *opening->locks);
        opening->lock_count = count;
    }
    return &opening->locks[lock];
}

static void remove_at(struct trace_opening *opening, struct opening_cpu *cpu, uint32_t at)
{
    if (cpu->kept[at].kind == TRACE_LOCK_WAIT)
        opening->locks[cpu->kept[at].a].waiters--;
    cpu->count--;
    memmove(&cpu->kept[at], &cpu->kept[at + 1], (cpu->count - at) * sizeof cpu->kept[0]);
}

static void clear(struct trace_opening *opening, struct opening_cpu *cpu)
{
    while (cpu->count > 0)
        remove_at(opening, cpu, cpu->count - 1);
}

/* A recording in which so much begins that does not end is damaged: nothing is known. */
static void keep(struct trace_opening *opening, struct opening_cpu *cpu, const struct trace_record *record)
{
    if (cpu->count == KEPT_MAX)
        clear(opening, cpu);
    cpu->kept[cpu->count++] = *record;
}

static bool begins_work(const struct trace_record *record)
{
    return record->kind == TRACE_IRQ_ENTRY || record->kind == TRACE_SOFTIRQ_ENTRY;
}

/* The place behind the beginning of the innermost interrupt or softirq. */
static uint32_t innermost(const struct opening_cpu *cpu)
{
    uint32_t at = cpu->count;

    while (at > 0 && !begins_work(&cpu->kept[at - 1]))
        at--;
    return at;
}

/* The idle loop is left for an interrupt or softirq, and on a Xen host not returned to without another entry. */
static void begin_work(struct trace_opening *opening, struct opening_cpu *cpu, const struct trace_record *record)
{
    if (cpu->has_mode && cpu->mode.kind == TRACE_IDLE_ENTRY && !opening->is_linux)
        cpu->mode.kind = TRACE_IDLE_EXIT;
    keep(opening, cpu, record);
}

/* Locks that were taken in it and not released are still held. */
static void end_work(struct trace_opening *opening, struct opening_cpu *cpu, enum trace_kind begun_by)
{
    uint32_t from = cpu->count;

    while (from > 0 && cpu->kept[from - 1].kind != begun_by)
        from--;
    if (from == 0)
        return;
    for (uint32_t i = cpu->count; i-- >= from;)
        if (cpu->kept[i].kind != TRACE_LOCK_ACQUIRE)
            remove_at(opening, cpu, i);
}

/* The innermost work is now for somebody else. */
static void work_for(struct trace_opening *opening, struct opening_cpu *cpu, const struct trace_record *record)
{
    for (uint32_t i = cpu->count, from = innermost(cpu); i-- > from;)
        if (cpu->kept[i].kind == record->kind)
            remove_at(opening, cpu, i);
    keep(opening, cpu, record);
}

/* Removes the last record of that kind and lock. */
static void remove_lock(struct trace_opening *opening, struct opening_cpu *cpu, enum trace_kind kind, uint32_t lock)
{
    for (uint32_t i = cpu->count; i-- > 0;)
        if (cpu->kept[i].kind == kind && cpu->kept[i].a == lock) {
            remove_at(opening, cpu, i);
            return;
        }
}

static void follow_lock(struct trace_opening *opening, struct opening_cpu *cpu, const struct trace_record *record)
{
    struct opening_lock *lock = lock_of(opening, record->a);

    if (record->kind == TRACE_LOCK_WAIT) {
        keep(opening, cpu, record);
        lock->waiters++;
    } else if (record->kind == TRACE_LOCK_ACQUIRE) {
        remove_lock(opening, cpu, TRACE_LOCK_WAIT, record->a);
        keep(opening, cpu, record);
        lock->is_handed_over = false;
    } else {
        remove_lock(opening, cpu, TRACE_LOCK_ACQUIRE, record->a);
        lock->is_handed_over = lock->waiters > 0;
        lock->release = *record;
    }
}

static void switched(const struct trace_opening *opening, struct opening_cpu *cpu, const struct trace_record *record)
{
    bool has_left = cpu->has_mode && cpu->mode.kind != TRACE_IDLE_ENTRY && cpu->mode.who != record->who;

    if (opening->is_linux && record->a % 16 == RUNNING && has_left)
        cpu->has_mode = false;
}

static void forget(struct trace_opening *opening)
{
    for (uint32_t cpu = 0; cpu < opening->cpu_count; cpu++) {
        opening->cpus[cpu].has_mode = false;
        clear(opening, &opening->cpus[cpu]);
    }
    for (uint32_t lock = 0; lock < opening->lock_count; lock++)
        opening->locks[lock].is_handed_over = false;
}

void trace_opening_follow(struct trace_opening *opening, const struct trace_record *record)
{
    if ((TRACE_OPENING_KINDS >> record->kind & 1) == 0)
        return;
    CHECK(record->cpu < opening->cpu_count);
    struct opening_cpu *cpu = &opening->cpus[record->cpu];

    switch (record->kind) {
    case TRACE_IRQ_ENTRY:
    case TRACE_SOFTIRQ_ENTRY:
        begin_work(opening, cpu, record);
        break;
    case TRACE_IRQ_EXIT:
        end_work(opening, cpu, TRACE_IRQ_ENTRY);
        break;
    case TRACE_SOFTIRQ_EXIT:
        end_work(opening, cpu, TRACE_SOFTIRQ_ENTRY);
        break;
    case TRACE_DO_IRQ:
    case TRACE_FOR:
        work_for(opening, cpu, record);
        break;
    case TRACE_LOCK_WAIT:
    case TRACE_LOCK_ACQUIRE:
    case TRACE_LOCK_RELEASE:
        follow_lock(opening, cpu, record);
        break;
    case TRACE_IDLE_ENTRY:
    case TRACE_VMEXIT:
    case TRACE_VMENTRY:
        cpu->mode = *record;
        cpu->has_mode = true;
        break;
    case TRACE_RUNSTATE:
        switched(opening, cpu, record);
        break;
    case TRACE_DROPPED:
        forget(opening);
        break;
    default:
        break;
    }
}

static size_t put_cpu(const struct opening_cpu *cpu, struct trace_record *records)
{
    size_t count = 0;

    if (cpu->has_mode)
        records[count++] = cpu->mode;
    for (uint32_t i = 0; i < cpu->count; i++)
        records[count++] = cpu->kept[i];
    return count;
}

/* A release behind the waits says that the lock was not free when they began. */
static size_t put_lock(const struct opening_lock *lock, struct trace_record *records)
{
    if (!lock->is_handed_over || lock->waiters == 0)
        return 0;
    records[0] = lock->release;
    return 1;
}

struct trace_record *trace_opening_records(const struct trace_opening *opening, cycles at, size_t *count)
{
    size_t most = (size_t)opening->cpu_count * (KEPT_MAX + 1) + opening->lock_count;
    struct trace_record *records = malloc((most + 1) * sizeof *records);

    CHECK(records != NULL);
    *count = 0;
    for (uint32_t cpu = 0; cpu < opening->cpu_count; cpu++)
        *count += put_cpu(&opening->cpus[cpu], records + *count);
    for (uint32_t lock = 0; lock < opening->lock_count; lock++)
        *count += put_lock(&opening->locks[lock], records + *count);
    for (size_t i = 0; i < *count; i++)
        records[i].time = at;
    return records;
}
