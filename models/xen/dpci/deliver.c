/* SPDX-License-Identifier: Apache-2.0
 *
 * What all designs share: DELIVER, for MSIs and for lines, the queueing on a pCPU's list, and the reads that race with
 * a teardown. Where Xen would use freed or NULL data, the model reports a violation instead. Source: hvm_dirq_assist
 * (xen/drivers/passthrough/io.c), vmsi_deliver_pirq (xen/arch/x86/hvm/vmsi.c) at f6dd295381.
 */
#include "models/xen/xen.h"

/* A vector below 16 is none: nothing is delivered. */
void vmsi_deliver(struct cpu *cpu, struct pirq *pirq)
{
    if (pirq->gvec == 0)
        return;
    if (!pirq->is_multicast) {
        vlapic_set_irq(cpu, pirq->dest_vcpu, pirq->gvec);
        return;
    }
    for (uint32_t i = 0; i < pirq->domain->vcpu_count; i++)
        vlapic_set_irq(cpu, &pirq->domain->vcpus[i], pirq->gvec);
}

bool dpci_has_timer(const struct xen *xen)
{
    return xen->dpci->time_out != NULL && xen_setup(xen->setup)->history != XEN_AFTER_9480A1A519;
}

/* A PIRQ whose flags an unbind has cleared is taken for a level interrupt: Xen then arms a timer, which was never
 * initialised if the PIRQ is an MSI (104072fc1c). Designs without the timer (since 4.16) do nothing for such a PIRQ. */
void hvm_dirq_deliver(struct cpu *cpu, struct pirq *pirq)
{
    CHECK(lock_is_held_by(&pirq->domain->event_lock, cpu));
    cpu_spend_software(cpu, xen_costs(cpu)->dpci_body);
    if (pirq->flags & (DPCI_GUEST_MSI | DPCI_GUEST_PCI))
        cpu_trace(cpu, TRACE_FOR, pirq->dest_vcpu->who, 0, 0, 0);
    if (pirq->is_event) { /* D1 */
        send_guest_pirq(cpu, pirq);
        if (pirq->flags & DPCI_GUEST_MSI)
            return;
    }
    if (pirq->flags & DPCI_GUEST_MSI) { /* D2 */
        vmsi_deliver(cpu, pirq);
        return;
    }
    if (pirq->flags & DPCI_GUEST_PCI) { /* D3 */
        hvm_pci_intx_assert(cpu, pirq);
        pirq->pending++;
    }
    if (pirq->flags & DPCI_TRANSLATE) /* D4: an MSI needs no EOI */
        return;
    if (!dpci_has_timer(xen_of(cpu)))
        return;
    if (pirq->line == NULL)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "set_timer on a timer that was never initialised");
    intx_timer_set(cpu, pirq); /* D5 */
}

void dpci_enqueue(struct cpu *cpu, struct pirq *pirq)
{
    if (!list_is_empty(&pirq->softirq_link))
        violation_raise(cpu, VIOLATION_LIST_CORRUPTION, "list_add_tail of a softirq_list that is linked");
    list_add_tail(&pirq->softirq_link, &xen_cpu(cpu)->dpci_list); /* c3, d3 */
    raise_softirq(cpu, HVM_DPCI_SOFTIRQ);                         /* c4, d4 */
}

void dpci_assert_empty(struct cpu *cpu, struct xen_cpu *dead)
{
    if (!list_is_empty(&dead->dpci_list))
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "ASSERT(list_empty(&per_cpu(dpci_list, cpu))) at CPU_DEAD");
}

/* Without actions `dom` and `dpci` never change, so their reads are not accesses of their own. */
static bool is_changing(const struct xen *xen) { return xen->setup->action_count > 0; }

struct domain *pirq_dom(struct cpu *cpu, struct pirq *pirq)
{
    return !is_changing(xen_of(cpu)) || word_load(cpu, &pirq->dom) != 0 ? pirq->domain : NULL;
}

void dpci_check_domain(struct cpu *cpu, struct domain *d)
{
    if (d == NULL)
        violation_raise(cpu, VIOLATION_NULL_DOMAIN, "hvm_dirq_assist(NULL)");
    if (d->is_freed)
        violation_raise(cpu, VIOLATION_USE_AFTER_FREE, "hvm_dirq_assist on a freed domain");
    if (is_changing(xen_of(cpu)) && word_load(cpu, &d->dpci) == 0)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "ASSERT in hvm_dirq_assist: the domain's dPCI state is freed");
}

void dpci_clear_masked(struct cpu *cpu, struct pirq *pirq) { word_store(cpu, &pirq->masked, 0); }

void dpci_clear_dom(struct cpu *cpu, struct pirq *pirq) { word_store(cpu, &pirq->dom, 0); }
