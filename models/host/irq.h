/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's CPUs outside of threads: the idle loop, and interrupts. The first two functions are hooks of the families.
 */
#ifndef HOST_IRQ_H
#define HOST_IRQ_H

#include <stdint.h>

struct cpu;
struct host;

void host_cpu_main(struct cpu *cpu);
void host_interrupt(struct cpu *cpu, uint32_t vector);

typedef void host_irq_handler(struct cpu *cpu, void *argument);

struct host_irq {
    host_irq_handler *handler;
    void *argument;
};

/* An interrupt of the host: the handler runs in hard-interrupt context after the EOI. Returns its vector. */
uint32_t host_irq_add(struct host *host, uint32_t cpu, host_irq_handler *handler, void *argument);

/* What host_interrupt does between its EOI and its look for a woken thread, for a family's own entry. */
void host_irq_call(struct cpu *cpu, uint32_t vector);

#endif
