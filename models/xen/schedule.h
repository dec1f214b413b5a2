/* SPDX-License-Identifier: Apache-2.0
 *
 * vCPUs: the scheduler, events to them, and how one runs.
 */
#ifndef MODELS_XEN_SCHEDULE_H
#define MODELS_XEN_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/devices/guest.h"
#include "machine/lines/word.h"
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

/* --- vmx.c --- */

/* Runs the current vCPU from resume until it is descheduled. */
void vmx_do_resume(struct cpu *cpu, struct vcpu *v);

#endif
