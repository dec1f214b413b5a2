/* SPDX-License-Identifier: Apache-2.0
 *
 * Performs the actions: ioctls, configuration writes, and the pause and destruction of guests.
 */
#include "models/vfio/keys.h"
#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

/* The kernel's ioctl takes its own igate. */
static void gate_lock(struct cpu *cpu, struct vfio_device *vdev)
{
    if (!own_has(vdev))
        mutex_lock(step(cpu, "ioctl"), &vdev->igate);
}

static void gate_unlock(struct cpu *cpu, struct vfio_device *vdev)
{
    if (!own_has(vdev))
        mutex_unlock(cpu, &vdev->igate);
}

static void silence(struct vfio_device *vdev)
{
    device_mask(&vdev->vector);
    irq_source_status(&vdev->source, false);
}

static void stop_interrupts(struct cpu *cpu, struct vfio_device *vdev)
{
    if (vdev->irq_type == IRQ_TYPE_INTX)
        qemu_resample_remove(cpu, vdev);
    gate_lock(cpu, vdev);
    vfio_intx_disable(cpu, vdev);
    vfio_msi_disable(vdev);
    if (vdev->vfio->design->is_kvm_assigned && !is_timer(vdev->setup))
        work_flush(cpu, &vdev->assigned_inject);
    gate_unlock(cpu, vdev);
    silence(vdev);
    vdev->is_pending = false;
}

static void start_intx(struct cpu *cpu, struct vfio_device *vdev)
{
    stop_interrupts(cpu, vdev);
    vdev->vector.wire = &vdev->source;
    device_route(&vdev->vector, vdev->desc->pin.target, vdev->desc->pin.vector);
    device_unmask(&vdev->vector); /* from here on the device may assert its line */
    qemu_resample_add(cpu, vdev);
    gate_lock(cpu, vdev);
    bool is_enabled = vfio_intx_enable(cpu, vdev);
    gate_unlock(cpu, vdev);
    if (is_enabled)
        return;
    qemu_resample_remove(cpu, vdev);
    silence(vdev);
}

static void start_msi(struct cpu *cpu, struct vfio_device *vdev)
{
    stop_interrupts(cpu, vdev);
    vfio_msi_enable(vdev);
    word_store(cpu, &vdev->trigger, 1);
    device_unmask(&vdev->vector);
}

/* Without a trigger no interrupt of the device is counted, although the device may be asserting. */
static void set_trigger(struct cpu *cpu, struct vfio_device *vdev, bool has_trigger)
{
    struct device_vector *vector = &vdev->vector;

    vfio_intx_set_signal(cpu, vdev, has_trigger);
    vector->is_masked = !has_trigger;
    if (has_trigger)
        return;
    vector->device->statistics.discarded += vector->outstanding;
    vector->outstanding = 0;
}

/* Loads or unloads the host's driver of its own device. */
static void host_driver(struct cpu *cpu, struct vfio_device *vdev, bool comes)
{
    if (!comes) {
        silence(vdev);
        if (vdev->irq_type == IRQ_TYPE_INTX)
            free_irq(cpu, vdev->desc, &vdev->action);
        vdev->irq_type = IRQ_TYPE_NONE;
        return;
    }
    if (vdev->irq_type == IRQ_TYPE_INTX)
        return;
    if (!request_irq(cpu, vdev->desc, &vdev->action, false)) {
        vfio_refused(cpu, vdev);
        return;
    }
    direct_sharer_came(cpu, vdev);
    vdev->irq_type = IRQ_TYPE_INTX;
    device_unmask(&vdev->vector);
}

static void of_device(struct cpu *cpu, enum vfio_action kind, struct vfio_device *vdev)
{
    if (vdev->guest == NULL) {
        host_driver(cpu, vdev, kind == VFIO_ACTION_BIND);
        return;
    }
    switch (kind) {
    case VFIO_ACTION_BIND:
    case VFIO_ACTION_BOOT:
    case VFIO_ACTION_INTX:
        start_intx(cpu, vdev);
        return;
    case VFIO_ACTION_UNBIND:
    case VFIO_ACTION_DESTROY:
        stop_interrupts(cpu, vdev);
        return;
    case VFIO_ACTION_MSI:
        start_msi(cpu, vdev);
        return;
    case VFIO_ACTION_UNMASK_CLOSE:
        virqfd_close(cpu, vdev);
        return;
    case VFIO_ACTION_DISINTX_SET:
    case VFIO_ACTION_DISINTX_CLEAR:
        vfio_config_disintx(cpu, vdev, kind == VFIO_ACTION_DISINTX_SET);
        return;
    default:
        break;
    }
    gate_lock(cpu, vdev);
    if (kind == VFIO_ACTION_MASK)
        vfio_pci_intx_mask(cpu, vdev);
    else if (kind == VFIO_ACTION_UNMASK)
        vfio_pci_intx_unmask(cpu, vdev);
    else if (kind == VFIO_ACTION_UNMASK_DROP)
        virqfd_disable(cpu, vdev);
    else
        set_trigger(cpu, vdev, kind == VFIO_ACTION_TRIGGER_SET);
    gate_unlock(cpu, vdev);
}

static void throttle(struct guest *guest, bool is_off)
{
    for (uint32_t i = 0; i < guest->setup->vcpus; i++)
        thread_throttle(&guest->vcpus[i].thread, is_off);
}

static void of_guest(struct cpu *cpu, enum vfio_action kind, struct guest *guest)
{
    if (kind == VFIO_ACTION_PAUSE || kind == VFIO_ACTION_RESUME) {
        if (guest->is_paused != (kind == VFIO_ACTION_PAUSE))
            throttle(guest, kind == VFIO_ACTION_PAUSE);
        guest->is_paused = kind == VFIO_ACTION_PAUSE;
        return;
    }
    if (kind == VFIO_ACTION_DESTROY && !guest->is_dead)
        throttle(guest, true);
    guest->is_dead = guest->is_dead || kind == VFIO_ACTION_DESTROY;
    for (uint32_t i = 0; i < guest->device_count; i++)
        of_device(cpu, kind, guest->devices[i]);
}

void action_perform(struct cpu *cpu, const struct control_action *action)
{
    const struct action_setup *setup = action->setup;
    struct vfio *vfio = action->vfio;

    notes_add(cpu->engine, cpu, "action %s", setup->name);
    cpu_spend_software(cpu, host_costs(cpu)->syscall);
    if (vfio_actions[setup->kind].object == ACTION_ON_GUEST) {
        for (uint32_t i = 0; i < vfio->guest_count; i++)
            if (vfio->guests[i].setup == &vfio->setup->guests[setup->guest])
                of_guest(cpu, setup->kind, &vfio->guests[i]);
        return;
    }
    for (uint32_t i = 0; i < vfio->device_count; i++)
        if (vfio->devices[i].setup == &vfio->setup->devices[setup->device])
            of_device(cpu, setup->kind, &vfio->devices[i]);
}
