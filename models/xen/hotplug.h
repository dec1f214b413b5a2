/* SPDX-License-Identifier: Apache-2.0
 *
 * pCPUs that go and come (hotplug.c).
 */
#ifndef MODELS_XEN_HOTPLUG_H
#define MODELS_XEN_HOTPLUG_H

#include <stdbool.h>

#include "machine/lines/word.h"
#include "models/xen/hypercall.h"

struct cpu;
struct xen;
struct xen_cpu;

/* cpu_state and the online map of a pCPU, in the order of its life. */
enum cpu_state {
    CPU_ONLINE,
    CPU_STOPPING, /* its idle vCPU is to run take_cpu_down */
    CPU_OFFLINE,  /* out of the online map; its interrupts are being moved */
    CPU_STOPPED,  /* what stop_machine was for is done */
    CPU_DEAD,
    CPU_STARTING,
};

/* Only used when a scenario takes pCPUs down or up, with the words of every pCPU. */
struct hotplug {
    bool is_used;
    struct line line;
    struct word cpu_maps; /* get_cpu_maps: 1 while one is going or coming */
};

void hotplug_boot(struct xen *xen);
enum hypercall_result cpu_down(struct cpu *cpu, struct xen_cpu *target);
enum hypercall_result cpu_up(struct cpu *cpu, struct xen_cpu *target);
/* Whether this pCPU is to leave its vCPU for hotplug_idle. */
bool hotplug_wants(struct cpu *cpu);
/* From the idle loop, interrupts on: take_cpu_down or play_dead, when it is time for one. */
void hotplug_idle(struct cpu *cpu);
/* This pCPU is out of the online map: it runs no softirq and no tasklet any more. */
bool cpu_is_offline(const struct xen_cpu *xc);

#endif
