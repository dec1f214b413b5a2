/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds a machine from its topology and costs: the pCPUs and the order of cache domains by distance.
 */
#include "machine/machine.h"

#include "machine/cpu.h"

/* The deepest path is a nested interrupt over a softirq over a VM exit; the high-water mark is checked in the tests. */
#define CPU_STACK_BYTES 16384

enum { SLOTS_PER_CPU = 3, SLOTS_PER_MACHINE = 1 };

uint32_t machine_slots(uint32_t cpu_count) { return SLOTS_PER_MACHINE + SLOTS_PER_CPU * cpu_count; }
uint32_t machine_explored_slots(uint32_t cpu_count) { return machine_slots(cpu_count) + LAPIC_FLIGHTS * cpu_count; }

/* Ties are ordered cyclically from the domain itself, so that no domain is always first. */
static void nearest_init(struct machine *machine)
{
    uint32_t domains = machine->topology->domain_count;

    machine->nearest = ARENA_ARRAY(machine->arena, uint16_t, domains * domains);
    for (uint32_t domain = 0; domain < domains; domain++) {
        uint16_t *rank = &machine->nearest[domain * domains];
        for (uint32_t distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++)
            for (uint32_t i = 0; i < domains; i++)
                if (machine_distance(machine, domain, (domain + i) % domains) == distance)
                    *rank++ = (uint16_t)((domain + i) % domains);
    }
}

static cycles least(cycles a, cycles b) { return a < b ? a : b; }

static void cpu_actor_main(void *argument)
{
    struct cpu *cpu = argument;

    cpu->machine->hooks.cpu_main(cpu);
    CHECK(!"cpu_main returned");
}

void machine_init(struct machine *machine, struct engine *engine, const struct machine_policy *policy,
                  const struct topology *topology, const struct costs *costs, struct machine_hooks hooks, uint64_t seed)
{
    CHECK(engine->policy == policy->engine);
    *machine = (struct machine){
        .arena = engine->arena,
        .engine = engine,
        .policy = policy,
        .topology = topology,
        .costs = costs,
        .hooks = hooks,
        .seed = seed,
        .cpu_count = topology->cpu_count,
        .msi_flight_cycles = cycles_from_ns(costs->msi_flight_ns, costs->frequency_hz),
    };
    machine->fastest_transfer =
        least(costs->load_modified[DISTANCE_NEAR],
              least(costs->store_modified[DISTANCE_NEAR], costs->atomic_modified[DISTANCE_NEAR]));
    machine->fastest_invalidation = least(costs->store_shared[DISTANCE_NEAR], costs->atomic_shared[DISTANCE_NEAR]);
    machine->cpus = ARENA_ARRAY(machine->arena, struct cpu, machine->cpu_count);
    nearest_init(machine);
    policy->lines_init(machine);
    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        struct cpu *cpu = &machine->cpus[id];
        const struct topology_cpu *place = &topology->cpus[id];
        *cpu = (struct cpu){
            .machine = machine,
            .engine = engine,
            .costs = costs,
            .policy = policy,
            .id = id,
            .domain = place->domain,
            .socket = place->socket,
            .node = place->node,
            .category = CPU_IDLE,
        };
        ARENA_EXCLUDE(machine->arena, cpu->category_cycles);
        ARENA_EXCLUDE(machine->arena, cpu->idle_mean);
        rng_init(&cpu->software.rng, seed, id, RNG_SOFTWARE);
        lapic_init(cpu);
        arena_exclude(machine->arena, &cpu->lapic.ipis_sent, 3 * sizeof(cpu->lapic.ipis_sent));
        engine_actor(engine, &cpu->actor, CPU_STACK_BYTES, cpu_actor_main, cpu);
        cpu->slot = cpu->actor.slot;
    }
}

void machine_start(struct machine *machine)
{
    for (uint32_t id = 0; id < machine->cpu_count; id++)
        cpu_wake_at(&machine->cpus[id], machine->engine->now);
}

void machine_settle(struct machine *machine)
{
    if (machine->policy->lines_settle != NULL)
        machine->policy->lines_settle(machine);
}
