/* SPDX-License-Identifier: Apache-2.0
 *
 * VM entry and exit, and the idle loop. The entry path chooses what to inject with interrupts on, turns interrupts off,
 * and looks for pending softirqs. If there are any, it turns interrupts on, runs them and starts again; otherwise it
 * enters the guest. Left out: nested virtualisation, vpt timers, debug exits. Source:
 * xen/arch/x86/hvm/vmx (entry.S, intr.c, vmx.c) at f6dd295381^.
 */
#include "models/xen/posted.h"

static void vmx_intr_assist(struct cpu *cpu, struct vcpu *v)
{
    if (v->posted != NULL) {
        posted_intr_assist(cpu, v);
        return;
    }
    bool has_upcall = word_load(cpu, &v->guest.upcall_pending) != 0 && v->guest.handling != UINT32_MAX;
    uint32_t vector = has_upcall ? 0 : vlapic_highest_irr(cpu, v);

    if (!has_upcall && vector == 0)
        return;
    if (!guest_can_inject(&v->guest)) {
        v->guest.wants_window = true;
        return;
    }
    cpu_spend_software(cpu, xen_costs(cpu)->virq_injection);
    if (has_upcall) {
        cpu_trace(cpu, TRACE_INJECT, v->who, v->guest.flow, 0, 0);
        guest_inject_upcall(&v->guest);
        v->guest.wants_window = true;
        return;
    }
    struct device_vector *source = v->vector_pirq[vector]->desc.source;
    cpu_trace(cpu, TRACE_INJECT, v->who, source->flow, vector, 0);
    vlapic_clear_irr(cpu, v, vector);
    guest_inject_device(&v->guest, source, vector);
}

static void vmexit_handler(struct cpu *cpu, struct vcpu *v, enum guest_exit reason)
{
    if (reason == GUEST_EXIT_INTERRUPT)
        cpu_acknowledge_interrupt(cpu);
    cpu_irq_on(cpu);
    cpu_spend_software(cpu, xen_costs(cpu)->exit_dispatch);
    switch (reason) {
    case GUEST_EXIT_INTERRUPT:
    case GUEST_EXIT_WINDOW:
        break;
    case GUEST_EXIT_EOI:
        cpu_spend_software(cpu, xen_costs(cpu)->eoi_exit);
        if (v->vector_pirq[v->guest.eoi_vector]->line != NULL)
            vioapic_update_EOI(cpu, v->vector_pirq[v->guest.eoi_vector]->line);
        if (v->domain->pirq_count > 0)
            hvm_dpci_msi_eoi(cpu, v->domain, v->guest.eoi_vector);
        break;
    case GUEST_EXIT_SET_TIMER:
        cpu_spend_software(cpu, xen_costs(cpu)->hypercall);
        set_timer(cpu, &v->singleshot_timer, v->guest.timer_expiry);
        break;
    case GUEST_EXIT_SEND:
        cpu_spend_software(cpu, xen_costs(cpu)->hypercall);
        evtchn_send(cpu, &v->domain->vcpus[v->guest.send_target]);
        break;
    case GUEST_EXIT_PIRQ_EOI:
        cpu_spend_software(cpu, xen_costs(cpu)->hypercall);
        hvm_physdev_eoi(cpu, (struct pirq *)v->guest.device->binding);
        break;
    case GUEST_EXIT_HALT:
        cpu_spend_software(cpu, xen_costs(cpu)->hlt_exit);
        vcpu_block(cpu, v);
        break;
    }
}

/* A vCPU that has moved to another pCPU moves its MSIs there, too (hvm_migrate_pirqs). */
static void migrate_pirqs(struct cpu *cpu, struct vcpu *v)
{
    struct domain *d = v->domain;
    struct xen_cpu *from = v->resumed_on;

    v->resumed_on = xen_cpu(cpu);
    if (from == NULL || from == xen_cpu(cpu) || d->pirq_count == 0)
        return;
    spin_lock(cpu, &d->event_lock);
    cpu_spend_software(cpu, xen_costs(cpu)->pirq_walk_step * d->pirq_count);
    for (uint32_t i = 0; i < d->pirq_count; i++) {
        struct pirq *pirq = &d->pirqs[i];
        if (pirq->dest_vcpu != v || posted_stays(pirq))
            continue;
        bool was_on = spin_lock_irqsave(cpu, &pirq->desc.lock);
        irq_set_affinity(&pirq->desc, xen_cpu(cpu));
        posted_affinity_changed(cpu, pirq);
        spin_unlock_irqrestore(cpu, &pirq->desc.lock, was_on);
    }
    spin_unlock(cpu, &d->event_lock);
}

static const enum vm_exit exit_reasons[] = {
    [GUEST_EXIT_INTERRUPT] = VM_EXIT_EXTERNAL_INTERRUPT,
    [GUEST_EXIT_EOI] = VM_EXIT_EOI,
    [GUEST_EXIT_SET_TIMER] = VM_EXIT_VMCALL,
    [GUEST_EXIT_SEND] = VM_EXIT_VMCALL,
    [GUEST_EXIT_PIRQ_EOI] = VM_EXIT_VMCALL,
    [GUEST_EXIT_WINDOW] = VM_EXIT_INTERRUPT_WINDOW,
    [GUEST_EXIT_HALT] = VM_EXIT_HLT,
};

/* With interrupts off if so; if not, softirqs go first. */
static bool may_enter(struct cpu *cpu, struct vcpu *v)
{
    if (!list_is_empty(&xen_cpu(cpu)->actions) && control_run(cpu))
        return false;
    vmx_intr_assist(cpu, v);
    cpu_irq_off(cpu);
    if (!softirq_is_pending(cpu))
        return true;
    cpu_irq_on(cpu);
    return false;
}

void vmx_do_resume(struct cpu *cpu, struct vcpu *v)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    migrate_pirqs(cpu, v);
    while (xc->current == v) {
        if (!may_enter(cpu, v)) {
            do_softirq(cpu);
            continue;
        }
        if (v->posted != NULL)
            posted_vmenter(cpu, v);
        cpu_spend(cpu, cpu->costs->vmentry);
        cpu_trace(cpu, TRACE_VMENTRY, v->who, 0, 0, 0);
        cpu_category_set(cpu, CPU_GUEST);
        enum guest_exit reason = guest_run(cpu, &v->guest);
        cpu_category_set(cpu, CPU_HYPERVISOR);
        cpu_trace(cpu, TRACE_VMEXIT, v->who, 0, reason, 0);
        cpu_spend(cpu, cpu->costs->vmexit);
        xc->xen->statistics.vmexits++;
        vm_exits_note(&v->exits, exit_reasons[reason]);
        vmexit_handler(cpu, v, reason);
    }
}

static bool is_haltable(struct cpu *cpu, struct xen_cpu *xc)
{
    return !softirq_is_pending(cpu) && list_is_empty(&xc->actions) && !hotplug_wants(cpu) && !tasklet_work_waits(cpu);
}

/* mwait-idle before 9b0f0f6e23 checked for pending work before it turned interrupts off. */
static void pm_idle(struct cpu *cpu, struct xen_cpu *xc)
{
    bool looks_early = xen_setup(xc->xen->setup)->history == XEN_BEFORE_9B0F0F6E23;
    bool is_idle = looks_early && is_haltable(cpu, xc);

    cpu_irq_off(cpu);
    if (looks_early ? is_idle : is_haltable(cpu, xc))
        cpu_halt(cpu);
}

static void idle_loop(struct cpu *cpu, struct xen_cpu *xc)
{
    while (is_idle_vcpu(xc->current)) {
        pm_idle(cpu, xc);
        cpu_irq_on(cpu);
        if (xc->xen->hotplug.is_used)
            hotplug_idle(cpu);
        do_tasklet(cpu);
        do_softirq(cpu);
        if (!list_is_empty(&xc->actions) && is_idle_vcpu(xc->current))
            control_run(cpu);
    }
}

void xen_cpu_main(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    cpu_category_set(cpu, CPU_HYPERVISOR);
    for (;;) {
        if (is_idle_vcpu(xc->current))
            idle_loop(cpu, xc);
        else
            vmx_do_resume(cpu, xc->current);
    }
}
