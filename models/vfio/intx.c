/* SPDX-License-Identifier: Apache-2.0
 *
 * VFIO's INTx: handler, unmask path, ioctls, configuration writes of DisINTx, enabling and disabling. `masked` is the
 * one word of the context for "automasked or masked by the user"; it and the physical DisINTx change under irqlock.
 * igate serialises the ioctl and configuration paths; it cannot be taken in an eventfd's wake-up. The code before a fix
 * stands beside the fix and is selected by hypervisor.revert. Source: Linux 7.0, drivers/vfio/pci/vfio_pci_intrs.c; the
 * wrapper: E. Auger's RFC of 2017-05-24, recalled except for its review.
 */
#include <stdio.h>

#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

void vfio_device_charge(struct vfio_device *vdev)
{
    cycles now = vfio_now(vdev->vfio), passed = now - vdev->charged_at;

    vdev->statistics.masked += vdev->masked ? passed : 0;
    vdev->statistics.direct += vdev->is_direct ? passed : 0;
    vdev->charged_at = now;
}

void vfio_masked_set(struct vfio_device *vdev, bool masked)
{
    vfio_device_charge(vdev);
    vdev->masked = masked;
}

/* --- the interrupt --- */

void vfio_send_intx_eventfd(struct cpu *cpu, struct vfio_device *vdev)
{
    if (vdev->irq_type != IRQ_TYPE_INTX || vdev->virq_disabled)
        return;
    if (word_load(step(cpu, "A7"), &vdev->trigger) != 0)
        eventfd_signal(step(cpu, "A7"), &vdev->trigger_fd);
    else if (vfio_lacks(vdev->vfio, VFIO_REVERT_TRIGGER_SWAP))
        violation_raise(cpu, VIOLATION_USE_AFTER_FREE, "the trigger that is signalled is NULL or freed");
}

/* A4 to A6, called with irqlock held. */
static enum irq_return mask_or_claim(struct cpu *cpu, struct vfio_device *vdev)
{
    if (vdev->is_direct)
        return IRQ_HANDLED; /* whichever device it was */
    if (!vdev->pci_2_3) {
        disable_irq_nosync(cpu, vdev->desc);
        vfio_masked_set(vdev, true);
        return IRQ_HANDLED;
    }
    if (vdev->masked || !pci_check_and_mask_intx(step(cpu, "A5"), vdev))
        return IRQ_NONE;
    vfio_masked_set(vdev, true);
    return IRQ_HANDLED;
}

enum irq_return vfio_intx_handler(struct cpu *cpu, struct irq_action *action)
{
    struct vfio_device *vdev = action->device;
    bool was_on = spin_lock_irqsave(step(cpu, "A4"), &vdev->irqlock);
    enum irq_return result = mask_or_claim(cpu, vdev);

    spin_unlock_irqrestore(step(cpu, "A6"), &vdev->irqlock, was_on);
    if (result == IRQ_HANDLED)
        vfio_send_intx_eventfd(cpu, vdev);
    return result;
}

enum irq_return vfio_intx_wrapper(struct cpu *cpu, struct irq_action *action)
{
    struct vfio_device *vdev = action->device;
    bool was_on = spin_lock_irqsave(step(cpu, "A4"), &vdev->irqlock);
    enum irq_return result = mask_or_claim(cpu, vdev);

    if (result == IRQ_HANDLED)
        vfio_send_intx_eventfd(cpu, vdev);
    spin_unlock_irqrestore(step(cpu, "A6"), &vdev->irqlock, was_on);
    return result;
}

/* --- unmask --- */

bool vfio_pci_intx_unmask_handler(struct cpu *cpu, struct vfio_device *vdev)
{
    bool was_on = spin_lock_irqsave(step(cpu, "R4"), &vdev->irqlock);
    bool must_signal = false;

    if (vdev->irq_type != IRQ_TYPE_INTX && vdev->pci_2_3) {
        pci_intx(cpu, vdev, true);
    } else if (vdev->irq_type == IRQ_TYPE_INTX && vdev->masked && !vdev->virq_disabled) {
        if (vdev->pci_2_3)
            must_signal = !pci_check_and_unmask_intx(step(cpu, "R5"), vdev);
        else
            enable_irq(step(cpu, "R5"), vdev->desc);
        vfio_masked_set(vdev, must_signal);
        direct_reconsider(cpu, vdev);
    }
    spin_unlock_irqrestore(step(cpu, "R6"), &vdev->irqlock, was_on);
    if (must_signal)
        vdev->statistics.resignals++;
    return must_signal;
}

void vfio_pci_intx_unmask(struct cpu *cpu, struct vfio_device *vdev)
{
    if (own_has(vdev)) {
        own_unmask(cpu, vdev);
        return;
    }
    if (vfio_pci_intx_unmask_handler(cpu, vdev))
        vfio_send_intx_eventfd(cpu, vdev);
}

static void check_ctx(struct cpu *cpu, const struct vfio_device *vdev)
{
    if (!vdev->has_ctx)
        violation_raise(cpu, VIOLATION_USE_AFTER_FREE, "the INTx context was freed after the check of irq_type");
}

void vfio_pci_intx_mask(struct cpu *cpu, struct vfio_device *vdev)
{
    if (own_has(vdev)) {
        own_mask(cpu, vdev);
        return;
    }
    bool was_on = spin_lock_irqsave(cpu, &vdev->irqlock);

    if (vdev->irq_type != IRQ_TYPE_INTX) {
        if (vdev->pci_2_3)
            pci_intx(cpu, vdev, false);
    } else if (!vdev->masked) {
        direct_leave(cpu, vdev);
        if (vdev->pci_2_3)
            pci_intx(cpu, vdev, false);
        else
            disable_irq_nosync(cpu, vdev->desc);
        check_ctx(cpu, vdev);
        vfio_masked_set(vdev, true);
    }
    spin_unlock_irqrestore(cpu, &vdev->irqlock, was_on);
}

void vfio_config_disintx(struct cpu *cpu, struct vfio_device *vdev, bool disintx)
{
    bool has_gate = !vfio_lacks(vdev->vfio, VFIO_REVERT_CONFIG_GATE);

    if (own_has(vdev)) {
        own_config_disintx(cpu, vdev, disintx);
        return;
    }
    if (has_gate)
        mutex_lock(step(cpu, "config"), &vdev->igate);
    if (disintx && !vdev->virq_disabled) {
        vdev->virq_disabled = true;
        vfio_pci_intx_mask(cpu, vdev);
    } else if (!disintx && vdev->virq_disabled) {
        vdev->virq_disabled = false;
        vfio_pci_intx_unmask(cpu, vdev);
    }
    if (has_gate)
        mutex_unlock(cpu, &vdev->igate);
}

/* --- enable, disable; igate is held --- */

static bool request(struct cpu *cpu, struct vfio_device *vdev)
{
    bool is_auto_enabled = vfio_lacks(vdev->vfio, VFIO_REVERT_AUTO_ENABLE) || vdev->pci_2_3;

    vdev->action = (struct irq_action){
        .handler = vdev->vfio->design->mode == VFIO_DIRECT_EOI ? vfio_intx_wrapper : vfio_intx_handler,
        .device = vdev,
        .is_shared = vdev->pci_2_3 && !direct_is_exclusive(vdev),
    };
    if (!vdev->pci_2_3)
        irq_set_unlazy(cpu, vdev->desc, !vfio_lacks(vdev->vfio, VFIO_REVERT_UNLAZY));
    if (!request_irq(step(cpu, "request_irq"), vdev->desc, &vdev->action, vdev->masked && !is_auto_enabled)) {
        vdev->action.device = NULL;
        return false;
    }
    direct_sharer_came(cpu, vdev);
    direct_begin(cpu, vdev);
    return true;
}

/* Before fe9a7082684e the line is already enabled, and its handler may have disabled it. */
static void disable_if_masked(struct cpu *cpu, struct vfio_device *vdev)
{
    bool was_on = spin_lock_irqsave(cpu, &vdev->irqlock);

    if (!vdev->pci_2_3 && vdev->masked)
        disable_irq_nosync(cpu, vdev->desc);
    spin_unlock_irqrestore(cpu, &vdev->irqlock, was_on);
}

void vfio_refused(struct cpu *cpu, struct vfio_device *vdev)
{
    vdev->refusals++;
    violation_find(cpu, VIOLATION_STATE_MISMATCH, "'%s' gets no interrupt: line %u is in use and not shared",
                   vdev->name, vdev->desc->number);
}

bool vfio_intx_enable(struct cpu *cpu, struct vfio_device *vdev)
{
    bool is_stale = vfio_lacks(vdev->vfio, VFIO_REVERT_VIRQ_DISABLED);

    CHECK(vdev->irq_type == IRQ_TYPE_NONE);
    if (own_has(vdev))
        return own_enable(cpu, vdev);
    vdev->has_ctx = true;
    vdev->resample_fd.count = 0; /* a new one */
    vfio_masked_set(vdev, vdev->virq_disabled && !is_stale);
    if (vdev->pci_2_3 && !is_stale)
        pci_intx(cpu, vdev, !vdev->masked);
    vdev->irq_type = IRQ_TYPE_INTX;
    word_store(cpu, &vdev->trigger, 1);
    if (!request(cpu, vdev)) {
        vdev->irq_type = IRQ_TYPE_NONE;
        vdev->has_ctx = false;
        vfio_refused(cpu, vdev);
        return false;
    }
    if (vfio_lacks(vdev->vfio, VFIO_REVERT_AUTO_ENABLE))
        disable_if_masked(cpu, vdev);
    virqfd_enable(cpu, vdev);
    return true;
}

static void release_line(struct cpu *cpu, struct vfio_device *vdev)
{
    free_irq(step(cpu, "free_irq"), vdev->desc, &vdev->action);
    direct_end(cpu, vdev);
}

void vfio_intx_disable(struct cpu *cpu, struct vfio_device *vdev)
{
    if (own_has(vdev)) {
        own_disable(cpu, vdev);
        return;
    }
    if (vdev->irq_type != IRQ_TYPE_INTX)
        return;
    virqfd_disable(cpu, vdev);
    if (vdev->action.device != NULL)
        release_line(cpu, vdev);
    vdev->action.device = NULL;
    word_store(cpu, &vdev->trigger, 0);
    vdev->irq_type = IRQ_TYPE_NONE;
    vfio_masked_set(vdev, false);
    vdev->has_ctx = false;
}

/* --- the trigger --- */

/* Since 18c198c96a81 the handler stays registered while INTx is enabled; the swap waits until the trigger is no longer
 * in use. */
static void swap_trigger(struct cpu *cpu, struct vfio_device *vdev, bool has_trigger)
{
    if (!has_trigger)
        direct_end(cpu, vdev);
    if (word_xchg(step(cpu, "swap"), &vdev->trigger, has_trigger) == 0) {
        direct_begin(cpu, vdev);
        return;
    }
    synchronize_irq(cpu, vdev->desc);
    work_flush(cpu, &vdev->virqfd_inject);
}

/* Before 18c198c96a81 the handler was registered and freed together with its trigger. */
static void replace_handler(struct cpu *cpu, struct vfio_device *vdev, bool has_trigger)
{
    if (vdev->action.device != NULL) {
        release_line(cpu, vdev);
        vdev->action.device = NULL;
        word_store(step(cpu, "put"), &vdev->trigger, 0);
    }
    if (!has_trigger)
        return;
    word_store(cpu, &vdev->trigger, 1);
    if (!request(cpu, vdev))
        vfio_refused(cpu, vdev);
}

void vfio_intx_set_signal(struct cpu *cpu, struct vfio_device *vdev, bool has_trigger)
{
    if (own_has(vdev)) {
        own_set_trigger(cpu, vdev, has_trigger);
        return;
    }
    if (vdev->irq_type != IRQ_TYPE_INTX)
        return;
    if (vfio_lacks(vdev->vfio, VFIO_REVERT_TRIGGER_SWAP))
        replace_handler(cpu, vdev, has_trigger);
    else
        swap_trigger(cpu, vdev, has_trigger);
}

/* --- boot --- */

void vfio_device_boot(struct vfio_device *vdev)
{
    struct vfio *vfio = vdev->vfio;

    lock_init(&vdev->irqlock, vfio->irqlock_class);
    mutex_init(vfio->host, &vdev->igate, "igate", 2);
    line_init(vfio->machine, &vdev->trigger_line, LINE_PLAIN);
    word_init(&vdev->trigger, &vdev->trigger_line, 0);
    names_add(vfio->machine, &vdev->trigger, "trigger", NULL);
    eventfd_init(vfio->host, &vdev->trigger_fd);
    eventfd_init(vfio->host, &vdev->resample_fd);
    vdev->resample_fd.wakeup = virqfd_wakeup;
    vdev->resample_fd.wakeup_context = vdev;
    vdev->pci_2_3 = vdev->own->intx != DEVICE_INTX_LEGACY && vfio->design->mode != VFIO_EXCLUSIVE;
    virqfd_boot(vdev);
    ARENA_EXCLUDE(vfio->machine->arena, vdev->statistics);
    ARENA_EXCLUDE(vfio->machine->arena, vdev->charged_at);
    ARENA_EXCLUDE(vfio->machine->arena, vdev->refusals);
}
