/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain of waits: a mutex is released by its owner, a flushed item's barrier is run by a worker, and a thread that
 * wants to cancel an item waits for the one that cancels it already.
 */
#include "models/host/deadlock.h"

#include <stdio.h>

#include "machine/violation.h"
#include "models/host/host.h"
#include "models/host/mutex.h"
#include "models/host/thread.h"

static bool is_waiting(const struct thread *thread)
{
    return thread->waits_for != NULL || thread->barrier.queue != NULL || thread->cancels != NULL;
}

/* Whom the thread waits for; NULL: nobody in particular. */
static const struct thread *awaited(const struct thread *thread)
{
    if (thread->waits_for != NULL)
        return thread->waits_for->owner;
    if (thread->cancels != NULL)
        return thread->cancels->canceller;
    return work_barrier_runner(thread);
}

static size_t append(char *text, size_t used, size_t bytes, const char *format, const char *a, const char *b,
                     const char *c)
{
    int length = snprintf(text + used, bytes - used, format, a, b, c);

    return used + (size_t)length < bytes ? used + (size_t)length : bytes - 1;
}

/* One edge: "vcpu0 waits at s3 for port_lock, which main-loop has held since B1". */
static size_t describe_wait(const struct thread *thread, char *text, size_t used, size_t bytes)
{
    const struct mutex *mutex = thread->waits_for;
    const struct thread *other = awaited(thread);
    const char *name = other == thread ? "it itself" : other != NULL ? other->name : "nobody";

    used = append(text, used, bytes, "%s%s waits at %s for ", used > 0 ? "; " : "", thread->name,
                  step_text(thread->waits_at));
    if (mutex == NULL)
        return append(text, used, bytes, "a work item, which %s %s%s", name, thread->cancels ? "cancels" : "runs", "");
    used = append(text, used, bytes, "%s%s%s", mutex->name, "", "");
    if (other != NULL)
        used = append(text, used, bytes, ", which %s has held since %s%s", name, step_text(mutex->where), "");
    return used;
}

/* Whether the chain of waits that starts at the thread leads back to it. */
static bool is_cycle(const struct thread *thread)
{
    const struct thread *other = awaited(thread);

    for (uint32_t hops = 0; other != NULL && hops <= thread->host->thread_count; hops++) {
        if (other == thread)
            return true;
        other = awaited(other);
    }
    return false;
}

void deadlock_check(struct cpu *cpu, const struct thread *thread)
{
    const struct thread *other = thread;
    char text[300] = "";
    size_t used = 0;

    if (!is_cycle(thread))
        return;
    thread->host->faults.deadlocks++;
    do {
        used = describe_wait(other, text, used, sizeof(text));
        other = awaited(other);
    } while (other != thread);
    violation_find(cpu, VIOLATION_DEADLOCK, "%s", text);
}

static bool is_deadlocked(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct host *host = machine->hypervisor;
    size_t used = 0;

    for (const struct thread *thread = host->threads; thread != NULL; thread = thread->next)
        if (is_waiting(thread))
            used = describe_wait(thread, text, used, text_bytes);
    return used > 0;
}

const struct property host_deadlock = {
    .name = "host-deadlock",
    .kind = VIOLATION_DEADLOCK,
    .at = PROPERTY_AT_END,
    .is_broken = is_deadlocked,
};
