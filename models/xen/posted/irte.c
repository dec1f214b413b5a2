/* SPDX-License-Identifier: Apache-2.0
 *
 * The format of a passthrough MSI's IRTE, and its updates at a bind, at an unbind, and when the host moves the
 * interrupt. An update is made under iremap_lock with interrupts off, and waits until the IOMMU has invalidated the old
 * entry. Source: xen/drivers/passthrough/vtd/intremap.c, io.c at 4b759ce163; a5e25908d1, 220e0b033d, 93358e8e83.
 */
#include "models/xen/posted/state.h"

/* A message that the guest wants as an event names its PIRQ instead of a vCPU, which hvm_girq_dest_2_vcpu_id finds
 * nobody to match, except in a guest of one vCPU, where it does not look: that vCPU is then posted vector 0, which no
 * handler has (xen/arch/x86/hvm/vmsi.c 133, drivers/passthrough/x86/hvm.c 375 at c447b7308b). */
struct vcpu *posted_target(const struct pirq *pirq)
{
    if (pirq->wants_event && pirq->domain->vcpu_count > 1)
        return NULL;
    return pirq->is_multicast || pirq->is_emulated || pirq->line != NULL ? NULL : pirq->dest_vcpu;
}

static void irte_update(struct cpu *cpu, struct pirq *pirq, struct irte_value value)
{
    struct posted *posted = xen_of(cpu)->posted;
    bool was_on = spin_lock_irqsave(cpu, &posted->iremap_lock);

    posted->statistics.irte_updates++;
    irte_write(cpu, &pirq->posted->irte, value, posted_has(xen_of(cpu), POSTED_F9));
    irte_invalidate(cpu, &pirq->posted->irte);
    spin_unlock_irqrestore(cpu, &posted->iremap_lock, was_on);
}

static struct irte_value remapped(const struct pirq *pirq)
{
    return irte_remapped(pirq->desc.cpu->id, pirq->desc.vector);
}

/* hvm_pi_update_irte, after event_lock has been dropped. */
void posted_bind(struct cpu *cpu, struct pirq *pirq)
{
    struct posted_pirq *pp = pirq->posted;
    struct vcpu *target = posted_target(pirq);
    const struct domain *d = pirq->domain;

    if (pp == NULL)
        return;
    if (target == NULL && !posted_has(xen_of(cpu), POSTED_F8))
        return;
    if (pirq->is_hashed && !posted_has(xen_of(cpu), POSTED_F11) && target == &d->vcpus[d->vcpu_count - 1])
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "BUG_ON in vector_hashing_dest: the chosen vCPU is the last");
    bool was_on = spin_lock_irqsave(cpu, &pirq->desc.lock);
    pp->target = target;
    pp->gvec = pirq->gvec;
    spin_unlock_irqrestore(cpu, &pirq->desc.lock, was_on);
    irte_update(cpu, pirq, target != NULL ? irte_posted(&target->posted->descriptor, pirq->gvec) : remapped(pirq));
    pp->is_posted = target != NULL;
}

void posted_unbind(struct cpu *cpu, struct pirq *pirq)
{
    struct posted_pirq *pp = pirq->posted;

    if (pp == NULL || !posted_has(xen_of(cpu), POSTED_F7))
        return;
    pp->target = NULL;
    pp->is_posted = false;
    irte_update(cpu, pirq, remapped(pirq));
}

bool posted_stays(const struct pirq *pirq)
{
    return pirq->posted != NULL && pirq->posted->is_posted && posted_has(pirq->domain->xen, POSTED_F6);
}

/* The host has routed the interrupt to another pCPU; desc->lock is held. Without F7 the fields of a remapped entry are
 * written whatever the format of the entry is. */
void posted_affinity_changed(struct cpu *cpu, struct pirq *pirq)
{
    struct posted_pirq *pp = pirq->posted;
    struct irte_value value;

    if (pp == NULL)
        return;
    value = remapped(pirq);
    if (!posted_has(xen_of(cpu), POSTED_F7))
        value = irte_inherit_format(&pp->irte, value);
    else if (pp->target != NULL)
        value = irte_posted(&pp->target->posted->descriptor, pp->gvec);
    irte_update(cpu, pirq, value);
}
