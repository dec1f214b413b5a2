/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores one program of bench/programs.h with irqpath on one processor, and writes it as Promela for SPIN. Both have
 * the same states.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "explore/search.h"
#include "machine/policies/policies.h"
#include "measure.h"
#include "properties/properties.h"
#include "protocols.h"

static void machine_main(struct cpu *cpu)
{
    program_run(cpu, cpu->machine->hypervisor);
    for (;;)
        engine_park(cpu->engine);
}

static void no_interrupt(struct cpu *cpu, uint32_t vector)
{
    (void)cpu;
    (void)vector;
}

static void explore(const struct program *program, uint32_t jobs, struct explore_outcome *outcome)
{
    static const struct costs costs = { .frequency_hz = 1000000000 };
    struct explored explored = { .name_count = 0 };
    struct explore_limits limits = explore_default_limits;
    struct topology topology;
    struct machine machine;
    struct engine engine;
    struct arena arena;
    char text[64], message[256];

    (void)snprintf(text, sizeof(text), "package:1 [numa] core:%u pu:1", program->cpus);
    CHECK(topology_load(&topology, text, INTERCONNECT_GLUELESS, message, sizeof(message)));
    CHECK(arena_init(&arena, (size_t)1 << 30));
    arena.records_excluded = true;
    engine_init(&engine, &arena, machine_explored_slots(program->cpus), policy_exhaustive.engine, 1);
    engine.explored = &explored;
    machine_init(&machine, &engine, &policy_exhaustive, &topology, &costs,
                 (struct machine_hooks){ machine_main, no_interrupt }, 1);
    machine.hypervisor = program_state_new(&machine, program);
    machine_start(&machine);
    struct explore_subject subject = {
        .engine = &engine, .machine = &machine, .explored = &explored, .properties = properties_all
    };
    limits.jobs = jobs;
    explore_search(&subject, &limits, outcome);
    names_free(&explored);
    arena_drop(&arena);
    topology_free(&topology);
}

static bool write_promela(const struct program *program, const char *path)
{
    struct file_writer file;
    char message[512];

    if (file_open(&file, path, true, message, sizeof(message))) {
        program_promela(program, file.stream);
        if (file_commit(&file, message, sizeof(message)))
            return true;
    }
    fprintf(stderr, "%s\n", message);
    return false;
}

/* "ticket/2" is a protocol and its number of rounds; "random/SEED/CPUS/STEPS/WORDS" is a generated program. */
static bool read_program(struct program *program, const char *name)
{
    unsigned seed, cpus, steps, words;

    if (sscanf(name, "random/%u/%u/%u/%u", &seed, &cpus, &steps, &words) == 4) {
        random_program_write(program, seed, cpus, steps, words);
        return true;
    }
    for (enum protocol protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
        size_t length = strlen(protocol_rows[protocol].name);
        if (strncmp(name, protocol_rows[protocol].name, length) == 0 && name[length] == '/') {
            protocol_write(program, protocol, (uint32_t)strtoul(name + length + 1, NULL, 10));
            return true;
        }
    }
    return false;
}

int main(int argument_count, char **arguments)
{
    static struct program program;
    struct explore_outcome outcome;

    if (argument_count < 3 || !read_program(&program, arguments[1]) ||
        (argument_count > 3 && !write_promela(&program, arguments[3]))) {
        fputs("usage: explore_program PROTOCOL/ROUNDS|random/SEED/CPUS/STEPS/WORDS JOBS [PROMELA]\n", stderr);
        return 2;
    }
    uint64_t start = measure_clock_ns();
    explore(&program, (uint32_t)strtoul(arguments[2], NULL, 10), &outcome);
    double seconds = (double)(measure_clock_ns() - start) * 1e-9;
    printf("%s,%" PRIu64 ",%" PRIu64 ",%.4f,%" PRIu64 "\n", outcome.verdict == EXPLORE_CLEAN ? "clean" : "violation",
           outcome.states, outcome.transitions, seconds, outcome.peak_bytes);
    explore_outcome_free(&outcome);
    return 0;
}
