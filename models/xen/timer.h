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

/* When explored, time does not advance: an armed timer may expire at any moment, whatever its expiry and those of other
 * timers. Timers that share a budget expire `left` times in all. */
struct timer_budget {
    uint32_t left;
    struct timer_expiry *first; /* of the timers that share it */
};

struct timer_expiry {
    struct timer *timer;
    const char *name;
    uint32_t who; /* as of timer_tick */
    struct timer_budget *budget;
    struct timer_expiry *next; /* of the same budget */
    uint32_t slot;
    bool is_due; /* has expired: its expiry counts as reached until it is armed again or stopped */
};

/* Of a timer that timer_explore has seen before, what it did remains. */
void timer_init(struct timer *timer, void (*function)(struct cpu *, void *), void *data);
/* When explored, lets the timer expire up to `expiries` times; does nothing in a timed run. */
void timer_explore(struct xen *xen, struct timer *timer, const char *name, uint32_t expiries);
/* When explored with run.ticks, lets the timer expire within this budget of the machine; otherwise does nothing. `who`:
 * the vCPU of a guest's own timer (engine/trace.h), or TRACE_NOBODY. */
void timer_tick(struct xen *xen, struct timer *timer, const char *name, uint32_t who);
void ticks_boot(struct xen *xen); /* before the first timer_tick */
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
