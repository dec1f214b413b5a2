/* SPDX-License-Identifier: Apache-2.0
 *
 * Eventfds, and the poll loops of user-space threads.
 */
#ifndef HOST_EVENTFD_H
#define HOST_EVENTFD_H

#include <stdbool.h>
#include <stdint.h>

#include "models/host/thread.h"
#include "models/locks/lock.h"

struct host;

struct poller;

struct eventfd {
    struct host *host;
    struct lock wqh; /* of the wait queue; protects the count and the wake-up */
    uint64_t count;
    /* Of an irqfd: runs in the signaller's context, with wqh held and interrupts disabled. */
    void (*wakeup)(struct cpu *cpu, struct eventfd *eventfd);
    void *wakeup_context;
    /* Of a poll loop: runs in its thread when the eventfd is readable. */
    struct poller *poller;
    void (*handler)(struct cpu *cpu, struct eventfd *eventfd);
    void *context;
    struct eventfd *next; /* next eventfd of the poller */
};

struct poller {
    struct thread thread;
    struct eventfd *eventfds;
    cycles dispatch; /* cycles from the return of ppoll to a handler */
};

void eventfd_init(struct host *host, struct eventfd *eventfd);
void eventfd_signal(struct cpu *cpu, struct eventfd *eventfd);
/* Sets the count to 0; returns whether it was greater. */
bool eventfd_read(struct cpu *cpu, struct eventfd *eventfd);

void poller_init(struct host *host, struct poller *poller, const char *name, uint32_t cpu);
void poller_add(struct poller *poller, struct eventfd *eventfd,
                void (*handler)(struct cpu *cpu, struct eventfd *eventfd), void *context);

#endif
