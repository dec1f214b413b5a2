/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrival processes and the identity raised = delivered + coalesced + outstanding.
 */
#include "machine/device.h"

#include "machine/choice.h"
#include "machine/cpu.h"
#include "machine/iommu.h"
#include "machine/irq_chip.h"

static void vector_fire(void *argument);
static void target_fire(void *argument);
static void targets_init(struct device_vector *vector);
static void targets_update(struct device_vector *vector);

void device_vector_init(struct device_vector *vector, struct device *device, uint64_t seed, uint32_t entity)
{
    *vector = (struct device_vector){ .device = device, .is_armed = true };
    rng_init(&vector->rng, seed, entity, RNG_ARRIVAL);
    vector->slot = engine_event(device->machine->engine, vector_fire, vector);
    vector->next = device->machine->vectors;
    device->machine->vectors = vector;
    if (device->machine->engine->policy == POLICY_EXHAUSTIVE)
        targets_init(vector);
}

void device_route(struct device_vector *vector, struct cpu *target, uint32_t lapic_vector)
{
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
        return arrivals->times[vector->next_time++] + flight_of(vector);
    case DEVICE_QUEUE:
        vector->completed++;
        return --vector->submitted > 0 ? now + arrivals->gap : CYCLES_NEVER;
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

    if (vector->device->machine->engine->policy == POLICY_EXHAUSTIVE)
        targets_update(vector);
    else if (arrivals->process == DEVICE_REPLAY)
        schedule(vector, next_arrival(vector, now));
    else if (arrivals->process != DEVICE_QUEUE)
        schedule(vector, now + rng_below(&vector->rng, arrivals->gap > 0 ? arrivals->gap : 1));
}

static void signal_arrival(struct device_vector *vector, struct cpu *target)
{
    if (vector->wire != NULL)
        irq_source_status(vector->wire, true);
    else if (vector->irte != NULL)
        iommu_request(vector->irte, target, vector->vector);
    else if (vector->post != NULL)
        vector->post(vector);
    else
        lapic_deliver(target, vector->vector);
}

static void vector_fire(void *argument)
{
    struct device_vector *vector = argument;
    struct device *device = vector->device;
    cycles now = device->machine->engine->now;

    schedule(vector, next_arrival(vector, now));
    if (!vector->is_armed || vector->is_masked) {
        device->statistics.absorbed++;
        return;
    }
    cycles raise = now > flight_of(vector) ? now - flight_of(vector) : 0;
    device->statistics.raised++;
    if (vector->outstanding++ == 0) {
        vector->first_raise = raise;
        if (device->target_state != NULL)
            vector->found = device->target_state(vector);
        vector->flow = trace_flow_new(device->machine->engine->trace);
    }
    engine_trace(device->machine->engine, now, vector->target != NULL ? vector->target->id : 0, TRACE_RAISE,
                 vector->owner, vector->flow, vector->number << 8 | vector->vector, raise);
    if (device->is_polled)
        vector->is_armed = false;
    signal_arrival(vector, vector->target);
}

/* --- explored --- */

static void statistics_exclude(const struct device_vector *vector)
{
    struct arena *arena = vector->device->machine->arena;
    struct device *device = vector->device;

    ARENA_EXCLUDE(arena, vector->delivered);
    ARENA_EXCLUDE(arena, device->statistics);
    ARENA_EXCLUDE(arena, *device->latency);
}

static void targets_init(struct device_vector *vector)
{
    struct machine *machine = vector->device->machine;
    bool at_any_cpu = vector->device->is_at_any_cpu;

    statistics_exclude(vector);
    vector->left = vector->device->explored_interrupts;
    vector->target_count = at_any_cpu ? machine->cpu_count : 1;
    vector->targets = ARENA_ARRAY(machine->arena, struct device_target, vector->target_count);
    for (uint32_t i = 0; i < vector->target_count; i++) {
        struct device_target *target = &vector->targets[i];
        *target = (struct device_target){ .vector = vector, .cpu = at_any_cpu ? &machine->cpus[i] : NULL };
        target->slot = engine_event(machine->engine, target_fire, target);
    }
}

static bool may_raise(const struct device_vector *vector)
{
    return vector->left > 0 && (vector->device->arrivals.process != DEVICE_QUEUE || vector->submitted > 0);
}

static void targets_update(struct device_vector *vector)
{
    struct engine *engine = vector->device->machine->engine;

    for (uint32_t i = 0; i < vector->target_count; i++)
        engine_at(engine, vector->targets[i].slot,
                  may_raise(vector) && !vector->targets[i].is_barred ? engine->now : CYCLES_NEVER);
}

void device_allow(struct device_vector *vector, const struct cpu *target, bool is_allowed)
{
    for (uint32_t i = 0; i < vector->target_count; i++)
        if (vector->targets[i].cpu == target)
            vector->targets[i].is_barred = !is_allowed;
    if (vector->target_count > 0)
        targets_update(vector);
}

/* What matters of the outstanding ones is whether there is any. */
static void target_fire(void *argument)
{
    const struct device_target *target = argument;
    struct device_vector *vector = target->vector;
    struct cpu *cpu = target->cpu != NULL ? target->cpu : vector->target;

    vector->left--;
    if (vector->device->arrivals.process == DEVICE_QUEUE) {
        vector->submitted--;
        vector->completed++;
    }
    targets_update(vector);
    if (!vector->is_armed || vector->is_masked)
        return;
    vector->outstanding = 1;
    vector->unanswered++;
    if (vector->wire != NULL)
        choice_note(vector->device->machine->engine, NULL, "device sets its status");
    else
        choice_note(cpu->engine, NULL, "device raises %x at cpu%u", vector->vector, cpu->id);
    signal_arrival(vector, cpu);
}

/* A level may be seen by more handlers than there were events. */
static void answer(struct device_vector *vector)
{
    vector->is_answered_twice |=
        vector->wire == NULL && !vector->is_multicast && !vector->is_on_line && vector->unanswered == 0;
    vector->unanswered -= vector->unanswered > 0;
    choice_note(vector->device->machine->engine, NULL, "guest handler: %s",
                vector->outstanding > 0 ? "sees the device's event" : "finds nothing new");
}

void device_expect(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector)
{
    vector->handler = guest;
    vector->handler_vector = guest_vector;
}

void device_handled_by(struct device_vector *vector, const struct guest_vcpu *guest, uint32_t guest_vector)
{
    vector->is_misdelivered |=
        vector->handler != NULL && (vector->handler != guest || vector->handler_vector != guest_vector);
}

/* Everything outstanding is delivered. */
static void deliver(struct device_vector *vector)
{
    struct device *device = vector->device;

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
    if (vector->targets != NULL)
        answer(vector);
    deliver(vector);
}

void device_handler_end(struct device_vector *vector)
{
    struct device *device = vector->device;

    vector->is_armed = true;
    if (device->arrivals.process == DEVICE_CLOSED && vector->outstanding == 0)
        schedule(vector, device->machine->engine->now + flight_of(vector) +
                             rng_exponential(&vector->rng, device->arrivals.gap));
}

/* --- a queue of commands --- */

/* To an idle device the doorbell flies as long as a message. */
void device_submit(struct device_vector *vector, uint64_t count)
{
    bool was_idle = vector->submitted == 0;

    vector->submitted += count;
    if (vector->targets != NULL)
        targets_update(vector);
    else if (was_idle && count > 0)
        schedule(vector, vector->device->machine->engine->now + 2 * flight_of(vector) + vector->device->arrivals.gap);
}

uint64_t device_reap(struct device_vector *vector)
{
    uint64_t count = vector->completed;

    vector->completed = 0;
    deliver(vector);
    return count;
}

/* --- silence --- */

void device_mask(struct device_vector *vector)
{
    vector->is_masked = true;
    vector->device->statistics.discarded += vector->outstanding;
    vector->outstanding = 0;
    if (vector->wire != NULL)
        irq_source_status(vector->wire, false);
}

void device_unmask(struct device_vector *vector)
{
    struct engine *engine = vector->device->machine->engine;

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
