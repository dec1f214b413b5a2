/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's monotonic clock: for limits of time, progress and measurements, never for what a run or search decides.
 */
#ifndef BASE_WALL_CLOCK_H
#define BASE_WALL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds since some moment before this program started. */
static inline uint64_t clock_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The moment so many seconds from now; UINT64_MAX beyond the clock's range. */
static inline uint64_t clock_after(uint64_t seconds)
{
    uint64_t now = clock_ns();

    return seconds < (UINT64_MAX - now) / 1000000000u ? now + seconds * 1000000000u : UINT64_MAX;
}

#endif
