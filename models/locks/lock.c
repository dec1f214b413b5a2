/* SPDX-License-Identifier: Apache-2.0
 *
 * What all kinds of lock share: the interrupt state around an acquisition, checks, and statistics.
 */
#include "models/locks/lock.h"

#include <stdio.h>
#include <string.h>

#include "machine/names.h"
#include "machine/violation.h"

static const struct metric_row lock_rows[] = {
    { "locks.L.acquisitions", "count", METRIC_NEUTRAL, "times the lock was taken",
      METRIC_AT(struct lock_class, statistics.acquisitions) },
    { "locks.L.contended", "count", METRIC_NEUTRAL, "times the lock was taken after the first attempt had failed",
      METRIC_AT(struct lock_class, statistics.contended) },
    { "locks.L.utilization.percent", "%", METRIC_NEUTRAL, "share of the elapsed time in which the lock was held",
      METRIC_PER(struct lock_class, statistics.hold_cycles, statistics.elapsed_cycles) },
    { "locks.L.wait.mean_ns", "ns", METRIC_LOWER, "request to acquisition, mean",
      METRIC_CYCLES_PER(struct lock_class, statistics.wait_cycles, statistics.acquisitions) },
    { "locks.L.contended.percent", "%", METRIC_LOWER, "share of the acquisitions whose first attempt had failed",
      METRIC_PER(struct lock_class, statistics.contended, statistics.acquisitions) },
    { "locks.L.contended.mean_ns", "ns", METRIC_LOWER,
      "request to acquisition, mean of those whose first attempt failed",
      METRIC_CYCLES_PER(struct lock_class, statistics.contended_cycles, statistics.contended) },
    { "locks.L.wait.p50_ns", "ns", METRIC_LOWER, "request to acquisition, median",
      METRIC_QUANTILE(struct lock_class, wait, 5000), .is_cycles = true },
    { "locks.L.wait.p99_ns", "ns", METRIC_LOWER, "request to acquisition, 99th percentile",
      METRIC_QUANTILE(struct lock_class, wait, 9900), .is_cycles = true },
    { "locks.L.wait.max_ns", "ns", METRIC_LOWER, "request to acquisition, longest",
      METRIC_QUANTILE(struct lock_class, wait, 10000), .is_cycles = true },
    { "locks.L.hold.mean_ns", "ns", METRIC_LOWER, "acquisition to release, mean",
      METRIC_OF(struct lock_class, hold, MEAN), .is_cycles = true },
    { "locks.L.hold.p50_ns", "ns", METRIC_LOWER, "acquisition to release, median",
      METRIC_QUANTILE(struct lock_class, hold, 5000), .is_cycles = true },
    { "locks.L.hold.p99_ns", "ns", METRIC_LOWER, "acquisition to release, 99th percentile",
      METRIC_QUANTILE(struct lock_class, hold, 9900), .is_cycles = true },
    { "locks.L.waiters.max", "count", METRIC_LOWER, "maximum number of pCPUs that waited at the same time",
      METRIC_AT(struct lock_class, statistics.waiters_max) },
};
const struct metric_table lock_metric_table = METRIC_TABLE(lock_rows);

struct lock_system *lock_system_new(struct machine *machine, uint32_t kind)
{
    struct lock_system *system = ARENA_NEW(machine->arena, struct lock_system);

    CHECK(kind < lock_kind_count);
    system->operations = lock_kinds[kind].operations;
    system->machine = machine;
    if (system->operations->prepare != NULL)
        system->operations->prepare(system);
    return system;
}

/* The statistics are no part of an explored state: no lock reads them. An exploration does not report them. */
static void statistics_exclude(struct arena *arena, struct lock_class *class)
{
    ARENA_EXCLUDE(arena, class->waiting);
    ARENA_EXCLUDE(arena, class->statistics);
    ARENA_EXCLUDE(arena, class->little);
    ARENA_EXCLUDE(arena, class->held);
    ARENA_EXCLUDE(arena, *class->wait);
    ARENA_EXCLUDE(arena, *class->hold);
}

struct lock_class *lock_class_new(struct lock_system *system, const char *name)
{
    struct lock_class *class = ARENA_NEW(system->machine->arena, struct lock_class);
    struct lock_class **link = &system->classes;

    class->name = name;
    class->system = system;
    class->wait = ARENA_NEW(system->machine->arena, struct histogram);
    class->hold = ARENA_NEW(system->machine->arena, struct histogram);
    histogram_init(class->wait);
    histogram_init(class->hold);
    statistics_exclude(system->machine->arena, class);
    while (*link != NULL)
        link = &(*link)->next;
    *link = class;
    return class;
}

struct lock_class *lock_class_named(struct lock_system *system, const char *name)
{
    for (struct lock_class *class = system->classes; class != NULL; class = class->next)
        if (strcmp(class->name, name) == 0)
            return class;
    return lock_class_new(system, name);
}

void lock_init(struct lock *lock, struct lock_class *class)
{
    lock->trace_id = trace_lock_new(class->system->machine->engine->trace, class->name, (uint32_t) class->locks++);
    lock->class = class;
    lock->holder = UINT32_MAX;
    line_init(class->system->machine, &lock->line, class->system->operations->line_kind);
    word_init(&lock->word, &lock->line, 0);
    word_init(&lock->tail, &lock->line, 0);
    names_add(class->system->machine, &lock->word, class->name, &lock->holder);
}

static void waiting_change(struct lock_class *class, cycles now, int by)
{
    class->little.area += class->waiting * (now - class->little.since);
    class->little.since = now;
    class->waiting = (uint64_t)((int64_t) class->waiting + by);
    if (class->waiting > class->statistics.waiters_max)
        class->statistics.waiters_max = class->waiting;
}

void lock_wait_begin(struct lock_class *class, cycles now)
{
    waiting_change(class, now, 1);
    class->little.started += now;
}

void lock_wait_end(struct lock_class *class, cycles from, cycles now, bool is_contended)
{
    if (is_contended) {
        class->statistics.contended++;
        class->statistics.contended_cycles += now - from;
    }
    waiting_change(class, now, -1);
    class->little.started -= from;
    class->little.waits += now - from;
    class->statistics.wait_cycles += now - from;
    histogram_record(class->wait, now - from);
    class->statistics.acquisitions++;
}

void lock_hold_begin(struct lock_class *class, cycles now)
{
    class->held.count++;
    class->held.since += now;
}

/* hold_cycles counts the part of the hold in the measured time only, the histogram the whole. */
void lock_hold_end(struct lock_class *class, cycles since, cycles now)
{
    cycles counted_from = since > class->measured_from ? since : class->measured_from;

    class->held.count--;
    class->held.since -= counted_from;
    class->statistics.hold_cycles += now - counted_from;
    histogram_record(class->hold, now - since);
}

static void taken(struct cpu *cpu, struct lock *lock)
{
    CHECK(lock->holder == UINT32_MAX);
    line_revoke(&lock->line); /* revokes later claims of walks (claim.h) */
    lock->holder = cpu->id;
    lock->since = cpu_now(cpu);
    lock_hold_begin(lock->class, lock->since);
    cpu_trace(cpu, TRACE_LOCK_ACQUIRE, TRACE_NOBODY, 0, lock->trace_id, 0);
}

/* Not inline: explored stacks are to be small. */
static _Noreturn __attribute__((noinline)) void acquired_again(struct cpu *cpu, const struct lock *lock)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "recursive acquisition of %s", lock->class->name);
    violation_raise(cpu, VIOLATION_DEADLOCK, text);
}

static void acquire(struct cpu *cpu, struct lock *lock, bool irq_on_while_waiting)
{
    cycles from = cpu_now(cpu);
    uint64_t waits = cpu->lock_waits;

    if (lock->holder == cpu->id)
        acquired_again(cpu, lock);
    cpu_lock_wanted(cpu, &lock->word);
    cpu_trace(cpu, TRACE_LOCK_WAIT, TRACE_NOBODY, 0, lock->trace_id, lock->holder);
    lock_wait_begin(lock->class, from);
    lock->class->system->operations->acquire(cpu, lock, irq_on_while_waiting);
    lock_wait_end(lock->class, from, cpu_now(cpu), cpu->lock_waits != waits);
    taken(cpu, lock);
    if (!lock->class->is_tried)
        cpu_lock_acquired(cpu);
}

void spin_lock(struct cpu *cpu, struct lock *lock) { acquire(cpu, lock, cpu->irq_on); }

/* The lock is held until the access that releases it; an interrupt may be taken before that access. */
static void explored_release(struct cpu *cpu, struct lock *lock)
{
    if (lock->holder != cpu->id)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "release of a lock that this CPU does not hold");
    if (!lock->class->is_tried)
        cpu_lock_released(cpu);
    lock->class->system->operations->release(cpu, lock);
    lock->holder = UINT32_MAX;
}

void spin_unlock(struct cpu *cpu, struct lock *lock)
{
    struct lock_class *class = lock->class;

    if (cpu_is_explored(cpu)) {
        explored_release(cpu, lock);
        return;
    }
    CHECK(lock->holder == cpu->id);
    cpu_settle(cpu);
    cpu_trace(cpu, TRACE_LOCK_RELEASE, TRACE_NOBODY, 0, lock->trace_id, 0);
    lock->holder = UINT32_MAX;
    lock_hold_end(class, lock->since, cpu_now(cpu));
    class->system->operations->release(cpu, lock);
}

bool spin_lock_irqsave(struct cpu *cpu, struct lock *lock)
{
    bool was_on = cpu_irq_off(cpu);

    acquire(cpu, lock, was_on && lock->class->system->operations->is_interruptible_irq_wait);
    return was_on;
}

void spin_unlock_irqrestore(struct cpu *cpu, struct lock *lock, bool was_on)
{
    spin_unlock(cpu, lock);
    cpu_irq_restore(cpu, was_on);
}

bool spin_trylock(struct cpu *cpu, struct lock *lock)
{
    CHECK(!cpu->irq_on && lock->class->is_tried);
    if (!lock->class->system->operations->try_acquire(cpu, lock))
        return false;
    taken(cpu, lock);
    lock->class->statistics.acquisitions++;
    lock->class->statistics.tried++;
    return true;
}

uint32_t spin_probe_each(struct cpu *cpu, struct lock_class *class, struct line *const *lines, uint32_t count)
{
    CHECK(count <= SPIN_PROBES_MAX && cpu->ahead == 0);
    if (count == 0)
        return 0;
    uint32_t probed = line_touch_each(cpu, lines, count, cpu->costs->store_hit);
    class->statistics.acquisitions += probed;
    class->statistics.tried += probed;
    return probed;
}

void lock_measure(struct lock_system *system, cycles now)
{
    for (struct lock_class *class = system->classes; class != NULL; class = class->next) {
        waiting_change(class, now, 0);
        class->statistics = (struct lock_statistics){ .waiters_max = class->waiting };
        class->measured_from = now;
        class->held.since = class->held.count * now;
        histogram_init(class->wait);
        histogram_init(class->hold);
    }
}

/* Every acquisition was tried or waited for, however briefly; the waits of the measured time are the samples' sum, and
 * those of the whole run the area under the number of waiting CPUs, as Little has it. */
static void check_identities(const struct lock_class *class, cycles now)
{
    const struct lock_statistics *statistics = &class->statistics;

    CHECK(statistics->acquisitions == statistics->tried + class->wait->count);
    CHECK(statistics->contended <= class->wait->count);
    CHECK(statistics->wait_cycles == class->wait->sum && statistics->contended_cycles <= statistics->wait_cycles);
    CHECK(class->little.area == class->little.waits + class->waiting * now - class->little.started);
}

void locks_report(struct lock_system *system, struct metrics *metrics, cycles measured_from)
{
    cycles now = system->machine->engine->now;

    for (struct lock_class *class = system->classes; class != NULL; class = class->next) {
        waiting_change(class, now, 0);
        class->statistics.hold_cycles += class->held.count * now - class->held.since;
        if ((int64_t) class->statistics.hold_cycles < 0) /* a CPU that is ahead of the end has taken a lock there */
            class->statistics.hold_cycles = 0;
        class->statistics.elapsed_cycles = (now - measured_from) * class->locks;
        check_identities(class, now);
        metrics_report(metrics, &lock_metric_table, class, system->machine->costs->frequency_hz, class->name);
    }
}
