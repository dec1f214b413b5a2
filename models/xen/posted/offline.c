/* SPDX-License-Identifier: Apache-2.0
 *
 * The blocking list of a pCPU that has gone offline, and of one that comes. Where NDST is a dead pCPU a wake-up goes
 * nowhere: the list moves to a pCPU that is online, vCPU by vCPU, with SN set meanwhile.
 * Source: vmx_pi_desc_fixup, vmx_pi_per_cpu_init (92fc8d10f5).
 */
#include "models/xen/posted/state.h"

static void unlist_and_unblock(struct cpu *cpu, struct posted_vcpu *pv)
{
    list_remove(&pv->blocking_link);
    word_store(cpu, &pv->blocking_lock, 0);
    vcpu_unblock(cpu, pv->vcpu);
}

/* To this pCPU, which is online, and takes no second pCPU down meanwhile. */
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

/* What came while SN was set has left no trace but in the PIR; the proposal looks there. */
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
