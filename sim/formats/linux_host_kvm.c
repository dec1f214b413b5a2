/* SPDX-License-Identifier: Apache-2.0
 *
 * The events of KVM. Those of a vCPU are traced by its own thread; those of its local APIC by whoever interrupts it, so
 * that the vCPU is known when the process is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "formats/linux_host_parts.h"

/* The current thread, which is a vCPU's. */
static uint32_t vcpu_thread(struct linux_host *host, const struct linux_at *at, int32_t vcpu)
{
    if (at->tid <= 0)
        return LINUX_NO_THREAD;
    uint32_t thread = linux_thread(host, at->tid, at->tgid, at->comm);
    host->threads[thread].is_vcpu = true;
    if (vcpu >= 0 && vcpu < LINUX_VCPUS_MAX)
        host->threads[thread].vcpu = vcpu;
    return thread;
}

/* The process whose guest is interrupted: vhost's threads are named after it. */
static int32_t process_of(const struct linux_at *at)
{
    int process, end = 0;

    if (at->comm != NULL && sscanf(at->comm, "vhost-%d%n", &process, &end) == 1 && at->comm[end] == '\0')
        return process;
    return at->tgid;
}

static uint32_t target_of(struct linux_host *host, const struct linux_at *at, uint32_t apic)
{
    int32_t process = process_of(at);
    size_t known = host->target_numbers.count;
    uint32_t number = intern_number(&host->target_numbers, (uint64_t)(uint32_t)process << 32 | apic, "");

    if (number == known) {
        host->targets = array_grown(host->targets, known, sizeof *host->targets);
        host->targets[number] = (struct linux_target){ process, apic, TRACE_NOBODY };
    }
    return LINUX_WHO_TARGET | number;
}

/* Each MSI is an interrupt of its own, unless it is the first that is sent in the work for another one. */
static uint32_t msi_flow(struct linux_host *host, const struct linux_at *at)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];
    bool is_thread = !cpu->is_in_irq && !cpu->is_in_softirq && cpu->current != LINUX_NO_THREAD;
    uint32_t *last = is_thread ? &host->threads[cpu->current].msi_flow : &cpu->msi_flow;
    uint32_t flow = linux_flow(host, at);

    if (flow == 0 || flow == *last)
        flow = ++host->flows;
    if (is_thread)
        host->threads[cpu->current].flow = flow;
    else if (cpu->is_in_softirq && !cpu->is_in_irq)
        cpu->softirq_flow[cpu->softirq] = flow;
    return *last = flow;
}

const char *linux_kvm_msi(struct linux_host *host, const struct linux_at *at, uint32_t apic, uint32_t vector)
{
    if (vector > 255)
        return "a vector above 255";
    linux_irq_close(host, at->cpu);
    linux_emit(host, at->ns, at->cpu, TRACE_RAISE, target_of(host, at, apic), msi_flow(host, at), vector,
               at->ns - host->first_ns - host->choice->from_ns);
    return NULL;
}

const char *linux_kvm_accept(struct linux_host *host, const struct linux_at *at, uint32_t apic, uint32_t vector)
{
    if (vector > 255)
        return "a vector above 255";
    linux_irq_close(host, at->cpu);
    linux_emit(host, at->ns, at->cpu, TRACE_PEND, target_of(host, at, apic), linux_flow(host, at), vector, 0);
    return NULL;
}

const char *linux_kvm_inject(struct linux_host *host, const struct linux_at *at, uint32_t vector)
{
    uint32_t thread = vcpu_thread(host, at, -1);

    if (vector > 255)
        return "a vector above 255";
    if (thread == LINUX_NO_THREAD)
        return NULL;
    linux_irq_close(host, at->cpu);
    struct linux_thread *it = &host->threads[thread];
    it->injecting = vector;
    it->injecting_flow = it->flow;
    linux_emit(host, at->ns, at->cpu, TRACE_INJECT, linux_who(thread), it->flow, vector, 0);
    return NULL;
}

const char *linux_kvm_wakeup(struct linux_host *host, const struct linux_at *at, bool has_polled, uint64_t ns)
{
    uint32_t thread = vcpu_thread(host, at, -1);

    linux_irq_close(host, at->cpu);
    if (thread == LINUX_NO_THREAD)
        return "no current thread";
    if (has_polled) {
        linux_emit(host, at->ns, at->cpu, TRACE_WAKE, linux_who(thread), 0, 0, 0);
        linux_emit(host, at->ns, at->cpu, TRACE_POLL, linux_who(thread), 0, 1, ns);
        return NULL;
    }
    if (!host->is_open || host->is_over)
        return NULL;
    host->halts = array_grown(host->halts, host->halt_count, sizeof *host->halts);
    host->halts[host->halt_count++] = (struct linux_halt){ at->ns, ns, host->threads[thread].left_ns, thread, at->cpu };
    return NULL;
}

const char *linux_kvm_entry(struct linux_host *host, const struct linux_at *at, int32_t vcpu)
{
    uint32_t thread = vcpu_thread(host, at, vcpu);

    linux_irq_close(host, at->cpu);
    if (thread == LINUX_NO_THREAD)
        return NULL;
    struct linux_thread *it = &host->threads[thread];
    linux_emit(host, at->ns, at->cpu, TRACE_VMENTRY, linux_who(thread), 0, 0, 0);
    if (it->injecting != 0)
        linux_emit(host, at->ns, at->cpu, TRACE_HANDLER, linux_who(thread), it->injecting_flow, it->injecting, 0);
    it->injecting = 0;
    return NULL;
}

uint32_t linux_exit_number(struct linux_host *host, const char *reason)
{
    return intern_number(&host->exits, 0, reason);
}

const char *linux_kvm_exit(struct linux_host *host, const struct linux_at *at, int32_t vcpu, const char *reason)
{
    uint32_t thread = vcpu_thread(host, at, vcpu);

    linux_irq_close(host, at->cpu);
    if (thread == LINUX_NO_THREAD)
        return NULL;
    linux_emit(host, at->ns, at->cpu, TRACE_VMEXIT, linux_who(thread), 0, linux_exit_number(host, reason), 0);
    return NULL;
}
