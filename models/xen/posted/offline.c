/* SPDX-License-Identifier: Apache-2.0
 *
 * The blocking lists of pCPUs that go offline and come online. A wake-up interrupt to a dead pCPU in NDST would be
 * lost, so the vCPUs of the list move one by one to an online pCPU, with SN set during the move. Source:
 * vmx_pi_desc_fixup, vmx_pi_per_cpu_init (92fc8d10f5).
 */
#include "models/xen/posted/state.h"

static void unlist_and_unblock(struct cpu *cpu, struct posted_vcpu *pv)
{
    list_remove(&pv->blocking_link);
    word_store(cpu, &pv->blocking_lock, 0);
    vcpu_unblock(cpu, pv->vcpu);
}

/* Moves the vCPU to this pCPU, which stays online because it takes down one pCPU at a time. */
static void move_here(struct cpu *cpu, struct posted_vcpu *pv)
{
    struct posted_cpu *here = xen_cpu(cpu)->posted;

    spin_lock(cpu, &here->blocking_lock);
    word_store_field(step(cpu, "NDST"), &pv->descriptor.control, PI_NDST_MASK, (uint64_t)cpu->id << PI_NDST_SHIFT);
    list_remove(&pv->blocking_link);
    list_add_tail(&pv->blocking_link, &here->blocked);
    word_store(cpu, &pv->blocking_lock, cpu->id + 1);
    spin_unlock(cpu, &here->blocking_lock);
}

/* An interrupt posted while SN was set is only recorded in the PIR; the proposal recheck-pir looks there. */
static void allow_notifications(struct cpu *cpu, struct posted_vcpu *pv)
{
    struct posted_cpu *here = xen_cpu(cpu)->posted;

    if (!posted_clear_sn(cpu, &pv->descriptor))
        return;
    spin_lock(cpu, &here->blocking_lock);
    if (word_load(cpu, &pv->blocking_lock) == cpu->id + 1)
        unlist_and_unblock(cpu, pv);
    spin_unlock(cpu, &here->blocking_lock);
}

void posted_cpu_dead(struct cpu *cpu, struct xen_cpu *dead)
{
    struct posted_cpu *pc = dead->posted;

    if (pc == NULL || !posted_has(dead->xen, POSTED_F5))
        return;
    bool was_on = spin_lock_irqsave(cpu, &pc->blocking_lock);
    for (struct list *link = pc->blocked.next, *next; link != &pc->blocked; link = next) {
        struct posted_vcpu *pv = LIST_ENTRY(link, struct posted_vcpu, blocking_link);
        next = link->next;
        if (word_fetch_or(step(cpu, "SN"), &pv->descriptor.control, PI_SN) & PI_ON)
            unlist_and_unblock(cpu, pv);
        else
            move_here(cpu, pv);
        allow_notifications(cpu, pv);
    }
    spin_unlock_irqrestore(cpu, &pc->blocking_lock, was_on);
}

void posted_cpu_init(struct xen_cpu *xc)
{
    if (xc->posted != NULL)
        list_init(&xc->posted->blocked);
}
