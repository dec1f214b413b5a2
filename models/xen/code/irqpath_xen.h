/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Between irqpath's Xen model and files of a Xen tree. "Host" pointers are opaque handles of the model: the code keeps
 * them and gives them back. The glue (glue_*.c, compiled with the tree) implements the first part from the tree's own
 * functions and the second part for the tree, in terms of the third, which the model implements
 * (models/xen/own_code.c). Functions marked "peek" take no time and access memory without instrumentation.
 */
#ifndef IRQPATH_XEN_H
#define IRQPATH_XEN_H

#include "irqpath.h"

#pragma GCC visibility push(default)

/* Softirqs by name, since their numbers differ between trees. */
enum irqpath_softirq {
    IRQPATH_TIMER_SOFTIRQ,
    IRQPATH_RCU_SOFTIRQ,
    IRQPATH_SCHEDULE_SOFTIRQ,
    IRQPATH_TASKLET_SOFTIRQ,
    IRQPATH_HVM_DPCI_SOFTIRQ,
    IRQPATH_VCPU_KICK_SOFTIRQ,
    IRQPATH_OTHER_SOFTIRQ /* one that the model does not have */
};

enum irqpath_cpu_event { IRQPATH_CPU_UP_PREPARE, IRQPATH_CPU_DYING, IRQPATH_CPU_DEAD };

/* --- 1. the object, for the model; a function of a file that the object lacks is absent --- */

/* At boot: per-CPU data, initcalls, CPU_UP_PREPARE of each CPU. */
void irqpath_xen_boot(void);
void irqpath_cpu_notify(enum irqpath_cpu_event event, unsigned cpu);

/* common/tasklet.c */
void *irqpath_tasklet_new(void *host, int is_softirq); /* runs irqpath_tasklet_run(host) */
void irqpath_tasklet_schedule(void *tasklet, unsigned cpu);
void irqpath_tasklet_kill(void *tasklet);
void irqpath_do_tasklet(void);                       /* the idle loop's part */
int irqpath_tasklet_scheduled(void);                 /* schedule()'s part: whether the idle vCPU must be picked */
int irqpath_tasklet_waits(void);                     /* whether this CPU's idle loop has work, without a change */
int irqpath_tasklet_is_queued(const void *tasklet);  /* peek */
void *irqpath_tasklet_first(unsigned cpu);           /* peek: host of the first on the CPU's softirq list; NULL */
unsigned irqpath_tasklet_place(const void *tasklet); /* peek: CPU + 1; 0: not scheduled */

/* The dPCI code: drivers/passthrough/io.c, or .../x86/hvm.c. */
void *irqpath_domain_new(void *host, unsigned id, unsigned vcpus, unsigned pirqs); /* struct domain, its struct vcpus */
void *irqpath_vcpu_of(void *domain, unsigned vcpu, void *host);
void *irqpath_pirq_new(void *domain, unsigned pirq, void *host); /* in the domain's tree of PIRQs; not bound */
void irqpath_pirq_remove(void *domain, void *pirq);              /* from the tree of PIRQs, when the model unmaps it */
void irqpath_pirq_free(void *pirq);                              /* a grace period of RCU later */

enum irqpath_bind_kind { IRQPATH_BIND_MSI, IRQPATH_BIND_PCI, IRQPATH_BIND_TRANSLATE };
struct irqpath_bind {
    enum irqpath_bind_kind kind;
    unsigned pirq;
    unsigned gvec, dest, is_logical, is_lowest; /* MSI: vector and destination of the guest's message */
    int is_unmasked;                            /* MSI: unmask it after the bind, where the tree knows the flag */
    int fails;                                  /* MSI: the registration of the MSI-X table fails */
    unsigned device, intx;                      /* PCI */
};
int irqpath_bind(void *domain, const struct irqpath_bind *bind);   /* pt_irq_create_bind; 0 or a negative errno */
int irqpath_unbind(void *domain, const struct irqpath_bind *bind); /* pt_irq_destroy_bind */
int irqpath_clean_pirqs(void *domain); /* 0; 1: must be called again (ERESTART, EAGAIN); 2: the tree has it elsewhere */
int irqpath_do_IRQ_dpci(void *domain, void *pirq);
void irqpath_dpci_eoi(void *domain, unsigned gsi);
void irqpath_dpci_msi_eoi(void *domain, unsigned vector);
int irqpath_cleanup_check(void *pirq); /* pt_pirq_cleanup_check: whether it may be freed */
void irqpath_put_domain(void *domain);

struct irqpath_pirq_state {
    unsigned state, masked, flags, gvec, pending;
    int dest_vcpu, has_dom, is_linked, is_torn;
    unsigned list_cpu; /* CPU + 1 on whose dpci_list it is; 0: on none */
};
void irqpath_pirq_peek(const void *pirq, struct irqpath_pirq_state *state); /* peek */
struct irqpath_domain_state {
    long references;
    int has_dpci;
};
void irqpath_domain_peek(const void *domain, struct irqpath_domain_state *state); /* peek */

/* common/softirq.c */
void irqpath_raise(unsigned cpu, enum irqpath_softirq nr);
void irqpath_do_softirq(void);
void irqpath_process_pending_softirqs(void);
unsigned long irqpath_softirqs_pending(unsigned cpu);   /* an access of the code's; a bit for each irqpath_softirq */
unsigned long irqpath_softirqs_peek(unsigned cpu);      /* peek */
void irqpath_open(enum irqpath_softirq nr, void *host); /* its handler becomes irqpath_run_softirq(host) */

/* arch/x86/hvm/vmsi.c, arch/x86/hvm/irq.c: reached through the dPCI code. */
unsigned irqpath_gsi_asserted(void *domain, unsigned gsi); /* how many wires assert it; irq_lock is held */

/* --- 2. what the tree calls and the glue implements is the glue's own business --- */

/* --- 3. the model, for the object --- */

void irqpath_tasklet_run(void *host);
void irqpath_run_softirq(void *host);
void irqpath_open_softirq(enum irqpath_softirq nr, void (*handler)(void)); /* without softirq.c */
void irqpath_raise_softirq(unsigned cpu, enum irqpath_softirq nr);         /* without softirq.c; sends the IPI */
void irqpath_process_softirqs(void);                                       /* without softirq.c */
void irqpath_send_event_check(unsigned cpu);                               /* with softirq.c: the IPI */
void irqpath_rcu_check_callbacks(void);
void irqpath_sync_local_execstate(void);
void *irqpath_current(void); /* the struct vcpu (irqpath_vcpu_of) whose context runs; NULL: the idle vCPU */

/* The lock is one that the model takes, too: the lock of a domain's events, of an interrupt's descriptor. */
enum irqpath_lock_kind { IRQPATH_TASKLET_LOCK, IRQPATH_EVENT_LOCK, IRQPATH_DESC_LOCK, IRQPATH_IRQ_LOCK };
void irqpath_lock_is(void *lock, enum irqpath_lock_kind kind, void *host); /* host: NULL, domain, PIRQ, domain */

int irqpath_pirq_guest_bind(void *host_pirq, int will_share);
void irqpath_pirq_guest_unbind(void *host_pirq);
void irqpath_pirq_guest_eoi(void *host_pirq);
void irqpath_desc_guest_eoi(void *host_pirq);          /* called with the descriptor's lock held, which it drops */
void irqpath_mask_msi(void *host_pirq, int is_masked); /* called with the descriptor's lock held */
void irqpath_pirq_cleanup_check(void *host_pirq);
void irqpath_migrate_pirqs(void *host_vcpu);
void irqpath_migrate_pirq(void *host_pirq, void *host_vcpu); /* trees that move only the PIRQ that is bound */
void irqpath_pi_update(void *host_pirq, void *host_vcpu, unsigned gvec); /* the IRTE; vCPU NULL: not posted */
int irqpath_is_posted(void *host_domain);                                /* iommu_intpost */
int irqpath_uses_event(void *host_pirq);                                 /* hvm_domain_use_pirq */
void irqpath_send_guest_pirq(void *host_pirq);
void irqpath_vlapic_set_irq(void *host_vcpu, unsigned vector, int is_level);
void irqpath_deliver_msi(void *host_pirq); /* without vmsi.c */
int irqpath_matches_dest(void *host_vcpu, unsigned dest, int is_logical);
void irqpath_intx_assert(void *host_domain, unsigned device, unsigned intx, int is_asserted); /* without hvm/irq.c */
void irqpath_vioapic_edge(void *host_domain, unsigned gsi); /* with hvm/irq.c: the vIO-APIC's rising edge or level */
void irqpath_domain_destroy(void *host_domain);             /* the last reference has been dropped */
void irqpath_call_rcu(void *head, void (*function)(void *head));

void irqpath_timer_init(void *timer, void (*function)(void *data), void *data, unsigned cpu);
void irqpath_timer_set(void *timer, unsigned long expires); /* ns, as irqpath_now */
void irqpath_timer_stop(void *timer);
void irqpath_timer_kill(void *timer);

#pragma GCC visibility pop

#endif
