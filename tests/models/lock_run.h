/* SPDX-License-Identifier: Apache-2.0
 *
 * A run of programs that acquire one lock, and a record of their acquisitions.
 */
#ifndef TESTS_MODELS_LOCK_RUN_H
#define TESTS_MODELS_LOCK_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine_fixture.h"
#include "models/locks/lock.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CPUS_MAX 8
#define TAKES_MAX 512
#define C costs_westmere

struct take {
    uint32_t cpu;
    cycles asked, acquired, released;
};

struct run {
    struct fixture fixture;
    struct lock_system *system;
    struct lock lock, other;
    struct rng rng[CPUS_MAX];
    cycles think, hold;
    uint32_t rounds;
    struct take takes[TAKES_MAX]; /* in the order of acquisition */
    uint32_t taken;
};

static inline void run_open(struct run *run, const char *topology, uint32_t kind, enum policy policy, uint64_t seed)
{
    *run = (struct run){ .taken = 0 };
    fixture_open(&run->fixture, topology, &costs_westmere, policy, seed);
    run->fixture.data = run;
    run->system = lock_system_new(&run->fixture.machine, kind);
    struct lock_class *class = lock_class_new(run->system, "lock");
    class->is_tried = true;
    lock_init(&run->lock, class);
    lock_init(&run->other, class);
    for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++)
        rng_init(&run->rng[cpu], seed, cpu, RNG_TEST);
}

static inline void run_close(struct run *run)
{
    fixture_run(&run->fixture, CYCLES_NEVER);
    fixture_close(&run->fixture);
}

#endif
