/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasklets, dPCI and softirqs in place of Xen's tasklet.c, io.c and softirq.c, for tests/models/xen/test_own.c: what
 * interrupts, binds and teardowns ask for, in the least code. Which of them the object has, its information says. BAD
 * is what a delivery does besides.
 */
#include "irqpath_xen.h"
#include "own_said.h"
#include "xen/own_softirqs.h"

enum { CPUS = 8, VCPUS = 4, PIRQS = 64, ALL = 0xff, AGAIN = -11 };

/* --- tasklets --- */

struct tasklet {
    struct tasklet *next;
    void *host;
    unsigned place; /* CPU + 1 */
    int is_softirq, is_queued, is_running, is_dead;
};

static struct tasklet *softirq_lists[CPUS], *idle_lists[CPUS];
static long tasklet_lock;

void *irqpath_tasklet_new(void *host, int is_softirq)
{
    struct tasklet *tasklet = irqpath_alloc(sizeof(*tasklet), "struct tasklet");

    say("tasklet_new", (unsigned long)is_softirq);
    tasklet->host = host;
    tasklet->is_softirq = is_softirq;
    return tasklet;
}

static void append(struct tasklet **list, struct tasklet *tasklet)
{
    while (*list)
        list = &(*list)->next;
    tasklet->next = 0;
    *list = tasklet;
}

static void enqueue(struct tasklet *tasklet)
{
    unsigned cpu = tasklet->place - 1;

    if (tasklet->is_queued || tasklet->is_running)
        return;
    tasklet->is_queued = 1;
    append(tasklet->is_softirq ? &softirq_lists[cpu] : &idle_lists[cpu], tasklet);
    irqpath_raise_softirq(cpu, tasklet->is_softirq ? IRQPATH_TASKLET_SOFTIRQ : IRQPATH_SCHEDULE_SOFTIRQ);
}

void irqpath_tasklet_schedule(void *address, unsigned cpu)
{
    struct tasklet *tasklet = address;
    unsigned long flags = irqpath_lock_irqsave(&tasklet_lock);

    say("schedule on", cpu);
    if (!tasklet->is_dead) {
        if (!tasklet->is_queued)
            tasklet->place = cpu + 1;
        enqueue(tasklet);
    }
    irqpath_unlock_irqrestore(&tasklet_lock, flags);
}

void irqpath_tasklet_kill(void *address)
{
    struct tasklet *tasklet = address;
    unsigned long flags = irqpath_lock_irqsave(&tasklet_lock);

    say("kill", 0);
    tasklet->is_dead = 1;
    while (tasklet->is_running || tasklet->is_queued) {
        irqpath_unlock_irqrestore(&tasklet_lock, flags);
        irqpath_relax();
        flags = irqpath_lock_irqsave(&tasklet_lock);
    }
    irqpath_unlock_irqrestore(&tasklet_lock, flags);
}

/* Runs the first one of the list; the lock is held, and dropped meanwhile. */
static unsigned long run_first(struct tasklet **list, unsigned long flags)
{
    struct tasklet *tasklet = *list;

    if (!tasklet)
        return flags;
    *list = tasklet->next;
    tasklet->is_queued = 0;
    tasklet->place = 0;
    tasklet->is_running = 1;
    irqpath_unlock_irqrestore(&tasklet_lock, flags);
    say("run", (unsigned long)tasklet->is_softirq);
    irqpath_sync_local_execstate();
    irqpath_tasklet_run(tasklet->host);
    flags = irqpath_lock_irqsave(&tasklet_lock);
    tasklet->is_running = 0;
    if (tasklet->place != 0)
        enqueue(tasklet);
    return flags;
}

static void softirq_action(void)
{
    unsigned cpu = irqpath_cpu();
    unsigned long flags = irqpath_lock_irqsave(&tasklet_lock);

    flags = run_first(&softirq_lists[cpu], flags);
    if (softirq_lists[cpu])
        irqpath_raise_softirq(cpu, IRQPATH_TASKLET_SOFTIRQ);
    irqpath_unlock_irqrestore(&tasklet_lock, flags);
}

void irqpath_do_tasklet(void)
{
    unsigned cpu = irqpath_cpu();
    unsigned long flags = irqpath_lock_irqsave(&tasklet_lock);

    flags = run_first(&idle_lists[cpu], flags);
    if (!idle_lists[cpu])
        irqpath_raise_softirq(cpu, IRQPATH_SCHEDULE_SOFTIRQ);
    irqpath_unlock_irqrestore(&tasklet_lock, flags);
}

int irqpath_tasklet_scheduled(void) { return idle_lists[irqpath_cpu()] != 0; }
int irqpath_tasklet_waits(void) { return idle_lists[irqpath_cpu()] != 0; }
PEEK int irqpath_tasklet_is_queued(const void *tasklet) { return ((const struct tasklet *)tasklet)->is_queued; }
PEEK unsigned irqpath_tasklet_place(const void *tasklet) { return ((const struct tasklet *)tasklet)->place; }

PEEK void *irqpath_tasklet_first(unsigned cpu) { return softirq_lists[cpu] ? softirq_lists[cpu]->host : 0; }

/* --- dPCI --- */

struct domain {
    void *host, *vcpus[VCPUS];
    struct pirq *pirqs[PIRQS];
    long references, event_lock;
    int has_dpci;
};

struct pirq {
    struct pirq *next; /* on a CPU's list */
    struct domain *domain;
    void *host;
    struct irqpath_bind bind;
    long desc_lock, rcu;
    unsigned state, list_place;
    int is_bound;
};

static struct pirq *dpci_lists[CPUS];

void *irqpath_domain_new(void *host, unsigned id, unsigned vcpus, unsigned pirqs)
{
    struct domain *d = irqpath_alloc(sizeof(*d), "struct domain");

    say("domain", id * 10000 + vcpus * 100 + pirqs);
    if (irqpath_is_posted(host))
        say("posted", 1);
    (void)id;
    (void)vcpus;
    (void)pirqs;
    d->host = host;
    d->references = 1;
    irqpath_lock_is(&d->event_lock, IRQPATH_EVENT_LOCK, host);
    return d;
}

void *irqpath_vcpu_of(void *domain, unsigned vcpu, void *host)
{
    void **real = irqpath_alloc(sizeof(*real), "struct vcpu");

    say("vcpu", vcpu);
    ((struct domain *)domain)->vcpus[vcpu] = host;
    *real = host;
    return real;
}

void *irqpath_pirq_new(void *domain, unsigned number, void *host)
{
    struct domain *d = domain;
    struct pirq *pirq = irqpath_alloc(sizeof(*pirq), "struct pirq");

    say("pirq", number);
    pirq->domain = d;
    pirq->host = host;
    irqpath_lock_is(&pirq->desc_lock, IRQPATH_DESC_LOCK, host);
    return d->pirqs[number] = pirq;
}

void irqpath_pirq_remove(void *domain, void *pirq)
{
    struct domain *d = domain;

    say("remove", 0);
    for (int i = 0; i < PIRQS; i++)
        if (d->pirqs[i] == pirq)
            d->pirqs[i] = 0;
}

void irqpath_pirq_free(void *pirq)
{
    say("free", 0);
    irqpath_free(pirq);
}

/* The control domain has pCPU 0; on the others the code runs meanwhile. */
static void check_control(void)
{
    if (irqpath_cpu() != 0 || irqpath_in_irq())
        irqpath_bug("a control call on another CPU than the control domain's");
}

static void get(struct domain *d) { __atomic_add_fetch(&d->references, 1, __ATOMIC_SEQ_CST); }

void irqpath_put_domain(void *domain)
{
    struct domain *d = domain;

    say("put", (unsigned long)((struct domain *)domain)->references);
    if (__atomic_sub_fetch(&d->references, 1, __ATOMIC_SEQ_CST) == 0)
        irqpath_domain_destroy(d->host);
}

int irqpath_bind_unmasks(void) { return 0; }

int irqpath_bind(void *domain, const struct irqpath_bind *bind)
{
    struct domain *d = domain;
    struct pirq *pirq = d->pirqs[bind->pirq];
    int error = 0;

    say("bind", bind->pirq);
    say(bind->kind == IRQPATH_BIND_MSI ? "to" : "to line",
        bind->kind == IRQPATH_BIND_MSI ? bind->gvec * 1000 + bind->dest : bind->device * 10 + bind->intx);
    check_control();
    irqpath_lock(&d->event_lock);
    if (__atomic_load_n(&pirq->state, __ATOMIC_SEQ_CST) != 0) {
        irqpath_unlock(&d->event_lock);
        return AGAIN;
    }
    d->has_dpci = 1;
    pirq->bind = *bind;
    if (!pirq->is_bound) {
        error = irqpath_pirq_guest_bind(pirq->host, 0);
        if (bind->fails)
            irqpath_pirq_guest_unbind(pirq->host);
        pirq->is_bound = error == 0 && !bind->fails;
    }
    irqpath_unlock(&d->event_lock);
    if (bind->kind == IRQPATH_BIND_MSI && bind->dest < VCPUS)
        irqpath_migrate_pirqs(d->vcpus[bind->dest]);
    return bind->fails ? -28 : error;
}

static void drop(struct pirq *pirq)
{
    irqpath_pirq_guest_unbind(pirq->host);
    pirq->is_bound = 0;
}

int irqpath_unbind(void *domain, const struct irqpath_bind *bind)
{
    struct domain *d = domain;
    struct pirq *pirq = d->pirqs[bind->pirq];

    say("unbind", bind->pirq);
    check_control();
    irqpath_lock(&d->event_lock);
    if (pirq->is_bound)
        drop(pirq);
    irqpath_unlock(&d->event_lock);
    irqpath_pirq_cleanup_check(pirq->host);
    return 0;
}

static void grace(void *head)
{
    say("grace", 0);
    __atomic_store_n((long *)head, 7, __ATOMIC_SEQ_CST);
}

int irqpath_clean_pirqs(void *domain)
{
    struct domain *d = domain;
    int is_busy = 0;

    say("clean", 0);
    check_control();
    irqpath_lock(&d->event_lock);
    for (int i = 0; i < PIRQS; i++) {
        if (!d->pirqs[i])
            continue;
        if (d->pirqs[i]->is_bound) {
            drop(d->pirqs[i]);
            irqpath_call_rcu(&d->pirqs[i]->rcu, grace);
        }
        is_busy |= __atomic_load_n(&d->pirqs[i]->state, __ATOMIC_SEQ_CST) != 0;
    }
    irqpath_unlock(&d->event_lock);
    return is_busy;
}

int irqpath_cleanup_check(void *pirq)
{
    say("cleanup", 0);
    return __atomic_load_n(&((struct pirq *)pirq)->state, __ATOMIC_SEQ_CST) == 0;
}

int irqpath_do_IRQ_dpci(void *domain, void *address)
{
    struct pirq *pirq = address, **list;

    say("irq", (unsigned long)pirq->is_bound);
    if (!((struct domain *)domain)->has_dpci || !pirq->is_bound)
        return 0;
    if (__atomic_fetch_or(&pirq->state, 1, __ATOMIC_SEQ_CST) & 1)
        return 1;
    get(pirq->domain);
    unsigned long flags = irqpath_irq_save();
    list = &dpci_lists[irqpath_cpu()];
    while (*list)
        list = &(*list)->next;
    pirq->next = 0;
    pirq->list_place = irqpath_cpu() + 1;
    *list = pirq;
    irqpath_irq_restore(flags);
    irqpath_raise_softirq(irqpath_cpu(), IRQPATH_HVM_DPCI_SOFTIRQ);
    return 1;
}

static void deliver(struct pirq *pirq)
{
    struct domain *d = pirq->domain;

    say("deliver", pirq->bind.gvec);
    irqpath_lock(&d->event_lock);
    __atomic_fetch_and(&pirq->state, ~1u, __ATOMIC_SEQ_CST);
    if (pirq->is_bound) {
        BAD if (pirq->bind.kind != IRQPATH_BIND_MSI && irqpath_uses_event(pirq->host))
        {
            irqpath_send_guest_pirq(pirq->host);
        }
        else if (pirq->bind.kind != IRQPATH_BIND_MSI)
        {
            irqpath_intx_assert(d->host, pirq->bind.device, pirq->bind.intx, 1);
        }
        else if (irqpath_uses_event(pirq->host))
        {
            irqpath_send_guest_pirq(pirq->host);
        }
        else if (pirq->bind.dest == ALL)
        {
            irqpath_deliver_msi(pirq->host);
        }
        else
        {
            for (int i = 0; i < VCPUS; i++)
                if (d->vcpus[i] && irqpath_matches_dest(d->vcpus[i], pirq->bind.dest, 0))
                    irqpath_vlapic_set_irq(d->vcpus[i], pirq->bind.gvec, 0);
        }
    }
    irqpath_unlock(&d->event_lock);
}

static void dpci_action(void)
{
    unsigned long flags = irqpath_irq_save();
    struct pirq *pirq = dpci_lists[irqpath_cpu()];

    say("softirq", 0);
    dpci_lists[irqpath_cpu()] = 0;
    irqpath_irq_restore(flags);
    while (pirq) {
        struct pirq *next = pirq->next;
        struct domain *d = pirq->domain;

        pirq->list_place = 0;
        deliver(pirq);
        irqpath_put_domain(d);
        pirq = next;
    }
}

/* The PIRQs of a line are told apart by their slots. */
void irqpath_dpci_eoi(void *domain, unsigned gsi)
{
    struct domain *d = domain;

    say("eoi", gsi);
    irqpath_lock(&d->event_lock);
    for (int i = 0; i < PIRQS; i++) {
        struct pirq *pirq = d->pirqs[i];
        if (!pirq || !pirq->is_bound || pirq->bind.kind == IRQPATH_BIND_MSI ||
            16 + (4 * pirq->bind.device + pirq->bind.device / 8 + pirq->bind.intx) % 32 != gsi)
            continue;
        irqpath_intx_assert(d->host, pirq->bind.device, pirq->bind.intx, 0);
        irqpath_pirq_guest_eoi(pirq->host);
    }
    irqpath_unlock(&d->event_lock);
}

void irqpath_dpci_msi_eoi(void *domain, unsigned vector)
{
    (void)domain;
    say("msi eoi", vector);
}

PEEK void irqpath_pirq_peek(const void *address, struct irqpath_pirq_state *state)
{
    const struct pirq *pirq = address;

    state->state = pirq->state;
    state->masked = 0;
    state->flags = (unsigned)pirq->is_bound;
    state->gvec = pirq->bind.gvec;
    state->pending = state->state;
    state->dest_vcpu = (int)pirq->bind.dest;
    state->has_dom = state->is_torn = 0;
    state->is_linked = pirq->list_place != 0;
    state->list_cpu = pirq->list_place;
}

PEEK void irqpath_domain_peek(const void *domain, struct irqpath_domain_state *state)
{
    state->references = ((const struct domain *)domain)->references;
    state->has_dpci = ((const struct domain *)domain)->has_dpci;
}

/* --- both --- */

void irqpath_xen_boot(void)
{
    irqpath_lock_is(&tasklet_lock, IRQPATH_TASKLET_LOCK, 0);
    irqpath_open_softirq(IRQPATH_TASKLET_SOFTIRQ, softirq_action);
    irqpath_open_softirq(IRQPATH_HVM_DPCI_SOFTIRQ, dpci_action);
}

/* What a dead CPU has left is the caller's. */
void irqpath_cpu_notify(enum irqpath_cpu_event event, unsigned cpu)
{
    say(event == IRQPATH_CPU_DEAD ? "dead" : "up", cpu);
    if (event != IRQPATH_CPU_DEAD)
        return;
    for (struct pirq *pirq = dpci_lists[cpu]; pirq; pirq = pirq->next)
        pirq->list_place = irqpath_cpu() + 1;
    unsigned long flags = irqpath_irq_save();
    struct pirq **end = &dpci_lists[irqpath_cpu()];
    while (*end)
        end = &(*end)->next;
    *end = dpci_lists[cpu];
    irqpath_irq_restore(flags);
    if (dpci_lists[cpu])
        irqpath_raise_softirq(irqpath_cpu(), IRQPATH_HVM_DPCI_SOFTIRQ);
    dpci_lists[cpu] = 0;
    flags = irqpath_lock_irqsave(&tasklet_lock);
    for (int is_idle = 0; is_idle < 2; is_idle++) {
        struct tasklet **list = is_idle ? &idle_lists[cpu] : &softirq_lists[cpu];
        while (*list) {
            struct tasklet *tasklet = *list;
            *list = tasklet->next;
            tasklet->is_queued = 0;
            tasklet->place = irqpath_cpu() + 1;
            enqueue(tasklet);
        }
    }
    irqpath_unlock_irqrestore(&tasklet_lock, flags);
}
