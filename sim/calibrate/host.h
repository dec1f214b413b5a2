/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPUs of this host that the process may use, in hwloc's logical order, and threads that run on them.
 */
#ifndef CALIBRATE_HOST_H
#define CALIBRATE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/topology.h"

struct hwloc_topology;

struct host {
    struct hwloc_topology *hwloc; /* restricted to what the process may use */
    struct topology topology;     /* the same as the simulator sees it; its CPU i is hwloc's PU L#i */
    char synthetic[128];          /* the same in one line */
    bool is_simplified;           /* the real one is not symmetric: distances are not known */
    enum interconnect interconnect;
    char model[128];       /* of the CPU; "" unknown */
    bool is_virtual;       /* the CPU says that a hypervisor runs below */
    bool has_real_time;    /* threads may run before all others: rounds are not torn */
    uint64_t frequency_hz; /* of clock_cycles */
};

/* False with a message. host_free in either case. */
bool host_init(struct host *host, char *message, size_t message_bytes);
void host_free(struct host *host);

/* The first CPU at that distance from CPU 0, first threads of cores only; UINT32_MAX: there is none. */
uint32_t host_cpu_at(const struct host *host, enum distance distance);

/* Runs run(argument, index) on `count` threads at once, thread `index` pinned to cpus[index]; all different. False when
 * a thread could not be created or pinned; nothing has run then. */
bool host_run(const struct host *host, const uint32_t *cpus, uint32_t count,
              void (*run)(void *argument, uint32_t index), void *argument);

#endif
