/* SPDX-License-Identifier: Apache-2.0
 *
 * A vCPU thread. The guest's code is straight-line C at the bottom of the thread's stack; a VM exit is a call from it,
 * and a virtual interrupt is a nested call at a VM entry with the guest's interrupts enabled.
 * sim/machine/devices/guest.h, a state machine that returns at each exit, is not used: it has one fixed workload and no
 * hypercalls with results. The order of a kick is KVM's: it sets the bit and then reads the mode; the entry sets the
 * mode and then reads the bits.
 */
#include "models/host/vcpu.h"

#include "machine/devices/device.h"
#include "models/host/halt_poll.h"
#include "models/host/host.h"
#include "models/host/trace.h"

static void vcpu_main(struct cpu *cpu, struct thread *thread)
{
    struct vcpu *vcpu = thread->context;

    vcpu_enter(cpu, vcpu);
    vcpu->operations->main(cpu, vcpu);
}

void vcpu_init(struct host *host, struct vcpu *vcpu, const char *name, uint32_t cpu,
               const struct vcpu_operations *operations, void *context)
{
    *vcpu = (struct vcpu){ .operations = operations, .context = context, .irq_on = true };
    line_init(host->machine, &vcpu->line, LINE_PLAIN);
    word_init(&vcpu->irr, &vcpu->line, 0);
    names_add_of(host->machine, &vcpu->irr, "irr", "%s", name);
    word_init(&vcpu->mode, &vcpu->line, VCPU_OUTSIDE);
    names_add_of(host->machine, &vcpu->mode, "mode", "%s", name);
    ARENA_EXCLUDE(host->machine->arena, vcpu->exits);
    thread_init(host, &vcpu->thread, name, cpu, vcpu_main, vcpu);
    vcpu->thread.is_vcpu = true;
    halt_poll_init(vcpu);
}

/* The upcall is vector 0 in traces. */
static void trace_vector(const struct cpu *cpu, const struct vcpu *vcpu, enum trace_kind kind, uint32_t vector)
{
    if (__builtin_expect(cpu->engine->trace == NULL, true))
        return;
    cpu_trace(cpu, kind, vcpu->thread.who, vcpu->operations->flow != NULL ? vcpu->operations->flow(vcpu, vector) : 0,
              vector == VCPU_UPCALL ? 0 : vector, 0);
}

/* The interrupt to inject, as vector + 1; 0: none. An upcall comes before what the local APIC holds. */
static uint32_t pending(struct cpu *cpu, struct vcpu *vcpu)
{
    if (vcpu->operations->wants_upcall != NULL && vcpu->operations->wants_upcall(cpu, vcpu))
        return VCPU_UPCALL + 1;
    uint64_t irr = word_load(cpu, &vcpu->irr);
    return irr == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(irr);
}

/* Injects one interrupt at a time. While another one is injected, or the guest's interrupts are disabled, it requests
 * an exit for the moment at which the guest can take an interrupt. A vector that is pending behind the injected one
 * comes with the EOI: from KVM if the EOI exits, and from the hardware, which holds the pending vectors, if it does
 * not. Source: Linux 7.0, arch/x86/kvm/irq.c, kvm_cpu_has_injectable_intr and kvm_cpu_get_interrupt. */
static void inject(struct cpu *cpu, struct vcpu *vcpu)
{
    uint32_t vector = pending(cpu, vcpu);
    bool is_possible = vcpu->irq_on && vcpu->injected == 0;

    vcpu->wants_window = vector != 0 && !is_possible;
    vcpu->has_more = false;
    if (vector == 0 || !is_possible)
        return;
    if (vector == VCPU_UPCALL + 1) {
        vcpu->has_more = word_load(cpu, &vcpu->irr) != 0;
    } else {
        uint64_t others = ~(1ull << (vector - 1));
        vcpu->has_more = (word_fetch_and(cpu, &vcpu->irr, others) & others) != 0;
    }
    cpu_spend_software(cpu, host_costs(cpu)->virq_injection);
    trace_vector(cpu, vcpu, TRACE_INJECT, vector - 1);
    vcpu->injected = vector;
}

static void stay_paused(struct cpu *cpu, struct vcpu *vcpu)
{
    cpu_settle(cpu);
    while (vcpu->is_pause_wanted) {
        word_store(cpu, &vcpu->mode, VCPU_OUTSIDE);
        vcpu->is_paused = true;
        if (vcpu->pauser != NULL)
            thread_wake(cpu, vcpu->pauser);
        thread_block(cpu);
    }
    vcpu->is_paused = false;
}

void vcpu_pause(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu->pauser = thread_current(cpu);
    vcpu->is_pause_wanted = true;
    if (!vcpu->is_paused)
        kvm_vcpu_kick(cpu, vcpu);
}

void vcpu_wait_paused(struct cpu *cpu, struct vcpu *vcpu)
{
    while (!vcpu->is_paused)
        thread_block(cpu);
}

void vcpu_resume(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu->is_pause_wanted = false;
    vcpu->pauser = NULL;
    thread_wake(cpu, &vcpu->thread);
}

void vcpu_enter(struct cpu *cpu, struct vcpu *vcpu)
{
    for (;;) {
        thread_reschedule(cpu);
        stay_paused(cpu, vcpu);
        cpu_irq_off(cpu);
        word_store(cpu, &vcpu->mode, VCPU_IN_GUEST);
        cpu_fence(cpu); /* smp_mb__after_srcu_read_unlock */
        inject(cpu, vcpu);
        cpu_settle(cpu);
        if (!host_cpu_of(cpu)->need_resched && !vcpu->is_pause_wanted && lapic_deliverable(cpu) == 0)
            break;
        word_store(cpu, &vcpu->mode, VCPU_OUTSIDE);
        cpu_irq_on(cpu);
    }
    cpu_spend(cpu, cpu->costs->vmentry);
    cpu_trace(cpu, TRACE_VMENTRY, vcpu->thread.who, 0, 0, 0);
    cpu_category_set(cpu, CPU_GUEST);
}

void vcpu_exit(struct cpu *cpu, struct vcpu *vcpu, enum vm_exit reason)
{
    cpu_category_set(cpu, CPU_HYPERVISOR);
    cpu_trace(cpu, TRACE_VMEXIT, vcpu->thread.who, 0, reason, 0);
    cpu_spend(cpu, cpu->costs->vmexit);
    word_store(cpu, &vcpu->mode, VCPU_OUTSIDE);
    vm_exits_note(&vcpu->exits, reason);
    host_of(cpu)->statistics.vmexits++;
    cpu_irq_on(cpu);
    cpu_spend_software(cpu, host_costs(cpu)->exit_dispatch);
}

static void bounce(struct cpu *cpu, struct vcpu *vcpu, enum vm_exit reason)
{
    vcpu_exit(cpu, vcpu, reason);
    vcpu_enter(cpu, vcpu);
}

/* A posted-interrupt notification is taken in guest mode and delivers the posted interrupts. Every other physical
 * interrupt is an exit. */
static void take_physical(struct cpu *cpu, struct vcpu *vcpu)
{
    if (lapic_deliverable(cpu) != VECTOR_POSTED) {
        bounce(cpu, vcpu, VM_EXIT_EXTERNAL_INTERRUPT);
        return;
    }
    lapic_accept(cpu, VECTOR_POSTED);
    lapic_eoi(cpu);
    inject(cpu, vcpu);
}

/* The guest enables interrupts: opens the interrupt window if one has been requested. */
static void enable_interrupts(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu->irq_on = true;
    if (vcpu->wants_window && !vcpu->is_posted)
        bounce(cpu, vcpu, VM_EXIT_INTERRUPT_WINDOW);
    else if (vcpu->wants_window || vcpu->has_more)
        inject(cpu, vcpu); /* virtual interrupt delivery needs no exit */
}

static void take_interrupt(struct cpu *cpu, struct vcpu *vcpu)
{
    while (vcpu->injected != 0 && vcpu->irq_on) {
        uint32_t vector = vcpu->injected - 1;
        vcpu->injected = 0;
        vcpu->irq_on = false;
        vcpu->operations->interrupt(cpu, vcpu, vector);
        cpu_trace(cpu, TRACE_HANDLER_END, vcpu->thread.who, 0, 0, 0);
        enable_interrupts(cpu, vcpu);
    }
}

void vcpu_border(struct cpu *cpu, struct vcpu *vcpu)
{
    CHECK(!cpu->irq_on);
    for (;;) {
        cpu_look(cpu);
        bool is_due = lapic_deliverable(cpu) != 0;
        if (!is_due && (vcpu->injected == 0 || !vcpu->irq_on))
            return;
        cpu_step_end(cpu);
        if (is_due)
            take_physical(cpu, vcpu);
        take_interrupt(cpu, vcpu);
    }
}

void vcpu_compute(struct cpu *cpu, struct vcpu *vcpu, cycles work)
{
    while (work > 0) {
        vcpu_border(cpu, vcpu);
        cpu_step_end(cpu);
        cycles end = cpu_now(cpu) + work;
        work = cpu_run_until(cpu, end) || cpu_now(cpu) >= end ? 0 : end - cpu_now(cpu);
    }
}

bool vcpu_is_runnable(struct cpu *cpu, struct vcpu *vcpu) { return pending(cpu, vcpu) != 0; }

static void block(struct cpu *cpu, struct vcpu *vcpu)
{
    for (;;) {
        cpu_settle(cpu);
        stay_paused(cpu, vcpu);
        word_store(cpu, &vcpu->mode, VCPU_BLOCKED);
        cpu_fence(cpu); /* set_current_state */
        if (pending(cpu, vcpu) != 0)
            break;
        if (vcpu->is_pause_wanted)
            continue;
        thread_block(cpu);
    }
}

static void halt(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu_exit(cpu, vcpu, VM_EXIT_HLT);
    cpu_spend_software(cpu, host_costs(cpu)->hlt_exit);
    cycles since = cpu_now(cpu);
    if (!halt_poll(cpu, vcpu)) {
        block(cpu, vcpu);
        word_store(cpu, &vcpu->mode, VCPU_OUTSIDE);
    }
    halt_poll_adapt(vcpu, cpu_now(cpu) - since);
    vcpu_enter(cpu, vcpu);
}

/* Computes until a physical interrupt is taken. It finds the guest in a section with interrupts off as often as the
 * guest is in one; what is left of the section then comes before the virtual interrupt. */
static void compute(struct cpu *cpu, struct vcpu *vcpu)
{
    cpu_run_until(cpu, CYCLES_NEVER);
    if (vcpu->irqs_off_permille == 0 || rng_below(&vcpu->sections, 1000) >= vcpu->irqs_off_permille) {
        take_physical(cpu, vcpu);
        return;
    }
    vcpu->irq_on = false;
    take_physical(cpu, vcpu);
    vcpu_compute(cpu, vcpu, 1 + rng_below(&vcpu->sections, vcpu->irqs_off));
    enable_interrupts(cpu, vcpu);
}

void vcpu_idle(struct cpu *cpu, struct vcpu *vcpu)
{
    CHECK(vcpu->irq_on);
    while (vcpu->injected == 0) {
        if (vcpu->is_computing) {
            compute(cpu, vcpu);
        } else if (vcpu->is_hlt_kept) {
            cpu_halt_shallow(cpu);
            take_physical(cpu, vcpu);
        } else {
            halt(cpu, vcpu);
        }
    }
    take_interrupt(cpu, vcpu);
}

void vcpu_userspace_begin(struct cpu *cpu, struct vcpu *vcpu)
{
    (void)vcpu;
    cpu_spend_software(cpu, host_costs(cpu)->userspace / 2);
}

void vcpu_userspace_end(struct cpu *cpu, struct vcpu *vcpu)
{
    (void)vcpu;
    cpu_spend_software(cpu, host_costs(cpu)->userspace - host_costs(cpu)->userspace / 2);
}

/* A vCPU that polls notices by itself what has changed, without a kick; ends its cpu_run_until. */
static void poller_notices(struct vcpu *vcpu)
{
    if (vcpu->is_polling)
        cpu_nudge(vcpu->thread.on->cpu);
}

void kvm_vcpu_kick(struct cpu *cpu, struct vcpu *vcpu)
{
    struct cpu *target = vcpu->thread.on->cpu;

    cpu_fence(cpu); /* rcuwait_wake_up; kvm_vcpu_exiting_guest_mode */
    uint64_t mode = word_load(cpu, &vcpu->mode);
    cpu_settle(cpu);
    if (mode == VCPU_BLOCKED) {
        thread_wake(cpu, &vcpu->thread);
    } else if (mode == VCPU_IN_GUEST && target != cpu) {
        host_of(cpu)->statistics.kicks++;
        ipi_send(cpu, target, VECTOR_EVENT_CHECK);
    }
    poller_notices(vcpu);
}

void vcpu_interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector)
{
    uint64_t bit = 1ull << vector;

    CHECK(vector < VCPU_VECTORS);
    if (word_fetch_or(cpu, &vcpu->irr, bit) & bit)
        return;
    trace_vector(cpu, vcpu, TRACE_PEND, vector);
    kvm_vcpu_kick(cpu, vcpu);
}

/* --- posted interrupts --- */

/* Done by the IOMMU, which takes no CPU's time. Between a VM exit and the next VM entry no notification is needed,
 * because the entry checks for posted interrupts. */
static void post(struct device_vector *vector)
{
    const struct vcpu_posting *posting = vector->post_context;
    struct vcpu *vcpu = posting->vcpu;

    uint64_t mode = word_load_at_event(&vcpu->mode);

    vcpu->irr.value |= 1ull << posting->vector;
    engine_trace(vector->device->machine->engine, vector->device->machine->engine->now, vcpu->thread.on->cpu->id,
                 TRACE_PEND, vcpu->thread.who, vector->flow, posting->vector, 0);
    if (mode == VCPU_IN_GUEST)
        lapic_deliver(vcpu->thread.on->cpu, VECTOR_POSTED);
    else if (mode == VCPU_BLOCKED)
        lapic_deliver(vcpu->thread.on->cpu, VECTOR_WAKEUP);
    poller_notices(vcpu);
}

static void wake_up(struct cpu *cpu, void *argument)
{
    struct vcpu *vcpu = argument;

    host_trace_do_irq(cpu, VECTOR_WAKEUP, NULL);
    if (word_load(cpu, &vcpu->mode) == VCPU_BLOCKED)
        thread_wake(cpu, &vcpu->thread);
}

void vcpu_post_from(struct device_vector *vector, struct vcpu_posting *posting)
{
    struct host_cpu *hc = posting->vcpu->thread.on;

    CHECK(posting->vector < VCPU_VECTORS);
    CHECK(hc->irqs[VECTOR_WAKEUP].handler == NULL || hc->irqs[VECTOR_WAKEUP].argument == posting->vcpu);
    hc->irqs[VECTOR_WAKEUP] = (struct host_irq){ wake_up, posting->vcpu };
    posting->vcpu->is_posted = true;
    vector->post = post;
    vector->post_context = posting;
}
