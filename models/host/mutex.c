/* SPDX-License-Identifier: Apache-2.0
 *
 * The sleeping mutex: compare-and-swap when it is free, otherwise a sleep in the queue of waiters, as with a futex; an
 * unlock wakes the first waiter, which tries again. Left out: spinning before the sleep.
 */
#include "models/host/mutex.h"

#include <string.h>

#include "machine/names.h"
#include "machine/notes.h"
#include "machine/violation.h"
#include "models/host/deadlock.h"

/* Mutexes with the same name are reported as one class. */
void mutex_init(struct host *host, struct mutex *mutex, const char *name, uint32_t rank)
{
    *mutex = (struct mutex){ .host = host, .name = name, .rank = rank };
    mutex->class = lock_class_named(host->locks, name);
    mutex->class->locks++;
    line_init(host->machine, &mutex->line, LINE_PLAIN);
    word_init(&mutex->word, &mutex->line, 0);
    list_init(&mutex->waiters);
    ARENA_EXCLUDE(host->machine->arena, mutex->since);
    names_add(host->machine, &mutex->word, name, NULL);
}

static void check_order(struct cpu *cpu, const struct thread *self, const struct mutex *mutex)
{
    for (const struct mutex *held = self->held; held != NULL; held = held->next_held) {
        if (mutex->rank == 0 || held->rank <= mutex->rank)
            continue;
        self->host->faults.lock_order++;
        violation_find(cpu, VIOLATION_LOCK_ORDER, "%s takes %s at %s while it holds %s since %s", self->name,
                       mutex->name, step_text(cpu->step), held->name, step_text(held->where));
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
    deadlock_check(cpu, self);
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
