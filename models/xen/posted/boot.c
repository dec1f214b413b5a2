/* SPDX-License-Identifier: Apache-2.0
 *
 * Posted interrupts at boot, without simulated time: a descriptor for each vCPU, an IRTE for each passthrough MSI, the
 * hooks of domains that have a device, and their blocked vCPUs on the blocking lists of their pCPUs.
 */
#include "models/xen/posted/state.h"

static void posted_new(struct xen *xen)
{
    const struct xen_setup *setup = xen_setup(xen->setup);
    struct posted *posted = ARENA_NEW(xen->machine->arena, struct posted);
    uint32_t without, vcpus = 0;
    const char *wrong;
    size_t bytes;

    for (uint32_t i = 0; i < xen->domain_count; i++)
        vcpus += xen->domains[i].vcpu_count;
    CHECK(posted_names_parse(posted_fix_names, POSTED_FIX_COUNT, setup->posted_without, &without, &wrong, &bytes));
    CHECK(posted_names_parse(posted_proposal_names, POSTED_PROPOSAL_COUNT, setup->posted_with, &posted->proposals,
                             &wrong, &bytes));
    posted->fixes = ((1u << POSTED_FIX_COUNT) - 1) & ~without;
    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        posted->hooks_change = posted->hooks_change || xen->setup->actions[i].kind == XEN_ACTION_ATTACH ||
                               xen->setup->actions[i].kind == XEN_ACTION_DETACH ||
                               xen->setup->actions[i].kind == XEN_ACTION_DESTROY;
    iommu_init(&posted->iommu, xen->machine, vcpus);
    posted->blocking_class = lock_class_new(xen->locks, "blocking_lock");
    lock_init(&posted->iremap_lock, lock_class_new(xen->locks, "iremap_lock"));
    posted->wakeup_time = ARENA_NEW(xen->machine->arena, struct histogram);
    histogram_init(posted->wakeup_time);
    ARENA_EXCLUDE(xen->machine->arena, posted->statistics);
    ARENA_EXCLUDE(xen->machine->arena, posted->guest_mode);
    ARENA_EXCLUDE(xen->machine->arena, *posted->wakeup_time);
    xen->posted = posted;
}

static void cpu_boot(struct xen *xen, struct xen_cpu *xc)
{
    xc->posted = ARENA_NEW(xen->machine->arena, struct posted_cpu);
    lock_init(&xc->posted->blocking_lock, xen->posted->blocking_class);
    list_init(&xc->posted->blocked);
}

void posted_handler_set(struct vcpu *v, uint32_t vector, struct pirq *pirq)
{
    v->posted->apicv.handlers[vector] = pirq->desc.source;
    if (pirq->line != NULL) /* the virtual I/O APIC needs the EOI */
        v->posted->apicv.eoi_exit[vector / 64] |= 1ull << (vector % 64);
}

static void apicv_boot(struct xen *xen, struct vcpu *v)
{
    struct apicv *apicv = &v->posted->apicv;

    v->posted->descriptor.used = (1u << v->domain->irr_words) - 1;
    *apicv = (struct apicv){ .virr = v->vlapic_irr,
                             .descriptor = &v->posted->descriptor,
                             .statistics = &xen->posted->guest_mode };
    for (uint32_t vector = 0; vector < 256; vector++)
        if (v->vector_pirq[vector] != NULL)
            posted_handler_set(v, vector, v->vector_pirq[vector]);
    v->guest.apicv = apicv;
}

/* Before F3 the creation of a vCPU set NDST to its pCPU; since F3 NDST is invalid until a hook sets it. */
static void vcpu_boot(struct xen *xen, struct vcpu *v)
{
    struct posted_vcpu *pv = ARENA_NEW(xen->machine->arena, struct posted_vcpu);
    bool has_hooks = v->domain->posted->assigned > 0, is_blocked = v->pause_flags.value & VPF_BLOCKED;
    bool is_valid = has_hooks || !posted_has(xen, POSTED_F3);

    v->posted = pv;
    pv->vcpu = v;
    line_init(xen->machine, &pv->blocking_line, LINE_PLAIN);
    word_init(&pv->blocking_lock, &pv->blocking_line, 0);
    names_add_of(xen->machine, &pv->blocking_lock, "pi_blocking.lock", "d%uv%u", v->domain->id, v->id);
    list_init(&pv->blocking_link);
    ARENA_EXCLUDE(xen->machine->arena, pv->had_lazy);
    pi_descriptor_init(&xen->posted->iommu, &pv->descriptor, has_hooks && is_blocked ? VECTOR_WAKEUP : VECTOR_POSTED,
                       is_valid ? v->processor->id : PI_NDST_INVALID);
    if (has_hooks && is_blocked) {
        pv->has_block_hook = true;
        pv->blocking_lock.value = v->processor->id + 1;
        list_add_tail(&pv->blocking_link, &v->processor->posted->blocked);
    }
    apicv_boot(xen, v);
}

/* The device is on the guest's socket, so the IOMMU of the target vCPU's socket serves it. */
static void pirq_boot(struct xen *xen, struct pirq *pirq)
{
    struct vcpu *target = posted_target(pirq);

    pirq->posted = ARENA_NEW(xen->machine->arena, struct posted_pirq);
    pirq->posted->gvec = pirq->gvec;
    if (!(pirq->flags & DPCI_MAPPED))
        target = NULL;
    pirq->posted->target = target;
    pirq->posted->is_posted = target != NULL;
    irte_init(&xen->posted->iommu, &pirq->posted->irte, pirq->dest_vcpu->processor->cpu->domain,
              target != NULL ? irte_posted(&target->posted->descriptor, pirq->gvec)
                             : irte_remapped(pirq->desc.cpu->id, pirq->desc.vector));
    pirq->desc.source->irte = &pirq->posted->irte;
}

static void domain_boot(struct xen *xen, struct domain *d)
{
    d->posted = ARENA_NEW(xen->machine->arena, struct posted_domain);
    d->posted->assigned = d->assigned_at_boot;
    line_init(xen->machine, &d->posted->line, LINE_PLAIN);
    for (int hook = 0; hook < POSTED_HOOK_COUNT; hook++) {
        word_init(&d->posted->hooks[hook], &d->posted->line, d->assigned_at_boot > 0);
        names_add_of(xen->machine, &d->posted->hooks[hook], "a pi_ops hook", "d%u", d->id);
    }
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        vcpu_boot(xen, &d->vcpus[i]);
    for (uint32_t i = 0; i < d->pirq_count; i++)
        if (d->pirqs[i].desc.source != NULL && d->pirqs[i].desc.source->wire == NULL)
            pirq_boot(xen, &d->pirqs[i]);
}

void posted_boot(struct xen *xen)
{
    posted_new(xen);
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        cpu_boot(xen, &xen->cpus[id]);
    for (uint32_t i = 0; i < xen->domain_count; i++)
        domain_boot(xen, &xen->domains[i]);
}
