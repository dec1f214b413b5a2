/* SPDX-License-Identifier: Apache-2.0
 *
 * Eventfds: a counter with a wait queue. A signal runs the wake-up callback (irqfd) in the signaller's context, or
 * wakes the poll loop. A poll loop calls the handlers of all readable eventfds, one after the other, and sleeps when
 * none is readable.
 */
#include "models/host/eventfd.h"

#include "models/host/host.h"

void eventfd_init(struct host *host, struct eventfd *eventfd)
{
    *eventfd = (struct eventfd){ .host = host };
    lock_init(&eventfd->wqh, host->wqh_class);
}

void eventfd_signal(struct cpu *cpu, struct eventfd *eventfd)
{
    bool was_on;

    cpu_spend_software(cpu, eventfd->host->costs->eventfd_signal);
    was_on = spin_lock_irqsave(cpu, &eventfd->wqh);
    eventfd->count++;
    if (eventfd->wakeup != NULL)
        eventfd->wakeup(cpu, eventfd);
    else if (eventfd->poller != NULL)
        thread_wake(cpu, &eventfd->poller->thread);
    spin_unlock_irqrestore(cpu, &eventfd->wqh, was_on);
}

bool eventfd_read(struct cpu *cpu, struct eventfd *eventfd)
{
    bool was_on = spin_lock_irqsave(cpu, &eventfd->wqh);
    bool is_readable = eventfd->count > 0;

    eventfd->count = 0;
    spin_unlock_irqrestore(cpu, &eventfd->wqh, was_on);
    return is_readable;
}

/* Returns whether a handler ran. */
static bool poll_once(struct cpu *cpu, const struct poller *poller)
{
    bool has_run = false;

    for (struct eventfd *eventfd = poller->eventfds; eventfd != NULL; eventfd = eventfd->next) {
        cpu_settle(cpu);
        if (eventfd->count == 0)
            continue;
        thread_work(cpu, poller->dispatch);
        if (eventfd_read(cpu, eventfd))
            eventfd->handler(cpu, eventfd);
        has_run = true;
    }
    return has_run;
}

static void poller_main(struct cpu *cpu, struct thread *thread)
{
    for (;;)
        if (!poll_once(cpu, thread->context))
            thread_block(cpu);
}

void poller_init(struct host *host, struct poller *poller, const char *name, uint32_t cpu)
{
    *poller = (struct poller){ .dispatch = host->costs->main_loop };
    thread_init(host, &poller->thread, name, cpu, poller_main, poller);
}

void poller_add(struct poller *poller, struct eventfd *eventfd,
                void (*handler)(struct cpu *cpu, struct eventfd *eventfd), void *context)
{
    struct eventfd **link = &poller->eventfds;

    while (*link != NULL)
        link = &(*link)->next;
    *link = eventfd;
    eventfd->poller = poller;
    eventfd->handler = handler;
    eventfd->context = context;
}
