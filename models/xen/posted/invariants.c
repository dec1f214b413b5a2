/* SPDX-License-Identifier: Apache-2.0
 *
 * Invariants of descriptors, blocking lists and IRTEs in an explored state, as predicates that are true when the
 * invariant is broken. We derived them from the code at 4b759ce163; upstream does not state them.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/property.h"
#include "models/xen/posted/state.h"

/* --- the first vCPU that has a fault --- */

typedef const char *vcpu_fault(const struct vcpu *v);

static bool any_vcpu(const struct machine *machine, vcpu_fault *fault, char *text, size_t text_bytes)
{
    const struct xen *xen = machine->hypervisor;

    for (uint32_t i = 0; xen->posted != NULL && i < xen->domain_count; i++)
        for (uint32_t j = 0; j < xen->domains[i].vcpu_count; j++) {
            const char *what = xen->domains[i].is_dead ? NULL : fault(&xen->domains[i].vcpus[j]);
            if (what == NULL)
                continue;
            (void)snprintf(text, text_bytes, "vCPU %" PRIu32 " of domain %" PRIu32 " %s", j, i, what);
            return true;
        }
    return false;
}

/* --- breaches of the state table that hooks.c has recorded --- */

static const char *entry_fault(const struct vcpu *v) { return posted_breach_text(v->posted->breach); }

static bool has_entry_fault(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_vcpu(machine, entry_fault, text, text_bytes);
}

const struct property posted_entries = {
    .name = "xen-posted-state",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_END,
    .is_weak = true,
    .is_broken = has_entry_fault,
};

/* --- lists --- */

static const char *torn_fault(const struct vcpu *v)
{
    const struct list *link = &v->posted->blocking_link;

    return link->next->previous != link || link->previous->next != link
               ? "is on a blocking list whose links are inconsistent"
               : NULL;
}

static bool has_torn(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_vcpu(machine, torn_fault, text, text_bytes);
}

const struct property posted_torn = {
    .name = "xen-posted-torn",
    .kind = VIOLATION_LIST_CORRUPTION,
    .at = PROPERTY_AT_STATE,
    .is_broken = has_torn,
};

static const char *list_fault(const struct vcpu *v)
{
    const struct posted_vcpu *pv = v->posted;
    bool is_listed = !list_is_empty(&pv->blocking_link), is_blocked = word_peek(&v->pause_flags) & VPF_BLOCKED;
    bool has_hook = pv->has_block_hook && word_peek(&v->domain->posted->hooks[POSTED_HOOK_BLOCK]) != 0;
    uint64_t control = word_peek(&pv->descriptor.control);

    if (is_listed != (word_peek(&pv->blocking_lock) != 0))
        return "is on a blocking list but has no blocking lock, or the reverse";
    if (is_blocked && has_hook && !is_listed)
        return "is blocked, but on no blocking list";
    if (is_blocked && has_hook && (control & PI_SN || pi_nv(control) != VECTOR_WAKEUP))
        return "is blocked, but its descriptor does not ask for a wake-up interrupt";
    return NULL;
}

static bool has_list_fault(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_vcpu(machine, list_fault, text, text_bytes);
}

const struct property posted_lists = {
    .name = "xen-posted-lists",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_END,
    .is_weak = true,
    .is_broken = has_list_fault,
};

/* --- what VM exits find --- */

bool posted_is_in_pir(const struct vcpu *v, uint32_t vector)
{
    return word_peek(&v->posted->descriptor.pir[vector / 64]) >> vector % 64 & 1;
}

bool posted_is_synced_by_exit(const struct vcpu *v, uint32_t vector)
{
    return word_peek(&v->posted->descriptor.control) & PI_ON && posted_is_in_pir(v, vector);
}

/* --- IRTEs --- */

static bool is_misrouted(const struct pirq *pirq)
{
    const struct vcpu *target = posted_target(pirq);

    return pirq->posted != NULL && pirq->flags & DPCI_MAPPED &&
           !irte_stands_for(&pirq->posted->irte, target == NULL ? NULL : &target->posted->descriptor, pirq->gvec);
}

static bool has_misrouted(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct xen *xen = machine->hypervisor;

    for (uint32_t i = 0; i < xen->domain_count; i++)
        for (uint32_t j = 0; j < xen->domains[i].pirq_count; j++) {
            if (xen->domains[i].is_dead || !is_misrouted(&xen->domains[i].pirqs[j]))
                continue;
            (void)snprintf(text, text_bytes,
                           "the IRTE of PIRQ %" PRIu32 " of domain %" PRIu32 " does not match its binding", j, i);
            return true;
        }
    return false;
}

const struct property posted_irtes = {
    .name = "xen-posted-irtes",
    .kind = VIOLATION_MISDELIVERY,
    .at = PROPERTY_AT_END,
    .is_broken = has_misrouted,
};
