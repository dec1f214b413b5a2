/* SPDX-License-Identifier: Apache-2.0
 *
 * Native locks: ttas (Xen until 4.5: exchange, then poll), ticket (head and tail on one line), MCS and a
 * compare-and-swap loop. All polling loops PAUSE, as those of real locks do.
 */
#include "calibrate/lock_native.h"

#include "base/check.h"
#include "base/rng.h"
#include "calibrate/clock.h"

#define NATIVE_THREADS_MAX 64
#define DRAWS 1024

struct native_node {
    _Alignas(256) struct native_node *next;
    uint32_t is_waiting;
};

struct native_lock {
    _Alignas(256) uint32_t word, tail; /* ticket: now serving and next ticket; others: taken, unused */
    _Alignas(256) struct native_node *last;
};

struct native_run {
    struct native_lock lock;
    _Alignas(256) const struct native_loop *loop;
    bool is_over;
    uint32_t think[DRAWS], hold[DRAWS]; /* draws in turns; each thread starts at a different index */
    uint64_t cycles, acquisitions;      /* length of the measurement; acquisitions of all threads in it */
    struct native_member {
        _Alignas(256) struct native_node node;
        _Alignas(256) uint64_t acquisitions;
    } members[NATIVE_THREADS_MAX];
};

static void acquire(struct native_run *run, struct native_node *node)
{
    struct native_lock *lock = &run->lock;

    switch (run->loop->kind) {
    case LOCK_TTAS:
        while (__atomic_exchange_n(&lock->word, 1, __ATOMIC_ACQUIRE) != 0)
            while (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) != 0)
                clock_pause();
        break;
    case LOCK_TICKET: {
        uint32_t ticket = __atomic_fetch_add(&lock->tail, 1, __ATOMIC_RELAXED);
        while (__atomic_load_n(&lock->word, __ATOMIC_ACQUIRE) != ticket)
            clock_pause();
        break;
    }
    case LOCK_MCS: {
        node->next = NULL;
        node->is_waiting = 1;
        struct native_node *previous = __atomic_exchange_n(&lock->last, node, __ATOMIC_ACQ_REL);
        if (previous == NULL)
            break;
        __atomic_store_n(&previous->next, node, __ATOMIC_RELEASE);
        while (__atomic_load_n(&node->is_waiting, __ATOMIC_ACQUIRE) != 0)
            clock_pause();
        break;
    }
    case LOCK_SPINLOCK:
        for (uint32_t expected = 0;
             !__atomic_compare_exchange_n(&lock->word, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
             expected = 0)
            clock_pause();
    }
}

static void release(struct native_run *run, struct native_node *node)
{
    struct native_lock *lock = &run->lock;

    switch (run->loop->kind) {
    case LOCK_TICKET:
        __atomic_store_n(&lock->word, lock->word + 1, __ATOMIC_RELEASE);
        break;
    case LOCK_MCS: {
        struct native_node *expected = node, *next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE);
        if (next == NULL) {
            if (__atomic_compare_exchange_n(&lock->last, &expected, NULL, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
                break;
            while ((next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE)) == NULL)
                clock_pause();
        }
        __atomic_store_n(&next->is_waiting, 0, __ATOMIC_RELEASE);
        break;
    }
    default:
        __atomic_store_n(&lock->word, 0, __ATOMIC_RELEASE);
    }
}

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
    uint64_t measured_from = loop->acquisitions / 4 + 1;
    uint32_t draw = index * (DRAWS / NATIVE_THREADS_MAX);

    while (!__atomic_load_n(&run->is_over, __ATOMIC_RELAXED)) {
        draw = (draw + 1) % DRAWS;
        clock_spin(run->think[draw]);
        if (!loop->is_without_lock)
            acquire(run, &self->node);
        clock_spin(run->hold[draw]);
        if (!loop->is_without_lock)
            release(run, &self->node);
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
