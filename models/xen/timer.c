/* SPDX-License-Identifier: Apache-2.0
 *
 * Hypervisor timers: one queue per pCPU, run by TIMER_SOFTIRQ, which then programs the LAPIC for the next expiry, but
 * at least timer_slop ahead. A timer belongs to the pCPU where it was armed last. A sorted list replaces Xen's heap, as
 * a pCPU has few timers. Source: xen/common/timer.c at f6dd295381^; timer_slop: 054b6dfb61.
 */
#include "machine/footprint.h"
#include "models/xen/xen.h"

void timer_init(struct timer *timer, void (*function)(struct cpu *, void *), void *data)
{
    *timer = (struct timer){ .function = function, .data = data, .expires = CYCLES_NEVER, .expiry = timer->expiry };
    list_init(&timer->link);
}

/* Returns whether the timer is the first to expire on this pCPU. */
static bool enqueue(struct xen_cpu *xc, struct timer *timer, cycles expires)
{
    struct list *after = &xc->timers;

    timer->expires = expires;
    timer->on = xc;
    while (after->previous != &xc->timers && LIST_ENTRY(after->previous, struct timer, link)->expires > expires)
        after = after->previous;
    list_insert_before(&timer->link, after);
    return xc->timers.next == &timer->link;
}

/* --- expiry when explored --- */

static bool is_armed(const struct timer *timer) { return !list_is_empty(&timer->link); }

static void expiry_update(struct engine *engine, const struct timer *timer)
{
    const struct timer_expiry *expiry = timer->expiry;

    if (expiry == NULL)
        return;
    bool may_expire = is_armed(timer) && expiry->budget->left > 0 && !expiry->is_due;
    engine_at(engine, expiry->slot, may_expire ? engine->now : CYCLES_NEVER);
}

static void budget_set(struct engine *engine, struct timer_budget *budget, uint32_t left)
{
    budget->left = left;
    for (const struct timer_expiry *expiry = budget->first; expiry != NULL; expiry = expiry->next)
        expiry_update(engine, expiry->timer);
}

static void expire(void *argument)
{
    struct timer_expiry *expiry = argument;
    struct cpu *cpu = expiry->timer->on->cpu;

    expiry->is_due = true;
    budget_set(cpu->engine, expiry->budget, expiry->budget->left - 1);
    if (expiry->who == TRACE_NOBODY)
        notes_add(cpu->engine, NULL, "%s expires on cpu%u", expiry->name, cpu->id);
    else
        notes_add(cpu->engine, NULL, "%s of d%uv%u expires on cpu%u", expiry->name, expiry->who >> 16,
                  expiry->who & 0xffff, cpu->id);
    lapic_deliver(cpu, VECTOR_TIMER);
}

static void explore(struct xen *xen, struct timer *timer, const char *name, uint32_t who, struct timer_budget *budget)
{
    timer->expiry = ARENA_NEW(xen->machine->arena, struct timer_expiry);
    *timer->expiry =
        (struct timer_expiry){ .timer = timer, .name = name, .who = who, .budget = budget, .next = budget->first };
    timer->expiry->slot = engine_event(xen->machine->engine, expire, timer->expiry);
    budget->first = timer->expiry;
}

void timer_explore(struct xen *xen, struct timer *timer, const char *name, uint32_t expiries)
{
    if (!machine_is_explored(xen->machine))
        return;
    struct timer_budget *budget = ARENA_NEW(xen->machine->arena, struct timer_budget);
    budget->left = expiries;
    explore(xen, timer, name, TRACE_NOBODY, budget);
}

/* --- ticks when explored --- */

void timer_tick(struct xen *xen, struct timer *timer, const char *name, uint32_t who)
{
    if (xen->ticks != NULL)
        explore(xen, timer, name, who, xen->ticks);
}

static void allow_ticks(const struct machine *machine, uint32_t ticks)
{
    const struct xen *xen = machine->hypervisor;

    budget_set(machine->engine, xen->ticks, xen->ticks->left + ticks);
}

void ticks_boot(struct xen *xen)
{
    uint32_t ticks = xen->setup->run.ticks;

    if (!machine_is_explored(xen->machine) || ticks == 0)
        return;
    xen->ticks = ARENA_NEW(xen->machine->arena, struct timer_budget);
    xen->ticks->left = ticks;
    xen->machine->allow_ticks = allow_ticks;
}

/* --- arming --- */

static void unlink(struct cpu *cpu, struct timer *timer)
{
    list_remove(&timer->link);
    if (timer->expiry != NULL)
        timer->expiry->is_due = false;
    expiry_update(cpu->engine, timer);
}

void timer_boot(struct xen_cpu *xc, struct timer *timer, cycles expires)
{
    enqueue(xc, timer, expires);
    expiry_update(xc->cpu->engine, timer);
}

void stop_timer(struct cpu *cpu, struct timer *timer)
{
    struct xen_cpu *xc = timer->on;

    if (xc == NULL)
        return;
    bool was_on = spin_lock_irqsave(cpu, &xc->timers_lock);
    unlink(cpu, timer);
    spin_unlock_irqrestore(cpu, &xc->timers_lock, was_on);
}

void set_timer(struct cpu *cpu, struct timer *timer, cycles expires)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    if (timer->on != xc)
        stop_timer(cpu, timer);
    bool was_on = spin_lock_irqsave(cpu, &xc->timers_lock);
    unlink(cpu, timer);
    bool is_first = !timer->is_killed && enqueue(xc, timer, expires);
    expiry_update(cpu->engine, timer);
    spin_unlock_irqrestore(cpu, &xc->timers_lock, was_on);
    if (is_first)
        raise_softirq(cpu, TIMER_SOFTIRQ);
}

void kill_timer(struct cpu *cpu, struct timer *timer)
{
    stop_timer(cpu, timer);
    timer->is_killed = true;
    for (uint32_t i = 0; i < xen_of(cpu)->cpu_count; i++)
        while (xen_of(cpu)->cpus[i].running_timer == timer)
            cpu_relax(cpu);
}

void timer_migrate(struct cpu *cpu, struct xen_cpu *dead)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    bool was_on = spin_lock_irqsave(cpu, &xc->timers_lock);

    spin_lock(cpu, &dead->timers_lock);
    while (!list_is_empty(&dead->timers)) {
        struct timer *timer = LIST_ENTRY(dead->timers.next, struct timer, link);
        bool is_due = timer->expiry != NULL && timer->expiry->is_due;
        unlink(cpu, timer);
        if (timer != &dead->ticker && timer != &dead->s_timer) {
            enqueue(xc, timer, timer->expires);
            if (timer->expiry != NULL)
                timer->expiry->is_due = is_due;
        }
        expiry_update(cpu->engine, timer);
    }
    spin_unlock(cpu, &dead->timers_lock);
    spin_unlock_irqrestore(cpu, &xc->timers_lock, was_on);
    raise_softirq(cpu, TIMER_SOFTIRQ);
}

static struct timer *first_timer(const struct xen_cpu *xc)
{
    return list_is_empty(&xc->timers) ? NULL : LIST_ENTRY(xc->timers.next, struct timer, link);
}

/* The first timer whose expiry is strictly in the past; when explored, the first that the search has let expire. */
static struct timer *due_timer(const struct cpu *cpu, const struct xen_cpu *xc)
{
    struct timer *first = first_timer(xc);

    if (!cpu_is_explored(cpu))
        return first != NULL && first->expires < now_of(cpu) ? first : NULL;
    for (struct list *link = xc->timers.next; link != &xc->timers; link = link->next) {
        struct timer *timer = LIST_ENTRY(link, struct timer, link);
        if (timer->expiry != NULL && timer->expiry->is_due)
            return timer;
    }
    return NULL;
}

void timer_softirq_action(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);
    struct timer *timer;

    cpu_spend_software(cpu, xen_costs(cpu)->timer_softirq);
    bool was_on = spin_lock_irqsave(cpu, &xc->timers_lock);
    while ((timer = due_timer(cpu, xc)) != NULL) {
        unlink(cpu, timer);
        spin_unlock_irqrestore(cpu, &xc->timers_lock, was_on);
        footprint_everything(cpu->engine); /* kill_timer polls it */
        xc->running_timer = timer;
        timer->function(cpu, timer->data);
        footprint_everything(cpu->engine);
        xc->running_timer = NULL;
        was_on = spin_lock_irqsave(cpu, &xc->timers_lock);
    }
    timer = first_timer(xc);
    cycles earliest = now_of(cpu) + xen_of(cpu)->timer_slop;
    xc->timer_deadline = timer == NULL ? CYCLES_NEVER : timer->expires > earliest ? timer->expires : earliest;
    lapic_timer_set(cpu, xc->timer_deadline);
    spin_unlock_irqrestore(cpu, &xc->timers_lock, was_on);
}
