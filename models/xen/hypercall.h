/* SPDX-License-Identifier: Apache-2.0
 *
 * What the control domain does when, with hypercalls: the actions of a scenario.
 */
#ifndef MODELS_XEN_HYPERCALL_H
#define MODELS_XEN_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"
#include "base/list.h"
#include "base/metric.h"
#include "models/family/setup.h"

struct cpu;
struct domain;
struct histogram;
struct xen;

enum hypercall_result { HYPERCALL_DONE, HYPERCALL_RESTART, HYPERCALL_EAGAIN };

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

/* Waits until none of its vCPUs runs. False: one is current here, and must be switched away from first. */
bool domain_pause(struct cpu *cpu, struct domain *d, uint64_t flag);
void domain_unpause(struct cpu *cpu, struct domain *d, uint64_t flag);

#endif
