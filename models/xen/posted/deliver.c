/* SPDX-License-Identifier: Apache-2.0
 *
 * Virtual interrupts with virtual-interrupt delivery: software posts, the merge of the PIR into the IRR, and what VM
 * entry and vcpu_block do with both. README.md names the steps. Source: vmx_deliver_posted_intr, vmx_sync_pir_to_irr
 * (xen/arch/x86/hvm/vmx/vmx.c at 4b759ce163; b151125b4d, 56348df32b).
 */
#include "models/xen/posted/state.h"

/* Wakes the target. If it runs or is about to run, sends the notification IPI, unless this code runs in the target's
 * own context outside of interrupts. */
static void notify(struct cpu *cpu, struct vcpu *v)
{
    struct posted_statistics *statistics = &xen_of(cpu)->posted->statistics;
    bool running = word_load(cpu, &v->is_running) != 0;

    vcpu_unblock(cpu, v);
    if (!running || (cpu->interrupt_depth == 0 && v == xen_cpu(cpu)->current))
        return;
    cpu_access_step(cpu, false); /* it may have moved */
    struct xen_cpu *target = v->processor;
    uint64_t bit = 1ull << VCPU_KICK_SOFTIRQ;
    if (target == xen_cpu(cpu)) {
        raise_softirq(cpu, VCPU_KICK_SOFTIRQ);
        return;
    }
    if (!posted_has(xen_of(cpu), POSTED_F1) && word_fetch_or(cpu, &target->softirq_pending, bit) & bit)
        return;
    statistics->software_ipis++;
    send_IPI(cpu, target->cpu, VECTOR_POSTED);
}

void posted_deliver(struct cpu *cpu, struct vcpu *v, uint32_t vector)
{
    struct pi_descriptor *descriptor = &v->posted->descriptor;
    struct posted_statistics *statistics = &xen_of(cpu)->posted->statistics;
    uint64_t bit = 1ull << (vector % 64), control;

    statistics->software_posts++;
    if (word_fetch_or(step(cpu, "S1"), &descriptor->pir[vector / 64], bit) & bit) {
        statistics->software_absorbed++;
        return;
    }
    uint64_t busy = posted_has(xen_of(cpu), POSTED_F0) ? PI_ON | PI_SN : PI_ON;
    do { /* S3 */
        control = word_load(step(cpu, "S3"), &descriptor->control);
        if (control & busy) {
            statistics->software_kicks++;
            vcpu_kick(cpu, v);
            return;
        }
    } while (word_cas(step(cpu, "S3"), &descriptor->control, control, control | PI_ON) != control);
    notify(cpu, v); /* S4 */
}

void posted_sync(struct cpu *cpu, struct vcpu *v)
{
    struct pi_descriptor *descriptor = &v->posted->descriptor;

    if (!(word_fetch_and(step(cpu, "sync"), &descriptor->control, ~(uint64_t)PI_ON) & PI_ON))
        return;
    v->posted->had_lazy = false;
    for (uint32_t i = 0; i < PIR_WORDS; i++) {
        if (!(descriptor->used >> i & 1))
            continue;
        uint64_t bits = word_xchg(step(cpu, "sync"), &descriptor->pir[i], 0);
        if (bits != 0)
            word_fetch_or(step(cpu, "sync"), &v->vlapic_irr[i], bits);
    }
}

bool posted_event_is_deliverable(struct cpu *cpu, struct vcpu *v)
{
    if (posted_has(xen_of(cpu), POSTED_F12))
        posted_sync(cpu, v);
    if (word_load(cpu, &v->guest.upcall_pending) != 0)
        return true;
    if (!posted_has(xen_of(cpu), POSTED_F12))
        posted_sync(cpu, v);
    return vlapic_has_irr(cpu, v);
}

static void set_rvi(struct cpu *cpu, struct vcpu *v)
{
    uint32_t vector = vlapic_highest_irr(cpu, v);

    if (vector == v->posted->apicv.rvi)
        return;
    cpu_spend_software(cpu, xen_costs(cpu)->virq_injection);
    v->posted->apicv.rvi = vector;
}

static void assist_upcall(struct cpu *cpu, struct vcpu *v)
{
    if (v->guest.handling == UINT32_MAX)
        return; /* already injected; upcall_pending stays set until the guest has handled it */
    if (!guest_can_inject(&v->guest)) {
        v->guest.wants_window = true;
        return;
    }
    cpu_spend_software(cpu, xen_costs(cpu)->virq_injection);
    guest_inject_upcall(&v->guest);
    v->guest.wants_window = true;
}

/* A pending upcall takes precedence over the vlapic, and RVI is then not written. Whatever waits behind it comes with
 * an interrupt window: vmx_intr_assist looks once more after the injection, finds upcall_pending still set, and asks
 * for one (hvm/vmx/intr.c 396-404 at c447b7308b). */
void posted_intr_assist(struct cpu *cpu, struct vcpu *v)
{
    if (posted_tries(xen_of(cpu), POSTED_KEEP_ON) && word_load(cpu, &v->pause_flags) & VPF_BLOCKED)
        return; /* SCHEDULE is pending, so no VM entry follows */
    if (posted_has(xen_of(cpu), POSTED_F12))
        posted_sync(cpu, v);
    if (word_load(cpu, &v->guest.upcall_pending) != 0) {
        assist_upcall(cpu, v);
        return;
    }
    posted_sync(cpu, v);
    set_rvi(cpu, v);
}
