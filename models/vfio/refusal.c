/* SPDX-License-Identifier: Apache-2.0
 *
 * Combinations of keys that a scenario of this family cannot ask for, although each key is valid by itself.
 */
#include "models/vfio/keys.h"
#include "models/vfio/vfio.h"

static bool is_of_assigned(uint32_t kind)
{
    return kind == VFIO_ACTION_PAUSE || kind == VFIO_ACTION_RESUME || kind == VFIO_ACTION_DESTROY ||
           kind == VFIO_ACTION_UNBIND || kind == VFIO_ACTION_MSI;
}

static const char *device_refusal(const struct setup *setup, const struct device_setup *device, enum vfio_mode mode)
{
    bool has_messages =
        is_timer(device) || vfio_device_setup(device)->interrupt == DEVICE_INTERRUPT_MSI || mode == VFIO_MSI;

    if (is_timer(device) && device->driver == DEVICE_DRIVER_HOST)
        return "a timer belongs to a guest: `driver: guest`";
    if (is_timer(device) && vfio_setup(setup)->irqchip == IRQCHIP_USERSPACE)
        return "a timer belongs to a local APIC in KVM, not to `irqchip: userspace`";
    if (vfio_device_setup(device)->interrupt == DEVICE_INTERRUPT_DIRECT_TIMER && !vfio_setup(setup)->posted)
        return "`interrupt: direct-timer` needs `posted: on`: its interrupt is posted";
    if (vfio_device_setup(device)->isr == DEVICE_ISR_TASK && (!has_messages || device->driver == DEVICE_DRIVER_HOST))
        return "`isr: task` is for a guest's messages and timers";
    return NULL;
}

/* Each device of a guest has a vector of its own for its messages, each line of the host a pin of the guest's. */
static const char *guest_refusal(const struct setup *setup, uint32_t guest)
{
    uint32_t devices = 0;
    uint64_t lines = 0; /* bitmap */

    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];
        if (device->driver == DEVICE_DRIVER_HOST || device->guest != guest || device->count == 0)
            continue;
        devices += device->count;
        lines |= 1ull << vfio_device_setup(device)->line;
        if (devices > VFIO_GUEST_DEVICES_MAX)
            return "a guest may have 32 devices";
    }
    return __builtin_popcountll(lines) > VFIO_GUEST_LINES_MAX ? "the devices of a guest may have 16 lines" : NULL;
}

static bool has_timer(const struct setup *setup, const struct action_setup *action)
{
    bool is_of_guest = vfio_actions[action->kind].object == ACTION_ON_GUEST;

    for (uint32_t i = 0; i < setup->device_count; i++)
        if (is_timer(&setup->devices[i]) &&
            (is_of_guest ? setup->devices[i].guest == action->guest : i == action->device))
            return true;
    return false;
}

static const char *action_refusal(const struct setup *setup, const struct action_setup *action, bool is_assigned)
{
    bool is_of_life =
        action->kind == VFIO_ACTION_PAUSE || action->kind == VFIO_ACTION_RESUME || action->kind == VFIO_ACTION_DESTROY;
    bool is_of_host = vfio_actions[action->kind].object == ACTION_ON_DEVICE &&
                      setup->devices[action->device].driver == DEVICE_DRIVER_HOST;

    if (is_of_host && action->kind != VFIO_ACTION_BIND && action->kind != VFIO_ACTION_UNBIND)
        return "a device of the host has only the actions bind and unbind";
    if (!is_of_life && has_timer(setup, action))
        return "a timer takes no actions except pause, resume and destroy of its guest";
    if (is_assigned && !is_of_assigned(action->kind))
        return "it knows only the actions unbind, msi, destroy, pause and resume";
    return NULL;
}

const char *vfio_refusal(const struct design *design, const struct setup *setup)
{
    const struct vfio_design *options = design->options;
    const char *refusal = NULL;

    if (options->is_kvm_assigned && vfio_setup(setup)->posted)
        return "it has no posted interrupts; vfio-msi has them";
    if (options->is_kvm_assigned && vfio_setup(setup)->irqchip != IRQCHIP_KERNEL)
        return "it needs `irqchip: kernel`";
    for (uint32_t i = 0; i < setup->device_count && refusal == NULL; i++)
        refusal = device_refusal(setup, &setup->devices[i], options->mode);
    for (uint32_t i = 0; i < setup->guest_count && refusal == NULL; i++)
        refusal = guest_refusal(setup, i);
    for (uint32_t i = 0; i < setup->action_count && refusal == NULL; i++)
        refusal = action_refusal(setup, &setup->actions[i], options->is_kvm_assigned);
    return refusal;
}

const char *vfio_code_refusal(const struct design *design, const struct setup *setup)
{
    const struct vfio_design *options = design->options;

    if (options->mode != VFIO_AUTOMASK && options->mode != VFIO_EXCLUSIVE)
        return "the files have the INTx of vfio-automask and vfio-exclusive";
    if (vfio_setup(setup)->irqchip != IRQCHIP_KERNEL)
        return "their irqfds need `irqchip: kernel`";
    switch (vfio_setup(setup)->revert) {
    case VFIO_REVERT_NONE:
    case VFIO_REVERT_ONESHOT:
    case VFIO_REVERT_EOI_BRAKE:
    case VFIO_REVERT_DEACTIVATE:
        return NULL; /* in what remains built in */
    default:
        return "`hypervisor.revert` takes this fix away from the built-in design, not from them";
    }
}

/* --- pCPUs --- */

/* A vCPU that computes would keep another vCPU off its pCPU for ever. */
static void check_overcommit(const struct setup *setup, const struct topology *topology,
                             const struct setup_report *report)
{
    uint16_t cpus[TOPOLOGY_CPUS_MAX], vcpus[TOPOLOGY_CPUS_MAX] = { 0 };
    char message[512];

    for (uint32_t i = 0; i < setup->guest_count; i++) {
        const struct guest_setup *guest = &setup->guests[i];
        uint32_t count = topology_pin(topology, guest->pin, cpus, message, sizeof(message));
        for (uint32_t vcpu = 0; count > 0 && vcpu < guest->count * guest->vcpus; vcpu++)
            if (vcpus[cpus[vcpu % count]]++ > 0) {
                report_error(report, (struct setup_key){ "guests", i, "pin" }, "",
                             "more than one vCPU on pCPU %u: the designs of vfio support one vCPU on each pCPU",
                             cpus[vcpu % count]);
                return;
            }
    }
}

void vfio_check(const struct design *design, const struct setup *setup, const struct topology *topology,
                const struct setup_report *report)
{
    const char *refusal = vfio_refusal(design, setup);

    if (refusal != NULL)
        report_refusal(report, design, refusal);
    if (topology != NULL)
        check_overcommit(setup, topology, report);
}
