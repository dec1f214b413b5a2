/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulated time is an integer number of cycles of one global clock, never a floating-point number. Its range is 2^50
 * cycles (six days at 2.13 GHz), so that a time and an event slot fit into one u64.
 */
#ifndef BASE_CYCLES_H
#define BASE_CYCLES_H

#include <stdint.h>

typedef uint64_t cycles;

#define CYCLES_BITS 50
#define CYCLES_NEVER (((cycles)1 << CYCLES_BITS) - 1) /* the largest value; no event is due then */

/* For products of two u64. __extension__ silences -Wpedantic, which rejects __int128. */
__extension__ typedef unsigned __int128 uint128;
__extension__ typedef __int128 int128;

/* Whole cycles in `ns` nanoseconds at `hz`, rounded to nearest. */
static inline cycles cycles_from_ns(uint64_t ns, uint64_t hz)
{
    return (cycles)(((uint128)ns * hz + 500000000u) / 1000000000u);
}

/* Nanoseconds in `c` cycles at `hz`, rounded to nearest; hz > 0. */
static inline uint64_t cycles_to_ns(cycles c, uint64_t hz)
{
    return (uint64_t)(((uint128)c * 1000000000u + hz / 2) / hz);
}

#endif
