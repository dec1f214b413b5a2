/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupt sources: PCI functions with MSI-X vectors. A vector owns one event slot; its arrivals follow one of the
 * processes of enum device_process. A polled (NAPI) vector raises no interrupt between its interrupt and the end of the
 * guest's poll, which absorbs the arrivals meanwhile. A vector with a queue of commands serves them one after another
 * and raises an interrupt at each completion; its driver reaps the completions.
 *
 * The event fires when the message reaches the LAPIC; the device raised it msi_flight earlier.
 */
#ifndef MACHINE_DEVICES_DEVICE_H
#define MACHINE_DEVICES_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"
#include "base/histogram.h"
#include "base/rng.h"

struct cpu;
struct device_vector;
struct guest_vcpu;
struct irq_source;
struct irte;
struct machine;

enum device_process {
    DEVICE_PERIODIC,
    DEVICE_POISSON,
    DEVICE_ONOFF,
    DEVICE_MODERATED,
    DEVICE_CLOSED,
    DEVICE_REPLAY,
    DEVICE_QUEUE,
};

struct device_arrivals {
    enum device_process process;
    cycles gap;       /* mean time between arrivals (during bursts, for onoff) */
    cycles first_gap; /* instead of `gap` until first_end */
    cycles first_end;
    cycles on, off;      /* onoff: means, exponential */
    cycles interval;     /* moderated: from the first packet after an interrupt to the interrupt */
    const cycles *times; /* replay: raise times, ascending */
    const cycles *works; /* replay: the guest's work for each of them; NULL: the device's handler */
    uint64_t time_count;
    uint64_t threshold;    /* queue: a message waits for this many completions, */
    cycles threshold_time; /* or until this long after the first of them */
};

/* The state of the vCPU that an interrupt is for, when its message arrives. */
enum target_state { TARGET_RUNNING, TARGET_PREEMPTED, TARGET_BLOCKED, TARGET_STATE_COUNT };

struct device_statistics {
    uint64_t raised, delivered, coalesced;
    uint64_t absorbed;  /* arrivals that raised no interrupt */
    uint64_t discarded; /* raised, and discarded when the vector was masked */
};

/* The parameters and statistics shared by all vectors of one kind of device. */
struct device {
    struct machine *machine;
    struct device_arrivals arrivals;
    bool is_polled;
    cycles handler;               /* mean duration of the guest's handler and poll */
    uint64_t explored_interrupts; /* explored: interrupts of each vector, each at any time */
    bool is_at_any_cpu;           /* explored: each at any pCPU, as for a logical destination */
    struct device_statistics statistics;
    cycles starvation_max;     /* longest time from raise to handler */
    struct histogram *latency; /* raise to guest handler, ns */
    /* Returns the target's state, to record the latency by it in latency_by_state; NULL: not recorded. */
    enum target_state (*target_state)(const struct device_vector *vector);
    struct histogram *latency_by_state[TARGET_STATE_COUNT];
};

struct device_vector {
    struct device *device;
    uint32_t slot;
    struct rng rng;
    struct cpu *target;      /* the message's destination */
    uint32_t vector;         /* the message's vector */
    struct irte *irte;       /* the IOMMU's entry for its messages, which may post them; NULL: not remapped */
    struct irq_source *wire; /* sets its status instead of sending a message; NULL: MSI */
    void (*post)(struct device_vector *vector); /* receives its messages instead of the LAPIC; NULL: the LAPIC does */
    void *post_context;
    uint32_t owner;               /* in traces: trace_who of the vCPU that it is for */
    uint32_t number;              /* in traces: its number in the owner's domain */
    uint32_t flow;                /* in traces: number of the outstanding interrupt */
    bool is_on_line;              /* the guest sees it on an interrupt line, whose handler checks all its sharers */
    struct device_vector *sharer; /* the next vector on the same line */
    bool is_event;                /* its event is pending, in the guest's shared page */
    struct device_vector *event_next;
    bool is_local; /* a timer in its target's LAPIC: no flight time */
    bool is_armed;
    bool is_masked;                   /* arrivals are absorbed */
    uint64_t outstanding;             /* raised and not yet seen by a handler */
    cycles work_outstanding;          /* arrivals.works: of these, */
    cycles work_seen;                 /* and of those that the last handler saw */
    cycles first_raise;               /* time of the first outstanding raise */
    enum target_state found;          /* the target's state at the first outstanding raise, if device->target_state */
    const void *binding;              /* private to the model */
    cycles burst_end;                 /* onoff */
    uint64_t next_time;               /* replay: index */
    uint64_t submitted, completed;    /* queue: commands in the device, and completions not yet reaped */
    uint64_t held;                    /* queue: completions whose message waits for more */
    cycles completes_at, held_until;  /* queue: the next completion; when the message no longer waits */
    uint64_t delivered;               /* interrupts of this vector */
    struct device_vector *next;       /* in the machine's list */
    uint32_t unanswered;              /* explored: messages sent minus handlers begun, at least 0 */
    bool is_answered_twice;           /* explored: a handler began although no message was unanswered */
    bool is_multicast;                /* one message runs a handler on each vCPU */
    bool is_misdelivered;             /* a handler began on a vCPU or vector other than these: */
    const struct guest_vcpu *handler; /* set by device_expect; NULL: any vCPU and vector */
    uint32_t handler_vector;
    uint64_t left;                 /* explored: interrupts that it may still raise */
    struct device_target *targets; /* explored: the pCPUs that they may reach; NULL otherwise */
    uint32_t target_count;
};

/* Explored: one pCPU that a message may reach, with a slot that is pending as long as a message may be raised. */
struct device_target {
    struct device_vector *vector;
    struct cpu *cpu;
    uint32_t slot;
    bool is_barred; /* device_allow has excluded the CPU as a destination */
};

/* `seed` and `entity` select the vector's random stream. No interrupt is raised before device_start. */
void device_vector_init(struct device_vector *vector, struct device *device, uint64_t seed, uint32_t entity);

/* Sets the destination and vector of messages, including those in flight. */
void device_route(struct device_vector *vector, struct cpu *target, uint32_t lapic_vector);

/* Explored: allows or excludes a pCPU as a destination of messages that may reach any pCPU. */
void device_allow(struct device_vector *vector, const struct cpu *target, bool is_allowed);

/* Starts the arrivals, the first one at a random phase. A vector with a queue starts with its first command. Explored,
 * arrivals may come at any time. */
void device_start(struct device_vector *vector);

/* For the policies in which time passes: implements device_start. */
void device_arrivals_start(struct device_vector *vector);

/* Delivers a message to the LAPIC of `target`, the IOMMU or `post`, or sets the status on the wire. */
void device_signal(struct device_vector *vector, struct cpu *target);

/* Explored: the handler must run on this vCPU, as this vector. Without a call it may run anywhere. */
void device_expect(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector);

/* Explored: this vCPU is about to begin the handler, as this vector. */
void device_handled_by(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector);

/* The guest's handler begins: this one interrupt delivers all outstanding raises, which count as coalesced. */
void device_handler_begin(struct device_vector *vector);

/* The mean work of the handler that has begun: for each interrupt that it saw, where each has work of its own. */
cycles device_work(const struct device_vector *vector);

/* The same of a handler that works first and begins afterwards. */
cycles device_work_ahead(const struct device_vector *vector);

/* The guest's poll ends: the vector may raise again. */
void device_handler_end(struct device_vector *vector);

/* The driver submits `count` commands to a vector with a queue. */
void device_submit(struct device_vector *vector, uint64_t count);

/* The handler, after its begin, reaps all completions; returns their number. */
uint64_t device_reap(struct device_vector *vector);

/* The driver masks the vector, which discards the outstanding interrupts, and unmasks it. */
void device_mask(struct device_vector *vector);
void device_unmask(struct device_vector *vector);

/* Restarts the counters. */
void device_measure(struct device *device);

#endif
