/* SPDX-License-Identifier: Apache-2.0
 *
 * KVM's side: the irqfd on a trigger, the guest's I/O APIC in KVM, resampling at the EOI, and the brake on a line that
 * is still asserted after 10000 EOIs in a row. A level-triggered pin in KVM cannot be set in the wake-up, so a worker
 * sets it. With a split irqchip the route of the pin is a message, which the wake-up can send. The EOI of an
 * edge-triggered message does not exit (APICv), except in the KVM of kvm-assigned; that of a level-triggered pin does.
 * Source: Linux 7.0, virt/kvm/eventfd.c, arch/x86/kvm/ioapic.c.
 *
 *   IRR  remote IRR  masked | an EOI or an unmask delivers
 *   1    0           no     | yes, and sets remote IRR
 *   any other               | no
 */
#include "models/host/trace.h"
#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

enum { EOIS_IN_A_ROW = 10000, BRAKES_PER_SECOND = 100 };

static void brake_fire(void *argument);
static void brake_handle(struct cpu *cpu, void *argument);

void kvm_pin_boot(struct guest *guest, struct kvm_pin *pin, uint32_t vector)
{
    struct vfio *vfio = guest->vfio;

    *pin = (struct kvm_pin){ .guest = guest, .vector = vector, .vcpu = &guest->vcpus[0] };
    pin->brake_slot = engine_event(vfio->machine->engine, brake_fire, pin);
    pin->brake_vector = host_irq_add(vfio->host, pin->vcpu->thread.on->cpu->id, brake_handle, pin);
    ARENA_EXCLUDE(vfio->machine->arena, pin->statistics);
}

/* --- injection --- */

static void inject(struct cpu *cpu, struct kvm_pin *pin)
{
    pin->statistics.injections++;
    vcpu_interrupt(cpu, pin->vcpu, pin->vector);
}

/* Called with ioapic_lock held. */
static void ioapic_service(struct cpu *cpu, struct kvm_pin *pin)
{
    if (!pin->irr || pin->remote_irr || pin->is_masked)
        return;
    pin->remote_irr = true;
    inject(cpu, pin);
}

void kvm_set_irq(struct cpu *cpu, struct kvm_pin *pin, uint32_t source, bool level)
{
    bool was_on = spin_lock_irqsave(step(cpu, level ? "A10" : "R3"), &pin->guest->ioapic_lock);

    pin->levels = level ? pin->levels | source : pin->levels & ~source;
    pin->irr = pin->levels != 0;
    ioapic_service(cpu, pin);
    spin_unlock_irqrestore(cpu, &pin->guest->ioapic_lock, was_on);
}

/* The path of a message: no state is kept except the vector. A masked pin in QEMU's I/O APIC suppresses it. */
static void inject_atomically(struct cpu *cpu, struct kvm_pin *pin)
{
    if (pin->is_masked)
        pin->irr = true;
    else
        inject(cpu, pin);
}

void irqfd_wakeup(struct cpu *cpu, struct eventfd *eventfd)
{
    struct vfio_device *vdev = eventfd->wakeup_context;
    bool is_level = vdev->irq_type == IRQ_TYPE_INTX;

    eventfd->count = 0;
    if (is_level && !vdev->is_direct && vfio_setup(vdev->vfio->setup)->irqchip == IRQCHIP_KERNEL) {
        work_queue(step(cpu, "A8"), worker_of(cpu), &vdev->irqfd_inject);
        return;
    }
    cpu_spend_software(cpu, host_costs(cpu)->irqfd_inject);
    if (is_level)
        inject_atomically(step(cpu, vdev->is_direct ? "D5" : "A8"), vdev->pin);
    else
        vcpu_interrupt(cpu, vdev->pin->vcpu, vdev->msi_vector);
}

void irqfd_inject(struct cpu *cpu, struct work *work)
{
    struct vfio_device *vdev = work->context;

    host_trace_for(cpu, &vdev->vector);
    cpu_spend_software(cpu, host_costs(cpu)->irqfd_inject);
    kvm_set_irq(cpu, vdev->pin, KVM_SOURCE_RESAMPLE, true);
}

/* --- EOI --- */

/* Signals the resample eventfds of all irqfds of the GSI. */
static void notify_resamplers(struct cpu *cpu, struct kvm_pin *pin)
{
    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin)
        if (vdev->irq_type == IRQ_TYPE_INTX)
            eventfd_signal(step(cpu, "R4"), &vdev->resample_fd);
}

/* Delivers the pin again at once, or after a delay when that has happened too often in a row. ioapic_lock is held. */
static void deliver_again(struct cpu *cpu, struct kvm_pin *pin)
{
    const struct vfio *vfio = pin->guest->vfio;

    if (pin->is_masked || !pin->irr) {
        pin->eoi_count = 0;
        return;
    }
    if (!cpu_is_explored(cpu) && !vfio_lacks(vfio, VFIO_REVERT_EOI_BRAKE) && ++pin->eoi_count == EOIS_IN_A_ROW) {
        pin->eoi_count = 0;
        pin->statistics.brakes++;
        engine_at(cpu->engine, pin->brake_slot, cpu->engine->now + cpu->costs->frequency_hz / BRAKES_PER_SECOND);
        return;
    }
    ioapic_service(cpu, pin);
}

static void ioapic_eoi(struct cpu *cpu, struct kvm_pin *pin)
{
    if (pin->guest->kernel_kvm != NULL) {
        own_acked(cpu, pin);
    } else if (vfio_setup(pin->guest->vfio->setup)->irqchip == IRQCHIP_KERNEL) {
        kvm_set_irq(cpu, pin, KVM_SOURCE_RESAMPLE, false);
        notify_resamplers(cpu, pin);
    }
    bool was_on = spin_lock_irqsave(step(cpu, "R7"), &pin->guest->ioapic_lock);
    pin->remote_irr = false;
    deliver_again(cpu, pin);
    spin_unlock_irqrestore(cpu, &pin->guest->ioapic_lock, was_on);
}

static void brake_fire(void *argument)
{
    const struct kvm_pin *pin = argument;

    lapic_deliver(pin->vcpu->thread.on->cpu, pin->brake_vector);
}

static void brake_handle(struct cpu *cpu, void *argument)
{
    struct kvm_pin *pin = argument;

    host_trace_do_irq(cpu, pin->brake_vector, NULL);
    spin_lock(cpu, &pin->guest->ioapic_lock);
    ioapic_service(cpu, pin);
    spin_unlock(cpu, &pin->guest->ioapic_lock);
}

static bool needs_exit(const struct kvm_pin *pin)
{
    for (const struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin)
        if (vdev->irq_type == IRQ_TYPE_INTX && !vdev->is_direct)
            return true;
    return false;
}

void kvm_eoi(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    vcpu_border(cpu, vcpu);
    cpu_step_end(cpu);
    direct_guest_deactivates(cpu, pin);
    if (!needs_exit(pin))
        return;
    vcpu_exit(step(cpu, "G2"), vcpu, VM_EXIT_EOI);
    cpu_spend_software(cpu, host_costs(cpu)->eoi_exit);
    pin->statistics.eoi_exits++;
    if (vfio_setup(pin->guest->vfio->setup)->irqchip == IRQCHIP_SPLIT)
        qemu_ioapic_eoi(cpu, vcpu, pin);
    else
        ioapic_eoi(cpu, pin);
    vcpu_enter(cpu, vcpu);
}

void kvm_message_eoi(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    if (!pin->guest->vfio->design->is_kvm_assigned)
        return;
    vcpu_border(cpu, vcpu);
    cpu_step_end(cpu);
    vcpu_exit(step(cpu, "EOI"), vcpu, VM_EXIT_EOI);
    cpu_spend_software(cpu, host_costs(cpu)->eoi_exit);
    pin->statistics.eoi_exits++;
    vcpu_enter(cpu, vcpu);
}

/* --- the guest writes the pin's mask --- */

/* An interrupt that became pending while the pin was masked may have been withdrawn: since fef8f2b90edb the resamplers
 * are notified instead. */
static void unmask_pending(struct cpu *cpu, struct kvm_pin *pin)
{
    bool has_resampler = vfio_setup(pin->guest->vfio->setup)->irqchip != IRQCHIP_USERSPACE;

    if (vfio_lacks(pin->guest->vfio, VFIO_REVERT_ONESHOT) || !has_resampler) {
        ioapic_service(cpu, pin);
        return;
    }
    if (pin->guest->kernel_kvm != NULL) {
        spin_unlock(cpu, &pin->guest->ioapic_lock); /* as the kernel does, whose notifier takes it */
        own_acked(cpu, pin);
        spin_lock(cpu, &pin->guest->ioapic_lock);
        return;
    }
    pin->irr = false;
    pin->levels &= ~(uint32_t)KVM_SOURCE_RESAMPLE;
    notify_resamplers(cpu, pin);
}

void kvm_pin_mask(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin, bool is_masked)
{
    vcpu_border(cpu, vcpu);
    cpu_step_end(cpu);
    vcpu_exit(cpu, vcpu, VM_EXIT_MMIO);
    bool was_on = spin_lock_irqsave(step(cpu, is_masked ? "mask" : "unmask"), &pin->guest->ioapic_lock);
    pin->is_masked = is_masked;
    if (!is_masked && pin->irr)
        unmask_pending(cpu, pin);
    spin_unlock_irqrestore(cpu, &pin->guest->ioapic_lock, was_on);
    vcpu_enter(cpu, vcpu);
}
