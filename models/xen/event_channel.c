/* SPDX-License-Identifier: Apache-2.0
 *
 * Event channels of HVM guests: VIRQ_TIMER and events between vCPUs, with one bit each instead of the 2-level ABI. An
 * event that is set with interrupts off (every VIRQ_TIMER, under virq_lock) cannot kick the vCPU directly: the kick is
 * left to a softirq tasklet, which takes the global tasklet_lock. A guest that has mapped a PIRQ to an event channel
 * gets its interrupts as events, from DELIVER, with interrupts on. Source: send_guest_vcpu_virq, send_guest_pirq,
 * __evtchn_close, evtchn_bind_pirq (xen/common/event_channel.c), hvm_assert_evtchn_irq (xen/arch/x86/hvm/hvm.c),
 * PHYSDEVOP_eoi (xen/arch/x86/physdev.c) at f6dd295381^.
 */
#include "machine/footprint.h"
#include "models/xen/xen.h"

void hvm_assert_evtchn_irq_fn(struct cpu *cpu, void *data)
{
    struct vcpu *v = data;

    cpu_spend_software(cpu, xen_costs(cpu)->hvm_assert_callback);
    vcpu_note_waker(v, true);
    vcpu_kick(cpu, v);
}

static void hvm_assert_evtchn_irq(struct cpu *cpu, struct vcpu *v)
{
    if (cpu->interrupt_depth > 0 || !cpu->irq_on)
        tasklet_schedule(cpu, &v->assert_evtchn_irq_tasklet);
    else
        vcpu_kick(cpu, v);
}

static void evtchn_set_pending(struct cpu *cpu, struct vcpu *v, uint32_t event)
{
    cpu_spend_software(cpu, xen_costs(cpu)->event_channel_send);
    footprint_read(cpu->engine, &v->guest.events);
    if (v->guest.events & event)
        return;
    v->guest.events |= event;
    if (v->guest.flow == 0)
        v->guest.flow = trace_flow_new(cpu->engine->trace);
    cpu_trace(cpu, TRACE_PEND, v->who, v->guest.flow, 0, event);
    if (word_xchg(cpu, &v->guest.upcall_pending, 1) == 0)
        hvm_assert_evtchn_irq(cpu, v);
}

static void send_guest_vcpu_virq(struct cpu *cpu, struct vcpu *v, uint32_t event)
{
    bool was_on = spin_lock_irqsave(cpu, &v->virq_lock);

    evtchn_set_pending(cpu, v, event);
    spin_unlock_irqrestore(cpu, &v->virq_lock, was_on);
}

void vcpu_singleshot_timer_fn(struct cpu *cpu, void *data)
{
    const struct vcpu *v = data;

    cpu_trace(cpu, TRACE_FOR, v->who, 0, 0, 0);
    send_guest_vcpu_virq(cpu, data, GUEST_EVENT_TIMER);
}

void send_guest_pirq(struct cpu *cpu, struct pirq *pirq)
{
    struct vcpu *v = pirq->dest_vcpu;

    if (!pirq->has_port)
        return;
    cpu_spend_software(cpu, xen_costs(cpu)->event_channel_send);
    cpu_trace(cpu, TRACE_PEND, v->who, pirq->desc.source->flow, 0, 0);
    vcpu_note_waker(v, false);
    if (guest_event_set(&v->guest, pirq->desc.source) && word_xchg(cpu, &v->guest.upcall_pending, 1) == 0)
        hvm_assert_evtchn_irq(cpu, v);
}

/* The driver starts the device only now: its message was unmasked by the bind, or is by this (84d6add559, 4.6). */
void hvm_evtchn_bind_pirq(struct cpu *cpu, struct pirq *pirq)
{
    spin_lock(cpu, &pirq->domain->event_lock);
    if (!pirq->has_port && !pirq->is_removed) {
        pirq->has_port = true;
        pirq->is_event = !pirq->is_unmapped;
        if (pirq->flags & DPCI_MAPPED)
            device_unmask(pirq->desc.source);
    }
    spin_unlock(cpu, &pirq->domain->event_lock);
}

/* The driver has stopped the device. */
void hvm_evtchn_close_pirq(struct cpu *cpu, struct pirq *pirq)
{
    device_mask(pirq->desc.source);
    spin_lock(cpu, &pirq->domain->event_lock);
    if (pirq->has_port && !pirq->is_removed) {
        pirq->has_port = false;
        guest_event_clear(&pirq->dest_vcpu->guest, pirq->desc.source);
        pirq->is_event = pirq->is_event && pirq->is_unmapped;
        pirq_cleanup_check(cpu, pirq);
    }
    spin_unlock(cpu, &pirq->domain->event_lock);
}

void hvm_physdev_eoi(struct cpu *cpu, struct pirq *pirq)
{
    spin_lock(cpu, &pirq->domain->event_lock);
    pirq_guest_eoi(cpu, pirq);
    spin_unlock(cpu, &pirq->domain->event_lock);
}

void evtchn_send(struct cpu *cpu, struct vcpu *target)
{
    struct domain *d = target->domain;

    spin_lock(cpu, &d->event_lock);
    vcpu_note_waker(target, false);
    evtchn_set_pending(cpu, target, GUEST_EVENT_WAKE);
    spin_unlock(cpu, &d->event_lock);
}
