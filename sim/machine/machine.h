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
struct store_buffers;
struct cpu;
struct crash;
struct device_vector;

struct machine_hooks {
    void (*cpu_main)(struct cpu *cpu); /* as in struct family; must not return */
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
    struct rng_spread software; /* of cpu_spend_software, set by the model that boots */
    struct cpu *cpus;
    uint32_t cpu_count;
    void *hypervisor;              /* the model's state, in the arena */
    uint16_t *nearest;             /* [domain * domain_count + rank]: domains by distance from `domain`, itself first */
    struct device_vector *vectors; /* list of all vectors, the last registered first */
    struct queues *queues;         /* contended lines with work in progress */
    struct store_buffers *store_buffers; /* lines/store_buffer.h; NULL: every store is visible at once */
    /* Explored: whether an outstanding interrupt waits only for time to pass, which stands still; NULL: none does. */
    bool (*is_delayed)(const struct machine *machine, const struct device_vector *vector);
    /* Explored: whether an outstanding interrupt is set where the next VM exit of its running vCPU finds it; NULL: none
     * is. */
    bool (*awaits_exit)(const struct machine *machine, const struct device_vector *vector);
    /* Explored: lets the hypervisor's timers expire so many times more; NULL: they never expire. */
    void (*allow_ticks)(const struct machine *machine, uint32_t ticks);
    bool is_draining;    /* timed: devices raise no interrupt any more; guests and actions go on */
    struct crash *crash; /* timed: where a crash is recorded (violation.h); NULL: a crash ends the program */
    cycles msi_flight_cycles;
    cycles fastest_transfer;     /* of a line that another CPU has modified: the least latency */
    cycles fastest_invalidation; /* of the copies of a clean line: the least latency */
};

/* Slots a machine of this many pCPUs needs in the engine, without devices and lock lines. */
uint32_t machine_slots(uint32_t cpu_count);
uint32_t machine_explored_slots(uint32_t cpu_count); /* when it is explored */

/* Builds the pCPUs, each parked before hooks.cpu_main; machine_start starts all of them at the engine's current time.
 * The engine, which must have this policy's engine policy, the topology and the costs must outlive the machine. */
void machine_init(struct machine *machine, struct engine *engine, const struct machine_policy *policy,
                  const struct topology *topology, const struct costs *costs, struct machine_hooks hooks,
                  uint64_t seed);
void machine_start(struct machine *machine);

/* Between two calls of engine_run: completes what lines have put off until somebody looks (line_poller_block.h), so
 * that engine->events counts what has happened before now. */
void machine_settle(struct machine *machine);

/* Schedules the event at `when`, or at once if `when` has passed; explored, at any moment from now on. CYCLES_NEVER
 * cancels it. */
static inline void machine_event_at(const struct machine *machine, uint32_t slot, cycles when)
{
    machine->policy->event_at(machine->engine, slot, when);
}

/* Schedules the next occurrence of a periodic event at `when`; explored, it does not recur, since one occurrence is
 * tried at every moment. */
static inline void machine_event_again(const struct machine *machine, uint32_t slot, cycles when)
{
    machine->policy->event_again(machine->engine, slot, when);
}

/* Schedules the event after a hardware delay in cycles; explored, the event fires at once, within this call. */
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
