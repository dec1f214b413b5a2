/* SPDX-License-Identifier: Apache-2.0
 *
 * The Sobol' sequence: points that fill the unit cube evenly, whatever their number.
 */
#ifndef SAMPLE_SOBOL_H
#define SAMPLE_SOBOL_H

#include <stddef.h>
#include <stdint.h>

#define SOBOL_DIMENSIONS 80

/* Returns a coordinate of point `index` in 1/2^32. dimension < SOBOL_DIMENSIONS. Of any 2^k points from a multiple of
 * 2^k on, each of the 2^k equal parts of a coordinate has one. */
uint32_t sobol_point(size_t dimension, uint32_t index);

#endif
