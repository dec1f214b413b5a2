/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPUs of this host that the process may use, in hwloc's logical order, and threads pinned to them.
 */
#ifndef CALIBRATE_HOST_H
#define CALIBRATE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/topology.h"

struct hwloc_topology;

struct host {
    struct hwloc_topology *hwloc; /* restricted to the CPUs that the process may use */
    struct topology topology;     /* the same in the simulator's form; its CPU i is hwloc's PU L#i */
    char synthetic[128];          /* the same as hwloc's synthetic description */
    bool is_simplified;           /* the real topology is not symmetric, so distances are unknown */
    enum interconnect interconnect;
    char model[128];       /* of the CPU; "" if unknown */
    bool is_virtual;       /* the CPU has the flag `hypervisor` */
    bool has_real_time;    /* threads have real-time priority, so that other work does not interrupt a round */
    uint64_t frequency_hz; /* of clock_cycles */
};

/* Returns false with a message when the CPUs cannot be determined. Call host_free in either case. */
bool host_init(struct host *host, char *message, size_t message_bytes);
void host_free(struct host *host);

/* Returns the name of the shipped machine that is most like the host. */
const char *host_like(const struct host *host);

/* The first CPU at that distance from CPU 0 among the first threads of the other cores; UINT32_MAX if there is none. */
uint32_t host_cpu_at(const struct host *host, enum distance distance);

/* Runs run(argument, index) on `count` concurrent threads, thread `index` pinned to cpus[index]; the CPUs must differ.
 * Returns false when a thread could not be pinned; nothing has run then. */
bool host_run(const struct host *host, const uint32_t *cpus, uint32_t count,
              void (*run)(void *argument, uint32_t index), void *argument);

#endif
