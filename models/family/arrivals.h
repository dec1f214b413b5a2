/* SPDX-License-Identifier: Apache-2.0
 *
 * From a scenario's devices to the machine's: what the boots of all families with guests share.
 */
#ifndef MODELS_FAMILY_ARRIVALS_H
#define MODELS_FAMILY_ARRIVALS_H

#include "machine/devices/device.h"
#include "machine/machine.h"
#include "models/family/setup.h"

/* The cycles of one period; 0 for a rate of 0. */
static inline cycles cycles_of_period(uint64_t millihertz, uint64_t frequency_hz)
{
    return millihertz == 0 ? 0 : (frequency_hz * 1000 + millihertz / 2) / millihertz;
}

/* A kind of device with its arrivals, and without statistics yet but an empty `latency`; in the machine's arena.
 * guest_handler: cycles of its guest's handler where the setup has none of its own. */
struct device device_kind_of(struct machine *machine, const struct device_setup *setup, cycles guest_handler);

#endif
