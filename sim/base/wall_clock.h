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

#endif
