/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrival processes, and the path of an interrupt from its raise to its handler. Counted from the start, raised =
 * delivered + coalesced + discarded + outstanding.
 */
#include "machine/devices/device.h"

#include "machine/cpu.h"
#include "machine/devices/device_targets.h"
#include "machine/devices/iommu.h"
#include "machine/devices/irq_chip.h"
#include "machine/footprint.h"

static void vector_fire(void *argument);

void device_vector_init(struct device_vector *vector, struct device *device, uint64_t seed, uint32_t entity)
{
    *vector = (struct device_vector){ .device = device, .is_armed = true };
    rng_init(&vector->rng, seed, entity, RNG_ARRIVAL);
    vector->slot = engine_event(device->machine->engine, vector_fire, vector);
    vector->next = device->machine->vectors;
    device->machine->vectors = vector;
    if (device->machine->policy->vector_init != NULL)
        device->machine->policy->vector_init(vector);
}

/* A CPU changes what the device's next message depends on, or the other way round. */
static void touch(const struct device_vector *vector) { footprint_write(vector->device->machine->engine, vector); }

void device_route(struct device_vector *vector, struct cpu *target, uint32_t lapic_vector)
{
    touch(vector);
    vector->target = target;
    vector->vector = lapic_vector;
}

static cycles flight_of(const struct device_vector *vector)
{
    return vector->is_local ? 0 : vector->device->machine->msi_flight_cycles;
}

static cycles gap_at(const struct device_arrivals *arrivals, cycles now)
{
    return now < arrivals->first_end ? arrivals->first_gap : arrivals->gap;
}

/* Gap of the bursty process: periodic within a burst, and followed by a silence after its end. */
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

/* Time of the arrival after one at `now`. CYCLES_NEVER when there is none, or when it depends on the guest's handling
 * of this one. */
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
        return arrivals->times[vector->next_time++] + flight_of(vector);
    case DEVICE_QUEUE:
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

void device_start(struct device_vector *vector) { vector->device->machine->policy->vector_start(vector); }

void device_arrivals_start(struct device_vector *vector)
{
    const struct device_arrivals *arrivals = &vector->device->arrivals;
    cycles now = vector->device->machine->engine->now;

    if (arrivals->process == DEVICE_REPLAY)
        schedule(vector, next_arrival(vector, now));
    else if (arrivals->process != DEVICE_QUEUE)
        schedule(vector, now + rng_below(&vector->rng, arrivals->gap > 0 ? arrivals->gap : 1));
}

void device_signal(struct device_vector *vector, struct cpu *target)
{
    if (vector->wire != NULL || (vector->irte == NULL && vector->post != NULL))
        footprint_everything(vector->device->machine->engine);
    if (vector->wire != NULL)
        irq_source_status(vector->wire, true);
    else if (vector->irte != NULL)
        iommu_request(vector->irte, target, vector->vector);
    else if (vector->post != NULL)
        vector->post(vector);
    else
        lapic_deliver(target, vector->vector);
}

/* Counts an interrupt raised at `raise`, whose message arrives at `now` and for which the guest has that work. */
static void note_raise(struct device_vector *vector, cycles now, cycles raise, cycles work)
{
    struct device *device = vector->device;

    vector->work_outstanding += work;
    device->statistics.raised++;
    if (vector->outstanding++ == 0) {
        vector->first_raise = raise;
        if (device->target_state != NULL)
            vector->found = device->target_state(vector);
        vector->flow = trace_flow_new(device->machine->engine->trace);
    }
    engine_trace(device->machine->engine, now, vector->target != NULL ? vector->target->id : 0, TRACE_RAISE,
                 vector->owner, vector->flow, vector->number << 8 | vector->vector, raise);
}

static void queue_schedule(struct device_vector *vector)
{
    cycles held = vector->held > 0 ? vector->held_until : CYCLES_NEVER;

    schedule(vector, vector->completes_at < held ? vector->completes_at : held);
}

/* A command completes, or the message of those that have completed waits no longer. NVMe's interrupt coalescing. */
static void queue_fire(struct device_vector *vector, cycles now, cycles raise)
{
    const struct device_arrivals *arrivals = &vector->device->arrivals;

    if (vector->device->machine->is_draining) /* a message that is held back still comes */
        vector->completes_at = CYCLES_NEVER;
    if (now >= vector->completes_at) {
        vector->completed++;
        vector->completes_at = --vector->submitted > 0 ? now + arrivals->gap : CYCLES_NEVER;
        if (vector->held++ == 0)
            vector->held_until = now + arrivals->threshold_time;
        note_raise(vector, now, raise, 0);
    }
    bool is_due = vector->held >= arrivals->threshold || (vector->held > 0 && now >= vector->held_until);
    vector->held = is_due ? 0 : vector->held;
    queue_schedule(vector);
    if (is_due)
        device_signal(vector, vector->target);
}

static void vector_fire(void *argument)
{
    struct device_vector *vector = argument;
    struct device *device = vector->device;
    cycles now = device->machine->engine->now;
    cycles raise = now > flight_of(vector) ? now - flight_of(vector) : 0;

    if (device->arrivals.process == DEVICE_QUEUE) {
        queue_fire(vector, now, raise);
        return;
    }
    if (device->machine->is_draining)
        return;
    cycles work = device->arrivals.works != NULL ? device->arrivals.works[vector->next_time - 1] : 0;
    schedule(vector, next_arrival(vector, now));
    if (!vector->is_armed || vector->is_masked) {
        device->statistics.absorbed++;
        return;
    }
    note_raise(vector, now, raise, work);
    if (device->is_polled)
        vector->is_armed = false;
    device_signal(vector, vector->target);
}

void device_expect(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector)
{
    touch(vector);
    vector->handler = guest;
    vector->handler_vector = guest_vector;
}

void device_handled_by(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector)
{
    touch(vector);
    vector->is_misdelivered |=
        vector->handler != NULL && (vector->handler != guest || vector->handler_vector != guest_vector);
}

/* Delivers everything outstanding as one interrupt. */
static void deliver(struct device_vector *vector)
{
    struct device *device = vector->device;

    vector->work_seen = vector->work_outstanding;
    vector->work_outstanding = 0;
    if (vector->outstanding == 0)
        return;
    cycles latency = device->machine->engine->now - vector->first_raise;
    device->statistics.delivered++;
    vector->delivered++;
    device->statistics.coalesced += vector->outstanding - 1;
    vector->outstanding = 0;
    if (latency > device->starvation_max)
        device->starvation_max = latency;
    uint64_t ns = cycles_to_ns(latency, device->machine->costs->frequency_hz);
    histogram_record(device->latency, ns);
    if (device->target_state != NULL)
        histogram_record(device->latency_by_state[vector->found], ns);
}

void device_handler_begin(struct device_vector *vector)
{
    touch(vector);
    if (vector->targets != NULL)
        device_targets_answer(vector);
    deliver(vector);
}

cycles device_work(const struct device_vector *vector)
{
    return vector->device->arrivals.works != NULL ? vector->work_seen : vector->device->handler;
}

cycles device_work_ahead(const struct device_vector *vector)
{
    return vector->device->arrivals.works != NULL ? vector->work_outstanding : vector->device->handler;
}

void device_handler_end(struct device_vector *vector)
{
    struct device *device = vector->device;

    touch(vector);
    vector->is_armed = true;
    if (device->arrivals.process == DEVICE_CLOSED && vector->outstanding == 0)
        schedule(vector, device->machine->engine->now + flight_of(vector) +
                             rng_exponential(&vector->rng, device->arrivals.gap));
}

/* --- a queue of commands --- */

static void queue_start(struct device_vector *vector)
{
    vector->completes_at = vector->device->machine->engine->now + 2 * flight_of(vector) + vector->device->arrivals.gap;
    queue_schedule(vector);
}

/* The doorbell of an idle device takes as long as a message. */
void device_submit(struct device_vector *vector, uint64_t count)
{
    bool was_idle = vector->submitted == 0;

    touch(vector);
    vector->submitted += count;
    if (vector->targets != NULL)
        device_targets_update(vector);
    else if (was_idle && count > 0)
        queue_start(vector);
}

uint64_t device_reap(struct device_vector *vector)
{
    uint64_t count = vector->completed;

    touch(vector);
    vector->completed = 0;
    vector->held = 0;
    deliver(vector);
    return count;
}

/* --- masking --- */

void device_mask(struct device_vector *vector)
{
    touch(vector);
    vector->is_masked = true;
    vector->device->statistics.discarded += vector->outstanding;
    vector->outstanding = 0;
    vector->work_outstanding = 0;
    if (vector->wire != NULL)
        irq_source_status(vector->wire, false);
}

void device_unmask(struct device_vector *vector)
{
    struct engine *engine = vector->device->machine->engine;

    touch(vector);
    if (vector->is_masked && eventq_time(&engine->queue, vector->slot) == CYCLES_NEVER)
        device_start(vector);
    vector->is_masked = false;
    vector->is_armed = true;
}

void device_measure(struct device *device)
{
    device->statistics = (struct device_statistics){ .raised = 0 };
    device->starvation_max = 0;
    histogram_init(device->latency);
    for (int state = 0; device->target_state != NULL && state < TARGET_STATE_COUNT; state++)
        histogram_init(device->latency_by_state[state]);
}
