/* SPDX-License-Identifier: Apache-2.0
 *
 * Direct EOI and who may have it. The line of a device that has it is forwarded: the host's EOI drops the priority and
 * leaves the interrupt active, so that no sharer can interrupt before the guest deactivates it. A change of mode
 * completes a service in progress on the guest's behalf; direct EOI begins only with the device unmasked and the
 * interrupt inactive. Source: facts qemu-vfio B.4.
 *
 *   policy            | who gets it                               | the others
 *   first-come        | the first who asks on a line              | share it, with automask
 *   exclusive-or-fail | everybody, on a line of his own           | -EBUSY, host drivers too
 *   shared-fallback   | who is alone on his line, while he is     | share it, all with automask
 */
#include "models/vfio/vfio.h"

static bool has_design(const struct vfio *vfio) { return vfio->design->mode == VFIO_DIRECT_EOI; }

static enum admission_policy policy_of(const struct vfio *vfio) { return vfio->setup->hypervisor.admission; }

bool direct_is_exclusive(const struct vfio_device *vdev)
{
    return has_design(vdev->vfio) && policy_of(vdev->vfio) == ADMISSION_EXCLUSIVE_OR_FAIL;
}

bool direct_is_admitted(const struct vfio_device *vdev)
{
    if (!has_design(vdev->vfio))
        return false;
    if (policy_of(vdev->vfio) == ADMISSION_FIRST_COME)
        return !vdev->desc->is_forwarded;
    return vdev->desc->actions == NULL;
}

static void set_locked(struct vfio_device *vdev, bool is_direct)
{
    vfio_device_charge(vdev);
    vdev->is_direct = is_direct;
    vdev->books.switches++;
    irq_set_vcpu_affinity(vdev->desc, is_direct);
}

void direct_set(struct cpu *cpu, struct vfio_device *vdev, bool is_direct)
{
    bool was_on = spin_lock_irqsave(step(cpu, "mode"), &vdev->irqlock);

    spin_lock(step(cpu, "mode"), &vdev->desc->lock);
    set_locked(vdev, is_direct);
    spin_unlock(cpu, &vdev->desc->lock);
    spin_unlock_irqrestore(cpu, &vdev->irqlock, was_on);
}

void direct_sharer_comes(struct cpu *cpu, struct irq_desc *desc)
{
    if (!has_design(desc->vfio) || policy_of(desc->vfio) != ADMISSION_SHARED_FALLBACK)
        return;
    for (struct irq_action *action = desc->actions; action != NULL; action = action->next)
        if (action->device->is_direct)
            direct_set(cpu, action->device, false);
}

void direct_reconsider(struct cpu *cpu, struct vfio_device *vdev)
{
    struct irq_desc *desc = vdev->desc;

    if (!has_design(vdev->vfio) || policy_of(vdev->vfio) != ADMISSION_SHARED_FALLBACK || vdev->is_direct)
        return;
    spin_lock(cpu, &desc->lock);
    if (desc->actions == &vdev->action && vdev->action.next == NULL && !vdev->masked && !desc->pin.is_in_service)
        set_locked(vdev, true);
    spin_unlock(cpu, &desc->lock);
}

void direct_guest_deactivates(struct cpu *cpu, struct kvm_pin *pin)
{
    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin) {
        if (!vdev->is_direct)
            continue;
        cpu_spend(cpu, host_costs(cpu)->deactivate);
        cpu_settle(cpu);
        choice_note(cpu->engine, cpu, "D7 the guest deactivates the host's interrupt");
        irq_pin_deactivate(&vdev->desc->pin);
    }
}
