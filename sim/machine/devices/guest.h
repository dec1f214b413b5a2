/* SPDX-License-Identifier: Apache-2.0
 *
 * A virtual CPU's software as a workload: it handles the upcalls and vectors that the hypervisor injects, re-arms its
 * tick, sends events to its siblings, and then halts or computes. Its interface to the hypervisor is the VM exits and
 * the shared page. A handler runs with the guest's interrupts off; the work that it leaves to softirqs and tasks runs
 * afterwards with interrupts on.
 *
 * Left out: user processes, several tasks, memory.
 */
#ifndef MACHINE_DEVICES_GUEST_H
#define MACHINE_DEVICES_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"
#include "base/rng.h"
#include "machine/lines/word.h"

struct apicv;
struct cpu;
struct device_vector;
struct machine;

enum guest_exit {
    GUEST_EXIT_INTERRUPT, /* a physical vector is pending */
    GUEST_EXIT_EOI,       /* trapped LAPIC EOI of eoi_vector */
    GUEST_EXIT_SET_TIMER, /* sets the one-shot timer to timer_expiry */
    GUEST_EXIT_SEND,      /* sends an event to vCPU send_target of the same guest */
    GUEST_EXIT_WINDOW,    /* interrupt window: the guest's interrupts are on again */
    GUEST_EXIT_HALT,
    GUEST_EXIT_PIRQ_EOI, /* ends the interrupt of `device`, which came as an event (PHYSDEVOP_eoi) */
};

/* Event-channel bits of an upcall. */
enum { GUEST_EVENT_TIMER = 1, GUEST_EVENT_WAKE = 2 };

enum guest_phase_of_work { GUEST_PHASE_IDLE, GUEST_PHASE_EOI, GUEST_PHASE_HANDLER, GUEST_PHASE_REARM };

struct guest_behaviour {
    bool is_halting;           /* HLT when idle, otherwise it computes */
    cycles tick_period;        /* 0: tickless */
    cycles handler;            /* mean duration of an upcall's handler, with interrupts off */
    cycles tick_run, wake_run; /* mean work that a tick or an event leaves to softirqs and tasks */
    uint32_t spread_permille;  /* lognormal coefficient of variation of this work, in 1/1000 */
    cycles min_delta;          /* shortest one-shot timer */
    cycles wake_gap;           /* mean time between events that it sends; 0: none */
    uint32_t vcpus;            /* number of vCPUs of the guest */
};

struct guest_statistics {
    uint64_t ticks_handled, ticks_skipped, sends;
    uint64_t steal_ticks; /* whole ticks of stolen time, as Linux accounts it until 4.7 */
    cycles stolen_at_ticks, unstolen_at_ticks; /* as from 4.8 on, up to the last tick: a tick stands for what of its
                                                * period was not stolen, one that is all stolen for nothing */
};

struct guest_vcpu {
    const struct guest_behaviour *behaviour;
    struct machine *machine;
    uint32_t id;
    struct rng rng;  /* for the events that it sends */
    struct rng work; /* for the spread of its work */

    /* The shared page. */
    struct word upcall_pending;
    uint32_t events; /* pending GUEST_EVENT_*: set together with upcall_pending, cleared by the handler */
    struct device_vector *ports; /* devices whose event is pending, in the order in which they were set */
    uint32_t flow;   /* number of the upcall in traces */
    cycles stolen;   /* RUNNABLE + OFFLINE time as of the last schedule-in */

    struct apicv *apicv; /* virtual interrupt delivery and virtual EOI; NULL: no APIC virtualisation */

    /* Execution. */
    enum guest_phase_of_work phase;
    bool wants_window;            /* the hypervisor wants GUEST_EXIT_WINDOW as soon as interrupts are on */
    cycles work_left;             /* remaining work of the handler in progress */
    cycles task_left;             /* remaining work of softirqs and tasks, which runs with interrupts on */
    uint32_t handling;            /* events of the upcall in progress */
    struct device_vector *device; /* source of the device interrupt in progress */
    bool device_came_as_event;
    struct device_vector *ports_left; /* of the upcall in progress: devices not handled yet */
    uint32_t eoi_vector;

    /* Arguments of the exits GUEST_EXIT_SET_TIMER and GUEST_EXIT_SEND. */
    cycles timer_expiry;
    uint32_t send_target;

    cycles tick_phase, next_send;
    cycles stolen_seen, stolen_carry;
    struct guest_statistics statistics;
    cycles last_tick; /* grid time of the last tick handled; 0: none */
};

/* `seed` and `entity` select the vCPU's random streams; `phase` is the offset of its tick grid, in cycles. */
void guest_vcpu_init(struct guest_vcpu *guest, struct machine *machine, const struct guest_behaviour *behaviour,
                     uint32_t id, uint64_t seed, uint32_t entity, cycles phase);

/* VM entry: runs the guest until it exits. Host interrupts must be off; a pending one ends guest mode. */
enum guest_exit guest_run(struct cpu *cpu, struct guest_vcpu *guest);

static inline bool guest_can_inject(const struct guest_vcpu *guest) { return guest->phase == GUEST_PHASE_IDLE; }

/* Injects the event-channel upcall or a device's vector before VM entry; guest_can_inject must hold. */
void guest_inject_upcall(struct guest_vcpu *guest);
void guest_inject_device(struct guest_vcpu *guest, struct device_vector *device, uint32_t vector);

/* Sets the device's event; the caller sets upcall_pending. Returns false if the event is pending already. */
bool guest_event_set(struct guest_vcpu *guest, struct device_vector *device);
/* Clears the device's event, unless the upcall in progress has read it: its channel is closed. */
void guest_event_clear(struct guest_vcpu *guest, struct device_vector *device);

/* Time of the first tick, for which the hypervisor arms the one-shot timer at boot; CYCLES_NEVER when tickless. */
cycles guest_first_tick(const struct guest_vcpu *guest);

void guest_measure(struct guest_vcpu *guest);

#endif
