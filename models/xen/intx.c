/* SPDX-License-Identifier: Apache-2.0
 *
 * Level-triggered interrupts of a guest's virtual I/O APIC: INTx passed through, and MSIs translated to INTx. A line is
 * high while any PIRQ on it is asserted. The guest's EOI ends the physical interrupts behind the line; so does a timer
 * of 8 ms, in designs that have it. The line of an unbound PIRQ is masked, because the guest's driver was unloaded
 * first. Left out: PIC, PCI links, edge-triggered inputs (HPET and others), ack by EOI
 * ("ioapic_ack=new"). Source: Xen at f6dd295381, hvm_dirq_assist, pt_irq_time_out, hvm_dpci_eoi
 * (xen/drivers/passthrough/io.c), vioapic_update_EOI (xen/arch/x86/hvm/vioapic.c, irq.c); ba584fb1a2.
 */
#include "models/xen/xen.h"

enum { PT_TIMEOUT_NS = 8000000 };

/* --- boot --- */

static void line_boot(struct guest_line *line, struct vcpu *v, struct pirq *first, uint32_t vector)
{
    *line = (struct guest_line){ .dest_vcpu = v, .vector = vector };
    v->vector_pirq[vector] = first;
}

/* Each vector on a line has a pin and two timers that may expire when explored. */
uint32_t xen_slots(const struct setup *setup)
{
    uint32_t slots = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        if (xen_device_setup(&setup->devices[i])->binding == DEVICE_BINDING_INTX)
            slots +=
                3 * setup->devices[i].count * setup->devices[i].vectors * setup->guests[setup->devices[i].guest].count;
    return slots;
}

void intx_boot(struct pirq *pirq, const struct device_setup *setup, uint32_t vector)
{
    const struct xen_device_setup *own = xen_device_setup(setup);
    struct domain *d = pirq->domain;
    struct machine *machine = d->xen->machine;
    struct device_vector *source = pirq->desc.source;

    if (d->lines == NULL) {
        d->lines = ARENA_ARRAY(machine->arena, struct guest_line, GUEST_LINES);
        if (d->xen->irq_class == NULL)
            d->xen->irq_class = lock_class_new(d->xen->locks, "irq_lock");
        lock_init(&d->irq_lock, d->xen->irq_class);
    }
    pirq->line = &d->lines[own->line];
    source->is_on_line = true;
    if (pirq->line->first == NULL)
        line_boot(pirq->line, pirq->dest_vcpu, pirq, vector);
    else
        source->sharer = pirq->line->first->desc.source;
    pirq->line_next = pirq->line->first;
    pirq->line->first = pirq;
    pirq->dest_vcpu = pirq->line->dest_vcpu;
    pirq->gvec = pirq->line->vector;
    pirq->dest_vcpu->vector_pirq[pirq->gvec] = pirq;
    pirq->flags = DPCI_MAPPED | DPCI_GUEST_PCI | (own->binding == DEVICE_BINDING_INTX ? 0 : DPCI_TRANSLATE);
    pirq->bound_flags = pirq->flags;
    if (own->binding != DEVICE_BINDING_INTX)
        return;
    irq_pin_boot(&pirq->desc, own->timeouts);
    timer_init(&pirq->timer, pt_irq_time_out, pirq);
    timer_explore(d->xen, &pirq->timer, "dPCI timer", own->timeouts);
}

/* --- the virtual line --- */

static void deliver(struct cpu *cpu, struct guest_line *line)
{
    line->remote_irr = true;
    vlapic_set_irq(cpu, line->dest_vcpu, line->vector);
}

void guest_line_raise(struct cpu *cpu, struct guest_line *line)
{
    if (!line->is_masked && !line->remote_irr)
        deliver(cpu, line);
}

void hvm_pci_intx_assert(struct cpu *cpu, struct pirq *pirq)
{
    struct guest_line *line = pirq->line;

    spin_lock(cpu, &pirq->domain->irq_lock);
    if (!pirq->is_asserted) {
        pirq->is_asserted = true;
        if (line->assert_count++ == 0)
            guest_line_raise(cpu, line);
    }
    spin_unlock(cpu, &pirq->domain->irq_lock);
}

void hvm_pci_intx_deassert(struct cpu *cpu, struct pirq *pirq)
{
    spin_lock(cpu, &pirq->domain->irq_lock);
    if (pirq->is_asserted) {
        pirq->is_asserted = false;
        pirq->line->assert_count--;
    }
    spin_unlock(cpu, &pirq->domain->irq_lock);
}

/* irq_lock is held. */
static bool is_line_asserted(struct cpu *cpu, const struct guest_line *line)
{
    struct domain *d = line->dest_vcpu->domain;

    if (d->xen->dpci->code != NULL)
        return d->xen->dpci->code->line_asserted(cpu, d, line);
    return line->assert_count > 0;
}

void guest_line_mask(struct cpu *cpu, struct pirq *pirq, bool is_masked)
{
    struct guest_line *line = pirq->line;

    spin_lock(cpu, &pirq->domain->irq_lock);
    line->is_masked = is_masked;
    if (!is_masked && is_line_asserted(cpu, line) && !line->remote_irr)
        deliver(cpu, line);
    spin_unlock(cpu, &pirq->domain->irq_lock);
}

/* --- the guest's EOI --- */

static bool needs_timer(const struct pirq *pirq) { return !(pirq->flags & (DPCI_GUEST_MSI | DPCI_TRANSLATE)); }

static void hvm_dpci_eoi(struct cpu *cpu, struct domain *d, struct guest_line *line)
{
    spin_lock(cpu, &d->event_lock);
    for (struct pirq *pirq = line->first; pirq != NULL; pirq = pirq->line_next) {
        if (!(pirq->flags & DPCI_GUEST_PCI))
            continue;
        hvm_pci_intx_deassert(cpu, pirq);
        if (--pirq->pending != 0)
            continue;
        cpu_access_step(cpu, false); /* the entry is read without irq_lock */
        if (line->is_masked || !needs_timer(pirq))
            continue;
        if (dpci_has_timer(xen_of(cpu)))
            stop_timer(cpu, &pirq->timer);
        pirq_guest_eoi(cpu, pirq);
    }
    spin_unlock(cpu, &d->event_lock);
}

/* irq_lock is dropped around the physical EOI, so another pCPU may have injected the interrupt in between. */
void vioapic_update_EOI(struct cpu *cpu, struct guest_line *line)
{
    struct domain *d = line->dest_vcpu->domain;
    bool ignores_remote_irr = xen_setup(d->xen->setup)->history == XEN_BEFORE_BA584FB1A2;

    spin_lock(cpu, &d->irq_lock);
    line->remote_irr = false;
    spin_unlock(cpu, &d->irq_lock);
    if (d->xen->dpci->code != NULL)
        d->xen->dpci->code->line_eoi(cpu, d, line);
    else
        hvm_dpci_eoi(cpu, d, line);
    spin_lock(cpu, &d->irq_lock);
    if (is_line_asserted(cpu, line) && !line->is_masked && (!line->remote_irr || ignores_remote_irr)) {
        if (line->remote_irr)
            violation_raise(cpu, VIOLATION_DOUBLE_DELIVERY, "the EOI injects what another pCPU has injected");
        deliver(cpu, line);
    }
    spin_unlock(cpu, &d->irq_lock);
}

/* --- the timer --- */

void intx_timer_set(struct cpu *cpu, struct pirq *pirq)
{
    set_timer(cpu, &pirq->timer, now_of(cpu) + cycles_from_ns(PT_TIMEOUT_NS, cpu->costs->frequency_hz));
}

/* The timeout also ends the other PIRQs on the guest's line, even if a delivery of theirs is in progress. */
void pt_irq_time_out(struct cpu *cpu, void *data)
{
    struct pirq *timed_out = data;
    struct domain *d = timed_out->domain;

    spin_lock(step(cpu, "T"), &d->event_lock);
    if (timed_out->flags & DPCI_GUEST_PCI) {
        for (struct pirq *pirq = timed_out->line->first; pirq != NULL; pirq = pirq->line_next)
            if (pirq->flags & DPCI_GUEST_PCI)
                pirq->flags |= DPCI_EOI_LATCH;
        hvm_pci_intx_deassert(cpu, timed_out);
    }
    for (uint32_t i = 0; i < d->pirq_count; i++) {
        struct pirq *pirq = &d->pirqs[i];
        if (!(pirq->flags & DPCI_EOI_LATCH))
            continue;
        pirq->flags &= ~(uint32_t)DPCI_EOI_LATCH;
        d->xen->dpci->time_out(step(cpu, "T"), pirq);
        pirq->pending = 0;
        pirq_guest_eoi(cpu, pirq);
    }
    spin_unlock(cpu, &d->event_lock);
}
