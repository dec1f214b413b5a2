/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU hotplug: taking pCPUs offline and online (hotplug.c).
 */
#ifndef MODELS_XEN_HOTPLUG_H
#define MODELS_XEN_HOTPLUG_H

#include <stdbool.h>

#include "machine/lines/word.h"
#include "models/xen/hypercall.h"

struct cpu;
struct xen;
struct xen_cpu;

/* cpu_state and the online map of a pCPU as one state; states follow each other in this order. */
enum cpu_state {
    CPU_ONLINE,
    CPU_STOPPING, /* its idle vCPU is to run take_cpu_down */
    CPU_OFFLINE,  /* removed from the online map; its interrupts are being moved */
    CPU_STOPPED,  /* take_cpu_down has returned */
    CPU_DEAD,
    CPU_STARTING,
};

/* Only initialised, like `power` and `is_stopped` of every pCPU, when a scenario has an action offline or online. */
struct hotplug {
    bool is_used;
    struct line line;
    struct word cpu_maps; /* get_cpu_maps: 1 while a pCPU is being taken down or up */
};

void hotplug_boot(struct xen *xen);
/* Both return HYPERCALL_EAGAIN while another pCPU is being taken down or up. */
enum hypercall_result cpu_down(struct cpu *cpu, struct xen_cpu *target);
enum hypercall_result cpu_up(struct cpu *cpu, struct xen_cpu *target);
/* Whether schedule() must pick the idle vCPU so that hotplug_idle can run. */
bool hotplug_wants(struct cpu *cpu);
/* Called in the idle loop with interrupts on; runs take_cpu_down or play_dead if the pCPU is being taken down. */
void hotplug_idle(struct cpu *cpu);
/* The pCPU is not in the online map: it runs neither softirqs nor tasklets. */
bool cpu_is_offline(struct cpu *cpu, struct xen_cpu *xc);

#endif
