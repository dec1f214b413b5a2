/* SPDX-License-Identifier: Apache-2.0
 *
 * vCPUs, the credit scheduler (schedule.c, credit.c), event channels (event_channel.c) and the VM-entry loop (vmx.c).
 */
#ifndef MODELS_XEN_SCHEDULE_H
#define MODELS_XEN_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/devices/guest.h"
#include "machine/lines/word.h"
#include "models/family/exits.h"
#include "models/locks/lock.h"
#include "models/xen/runstate.h"
#include "models/xen/tasklet.h"
#include "models/xen/timer.h"

struct cpu;
struct domain;
struct pirq;
struct posted_vcpu;
struct xen;
struct xen_cpu;

/* --- schedule.c, credit.c --- */

/* Priorities: a higher number runs first. */
enum csched_priority {
    CSCHED_PRI_IDLE = -64,
    CSCHED_PRI_TS_OVER = -2,
    CSCHED_PRI_TS_UNDER = -1,
    CSCHED_PRI_TS_BOOST = 0
};

struct csched_vcpu {
    struct list runq_link;
    enum csched_priority priority;
    int64_t credit;    /* 10 credits per millisecond */
    cycles start_time; /* credits have been burned up to this time */
    bool is_active;    /* takes part in accounting */
    bool is_parked;    /* paused by accounting, because its domain has used up its cap */
};

enum { VPF_BLOCKED = 1, VPF_MIGRATING = 2, VPF_DOWN = 4, VPF_PAUSED = 8, VPF_DETACHING = 16, VPF_PARKED = 32 };

struct vcpu {
    struct domain *domain; /* NULL: an idle vCPU */
    uint32_t id;
    uint32_t who; /* in traces */
    void *real;   /* struct vcpu of a code object that has dPCI code */
    struct xen_cpu *processor;
    uint64_t *hard_affinity; /* bitmap of pCPUs */
    struct line line;        /* pause flags and their neighbours */
    struct word pause_flags; /* VPF_* */
    struct word is_running;  /* a pCPU runs it, or is switching to it or away from it; of idle vCPUs not kept */
    struct line state_line;
    struct word loaded_on; /* pCPU + 1 that holds its register state, possibly lazily; 0: saved */
    struct csched_vcpu csched;
    struct vm_exits exits;

    enum runstate state;
    cycles state_entry;
    enum runstate state_left; /* until state_entry */
    struct runstate_times spent;
    cycles stolen_before;           /* RUNNABLE + OFFLINE before the measurement began */
    cycles run_entry;               /* when the present run began; CYCLES_NEVER: none, or before the measurement */
    cycles run_lock;                /* cycles of the present run that were spent on the tasklet lock */
    cycles lock_mark;               /* lock clock of `processor` when it was last charged */
    cycles cause_mark[CAUSE_COUNT]; /* the same, by cause */

    /* Events and interrupts. */
    struct lock virq_lock;
    struct timer singleshot_timer;
    struct tasklet assert_evtchn_irq_tasklet;
    struct line vlapic_line;
    struct word vlapic_irr[4];
    struct pirq **vector_pirq; /* [256]; NULL for idle vCPUs */
    uint32_t next_vector;      /* next free guest vector */
    struct guest_vcpu guest;
    struct posted_vcpu *posted; /* NULL: interrupts are not posted */
    bool was_woken_by_tasklet;  /* the last wake came from its event-channel tasklet */
    struct xen_cpu *resumed_on; /* pCPU of the last vmx_do_resume */
};

static inline bool is_idle_vcpu(const struct vcpu *v) { return v->domain == NULL; }

/* Puts a vCPU without pause flags on its run queue; otherwise only adjusts its runstate. */
void vcpu_wake(struct cpu *cpu, struct vcpu *v);
/* The current vCPU blocks, unless an event or interrupt is pending. */
void vcpu_block(struct cpu *cpu, struct vcpu *v);
/* Clears VPF_BLOCKED and wakes the vCPU if it was blocked. */
void vcpu_unblock(struct cpu *cpu, struct vcpu *v);
/* vcpu_unblock, and a softirq that makes a running vCPU leave guest mode. */
void vcpu_kick(struct cpu *cpu, struct vcpu *v);
/* After a pause flag has been set: takes the vCPU off its run queue, or makes its pCPU reschedule
 * (vcpu_sleep_nosync). */
void vcpu_sleep(struct cpu *cpu, struct vcpu *v);
void schedule_softirq(struct cpu *cpu);
void schedule_timer_fn(struct cpu *cpu, void *data); /* struct xen_cpu */
/* Saves the register state that this pCPU holds lazily, if any. */
void sync_local_execstate(struct cpu *cpu);

/* Statistics (metrics.c): the wake that follows, if the vCPU is blocked, comes from its event-channel tasklet, or does
 * not. */
void vcpu_note_waker(struct vcpu *v, bool is_tasklet);

/* invariants.c: no other pCPU runs the vCPU. */
void vcpu_check_start(const struct vcpu *next);

bool vcpu_runnable(struct cpu *cpu, struct vcpu *v);

void csched_init(struct xen *xen);
void csched_master_init(struct xen *xen); /* after the pCPUs */
void csched_pcpu_init(struct xen_cpu *xc);
void csched_runq_insert(struct vcpu *v);
void csched_vcpu_wake(struct cpu *cpu, struct vcpu *v);
struct csched_pick {
    struct vcpu *next;
    cycles slice; /* its time slice; CYCLES_NEVER: no limit */
};
/* Picks the next vCPU, the idle one if there is tasklet work. schedule_lock is held. */
struct csched_pick csched_schedule(struct cpu *cpu, cycles now, bool has_tasklet_work);
/* Whether the vCPU's hard affinity contains the pCPU. */
bool csched_may_run_on(const struct vcpu *v, const struct xen_cpu *xc);
/* Removes this pCPU, which is idle and going offline, from the scheduler's masks and migrates all its vCPUs. */
void cpu_disable_scheduler(struct cpu *cpu);
/* Adds this pCPU to the scheduler's masks again and restarts its tick. */
void csched_cpu_online(struct cpu *cpu);

/* --- event_channel.c --- */

void vcpu_singleshot_timer_fn(struct cpu *cpu, void *data); /* struct vcpu */
void hvm_assert_evtchn_irq_fn(struct cpu *cpu, void *data); /* struct vcpu */
/* An event from another vCPU or from the control domain. */
void evtchn_send(struct cpu *cpu, struct vcpu *target);

/* --- vmx.c --- */

/* Runs the current vCPU from resume until it is descheduled. */
void vmx_do_resume(struct cpu *cpu, struct vcpu *v);

#endif
