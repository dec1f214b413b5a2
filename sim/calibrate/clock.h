/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock of the measurements, and the few instructions that C cannot express. On other architectures than x86 a
 * cycle is a nanosecond, and quantities that need these instructions are skipped.
 */
#ifndef CALIBRATE_CLOCK_H
#define CALIBRATE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pause.h"
#include "base/wall_clock.h"

#if defined(__x86_64__)
static const bool clock_has_cycles = true;

/* The time-stamp counter, read after earlier loads and locked operations have completed and before later ones start. */
static inline uint64_t clock_cycles(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

static inline void clock_fence(void) { __asm__ volatile("mfence" ::: "memory"); }
static inline void clock_flush(const volatile void *line) { __asm__ volatile("clflush (%0)" ::"r"(line) : "memory"); }
#else
static const bool clock_has_cycles = false;

static inline uint64_t clock_cycles(void) { return clock_ns(); }
static inline void clock_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void clock_flush(const volatile void *line) { (void)line; }
#endif

/* Spends time in a chain of `turns` dependent instructions without touching memory. */
static inline void clock_spin(uint64_t turns)
{
    for (uint64_t left = turns; left > 0; left--)
        __asm__ volatile("" : "+r"(left));
}

#endif
