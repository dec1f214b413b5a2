/* SPDX-License-Identifier: Apache-2.0
 *
 * What a host CPU does when no thread runs on it, and its interrupts: handlers by vector, and after the outermost
 * handler a switch to a woken thread.
 */
#include "models/host/irq.h"

#include "machine/devices/device.h"
#include "models/host/host.h"
#include "models/host/thread.h"

/* The idle thread runs with interrupts disabled throughout: it takes the interrupt that woke the CPU, and then switches
 * to the thread that the interrupt made runnable. */
void host_cpu_main(struct cpu *cpu)
{
    for (;;) {
        while (cpu_acknowledge_interrupt(cpu))
            cpu_serialise(cpu); /* IRET */
        thread_reschedule(cpu);
        if (list_is_empty(&host_cpu_of(cpu)->runq))
            cpu_halt(cpu);
        else
            host_cpu_of(cpu)->need_resched = true;
    }
}

void host_irq_call(struct cpu *cpu, uint32_t vector)
{
    const struct host_irq *irq = &host_cpu_of(cpu)->irqs[vector];

    if (irq->handler == NULL)
        return;
    host_of(cpu)->statistics.irqs++;
    irq->handler(cpu, irq->argument);
}

void host_interrupt(struct cpu *cpu, uint32_t vector)
{
    lapic_eoi(cpu);
    host_irq_call(cpu, vector);
    if (cpu->interrupt_depth == 1 && thread_current(cpu)->is_preemptible)
        thread_reschedule(cpu);
}

uint32_t host_irq_add(struct host *host, uint32_t cpu, host_irq_handler *handler, void *argument)
{
    struct host_cpu *hc = &host->cpus[cpu];

    CHECK(hc->next_vector <= VECTOR_DEVICE_LAST);
    hc->irqs[hc->next_vector] = (struct host_irq){ handler, argument };
    return hc->next_vector++;
}

static void trace_handler(const struct cpu *cpu, const struct device_vector *vector)
{
    if (vector->outstanding > 0)
        cpu_trace(cpu, TRACE_HANDLER, vector->owner, vector->flow, vector->vector, 0);
}

void host_handler_begin(struct cpu *cpu, struct device_vector *vector)
{
    trace_handler(cpu, vector);
    device_handler_begin(vector);
}

uint64_t host_handler_reap(struct cpu *cpu, struct device_vector *vector)
{
    trace_handler(cpu, vector);
    return device_reap(vector);
}
