/* SPDX-License-Identifier: Apache-2.0
 *
 * Lost interrupt: nothing is pending, the vector is not masked, and the device has raised it since the guest's handler
 * last ran. The guest will not notice unless the device raises again. An interrupt is not lost when its vCPU is
 * runnable and waits for a pCPU on which another vCPU computes, because it will be scheduled in time. Nor is one that
 * the next VM exit finds: that is a delayed interrupt (delayed_interrupt.c); so is one that further ticks bring, which
 * is found out after the search (explore/ticks.h).
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/devices/device.h"
#include "properties/properties.h"

static bool is_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next) {
        if (vector->outstanding == 0 || vector->is_masked ||
            (machine->is_delayed != NULL && machine->is_delayed(machine, vector)) ||
            (machine->awaits_exit != NULL && machine->awaits_exit(machine, vector)))
            continue;
        (void)snprintf(text, text_bytes,
                       "the device raised vector %" PRIx32 " and nothing is pending that would deliver it",
                       vector->vector);
        return true;
    }
    return false;
}

const struct property property_lost_interrupt = {
    .name = "lost-interrupt",
    .kind = VIOLATION_LOST_INTERRUPT,
    .at = PROPERTY_AT_END,
    .is_broken = is_broken,
};
