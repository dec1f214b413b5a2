/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrival processes and the bookkeeping raised = delivered + coalesced + outstanding.
 */
#include "machine/device.h"

#include "machine/cpu.h"

static void vector_fire(void *argument);

void device_vector_init(struct device_vector *vector, struct device *device, uint64_t seed, uint32_t entity)
{
    *vector = (struct device_vector){ .device = device, .is_armed = true };
    rng_init(&vector->rng, seed, entity, RNG_ARRIVAL);
    vector->slot = engine_event(device->machine->engine, vector_fire, vector);
}

void device_route(struct device_vector *vector, struct cpu *target, uint32_t lapic_vector)
{
    vector->target = target;
    vector->vector = lapic_vector;
}

static cycles gap_at(const struct device_arrivals *arrivals, cycles now)
{
    return now < arrivals->first_end ? arrivals->first_gap : arrivals->gap;
}

/* Gap of the bursty process: periodic inside a burst; a burst that is over is followed by a silence. */
static cycles onoff_gap(struct device_vector *vector, cycles now)
{
    const struct device_arrivals *arrivals = &vector->device->arrivals;
    cycles gap = gap_at(arrivals, now);

    if (now + gap <= vector->burst_end)
        return gap;
    cycles silence = rng_exponential(&vector->rng, arrivals->off);
    cycles start = vector->burst_end > now ? vector->burst_end - now : 0;
    vector->burst_end = now + start + silence + rng_exponential(&vector->rng, arrivals->on);
    return start + silence;
}

/* Time of the arrival after one at `now`; CYCLES_NEVER when there is none, or not before the guest has handled this
 * one. */
static cycles next_arrival(struct device_vector *vector, cycles now)
{
    const struct device_arrivals *arrivals = &vector->device->arrivals;

    switch (arrivals->process) {
    case DEVICE_PERIODIC:
        return now + gap_at(arrivals, now);
    case DEVICE_POISSON:
        return now + rng_exponential(&vector->rng, gap_at(arrivals, now));
    case DEVICE_ONOFF:
        return now + onoff_gap(vector, now);
    case DEVICE_MODERATED:
        return now + rng_exponential(&vector->rng, gap_at(arrivals, now)) + arrivals->interval;
    case DEVICE_REPLAY:
        if (vector->next_time >= arrivals->time_count)
            return CYCLES_NEVER;
        return arrivals->times[vector->next_time++] + vector->device->machine->msi_flight_cycles;
    case DEVICE_CLOSED:
        break;
    }
    return CYCLES_NEVER;
}

static void schedule(struct device_vector *vector, cycles when)
{
    struct engine *engine = vector->device->machine->engine;

    engine_at(engine, vector->slot, when < engine->now ? engine->now : when);
}

void device_start(struct device_vector *vector)
{
    const struct device_arrivals *arrivals = &vector->device->arrivals;
    cycles now = vector->device->machine->engine->now;

    if (arrivals->process == DEVICE_REPLAY)
        schedule(vector, next_arrival(vector, now));
    else
        schedule(vector, now + rng_below(&vector->rng, arrivals->gap > 0 ? arrivals->gap : 1));
}

static void vector_fire(void *argument)
{
    struct device_vector *vector = argument;
    struct device *device = vector->device;
    cycles now = device->machine->engine->now;

    schedule(vector, next_arrival(vector, now));
    if (!vector->is_armed) {
        device->absorbed++;
        return;
    }
    device->raised++;
    if (vector->outstanding++ == 0)
        vector->first_raise = now > device->machine->msi_flight_cycles ? now - device->machine->msi_flight_cycles : 0;
    if (device->is_polled)
        vector->is_armed = false;
    lapic_deliver(vector->target, vector->vector);
}

void device_handler_begin(struct device_vector *vector)
{
    struct device *device = vector->device;

    if (vector->outstanding == 0)
        return;
    cycles latency = device->machine->engine->now - vector->first_raise;
    device->delivered++;
    vector->delivered++;
    device->coalesced += vector->outstanding - 1;
    vector->outstanding = 0;
    if (latency > device->starvation_max)
        device->starvation_max = latency;
    histogram_record(device->latency, cycles_to_ns(latency, device->machine->costs->frequency_hz));
}

void device_handler_end(struct device_vector *vector)
{
    struct device *device = vector->device;

    vector->is_armed = true;
    if (device->arrivals.process == DEVICE_CLOSED && vector->outstanding == 0)
        schedule(vector, device->machine->engine->now + device->machine->msi_flight_cycles +
                             rng_exponential(&vector->rng, device->arrivals.gap));
}

void device_measure(struct device *device)
{
    device->raised = device->delivered = device->coalesced = device->absorbed = 0;
    device->starvation_max = 0;
    histogram_init(device->latency);
}
