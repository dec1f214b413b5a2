/* SPDX-License-Identifier: Apache-2.0
 *
 * Properties of explored states, derived from the code by the authors of this model: `masked` agrees with the device's
 * DisINTx, or with the line's depth, whenever irqlock is free; a line is disabled at most once; at the end no device
 * waits for a line that a guest keeps active, and no line stays active for a guest that is gone. The general properties
 * find lost interrupts, deadlocks and executions without end.
 */
#include <inttypes.h>
#include <stdio.h>

#include "models/host/deadlock.h"
#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

static const struct vfio *vfio_under(const struct machine *machine)
{
    const struct host *host = machine->hypervisor;

    return host->model;
}

/* --- every state --- */

static bool is_idle(const struct vfio_device *vdev)
{
    return vdev->guest != NULL && vdev->irq_type == IRQ_TYPE_INTX && vdev->has_ctx && vdev->action.device != NULL &&
           vfio_irqlock(vdev)->holder == UINT32_MAX && vdev->desc->lock.holder == UINT32_MAX && vfio_is_gate_free(vdev);
}

static bool is_inconsistent(const struct vfio_device *vdev)
{
    return vfio_is_masked(vdev) != (vdev->pci_2_3 ? vdev->source.disintx : vdev->desc->depth > 0);
}

static bool has_inconsistent(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct vfio *vfio = vfio_under(machine);

    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        if (!is_idle(vdev) || !is_inconsistent(vdev))
            continue;
        (void)snprintf(text, text_bytes, "'%s' is recorded as %s, and its %s disagrees", vdev->name,
                       vfio_is_masked(vdev) ? "masked" : "unmasked", vdev->pci_2_3 ? "DisINTx" : "line's depth");
        return true;
    }
    return false;
}

static const struct property masks = {
    .name = "vfio-masks",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_STATE,
    .is_weak = true,
    .is_broken = has_inconsistent,
};

static bool has_deep_line(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct vfio *vfio = vfio_under(machine);

    for (uint32_t i = 0; i < vfio->line_count; i++) {
        if (vfio->lines[i].depth < 2)
            continue;
        (void)snprintf(text, text_bytes, "line %" PRIu32 " is disabled %" PRIu32 " times, and VFIO enables it once", i,
                       vfio->lines[i].depth);
        return true;
    }
    return false;
}

static const struct property depths = {
    .name = "vfio-depth",
    .kind = VIOLATION_STATE_MISMATCH,
    .at = PROPERTY_AT_STATE,
    .is_weak = true,
    .is_broken = has_deep_line,
};

/* --- a line that stays active --- */

/* Whether the host has handled the interrupt in service, including its EOI. */
static bool is_left_to_guest(const struct irq_desc *desc)
{
    const struct cpu *target = desc->pin.target;

    return desc->pin.is_in_service && target->interrupt_depth == 0 &&
           !(target->lapic.irr[desc->pin.vector / 64] >> (desc->pin.vector % 64) & 1);
}

static bool is_stopped_for_good(const struct guest *guest)
{
    const struct vfio *vfio = guest->vfio;

    for (uint32_t i = 0; i < vfio->setup->action_count; i++)
        if (vfio->actions[i].setup->kind == VFIO_ACTION_RESUME && vfio->actions[i].due != CYCLES_NEVER &&
            &vfio->setup->guests[vfio->actions[i].setup->guest] == guest->setup)
            return false;
    return guest->is_paused;
}

/* The device of the guest that keeps the line active. */
static const struct vfio_device *holder_of(const struct vfio *vfio, const struct irq_desc *desc)
{
    for (uint32_t i = 0; i < vfio->device_count; i++)
        if (vfio->devices[i].desc == desc && vfio->devices[i].is_direct)
            return &vfio->devices[i];
    return NULL;
}

static const struct vfio_device *waiting_on(const struct vfio *vfio, const struct irq_desc *desc,
                                            const struct vfio_device *holder)
{
    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        if (vdev->desc == desc && vdev != holder && vdev->irq_type == IRQ_TYPE_INTX &&
            irq_source_asserts(&vdev->source))
            return vdev;
    }
    return NULL;
}

static bool has_starved(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct vfio *vfio = vfio_under(machine);

    for (uint32_t i = 0; i < vfio->line_count; i++) {
        const struct irq_desc *desc = &vfio->lines[i];
        const struct vfio_device *holder = holder_of(vfio, desc), *waiting = waiting_on(vfio, desc, holder);
        if (holder == NULL || waiting == NULL || !is_left_to_guest(desc) || !is_stopped_for_good(holder->guest))
            continue;
        (void)snprintf(text, text_bytes, "'%s' waits for line %" PRIu32 ", which the stopped guest '%s' keeps active",
                       waiting->name, i, holder->guest->name);
        return true;
    }
    return false;
}

static const struct property starvation = {
    .name = "vfio-starvation",
    .kind = VIOLATION_STARVATION,
    .at = PROPERTY_AT_STATE,
    .is_broken = has_starved,
};

static bool has_leaked(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct vfio *vfio = vfio_under(machine);

    for (uint32_t i = 0; i < vfio->line_count; i++) {
        const struct irq_desc *desc = &vfio->lines[i];
        if (!is_left_to_guest(desc) || desc->is_forwarded)
            continue;
        (void)snprintf(text, text_bytes, "line %" PRIu32 " stays active, and no guest is left to deactivate it", i);
        return true;
    }
    return false;
}

static const struct property leaks = {
    .name = "vfio-active",
    .kind = VIOLATION_STARVATION,
    .at = PROPERTY_AT_STATE,
    .is_broken = has_leaked,
};

const struct property *const vfio_invariants[] = { &host_deadlock, &starvation, &leaks, &masks, &depths, NULL };
