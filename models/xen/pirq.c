/* SPDX-License-Identifier: Apache-2.0
 *
 * Bind, unbind and unmapping of a passthrough PIRQ, and the unbinding of all PIRQs in a domain's destruction. The locks
 * and the order of the steps are Xen's; what differs between designs is in struct dpci_design.
 * Left out: all error paths but one; msixtbl; domctl_lock, which is only tried, and on failure the hypercall restarted.
 * Source: xen/drivers/passthrough/io.c (later x86/hvm.c), pci.c, pirq_guest_unbind (xen/arch/x86/irq.c), at each
 * design's commit.
 */
#include "machine/footprint.h"
#include "models/xen/posted.h"

enum { ITERATE_BATCH = 8 };

/* Unmaps all PIRQs. A PIRQ that the destruction has hidden (since 5b58dad089) is not found and keeps its IRQ. */
static void free_domain_pirqs(struct cpu *cpu, struct domain *d)
{
    spin_lock(cpu, &d->xen->pcidevs_lock);
    spin_lock(cpu, &d->event_lock);
    for (uint32_t i = 0; i < d->pirq_count; i++) {
        if (d->pirqs[i].is_hidden)
            violation_raise(cpu, VIOLATION_STATE_MISMATCH,
                            "a domain is gone, and an IRQ is still that of a PIRQ of its");
        d->pirqs[i].is_unmapped = true;
    }
    spin_unlock(cpu, &d->event_lock);
    spin_unlock(cpu, &d->xen->pcidevs_lock);
}

static void complete_domain_destroy(struct cpu *cpu, void *data)
{
    struct domain *d = data;

    free_domain_pirqs(cpu, d);
    if (d->xen->dpci->code != NULL)
        d->xen->dpci->code->free_domain(d);
    footprint_everything(cpu->engine); /* whoever uses it looks whether it is freed */
    d->is_freed = true;
}

void put_domain(struct cpu *cpu, struct domain *d)
{
    if (xen_of(cpu)->dpci->code != NULL) {
        xen_of(cpu)->dpci->code->put_domain(cpu, d);
        return;
    }
    if (d == NULL)
        violation_raise(cpu, VIOLATION_NULL_DOMAIN, "put_domain(NULL)");
    if (word_fetch_add(cpu, &d->refcnt, UINT64_MAX) == 1)
        domain_destroy(cpu, d);
}

void domain_destroy(struct cpu *cpu, struct domain *d)
{
    if (!d->is_dead)
        violation_raise(cpu, VIOLATION_USE_AFTER_FREE, "the last reference to a domain that lives is given back");
    call_rcu(cpu, &d->rcu, complete_domain_destroy, d);
}

static enum xen_history history_of(const struct xen *xen) { return xen_setup(xen->setup)->history; }

/* Since ad28e42bd1 (2015, 4.6) startup_msi_irq leaves a message masked for its guest. */
static bool starts_masked(const struct pirq *pirq)
{
    const struct xen *xen = pirq->domain->xen;

    if (pirq->desc.source == NULL || pirq->line != NULL)
        return false;
    switch (history_of(xen)) {
    case XEN_AFTER_AD28E42BD1:
    case XEN_AFTER_8C97EB6551:
    case XEN_AFTER_58427889F5:
    case XEN_AFTER_9480A1A519:
        return true;
    case XEN_BEFORE_AD28E42BD1:
        return false;
    default:
        return xen->dpci->starts_masked;
    }
}

/* The driver of a guest that wants events starts the device when it has an event channel. */
static bool is_driven(const struct pirq *pirq) { return pirq->has_port || !pirq->wants_event; }

/* Masking or unmasking the vector costs as much as an uncached write to the device. */
void pirq_guest_bind(struct cpu *cpu, struct pirq *pirq)
{
    bool was_on = spin_lock_irqsave(cpu, &pirq->desc.lock);

    cpu_spend(cpu, cpu->costs->icr_write);
    pirq->desc.is_bound = true;
    if (pirq->desc.source != NULL) {
        irq_set_affinity(&pirq->desc, pirq->dest_vcpu->processor);
        posted_affinity_changed(cpu, pirq);
        if (!starts_masked(pirq) && is_driven(pirq))
            device_unmask(pirq->desc.source);
    }
    if (pirq->desc.pin != NULL)
        irq_pin_unmask(pirq->desc.pin);
    spin_unlock_irqrestore(cpu, &pirq->desc.lock, was_on);
}

void pirq_guest_unbind(struct cpu *cpu, struct pirq *pirq)
{
    bool was_on = spin_lock_irqsave(cpu, &pirq->desc.lock);

    cpu_spend(cpu, cpu->costs->icr_write);
    desc_guest_unbind(cpu, &pirq->desc);
    if (pirq->desc.source != NULL)
        device_mask(pirq->desc.source);
    spin_unlock_irqrestore(cpu, &pirq->desc.lock, was_on);
}

/* pt_irq_need_timer; false in a design without the timer. */
static bool has_timer(const struct pirq *pirq)
{
    return pirq->line != NULL && pirq->desc.pin != NULL && dpci_has_timer(pirq->domain->xen);
}

void pirqs_retarget(struct cpu *cpu, struct domain *d)
{
    spin_lock(cpu, &d->event_lock);
    cpu_spend_software(cpu, xen_costs(cpu)->pirq_walk_step * d->pirq_count);
    spin_unlock(cpu, &d->event_lock);
}

/* B1, repeated while a delivery is in progress. Returns true with event_lock held, or false if the design gives up. */
static bool lock_idle_pirq(struct cpu *cpu, struct pirq *pirq)
{
    const struct dpci_design *design = xen_of(cpu)->dpci;
    struct domain *d = pirq->domain;
    struct hypercall_statistics *statistics = &xen_of(cpu)->hypercalls[XEN_ACTION_BIND];
    cycles from = now_of(cpu);

    for (;;) {
        cycles since = now_of(cpu);
        spin_lock(cpu, &d->event_lock);
        if (design->is_active == NULL || !design->is_active(cpu, pirq))
            return true;
        spin_unlock(cpu, &d->event_lock);
        if (design->bind_wait == DPCI_BIND_ONE_SECOND) {
            process_pending_softirqs(cpu);
            if (now_of(cpu) - from > cpu->costs->frequency_hz)
                return false;
        }
        cpu_relax(cpu);
        statistics->retries++;
        statistics->waiting += now_of(cpu) - since;
    }
}

/* B7 B8, of an MSI: msixtbl_pt_register has failed. Interrupts may have arrived since pirq_guest_bind; where the
 * message started masked, only one that was on its way before the last unbind. */
static void undo_bind(struct cpu *cpu, struct pirq *pirq)
{
    pirq_guest_unbind(step(cpu, "B7"), pirq);
    xen_of(cpu)->dpci->reset(cpu, pirq);
    dpci_clear_dom(step(cpu, "B8"), pirq);
    pirq->flags = 0;
    pirq_cleanup_check(cpu, pirq);
}

void guest_msi_set_mask(struct cpu *cpu, struct pirq *pirq, bool mask)
{
    cpu_spend(cpu, cpu->costs->icr_write);
    if (mask)
        device_mask(pirq->desc.source);
    else if (is_driven(pirq))
        device_unmask(pirq->desc.source);
}

/* U0, B12: masks or unmasks the message for its guest. What the device has sent before may still be on its way. */
static void guest_mask_msi(struct cpu *cpu, struct pirq *pirq, bool mask)
{
    bool was_on = spin_lock_irqsave(cpu, &pirq->desc.lock);

    guest_msi_set_mask(cpu, pirq, mask);
    spin_unlock_irqrestore(cpu, &pirq->desc.lock, was_on);
}

enum hypercall_result pt_irq_create_bind(struct cpu *cpu, struct pirq *pirq, bool fails)
{
    struct domain *d = pirq->domain;

    if (xen_of(cpu)->dpci->code != NULL)
        return xen_of(cpu)->dpci->code->create_bind(cpu, pirq, fails);
    if (!lock_idle_pirq(cpu, pirq)) /* B1 B4 */
        return HYPERCALL_EAGAIN;
    if (word_load(step(cpu, "B2"), &d->dpci) == 0)
        word_store(cpu, &d->dpci, 1);
    if (!(pirq->flags & DPCI_MAPPED) && !pirq->is_unmapped) {
        word_store(step(cpu, "B5"), &pirq->dom, 1);
        pirq->flags = pirq->bound_flags;
        if (has_timer(pirq))
            pirq->timer.is_killed = false; /* init_timer */
        pirq_guest_bind(cpu, pirq);        /* B6 */
        if (fails) {
            undo_bind(cpu, pirq);
            spin_unlock(cpu, &d->event_lock);
            return HYPERCALL_DONE;
        }
    }
    spin_unlock(step(cpu, "B10"), &d->event_lock);
    pirqs_retarget(cpu, d); /* B11 */
    posted_bind(cpu, pirq);
    if (starts_masked(pirq) && pirq->desc.source->is_masked)
        guest_mask_msi(step(cpu, "B12"), pirq, false);
    return HYPERCALL_DONE;
}

static void guest_vector_set(struct pirq *pirq, struct vcpu *v, uint32_t vector)
{
    CHECK(vector / 64 < v->domain->irr_words);
    v->vector_pirq[vector] = pirq;
    if (v->posted != NULL)
        posted_handler_set(v, vector, pirq);
    v->next_vector = vector + 1;
}

/* The PIRQ's guest vector on that vCPU, allocated if there is none yet; 0: no vector is free. */
static uint32_t guest_vector(struct pirq *pirq, struct vcpu *v)
{
    for (uint32_t vector = 0; vector < 256; vector++)
        if (v->vector_pirq[vector] == pirq)
            return vector;
    if (v->next_vector > GUEST_VECTOR_LAST)
        return 0;
    guest_vector_set(pirq, v, v->next_vector);
    return v->next_vector - 1;
}

/* The PIRQ's guest vector on all vCPUs, allocated if it has none that is theirs; 0: no vector is free. */
static uint32_t shared_guest_vector(struct pirq *pirq)
{
    const struct domain *d = pirq->domain;
    bool is_shared = true;
    uint32_t vector = 0;

    for (uint32_t i = 0; i < d->vcpu_count; i++) {
        is_shared = is_shared && d->vcpus[i].vector_pirq[pirq->gvec] == pirq;
        vector = d->vcpus[i].next_vector > vector ? d->vcpus[i].next_vector : vector;
    }
    if (is_shared)
        return pirq->gvec;
    if (vector > GUEST_VECTOR_LAST)
        return 0;
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        guest_vector_set(pirq, &d->vcpus[i], vector);
    return vector;
}

/* An interrupt in flight may still reach the old vCPU. */
static void destination_set(struct pirq *pirq, struct vcpu *to, uint32_t vector)
{
    pirq->is_multicast = to == NULL;
    pirq->is_hashed = pirq->is_hashed && to != NULL;
    pirq->dest_vcpu = to == NULL ? pirq->dest_vcpu : to;
    pirq->gvec = vector;
    pirq->desc.source->is_multicast = to == NULL;
    device_expect(pirq->desc.source, NULL, 0);
}

enum hypercall_result pt_irq_move_bind(struct cpu *cpu, struct pirq *pirq, struct vcpu *to)
{
    struct domain *d = pirq->domain;
    uint32_t vector = to == NULL ? shared_guest_vector(pirq) : guest_vector(pirq, to);

    if (vector == 0)
        return HYPERCALL_DONE;
    if (xen_of(cpu)->dpci->code != NULL) {
        destination_set(pirq, to, vector);
        return xen_of(cpu)->dpci->code->move_bind(cpu, pirq, to);
    }
    if (!lock_idle_pirq(cpu, pirq))
        return HYPERCALL_EAGAIN;
    if (pirq->flags & DPCI_MAPPED) /* B9 */
        destination_set(pirq, to, vector);
    spin_unlock(step(cpu, "B10"), &d->event_lock);
    pirqs_retarget(cpu, d); /* B11 */
    posted_bind(cpu, pirq);
    return HYPERCALL_DONE;
}

static bool masks_msi_first(const struct xen *xen)
{
    enum xen_history history = history_of(xen);

    return history == XEN_AFTER_8C97EB6551 || history == XEN_AFTER_9480A1A519 || history == XEN_AFTER_58427889F5 ||
           (xen->dpci->masks_msi && history != XEN_BEFORE_8C97EB6551);
}

void pt_irq_destroy_bind(struct cpu *cpu, struct pirq *pirq)
{
    struct domain *d = pirq->domain;

    if (xen_of(cpu)->dpci->code != NULL) {
        xen_of(cpu)->dpci->code->destroy_bind(cpu, pirq);
        return;
    }
    if (pirq->desc.source != NULL && pirq->line == NULL && masks_msi_first(xen_of(cpu)))
        guest_mask_msi(step(cpu, "U0"), pirq, true);
    spin_lock(step(cpu, "U1"), &d->event_lock);
    if (pirq->flags & DPCI_MAPPED) { /* U3 */
        pirq_guest_unbind(cpu, pirq);
        if (has_timer(pirq))
            kill_timer(step(cpu, "kill"), &pirq->timer);
        posted_unbind(cpu, pirq);
        pirq->flags = 0;
        xen_of(cpu)->dpci->reset(cpu, pirq);
        pirq_cleanup_check(cpu, pirq);
    }
    spin_unlock(step(cpu, "U4"), &d->event_lock);
}

static void free_pirq(struct cpu *cpu, void *data)
{
    struct pirq *pirq = data;

    xen_of(cpu)->statistics.pirqs_freed++;
    if (xen_of(cpu)->dpci->code != NULL)
        xen_of(cpu)->dpci->code->free_pirq(cpu, pirq);
    footprint_everything(cpu->engine);
    pirq->is_freed = true;
}

/* Whether the PIRQ may be freed; event_lock is held. A cancelled delivery counts as idle even if it is still linked. */
static bool pt_pirq_cleanup_check(struct cpu *cpu, struct pirq *pirq)
{
    const struct dpci_design *design = xen_of(cpu)->dpci;

    if (design->code != NULL)
        return design->code->cleanup_check(cpu, pirq);
    if (pirq->flags != 0)
        return false;
    if (design->pirq_tasklet != NULL)
        tasklet_kill(cpu, &pirq->tasklet);
    else if (design->is_active != NULL && design->is_active(cpu, pirq))
        return false;
    dpci_clear_dom(cpu, pirq);
    return true;
}

/* Until daa90dfea9 the guard was inverted: the check was made only of a PIRQ with an event channel, so never where the
 * guest had closed it first (the note of aeeea485bc); and what it removed from the tree was not freed. */
void pirq_cleanup_check(struct cpu *cpu, struct pirq *pirq)
{
    struct xen *xen = xen_of(cpu);
    bool is_mended = xen->dpci->checks_cleanup || history_of(xen) == XEN_AFTER_DAA90DFEA9;

    if (pirq->has_port == is_mended || !pirq->is_unmapped || pirq->is_event || pirq->is_removed)
        return;
    if (!pt_pirq_cleanup_check(cpu, pirq))
        return;
    pirq->is_removed = true;
    xen->statistics.pirqs_removed++;
    if (xen->dpci->code != NULL)
        xen->dpci->code->remove_pirq(cpu, pirq);
    if (is_mended)
        call_rcu(cpu, &pirq->rcu, free_pirq, pirq);
}

void pirq_unmap(struct cpu *cpu, struct pirq *pirq)
{
    spin_lock(cpu, &pirq->domain->event_lock);
    if (!pirq->is_unmapped && !(pirq->flags & DPCI_MAPPED)) {
        pirq->is_event = false;
        pirq->is_unmapped = true;
        xen_of(cpu)->statistics.pirqs_unmapped++;
        pirq_cleanup_check(cpu, pirq);
    }
    spin_unlock(cpu, &pirq->domain->event_lock);
}

/* The versions of pci_clean_dpci_irqs. None of them cancels what is queued. */
enum clean_version {
    CLEAN_REPEATS,   /* each pass unbinds every mapped PIRQ, and fails if the last one that it asked was active */
    CLEAN_REMEMBERS, /* 5b58dad089, 4.14.0 and 4.14.1: hides what is unbound, and remembers one active PIRQ */
    CLEAN_MARKS,     /* 58427889f5, 4.15: flags = 0 says that it is done, so the next pass asks nothing of it */
    CLEAN_STOPS,     /* 9480a1a519, 4.17 up to today: and a pass ends at the first active PIRQ */
};

static enum clean_version clean_version(const struct xen *xen)
{
    switch (xen_setup(xen->setup)->history) {
    case XEN_BEFORE_5B58DAD089:
        return CLEAN_REPEATS;
    case XEN_BEFORE_58427889F5:
        return CLEAN_REMEMBERS;
    case XEN_AFTER_58427889F5:
        return CLEAN_MARKS;
    case XEN_AFTER_9480A1A519:
        return CLEAN_STOPS;
    default:
        return xen->dpci->forgets_active ? CLEAN_REPEATS : CLEAN_STOPS;
    }
}

/* Of a PIRQ that is mapped. Returns false if a delivery of it is in progress. */
static bool clean_dpci_irq(struct cpu *cpu, struct pirq *pirq, enum clean_version version)
{
    const struct dpci_design *design = xen_of(cpu)->dpci;

    if (!pirq->desc.is_bound && xen_setup(xen_of(cpu)->setup)->history == XEN_BEFORE_5B58DAD089)
        violation_raise(
            cpu, VIOLATION_MODELLED_BUG,
            "pirq_guest_unbind finds no action, or BUG_ON(the domain is not in it) where the GSI is shared");
    pirq_guest_unbind(cpu, pirq);
    if (has_timer(pirq))
        kill_timer(cpu, &pirq->timer);
    posted_unbind(cpu, pirq);
    if (design->pirq_tasklet != NULL)
        tasklet_kill(cpu, &pirq->tasklet);
    if (design->is_active == NULL)
        return true;
    if (version >= CLEAN_MARKS)
        pirq->flags = 0;
    pirq->is_hidden = version == CLEAN_REMEMBERS;
    if (!design->is_active(cpu, pirq))
        return true;
    if (version == CLEAN_REMEMBERS)
        pirq->domain->pending_clean = pirq;
    return false;
}

/* pt_pirq_iterate works in batches. Until 9480a1a519 only the last result of a batch counts. */
static bool clean_all(struct cpu *cpu, struct domain *d, enum clean_version version)
{
    bool is_clean = true;

    for (uint32_t i = 0; i < d->pirq_count; i++) {
        if (!is_clean && (version == CLEAN_STOPS || i % ITERATE_BATCH == 0))
            return false;
        if ((d->pirqs[i].flags & DPCI_MAPPED) && !d->pirqs[i].is_hidden)
            is_clean = clean_dpci_irq(cpu, &d->pirqs[i], version);
    }
    return is_clean;
}

enum hypercall_result pci_clean_dpci_irqs(struct cpu *cpu, struct domain *d)
{
    const struct dpci_design *design = xen_of(cpu)->dpci;
    enum clean_version version = clean_version(xen_of(cpu));
    enum hypercall_result result = HYPERCALL_RESTART;

    if (design->code != NULL)
        return design->code->clean(cpu, d);
    spin_lock(cpu, &d->event_lock);
    if (design->domain_tasklet != NULL)
        tasklet_kill(cpu, &d->dirq_tasklet);
    if (d->pending_clean != NULL && !design->is_active(cpu, d->pending_clean))
        d->pending_clean = NULL;
    if (d->pending_clean == NULL && clean_all(cpu, d, version)) {
        word_store(cpu, &d->dpci, 0);
        result = HYPERCALL_DONE;
    }
    spin_unlock(cpu, &d->event_lock);
    return result;
}
