/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupt sources: PCI functions with MSI-X vectors. A vector owns one event slot; its arrivals follow one of the
 * processes of enum device_process. A polled (NAPI) vector raises nothing from its interrupt to the end of the guest's
 * poll: what arrives then is absorbed by the poll. A vector with a queue of commands raises at each completion: it
 * serves what was submitted one after another, and its driver reaps what has completed.
 *
 * The event fires when the message reaches the LAPIC; the device raised it msi_flight before.
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
    uint64_t time_count;
};

/* Of the vCPU that an interrupt is for, when its message arrives. */
enum target_state { TARGET_RUNNING, TARGET_PREEMPTED, TARGET_BLOCKED, TARGET_STATE_COUNT };

struct device_statistics {
    uint64_t raised, delivered, coalesced;
    uint64_t absorbed;  /* arrivals that raised nothing */
    uint64_t discarded; /* raised, and taken back when the vector was masked */
};

/* What all vectors of one kind of device share: its statistics. */
struct device {
    struct machine *machine;
    struct device_arrivals arrivals;
    bool is_polled;
    cycles handler;               /* of the guest: handler and poll */
    uint64_t explored_interrupts; /* the exhaustive policy: that many of each vector, at any time; */
    bool is_at_any_cpu;           /* each at any pCPU (a logical destination, where the hardware chooses) */
    struct device_statistics statistics;
    cycles starvation_max;     /* longest raise-to-handler of those that were handled */
    struct histogram *latency; /* raise to guest handler, ns */
    /* NULL: nobody asks for the latency by the target's state. */
    enum target_state (*target_state)(const struct device_vector *vector);
    struct histogram *latency_by_state[TARGET_STATE_COUNT];
};

struct device_vector {
    struct device *device;
    uint32_t slot;
    struct rng rng;
    struct cpu *target; /* the message's destination, */
    uint32_t vector;    /* and vector */
    struct irte *irte;  /* its messages go through the IOMMU, which may post them instead; NULL: they do not */
    struct irq_source *wire; /* raises its status instead of sending a message; NULL: MSI */
    void (*post)(struct device_vector *vector); /* takes its messages instead of the LAPIC; NULL: nobody does */
    void *post_context;
    uint32_t owner;     /* in traces: trace_who of the vCPU it is for, */
    uint32_t number;    /* its number in that domain, */
    uint32_t flow;      /* and the number there of what is outstanding */
    bool is_on_line;             /* the guest sees it on a line, and looks at all on it, */
    struct device_vector *sharer; /* the next of them */
    bool is_local; /* a timer in its target's LAPIC: no flight */
    bool is_armed;
    bool is_masked;                /* silenced: what arrives is absorbed */
    uint64_t outstanding;          /* raised and not yet seen by a handler */
    cycles first_raise;            /* of those, */
    enum target_state found;       /* and what it met, when device->target_state is there */
    const void *binding;           /* the model's */
    cycles burst_end;              /* onoff */
    uint64_t next_time;            /* replay: index */
    uint64_t submitted, completed; /* queue: commands in the device, and completions that nobody has reaped */
    uint64_t delivered;            /* of this vector alone */
    struct device_vector *next;    /* of the machine */
    uint32_t unanswered;           /* explored: messages sent, less the handlers that have begun; */
    bool is_answered_twice;        /* a handler began without a message left to it; */
    bool is_multicast;             /* one message, a handler on each vCPU */
    bool is_misdelivered;          /* one began on another vCPU, or of another vector, than device_expect has said; */
    const struct guest_vcpu *handler;
    uint32_t handler_vector;
    uint64_t left;                 /* interrupts it may still raise, */
    struct device_target *targets; /* each at one of these; NULL otherwise */
    uint32_t target_count;
};

/* Explored: one pCPU that a message may reach, with the slot that is pending while it may. */
struct device_target {
    struct device_vector *vector;
    struct cpu *cpu;
    uint32_t slot;
    bool is_barred; /* the CPU is no destination any more */
};

/* seed, entity: of its random stream. The vector is silent until device_start. */
void device_vector_init(struct device_vector *vector, struct device *device, uint64_t seed, uint32_t entity);

/* Message destination; takes effect for messages that have not arrived. */
void device_route(struct device_vector *vector, struct cpu *target, uint32_t lapic_vector);

/* Whether messages that may go anywhere may go there. */
void device_allow(struct device_vector *vector, const struct cpu *target, bool is_allowed);

/* First arrival from now on, at a random phase; with a queue at what is submitted. Explored, at any time. */
void device_start(struct device_vector *vector);

/* For the policies: device_start where time passes. */
void device_arrivals_start(struct device_vector *vector);

/* For the policies: the message reaches the LAPIC, the IOMMU or the wire. */
void device_signal(struct device_vector *vector, struct cpu *target);

/* Explored: its handler runs on this vCPU, as this vector. Without a call it may run anywhere. */
void device_expect(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector);

/* Explored: who is about to begin it. */
void device_handled_by(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector);

/* The guest's handler begins: everything outstanding is delivered by this one interrupt. */
void device_handler_begin(struct device_vector *vector);

/* The guest's poll ends: the vector may raise again. */
void device_handler_end(struct device_vector *vector);

/* The driver hands so many commands to a vector with a queue. */
void device_submit(struct device_vector *vector, uint64_t count);

/* Its handler, which has begun, takes what has completed: how many. */
uint64_t device_reap(struct device_vector *vector);

/* The driver silences the vector, and takes back what no handler has seen; and lets it raise again. */
void device_mask(struct device_vector *vector);
void device_unmask(struct device_vector *vector);

/* Counters restart. */
void device_measure(struct device *device);

#endif
