/* SPDX-License-Identifier: Apache-2.0
 *
 * Device assignment: a domain's hooks are installed with its first device and removed with its last. Source:
 * vmx_pi_hooks_assign, _deassign (xen/arch/x86/hvm/vmx/vmx.c at 4b759ce163; 7c00de1756, 17ee5853e2, 9152b5f8d9).
 */
#include "models/xen/posted/state.h"

static void hook_set(struct cpu *cpu, struct domain *d, enum posted_hook hook, bool is_on)
{
    word_store(cpu, &d->posted->hooks[hook], is_on);
}

/* Sets NDST if no switch_to hook has set it yet. */
static void ndst_init(struct cpu *cpu, struct vcpu *v)
{
    struct word *control = &v->posted->descriptor.control;
    uint64_t old = word_load(cpu, control);

    if (pi_ndst(old) == PI_NDST_INVALID)
        word_store_field(cpu, control, PI_NDST_MASK, (uint64_t)v->processor->id << PI_NDST_SHIFT);
}

static void hooks_assign(struct cpu *cpu, struct domain *d)
{
    hook_set(cpu, d, POSTED_HOOK_SWITCH_FROM, true);
    hook_set(cpu, d, POSTED_HOOK_SWITCH_TO, true);
    if (posted_has(d->xen, POSTED_F3))
        for (uint32_t i = 0; i < d->vcpu_count; i++)
            ndst_init(cpu, &d->vcpus[i]);
    hook_set(cpu, d, POSTED_HOOK_BLOCK, true);
    if (posted_tries(d->xen, POSTED_WAKE_ON_ASSIGN))
        for (uint32_t i = 0; i < d->vcpu_count; i++)
            vcpu_unblock(cpu, &d->vcpus[i]);
}

/* With F4 the domain is paused, so that no hook runs, and all its vCPUs are taken off the blocking lists. */
static enum hypercall_result hooks_deassign(struct cpu *cpu, struct domain *d)
{
    bool unlists = posted_has(d->xen, POSTED_F4);

    if (unlists && !domain_pause(cpu, d, VPF_DETACHING))
        return HYPERCALL_RESTART;
    hook_set(cpu, d, POSTED_HOOK_BLOCK, false);
    hook_set(cpu, d, POSTED_HOOK_SWITCH_FROM, false);
    if (!posted_has(d->xen, POSTED_F2))
        hook_set(cpu, d, POSTED_HOOK_SWITCH_TO, false);
    if (unlists) {
        for (uint32_t i = 0; i < d->vcpu_count; i++)
            posted_unblock_vcpu(cpu, &d->vcpus[i]);
        domain_unpause(cpu, d, VPF_DETACHING);
    }
    return HYPERCALL_DONE;
}

void posted_assign(struct cpu *cpu, struct domain *d)
{
    if (d->posted != NULL && d->posted->assigned++ == 0)
        hooks_assign(cpu, d);
}

enum hypercall_result posted_deassign(struct cpu *cpu, struct domain *d)
{
    if (d->posted == NULL || d->posted->assigned == 0)
        return HYPERCALL_DONE;
    if (d->posted->assigned == 1 && hooks_deassign(cpu, d) != HYPERCALL_DONE)
        return HYPERCALL_RESTART;
    d->posted->assigned--;
    return HYPERCALL_DONE;
}

enum hypercall_result posted_deassign_all(struct cpu *cpu, struct domain *d)
{
    enum hypercall_result result = HYPERCALL_DONE;

    while (d->posted != NULL && d->posted->assigned > 0 && result == HYPERCALL_DONE)
        result = posted_deassign(cpu, d);
    return result;
}
