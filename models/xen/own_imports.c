/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of a Xen tree call: the part of models/xen/code/irqpath_xen.h that the model implements. At boot,
 * where no CPU runs, the calls have no effect beyond what the model has set up itself.
 */
#include <errno.h>

#include "code/verbs.h"
#include "models/locks/code_locks.h"
#include "models/xen/own_parts.h"
#include "models/xen/posted.h"

static struct xen_code *own_code(void) { return code_current()->family; }

/* --- CPUs --- */

int irqpath_cpu_is_online(unsigned cpu)
{
    struct xen *xen = own_code()->xen;
    struct code_caller caller = code_caller_enter();
    bool is_offline;

    if (caller.cpu == NULL || cpu >= xen->cpu_count || !xen->hotplug.is_used)
        return cpu < xen->cpu_count;
    is_offline = cpu_is_offline(caller.cpu, &xen->cpus[cpu]);
    code_caller_leave(caller);
    return !is_offline;
}

void *irqpath_current(void)
{
    const struct cpu *cpu = code_cpu();

    return cpu == NULL || is_idle_vcpu(xen_cpu(cpu)->current) ? NULL : xen_cpu(cpu)->current->real;
}

void irqpath_sync_local_execstate(void)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    sync_local_execstate(caller.cpu);
    code_caller_leave(caller);
}

/* --- softirqs --- */

static const enum softirq softirqs[] = {
    [IRQPATH_TIMER_SOFTIRQ] = TIMER_SOFTIRQ,       [IRQPATH_RCU_SOFTIRQ] = RCU_SOFTIRQ,
    [IRQPATH_SCHEDULE_SOFTIRQ] = SCHEDULE_SOFTIRQ, [IRQPATH_TASKLET_SOFTIRQ] = TASKLET_SOFTIRQ,
    [IRQPATH_HVM_DPCI_SOFTIRQ] = HVM_DPCI_SOFTIRQ, [IRQPATH_VCPU_KICK_SOFTIRQ] = VCPU_KICK_SOFTIRQ,
};

void irqpath_open_softirq(enum irqpath_softirq nr, void (*handler)(void))
{
    *(void **)(void *)&own_code()->handlers[nr] = code_way_in(code_current(), *(void **)(void *)&handler);
}

void irqpath_raise_softirq(unsigned cpu, enum irqpath_softirq nr)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    if (nr >= IRQPATH_OTHER_SOFTIRQ)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a softirq is raised that the model does not have");
    if (cpu == caller.cpu->id)
        raise_softirq(caller.cpu, softirqs[nr]);
    else
        cpu_raise_softirq(caller.cpu, &own_code()->xen->cpus[cpu], softirqs[nr]);
    code_caller_leave(caller);
}

void irqpath_process_softirqs(void)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    process_pending_softirqs(caller.cpu);
    code_caller_leave(caller);
}

void irqpath_send_event_check(unsigned cpu)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    send_IPI(caller.cpu, own_code()->xen->cpus[cpu].cpu, VECTOR_EVENT_CHECK);
    code_caller_leave(caller);
}

void irqpath_rcu_check_callbacks(void)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    rcu_check(caller.cpu);
    code_caller_leave(caller);
}

/* The handler of a softirq that the model has: `host` is its entry of softirq_hosts. */
void irqpath_run_softirq(void *host)
{
    struct code_caller caller = code_caller_enter();
    struct xen_cpu *xc = xen_cpu(caller.cpu);
    const struct vcpu *current = xc->current;

    softirq_run(caller.cpu, softirqs[*(const enum irqpath_softirq *)host]);
    if (xc->current != current && xc->code_return != NULL)
        __builtin_longjmp(xc->code_return, 1);
    code_caller_leave(caller);
}

/* --- tasklets --- */

void irqpath_tasklet_run(void *host)
{
    struct code_caller caller = code_caller_enter();
    const struct tasklet *tasklet = host;

    xen_cpu(caller.cpu)->code_tasklet = tasklet;
    tasklet->function(caller.cpu, tasklet->data);
    xen_cpu(caller.cpu)->code_tasklet = tasklet; /* the next take of the lock is still for it */
    code_caller_leave(caller);
}

static bool tasklet_lock_hook(struct cpu *cpu) { return tasklet_lock_take(cpu, xen_cpu(cpu)->code_tasklet); }

static const struct code_lock_hooks tasklet_lock_hooks = { .take = tasklet_lock_hook, .give = tasklet_lock_give };

/* --- locks --- */

void irqpath_lock_is(void *lock, enum irqpath_lock_kind kind, void *host)
{
    struct code *code = code_current();

    switch (kind) {
    case IRQPATH_TASKLET_LOCK:
        code_locks_bind(code, lock, &own_code()->xen->tasklet_lock, &tasklet_lock_hooks);
        break;
    case IRQPATH_EVENT_LOCK:
        code_locks_bind(code, lock, &((struct domain *)host)->event_lock, NULL);
        break;
    case IRQPATH_DESC_LOCK:
        code_locks_bind(code, lock, &((struct pirq *)host)->desc.lock, NULL);
        break;
    case IRQPATH_IRQ_LOCK:
        code_locks_bind(code, lock, &((struct domain *)host)->irq_lock, NULL);
        break;
    }
}

/* --- the physical interrupt --- */

int irqpath_pirq_guest_bind(void *host_pirq, int will_share)
{
    struct code_caller caller = code_caller_enter();
    const struct pirq *pirq = host_pirq;

    if (caller.cpu == NULL)
        return 0;
    if (pirq->desc.is_bound && !will_share)
        return -EBUSY;
    pirq_guest_bind(caller.cpu, host_pirq);
    code_caller_leave(caller);
    return 0;
}

void irqpath_pirq_guest_unbind(void *host_pirq)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    pirq_guest_unbind(caller.cpu, host_pirq);
    code_caller_leave(caller);
}

void irqpath_pirq_guest_eoi(void *host_pirq)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    pirq_guest_eoi(caller.cpu, host_pirq);
    code_caller_leave(caller);
}

void irqpath_desc_guest_eoi(void *host_pirq)
{
    struct code_caller caller = code_caller_enter();
    struct pirq *pirq = host_pirq;

    if (caller.cpu == NULL)
        return;
    if (pirq->desc.pin != NULL)
        desc_guest_eoi(caller.cpu, &pirq->desc);
    spin_unlock(caller.cpu, &pirq->desc.lock);
    code_caller_leave(caller);
}

void irqpath_mask_msi(void *host_pirq, int is_masked)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    guest_msi_set_mask(caller.cpu, host_pirq, is_masked != 0);
    code_caller_leave(caller);
}

void irqpath_pirq_cleanup_check(void *host_pirq)
{
    struct code_caller caller = code_caller_enter();

    if (caller.cpu == NULL)
        return;
    pirq_cleanup_check(caller.cpu, host_pirq);
    code_caller_leave(caller);
}

void irqpath_migrate_pirqs(void *host_vcpu)
{
    struct code_caller caller = code_caller_enter();
    const struct vcpu *v = host_vcpu;

    if (caller.cpu == NULL)
        return;
    pirqs_retarget(caller.cpu, v->domain);
    code_caller_leave(caller);
}

void irqpath_migrate_pirq(void *host_pirq, void *host_vcpu)
{
    struct code_caller caller = code_caller_enter();
    struct pirq *pirq = host_pirq;

    if (caller.cpu == NULL || posted_stays(pirq))
        return;
    bool was_on = spin_lock_irqsave(caller.cpu, &pirq->desc.lock);
    irq_set_affinity(&pirq->desc, ((const struct vcpu *)host_vcpu)->processor);
    posted_affinity_changed(caller.cpu, pirq);
    spin_unlock_irqrestore(caller.cpu, &pirq->desc.lock, was_on);
    code_caller_leave(caller);
}

void irqpath_pi_update(void *host_pirq, void *host_vcpu, unsigned gvec)
{
    struct code_caller caller = code_caller_enter();

    (void)gvec;
    if (caller.cpu == NULL)
        return;
    if (host_vcpu != NULL)
        posted_bind(caller.cpu, host_pirq);
    else
        posted_unbind(caller.cpu, host_pirq);
    code_caller_leave(caller);
}

int irqpath_is_posted(void *host_domain)
{
    const struct domain *d = host_domain;

    return d->xen->setup != NULL && xen_setup(d->xen->setup)->posted;
}

/* --- the virtual interrupt --- */

int irqpath_uses_event(void *host_pirq) { return ((const struct pirq *)host_pirq)->is_event; }

void irqpath_send_guest_pirq(void *host_pirq)
{
    struct code_caller caller = code_caller_enter();

    send_guest_pirq(caller.cpu, host_pirq);
    code_caller_leave(caller);
}

void irqpath_vlapic_set_irq(void *host_vcpu, unsigned vector, int is_level)
{
    struct code_caller caller = code_caller_enter();

    (void)is_level;
    vlapic_set_irq(caller.cpu, host_vcpu, vector);
    code_caller_leave(caller);
}

void irqpath_deliver_msi(void *host_pirq)
{
    struct code_caller caller = code_caller_enter();
    struct pirq *pirq = host_pirq;

    cpu_trace(caller.cpu, TRACE_FOR, pirq->dest_vcpu->who, 0, 0, 0);
    vmsi_deliver(caller.cpu, pirq);
    code_caller_leave(caller);
}

/* The guest's physical destination is its vCPU's number; 0xff is all of them. */
int irqpath_matches_dest(void *host_vcpu, unsigned dest, int is_logical)
{
    (void)is_logical;
    return dest == 0xff || ((const struct vcpu *)host_vcpu)->id == dest;
}

/* The PIRQ of the guest that was bound with this slot and pin; NULL: none. */
static struct pirq *pirq_at(const struct domain *d, unsigned device, unsigned intx)
{
    for (uint32_t i = 0; i < d->pirq_count; i++) {
        struct pirq *pirq = &d->pirqs[i];
        if (pirq->line == NULL)
            continue;
        struct irqpath_bind bind = own_bind_of(pirq);
        if (bind.device == device && bind.intx == intx)
            return pirq;
    }
    return NULL;
}

void irqpath_intx_assert(void *host_domain, unsigned device, unsigned intx, int is_asserted)
{
    struct code_caller caller = code_caller_enter();
    struct pirq *pirq = pirq_at(host_domain, device, intx);

    if (caller.cpu == NULL)
        return;
    if (pirq == NULL)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "the line of a slot and pin that no device of the guest has");
    if (is_asserted)
        hvm_pci_intx_assert(caller.cpu, pirq);
    else
        hvm_pci_intx_deassert(caller.cpu, pirq);
    code_caller_leave(caller);
}

void irqpath_vioapic_edge(void *host_domain, unsigned gsi)
{
    struct code_caller caller = code_caller_enter();
    struct domain *d = host_domain;

    if (caller.cpu == NULL || gsi < 16 || d->lines == NULL)
        return;
    guest_line_raise(caller.cpu, &d->lines[gsi - 16]);
    code_caller_leave(caller);
}

/* --- the end of a domain --- */

void irqpath_domain_destroy(void *host_domain)
{
    struct code_caller caller = code_caller_enter();

    domain_destroy(caller.cpu, host_domain);
    code_caller_leave(caller);
}

/* --- RCU --- */

static void rcu_run(struct cpu *cpu, void *data)
{
    struct code_rcu *record = data;
    void *head = record->head;

    record->head = NULL;
    code_enter(xen_of(cpu)->code->code, cpu);
    record->function(head);
}

/* In a scenario that frees neither domains nor PIRQs there are no grace periods: what is freed is left as it is. */
void irqpath_call_rcu(void *head, void (*function)(void *head))
{
    struct code_caller caller = code_caller_enter();
    struct xen_code *own = own_code();
    uint32_t i = 0;

    if (caller.cpu == NULL || !own->xen->rcu.is_used)
        return;
    while (i < CODE_RCU_MAX && own->rcu[i].head != NULL)
        i++;
    if (i == CODE_RCU_MAX)
        code_bug(NULL, VIOLATION_MODELLED_BUG,
                 "the code waits for more grace periods of RCU than irqpath has room for");
    own->rcu[i].head = head;
    own->rcu[i].function = function;
    call_rcu(caller.cpu, &own->rcu[i].rcu, rcu_run, &own->rcu[i]);
}

/* --- timers: those of PIRQs on lines, in trees that have them --- */

static void timer_run(struct cpu *cpu, void *data)
{
    struct pirq *pirq = data;

    code_enter(xen_of(cpu)->code->code, cpu);
    pirq->code_timer.function(pirq->code_timer.data);
}

static struct pirq *timer_owner(const void *timer)
{
    const struct xen *xen = own_code()->xen;

    for (uint32_t i = 0; i < xen->domain_count; i++)
        for (uint32_t j = 0; j < xen->domains[i].pirq_count; j++)
            if (xen->domains[i].pirqs[j].code_timer.address == timer)
                return &xen->domains[i].pirqs[j];
    code_bug(NULL, VIOLATION_MODELLED_BUG, "a timer is used that was never initialised");
}

void irqpath_timer_init(void *timer, void (*function)(void *data), void *data, unsigned cpu)
{
    struct pirq *pirq = own_code()->binding;

    (void)cpu;
    if (pirq == NULL)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a timer is initialised outside of a bind");
    pirq->code_timer = (struct code_timer){ timer, function, data };
    pirq->timer.function = timer_run;
    pirq->timer.data = pirq;
    pirq->timer.is_killed = false;
}

void irqpath_timer_set(void *timer, unsigned long expires)
{
    struct code_caller caller = code_caller_enter();

    set_timer(caller.cpu, &timer_owner(timer)->timer, cycles_from_ns(expires, caller.cpu->costs->frequency_hz));
    code_caller_leave(caller);
}

void irqpath_timer_stop(void *timer)
{
    struct code_caller caller = code_caller_enter();

    stop_timer(caller.cpu, &timer_owner(timer)->timer);
    code_caller_leave(caller);
}

void irqpath_timer_kill(void *timer)
{
    struct code_caller caller = code_caller_enter();

    kill_timer(caller.cpu, &timer_owner(timer)->timer);
    code_caller_leave(caller);
}

const struct code_import xen_code_imports[] = {
    CODE_IMPORT(irqpath_cpu_is_online),
    CODE_IMPORT(irqpath_current),
    CODE_IMPORT(irqpath_sync_local_execstate),
    CODE_IMPORT(irqpath_open_softirq),
    CODE_IMPORT(irqpath_raise_softirq),
    CODE_IMPORT(irqpath_process_softirqs),
    CODE_IMPORT(irqpath_send_event_check),
    CODE_IMPORT(irqpath_rcu_check_callbacks),
    CODE_IMPORT(irqpath_run_softirq),
    CODE_IMPORT(irqpath_tasklet_run),
    CODE_IMPORT(irqpath_lock_is),
    CODE_IMPORT(irqpath_pirq_guest_bind),
    CODE_IMPORT(irqpath_pirq_guest_unbind),
    CODE_IMPORT(irqpath_pirq_guest_eoi),
    CODE_IMPORT(irqpath_desc_guest_eoi),
    CODE_IMPORT(irqpath_mask_msi),
    CODE_IMPORT(irqpath_pirq_cleanup_check),
    CODE_IMPORT(irqpath_migrate_pirqs),
    CODE_IMPORT(irqpath_migrate_pirq),
    CODE_IMPORT(irqpath_pi_update),
    CODE_IMPORT(irqpath_is_posted),
    CODE_IMPORT(irqpath_uses_event),
    CODE_IMPORT(irqpath_send_guest_pirq),
    CODE_IMPORT(irqpath_vlapic_set_irq),
    CODE_IMPORT(irqpath_deliver_msi),
    CODE_IMPORT(irqpath_matches_dest),
    CODE_IMPORT(irqpath_intx_assert),
    CODE_IMPORT(irqpath_vioapic_edge),
    CODE_IMPORT(irqpath_domain_destroy),
    CODE_IMPORT(irqpath_call_rcu),
    CODE_IMPORT(irqpath_timer_init),
    CODE_IMPORT(irqpath_timer_set),
    CODE_IMPORT(irqpath_timer_stop),
    CODE_IMPORT(irqpath_timer_kill),
    { NULL, NULL },
};
