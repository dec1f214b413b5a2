/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of explored states (facts qemu-vfio D.B): `masked` agrees with the device's DisINTx, or with the
 * line's depth, whenever irqlock is free; a line is disabled at most once; at the end no sharer waits for a line that a
 * guest keeps active, and no line stays active for a guest that is gone. What is lost, stuck in a lock or without an
 * end, the general properties find.
 */
#include <inttypes.h>
#include <stdio.h>

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
           vdev->irqlock.holder == UINT32_MAX && vdev->desc->lock.holder == UINT32_MAX && vdev->igate.owner == NULL;
}

static bool is_inconsistent(const struct vfio_device *vdev)
{
    return vdev->masked != (vdev->pci_2_3 ? vdev->source.disintx : vdev->desc->depth > 0);
}

static bool has_inconsistent(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct vfio *vfio = vfio_under(machine);

    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        if (!is_idle(vdev) || !is_inconsistent(vdev))
            continue;
        (void)snprintf(text, text_bytes, "'%s' counts as %s, and its %s says otherwise", vdev->name,
                       vdev->masked ? "masked" : "unmasked", vdev->pci_2_3 ? "DisINTx" : "line's depth");
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

/* --- the end --- */

static const struct vfio_device *waiting_on(const struct vfio *vfio, const struct irq_desc *desc)
{
    for (uint32_t i = 0; i < vfio->device_count; i++)
        if (vfio->devices[i].desc == desc && irq_source_asserts(&vfio->devices[i].source) &&
            vfio->devices[i].irq_type == IRQ_TYPE_INTX)
            return &vfio->devices[i];
    return NULL;
}

static bool has_starved(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct vfio *vfio = vfio_under(machine);

    for (uint32_t i = 0; i < vfio->line_count; i++) {
        const struct irq_desc *desc = &vfio->lines[i];
        const struct vfio_device *waiting = waiting_on(vfio, desc);
        if (!desc->pin.is_in_service || waiting == NULL)
            continue;
        (void)snprintf(text, text_bytes, "'%s' asserts line %" PRIu32 ", which stays active: a guest does not end it",
                       waiting->name, i);
        return true;
    }
    return false;
}

static const struct property starvation = {
    .name = "vfio-starvation",
    .kind = VIOLATION_STARVATION,
    .at = PROPERTY_AT_END,
    .is_broken = has_starved,
};

static bool has_leaked(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct vfio *vfio = vfio_under(machine);

    for (uint32_t i = 0; i < vfio->line_count; i++) {
        const struct irq_desc *desc = &vfio->lines[i];
        if (!desc->pin.is_in_service || desc->is_forwarded)
            continue;
        (void)snprintf(text, text_bytes, "line %" PRIu32 " stays active, and nobody is left to deactivate it", i);
        return true;
    }
    return false;
}

static const struct property leaks = {
    .name = "vfio-active",
    .kind = VIOLATION_STARVATION,
    .at = PROPERTY_AT_END,
    .is_broken = has_leaked,
};

const struct property *const vfio_invariants[] = { &host_deadlock, &starvation, &leaks, &masks, &depths, NULL };
