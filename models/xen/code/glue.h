/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the glue's files share. The tree's structures lie at the start of records that also keep the model's handles.
 */
#ifndef IRQPATH_GLUE_H
#define IRQPATH_GLUE_H

#include <xen/init.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/irq.h>

#include "irqpath_xen.h"

#ifdef IRQPATH_BOOL_T
typedef bool_t irqpath_bool;
#else
typedef bool irqpath_bool;
#endif

struct glue_domain {
    struct domain domain;
    void *host;
};

struct glue_vcpu {
    struct vcpu vcpu;
    void *host;
};

struct glue_desc {
    irq_desc_t desc;
    struct glue_pirq *pirq;
};

struct glue_pirq {
    struct pirq pirq;
    void *host;
    struct domain *domain;
    struct glue_desc *desc;
    int fails; /* the next registration of its MSI-X table */
};

static inline void *glue_host_domain(const struct domain *d)
{
    return d ? ((const struct glue_domain *)(const void *)d)->host : NULL;
}

static inline void *glue_host_vcpu(const struct vcpu *v)
{
    return v ? ((const struct glue_vcpu *)(const void *)v)->host : NULL;
}

static inline struct glue_pirq *glue_pirq_of(const struct pirq *pirq) { return (struct glue_pirq *)(void *)pirq; }

/* Whether some CPU is in the middle of changing a list. */
int glue_list_changes(void);

/* Whose per-CPU data the address lies in: CPU + 1; 0: nobody's. */
unsigned int glue_percpu_of(const void *address);
/* Its offset in the CPU's data, never 0, and back. */
unsigned long glue_percpu_offset(const void *address);
const void *glue_percpu_at(unsigned int cpu, unsigned long offset);

/* The tree's lock that is taken next. */
void *glue_lock_taken_by(void (*function)(void *argument), void *argument);

int glue_softirq_number(enum irqpath_softirq nr); /* the tree's; -1: none */
enum irqpath_softirq glue_softirq_name(unsigned int nr);
/* A bit for each irqpath_softirq, of the tree's bits. */
unsigned long glue_softirqs_named(unsigned long pending);

#endif
