/* SPDX-License-Identifier: Apache-2.0
 *
 * Lost interrupt: everything has ended, the vector is not masked, and the device has raised it after the guest's
 * handler ran last. Nothing will make the guest look at the device, unless the device raises again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/device.h"
#include "properties/properties.h"

bool property_lost_interrupt(const struct machine *machine, struct violation *violation)
{
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next) {
        if (vector->outstanding == 0 || vector->is_masked)
            continue;
        violation->kind = VIOLATION_LOST_INTERRUPT;
        (void)snprintf(violation->text, sizeof(violation->text),
                       "the device raised vector %" PRIx32 " and nothing is left that would tell its guest",
                       vector->vector);
        return true;
    }
    return false;
}
