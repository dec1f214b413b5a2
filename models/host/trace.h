/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host writes into the trace of a run: the states and switches of vCPU threads and of the host's other threads
 * (TRACE_THREADS), its interrupts with numbers and names as in /proc/interrupts, and the VM exits. Nothing here passes
 * time or changes the run.
 */
#ifndef HOST_TRACE_H
#define HOST_TRACE_H

#include <stdint.h>

#include "engine/trace.h"

struct cpu;
struct device_vector;
struct host;
struct thread;

/* At the end of a family's boot, when each vCPU thread has its `who`: numbers and names the other threads, and writes
 * the first state of all. */
void host_trace_boot(struct host *host);

/* At boot: names the interrupt that comes to a host CPU as `vector`. `number`: TRACE_NO_IRQ gives it the next one. */
__attribute__((format(printf, 5, 6))) void host_trace_irq(const struct host *host, uint32_t cpu, uint32_t vector,
                                                          uint32_t number, const char *format, ...);

/* The handler of an interrupt begins, which `source` has sent; NULL: no device has. */
void host_trace_do_irq(const struct cpu *cpu, uint32_t vector, const struct device_vector *source);

/* From here on the work in progress is for the device's owner. */
void host_trace_for(const struct cpu *cpu, const struct device_vector *source);

/* The CPU leaves `previous`, whose state is set, for `next`; called with the clock settled. */
void host_trace_switch(const struct cpu *cpu, const struct thread *previous, const struct thread *next);

/* The CPU wakes the thread, which slept; called with the clock settled. */
void host_trace_wake(const struct cpu *cpu, const struct thread *thread);

#endif
