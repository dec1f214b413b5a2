/* SPDX-License-Identifier: Apache-2.0
 *
 * struct model's hooks of the families that run on a Linux host.
 */
#ifndef HOST_HOOKS_H
#define HOST_HOOKS_H

#include <stdint.h>

struct cpu;
struct setup;

void host_cpu_main(struct cpu *cpu);
void host_interrupt(struct cpu *cpu, uint32_t vector);

/* Takes the costs of software out of a setup that is explored. */
void host_explored(struct setup *setup);

#endif
