/* SPDX-License-Identifier: Apache-2.0
 *
 * The virtual LAPIC of a vCPU: IRR bits, and the walk over the domain's PIRQs, under event_lock, at a trapped EOI. With
 * posted interrupts a pending interrupt is posted instead (posted/deliver.c). Source: vlapic_set_irq
 * (xen/arch/x86/hvm/vlapic.c), hvm_dpci_msi_eoi (xen/drivers/passthrough/io.c) at f6dd295381.
 */
#include "models/xen/posted.h"

void vlapic_set_irq(struct cpu *cpu, struct vcpu *v, uint32_t vector)
{
    uint64_t bit = 1ull << (vector % 64);

    cpu_spend_software(cpu, xen_costs(cpu)->vlapic_set_irq);
    cpu_trace(cpu, TRACE_PEND, v->who, v->vector_pirq[vector]->desc.source->flow, vector, 0);
    if (v->posted != NULL) {
        posted_deliver(cpu, v, vector);
        return;
    }
    if (!(word_fetch_or(cpu, &v->vlapic_irr[vector / 64], bit) & bit)) {
        vcpu_note_waker(v, false);
        vcpu_kick(cpu, v);
    }
}

/* With posted interrupts, only the pCPU that runs the vCPU writes its IRR. */
static uint64_t irr_load(struct cpu *cpu, struct vcpu *v, uint32_t i)
{
    return v->posted != NULL ? word_load_own(cpu, &v->vlapic_irr[i]) : word_load(cpu, &v->vlapic_irr[i]);
}

uint32_t vlapic_highest_irr(struct cpu *cpu, struct vcpu *v)
{
    for (uint32_t i = v->domain->irr_words; i-- > 0;) {
        uint64_t bits = irr_load(cpu, v, i);
        if (bits != 0)
            return i * 64 + 63 - (uint32_t)__builtin_clzll(bits);
    }
    return 0;
}

bool vlapic_has_irr(struct cpu *cpu, struct vcpu *v) { return vlapic_highest_irr(cpu, v) != 0; }

void vlapic_clear_irr(struct cpu *cpu, struct vcpu *v, uint32_t vector)
{
    word_fetch_and(cpu, &v->vlapic_irr[vector / 64], ~(1ull << (vector % 64)));
}

void hvm_dpci_msi_eoi(struct cpu *cpu, struct domain *d, uint32_t vector)
{
    if (xen_of(cpu)->dpci->code != NULL) {
        xen_of(cpu)->dpci->code->msi_eoi(cpu, d, vector);
        return;
    }
    spin_lock(cpu, &d->event_lock);
    cpu_spend_software(cpu, xen_costs(cpu)->eoi_walk_step * d->pirq_count);
    spin_unlock(cpu, &d->event_lock);
}
