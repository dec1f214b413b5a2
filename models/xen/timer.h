/* SPDX-License-Identifier: Apache-2.0
 *
 * Hypervisor timers (timer.c).
 */
#ifndef MODELS_XEN_TIMER_H
#define MODELS_XEN_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"
#include "base/list.h"

struct cpu;
struct xen;
struct xen_cpu;

struct timer {
    struct list link; /* on its pCPU's list by expiry; alone when inactive */
    cycles expires;
    struct xen_cpu *on; /* pCPU whose list it is on, or was last */
    void (*function)(struct cpu *cpu, void *data);
    void *data;
    bool is_killed; /* set_timer has no effect any more */
    struct timer_expiry *expiry; /* explored; NULL: it never expires */
};

/* Explored, time stands still: an armed timer may expire at any moment, so many times. */
struct timer_expiry {
    struct timer *timer;
    const char *name;
    uint32_t slot, left;
    bool is_due;
};

void timer_init(struct timer *timer, void (*function)(struct cpu *, void *), void *data);
void timer_explore(struct xen *xen, struct timer *timer, const char *name, uint32_t expiries);
void set_timer(struct cpu *cpu, struct timer *timer, cycles expires);
void stop_timer(struct cpu *cpu, struct timer *timer);
/* Waits until it runs nowhere. */
void kill_timer(struct cpu *cpu, struct timer *timer);
void timer_softirq_action(struct cpu *cpu);
/* A dead pCPU's timers move here; its scheduler's are gone. */
void timer_migrate(struct cpu *cpu, struct xen_cpu *dead);
/* At boot, without time: the timer is on that pCPU's list. */
void timer_boot(struct xen_cpu *xc, struct timer *timer, cycles expires);

#endif
