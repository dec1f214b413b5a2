/* SPDX-License-Identifier: Apache-2.0
 *
 * Misdelivery: the guest's handler of a device vector started on another vCPU, or as another vector, than the model
 * announced with device_expect. A model that moves an interrupt announces the new target when the old one is disabled.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/devices/device.h"
#include "properties/properties.h"

static bool is_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next) {
        if (!vector->is_misdelivered)
            continue;
        (void)snprintf(text, text_bytes,
                       "an interrupt of the device's vector %" PRIx32 " was handled by the wrong vCPU or vector",
                       vector->vector);
        return true;
    }
    return false;
}

const struct property property_misdelivery = {
    .name = "misdelivery",
    .kind = VIOLATION_MISDELIVERY,
    .at = PROPERTY_AT_STATE,
    .is_broken = is_broken,
};
