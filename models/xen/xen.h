/* SPDX-License-Identifier: Apache-2.0
 *
 * The Xen model: its objects, and its functions grouped by file. Function and field names are Xen's where they mirror
 * it. Behaviour follows Xen at f6dd295381^, November 2014, unless a design says otherwise; each file names the
 * functions that it follows, README.md the steps. Left out: PV guests, caps, cpupools, yield, vPMU, RCU work, ioreq
 * servers, interrupt rate limit, SMT placement.
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
#include "machine/names.h"
#include "machine/notes.h"
#include "machine/violation.h"
#include "machine/lines/word.h"
#include "models/locks/lock.h"
#include "models/family/family.h"
#include "models/xen/setup.h"
#include "models/xen/designs.h"
#include "models/xen/hotplug.h"
#include "models/xen/rcu.h"
#include "models/xen/tasklet.h"
#include "models/xen/timer.h"

struct dpci_design;
struct domain;
struct guest_line;
struct pirq;
struct vcpu;
struct xen;
struct xen_cpu;

/* Softirq numbers are their service order. Source: xen/include/xen/softirq.h at f6dd295381. */
enum softirq {
    TIMER_SOFTIRQ = 0,
    SCHEDULE_SOFTIRQ = 1,
    RCU_SOFTIRQ = 3,
    TASKLET_SOFTIRQ = 4,
    VCPU_KICK_SOFTIRQ = 7,
    HVM_DPCI_SOFTIRQ = 10,
    SOFTIRQ_COUNT,
};

/* Why cycles for the tasklet lock were charged to RUNNING: the metrics u1 to u5 (derived from Xen at f6dd295381^). */
enum running_cause {
    CAUSE_TIMER_WHILE_RUNNING, /* u1: the timer expired while a vCPU was current */
    CAUSE_REST_OF_LIST,        /* u2: SCHEDULE ran between the passes of a list */
    CAUSE_WOKEN_ELSEWHERE,     /* u4: woken by another route between take 1 and take 2 */
    CAUSE_PASSTHROUGH,         /* u5: a passthrough interrupt's takes */
    CAUSE_COUNT,
};

/* Cycles a pCPU spent for the tasklet lock so far: waiting, or holding it. vCPUs read it at their runstate changes. */
struct lock_clock {
    uint32_t depth;
    cycles since, total;
    enum running_cause cause; /* of the take in progress */
    cycles by_cause[CAUSE_COUNT];
};

/* --- runstate.c --- */

enum runstate { RUNSTATE_RUNNING, RUNSTATE_RUNNABLE, RUNSTATE_BLOCKED, RUNSTATE_OFFLINE, RUNSTATE_COUNT };

struct runstate_times {
    cycles total[RUNSTATE_COUNT];
    cycles lock[RUNSTATE_COUNT];    /* of those, on the tasklet lock, */
    cycles lock_cause[CAUSE_COUNT]; /* and why, while RUNNING */
};

void vcpu_runstate_change(struct vcpu *v, enum runstate new_state, cycles new_entry_time);
/* The vCPU's lock clock is read: before its pCPU or runstate changes. */
void vcpu_lock_charge(struct vcpu *v);
void runstate_init(struct vcpu *v, enum runstate state);
void runstate_measure(struct vcpu *v);
cycles lock_clock_read(const struct xen_cpu *xc);

/* --- schedule.c, credit.c --- */

/* Highest first. */
enum csched_priority {
    CSCHED_PRI_IDLE = -64,
    CSCHED_PRI_TS_OVER = -2,
    CSCHED_PRI_TS_UNDER = -1,
    CSCHED_PRI_TS_BOOST = 0
};

struct csched_vcpu {
    struct list runq_link;
    enum csched_priority priority;
    int64_t credit;    /* 10 a millisecond */
    cycles start_time; /* credits are burned from here */
    bool is_active;    /* takes part in accounting */
};

enum { VPF_BLOCKED = 1, VPF_MIGRATING = 2, VPF_DOWN = 4, VPF_PAUSED = 8, VPF_DETACHING = 16 };

struct vcpu {
    struct domain *domain; /* NULL: an idle vCPU */
    uint32_t id;
    uint32_t who; /* in traces */
    struct xen_cpu *processor;
    uint64_t *hard_affinity; /* bitmap of pCPUs */
    struct line line;        /* pause flags and their neighbours */
    struct word pause_flags; /* VPF_* */
    bool is_running;         /* its state is, or is about to be, on a pCPU */
    struct line state_line;
    struct word loaded_on; /* pCPU + 1 that holds its register state, lazily perhaps; 0 = saved */
    struct csched_vcpu csched;

    enum runstate state;
    cycles state_entry;
    struct runstate_times spent;
    cycles stolen_before; /* RUNNABLE + OFFLINE until the measurement began */
    cycles lock_mark;     /* lock clock of `processor` when last read, */
    cycles cause_mark[CAUSE_COUNT];

    /* Events and interrupts. */
    struct lock virq_lock;
    struct timer singleshot_timer;
    struct tasklet assert_evtchn_irq_tasklet;
    struct line vlapic_line;
    struct word vlapic_irr[4];
    struct pirq **vector_pirq; /* [256]; NULL for idle vCPUs */
    uint32_t next_vector;      /* guest vector for the next device */
    struct guest_vcpu guest;
    struct posted_vcpu *posted; /* NULL: interrupts are not posted */
    bool was_woken_by_tasklet;  /* the last wake came through its own event tasklet */
    struct xen_cpu *resumed_on; /* pCPU of the last vmx_do_resume */
};

static inline bool is_idle_vcpu(const struct vcpu *v) { return v->domain == NULL; }

void vcpu_wake(struct cpu *cpu, struct vcpu *v);
void vcpu_block(struct cpu *cpu, struct vcpu *v);
void vcpu_unblock(struct cpu *cpu, struct vcpu *v);
void vcpu_kick(struct cpu *cpu, struct vcpu *v);
/* VPF_DOWN is set: off its pCPU, or on the way (vcpu_sleep_nosync). */
void vcpu_sleep(struct cpu *cpu, struct vcpu *v);
void schedule_softirq(struct cpu *cpu);
void schedule_timer_fn(struct cpu *cpu, void *data); /* struct xen_cpu */
void sync_local_execstate(struct cpu *cpu);

bool vcpu_runnable(const struct vcpu *v);

void csched_init(struct xen *xen);
void csched_master_init(struct xen *xen); /* after the pCPUs */
void csched_pcpu_init(struct xen_cpu *xc);
void csched_runq_insert(struct vcpu *v);
void csched_vcpu_wake(struct cpu *cpu, struct vcpu *v);
/* Picks who runs next; sets *slice (CYCLES_NEVER: no limit). schedule_lock is held. */
struct vcpu *csched_schedule(struct cpu *cpu, cycles now, cycles *slice);
bool csched_may_run_on(const struct vcpu *v, const struct xen_cpu *xc);
/* Its vCPUs leave this pCPU, which idles and is dying; nobody tickles it or steals from it afterwards. */
void cpu_disable_scheduler(struct cpu *cpu);
void csched_cpu_online(struct cpu *cpu);

/* --- event_channel.c --- */

void vcpu_singleshot_timer_fn(struct cpu *cpu, void *data); /* struct vcpu */
void hvm_assert_evtchn_irq_fn(struct cpu *cpu, void *data); /* struct vcpu */
void evtchn_send(struct cpu *cpu, struct vcpu *target);

/* --- irq.c, vlapic.c --- */

struct irq_desc {
    struct lock lock;
    struct pirq *pirq;
    struct device_vector *source;
    struct xen_cpu *cpu; /* affinity */
    uint32_t vector;
    bool is_bound;       /* a guest is in its action; protected by the lock, as all below */
    struct irq_pin *pin; /* level-triggered, masked from ack to end; NULL: an MSI, which owes no EOI */
    bool is_eoi_owed;    /* pirq->masked: the guest has not EOI'd yet */
    uint32_t in_flight;
    struct timer eoi_timer;
};

void do_irq(struct cpu *cpu, uint32_t vector);
/* Retargets the interrupt of `desc`; desc->lock is held. */
void irq_set_affinity(struct irq_desc *desc, struct xen_cpu *xc);
/* Interrupts of a pCPU that leaves the online map move to another one, with those that its LAPIC holds if so asked;
 * and messages that go anywhere come there again. Interrupts off. */
void fixup_irqs(struct cpu *cpu, bool forwards_vectors);
void irq_cpu_online(struct xen_cpu *xc);
/* At boot, after irq_boot: a level-triggered one. */
void irq_pin_boot(struct irq_desc *desc, uint32_t timeouts);
/* The guest has EOI'd, or is taken to have. */
void pirq_guest_eoi(struct cpu *cpu, struct pirq *pirq);
/* The guest is out of the action (desc->lock is held). */
void desc_guest_unbind(struct cpu *cpu, struct irq_desc *desc);
/* At boot: a vector on this pCPU, or on the next one that has any left. */
void irq_boot(struct irq_desc *desc, struct xen_cpu *xc);

void vlapic_set_irq(struct cpu *cpu, struct vcpu *v, uint32_t vector);
uint32_t vlapic_highest_irr(struct cpu *cpu, struct vcpu *v);
void vlapic_clear_irr(struct cpu *cpu, struct vcpu *v, uint32_t vector);
bool vlapic_has_irr(const struct vcpu *v);
void hvm_dpci_msi_eoi(struct cpu *cpu, struct domain *d);

/* --- dpci/ --- */

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

struct domain {
    struct xen *xen;
    uint32_t id, group; /* group: index into setup->guests */
    struct vcpu *vcpus;
    uint32_t vcpu_count;
    struct lock event_lock;
    struct line refcnt_line;
    struct word refcnt;
    struct word dpci;           /* 0: its hvm_irq_dpci is freed */
    struct pirq *pending_clean; /* the PIRQ that a destruction waits for; protected by event_lock */
    bool is_dead;               /* its destruction has come to the last put_domain */
    struct rcu_head rcu;
    bool is_freed;      /* nobody can reach it any more */
    struct pirq *pirqs; /* [pirq_count], by number */
    uint32_t pirq_count;
    struct tasklet dirq_tasklet;  /* domain-tasklet */
    struct lock irq_lock;         /* only with lines, as */
    struct guest_line *lines;     /* [GUEST_LINES]; otherwise NULL */
    uint32_t assigned_at_boot;    /* devices */
    struct posted_domain *posted; /* NULL: interrupts are not posted */
    struct guest_behaviour behaviour;
};

enum dpci_bind_wait {
    DPCI_BIND_AT_ONCE,
    DPCI_BIND_ONE_SECOND, /* runs softirqs meanwhile; gives up with -EAGAIN */
    DPCI_BIND_UNBOUNDED,  /* spins */
};

struct dpci_design {
    /* hvm_do_IRQ_dpci: desc->lock held, interrupts off. */
    void (*raise)(struct cpu *cpu, struct pirq *pirq);
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

/* --- hypercall.c --- */

/* What the control domain has done with hypercalls of one kind. */
struct hypercall_statistics {
    uint64_t done, retries;
    uint64_t pending;       /* begun and not done; known when it is reported */
    cycles waiting;         /* in tries that found a delivery under way */
    struct histogram *time; /* ns, from the first try to the end */
};

struct control_action {
    const struct action_setup *setup;
    struct xen *xen;
    uint32_t slot;
    struct list link; /* on its pCPU's actions while due */
    uint64_t fired;
    cycles round;       /* when its next round begins, */
    cycles due;         /* and when it fires next: later while the device falls silent; CYCLES_NEVER: no more */
    bool is_quiet;      /* the device has been silenced for this round */
    uint32_t next_pirq; /* progress of the round */
    bool is_assigned;   /* attach: the device is the guest's */
    bool is_over;       /* the round has no hypercall left */
    bool is_under_way;  /* a hypercall has been tried and was not done */
    cycles since;       /* its first try */
};

void control_boot(struct xen *xen);
void control_measure(struct xen *xen);
void control_metrics(struct xen *xen, struct metrics *metrics);
extern const struct metric_table hypercall_metric_table;
/* The next hypercall of the actions due on this pCPU; false when there is none. Interrupts on, no lock held. */
bool control_run(struct cpu *cpu);

/* --- softirq.c --- */

/* Names for traces. */
void softirq_boot(struct trace *trace);

void raise_softirq(struct cpu *cpu, enum softirq nr);
void cpu_raise_softirq(struct cpu *cpu, struct xen_cpu *target, enum softirq nr);
/* Returns when nothing is pending, or at once when SCHEDULE switched the current vCPU. */
void do_softirq(struct cpu *cpu);
/* All but SCHEDULE: from within a long hypercall. */
void process_pending_softirqs(struct cpu *cpu);

/* --- vmx.c --- */

/* Runs the current vCPU from resume until it is descheduled. */
void vmx_do_resume(struct cpu *cpu, struct vcpu *v);

/* --- the whole --- */

struct xen_cpu {
    struct cpu *cpu;
    struct xen *xen;
    uint32_t id;
    struct line pending_line;
    struct word softirq_pending;
    struct list softirq_tasklets;
    struct line tasklet_line; /* of the list's head */
    struct list dpci_list;
    struct lock timers_lock;
    struct list timers;
    struct timer *running_timer;
    struct list actions; /* struct control_action, due */
    struct rcu_cpu rcu;
    struct line power_line;
    struct word power;      /* enum cpu_state; only with hotplug, */
    struct word is_stopped; /* as this: its stop_machine has ended */
    bool runs_stop_work;    /* schedule() has seen that there is some: the idle vCPU is there for it */
    cycles timer_deadline;  /* programmed into the LAPIC */
    struct lock schedule_lock;
    struct list runq;     /* struct csched_vcpu, by priority */
    struct vcpu *curr;    /* as of schedule(), under schedule_lock */
    struct vcpu *current; /* whose code this pCPU runs for */
    struct vcpu *loaded;  /* whose register state is in the pCPU; lazily kept while idle */
    struct vcpu idle_vcpu;
    struct timer s_timer, ticker, master_ticker;
    struct irq_desc *vector_irq[256];
    struct posted_cpu *posted; /* NULL: interrupts are not posted */
    struct lock_clock lock_clock;
    uint32_t last_tickle;
    uint32_t pinned; /* vCPUs placed here at boot */
};

/* Since boot, for the identity of the takes of tasklet_lock (metrics.c). */
struct tasklet_counts {
    uint64_t takes, schedules, empty_passes, started, ended, teardowns;
};

struct xen_statistics {
    uint64_t vmexits, context_switches, wakes, steals, dpci_requeues, dpci_dropped;
};

struct xen {
    struct machine *machine;
    const struct setup *setup;
    const struct dpci_design *dpci;
    const struct xen_costs *costs;
    struct lock_system *locks;
    struct lock_class *schedule_class, *timers_class, *event_class, *desc_class, *virq_class;
    struct lock_class *irq_class; /* NULL: no lines */
    const struct tasklet_operations *tasklets;
    struct lock tasklet_lock;
    struct lock credit_lock; /* prv->lock */
    struct xen_cpu *cpus;
    uint32_t cpu_count;
    struct line idlers_line;
    uint64_t *idlers;    /* bitmap, updated without a lock */
    uint64_t *node_cpus; /* a bitmap a NUMA node */
    struct domain *domains;
    uint32_t domain_count;
    struct device *devices; /* one for each of setup->devices */
    struct device_vector *vectors;
    uint32_t vector_count;
    cycles timeslice, ratelimit, tick, timer_slop, credits_cycles; /* credits_cycles: of one credit */
    cycles measured_from;
    struct xen_statistics statistics;
    struct tasklet_counts tasklet_counts;
    struct posted *posted;          /* NULL: interrupts are not posted */
    struct lock pcidevs_lock;       /* only with actions, as all below */
    struct control_action *actions; /* one for each of setup->actions */
    struct hypercall_statistics hypercalls[XEN_ACTION_COUNT];
    struct hotplug hotplug;
    struct rcu rcu;
};

static inline struct xen_cpu *xen_cpu(const struct cpu *cpu) { return cpu->hypervisor; }
static inline struct xen *xen_of(const struct cpu *cpu) { return xen_cpu(cpu)->xen; }
static inline const struct xen_costs *xen_costs(const struct cpu *cpu) { return xen_of(cpu)->costs; }
static inline cycles now_of(const struct cpu *cpu) { return cpu_now(cpu); }

/* Hooks of every Xen model. */
uint32_t xen_slots(const struct setup *setup);
void xen_boot(const struct design *design, struct machine *machine, const struct setup *setup);
void xen_cpu_main(struct cpu *cpu);
void xen_interrupt(struct cpu *cpu, uint32_t vector);
void xen_measure(struct machine *machine);
void xen_metrics(struct machine *machine, struct metrics *metrics);
extern const struct metric_table *const xen_metric_tables[];

/* --- invariants.c --- */

bool xen_is_delayed(const struct machine *machine, const struct device_vector *vector);
extern const struct property *const xen_invariants[];

#endif
