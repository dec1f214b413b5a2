/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's interrupt handlers: Linux's two-level upcall (G1 to G4), the EOI of PIRQs and of the I/O APIC, the unmask
 * of a port, and sends. A handler serves its device; for a GSI the device lowers its line before the EOI.
 */
#include "models/qemu/qemu.h"

void guest_exit_begin(struct cpu *cpu, struct qemu_vcpu *v, enum vm_exit reason)
{
    vcpu_exit(cpu, &v->vcpu, reason);
    vcpu_userspace_begin(cpu, &v->vcpu);
    if (v->vcpu.id == 0)
        callback_poll(cpu, v);
    v->qemu->statistics.exits++;
}

void guest_exit_end(struct cpu *cpu, struct qemu_vcpu *v)
{
    vcpu_userspace_end(cpu, &v->vcpu);
    vcpu_enter(cpu, &v->vcpu);
}

/* --- handlers --- */

static void account(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    cpu_settle(cpu);
    if (vector->source.outstanding == 0 && !vector->cause)
        q->statistics.spurious++;
    if (vector->is_fired)
        histogram_record(q->latency[vector->path],
                         cycles_to_ns(cpu_now(cpu) - vector->fired, cpu->costs->frequency_hz));
    if (q->is_recovering && vector->source.outstanding > 0) {
        q->is_recovering = false;
        histogram_record(q->recovery, cycles_to_ns(cpu_now(cpu) - q->stopped_at, cpu->costs->frequency_hz));
    }
    vector->is_fired = false;
    host_handler_begin(cpu, &vector->source);
}

void guest_handle(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector)
{
    account(cpu, v->qemu, vector);
    vcpu_compute(cpu, &v->vcpu, device_work(&vector->source));
    if (vector->cause) {
        guest_exit_begin(cpu, v, VM_EXIT_MMIO);
        device_acknowledge(cpu, v->qemu, vector);
        guest_exit_end(cpu, v);
    }
    device_handler_end(&vector->source);
    if (vector->irq.needs_eoi) {
        guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
        physdev_eoi(cpu, v->qemu, vector->irq.pirq);
        guest_exit_end(cpu, v);
        migration_point(cpu, v->qemu, MIGRATION_STEP_EOI);
    }
}

/* G4 for one port. */
static void handle_port(struct cpu *cpu, struct qemu_vcpu *v, uint32_t port)
{
    struct qemu *q = v->qemu;
    struct qemu_vector *vector = q->guest_ports[port];

    page_fetch_and(step(vcpu_at(cpu, &v->vcpu), "G4"), &q->pending[port / 64], ~(1ull << (port % 64)));
    if (vector == NULL) {
        q->statistics.spurious++;
        return;
    }
    migration_point(cpu, q, MIGRATION_STEP_DELIVER);
    guest_handle(cpu, v, vector);
}

static void handle_word(struct cpu *cpu, struct qemu_vcpu *v, uint32_t word)
{
    struct qemu *q = v->qemu;
    uint64_t active = page_load(step(vcpu_at(cpu, &v->vcpu), "G3"), &q->pending[word]);

    active &= ~page_load(step(vcpu_at(cpu, &v->vcpu), "G3"), &q->mask[word]);
    active &= word_load(step(cpu, "G3"), &v->bound[word]);
    while (active != 0) {
        uint32_t bit = (uint32_t)__builtin_ctzll(active);
        active &= active - 1;
        handle_port(cpu, v, word * 64 + bit);
    }
}

static void upcall(struct cpu *cpu, struct qemu_vcpu *v)
{
    v->upcalls++;
    do {
        page_store(step(vcpu_at(cpu, &v->vcpu), "G1"), &v->upcall_pending, 0);
        uint64_t selected = page_xchg(step(vcpu_at(cpu, &v->vcpu), "G2"), &v->pending_sel, 0);
        while (selected != 0) {
            uint32_t word = (uint32_t)__builtin_ctzll(selected);
            selected &= selected - 1;
            handle_word(cpu, v, word);
        }
    } while (page_load(vcpu_at(cpu, &v->vcpu), &v->upcall_pending) != 0);
}

/* --- the vectors --- */

/* A level-triggered pin: calls the handlers of all devices that share it; the EOI exits to user space. */
static void pin_interrupt(struct cpu *cpu, struct qemu_vcpu *v, uint32_t gsi)
{
    struct qemu *q = v->qemu;

    if (gsi == q->callback_gsi)
        upcall(cpu, v);
    for (uint32_t i = 0; i < q->vector_count; i++) {
        struct qemu_vector *vector = &q->vectors[i];
        if (vector->device->own->pirq_kind == PIRQ_KIND_INTX && vector->device->gsi == gsi && vector->cause)
            guest_handle(cpu, v, vector);
    }
    guest_exit_begin(cpu, v, VM_EXIT_EOI);
    qemu_ioapic_pin_eoi(cpu, q, gsi);
    guest_exit_end(cpu, v);
}

/* Sends events to the IPI ports of other vCPUs, for the vectors that stand for timers of this vCPU. F3: KVM handles the
 * hypercall. */
static void send(struct cpu *cpu, struct qemu_vcpu *v)
{
    struct qemu *q = v->qemu;

    for (uint32_t i = 0; i < q->vector_count; i++) {
        struct qemu_vector *vector = &q->vectors[i];
        if (vector->device->own->pirq_kind != PIRQ_KIND_IPI || !vector->cause || vector->sender != v->vcpu.id)
            continue;
        vector->cause = false;
        vector_fire(cpu, vector, q->is_in_kernel ? PATH_F3 : PATH_S2);
        vcpu_exit(cpu, &v->vcpu, VM_EXIT_VMCALL);
        if (q->is_in_kernel) {
            cpu_spend_software(cpu, host_costs(cpu)->hypercall);
            if (!evtchn_set_fast(cpu, q, vector->irq.port, vector->irq.vcpu))
                evtchn_set_slow(cpu, q, vector->irq.port, vector->irq.vcpu);
            vcpu_enter(cpu, &v->vcpu);
            continue;
        }
        vcpu_userspace_begin(cpu, &v->vcpu);
        evtchn_send_op(cpu, q, vector->irq.port);
        guest_exit_end(cpu, v);
    }
}

static void interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector)
{
    struct qemu_vcpu *v = qemu_vcpu(vcpu);

    if (vector == VCPU_UPCALL || vector == GUEST_VECTOR_UPCALL)
        upcall(cpu, v);
    else if (vector == GUEST_VECTOR_SEND)
        send(cpu, v);
    else if (vector < GUEST_VECTOR_GSI + GSI_COUNT)
        pin_interrupt(cpu, v, vector - GUEST_VECTOR_GSI);
}

static void main_loop(struct cpu *cpu, struct vcpu *vcpu)
{
    struct qemu_vcpu *v = qemu_vcpu(vcpu);

    for (;;) {
        cpu_settle(cpu);
        if (list_is_empty(&v->tasks)) {
            vcpu_idle(cpu, vcpu);
            continue;
        }
        struct guest_task *task = LIST_ENTRY(v->tasks.next, struct guest_task, link);
        list_remove(&task->link);
        driver_run(cpu, v, task);
    }
}

/* Of an upcall, which brings all pending events, and of a line: the first of the vCPU's vectors that waits for its
 * handler. */
static uint32_t flow(const struct vcpu *vcpu, uint32_t vector)
{
    const struct qemu *q = ((const struct qemu_vcpu *)vcpu->context)->qemu;

    for (uint32_t i = 0; i < q->vector_count; i++) {
        const struct qemu_vector *one = &q->vectors[i];
        bool is_line = vector < GUEST_VECTOR_GSI + GSI_COUNT && vector - GUEST_VECTOR_GSI != q->callback_gsi;
        bool is_ours = is_line ? one->device->gsi == vector - GUEST_VECTOR_GSI : one->irq.port != 0;
        if (is_ours && one->irq.vcpu == vcpu->id && vector_flow(one) != 0)
            return vector_flow(one);
    }
    return 0;
}

const struct vcpu_operations qemu_guest_operations = {
    .main = main_loop,
    .flow = flow,
    .interrupt = interrupt,
    .wants_upcall = kvm_wants_upcall,
};

/* --- unmask --- */

/* A port that is bound to this vCPU is unmasked without a hypercall unless it is pending. */
void guest_unmask(struct cpu *cpu, struct qemu_vcpu *v, uint32_t port)
{
    struct qemu *q = v->qemu;
    uint64_t bit = 1ull << (port % 64);
    bool is_here = word_load(vcpu_at(cpu, &v->vcpu), &v->bound[port / 64]) & bit;

    if (is_here) {
        page_fetch_and(step(vcpu_at(cpu, &v->vcpu), "unmask"), &q->mask[port / 64], ~bit);
        if (!(page_load(step(vcpu_at(cpu, &v->vcpu), "unmask"), &q->pending[port / 64]) & bit))
            return;
        page_fetch_or(step(vcpu_at(cpu, &v->vcpu), "mask"), &q->mask[port / 64], bit);
    }
    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    evtchn_unmask(cpu, q, port);
    guest_exit_end(cpu, v);
}
