/* SPDX-License-Identifier: Apache-2.0
 *
 * The slots of an explored vector, and the count of its messages against its handlers.
 */
#include "machine/devices/device_targets.h"

#include "machine/cpu.h"
#include "machine/devices/device.h"
#include "machine/footprint.h"
#include "machine/notes.h"

static void target_fire(void *argument);

static void statistics_exclude(const struct device_vector *vector)
{
    struct arena *arena = vector->device->machine->arena;
    struct device *device = vector->device;

    ARENA_EXCLUDE(arena, vector->delivered);
    ARENA_EXCLUDE(arena, device->statistics);
    ARENA_EXCLUDE(arena, *device->latency);
}

void device_targets_init(struct device_vector *vector)
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

void device_targets_update(struct device_vector *vector)
{
    struct engine *engine = vector->device->machine->engine;

    for (uint32_t i = 0; i < vector->target_count; i++)
        engine_at(engine, vector->targets[i].slot,
                  may_raise(vector) && !vector->targets[i].is_barred ? engine->now : CYCLES_NEVER);
}

void device_allow(struct device_vector *vector, const struct cpu *target, bool is_allowed)
{
    footprint_write(vector->device->machine->engine, vector);
    for (uint32_t i = 0; i < vector->target_count; i++)
        if (vector->targets[i].cpu == target)
            vector->targets[i].is_barred = !is_allowed;
    if (vector->target_count > 0)
        device_targets_update(vector);
}

/* `outstanding` is 1 and not a count, which keeps the number of states small. */
static void target_fire(void *argument)
{
    const struct device_target *target = argument;
    struct device_vector *vector = target->vector;
    struct cpu *cpu = target->cpu != NULL ? target->cpu : vector->target;

    footprint_begin(vector->device->machine->engine);
    footprint_write(vector->device->machine->engine, vector);
    vector->left--;
    if (vector->device->arrivals.process == DEVICE_QUEUE) {
        vector->submitted--;
        vector->completed++;
    }
    device_targets_update(vector);
    if (!vector->is_armed || vector->is_masked)
        return;
    vector->outstanding = 1;
    vector->unanswered++;
    if (vector->wire != NULL)
        notes_add(vector->device->machine->engine, NULL, "device sets its status");
    else
        notes_add(cpu->engine, NULL, "device raises %x at cpu%u", vector->vector, cpu->id);
    device_signal(vector, cpu);
}

/* With a level, a multicast message or a shared line there may be more handlers than messages. */
void device_targets_answer(struct device_vector *vector)
{
    vector->is_answered_twice |=
        vector->wire == NULL && !vector->is_multicast && !vector->is_on_line && vector->unanswered == 0;
    vector->unanswered -= vector->unanswered > 0;
    notes_add(vector->device->machine->engine, NULL, "guest handler: %s",
              vector->outstanding > 0 ? "sees the device's event" : "finds nothing new");
}
