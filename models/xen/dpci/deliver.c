/* SPDX-License-Identifier: Apache-2.0
 *
 * DELIVER: what every design does with a PIRQ whose turn has come, for an MSI to one vCPU.
 * Source: facts xen-dpci 0.8 (hvm_dirq_assist, vmsi_deliver_pirq).
 */
#include "models/xen/xen.h"

void hvm_dirq_deliver(struct cpu *cpu, struct pirq *pirq)
{
    CHECK(lock_is_held_by(&pirq->domain->event_lock, cpu));
    cpu_spend_software(cpu, cpu->costs->dpci_body);
    vlapic_set_irq(cpu, pirq->dest_vcpu, pirq->gvec);
}
