/* SPDX-License-Identifier: Apache-2.0
 *
 * RCU (rcu.c): a callback runs after every online pCPU has run RCU_SOFTIRQ.
 */
#ifndef MODELS_XEN_RCU_H
#define MODELS_XEN_RCU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "machine/lines/word.h"
#include "models/locks/lock.h"

struct cpu;
struct xen;
struct xen_cpu;

struct rcu_head {
    struct list link;
    void (*function)(struct cpu *cpu, void *data);
    void *data;
};

/* Only initialised when a scenario frees domains or PIRQs (actions destroy, unmap). */
struct rcu {
    bool is_used;
    struct lock lock; /* rcu_ctrlblk.lock */
    struct line line;
    struct word batch;   /* 2 * number of the last batch, + 1 while it is in progress; written under the lock */
    uint64_t *to_report; /* bitmap of pCPUs without a quiescent state in this batch; protected by the lock */
};

/* A pCPU's own callbacks. */
struct rcu_cpu {
    struct list next, waiting;  /* callbacks without a batch; callbacks that wait for the end of batch `awaited` */
    struct list done;           /* those whose batch has ended, which RCU_SOFTIRQ is about to call */
    uint64_t awaited, reported; /* batch numbers; `reported`: the last batch this pCPU reported to */
};

void rcu_boot(struct xen *xen);
/* Calls `function` on this pCPU, in RCU_SOFTIRQ, after a grace period. */
void call_rcu(struct cpu *cpu, struct rcu_head *head, void (*function)(struct cpu *cpu, void *data), void *data);
/* Called in each iteration of the softirq loop: raises RCU_SOFTIRQ if it has something to do. */
void rcu_check(struct cpu *cpu);
void rcu_softirq(struct cpu *cpu);
/* Reports a quiescent state for a pCPU that has died. */
void rcu_cpu_dead(struct cpu *cpu, struct xen_cpu *dead);

#endif
