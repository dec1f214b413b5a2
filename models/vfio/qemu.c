/* SPDX-License-Identifier: Apache-2.0
 *
 * QEMU's part of the path. With a split irqchip the EOI of a level-triggered pin exits to QEMU, which writes the
 * resample eventfd of the entry that was added last for the pin, and no other: where two devices of a guest share the
 * pin, the other one stays masked (kvm_resample_fd_notify, accel/kvm/kvm-all.c, read at 0021c4765a and 29eb5c2c86;
 * `resample: all` is what it would take). An entry is removed by its pin alone. Without irqfds QEMU's main loop reads
 * the trigger, asserts the guest's pin and unmaps the device's registers from the guest: every access then exits and is
 * taken for an EOI (deassert, unmask), until no interrupt has come for 1.1 s. Source: QEMU 10.2, hw/vfio/pci.c,
 * accel/kvm, hw/intc/ioapic.c.
 */
#include "models/host/trace.h"
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

    host_trace_for(cpu, &vdev->vector);
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

/* --- split irqchip --- */

static bool has_first_only(const struct vfio *vfio) { return vfio_setup(vfio->setup)->resample == RESAMPLE_FIRST; }

static bool is_split(const struct vfio *vfio) { return vfio_setup(vfio->setup)->irqchip == IRQCHIP_SPLIT; }

void qemu_resample_boot(struct vfio_device *vdev)
{
    if (is_split(vdev->vfio))
        vdev->pin->resamplers[vdev->pin->resampler_count++] = vdev;
}

void qemu_resample_add(struct cpu *cpu, struct vfio_device *vdev)
{
    if (!is_split(vdev->vfio))
        return;
    mutex_lock(step(cpu, "add resample"), &vdev->guest->bql);
    qemu_resample_boot(vdev);
    mutex_unlock(cpu, &vdev->guest->bql);
}

/* An entry is found by its pin alone, so that it may be another device's entry that goes. */
void qemu_resample_remove(struct cpu *cpu, const struct vfio_device *vdev)
{
    struct kvm_pin *pin = vdev->pin;

    if (!is_split(vdev->vfio))
        return;
    mutex_lock(step(cpu, "remove resample"), &vdev->guest->bql);
    CHECK(pin->resampler_count > 0);
    uint32_t index = pin->resampler_count - 1;
    while (!has_first_only(vdev->vfio) && pin->resamplers[index] != vdev)
        index--;
    pin->resampler_count--;
    for (; index < pin->resampler_count; index++)
        pin->resamplers[index] = pin->resamplers[index + 1];
    mutex_unlock(cpu, &vdev->guest->bql);
}

void qemu_ioapic_eoi(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    pin->statistics.userspace_eois++;
    vcpu_userspace_begin(cpu, vcpu);
    mutex_lock(step(cpu, "EOI"), &pin->guest->bql);
    uint32_t first = has_first_only(pin->guest->vfio) && pin->resampler_count > 0 ? pin->resampler_count - 1 : 0;
    for (uint32_t i = first; i < pin->resampler_count; i++) {
        cpu_spend_software(cpu, host_costs(cpu)->syscall);
        eventfd_signal(step(cpu, "R4"), &pin->resamplers[i]->resample_fd);
    }
    mutex_unlock(cpu, &pin->guest->bql);
    vcpu_userspace_end(cpu, vcpu);
}
