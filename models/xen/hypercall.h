/* SPDX-License-Identifier: Apache-2.0
 *
 * The control domain: runs the actions of a scenario as hypercalls (hypercall.c).
 */
#ifndef MODELS_XEN_HYPERCALL_H
#define MODELS_XEN_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"
#include "base/list.h"
#include "base/metric.h"
#include "models/family/setup.h"
#include "models/xen/tasklet.h"

struct cpu;
struct domain;
struct histogram;
struct xen;

enum hypercall_result { HYPERCALL_DONE, HYPERCALL_RESTART, HYPERCALL_EAGAIN };

/* Counters of the hypercalls of one kind. */
struct hypercall_statistics {
    uint64_t done, retries;
    uint64_t pending;       /* begun and not done; computed when the metrics are reported */
    cycles waiting;         /* spent in attempts that had to be repeated */
    struct histogram *time; /* ns, from the first attempt to completion */
};

struct control_action {
    const struct action_setup *setup;
    struct xen *xen;
    uint32_t slot;
    struct list link; /* on its pCPU's actions while due */
    uint64_t fired;
    cycles round;       /* start of the next round */
    cycles due;         /* next firing: `round`, or later while the device quiesces; CYCLES_NEVER: never again */
    bool is_quiet;      /* the device has been silenced for this round */
    uint32_t next_pirq; /* the round continues at this PIRQ */
    bool is_assigned;   /* attach: this round has assigned the device to the guest */
    bool is_over;       /* the round has no hypercall left */
    bool is_under_way;  /* a hypercall has been attempted and has not completed */
    cycles since;       /* time of its first attempt */
    struct tasklet tasklet; /* tasklet: what it schedules */
};

void control_boot(struct xen *xen);
void control_measure(struct xen *xen);
void control_metrics(struct xen *xen, struct metrics *metrics);
extern const struct metric_table hypercall_metric_table;
/* Attempts the next hypercall of the actions due on this pCPU; returns false if none is due. Called with interrupts on
 * and no lock held. */
bool control_run(struct cpu *cpu);

/* Sets the pause flag (VPF_*) of every vCPU and waits until none of them runs. Returns false if one of them is current
 * on this pCPU: it must be descheduled first. */
bool domain_pause(struct cpu *cpu, struct domain *d, uint64_t flag);
void domain_unpause(struct cpu *cpu, struct domain *d, uint64_t flag);

#endif
