/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums the rates that the setup gives.
 */
#include "sweep/work.h"

#include "machine/topology.h"
#include "scenario/scenario.h"

#define TICK_HERTZ 1000.0

/* Of one vector, interrupts a second. */
static double rate_of(const struct arrival_setup *arrivals, double seconds)
{
    double rate = (double)arrivals->rate_millihertz / 1000;

    switch (arrivals->process) {
    case ARRIVAL_ONOFF:
        return arrivals->on_ns == 0 ? 0 : rate * (double)arrivals->on_ns / (double)(arrivals->on_ns + arrivals->off_ns);
    case ARRIVAL_CLOSED:
        return arrivals->think_ns == 0 ? 0 : 1e9 / (double)arrivals->think_ns;
    case ARRIVAL_REPLAY:
        return (double)arrivals->time_count / seconds;
    case ARRIVAL_PERIODIC:
    case ARRIVAL_POISSON:
    case ARRIVAL_MODERATED:
        break;
    }
    return rate;
}

double sweep_work(const struct scenario *scenario)
{
    const struct setup *setup = &scenario->setup;
    double seconds = (double)(setup->run.warmup_ns + setup->run.duration_ns) / 1e9;
    double ticking = scenario->topology->cpu_count, interrupts = 0;

    if (seconds <= 0)
        return 0;
    for (uint32_t i = 0; i < setup->guest_count; i++)
        ticking += (double)setup->guests[i].count * setup->guests[i].vcpus;
    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];
        double guests = device->driver == DEVICE_DRIVER_GUEST ? setup->guests[device->guest].count : 1;
        interrupts += guests * device->count * device->vectors * rate_of(&device->arrivals, seconds);
    }
    return seconds * (interrupts + TICK_HERTZ * ticking);
}
