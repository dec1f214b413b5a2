/* SPDX-License-Identifier: Apache-2.0
 *
 * The sleeping mutex: compare-and-swap when it is free, otherwise a sleep in the queue of waiters, as with a futex; an
 * unlock wakes the first waiter, which tries again. Left out: spinning before the sleep.
 */
#include "models/host/mutex.h"

#include <stdio.h>
#include <string.h>

#include "machine/names.h"
#include "machine/notes.h"
#include "machine/violation.h"

/* Mutexes with the same name are reported as one class. */
static struct lock_class *class_of(const struct host *host, const char *name)
{
    for (struct lock_class *class = host->locks->classes; class != NULL; class = class->next)
        if (strcmp(class->name, name) == 0)
            return class;
    return lock_class_new(host->locks, name);
}

void mutex_init(struct host *host, struct mutex *mutex, const char *name, uint32_t rank)
{
    *mutex = (struct mutex){ .host = host, .name = name, .rank = rank };
    mutex->class = class_of(host, name);
    mutex->class->locks++;
    line_init(host->machine, &mutex->line, LINE_PLAIN);
    word_init(&mutex->word, &mutex->line, 0);
    list_init(&mutex->waiters);
    ARENA_EXCLUDE(host->machine->arena, mutex->since);
    names_add(host->machine, &mutex->word, name, NULL);
}

/* --- deadlocks --- */

static size_t append(char *text, size_t used, size_t bytes, const char *format, const char *a, const char *b,
                     const char *c)
{
    int length = snprintf(text + used, bytes - used, format, a, b, c);

    return used + (size_t)length < bytes ? used + (size_t)length : bytes - 1;
}

static const char *at(const char *step) { return step != NULL ? step : "?"; }

/* One edge: "vcpu0 at s3 waits for port_lock, which main-loop holds since B1". */
static size_t describe_wait(const struct thread *thread, char *text, size_t used, size_t bytes)
{
    const struct mutex *mutex = thread->waits_for;

    used = append(text, used, bytes, "%s%s waits", used > 0 ? "; " : "", thread->name, "");
    used = append(text, used, bytes, " at %s for %s%s", at(thread->waits_at), mutex->name, "");
    if (mutex->owner != NULL)
        used = append(text, used, bytes, ", which %s%s has held since %s",
                      mutex->owner == thread ? "it itself" : mutex->owner->name, "", at(mutex->where));
    return used;
}

/* Whether the chain of waits and owners that starts at the thread leads back to it. */
static bool is_cycle(const struct thread *thread)
{
    const struct thread *other = thread->waits_for->owner;

    for (uint32_t hops = 0; other != NULL && hops <= thread->host->thread_count; hops++) {
        if (other == thread)
            return true;
        other = other->waits_for != NULL ? other->waits_for->owner : NULL;
    }
    return false;
}

static void report_cycle(struct cpu *cpu, const struct thread *thread)
{
    char text[300] = "";
    const struct thread *other = thread;
    size_t used = 0;

    thread->host->faults.deadlocks++;
    do {
        used = describe_wait(other, text, used, sizeof(text));
        other = other->waits_for->owner;
    } while (other != thread);
    violation_find(cpu, VIOLATION_DEADLOCK, "%s", text);
}

static bool is_deadlocked(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct host *host = machine->hypervisor;
    size_t used = 0;

    for (const struct thread *thread = host->threads; thread != NULL; thread = thread->next)
        if (thread->waits_for != NULL)
            used = describe_wait(thread, text, used, text_bytes);
    return used > 0;
}

const struct property host_deadlock = {
    .name = "host-deadlock",
    .kind = VIOLATION_DEADLOCK,
    .at = PROPERTY_AT_END,
    .is_broken = is_deadlocked,
};

static void check_order(struct cpu *cpu, const struct thread *self, const struct mutex *mutex)
{
    for (const struct mutex *held = self->held; held != NULL; held = held->next_held) {
        if (mutex->rank == 0 || held->rank <= mutex->rank)
            continue;
        self->host->faults.lock_order++;
        violation_find(cpu, VIOLATION_LOCK_ORDER, "%s takes %s at %s while it holds %s since %s", self->name,
                       mutex->name, at(cpu->step), held->name, at(held->where));
        return;
    }
}

/* --- lock and unlock --- */

/* Sleeps in the queue until an unlock. A thread in a cycle of waits sleeps for ever. */
static void wait(struct cpu *cpu, struct mutex *mutex, const char *where)
{
    struct thread *self = thread_current(cpu);

    self->waits_for = mutex;
    self->waits_at = where;
    list_add_tail(&self->wait_link, &mutex->waiters);
    notes_add(cpu->engine, cpu, "%s waits for %s", self->name, mutex->name);
    if (is_cycle(self))
        report_cycle(cpu, self);
    cpu_spend_software(cpu, self->host->costs->syscall);
    do
        thread_block(cpu);
    while (self->waits_for != NULL);
}

void mutex_lock(struct cpu *cpu, struct mutex *mutex)
{
    struct thread *self = thread_current(cpu);
    const char *where = cpu->step;
    bool is_contended = false;
    cycles from;

    check_order(cpu, self, mutex);
    cpu_settle(cpu);
    from = cpu_now(cpu);
    lock_wait_begin(mutex->class, from);
    while (word_cas(step(cpu, where), &mutex->word, 0, self->id + 1) != 0) {
        is_contended = true;
        wait(cpu, mutex, where);
    }
    lock_wait_end(mutex->class, from, cpu_now(cpu), is_contended);
    lock_hold_begin(mutex->class, cpu_now(cpu));
    mutex->owner = self;
    mutex->where = where;
    mutex->since = cpu_now(cpu);
    mutex->next_held = self->held;
    self->held = mutex;
}

static void held_remove(struct thread *self, struct mutex *mutex)
{
    struct mutex **link = &self->held;

    while (*link != mutex)
        link = &(*link)->next_held;
    *link = mutex->next_held;
}

void mutex_unlock(struct cpu *cpu, struct mutex *mutex)
{
    struct thread *self = thread_current(cpu);

    CHECK(mutex->owner == self);
    word_xchg(cpu, &mutex->word, 0);
    lock_hold_end(mutex->class, mutex->since, cpu_now(cpu));
    held_remove(self, mutex);
    mutex->owner = NULL;
    if (list_is_empty(&mutex->waiters))
        return;
    struct thread *first = LIST_ENTRY(mutex->waiters.next, struct thread, wait_link);
    list_remove(&first->wait_link);
    first->waits_for = NULL;
    cpu_spend_software(cpu, self->host->costs->syscall);
    thread_wake(cpu, first);
}
