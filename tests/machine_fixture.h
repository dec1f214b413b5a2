/* SPDX-License-Identifier: Apache-2.0
 *
 * A small machine for tests: a topology, a cost table, and a program for each pCPU that takes part. A program is a
 * function that runs on its pCPU from cycle 0 on with interrupts off; one that returns leaves its pCPU parked for good.
 */
#ifndef TESTS_MACHINE_FIXTURE_H
#define TESTS_MACHINE_FIXTURE_H

#include "machine/cpu.h"
#include "machine/machine.h"
#include "machine/lines/word.h"

#define FIXTURE_CPUS_MAX 256
#define FIXTURE_EXTRA_SLOTS 128 /* for devices and other events of a test */

/* The eight-socket machine of the shipped file; that the two agree is a test of its own. */
#define FIXTURE_EIGHT_SOCKETS "package:8 [numa] core:10 pu:2"
extern const struct costs costs_westmere;

/* Nothing costs anything: a test sets what it needs. */
extern const struct costs costs_nothing;

struct fixture_program {
    void (*run)(struct cpu *cpu, void *data);
    void *data;
};

struct fixture {
    struct costs costs; /* may be changed between fixture_open and fixture_run */
    struct topology topology;
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct fixture_program programs[FIXTURE_CPUS_MAX];
    void (*interrupt)(struct cpu *cpu, uint32_t vector); /* the handler; NULL: just the EOI */
    void *data;                                          /* the test's own */
    bool is_started;
};

/* All pCPUs without a program stay silent. `seed` is of the machine's streams and of the random policy. */
void fixture_open(struct fixture *fixture, const char *topology, const struct costs *costs, enum policy policy,
                  uint64_t seed);
void fixture_program(struct fixture *fixture, uint32_t cpu, void (*run)(struct cpu *cpu, void *data), void *data);

/* Until nothing happens any more (CYCLES_NEVER), or until that cycle; may be called again. */
void fixture_run(struct fixture *fixture, cycles until);
void fixture_close(struct fixture *fixture);

static inline struct fixture *fixture_of(const struct cpu *cpu) { return cpu->machine->hypervisor; }

/* The lowest-numbered pCPU that far from `cpu`, not itself. */
uint32_t fixture_cpu_at(const struct fixture *fixture, uint32_t cpu, enum distance distance);

/* Lets this pCPU's time become `when`, which is not in its past. */
static inline void program_sleep_until(struct cpu *cpu, cycles when)
{
    CHECK(when >= cpu_now(cpu));
    cpu_spend(cpu, when - cpu_now(cpu));
    cpu_settle(cpu);
}

#endif
