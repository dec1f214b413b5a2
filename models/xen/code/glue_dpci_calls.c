/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the dPCI code calls elsewhere in Xen, by the model.
 */
#include "glue.h"

#include <xen/event.h>
#include <xen/iommu.h>
#include <asm/apicdef.h>
#include <asm/hvm/irq.h>
#include <asm/hvm/support.h>

#include "irqpath_hvm.h"

#ifdef IRQPATH_HARDWARE_DOMAIN
struct domain *hardware_domain;
#else
struct domain *dom0;
#endif
irqpath_bool iommu_verbose;
#ifdef IRQPATH_NEED_IOMMU
irqpath_bool iommu_enabled;
#endif
#if defined(IRQPATH_INTPOST) && !defined(iommu_intpost)
irqpath_bool iommu_intpost;
#endif

static struct glue_pirq *find(struct domain *d, int number)
{
    struct pirq *pirq = radix_tree_lookup(&d->pirq_tree, (unsigned long)number);

    return pirq ? glue_pirq_of(pirq) : NULL;
}

static irq_desc_t *lock_desc(const struct glue_pirq *pirq, unsigned long *flags)
{
    unsigned long was_on;

    if (!pirq || pirq->pirq.arch.irq <= 0)
        return NULL;
    was_on = irqpath_lock_irqsave(&pirq->desc->desc.lock);
    if (flags)
        *flags = was_on;
    return &pirq->desc->desc;
}

irq_desc_t *pirq_spin_lock_irq_desc(const struct pirq *pirq, unsigned long *flags)
{
    return lock_desc(pirq ? glue_pirq_of(pirq) : NULL, flags);
}

irq_desc_t *domain_spin_lock_irq_desc(struct domain *d, int pirq, unsigned long *flags)
{
    return lock_desc(find(d, pirq), flags);
}

struct pirq *pirq_get_info(struct domain *d, int pirq)
{
    struct glue_pirq *found = find(d, pirq);

    return found ? &found->pirq : NULL;
}

int pirq_guest_bind(struct vcpu *v, struct pirq *pirq, int will_share)
{
    (void)v;
    return irqpath_pirq_guest_bind(glue_pirq_of(pirq)->host, will_share);
}

void pirq_guest_unbind(struct domain *d, struct pirq *pirq)
{
    (void)d;
    irqpath_pirq_guest_unbind(glue_pirq_of(pirq)->host);
}

void pirq_guest_eoi(struct pirq *pirq) { irqpath_pirq_guest_eoi(glue_pirq_of(pirq)->host); }

void desc_guest_eoi(irq_desc_t *desc, struct pirq *pirq)
{
    (void)desc;
    irqpath_desc_guest_eoi(glue_pirq_of(pirq)->host);
    irqpath_irq_restore(1);
}

void guest_mask_msi_irq(irq_desc_t *desc, irqpath_bool mask)
{
    irqpath_mask_msi(((struct glue_desc *)(void *)desc)->pirq->host, mask);
}

void(pirq_cleanup_check)(struct pirq *pirq, struct domain *d)
{
    (void)d;
    irqpath_pirq_cleanup_check(glue_pirq_of(pirq)->host);
}

#if !defined(IRQPATH_WITH_IRQ) || !defined(IRQPATH_USE_PIRQ)
irqpath_bool hvm_domain_use_pirq(const struct domain *d, const struct pirq *pirq)
{
    (void)d;
    return pirq && irqpath_uses_event(glue_pirq_of(pirq)->host);
}
#endif

void send_guest_pirq(struct domain *d, const struct pirq *pirq)
{
    (void)d;
    irqpath_send_guest_pirq(glue_pirq_of(pirq)->host);
}

#ifdef IRQPATH_MIGRATE_PIRQ
void hvm_migrate_pirq(struct hvm_pirq_dpci *dpci, const struct vcpu *v)
{
    if ((dpci->flags & HVM_IRQ_DPCI_MACH_MSI) && dpci->gmsi.dest_vcpu_id == v->vcpu_id)
        irqpath_migrate_pirq(glue_pirq_of(dpci_pirq(dpci))->host, glue_host_vcpu(v));
}
#endif

void hvm_migrate_pirqs(struct vcpu *v) { irqpath_migrate_pirqs(glue_host_vcpu(v)); }

#if defined(IRQPATH_PI_DESC)
int pi_update_irte(const struct pi_desc *desc, const struct pirq *pirq, uint8_t gvec)
{
    const struct vcpu *v =
        desc ? container_of((struct pi_desc *)desc, struct vcpu, glue_vcpu_hvm.glue_vmx.pi_desc) : NULL;

    irqpath_pi_update(glue_pirq_of(pirq)->host, glue_host_vcpu(v), gvec);
    return 0;
}
#elif defined(IRQPATH_PI_FUNCTION)
static int update_irte(const struct vcpu *v, const struct pirq *pirq, uint8_t gvec)
{
    irqpath_pi_update(glue_pirq_of(pirq)->host, glue_host_vcpu(v), gvec);
    return 0;
}

struct hvm_function_table hvm_funcs = { .name = "irqpath", .pi_update_irte = update_irte };
#elif defined(IRQPATH_PI_UPDATE_IRTE)
int pi_update_irte(const struct vcpu *v, const struct pirq *pirq, uint8_t gvec)
{
    irqpath_pi_update(glue_pirq_of(pirq)->host, glue_host_vcpu(v), gvec);
    return 0;
}
#endif

#ifdef IRQPATH_MATCH_DEST_BYTE
bool_t vlapic_match_dest(struct vlapic *target, struct vlapic *source, int short_hand, uint8_t dest, uint8_t is_logical)
#else
irqpath_bool vlapic_match_dest(const struct vlapic *target, const struct vlapic *source, int short_hand, uint32_t dest,
                               irqpath_bool is_logical)
#endif
{
    const struct vcpu *v = container_of((struct vlapic *)target, struct vcpu, glue_vcpu_hvm.vlapic);

    (void)source;
    if (short_hand != 0)
        irqpath_bug("vlapic_match_dest with a short hand");
    return irqpath_matches_dest(glue_host_vcpu(v), dest, is_logical) != 0;
}

void domain_destroy(struct domain *d) { irqpath_domain_destroy(glue_host_domain(d)); }

struct vcpu *irqpath_xen_current(void) { return irqpath_current(); }

#ifdef IRQPATH_DPCI_TIMER
void init_timer(struct timer *timer, void (*function)(void *data), void *data, unsigned int cpu)
{
    irqpath_timer_init(timer, function, data, cpu);
}

void set_timer(struct timer *timer, s_time_t expires) { irqpath_timer_set(timer, (unsigned long)expires); }

void stop_timer(struct timer *timer) { irqpath_timer_stop(timer); }

void kill_timer(struct timer *timer) { irqpath_timer_kill(timer); }
#endif

void call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head))
{
    irqpath_call_rcu(head, (void (*)(void *))function);
}
