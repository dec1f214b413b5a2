/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the machine of machine_fixture.h.
 */
#include "machine_fixture.h"

#include "machine/policies/policies.h"

const struct costs costs_nothing = { .frequency_hz = 1000000000 };

const struct costs costs_westmere = {
    .frequency_hz = 2130000000,
    .load_hit = 5,
    .store_hit = 5,
    .atomic_hit = 20,
    .load_modified = { 109, 289, 400 },
    .load_shared = { 44, 223, 334 },
    .store_modified = { 115, 320, 431 },
    .store_shared = { 116, 318, 428 },
    .atomic_modified = { 120, 324, 430 },
    .atomic_shared = { 113, 312, 423 },
    .load_memory = 355,
    .directory_service = 200,
    .reads_per_socket = 1,
    .pause = 10,
    .code_block = 3,
    .vmexit = 381,
    .vmentry = 380,
    .icr_write = 400,
    .ipi_flight_near = 1100,
    .ipi_flight_far = 2000,
    .irq_entry = 300,
    .irq_exit = 150,
    .lapic_eoi = 100,
    .timer_program = 300,
    .idle_wake = 2130,
    .idle_wake_c1e = 21300,
    .idle_wake_c3 = 42600,
    .idle_wake_c6 = 426000,
    .msi_flight_ns = 800,
    .posted_process = 600,
    .virtual_delivery = 100,
    .virtual_eoi = 60,
    .irte_invalidate = 2000,
};

static void program_main(struct cpu *cpu)
{
    const struct fixture_program *program = &fixture_of(cpu)->programs[cpu->id];

    if (program->run != NULL)
        program->run(cpu, program->data);
    cpu_settle(cpu);
    for (;;)
        engine_park(cpu->engine);
}

static void program_interrupt(struct cpu *cpu, uint32_t vector)
{
    const struct fixture *fixture = fixture_of(cpu);

    if (fixture->interrupt != NULL)
        fixture->interrupt(cpu, vector);
    else
        lapic_eoi(cpu);
}

void fixture_open(struct fixture *fixture, const char *topology, const struct costs *costs, enum policy policy,
                  uint64_t seed)
{
    char message[256] = "";

    *fixture = (struct fixture){ .costs = *costs };
    CHECK(topology_load(&fixture->topology, topology, INTERCONNECT_GLUELESS, message, sizeof(message)));
    CHECK(fixture->topology.cpu_count <= FIXTURE_CPUS_MAX);
    CHECK(arena_init(&fixture->arena, (size_t)1 << 30));
    engine_init(&fixture->engine, &fixture->arena, machine_slots(fixture->topology.cpu_count) + FIXTURE_EXTRA_SLOTS,
                policy_find(policy)->engine, seed);
    machine_init(&fixture->machine, &fixture->engine, policy_find(policy), &fixture->topology, &fixture->costs,
                 (struct machine_hooks){ program_main, program_interrupt }, seed);
    fixture->machine.hypervisor = fixture;
}

void fixture_program(struct fixture *fixture, uint32_t cpu, void (*run)(struct cpu *cpu, void *data), void *data)
{
    CHECK(cpu < fixture->topology.cpu_count && !fixture->is_started);
    fixture->programs[cpu] = (struct fixture_program){ run, data };
}

void fixture_run(struct fixture *fixture, cycles until)
{
    if (!fixture->is_started)
        machine_start(&fixture->machine);
    fixture->is_started = true;
    engine_run(&fixture->engine, until);
    machine_settle(&fixture->machine);
}

void fixture_close(struct fixture *fixture)
{
    arena_drop(&fixture->arena);
    topology_free(&fixture->topology);
}

uint32_t fixture_cpu_at(const struct fixture *fixture, uint32_t cpu, enum distance distance)
{
    const struct topology_cpu *cpus = fixture->topology.cpus;

    for (uint32_t other = 0; other < fixture->topology.cpu_count; other++)
        if (other != cpu && topology_distance(&fixture->topology, cpus[cpu].domain, cpus[other].domain) == distance)
            return other;
    CHECK(!"a pCPU at that distance");
    return 0;
}
