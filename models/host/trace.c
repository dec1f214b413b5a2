/* SPDX-License-Identifier: Apache-2.0
 *
 * States in records are those of Xen's runstates: a thread is running, runnable or blocked; one that is throttled is
 * runnable. An idle thread runs or is runnable. Times are those of the settled clock, at which the CPU's category
 * changes, so that they add up to the model's own accounting.
 */
#include "models/host/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine/devices/device.h"
#include "models/family/exits.h"
#include "models/host/host.h"
#include "models/host/thread.h"

_Static_assert(THREAD_RUNNING == 0 && THREAD_RUNNABLE == 1 && THREAD_ASLEEP == 2, "states of threads are runstates");

enum { NAME_BYTES = 48 };

static struct trace *trace_of(const struct host *host) { return host->machine->engine->trace; }

/* --- boot --- */

/* Number of the host's threads with this name, and of those before `until` in the order of their creation. */
static uint32_t namesakes(const struct host *host, const struct thread *until, uint32_t *before)
{
    uint32_t count = 0;

    *before = 0;
    for (const struct thread *thread = host->threads; thread != NULL; thread = thread->next) {
        if (thread->is_vcpu || strcmp(thread->name, until->name) != 0)
            continue;
        count++;
        *before += thread->id < until->id;
    }
    return count;
}

static void thread_text(const struct host *host, const struct thread *thread, char name[NAME_BYTES])
{
    uint32_t before, count = namesakes(host, thread, &before), worker;

    if (thread->worker != NULL && worker_of_pool(thread->worker, &worker))
        snprintf(name, NAME_BYTES, "kworker/%u:%u", thread->on->cpu->id, worker);
    else
        snprintf(name, NAME_BYTES, count > 1 ? "%.30s.%u" : "%.30s", thread->name, before);
}

static void thread_boot(const struct host *host, struct thread *thread)
{
    uint32_t cpu = thread->on->cpu->id;
    char name[NAME_BYTES];

    if (!thread->is_vcpu) {
        thread_text(host, thread, name);
        thread->who = trace_who(TRACE_THREADS, trace_thread_new(trace_of(host), name));
    }
    engine_trace(host->machine->engine, 0, cpu, TRACE_VCPU, thread->who, 0, thread->state, cpu);
}

static struct thread *thread_of(const struct host *host, uint32_t id)
{
    struct thread *thread = host->threads;

    while (thread->id != id)
        thread = thread->next;
    return thread;
}

void host_trace_boot(struct host *host)
{
    static const char *const exits[VM_EXIT_COUNT] = {
        "external_interrupt", "interrupt_window", "hlt", "vmcall", "eoi", "msr_write", "mmio"
    };

    if (trace_of(host) == NULL)
        return;
    uint32_t first = trace_of(host)->irqs.count;
    trace_exits(trace_of(host), exits, VM_EXIT_COUNT);
    for (uint32_t cpu = 0; cpu < host->machine->cpu_count; cpu++) {
        host_trace_irq(host, cpu, VECTOR_EVENT_CHECK, first, "reschedule");
        host_trace_irq(host, cpu, VECTOR_POSTED, first + 1, "posted-interrupt");
        host_trace_irq(host, cpu, VECTOR_WAKEUP, first + 2, "posted-wakeup");
        engine_trace(host->machine->engine, 0, cpu, TRACE_VCPU, host->cpus[cpu].idle->who, 0, THREAD_RUNNING, cpu);
    }
    for (uint32_t id = 0; id < host->thread_count; id++)
        thread_boot(host, thread_of(host, id));
}

/* --- interrupts --- */

void host_trace_irq(const struct host *host, uint32_t cpu, uint32_t vector, uint32_t number, const char *format, ...)
{
    struct trace *trace = trace_of(host);
    char name[NAME_BYTES];
    va_list arguments;

    if (trace == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    trace_irq_new(trace, cpu, vector, number == TRACE_NO_IRQ ? trace->irqs.count : number, name);
}

void host_trace_do_irq(const struct cpu *cpu, uint32_t vector, const struct device_vector *source)
{
    const struct trace *trace = cpu->engine->trace;

    if (__builtin_expect(trace == NULL, true))
        return;
    bool is_sent = source != NULL && source->outstanding > 0;
    cpu_trace(cpu, TRACE_DO_IRQ, source != NULL ? source->owner : TRACE_NOBODY, is_sent ? source->flow : 0, vector,
              trace_irq_of(trace, cpu->id, vector));
}

void host_trace_for(const struct cpu *cpu, const struct device_vector *source)
{
    cpu_trace(cpu, TRACE_FOR, source->owner, source->outstanding > 0 ? source->flow : 0, 0, 0);
}

/* --- threads --- */

static void change(const struct cpu *cpu, const struct thread *thread, enum thread_state from, enum thread_state to)
{
    engine_trace(cpu->engine, cpu->engine->now, cpu->id, TRACE_RUNSTATE, thread->who, 0, from * 16u + to,
                 thread->on->cpu->id);
}

void host_trace_switch(const struct cpu *cpu, const struct thread *previous, const struct thread *next)
{
    const struct engine *engine = cpu->engine;

    if (__builtin_expect(engine->trace == NULL, true))
        return;
    if (previous->state == THREAD_ASLEEP)
        engine_trace(engine, engine->now, cpu->id, TRACE_BLOCK, previous->who, 0, 0, 0);
    change(cpu, previous, THREAD_RUNNING, previous->state == THREAD_ASLEEP ? THREAD_ASLEEP : THREAD_RUNNABLE);
    change(cpu, next, THREAD_RUNNABLE, THREAD_RUNNING);
    engine_trace(engine, engine->now, cpu->id, TRACE_SWITCH, next->who, 0, 0, previous->who);
}

void host_trace_wake(const struct cpu *cpu, const struct thread *thread)
{
    if (__builtin_expect(cpu->engine->trace == NULL, true))
        return;
    engine_trace(cpu->engine, cpu->engine->now, cpu->id, TRACE_WAKE, thread->who, 0, 0, 0);
    change(cpu, thread, THREAD_ASLEEP, THREAD_RUNNABLE);
}
