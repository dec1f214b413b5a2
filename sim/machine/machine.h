/* SPDX-License-Identifier: Apache-2.0
 *
 * One simulated machine: its pCPUs, their costs and distances, and the hooks through which the hypervisor model is
 * entered. The machine knows no hypervisor.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include <stdint.h>

#include "base/arena.h"
#include "engine/engine.h"
#include "machine/costs.h"
#include "machine/policy.h"
#include "machine/topology.h"

struct queues;
struct cpu;
struct crash;
struct device_vector;

struct machine_hooks {
    void (*cpu_main)(struct cpu *cpu); /* as struct model's */
    void (*interrupt)(struct cpu *cpu, uint32_t vector);
};

struct machine {
    struct arena *arena;
    struct engine *engine;
    const struct machine_policy *policy;
    const struct topology *topology;
    const struct costs *costs;
    struct machine_hooks hooks;
    uint64_t seed;
    uint32_t software_cv_permille; /* spread of cpu_spend_software, set by the model that boots; 0: none */
    struct cpu *cpus;
    uint32_t cpu_count;
    void *hypervisor;              /* the model's state, in the arena */
    uint16_t *nearest;             /* [domain * domain_count + rank]: domains by distance from `domain`, itself first */
    struct device_vector *vectors; /* all, linked; the last first */
    struct queues *queues;         /* of contended lines with requests waiting */
    /* Explored: an interrupt that has not been seen yet only waits for time to pass, which stands still; NULL: none
     * does. */
    bool (*is_delayed)(const struct machine *machine, const struct device_vector *vector);
    struct crash *crash; /* timed: set by whoever wants to survive one (violation.h); or NULL */
    cycles msi_flight_cycles;
    cycles fastest_transfer; /* of a line that another CPU has modified */
};

/* Slots a machine of this many pCPUs needs in the engine, without devices and lock lines. */
uint32_t machine_slots(uint32_t cpu_count);

/* Builds the pCPUs, each parked before hooks.cpu_main; machine_start lets them go at cycle 0. The engine, which has
 * this policy's, the topology and the costs outlive the machine. */
void machine_init(struct machine *machine, struct engine *engine, const struct machine_policy *policy,
                  const struct topology *topology, const struct costs *costs, struct machine_hooks hooks,
                  uint64_t seed);
void machine_start(struct machine *machine);

/* The event comes at `when`, or at once if that is over; explored, at any moment from now on. CYCLES_NEVER: not any
 * more. */
static inline void machine_event_at(const struct machine *machine, uint32_t slot, cycles when)
{
    machine->policy->event_at(machine->engine, slot, when);
}

/* An event that recurs has come, and comes again at `when`; explored, once is enough, for every moment is tried. */
static inline void machine_event_again(const struct machine *machine, uint32_t slot, cycles when)
{
    machine->policy->event_again(machine->engine, slot, when);
}

/* Hardware takes that long; explored, nobody can tell, and the event is now, within this call. */
static inline void machine_event_after(const struct machine *machine, uint32_t slot, cycles delay)
{
    machine->policy->event_after(machine->engine, slot, delay);
}

/* As cpu_is_explored. */
static inline bool machine_is_explored(const struct machine *machine) { return machine->policy->is_explored; }

static inline enum distance machine_distance(const struct machine *machine, uint32_t from_domain, uint32_t to_domain)
{
    return topology_distance(machine->topology, from_domain, to_domain);
}

#endif
