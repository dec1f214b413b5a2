/* SPDX-License-Identifier: Apache-2.0
 *
 * The Xen model: its domains and pCPUs; each part has a header of its own. Functions and fields that mirror Xen have
 * Xen's names. Behaviour follows Xen at f6dd295381^, November 2014, unless a design says otherwise; each file names the
 * functions that it mirrors, and README.md names the steps. Left out: PV guests, cpupools, yield, vPMU, RCU work,
 * ioreq servers, interrupt rate limit, SMT placement.
 */
#ifndef MODELS_XEN_XEN_H
#define MODELS_XEN_XEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/metric.h"
#include "machine/cpu.h"
#include "machine/devices/device.h"
#include "machine/devices/guest.h"
#include "machine/devices/irq_chip.h"
#include "machine/lines/word.h"
#include "machine/names.h"
#include "machine/notes.h"
#include "machine/violation.h"
#include "models/family/family.h"
#include "models/locks/lock.h"
#include "models/xen/setup.h"
#include "models/xen/designs.h"
#include "models/xen/dpci.h"
#include "models/xen/hotplug.h"
#include "models/xen/hypercall.h"
#include "models/xen/irq.h"
#include "models/xen/rcu.h"
#include "models/xen/runstate.h"
#include "models/xen/schedule.h"
#include "models/xen/softirq.h"
#include "models/xen/tasklet.h"
#include "models/xen/timer.h"

struct posted;
struct posted_cpu;
struct posted_domain;
struct xen_code;

struct domain {
    struct xen *xen;
    uint32_t id, group; /* group: index into setup->guests */
    struct vcpu *vcpus;
    uint32_t vcpu_count;
    struct lock event_lock;
    struct line refcnt_line;
    struct word refcnt;
    struct word dpci;           /* 0: hvm_irq_dpci is freed */
    struct pirq *pending_clean; /* the PIRQ that a destruction waits for (5b58dad089); protected by event_lock */
    bool is_dead;               /* the destruction has dropped, or is about to drop, the domain's own reference */
    struct rcu_head rcu;
    bool is_freed;      /* RCU has freed it: any access is a use after free */
    struct pirq *pirqs; /* [pirq_count], by number */
    uint32_t pirq_count;
    uint32_t irr_words;           /* of each vCPU's vlapic_irr, from the first, that some vector may be in */
    struct tasklet dirq_tasklet;  /* domain-tasklet */
    struct lock irq_lock;         /* initialised only when `lines` is not NULL */
    struct guest_line *lines;     /* [GUEST_LINES]; NULL: no device is on a line */
    uint32_t assigned_at_boot;    /* number of devices */
    struct posted_domain *posted; /* NULL: interrupts are not posted */
    struct guest_behaviour behaviour;
    struct list credit_link; /* on credit_domains; protected by credit_lock */
    void *real;              /* struct domain of a code object that has dPCI code */
};

/* What the search for a vCPU to steal looks at of each peer is in one cache line. */
struct xen_cpu {
    _Alignas(64) struct list runq; /* of struct csched_vcpu, by priority */
    struct vcpu *curr;             /* the choice of schedule(); protected by schedule_lock */
    struct lock schedule_lock;
    struct cpu *cpu;
    struct xen *xen;
    uint32_t id;
    struct line pending_line;
    struct word softirq_pending;
    struct list softirq_tasklets;
    struct list idle_tasklets; /* tasklet_list: those that run in the context of the idle vCPU */
    struct line tasklet_line;  /* of the head of softirq_tasklets */
    struct line work_line;
    struct word tasklet_work_to_do;
    struct list dpci_list;
    struct list dpci_todo; /* the softirq's private list, a local variable there */
    struct lock timers_lock;
    struct list timers;
    struct timer *running_timer;
    struct list actions; /* of struct control_action: those that are due */
    struct rcu_cpu rcu;
    struct line power_line;
    struct word power;      /* enum cpu_state; only with hotplug */
    struct word is_stopped; /* stop_machine has ended on this pCPU; only with hotplug */
    bool runs_stop_work;    /* schedule() has picked the idle vCPU for the work of stop_machine */
    cycles timer_deadline;  /* programmed into the LAPIC */
    struct vcpu *current; /* `current` of the code that runs on this pCPU */
    struct vcpu *loaded;  /* the vCPU whose register state is loaded; kept lazily while idle */
    struct vcpu idle_vcpu;
    struct timer s_timer, ticker, master_ticker;
    bool has_slice_ended; /* s_timer has expired since the last schedule() */
    struct irq_desc **vector_irq; /* [256]; apart, since they seldom change (explore/hot_pages.h) */
    struct posted_cpu *posted; /* NULL: interrupts are not posted */
    struct lock_clock lock_clock;
    uint32_t last_tickle;
    uint32_t pinned;                    /* number of vCPUs placed here at boot */
    const struct tasklet *code_tasklet; /* own code: for which tasklet_lock is taken; NULL: unknown */
    void **code_return;                 /* own code: where do_softirq ends after a context switch; NULL: not in it */
};

/* Counters since boot, for the law of tasklet_lock's acquisitions that metrics.c checks. */
struct tasklet_counts {
    uint64_t takes, schedules, empty_passes, started, ended, teardowns;
};

struct xen_statistics {
    uint64_t vmexits, context_switches, wakes, steals, dpci_requeues, dpci_dropped, parks;
    uint64_t pirqs_unmapped, pirqs_removed, pirqs_freed;
};

struct xen {
    struct machine *machine;
    const struct setup *setup;
    const struct dpci_design *dpci;
    struct xen_code *code; /* files of a Xen tree (own_code.h); NULL: none */
    const struct xen_costs *costs;
    struct lock_system *locks;
    struct lock_class *schedule_class, *timers_class, *event_class, *desc_class, *virq_class;
    struct lock_class *irq_class; /* NULL: no device is on a line */
    const struct tasklet_operations *tasklets;
    bool has_idle_tasklets; /* an action of the scenario schedules one */
    struct lock tasklet_lock;
    struct lock credit_lock;    /* prv->lock */
    struct list credit_domains; /* in the order in which they get credits */
    int64_t credit_balance;     /* sum of the active vCPUs' credits after the last accounting */
    struct xen_cpu *cpus;
    uint32_t cpu_count;
    struct line idlers_line;
    struct word *idlers; /* bitmap */
    uint64_t *node_cpus; /* one bitmap for each NUMA node */
    struct domain *domains;
    uint32_t domain_count;
    struct device *devices; /* one for each of setup->devices */
    struct device_vector *vectors;
    uint32_t vector_count;
    cycles timeslice, ratelimit, tick, timer_slop, credits_cycles; /* credits_cycles: cycles for one credit */
    struct timer_budget *ticks; /* explored with run.ticks; NULL: only timers of their own budgets expire */
    cycles measured_from;
    struct xen_statistics statistics;
    struct tasklet_counts tasklet_counts;
    struct posted *posted;          /* NULL: interrupts are not posted */
    struct lock pcidevs_lock;       /* this and the fields below: only with actions */
    struct control_action *actions; /* one for each of setup->actions */
    struct hypercall_statistics hypercalls[XEN_ACTION_COUNT];
    struct hotplug hotplug;
    struct rcu rcu;
};

static inline struct xen_cpu *xen_cpu(const struct cpu *cpu) { return cpu->hypervisor; }
static inline struct xen *xen_of(const struct cpu *cpu) { return xen_cpu(cpu)->xen; }
static inline const struct xen_costs *xen_costs(const struct cpu *cpu) { return xen_of(cpu)->costs; }
static inline cycles now_of(const struct cpu *cpu) { return cpu_now(cpu); }

/* Hooks of struct family, common to all designs. */
uint32_t xen_slots(const struct setup *setup);
void xen_boot(const struct design *design, struct machine *machine, const struct setup *setup);
void xen_cpu_main(struct cpu *cpu);
void xen_interrupt(struct cpu *cpu, uint32_t vector);
void xen_measure(struct machine *machine);
void xen_metrics(struct machine *machine, struct metrics *metrics);
void xen_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                    struct stuck_interrupts *stuck);
extern const struct metric_table *const xen_metric_tables[];

/* --- invariants.c --- */

bool vlapic_is_in_irr(const struct vcpu *v, uint32_t vector);
/* Whether the vector's interrupt waits only for a pCPU, because its vCPU is queued behind a running one, or for a timer
 * that ends it as the guest's EOI would. */
bool xen_is_delayed(const struct machine *machine, const struct device_vector *vector);
/* Whether the vector's interrupt is in the IRR of a vCPU in guest mode, or in its PIR with ON set. */
bool xen_awaits_exit(const struct machine *machine, const struct device_vector *vector);
extern const struct property *const xen_invariants[];

#endif
