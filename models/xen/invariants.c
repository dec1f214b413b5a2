/* SPDX-License-Identifier: Apache-2.0
 *
 * Invariants of an explored state of the Xen model, as predicates that are true when the invariant is broken. Between
 * two steps the holder of a lock may be halfway through a change, so most of them are checked only at the end of an
 * execution, when no change is in progress.
 *
 * We derived them from the code at f6dd295381; upstream does not state them. Left out: that the pCPU which sets
 * STATE_RUN also clears it (no field records the pCPU), and that no pCPU waits for itself or for a lock that it holds
 * (the search reports that as an endless wait).
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/property.h"
#include "models/xen/posted.h"

static const struct xen *xen_under(const struct machine *machine) { return machine->hypervisor; }

/* --- the first PIRQ for which a predicate is true --- */

typedef bool pirq_predicate(const struct xen *xen, const struct pirq *pirq);

static bool any_pirq(const struct machine *machine, pirq_predicate *is_wrong, const char *what, char *text,
                     size_t text_bytes)
{
    const struct xen *xen = xen_under(machine);

    for (uint32_t i = 0; i < xen->domain_count; i++)
        for (uint32_t j = 0; j < xen->domains[i].pirq_count; j++) {
            if (!is_wrong(xen, &xen->domains[i].pirqs[j]))
                continue;
            (void)snprintf(text, text_bytes, "PIRQ %" PRIu32 " of domain %" PRIu32 " %s", j, i, what);
            return true;
        }
    return false;
}

static bool is_link_torn(const struct list *link)
{
    return link->next->previous != link || link->previous->next != link;
}

/* On a pCPU's dpci_list, not on the private list of a running softirq. */
static uint32_t list_cpu(const struct pirq *pirq)
{
    const struct xen *xen = pirq->domain->xen;

    for (uint32_t id = 0; id < xen->cpu_count; id++)
        for (const struct list *at = xen->cpus[id].dpci_list.next; at != &xen->cpus[id].dpci_list; at = at->next)
            if (at == &pirq->softirq_link)
                return id + 1;
    return 0;
}

struct dpci_view dpci_view(const struct pirq *pirq)
{
    const struct dpci_code *code = pirq->domain->xen->dpci->code;

    if (code != NULL)
        return code->view(pirq);
    return (struct dpci_view){
        .state = word_peek(&pirq->state),
        .is_masked = word_peek(&pirq->masked) != 0,
        .is_linked = !list_is_empty(&pirq->softirq_link),
        .is_torn = is_link_torn(&pirq->softirq_link),
        .list_cpu = list_cpu(pirq),
    };
}

struct domain_view domain_view(const struct domain *d)
{
    const struct dpci_code *code = d->xen->dpci->code;

    if (code != NULL)
        return code->domain_view(d);
    return (struct domain_view){ (int64_t)word_peek(&d->refcnt), word_peek(&d->dpci) != 0 };
}

void vcpu_check_start(const struct vcpu *next) { CHECK(word_peek(&next->is_running) == 0); }

bool vlapic_is_in_irr(const struct vcpu *v, uint32_t vector)
{
    return word_peek(&v->vlapic_irr[vector / 64]) >> vector % 64 & 1;
}

static bool is_scheduled(const struct pirq *pirq) { return (dpci_view(pirq).state & DPCI_STATE_SCHED) != 0; }
static bool is_running(const struct pirq *pirq) { return (dpci_view(pirq).state & DPCI_STATE_RUN) != 0; }
static bool is_linked(const struct pirq *pirq) { return dpci_view(pirq).is_linked; }

static bool is_tasklet_queued(const struct xen *xen, const struct tasklet *tasklet)
{
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        if (tasklet_is_on(tasklet, &xen->cpus[id]))
            return true;
    return false;
}

static bool is_pending(const struct vcpu *v, const struct pirq *pirq)
{
    for (const struct device_vector *vector = v->guest.device; vector != NULL; vector = vector->sharer)
        if (vector == pirq->desc.source)
            return true;
    return pirq->desc.source->is_event || vlapic_is_in_irr(v, pirq->gvec) ||
           (v->posted != NULL && posted_is_in_pir(v, pirq->gvec));
}

/* A timer of 1 ms or of 8 ms is armed that will end the physical interrupt and so raise the level again. The search may
 * let none expire (`timeouts`), but in time all do. */
static bool has_eoi_timer(const struct pirq *pirq)
{
    return pirq->desc.pin != NULL && (!list_is_empty(&pirq->desc.eoi_timer.link) || !list_is_empty(&pirq->timer.link));
}

/* Pending in the virtual LAPIC or the PIR of, or injected into, a vCPU that is queued behind another vCPU: whether it
 * is seen will show when the vCPU runs. Or left to a timer. */
bool xen_is_delayed(const struct machine *machine, const struct device_vector *vector)
{
    const struct xen *xen = xen_under(machine);

    for (uint32_t i = 0; i < xen->domain_count; i++)
        for (uint32_t j = 0; j < xen->domains[i].pirq_count; j++) {
            const struct pirq *pirq = &xen->domains[i].pirqs[j];
            const struct vcpu *v = pirq->dest_vcpu;
            if (pirq->desc.source == vector)
                return has_eoi_timer(pirq) || (v->state == RUNSTATE_RUNNABLE && !list_is_empty(&v->csched.runq_link) &&
                                               !is_idle_vcpu(v->processor->curr) && is_pending(v, pirq));
        }
    return false;
}

/* The IRR is looked at after every exit, the PIR only if ON is set. */
static bool is_found_by_exit(const struct vcpu *v, uint32_t vector)
{
    return vlapic_is_in_irr(v, vector) || (v->posted != NULL && posted_is_synced_by_exit(v, vector));
}

bool xen_awaits_exit(const struct machine *machine, const struct device_vector *vector)
{
    const struct xen *xen = xen_under(machine);

    for (uint32_t i = 0; i < xen->domain_count; i++)
        for (uint32_t j = 0; j < xen->domains[i].pirq_count; j++) {
            const struct pirq *pirq = &xen->domains[i].pirqs[j];
            if (pirq->desc.source != vector)
                continue;
            for (uint32_t k = 0; k < xen->domains[i].vcpu_count; k++) {
                const struct vcpu *v = &xen->domains[i].vcpus[k];
                if (v->processor->current == v && ((pirq->gvec != 0 && is_found_by_exit(v, pirq->gvec)) ||
                                                   (vector->is_event && v == pirq->dest_vcpu)))
                    return true;
            }
        }
    return false;
}

/* --- lists --- */

static bool is_torn(const struct xen *xen, const struct pirq *pirq)
{
    (void)xen;
    return dpci_view(pirq).is_torn;
}

static bool has_torn_list(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_pirq(machine, is_torn, "is on a list whose links are inconsistent", text, text_bytes);
}

static const struct property lists = {
    .name = "xen-lists",
    .kind = VIOLATION_LIST_CORRUPTION,
    .at = PROPERTY_AT_STATE,
    .is_broken = has_torn_list,
};

/* --- no PIRQ of a freed domain is queued: RCU does not wait for a softirq of a higher number --- */

static bool is_dangling(const struct xen *xen, const struct pirq *pirq)
{
    return (pirq->domain->is_freed || pirq->is_freed) &&
           (is_tasklet_queued(xen, &pirq->tasklet) || dpci_view(pirq).list_cpu != 0);
}

static bool has_dangling(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_pirq(machine, is_dangling, "is queued on a pCPU, but it or its domain is freed", text, text_bytes);
}

static const struct property freed = {
    .name = "xen-freed",
    .kind = VIOLATION_USE_AFTER_FREE,
    .at = PROPERTY_AT_STATE,
    .is_broken = has_dangling,
};

/* --- references --- */

static uint64_t count_pirqs(const struct domain *d, bool (*is_one)(const struct pirq *pirq))
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < d->pirq_count; i++)
        count += is_one(&d->pirqs[i]);
    return count;
}

/* A domain has one reference of its own until its destruction, and one for each PIRQ in STATE_SCHED. */
static bool has_leak(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct xen *xen = xen_under(machine);

    for (uint32_t i = 0; i < xen->domain_count; i++) {
        const struct domain *d = &xen->domains[i];
        uint64_t expected = !d->is_dead + count_pirqs(d, is_scheduled),
                 references = (uint64_t)domain_view(d).references;
        if (references == expected && !(d->is_dead && references > 0))
            continue;
        (void)snprintf(text, text_bytes, "domain %" PRIu32 " has %" PRIi64 " references at the end, %s%" PRIu64, i,
                       (int64_t)references, d->is_dead ? "but is destroyed and should have " : "but should have ",
                       d->is_dead ? 0 : expected);
        return true;
    }
    return false;
}

static const struct property references = {
    .name = "xen-references",
    .kind = VIOLATION_REFERENCE_LEAK,
    .at = PROPERTY_AT_END,
    .is_broken = has_leak,
};

/* --- what is left at the end of an execution --- */

static bool is_left_running(const struct xen *xen, const struct pirq *pirq)
{
    (void)xen;
    return is_running(pirq);
}

static bool has_left_running(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_pirq(machine, is_left_running, "is in STATE_RUN, but no pCPU delivers it", text, text_bytes);
}

static const struct property left_running = {
    .name = "xen-left-running",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_END,
    .is_weak = true,
    .is_broken = has_left_running,
};

static bool is_left_scheduled(const struct xen *xen, const struct pirq *pirq)
{
    return is_scheduled(pirq) || is_linked(pirq) || is_tasklet_queued(xen, &pirq->tasklet);
}

static bool has_left_scheduled(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_pirq(machine, is_left_scheduled, "is queued, but no softirq is pending", text, text_bytes);
}

static const struct property left_scheduled = {
    .name = "xen-left-scheduled",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_END,
    .is_weak = true,
    .is_broken = has_left_scheduled,
};

/* Only for a bound PIRQ in a design with the gate: in the other designs `masked` may stay set after an unbind has
 * cancelled the delivery. */
static bool is_left_masked(const struct xen *xen, const struct pirq *pirq)
{
    return xen->dpci->has_gate && dpci_view(pirq).is_masked && (pirq->flags & DPCI_MAPPED) &&
           domain_view(pirq->domain).has_dpci && dpci_view(pirq).state == 0;
}

static bool has_left_masked(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_pirq(machine, is_left_masked, "is masked, but nothing will deliver it", text, text_bytes);
}

static const struct property left_masked = {
    .name = "xen-left-masked",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_END,
    .is_weak = true,
    .is_broken = has_left_masked,
};

/* The driver of a bound PIRQ waits for it, but its device may send no message. */
static bool is_left_silent(const struct xen *xen, const struct pirq *pirq)
{
    (void)xen;
    return pirq->desc.source != NULL && pirq->line == NULL && pirq->desc.is_bound && pirq->desc.source->is_masked &&
           (pirq->flags & DPCI_MAPPED) && (pirq->has_port || !pirq->wants_event);
}

static bool has_left_silent(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_pirq(machine, is_left_silent, "is bound, but nothing will unmask its message", text, text_bytes);
}

static const struct property left_silent = {
    .name = "xen-left-silent",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_END,
    .is_weak = true,
    .is_broken = has_left_silent,
};

/* --- freed dPCI state --- */

static bool is_active_without_dpci(const struct xen *xen, const struct pirq *pirq)
{
    (void)xen;
    return !domain_view(pirq->domain).has_dpci && (is_scheduled(pirq) || is_running(pirq));
}

static bool has_active_without_dpci(const struct machine *machine, char *text, size_t text_bytes)
{
    return any_pirq(machine, is_active_without_dpci, "is being delivered, but the domain's dPCI state is freed", text,
                    text_bytes);
}

static const struct property dpci_freed = {
    .name = "xen-dpci-freed",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_STATE,
    .is_weak = true,
    .is_broken = has_active_without_dpci,
};

/* --- runstates --- */

static const char *runstate_error(const struct vcpu *v)
{
    bool is_current = v->processor->curr == v, is_queued = !list_is_empty(&v->csched.runq_link);

    if ((v->state == RUNSTATE_RUNNING) != is_current)
        return is_current ? "runs, but its runstate is not RUNNING" : "is RUNNING, but does not run";
    if (v->state == RUNSTATE_RUNNABLE && !is_queued)
        return "is RUNNABLE, but on no run queue";
    if (v->state == RUNSTATE_BLOCKED && word_peek(&v->pause_flags) == 0)
        return "is BLOCKED, but nothing blocks it";
    return NULL;
}

static bool has_runstate_error(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct xen *xen = xen_under(machine);

    for (uint32_t i = 0; i < xen->domain_count; i++)
        for (uint32_t j = 0; j < xen->domains[i].vcpu_count; j++) {
            const char *error = runstate_error(&xen->domains[i].vcpus[j]);
            if (error == NULL)
                continue;
            (void)snprintf(text, text_bytes, "vCPU %" PRIu32 " of domain %" PRIu32 " %s", j, i, error);
            return true;
        }
    return false;
}

static const struct property runstates = {
    .name = "xen-runstates",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_END,
    .is_weak = true,
    .is_broken = has_runstate_error,
};

const struct property *const xen_invariants[] = {
    &lists,      &freed,     &references,  &left_running, &left_scheduled, &left_masked,  &left_silent,
    &dpci_freed, &runstates, &posted_torn, &posted_irtes, &posted_entries, &posted_lists, NULL,
};
