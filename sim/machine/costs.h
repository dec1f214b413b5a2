/* SPDX-License-Identifier: Apache-2.0
 *
 * The named costs of a machine. Every number comes from a file scenarios/machines/NAME.yaml, where it has a unit and a
 * source tag; machine.costs.NAME in a scenario overrides one. Arrays are indexed by enum distance.
 */
#ifndef MACHINE_COSTS_H
#define MACHINE_COSTS_H

#include <stdint.h>

#include "base/cycles.h"

/* How far two pCPUs' last-level caches are apart. What each means is the machine file's: on Intel same socket, one hop,
 * two hops; on EPYC same CCX, other CCX of the socket, other socket. */
enum distance { DISTANCE_NEAR, DISTANCE_MIDDLE, DISTANCE_FAR, DISTANCE_COUNT };

struct costs {
    uint64_t frequency_hz;

    /* Cache lines: latency seen by the requester, in cycles. */
    cycles load_hit;  /* line valid in own L1 */
    cycles store_hit; /* line exclusive or modified in own L1 */
    cycles atomic_hit;
    cycles load_modified[DISTANCE_COUNT]; /* dirty in another cache */
    cycles load_shared[DISTANCE_COUNT];   /* clean copy, supplied from that distance; NEAR is an LLC hit */
    cycles store_modified[DISTANCE_COUNT];
    cycles store_shared[DISTANCE_COUNT]; /* invalidates; distance of the farthest sharer */
    cycles atomic_modified[DISTANCE_COUNT];
    cycles atomic_shared[DISTANCE_COUNT];
    cycles load_memory;        /* nobody has it */
    cycles directory_service;  /* c: serialised reads of one line */
    uint64_t reads_per_socket; /* 1: the LLC serves a socket's other waiters, one directory read a socket;
                                  0: every waiter reads the directory (Boyd-Wickizer's assumption) */
    cycles socket_service;     /* with reads_per_socket: the LLC serves the waiters one by one, in this time each, and
                                  the owner's socket before others (line_contenders.c); 0: all at once, in order */
    cycles pause;              /* one PAUSE */

    /* Hardware virtualisation and interrupts. */
    cycles vmexit; /* hardware part of leaving non-root mode */
    cycles vmentry;
    cycles icr_write;       /* sending an IPI */
    cycles ipi_flight_near; /* same socket, ICR write to vector taken */
    cycles ipi_flight_far;
    cycles irq_entry; /* vector taken to first instruction of the handler in C */
    cycles irq_exit;
    cycles lapic_eoi;
    cycles timer_program;    /* LAPIC one-shot or TSC deadline */
    cycles idle_wake;        /* C-state exit of a halted pCPU */
    uint64_t msi_flight_ns;  /* device to LAPIC, remapping included */
    cycles posted_process;   /* a notification in guest mode, without line transfers and delivery */
    cycles virtual_delivery; /* a virtual interrupt to the guest's first instruction */
    cycles virtual_eoi;
    cycles irte_invalidate; /* of one entry of the IOMMU's cache, queued and waited for */

    /* Software paths, means; the spread is software_cv_permille. Lock waits and line misses come on top, from the
     * model. */
    uint64_t software_cv_permille; /* lognormal coefficient of variation of the paths below, in 1/1000 */
    cycles exit_dispatch;          /* VM exit handler until the reason's own work */
    cycles do_irq;                 /* do_IRQ's own work around the action */
    cycles softirq_dispatch;       /* one turn of the softirq loop */
    cycles timer_softirq;          /* TIMER_SOFTIRQ without its callbacks */
    cycles tasklet_hold;           /* one hold of tasklet_lock, without line misses */
    cycles sync_local_execstate;   /* with a lazily held vCPU: full save */
    cycles hvm_assert_callback;    /* body of the event-channel tasklet without the wake */
    cycles dpci_body;              /* dpci work without event_lock and injection */
    cycles pirq_walk_step;         /* one mapped PIRQ in the walk of the radix tree */
    cycles vlapic_set_irq;
    cycles eoi_exit;           /* emulated guest EOI, without the event_lock walk */
    cycles eoi_walk_step;      /* one PIRQ in the guest EOI's walk */
    cycles hypercall;          /* null hypercall: exit, dispatch, entry are counted by their own items */
    cycles virq_injection;     /* at VM entry */
    cycles hlt_exit;           /* HLT exit to vcpu_block */
    cycles schedule_body;      /* schedule() without lock waits and context switch */
    cycles context_switch_in;  /* full load of a vCPU's state */
    cycles context_switch_out; /* full save */
    cycles event_channel_send; /* setting an event's bits */
    cycles posted_list_step;   /* one vCPU in the walk of a blocking list, without line misses */
    cycles guest_handler;      /* the guest's interrupt handler, default for devices */
};

#endif
