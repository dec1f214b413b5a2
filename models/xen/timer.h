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
    struct list link; /* on its pCPU's list, sorted by expiry; empty when inactive */
    cycles expires;
    struct xen_cpu *on; /* pCPU whose list it is on, or was on last */
    void (*function)(struct cpu *cpu, void *data);
    void *data;
    bool is_killed; /* set_timer has no effect */
    struct timer_expiry *expiry; /* only when explored; NULL: never expires there */
};

/* When explored, time does not advance: an armed timer may expire at any moment, `left` times in all. */
struct timer_expiry {
    struct timer *timer;
    const char *name;
    uint32_t slot, left;
    bool is_due;
};

void timer_init(struct timer *timer, void (*function)(struct cpu *, void *), void *data);
/* When explored, lets the timer expire up to `expiries` times; does nothing in a timed run. */
void timer_explore(struct xen *xen, struct timer *timer, const char *name, uint32_t expiries);
/* Arms the timer on this pCPU to expire at `expires`. */
void set_timer(struct cpu *cpu, struct timer *timer, cycles expires);
void stop_timer(struct cpu *cpu, struct timer *timer);
/* Stops the timer for good, and waits until its function runs on no pCPU. */
void kill_timer(struct cpu *cpu, struct timer *timer);
void timer_softirq_action(struct cpu *cpu);
/* Moves a dead pCPU's timers to this one, and stops those of its scheduler. */
void timer_migrate(struct cpu *cpu, struct xen_cpu *dead);
/* At boot, without time: arms the timer on that pCPU. */
void timer_boot(struct xen_cpu *xc, struct timer *timer, cycles expires);

#endif
