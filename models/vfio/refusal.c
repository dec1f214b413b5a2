/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario of this family cannot ask for, though each of its keys is good by itself.
 */
#include "models/vfio/vfio.h"

static bool is_of_assigned(enum action_kind kind)
{
    return kind == ACTION_PAUSE || kind == ACTION_RESUME || kind == ACTION_DESTROY || kind == ACTION_UNBIND ||
           kind == ACTION_MSI;
}

static const char *device_refusal(const struct setup *setup, const struct device_setup *device, enum vfio_mode mode)
{
    bool has_messages = is_timer(device) || device->interrupt == DEVICE_INTERRUPT_MSI || mode == VFIO_MSI;

    if (is_timer(device) && device->driver == DEVICE_DRIVER_HOST)
        return "a timer is a guest's";
    if (is_timer(device) && setup->hypervisor.irqchip == IRQCHIP_USERSPACE)
        return "a timer is of a local APIC in KVM, not of `irqchip: userspace`";
    if (device->interrupt == DEVICE_INTERRUPT_DIRECT_TIMER && !setup->hypervisor.posted)
        return "`interrupt: direct-timer` goes as posted interrupts do: it needs `posted: on`";
    if (device->isr == DEVICE_ISR_TASK && (!has_messages || device->driver == DEVICE_DRIVER_HOST))
        return "`isr: task` is for a guest's messages and timers";
    return NULL;
}

static bool has_timer(const struct setup *setup, const struct action_setup *action)
{
    bool is_of_guest = action_is_of_guest(action->kind);

    for (uint32_t i = 0; i < setup->device_count; i++)
        if (is_timer(&setup->devices[i]) &&
            (is_of_guest ? setup->devices[i].guest == action->guest : i == action->device))
            return true;
    return false;
}

static const char *action_refusal(const struct setup *setup, const struct action_setup *action, bool is_assigned)
{
    bool is_of_life = action->kind == ACTION_PAUSE || action->kind == ACTION_RESUME || action->kind == ACTION_DESTROY;

    if (!is_of_life && has_timer(setup, action))
        return "a timer is there from the start to the end";
    if (is_assigned && !is_of_assigned(action->kind))
        return "it has the actions unbind, msi, destroy, pause and resume alone";
    return NULL;
}

const char *vfio_refusal(const struct design *design, const struct setup *setup)
{
    const struct vfio_design *options = design->options;
    const char *refusal = NULL;

    if (options->is_kvm_assigned && setup->hypervisor.posted)
        return "posted interrupts came after it: vfio-msi has them";
    if (options->is_kvm_assigned && setup->hypervisor.irqchip != IRQCHIP_KERNEL)
        return "it needs `irqchip: kernel`";
    for (uint32_t i = 0; i < setup->device_count && refusal == NULL; i++)
        refusal = device_refusal(setup, &setup->devices[i], options->mode);
    for (uint32_t i = 0; i < setup->action_count && refusal == NULL; i++)
        refusal = action_refusal(setup, &setup->actions[i], options->is_kvm_assigned);
    return refusal;
}
