/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the machine's devices from the devices of a setup, for the boot of every family.
 */
#ifndef MODELS_FAMILY_ARRIVALS_H
#define MODELS_FAMILY_ARRIVALS_H

#include "machine/devices/device.h"
#include "machine/machine.h"
#include "models/family/setup.h"

/* Cycles of one period, rounded to the nearest; 0 for a rate of 0. */
static inline cycles cycles_of_period(uint64_t millihertz, uint64_t frequency_hz)
{
    return millihertz == 0 ? 0 : (frequency_hz * 1000 + millihertz / 2) / millihertz;
}

/* Returns a device with its arrivals and an empty `latency`, which lie in the machine's arena; all other statistics are
 * zero. guest_handler: cycles of the guest's handler, used when the setup gives no handler time. */
struct device device_kind_of(struct machine *machine, const struct device_setup *setup, cycles guest_handler);

#endif
