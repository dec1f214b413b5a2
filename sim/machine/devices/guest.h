/* SPDX-License-Identifier: Apache-2.0
 *
 * A virtual CPU's software as a workload: it handles the upcalls and vectors that the hypervisor injects, re-arms its
 * tick, sends events to its siblings, and then halts or computes. It knows the hypervisor only as exits and as the
 * shared page that a guest reads. A handler runs with the guest's interrupts off; what it leaves to softirqs and tasks
 * runs afterwards, with them on.
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
    GUEST_EXIT_SET_TIMER, /* one-shot timer for timer_expiry */
    GUEST_EXIT_SEND,      /* event to vCPU send_target of the same guest */
    GUEST_EXIT_WINDOW,    /* interrupts are on again, as asked for */
    GUEST_EXIT_HALT,
};

/* Event-channel bits of an upcall. */
enum { GUEST_EVENT_TIMER = 1, GUEST_EVENT_WAKE = 2 };

enum guest_phase_of_work { GUEST_PHASE_IDLE, GUEST_PHASE_EOI, GUEST_PHASE_HANDLER, GUEST_PHASE_REARM };

struct guest_behaviour {
    bool is_halting;           /* HLT when idle, otherwise it computes */
    cycles tick_period;        /* 0: tickless */
    cycles handler;            /* of an upcall, with interrupts off */
    cycles tick_run, wake_run; /* what it leaves to softirqs and tasks */
    uint32_t spread_permille;  /* of that work: lognormal coefficient of variation, in 1/1000 */
    cycles min_delta;          /* shortest one-shot */
    cycles wake_gap;           /* mean time between events it sends; 0: none */
    uint32_t vcpus;            /* of the guest */
};

struct guest_statistics {
    uint64_t ticks_handled, ticks_skipped, steal_ticks, sends;
};

struct guest_vcpu {
    const struct guest_behaviour *behaviour;
    struct machine *machine;
    uint32_t id;
    struct rng rng;  /* of the events it sends */
    struct rng work; /* of the spread of its work */

    /* The shared page. */
    struct word upcall_pending;
    uint32_t events; /* GUEST_EVENT_* pending; changed by whoever sets upcall_pending, and by the handler */
    uint32_t flow;   /* number of the upcall in traces */
    cycles stolen;   /* RUNNABLE + OFFLINE time as of the last schedule-in */

    struct apicv *apicv; /* its CPU delivers virtual interrupts and virtualises EOIs; NULL: it does not */

    /* What it does. */
    enum guest_phase_of_work phase;
    bool wants_window;            /* the hypervisor asked for an exit when interrupts are on */
    cycles work_left;             /* of the handler in progress */
    cycles task_left;             /* of what handlers left to softirqs and tasks: runs with interrupts on */
    uint32_t handling;            /* events of the upcall in progress */
    struct device_vector *device; /* of the device interrupt in progress */
    uint32_t eoi_vector;

    /* Its wishes at an exit. */
    cycles timer_expiry;
    uint32_t send_target;

    cycles tick_phase, next_send;
    cycles stolen_seen, stolen_carry;
    struct guest_statistics statistics;
    cycles last_tick; /* grid time of the last tick handled */
};

/* seed, entity: of its random stream. phase: of its tick grid, in cycles. */
void guest_vcpu_init(struct guest_vcpu *guest, struct machine *machine, const struct guest_behaviour *behaviour,
                     uint32_t id, uint64_t seed, uint32_t entity, cycles phase);

/* VM entry: runs the guest until it exits. Interrupts of the host are off; a pending one ends it. */
enum guest_exit guest_run(struct cpu *cpu, struct guest_vcpu *guest);

static inline bool guest_can_inject(const struct guest_vcpu *guest) { return guest->phase == GUEST_PHASE_IDLE; }

/* Before VM entry, with guest_can_inject: the event-channel upcall, or a device's vector. */
void guest_inject_upcall(struct guest_vcpu *guest);
void guest_inject_device(struct guest_vcpu *guest, struct device_vector *device, uint32_t vector);

/* The first tick's one-shot, armed by the hypervisor at boot; CYCLES_NEVER when tickless. */
cycles guest_first_tick(const struct guest_vcpu *guest);

void guest_measure(struct guest_vcpu *guest);

#endif
