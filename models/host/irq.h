/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's CPUs outside of threads: the idle loop, and interrupts. host_cpu_main and host_interrupt are hooks of the
 * families.
 */
#ifndef HOST_IRQ_H
#define HOST_IRQ_H

#include <stdint.h>

struct cpu;
struct device_vector;
struct host;

void host_cpu_main(struct cpu *cpu);
void host_interrupt(struct cpu *cpu, uint32_t vector);

typedef void host_irq_handler(struct cpu *cpu, void *argument);

struct host_irq {
    host_irq_handler *handler;
    void *argument;
};

/* Registers a handler for an interrupt of a host CPU and returns its vector. The handler runs in hard-interrupt context
 * after the EOI. */
uint32_t host_irq_add(struct host *host, uint32_t cpu, host_irq_handler *handler, void *argument);

/* Calls the handler of a vector: the part of host_interrupt between the EOI and the switch to a woken thread, for
 * families with an entry of their own. */
void host_irq_call(struct cpu *cpu, uint32_t vector);

/* The driver's handler, in a guest or on the host, sees the interrupts that are outstanding: device_handler_begin and
 * device_reap, with a record of the interrupt in the trace. */
void host_handler_begin(struct cpu *cpu, struct device_vector *vector);
uint64_t host_handler_reap(struct cpu *cpu, struct device_vector *vector);

#endif
