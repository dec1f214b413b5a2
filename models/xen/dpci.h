/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupt passthrough: PIRQs and their dPCI state, the delivery designs (dpci/), the guests' interrupt lines
 * (intx.c), and bind, unbind and destruction (pirq.c). Source: Xen at f6dd295381, xen/include/xen/hvm/irq.h.
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
struct xen;
struct xen_cpu;

enum dpci_state { DPCI_STATE_SCHED = 1, DPCI_STATE_RUN = 2 };
enum dpci_flag { DPCI_MAPPED = 1, DPCI_GUEST_MSI = 2, DPCI_GUEST_PCI = 4, DPCI_TRANSLATE = 8, DPCI_EOI_LATCH = 16 };

/* A pin of a guest's virtual I/O APIC; protected by irq_lock. */
struct guest_line {
    struct vcpu *dest_vcpu;
    uint32_t vector;
    uint32_t assert_count; /* gsi_assert_count */
    bool remote_irr, is_masked;
    struct pirq *first; /* girq: the PIRQs bound to this line; constant after boot */
};

enum { GUEST_LINES = 64, GUEST_VECTOR_FIRST = 0x31, GUEST_VECTOR_LAST = 0xee };

struct code_timer {
    const void *address; /* of the tree's struct timer; NULL: none */
    void (*function)(void *data);
    void *data;
};

/* A passthrough PIRQ with its dPCI part (struct pirq embeds hvm_pirq_dpci). */
struct pirq {
    struct domain *domain;
    uint32_t number;
    struct irq_desc desc;
    struct line dpci_line; /* cache line of masked, state and dom */
    struct word masked;
    struct word state;        /* enum dpci_state bits */
    struct word dom;          /* 1: the PIRQ's domain, 0: NULL; pirq_dom reads it */
    uint32_t flags;           /* enum dpci_flag bits; protected by event_lock; 0 reads as "needs a timer" */
    struct list softirq_link; /* on a pCPU's dpci_list; interrupts off there */
    struct tasklet tasklet;   /* pirq-tasklet */
    bool is_unmapped;         /* no IRQ is mapped to it; protected by event_lock */
    bool is_hidden;           /* removed too early from the domain's tree (5b58dad089); under event_lock */
    bool has_port;            /* evtchn: an event channel is bound to it; protected by event_lock */
    bool is_event;            /* emuirq: its interrupts are sent as events; protected by event_lock */
    bool wants_event;         /* the guest's driver binds an event channel to it; constant */
    bool is_removed;          /* from the domain's tree, by pirq_cleanup_check; protected by event_lock */
    struct rcu_head rcu;
    bool is_freed; /* Xen has freed this struct pirq */
    struct vcpu *dest_vcpu;
    uint32_t gvec;                /* 0: none, the guest has written its PIRQ's number into the message instead */
    bool is_multicast, is_hashed; /* sent to every vCPU, to any one vCPU; gvec is the same on all of them */
    bool is_emulated;
    struct posted_pirq *posted; /* NULL: interrupts are not posted */
    uint32_t bound_flags;       /* value of flags while bound */

    /* Only for a PIRQ on a guest's line. */
    struct guest_line *line; /* NULL: GUEST_MSI */
    struct pirq *line_next;
    bool is_asserted; /* this PIRQ's bit of pci_intx; protected by irq_lock */
    uint16_t pending; /* assertions not EOI'd; protected by event_lock */
    struct timer timer;
    void *real;                   /* struct pirq of a code object that has dPCI code */
    struct code_timer code_timer; /* the tree's timer that `timer` stands for; only in trees that have it */
};

enum dpci_bind_wait {
    DPCI_BIND_AT_ONCE,
    DPCI_BIND_ONE_SECOND, /* runs softirqs while waiting; gives up with -EAGAIN */
    DPCI_BIND_UNBOUNDED,  /* spins */
};

/* What invariants and accounts look at, without an access. */
struct dpci_view {
    uint64_t state; /* enum dpci_state bits */
    bool is_masked, is_linked, is_torn;
    uint32_t list_cpu; /* pCPU + 1 on whose dpci_list it is; 0: on none */
};

struct domain_view {
    int64_t references;
    bool has_dpci;
};

/* The functions of a code object with a tree's dPCI code (own_dpci.c), in place of those of pirq.c. */
struct dpci_code {
    enum hypercall_result (*create_bind)(struct cpu *cpu, struct pirq *pirq, bool fails);
    enum hypercall_result (*move_bind)(struct cpu *cpu, struct pirq *pirq, const struct vcpu *to);
    void (*destroy_bind)(struct cpu *cpu, struct pirq *pirq);
    enum hypercall_result (*clean)(struct cpu *cpu, struct domain *d); /* pci_clean_dpci_irqs */
    bool (*cleanup_check)(struct cpu *cpu, struct pirq *pirq);         /* pt_pirq_cleanup_check */
    void (*put_domain)(struct cpu *cpu, struct domain *d);
    void (*free_domain)(struct domain *d);
    void (*remove_pirq)(struct cpu *cpu, struct pirq *pirq); /* event_lock is held; free_pirq: a grace period later */
    void (*free_pirq)(struct cpu *cpu, struct pirq *pirq);
    void (*msi_eoi)(struct cpu *cpu, struct domain *d, uint32_t vector);
    void (*line_eoi)(struct cpu *cpu, struct domain *d, const struct guest_line *line);
    struct dpci_view (*view)(const struct pirq *pirq);
    struct domain_view (*domain_view)(const struct domain *d);
};

struct dpci_design {
    /* hvm_do_IRQ_dpci. Called with desc->lock held and interrupts off. */
    void (*raise)(struct cpu *cpu, struct pirq *pirq);
    /* `raise` sets `masked`, and a delivery only happens if it finds `masked` set. */
    bool has_gate;
    /* Handler of HVM_DPCI_SOFTIRQ; NULL for the tasklet designs. */
    void (*softirq)(struct cpu *cpu);
    /* Functions of the domain's and of the PIRQ's tasklet; NULL if the design has no such tasklet. */
    void (*domain_tasklet)(struct cpu *cpu, void *domain);
    void (*pirq_tasklet)(struct cpu *cpu, void *pirq);

    /* Bind, unbind and destruction of a PIRQ; all called with event_lock held. How long a bind waits for a delivery: */
    enum dpci_bind_wait bind_wait;
    /* Whether a delivery is in progress that a bind or a destruction must wait for; NULL: they never wait. */
    bool (*is_active)(struct cpu *cpu, struct pirq *pirq);
    /* Called after the unbind, to cancel what is still queued for delivery. */
    void (*reset)(struct cpu *cpu, struct pirq *pirq);
    /* A bind leaves the MSI masked, and unmasks it when it is complete (ad28e42bd1, 4.6; the unmasking by the hypercall
     * itself 69d99d1b22, 4.10, before which the guest's own write to the mask did it). */
    bool starts_masked;
    /* An unbind masks the MSI before it takes event_lock (8c97eb6551, 4.11). */
    bool masks_msi;
    /* The design's destruction is that of before 5b58dad089: every pass asks all PIRQs again, and the success of a
     * later PIRQ hides the failure of an earlier one (XSA-395, fixed by 9480a1a519). */
    bool forgets_active;
    /* Called when the EOI timer expires, to cancel the queued delivery. NULL: there is no such timer (since 4.16). */
    void (*time_out)(struct cpu *cpu, struct pirq *pirq);
    /* CPU_DEAD, called on the pCPU that took `dead` down; NULL if the design has no per-CPU list. */
    void (*cpu_dead)(struct cpu *cpu, struct xen_cpu *dead);
    /* pirq_cleanup_check is called when a PIRQ is unmapped (daa90dfea9, 2024, which corrected its inverted guard). */
    bool checks_cleanup;
    /* fixup_irqs forwards the vectors pending in the dying pCPU's LAPIC, instead of enabling interrupts once more. */
    bool forwards_vectors;
    /* A code object's dPCI code; of the functions above only raise and softirq are used then. NULL: there is none. */
    const struct dpci_code *code;
};

struct dpci_view dpci_view(const struct pirq *pirq);
struct domain_view domain_view(const struct domain *d);

/* Whether level interrupts have the timer of 8 ms (removed by 730d0f6082, 4.16). */
bool dpci_has_timer(const struct xen *xen);
/* vmsi_deliver_pirq. */
void vmsi_deliver(struct cpu *cpu, struct pirq *pirq);
/* DELIVER, the body of hvm_dirq_assist: injects the PIRQ's interrupt into its guest. event_lock is held. */
void hvm_dirq_deliver(struct cpu *cpu, struct pirq *pirq);
/* Puts the PIRQ on this pCPU's dpci_list and raises the softirq; interrupts off. */
void dpci_enqueue(struct cpu *cpu, struct pirq *pirq);
/* The PIRQ's `dom` field as a delivery reads it, without a lock; NULL after an unbind. */
struct domain *pirq_dom(struct cpu *cpu, struct pirq *pirq);
/* Reports a violation if a delivery to `d` would crash Xen: `d` is NULL or freed, or its dPCI state is freed. */
void dpci_check_domain(struct cpu *cpu, struct domain *d);
/* cpu_dead of the designs that assert that the dead pCPU's list is empty. */
void dpci_assert_empty(struct cpu *cpu, struct xen_cpu *dead);
/* time_out of the designs that deliver only when `masked` is set. */
void dpci_clear_masked(struct cpu *cpu, struct pirq *pirq);
/* reset of the designs without SCHED and RUN states. */
void dpci_clear_dom(struct cpu *cpu, struct pirq *pirq);

/* --- event_channel.c --- */

/* D1: sets the event of the PIRQ, if an event channel is bound to it; event_lock is held. */
void send_guest_pirq(struct cpu *cpu, struct pirq *pirq);
/* The guest's hypercalls: binds an event channel to the PIRQ, and closes it; and the EOI of an interrupt that came as
 * an event. */
void hvm_evtchn_bind_pirq(struct cpu *cpu, struct pirq *pirq);
void hvm_evtchn_close_pirq(struct cpu *cpu, struct pirq *pirq);
void hvm_physdev_eoi(struct cpu *cpu, struct pirq *pirq);

/* --- intx.c --- */

/* At boot: puts the PIRQ on its guest's line. The first PIRQ on a line sets the line's vector. */
void intx_boot(struct pirq *pirq, const struct device_setup *setup, uint32_t vector);
/* Asserts the PIRQ's INTx; injects the line's vector if the line has just become active. */
void hvm_pci_intx_assert(struct cpu *cpu, struct pirq *pirq);
void hvm_pci_intx_deassert(struct cpu *cpu, struct pirq *pirq);
/* The line has become active: injects its vector unless it is masked or not acknowledged; irq_lock is held. */
void guest_line_raise(struct cpu *cpu, struct guest_line *line);
/* The guest's EOI of the line's vector: ends the physical interrupts, and injects again if the line is still high. */
void vioapic_update_EOI(struct cpu *cpu, struct guest_line *line);
/* The guest's driver of this PIRQ masks the line when it is unloaded, and unmasks it when it is loaded. */
void guest_line_mask(struct cpu *cpu, struct pirq *pirq, bool is_masked);
/* D5: arms the EOI timer for 8 ms; pt_irq_time_out is its function, with a struct pirq. */
void intx_timer_set(struct cpu *cpu, struct pirq *pirq);
void pt_irq_time_out(struct cpu *cpu, void *data);

/* --- pirq.c --- */

/* The caller of these functions, except put_domain, holds pcidevs_lock. */

/* Binds the PIRQ to its guest. `fails`: the bind fails after pirq_guest_bind and is undone. HYPERCALL_EAGAIN when the
 * design gave up waiting for a delivery. */
enum hypercall_result pt_irq_create_bind(struct cpu *cpu, struct pirq *pirq, bool fails);
/* create_bind of a bound PIRQ with a new destination: vCPU `to`, or all vCPUs if `to` is NULL. */
enum hypercall_result pt_irq_move_bind(struct cpu *cpu, struct pirq *pirq, struct vcpu *to);
void pt_irq_destroy_bind(struct cpu *cpu, struct pirq *pirq);
/* Unmaps the PIRQ from its domain, after destroy_bind. */
void pirq_unmap(struct cpu *cpu, struct pirq *pirq);
/* Frees or forgets the PIRQ if nothing uses it any more, under the guard of its version; event_lock is held. */
void pirq_cleanup_check(struct cpu *cpu, struct pirq *pirq);
/* A pass of unbinding all PIRQs of a domain that is being destroyed. HYPERCALL_RESTART: it found a delivery in
 * progress. Since 58427889f5 the next pass no longer asks about that delivery. */
enum hypercall_result pci_clean_dpci_irqs(struct cpu *cpu, struct domain *d);
/* Drops a reference to the domain; after the last one, RCU frees the domain. */
void put_domain(struct cpu *cpu, struct domain *d);
/* The last reference is gone: RCU frees the domain. */
void domain_destroy(struct cpu *cpu, struct domain *d);
/* Bind and unbind the physical interrupt. Afterwards no interrupt handler of this PIRQ runs or can start; deferred work
 * may still run. */
void pirq_guest_bind(struct cpu *cpu, struct pirq *pirq);
void pirq_guest_unbind(struct cpu *cpu, struct pirq *pirq);
/* Masks or unmasks the message for its guest; desc->lock is held. */
void guest_msi_set_mask(struct cpu *cpu, struct pirq *pirq, bool mask);
/* hvm_migrate_pirqs for one destination: acquires event_lock again and walks all PIRQs. */
void pirqs_retarget(struct cpu *cpu, struct domain *d);

#endif
