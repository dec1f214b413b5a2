/* SPDX-License-Identifier: Apache-2.0
 *
 * What own_code.c, own_dpci.c and own_imports.c share: the functions of a code object of Xen files. The names are those
 * of models/xen/code/irqpath_xen.h, without the prefix; one that the object lacks is NULL.
 */
#ifndef MODELS_XEN_OWN_PARTS_H
#define MODELS_XEN_OWN_PARTS_H

#include "code/code.h"
#include "models/xen/code/irqpath_xen.h"
#include "models/xen/own_code.h"
#include "models/xen/xen.h"

/* What the object frees after a grace period of RCU. */
struct code_rcu {
    struct rcu_head rcu;
    void (*function)(void *head);
    void *head; /* the object's; NULL: the record is free */
};

#define CODE_RCU_MAX 64

struct xen_code {
    struct xen *xen;
    struct code *code;
    bool has_tasklets, has_dpci, has_softirqs;
    struct dpci_design design;                       /* with the object's dPCI code */
    void (*handlers[IRQPATH_OTHER_SOFTIRQ + 1])(void); /* that the object has registered, without softirq.c */
    enum irqpath_softirq softirq_hosts[IRQPATH_OTHER_SOFTIRQ];
    struct code_rcu rcu[CODE_RCU_MAX];
    struct pirq *binding; /* whose bind is under way at boot, or under event_lock: the owner of a timer */

    void (*xen_boot)(void);
    void (*cpu_notify)(enum irqpath_cpu_event event, unsigned cpu);
    void *(*tasklet_new)(void *host, int is_softirq);
    void (*tasklet_schedule)(void *tasklet, unsigned cpu);
    void (*tasklet_kill)(void *tasklet);
    void (*do_tasklet)(void);
    int (*tasklet_scheduled)(void);
    int (*tasklet_waits)(void);
    int (*tasklet_is_queued)(const void *tasklet);
    void *(*tasklet_first)(unsigned cpu);
    unsigned (*tasklet_place)(const void *tasklet);
    void *(*domain_new)(void *host, unsigned id, unsigned vcpus, unsigned pirqs);
    void *(*vcpu_of)(void *domain, unsigned vcpu, void *host);
    void *(*pirq_new)(void *domain, unsigned pirq, void *host);
    void (*pirq_remove)(void *domain, void *pirq);
    void (*pirq_free)(void *pirq);
    int (*bind)(void *domain, const struct irqpath_bind *bind);
    int (*unbind)(void *domain, const struct irqpath_bind *bind);
    int (*clean_pirqs)(void *domain);
    int (*do_IRQ_dpci)(void *domain, void *pirq);
    void (*dpci_eoi)(void *domain, unsigned gsi);
    void (*dpci_msi_eoi)(void *domain, unsigned vector);
    int (*cleanup_check)(void *pirq);
    void (*put_domain)(void *domain);
    void (*pirq_peek)(const void *pirq, struct irqpath_pirq_state *state);
    void (*domain_peek)(const void *domain, struct irqpath_domain_state *state);
    void (*raise)(unsigned cpu, enum irqpath_softirq nr);
    void (*do_softirq)(void);
    void (*process_pending_softirqs)(void);
    unsigned long (*softirqs_pending)(unsigned cpu);
    unsigned long (*softirqs_peek)(unsigned cpu);
    void (*open)(enum irqpath_softirq nr, void *host);
};

/* Replaces the functions of xen->dpci. */
void own_dpci_boot(struct xen_code *own);

/* The PIRQ's bind request. */
struct irqpath_bind own_bind_of(const struct pirq *pirq);

/* The functions of irqpath_xen.h that the model implements; ends with a NULL name. */
extern const struct code_import xen_code_imports[];

#endif
