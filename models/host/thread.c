/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads and the scheduler: one run queue for each CPU, first come, first served; a woken thread preempts user and
 * guest mode. A wake-up is a permit, so that none is lost between a thread's check of its condition and its sleep.
 */
#include "models/host/thread.h"

#include "machine/notes.h"
#include "models/host/host.h"
#include "models/host/trace.h"

enum { THREAD_STACK_BYTES = 16384 };

static void thread_actor_main(void *argument)
{
    struct thread *thread = argument;

    thread->main(thread->on->cpu, thread);
    CHECK(!"a thread's main returned");
}

/* Appends the thread, vCPUs behind all other threads: a vCPU that computes would keep them off the CPU for ever. */
static void enqueue(struct thread *thread)
{
    struct list *runq = &thread->on->runq, *place = runq;

    thread->state = THREAD_RUNNABLE;
    if (thread->throttles > 0)
        return;
    while (!thread->is_vcpu && place->previous != runq && LIST_ENTRY(place->previous, struct thread, run_link)->is_vcpu)
        place = place->previous;
    list_insert_before(&thread->run_link, place);
}

void thread_init(struct host *host, struct thread *thread, const char *name, uint32_t cpu,
                 void (*main)(struct cpu *cpu, struct thread *thread), void *context)
{
    *thread = (struct thread){
        .host = host,
        .on = &host->cpus[cpu],
        .name = name,
        .id = host->thread_count++,
        .main = main,
        .context = context,
        .next = host->threads,
        .state = THREAD_RUNNABLE,
        .irq_on = true,
        .category = CPU_HYPERVISOR,
    };
    host->threads = thread;
    list_init(&thread->wait_link);
    list_init(&thread->run_link);
    list_init(&thread->barrier.link);
    enqueue(thread);
    engine_actor(host->machine->engine, &thread->actor, THREAD_STACK_BYTES, thread_actor_main, thread);
}

void thread_init_asleep(struct thread *thread)
{
    list_remove(&thread->run_link);
    thread->state = THREAD_ASLEEP;
}

/* --- scheduler --- */

static struct thread *pick(struct host_cpu *hc)
{
    struct thread *previous = hc->current;
    bool may_stay = previous->state == THREAD_RUNNING && previous->throttles == 0;

    if (list_is_empty(&hc->runq))
        return may_stay ? previous : hc->idle;
    struct thread *next = LIST_ENTRY(hc->runq.next, struct thread, run_link);
    if (may_stay && next->is_vcpu && !previous->is_vcpu && previous != hc->idle)
        return previous;
    list_remove(&next->run_link);
    return next;
}

/* Called with the clock settled; returns when the thread is on the CPU again. */
static void schedule(struct cpu *cpu)
{
    struct host_cpu *hc = host_cpu_of(cpu);
    struct thread *previous = hc->current, *next = pick(hc);

    hc->need_resched = false;
    if (next == previous)
        return;
    cpu_fence(cpu); /* smp_mb__after_spinlock */
    if (previous->state == THREAD_RUNNING && previous != hc->idle)
        enqueue(previous);
    host_trace_switch(cpu, previous, next);
    previous->irq_on = cpu->irq_on;
    previous->interrupt_depth = cpu->interrupt_depth;
    previous->category = cpu->category;
    hc->host->statistics.context_switches++;
    next->state = THREAD_RUNNING;
    hc->current = next;
    cpu->irq_on = next->irq_on;
    cpu->interrupt_depth = next->interrupt_depth;
    cpu_step_end(cpu);
    cpu_spend_software(cpu, hc->host->costs->context_switch);
    cpu->on_from = cpu_now(cpu);
    if (cpu->category != next->category) {
        cpu_category_flush(cpu);
        cpu->category = next->category;
    }
    cpu_exchange(cpu, next == hc->idle ? &cpu->actor : &next->actor);
}

void thread_reschedule(struct cpu *cpu)
{
    cpu_settle(cpu);
    if (host_cpu_of(cpu)->need_resched)
        schedule(cpu);
}

void thread_block(struct cpu *cpu)
{
    struct thread *self = thread_current(cpu);

    CHECK(self != host_cpu_of(cpu)->idle && cpu->interrupt_depth == 0);
    cpu_settle(cpu);
    if (!self->has_permit && self->worker != NULL)
        worker_sleeping(cpu, self->worker);
    if (!self->has_permit) {
        self->state = THREAD_ASLEEP;
        schedule(cpu);
    }
    self->has_permit = false;
    if (self->worker != NULL)
        worker_running(self->worker);
}

/* In an exploration the IPI to an idle CPU arrives at once: an idle CPU has no steps that could come before it. */
static void poke(struct cpu *cpu, struct host_cpu *target)
{
    target->need_resched = true;
    if (target->cpu == cpu)
        return;
    if (cpu_is_explored(cpu) && target->current == target->idle)
        lapic_deliver(target->cpu, VECTOR_EVENT_CHECK);
    else
        ipi_send(cpu, target->cpu, VECTOR_EVENT_CHECK);
}

void thread_wake(struct cpu *cpu, struct thread *thread)
{
    cpu_fence(cpu); /* try_to_wake_up: smp_mb__after_spinlock */
    if (thread->state == THREAD_ASLEEP)
        cpu_spend_software(cpu, thread->host->costs->wake);
    cpu_settle(cpu);
    if (thread->state != THREAD_ASLEEP) {
        thread->has_permit = true;
        return;
    }
    thread->host->statistics.wakes++;
    enqueue(thread);
    host_trace_wake(cpu, thread);
    notes_add(cpu->engine, cpu, "wakes %s", thread->name);
    poke(cpu, thread->on);
}

void thread_work(struct cpu *cpu, cycles mean)
{
    struct thread *self = thread_current(cpu);

    self->is_preemptible = true;
    cpu_spend_software(cpu, mean);
    cpu_settle(cpu);
    self->is_preemptible = false;
    thread_reschedule(cpu);
}

void thread_throttle(struct thread *thread, bool is_off)
{
    CHECK(is_off || thread->throttles > 0);
    thread->throttles += is_off ? 1 : UINT32_MAX;
    if (thread->state == THREAD_RUNNABLE)
        list_remove(&thread->run_link);
    if (thread->state == THREAD_RUNNABLE)
        enqueue(thread);
    thread->on->need_resched = true;
    lapic_deliver(thread->on->cpu, VECTOR_EVENT_CHECK);
}
