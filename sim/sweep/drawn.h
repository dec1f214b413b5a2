/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawn values as inputs of first-order indices (sample/indices.h).
 */
#ifndef SWEEP_DRAWN_H
#define SWEEP_DRAWN_H

#include <stddef.h>
#include <stdint.h>

#define DRAWN_GROUPS 12       /* of a number */
#define DRAWN_PAIR_GROUPS 6   /* of each of two numbers together */
#define DRAWN_PAIR_INPUTS 8   /* pairs of so many inputs with the largest first-order indices */
#define DRAWN_PERMUTATIONS 100

/* Writes the group of each machine by the texts of one drawn value: each text is one where there are few, or else the
 * range of the numbers is divided into `bins`. Returns the number of groups, which have no gaps. */
size_t drawn_groups(const char *const *texts, size_t count, size_t bins, uint32_t *groups);

#endif
