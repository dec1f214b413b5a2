/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Domains and PIRQs, and the entries of the dPCI code (drivers/passthrough/io.c or drivers/passthrough/x86/hvm.c) for
 * the model.
 */
#include "glue.h"

#include <xen/event.h>
#include <xen/iommu.h>
#include <asm/hvm/irq.h>
#include <asm/hvm/support.h>

#include "irqpath_hvm.h"

static void boot_interrupts(struct domain *d)
{
#ifdef hvm_domain_irq
    enum { GSIS = 48 };

    glue_hvm(d).irq = irqpath_alloc(sizeof(struct hvm_irq) + GSIS, "struct hvm_irq");
    glue_hvm(d).irq->nr_gsis = GSIS;
#endif
    spin_lock_init(&glue_hvm(d).irq_lock);
    irqpath_lock_is(&glue_hvm(d).irq_lock, IRQPATH_IRQ_LOCK, glue_host_domain(d));
}

static void boot_kind(struct domain *d)
{
#ifdef IRQPATH_GUEST_TYPE
    d->guest_type = guest_type_hvm;
#else
    d->options = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_iommu;
#endif
#ifdef IRQPATH_NEED_IOMMU
    d->need_iommu = 1;
    iommu_enabled = 1;
#endif
}

void *irqpath_domain_new(void *host, unsigned int id, unsigned int vcpus, unsigned int pirqs)
{
    struct glue_domain *domain = irqpath_alloc(sizeof(*domain), "struct domain");
    struct domain *d = &domain->domain;

    domain->host = host;
    d->domain_id = (domid_t)id;
    d->max_vcpus = vcpus;
    d->vcpu = irqpath_alloc(vcpus * sizeof(*d->vcpu), "struct vcpu *");
    d->nr_pirqs = pirqs;
    atomic_set(&d->refcnt, 1);
    boot_kind(d);
    radix_tree_init(&d->pirq_tree);
    irqpath_lock_is(&d->event_lock, IRQPATH_EVENT_LOCK, host);
    boot_interrupts(d);
#if defined(IRQPATH_INTPOST) && !defined(iommu_intpost)
    iommu_intpost = irqpath_is_posted(host) != 0;
#endif
    return domain;
}

void *irqpath_vcpu_of(void *domain, unsigned int vcpu, void *host)
{
    struct domain *d = domain;
    struct glue_vcpu *v = irqpath_alloc(sizeof(*v), "struct vcpu");

    v->host = host;
    v->vcpu.domain = d;
    v->vcpu.vcpu_id = (int)vcpu;
    d->vcpu[vcpu] = &v->vcpu;
    if (vcpu)
        d->vcpu[vcpu - 1]->next_in_list = &v->vcpu; /* for_each_vcpu */
    return v;
}

void irqpath_pirq_remove(void *domain, void *pirq)
{
    struct domain *d = domain;
    const struct glue_pirq *p = pirq;

    radix_tree_delete(&d->pirq_tree, p->pirq.pirq);
}

void irqpath_pirq_free(void *pirq)
{
    struct glue_pirq *p = pirq;

    irqpath_free(p->desc);
    irqpath_free(p);
}

/* Whether the guest takes the PIRQ as an event: for hvm_domain_use_pirq, which asks for it later. */
static void emuirq_update(struct glue_pirq *pirq)
{
    pirq->pirq.arch.hvm.emuirq = irqpath_uses_event(pirq->host) ? IRQ_PT : IRQ_UNBOUND;
}

void *irqpath_pirq_new(void *domain, unsigned int number, void *host)
{
    struct domain *d = domain;
    struct glue_pirq *pirq = irqpath_alloc(sizeof(*pirq), "struct pirq");
    struct glue_desc *desc = irqpath_alloc(sizeof(*desc), "struct irq_desc");

    pirq->host = host;
    pirq->domain = d;
    pirq->desc = desc;
    desc->pirq = pirq;
    desc->desc.irq = (int)number + 1;
    spin_lock_init(&desc->desc.lock);
    irqpath_lock_is(&desc->desc.lock, IRQPATH_DESC_LOCK, host);
    pirq->pirq.pirq = (int)number;
    pirq->pirq.arch.irq = (int)number + 1; /* 0: none */
    emuirq_update(pirq);
    pt_pirq_init(d, &pirq->pirq.arch.hvm.dpci);
    if (radix_tree_insert(&d->pirq_tree, number, &pirq->pirq))
        irqpath_bug("the domain has a PIRQ of this number");
    return pirq;
}

/* The guest's message as the toolstack packs it: xen_domctl_bind_pt_irq's gflags. */
static unsigned int message_flags(const struct irqpath_bind *bind)
{
    return (bind->dest & 0xff) | (bind->is_logical ? 1u << 9 : 0) | (bind->is_lowest ? 1u << 12 : 0);
}

static void pack(struct domain *d, struct xen_domctl_bind_pt_irq *packed, const struct irqpath_bind *bind)
{
    memset(packed, 0, sizeof(*packed));
    packed->machine_irq = bind->pirq;
    if (bind->kind != IRQPATH_BIND_MSI) {
        packed->irq_type = bind->kind == IRQPATH_BIND_PCI ? PT_IRQ_TYPE_PCI : PT_IRQ_TYPE_MSI_TRANSLATE;
        packed->u.pci.device = (uint8_t)bind->device;
        packed->u.pci.intx = (uint8_t)bind->intx;
        return;
    }
    packed->irq_type = PT_IRQ_TYPE_MSI;
    packed->u.msi.gvec = (uint8_t)bind->gvec;
    packed->u.msi.gflags = message_flags(bind);
#ifdef XEN_DOMCTL_VMSI_X86_UNMASKED
    if (bind->is_unmasked)
        packed->u.msi.gflags |= XEN_DOMCTL_VMSI_X86_UNMASKED;
#endif
    packed->u.msi.gtable = (bind->fails != 0);
    (void)d;
}

int irqpath_bind(void *domain, const struct irqpath_bind *bind)
{
    struct xen_domctl_bind_pt_irq packed;

    pack(domain, &packed, bind);
    return pt_irq_create_bind(domain, &packed);
}

int irqpath_bind_unmasks(void)
{
#ifdef XEN_DOMCTL_VMSI_X86_UNMASKED
    return 1;
#else
    return 0;
#endif
}

int irqpath_unbind(void *domain, const struct irqpath_bind *bind)
{
    struct xen_domctl_bind_pt_irq packed;

    pack(domain, &packed, bind);
    return pt_irq_destroy_bind(domain, &packed);
}

int irqpath_do_IRQ_dpci(void *domain, void *pirq)
{
    emuirq_update(pirq);
    return hvm_do_IRQ_dpci(domain, pirq);
}

void irqpath_put_domain(void *domain)
{
    struct domain *d = domain;

    put_domain(d);
}

int irqpath_cleanup_check(void *pirq)
{
    struct glue_pirq *p = pirq;

    return pt_pirq_cleanup_check(&p->pirq.arch.hvm.dpci);
}

void irqpath_dpci_eoi(void *domain, unsigned int gsi)
{
    /* Older trees have a third argument, the vIO-APIC's entry or NULL. */
    void (*eoi)(void *, unsigned int, const void *) = (void *)hvm_dpci_eoi;

    eoi(domain, gsi, NULL);
}

void irqpath_dpci_msi_eoi(void *domain, unsigned int vector) { hvm_dpci_msi_eoi(domain, (int)vector); }

#ifdef IRQPATH_DPCI_STATE
static int is_node(const struct list_head *node) { return node && node != LIST_POISON1 && node != LIST_POISON2; }

static void peek_list(const struct list_head *node, struct irqpath_pirq_state *state)
{
    enum { STEPS_MAX = 64 };
    const struct list_head *at = node->next;
    unsigned int i;

    state->is_linked = is_node(at) && at != node;
    if (!state->is_linked)
        return;
    state->is_torn = !glue_list_changes() && (!is_node(node->prev) || at->prev != node || node->prev->next != node);
    /* The head of a CPU's list is part of its data; that of a private list is not. */
    for (i = 0; is_node(at) && at != node && i < STEPS_MAX && !state->list_cpu; i++, at = at->next)
        state->list_cpu = glue_percpu_of(at);
}
#endif

void irqpath_pirq_peek(const void *pirq, struct irqpath_pirq_state *state)
{
    const struct glue_pirq *p = pirq;
    const struct hvm_pirq_dpci *dpci = &p->pirq.arch.hvm.dpci;

    memset(state, 0, sizeof(*state));
#ifdef IRQPATH_DPCI_MASKED
    state->masked = dpci->masked;
#endif
    state->flags = dpci->flags;
    state->gvec = dpci->gmsi.gvec;
    state->dest_vcpu = dpci->gmsi.dest_vcpu_id;
    state->pending = dpci->pending;
    state->has_dom = dpci->dom != NULL;
#ifdef IRQPATH_DPCI_STATE
    state->state = dpci->state;
    peek_list(&dpci->softirq_list, state);
#endif
}

void irqpath_domain_peek(const void *domain, struct irqpath_domain_state *state)
{
    const struct domain *d = domain;

    state->references = d->refcnt.counter;
#ifdef hvm_domain_irq
    state->has_dpci = glue_hvm(d).irq->dpci != NULL;
#else
    state->has_dpci = glue_hvm(d).irq.dpci != NULL;
#endif
}
