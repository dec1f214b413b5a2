/* SPDX-License-Identifier: Apache-2.0
 *
 * RCU (rcu.c): what is unlinked is freed when every online pCPU has run RCU_SOFTIRQ since.
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

/* Only used when a scenario frees something. */
struct rcu {
    bool is_used;
    struct lock lock; /* rcu_ctrlblk.lock */
    struct line line;
    struct word batch;   /* 2 * its number, + 1 while it lasts; changed under the lock */
    uint64_t *to_report; /* bitmap of pCPUs; protected by the lock */
};

/* A pCPU's own callbacks. */
struct rcu_cpu {
    struct list next, waiting; /* for a batch, for the end of batch `awaited` */
    uint64_t awaited, reported;
};

void rcu_boot(struct xen *xen);
/* `function` runs on this pCPU, in RCU_SOFTIRQ, after a grace period. */
void call_rcu(struct cpu *cpu, struct rcu_head *head, void (*function)(struct cpu *cpu, void *data), void *data);
/* In each turn of the softirq loop: RCU_SOFTIRQ is raised if there is anything for it. */
void rcu_check(struct cpu *cpu);
void rcu_softirq(struct cpu *cpu);
/* A dead pCPU reports no more. */
void rcu_cpu_dead(struct cpu *cpu, struct xen_cpu *dead);

#endif
