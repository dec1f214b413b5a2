/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulates single accesses to a cache line with the costs of machine files: each operation on a line in each state,
 * with the owner at each distance. Takes the names of machine files as arguments and writes one CSV line for each
 * access: machine, operation, state, distance, cycles. States: own, modified (in another CPU's cache), exclusive (clean
 * in another CPU's cache alone), shared (clean in two other CPUs' caches), memory.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "machine/cpu.h"
#include "machine/lines/word.h"
#include "machine/policies/policies.h"
#include "scenario/profile.h"

enum operation { OPERATION_LOAD, OPERATION_STORE, OPERATION_ATOMIC, OPERATION_COUNT };
enum state { STATE_OWN, STATE_MODIFIED, STATE_EXCLUSIVE, STATE_SHARED, STATE_MEMORY, STATE_COUNT };

static const char *const operations[] = { "load", "store", "atomic" };
static const char *const states[] = { "own", "modified", "exclusive", "shared", "memory" };

struct access {
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct line line;
    struct word word;
    enum operation operation;
    enum state state;
    uint32_t owner;
    cycles took;
};

static void operate(struct cpu *cpu, struct word *word, enum operation operation)
{
    if (operation == OPERATION_LOAD)
        word_load(cpu, word);
    else if (operation == OPERATION_STORE)
        word_store(cpu, word, 1);
    else
        word_fetch_add(cpu, word, 1);
}

/* The owner has the line in its state by cycle 100000; CPU 0 accesses it at 200000. */
static void access_main(struct cpu *cpu)
{
    struct access *access = cpu->machine->hypervisor;
    bool is_preparing = cpu->id == (access->state == STATE_OWN ? 0 : access->owner) && access->state != STATE_MEMORY;

    if (is_preparing && access->state == STATE_EXCLUSIVE)
        word_load(cpu, &access->word);
    else if (is_preparing)
        word_store(cpu, &access->word, 1);
    cpu_settle(cpu);
    if (cpu->id == access->owner + 1 && access->state == STATE_SHARED) {
        cpu_spend(cpu, 50000);
        word_load(cpu, &access->word);
        cpu_settle(cpu);
    }
    if (cpu->id == 0) {
        cpu_spend(cpu, 200000 - cpu_now(cpu));
        cpu_settle(cpu);
        cycles from = cpu_now(cpu);
        operate(cpu, &access->word, access->operation);
        access->took = cpu_now(cpu) - from;
        cpu_settle(cpu);
    }
    for (;;)
        engine_park(cpu->engine);
}

static void no_interrupt(struct cpu *cpu, uint32_t vector)
{
    (void)vector;
    lapic_eoi(cpu);
}

/* The first core at that distance from CPU 0 whose next CPU is at the same distance; UINT32_MAX if there is none. */
static uint32_t owner_at(const struct topology *topology, enum distance distance)
{
    const struct topology_cpu *cpus = topology->cpus;

    for (uint32_t cpu = 1; cpu + 1 < topology->cpu_count; cpu++)
        if (cpus[cpu].core != cpus[0].core &&
            topology_distance(topology, cpus[0].domain, cpus[cpu].domain) == distance &&
            topology_distance(topology, cpus[0].domain, cpus[cpu + 1].domain) == distance)
            return cpu;
    return UINT32_MAX;
}

static bool access_run(struct access *access, const struct topology *topology, const struct costs *costs)
{
    if (!arena_init(&access->arena, (size_t)1 << 28))
        return false;
    engine_init(&access->engine, &access->arena, machine_slots(topology->cpu_count), policy_timed.engine, 1);
    machine_init(&access->machine, &access->engine, &policy_timed, topology, costs,
                 (struct machine_hooks){ access_main, no_interrupt }, 1);
    access->machine.hypervisor = access;
    line_init(&access->machine, &access->line, LINE_PLAIN);
    word_init(&access->word, &access->line, 0);
    machine_start(&access->machine);
    engine_run(&access->engine, 1000000);
    arena_drop(&access->arena);
    return true;
}

static int accesses_print(const char *name, const struct topology *topology, const struct costs *costs)
{
    for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++)
        for (enum state state = STATE_OWN; state < STATE_COUNT; state++)
            for (enum operation operation = OPERATION_LOAD; operation < OPERATION_COUNT; operation++) {
                struct access access = { .operation = operation,
                                         .state = state,
                                         .owner = owner_at(topology, distance) };
                if (access.owner == UINT32_MAX)
                    continue;
                if (!access_run(&access, topology, costs))
                    return 4;
                printf("%s,%s,%s,%s,%ju\n", name, operations[operation], states[state], distance_names[distance],
                       (uintmax_t)access.took);
            }
    return 0;
}

static int machine_print(const char *name)
{
    static struct profile file;
    struct topology topology;
    struct diag diag;
    char message[256];
    int code = 2;

    diag_init(&diag);
    if (profile_load(&file, &machine_profile, name, &diag) &&
        topology_load(&topology, file.value->machine.topology, file.value->machine.interconnect, message,
                      sizeof(message))) {
        code = accesses_print(name, &topology, &file.value->machine.costs);
        topology_free(&topology);
    } else {
        (void)fprintf(stderr, "%s: no such machine\n", name);
    }
    profile_free(&file);
    diag_free(&diag);
    return code;
}

int main(int argc, char **argv)
{
    int code = argc > 1 ? 0 : 2;

    if (argc > 1)
        puts("machine,operation,state,distance,cycles");

    for (int i = 1; i < argc && code == 0; i++)
        code = machine_print(argv[i]);
    return code;
}
