/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated machine's pCPUs, read through hwloc from a synthetic string or an lstopo XML file, and the distance
 * between any two of their last-level caches. All indexes are hwloc's logical ones (lstopo's L#): the threads of a core
 * are consecutive, and so are the cores of a socket.
 */
#ifndef MACHINE_TOPOLOGY_H
#define MACHINE_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/costs.h"

struct arena;

#define TOPOLOGY_CPUS_MAX 4096
#define TOPOLOGY_DOMAINS_MAX 256

/* How sockets are connected if the topology does not give distances. With FULL and GLUELESS a socket is NEAR to itself,
 * however many last-level caches it has; fewer than 8 glueless sockets are the cube without the higher-numbered ones,
 * so that sockets 0 and 3 of 4 are FAR.
 *
 * With FULL and GLUELESS the NUMA latencies of an XML file take precedence: of the distinct values between nodes with
 * pCPUs, in ascending order, the first is NEAR, the lower half (rounded up) of the others is MIDDLE, the rest is FAR;
 * with local and remote only, remote is MIDDLE. CHIPLET ignores them, because they do not distinguish the caches of one
 * node. */
enum interconnect {
    INTERCONNECT_FULL,     /* every other socket is MIDDLE */
    INTERCONNECT_GLUELESS, /* up to 8 sockets: twisted cube, 3 peers MIDDLE, 4 FAR; more: groups of 8, FAR between */
    INTERCONNECT_CHIPLET,  /* same last-level cache NEAR, same socket MIDDLE, other socket FAR */
};

/* A last-level cache is the largest cache inside a socket that is an L3, even of one core, or that cores of the machine
 * share. Where there is none, each NUMA node inside a socket counts as one, or else the socket. */
struct topology_cpu {
    uint16_t socket; /* package index */
    uint16_t node;   /* its smallest NUMA node; pCPUs whose memory is not in the file share one node after the others */
    uint16_t domain; /* index of the last-level cache inside the socket */
    uint16_t core;   /* core index on the machine */
    uint8_t thread;  /* hardware thread of the core */
};

struct topology {
    uint32_t cpu_count, socket_count, node_count, domain_count, core_count;
    struct topology_cpu *cpus; /* [cpu_count] */
    bool *node_cpus; /* [node_count * cpu_count], whether the pCPU is local to the node; it may be so to several */
    uint8_t *domain_distance; /* [domain_count * domain_count], enum distance */
    bool distances_from_file; /* NUMA distances of the XML were used, not the interconnect */
};

/* `text` is a synthetic description ("package:8 [numa] core:10 pu:2") or the path of an lstopo XML file (it ends in
 * .xml, or names an existing file). Refuses a file whose cores are of different kinds.
 * On failure writes a message of at most `message_bytes` and returns false, with errno 0 unless the system has kept the
 * file from being read.
 * Arrays are on the heap, owned by the topology. */
bool topology_load(struct topology *topology, const char *text, enum interconnect interconnect, char *message,
                   size_t message_bytes);
void topology_free(struct topology *topology);

static inline enum distance topology_distance(const struct topology *topology, uint32_t from_domain, uint32_t to_domain)
{
    return (enum distance)topology->domain_distance[from_domain * topology->domain_count + to_domain];
}

/* Writes the pCPUs that a pin names to cpus[], which has room for cpu_count: the first threads of all cores before the
 * second threads, otherwise in ascending order. A pCPU belongs to every node that it is local to. `pin` is a
 * comma-separated list of package:A[-B], node:A[-B], core:A[-B], pu:A[-B] or "all"; spaces around an item are allowed.
 * Returns the count, or 0 with a message when the pin is malformed or names an object that the machine does not have.
 */
uint32_t topology_pin(const struct topology *topology, const char *pin, uint16_t *cpus, char *message,
                      size_t message_bytes);

#endif
