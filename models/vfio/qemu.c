/* SPDX-License-Identifier: Apache-2.0
 *
 * QEMU's part of the path. With a split irqchip the EOI of a level-triggered pin exits to QEMU, which writes the
 * resample eventfds. Without irqfds QEMU's main loop reads the trigger, asserts the guest's pin and unmaps the device's
 * registers from the guest: every access then exits and is taken for an EOI (deassert, unmask), until no interrupt has
 * come for 1.1 s. Source: QEMU 10.2, hw/vfio/pci.c, accel/kvm, hw/intc/ioapic.c.
 */
#include "models/vfio/vfio.h"

#define MMAP_TIMEOUT_NS 1100000000u

static void assert_level(struct cpu *cpu, struct vfio_device *vdev)
{
    bool level = false;

    for (const struct vfio_device *other = vdev->pin->devices; other != NULL; other = other->next_of_pin)
        level = level || other->is_pending;
    cpu_spend_software(cpu, host_costs(cpu)->syscall);
    kvm_set_irq(cpu, vdev->pin, KVM_SOURCE_USERSPACE, level);
}

void qemu_intx_interrupt(struct cpu *cpu, struct eventfd *eventfd)
{
    struct vfio_device *vdev = eventfd->context;

    mutex_lock(step(cpu, "main loop"), &vdev->guest->bql);
    vdev->is_pending = true;
    vdev->mmaps_off_until = cpu_deadline(cpu, cycles_from_ns(MMAP_TIMEOUT_NS, cpu->costs->frequency_hz));
    assert_level(cpu, vdev);
    mutex_unlock(cpu, &vdev->guest->bql);
}

bool guest_register_access(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev, cycles cost)
{
    vcpu_border(cpu, vcpu);
    if (vdev->mmaps_off_until <= cpu_now(cpu)) {
        register_access(cpu, cost);
        return false;
    }
    cpu_step_end(cpu);
    vdev->statistics.mmio_exits++;
    vcpu_exit(cpu, vcpu, VM_EXIT_MMIO);
    vcpu_userspace_begin(cpu, vcpu);
    mutex_lock(step(cpu, "MMIO"), &vdev->guest->bql);
    cpu_spend_software(cpu, host_costs(cpu)->syscall);
    register_access(cpu, cost);
    return true;
}

static void vfio_intx_eoi(struct cpu *cpu, struct vfio_device *vdev)
{
    if (!vdev->is_pending)
        return;
    vdev->is_pending = false;
    assert_level(cpu, vdev);
    cpu_spend_software(cpu, host_costs(cpu)->syscall);
    mutex_lock(step(cpu, "unmask"), &vdev->igate);
    vfio_pci_intx_unmask(cpu, vdev);
    mutex_unlock(cpu, &vdev->igate);
}

void guest_register_done(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev, bool was_emulated)
{
    if (!was_emulated)
        return;
    vfio_intx_eoi(cpu, vdev);
    mutex_unlock(cpu, &vdev->guest->bql);
    vcpu_userspace_end(cpu, vcpu);
    vcpu_enter(cpu, vcpu);
}

void qemu_ioapic_eoi(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    pin->statistics.userspace_eois++;
    vcpu_userspace_begin(cpu, vcpu);
    mutex_lock(step(cpu, "EOI"), &pin->guest->bql);
    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin) {
        if (vdev->irq_type != IRQ_TYPE_INTX)
            continue;
        cpu_spend_software(cpu, host_costs(cpu)->syscall);
        eventfd_signal(step(cpu, "R4"), &vdev->resample_fd);
    }
    mutex_unlock(cpu, &pin->guest->bql);
    vcpu_userspace_end(cpu, vcpu);
}
