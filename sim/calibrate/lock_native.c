/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the closed loop on pinned threads with one lock. The first thread measures.
 */
#include "calibrate/lock_native.h"

#include "base/check.h"
#include "base/rng.h"
#include "calibrate/clock.h"
#include "models/locks/lock.h"

#define NATIVE_THREADS_MAX 64
#define DRAWS 1024

struct native_run {
    struct native_lock lock;
    _Alignas(NATIVE_LINE_BYTES) const struct native_loop *loop;
    bool is_over;
    uint32_t think[DRAWS], hold[DRAWS]; /* draws in turns; each thread starts at a different index */
    uint64_t cycles, acquisitions;      /* length of the measurement; acquisitions of all threads in it */
    struct native_member {
        _Alignas(NATIVE_LINE_BYTES) struct native_node node;
        _Alignas(NATIVE_LINE_BYTES) uint64_t acquisitions;
    } members[NATIVE_THREADS_MAX];
};

static uint64_t acquisitions_of_all(const struct native_run *run)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < run->loop->threads; i++)
        sum += __atomic_load_n(&run->members[i].acquisitions, __ATOMIC_RELAXED);
    return sum;
}

/* The first thread measures, after a warm-up of a quarter of its measured acquisitions. */
static void native_main(void *argument, uint32_t index)
{
    struct native_run *run = argument;
    const struct native_loop *loop = run->loop;
    struct native_member *self = &run->members[index];
    const struct lock_operations *lock = lock_kinds[loop->kind].operations;
    uint64_t measured_from = loop->acquisitions / 4 + 1;
    uint32_t draw = index * (DRAWS / NATIVE_THREADS_MAX);

    while (!__atomic_load_n(&run->is_over, __ATOMIC_RELAXED)) {
        draw = (draw + 1) % DRAWS;
        clock_spin(run->think[draw]);
        if (!loop->is_without_lock)
            lock->native_acquire(&run->lock, &self->node);
        clock_spin(run->hold[draw]);
        if (!loop->is_without_lock)
            lock->native_release(&run->lock, &self->node);
        __atomic_store_n(&self->acquisitions, self->acquisitions + 1, __ATOMIC_RELAXED);
        if (index == 0 && self->acquisitions == measured_from) {
            run->acquisitions = acquisitions_of_all(run);
            run->cycles = clock_cycles();
        }
        if (index == 0 && self->acquisitions == measured_from + loop->acquisitions) {
            run->cycles = clock_cycles() - run->cycles;
            run->acquisitions = acquisitions_of_all(run) - run->acquisitions;
            __atomic_store_n(&run->is_over, true, __ATOMIC_RELAXED);
        }
    }
}

uint32_t native_cores(const struct host *host, uint32_t *cpus, uint32_t count)
{
    uint32_t found = 0;

    for (uint32_t cpu = 0; cpu < host->topology.cpu_count && found < count; cpu++)
        if (host->topology.cpus[cpu].thread == 0)
            cpus[found++] = cpu;
    return found;
}

static void draws_fill(uint32_t *draws, uint64_t mean, enum rng_purpose purpose)
{
    struct rng rng;

    rng_init(&rng, 1, 0, purpose);
    for (uint32_t i = 0; i < DRAWS; i++)
        draws[i] = (uint32_t)rng_exponential(&rng, mean);
}

double native_loop_run(const struct host *host, const struct native_loop *loop)
{
    static struct native_run run;
    uint32_t cpus[NATIVE_THREADS_MAX];

    CHECK(loop->threads > 0 && loop->threads <= NATIVE_THREADS_MAX && loop->acquisitions > 0);
    run = (struct native_run){ .loop = loop };
    draws_fill(run.think, loop->think_turns, RNG_THINK);
    draws_fill(run.hold, loop->hold_turns, RNG_HOLD);
    if (native_cores(host, cpus, loop->threads) < loop->threads ||
        !host_run(host, cpus, loop->threads, native_main, &run))
        return -1;
    return (double)run.cycles / (double)run.acquisitions;
}
