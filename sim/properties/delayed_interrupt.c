/* SPDX-License-Identifier: Apache-2.0
 *
 * Delayed interrupt: a vCPU is in guest mode with an interrupt set where its next VM exit looks, in the IRR, or in the
 * PIR with ON set, and nothing on its way tells it: no notification, no softirq, no interrupt window. It comes at some
 * later exit, which it does not cause, and not before. Checked where nothing is pending: a guest that exits by itself
 * has then exited. An interrupt that no later exit finds either is a lost one.
 */
#include <inttypes.h>
#include <stdio.h>

#include "machine/devices/device.h"
#include "properties/properties.h"

static bool is_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    if (machine->awaits_exit == NULL)
        return false;
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next) {
        if (vector->outstanding == 0 || vector->is_masked || !machine->awaits_exit(machine, vector))
            continue;
        (void)snprintf(text, text_bytes,
                       "the device's vector %" PRIx32 " waits for its vCPU's next VM exit, and nothing causes one",
                       vector->vector);
        return true;
    }
    return false;
}

const struct property property_delayed_interrupt = {
    .name = "delayed-interrupt",
    .kind = VIOLATION_DELAYED_INTERRUPT,
    .at = PROPERTY_AT_END,
    .is_broken = is_broken,
};
