/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures interrupts between CPUs as far as a user program can cause them. IPI: membarrier makes the kernel interrupt
 * the other CPU and wait for it if a thread of this process runs there; the time of the same call without such a thread
 * is subtracted. Wake-up: half a round of two threads that wake each other through a futex, including the scheduler.
 * Timer: how late clock_nanosleep returns. On a virtual machine all three include VM exits.
 */
#define _GNU_SOURCE
#include "calibrate/calibrate.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "calibrate/clock.h"

#define SLEEP_NS 200000

static long membarrier(int command) { return syscall(__NR_membarrier, command, 0, 0); }

/* --- IPI --- */

struct ipi {
    const struct calibration *calibration;
    bool is_over;
    double cycles; /* negative when the system call fails */
};

static void ipi_run(void *argument, uint32_t index)
{
    struct ipi *ipi = argument;
    uint32_t iterations = ipi->calibration->iterations;

    if (index == 1) {
        while (!__atomic_load_n(&ipi->is_over, __ATOMIC_RELAXED))
            native_pause();
        return;
    }
    uint64_t from = clock_cycles();
    for (uint32_t i = 0; i < iterations; i++)
        if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0)
            iterations = 0;
    ipi->cycles = iterations > 0 ? (double)(clock_cycles() - from) / iterations : -1;
    __atomic_store_n(&ipi->is_over, true, __ATOMIC_RELAXED);
}

static bool ipi_round(struct calibration *calibration, const uint32_t *cpus, enum distance distance)
{
    struct ipi alone = { .calibration = calibration }, pair = { .calibration = calibration };

    if (!host_run(&calibration->host, cpus, 1, ipi_run, &alone) ||
        !host_run(&calibration->host, cpus, 2, ipi_run, &pair) || alone.cycles < 0 || pair.cycles < 0)
        return false;
    quantity_record(calibration, "ipi_round_trip", distance, UNIT_CYCLES, pair.cycles - alone.cycles,
                    "membarrier with a thread on the other CPU, less without one");
    return true;
}

/* --- futex --- */

struct wakes {
    uint32_t turn;
    uint32_t iterations;
    double cycles; /* of one wake */
};

static void wakes_run(void *argument, uint32_t index)
{
    struct wakes *wakes = argument;
    uint64_t from = clock_cycles();

    for (uint32_t i = 0; i < wakes->iterations; i++) {
        while (__atomic_load_n(&wakes->turn, __ATOMIC_ACQUIRE) != index)
            (void)syscall(SYS_futex, &wakes->turn, FUTEX_WAIT_PRIVATE, 1 - index, NULL, NULL, 0);
        __atomic_store_n(&wakes->turn, 1 - index, __ATOMIC_RELEASE);
        (void)syscall(SYS_futex, &wakes->turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    if (index == 0)
        wakes->cycles = (double)(clock_cycles() - from) / wakes->iterations / 2;
}

/* --- timer --- */

struct timer {
    uint32_t iterations;
    double late_ns;
};

static void timer_run(void *argument, uint32_t index)
{
    struct timer *timer = argument;
    double late[64];
    uint32_t count = timer->iterations < 64 ? timer->iterations : 64;

    (void)index;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t due = clock_ns() + SLEEP_NS;
        struct timespec time = { .tv_sec = (time_t)(due / 1000000000), .tv_nsec = (long)(due % 1000000000) };
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
        late[i] = (double)(clock_ns() - due);
    }
    timer->late_ns = trimmed_mean_of(late, count);
}

void calibrate_wakes(struct calibration *calibration)
{
    bool has_ipi = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
    uint32_t cpus[DISTANCE_COUNT][2] = { { 0, 0 } };

    for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++)
        cpus[distance][1] = host_cpu_at(&calibration->host, distance);
    if (!has_ipi)
        quantity_skip(calibration, "ipi_round_trip", "the kernel has no expedited membarrier");
    for (uint32_t round = 0; round < calibration->rounds; round++) {
        struct timer timer = { .iterations = calibration->iterations / 10 + 1 };
        if (host_run(&calibration->host, cpus[0], 1, timer_run, &timer))
            quantity_record(calibration, "timer_lateness", DISTANCE_NONE, UNIT_NS, timer.late_ns,
                            "clock_nanosleep of 200 us, beyond the time asked for");
        for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++) {
            struct wakes wakes = { .iterations = calibration->iterations };
            if (cpus[distance][1] == UINT32_MAX)
                continue;
            has_ipi = has_ipi && ipi_round(calibration, cpus[distance], distance);
            if (host_run(&calibration->host, cpus[distance], 2, wakes_run, &wakes))
                quantity_record(calibration, "futex_wake", distance, UNIT_CYCLES, wakes.cycles,
                                "half a round of two threads that wake each other; scheduler included");
        }
    }
}
