/* SPDX-License-Identifier: Apache-2.0
 *
 * Double delivery: the guest's handler has run more often than the device has sent messages, so one message was
 * delivered twice. A handler that finds no work because an earlier one has done it does not count, since it was started
 * by a message of its own. Messages that were coalesced hide as many double deliveries from this property.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/devices/device.h"
#include "properties/properties.h"

static bool is_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next) {
        if (!vector->is_answered_twice)
            continue;
        (void)snprintf(text, text_bytes,
                       "the guest's handler of vector %" PRIx32 " ran once more than the device raised it",
                       vector->vector);
        return true;
    }
    return false;
}

const struct property property_double_delivery = {
    .name = "double-delivery",
    .kind = VIOLATION_DOUBLE_DELIVERY,
    .at = PROPERTY_AT_STATE,
    .is_broken = is_broken,
};
