/* SPDX-License-Identifier: Apache-2.0
 *
 * struct model's hooks of the families that run on a Linux host.
 */
#ifndef HOST_HOOKS_H
#define HOST_HOOKS_H

#include <stdint.h>

struct cpu;

void host_cpu_main(struct cpu *cpu);
void host_interrupt(struct cpu *cpu, uint32_t vector);

#endif
