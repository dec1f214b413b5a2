/* SPDX-License-Identifier: Apache-2.0
 *
 * Passthrough: PIRQs with their dPCI part, the designs of their delivery (dpci/), guests' interrupt lines, and binds.
 */
#ifndef MODELS_XEN_DPCI_H
#define MODELS_XEN_DPCI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/lines/word.h"
#include "models/xen/irq.h"
#include "models/xen/hypercall.h"
#include "models/xen/rcu.h"
#include "models/xen/tasklet.h"
#include "models/xen/timer.h"

struct cpu;
struct device_setup;
struct domain;
struct posted_pirq;
struct vcpu;
struct xen_cpu;

enum dpci_state { DPCI_STATE_SCHED = 1, DPCI_STATE_RUN = 2 };
enum dpci_flag { DPCI_MAPPED = 1, DPCI_GUEST_MSI = 2, DPCI_GUEST_PCI = 4, DPCI_TRANSLATE = 8, DPCI_EOI_LATCH = 16 };

/* A pin of a guest's virtual I/O APIC; protected by irq_lock. */
struct guest_line {
    struct vcpu *dest_vcpu;
    uint32_t vector;
    uint32_t assert_count; /* gsi_assert_count */
    bool remote_irr, is_masked;
    struct pirq *first; /* girq: those on it, constant */
};

enum { GUEST_LINES = 64, GUEST_VECTOR_FIRST = 0x31, GUEST_VECTOR_LAST = 0xee };

/* A passthrough PIRQ with its dPCI part (struct pirq embeds hvm_pirq_dpci). */
struct pirq {
    struct domain *domain;
    uint32_t number;
    struct irq_desc desc;
    struct line dpci_line; /* the fields below */
    struct word masked;
    struct word state;        /* enum dpci_state bits */
    struct word dom;          /* 1: the PIRQ's domain, 0: NULL; pirq_dom reads it */
    uint32_t flags;           /* enum dpci_flag bits; protected by event_lock; 0 reads as "needs a timer" */
    struct list softirq_link; /* on a pCPU's dpci_list; interrupts off there */
    struct tasklet tasklet;   /* pirq-tasklet */
    bool is_unmapped;         /* no IRQ belongs to it; protected by event_lock, as */
    bool is_hidden;           /* taken out of the domain's tree before its time (before-58427889f5) */
    struct rcu_head rcu;
    bool is_freed; /* struct pirq is gone */
    struct vcpu *dest_vcpu;
    uint32_t gvec;
    bool is_multicast, is_hashed; /* every vCPU gets it, any one: gvec is the same on all of them */
    bool is_emulated;
    struct posted_pirq *posted; /* NULL: interrupts are not posted */
    uint32_t bound_flags;       /* flags of a bind */

    /* On a guest's line. */
    struct guest_line *line; /* NULL: GUEST_MSI */
    struct pirq *line_next;
    bool is_asserted; /* its bit of pci_intx; protected by irq_lock */
    uint16_t pending; /* assertions not EOI'd; protected by event_lock */
    struct timer timer;
};

enum dpci_bind_wait {
    DPCI_BIND_AT_ONCE,
    DPCI_BIND_ONE_SECOND, /* runs softirqs meanwhile; gives up with -EAGAIN */
    DPCI_BIND_UNBOUNDED,  /* spins */
};

struct dpci_design {
    /* hvm_do_IRQ_dpci: desc->lock held, interrupts off. */
    void (*raise)(struct cpu *cpu, struct pirq *pirq);
    /* The raise sets `masked`, without which nothing is delivered. */
    bool has_gate;
    /* HVM_DPCI_SOFTIRQ; NULL for the tasklet designs. */
    void (*softirq)(struct cpu *cpu);
    /* Tasklets are initialised with these; NULL for the softirq designs. */
    void (*domain_tasklet)(struct cpu *cpu, void *domain);
    void (*pirq_tasklet)(struct cpu *cpu, void *pirq);

    /* The life of a PIRQ, with event_lock held. */
    enum dpci_bind_wait bind_wait;
    /* Whether a delivery is under way that a bind or a destruction must wait for; NULL: they never wait. */
    bool (*is_active)(struct cpu *cpu, struct pirq *pirq);
    /* After the unbind: nothing may be delivered any more. */
    void (*reset)(struct cpu *cpu, struct pirq *pirq);
    /* Of a destruction: a later PIRQ's success hides an earlier one's failure (before 9480a1a519, XSA-395). */
    bool forgets_active;
    /* For the EOI timeout: the delivery that is queued is called off. NULL: there is no such timer (4.16). */
    void (*time_out)(struct cpu *cpu, struct pirq *pirq);
    /* CPU_DEAD, on the pCPU that took `dead` down; NULL: the design has no list. */
    void (*cpu_dead)(struct cpu *cpu, struct xen_cpu *dead);
    /* pirq_cleanup_check is asked when a PIRQ is unmapped (daa90dfea9, 2024; its guard was inverted before). */
    bool checks_cleanup;
    /* fixup_irqs hands on what the dying pCPU's LAPIC holds, instead of a last window with interrupts on. */
    bool forwards_vectors;
};

/* DELIVER, the body of hvm_dirq_assist, for an MSI: event_lock is held. */
void hvm_dirq_deliver(struct cpu *cpu, struct pirq *pirq);
/* Puts the PIRQ on this pCPU's dpci_list and raises the softirq; interrupts off. */
void dpci_enqueue(struct cpu *cpu, struct pirq *pirq);
/* The PIRQ's domain as a delivery reads it, without a lock; NULL after an unbind. */
struct domain *pirq_dom(struct cpu *cpu, struct pirq *pirq);
/* A delivery to `d` begins: the modelled code crashes unless it and its dPCI state are still there. */
void dpci_check_domain(struct cpu *cpu, struct domain *d);
/* cpu_dead of the designs that believe the list to be empty. */
void dpci_assert_empty(struct cpu *cpu, struct xen_cpu *dead);
/* time_out of the designs with the flag `masked`. */
void dpci_clear_masked(struct cpu *cpu, struct pirq *pirq);
/* The reset of the designs without states. */
void dpci_clear_dom(struct cpu *cpu, struct pirq *pirq);

/* --- intx.c --- */

/* At boot: the PIRQ goes on its guest's line, with that vector if it is the first. */
void intx_boot(struct pirq *pirq, const struct device_setup *setup, uint32_t vector);
void hvm_pci_intx_assert(struct cpu *cpu, struct pirq *pirq);
void vioapic_update_EOI(struct cpu *cpu, struct guest_line *line);
/* The guest's driver of that PIRQ goes and comes. */
void guest_line_mask(struct cpu *cpu, struct pirq *pirq, bool is_masked);
/* D5; and what follows 8 ms later (struct pirq). */
void intx_timer_set(struct cpu *cpu, struct pirq *pirq);
void pt_irq_time_out(struct cpu *cpu, void *data);

/* --- pirq.c --- */

/* pcidevs_lock is held. */
/* `fails`: half-way, and it is undone. */
enum hypercall_result pt_irq_create_bind(struct cpu *cpu, struct pirq *pirq, bool fails);
/* A create_bind with another destination: the vCPU, or all vCPUs with NULL. */
enum hypercall_result pt_irq_move_bind(struct cpu *cpu, struct pirq *pirq, struct vcpu *to);
void pt_irq_destroy_bind(struct cpu *cpu, struct pirq *pirq);
/* After destroy_bind: the domain gives the PIRQ back. */
void pirq_unmap(struct cpu *cpu, struct pirq *pirq);
enum hypercall_result pci_clean_dpci_irqs(struct cpu *cpu, struct domain *d);
void put_domain(struct cpu *cpu, struct domain *d);

#endif
