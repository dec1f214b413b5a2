/* SPDX-License-Identifier: Apache-2.0
 *
 * Hardware costs of a machine. Every number comes from a file scenarios/machines/NAME.yaml, where it has a unit and a
 * source tag; machine.costs.NAME in a scenario overrides one. Software costs belong to the families (models/). Times
 * are in cycles unless the name says otherwise; arrays are indexed by enum distance.
 */
#ifndef MACHINE_COSTS_H
#define MACHINE_COSTS_H

#include <stdint.h>

#include "base/cycles.h"

/* Distance between the last-level caches of two pCPUs. The machine file defines the levels: on Intel same socket, one
 * hop, two hops; on EPYC same CCX, another CCX of the socket, another socket. */
enum distance { DISTANCE_NEAR, DISTANCE_MIDDLE, DISTANCE_FAR, DISTANCE_COUNT };

enum idle_state { IDLE_C1, IDLE_C1E, IDLE_C3, IDLE_C6 };

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
    cycles load_memory;        /* in no cache */
    cycles directory_service;  /* c: interval between serialised reads of one line */
    uint64_t reads_per_socket; /* 1: the LLC serves a socket's other waiters, one directory read a socket;
                                  0: every waiter reads the directory (Boyd-Wickizer's assumption) */
    cycles socket_service;     /* with reads_per_socket: the LLC serves the waiters one by one, each in this time, and
                                  those of the owner's socket first (line_pollers.c); 0: all at once, in order */
    cycles pause;              /* one PAUSE */
    cycles code_block;         /* one basic block of a code object, without the accesses of shared memory in it */

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
    cycles idle_wake;        /* exit of a halted pCPU from C1 */
    cycles idle_wake_c1e;    /* the same of deeper states; 0: the machine has no such state */
    cycles idle_wake_c3;
    cycles idle_wake_c6;
    uint64_t idle_deepest; /* enum idle_state: none deeper is entered */
    uint64_t msi_flight_ns;  /* device to LAPIC, remapping included */
    cycles posted_process;   /* a notification in guest mode, without line transfers and delivery */
    cycles virtual_delivery; /* a virtual interrupt to the guest's first instruction */
    cycles virtual_eoi;
    cycles irte_invalidate; /* one IOMMU cache entry: queueing the invalidation and waiting for it */
};

#endif
