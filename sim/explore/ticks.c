/* SPDX-License-Identifier: Apache-2.0
 *
 * Lets each armed timer expire once, waits until the machine is at rest, and looks again; as often as there are vCPUs,
 * whose turn on their pCPU may have to come first.
 */
#include "explore/ticks.h"

#include "base/check.h"
#include "machine/devices/device.h"

static uint32_t rounds(const struct setup *setup)
{
    uint32_t vcpus = 0;

    for (uint32_t i = 0; i < setup->guest_count; i++)
        vcpus += setup->guests[i].count * setup->guests[i].vcpus;
    return vcpus + 1;
}

/* In an end the slots that become pending with more ticks are the timers. */
static void expire_all(struct explore_world *world)
{
    struct engine *engine = &world->engine;
    bool is_armed[EVENTQ_SLOTS_MAX] = { false };

    for (uint32_t slot = 0; slot < engine->slot_count; slot++)
        is_armed[slot] = engine_is_pending(engine, slot);
    for (uint32_t slot = 0; slot < engine->slot_count; slot++)
        if (is_armed[slot])
            engine_step(engine, slot);
}

/* An interrupt that is no longer lost may only have its vCPU queued again. */
static bool has_all(const struct machine *machine)
{
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next)
        if (vector->outstanding > 0 && !vector->is_masked)
            return false;
    return true;
}

bool explore_ticks_deliver(struct explore_world *world)
{
    uint32_t left = rounds(world->setup);

    if (world->machine.allow_ticks == NULL)
        return false;
    world->machine.allow_ticks(&world->machine, world->engine.slot_count * left);
    for (; left > 0 && !has_all(&world->machine); left--) {
        check_context_set(&world->engine.context);
        expire_all(world);
        check_context_set(NULL);
        if (!explore_world_settle(world) || world->explored.violation.kind != VIOLATION_NONE)
            return false;
    }
    return has_all(&world->machine);
}
