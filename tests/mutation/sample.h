/* SPDX-License-Identifier: Apache-2.0
 *
 * The mutants that mutation_sites lists, and a sample of them.
 */
#ifndef MUTATION_SAMPLE_H
#define MUTATION_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mutant_row {
    unsigned number, line;
    char *path;
    char *source; /* the line; commas are semicolons */
    char *text;   /* "x < y -> ((x) <= (y))" */
};

struct mutants {
    struct mutant_row *rows; /* rows[i] has number i + 1 */
    size_t count;
};

bool mutants_read(struct mutants *mutants, const char *path);

/* The numbers of up to `size` mutants whose path begins with `under`: lines are drawn by `seed` without repetition, and
 * of each line one mutant, so that a line full of operators counts as much as one with a call. A larger sample begins
 * with a smaller one of the same seed. A line is drawn by its path and text alone: where others are changed, added or
 * removed, it stays in the sample. Returns how many. */
size_t mutants_sample(const struct mutants *mutants, const char *under, uint64_t seed, unsigned *numbers, size_t size);

#endif
