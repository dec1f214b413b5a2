/* SPDX-License-Identifier: Apache-2.0
 *
 * Direct EOI, and which devices get it. The line of a device with direct EOI is forwarded: the host's EOI drops the
 * priority and leaves the interrupt active, so that no device on the line can interrupt before the guest deactivates
 * it. A change of mode completes a service in progress on the guest's behalf. Direct EOI begins only when the device is
 * unmasked and the interrupt inactive, on a line that has the device's handler; it ends before the device is masked or
 * loses its trigger, after which the guest would never deactivate. Source: E. Auger's RFC of 2017-05-24 and its review
 * (A. Williamson, M. Zyngier); shared-fallback and the change of mode are this model's.
 *
 *   policy            | which devices get direct EOI              | other devices
 *   first-come        | the first one that asks on a line         | share the line, with automask
 *   exclusive-or-fail | every device, with exclusive use of a line | -EBUSY, host drivers too
 *   shared-fallback   | a device while it is alone on its line    | share the line, all with automask
 */
#include "models/vfio/vfio.h"

static bool has_design(const struct vfio *vfio) { return vfio->design->mode == VFIO_DIRECT_EOI; }

static enum admission_policy policy_of(const struct vfio *vfio) { return vfio_setup(vfio->setup)->admission; }

bool direct_is_exclusive(const struct vfio_device *vdev)
{
    return has_design(vdev->vfio) && policy_of(vdev->vfio) == ADMISSION_EXCLUSIVE_OR_FAIL;
}

static bool is_alone(const struct vfio_device *vdev)
{
    return vdev->desc->actions == &vdev->action && vdev->action.next == NULL;
}

/* Called with the line's lock held. */
static bool is_admitted(const struct vfio_device *vdev)
{
    return policy_of(vdev->vfio) == ADMISSION_FIRST_COME ? !vdev->desc->is_forwarded : is_alone(vdev);
}

void direct_at_boot(struct vfio_device *vdev)
{
    if (has_design(vdev->vfio) && is_admitted(vdev))
        vdev->is_direct = vdev->desc->is_forwarded = true;
}

static void set_locked(struct vfio_device *vdev, bool is_direct)
{
    vfio_device_charge(vdev);
    vdev->is_direct = is_direct;
    vdev->statistics.switches++;
    irq_set_vcpu_affinity(vdev->desc, is_direct);
}

void direct_leave(struct cpu *cpu, struct vfio_device *vdev)
{
    if (!vdev->is_direct)
        return;
    bool was_on = spin_lock_irqsave(step(cpu, "mode"), &vdev->desc->lock);
    set_locked(vdev, false);
    spin_unlock_irqrestore(cpu, &vdev->desc->lock, was_on);
}

void direct_end(struct cpu *cpu, struct vfio_device *vdev)
{
    if (!vdev->is_direct)
        return;
    bool was_on = spin_lock_irqsave(step(cpu, "mode"), &vdev->irqlock);
    direct_leave(cpu, vdev);
    spin_unlock_irqrestore(cpu, &vdev->irqlock, was_on);
}

void direct_sharer_came(struct cpu *cpu, const struct vfio_device *newcomer)
{
    const struct irq_desc *desc = newcomer->desc;

    if (!has_design(desc->vfio) || policy_of(desc->vfio) != ADMISSION_SHARED_FALLBACK)
        return;
    for (struct irq_action *action = desc->actions; action != NULL; action = action->next)
        if (action->device != newcomer && action->device->is_direct)
            direct_end(cpu, action->device);
}

void direct_reconsider(struct cpu *cpu, struct vfio_device *vdev)
{
    struct irq_desc *desc = vdev->desc;

    if (!has_design(vdev->vfio) || vdev->is_direct || vdev->masked || word_load(cpu, &vdev->trigger) == 0)
        return;
    bool was_on = spin_lock_irqsave(step(cpu, "mode"), &desc->lock);
    if (is_admitted(vdev) && !desc->pin.is_in_service && vdev->action.device != NULL)
        set_locked(vdev, true);
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
}

void direct_begin(struct cpu *cpu, struct vfio_device *vdev)
{
    if (!has_design(vdev->vfio))
        return;
    bool was_on = spin_lock_irqsave(step(cpu, "mode"), &vdev->irqlock);
    direct_reconsider(cpu, vdev);
    spin_unlock_irqrestore(cpu, &vdev->irqlock, was_on);
}

void direct_guest_deactivates(struct cpu *cpu, struct kvm_pin *pin)
{
    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin) {
        if (!vdev->is_direct)
            continue;
        cpu_spend(cpu, host_costs(cpu)->deactivate);
        cpu_settle(cpu);
        notes_add(cpu->engine, cpu, "D7 the guest deactivates the host's interrupt");
        irq_pin_deactivate(&vdev->desc->pin);
    }
}
