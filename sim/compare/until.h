/* SPDX-License-Identifier: Apache-2.0
 *
 * Adds seeds until the differences of the headline are known to a given width. Which seeds are run depends only on the
 * results so far, so that it is the same for any number of threads: they are consecutive, and after each round so many
 * are added as the spread so far calls for, at most as many again as there are.
 *
 * A width is that of the interval which gives the verdict, on either side of the difference, in percent of the larger
 * of both means: the base may be near to zero. As the rounds end where the spread happens to look small, the last
 * interval holds a little less often than it says: with 92 to 95 % instead of 95 (Chow and Robbins 1965;
 * tests/compare/test_until.c).
 */
#ifndef COMPARE_UNTIL_H
#define COMPARE_UNTIL_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/cells.h"
#include "compare/compare.h"

/* The width of the widest difference of the row, in percent; infinite where there is no interval, 0 where a side does
 * not observe the metric. */
double compare_width_percent(const struct comparison *comparison, const struct compare_row *row);

/* Returns how many seeds the sides of a comparison should have in the next round, at most `most`; the number they have
 * when the headline is known to +-percent. */
size_t compare_next_seeds(const struct comparison *comparison, double percent, size_t most);

/* Runs the cells, first with cells->seed_count seeds, until the headline is known to +-percent or there are `most`
 * seeds. The rest is as with compare_cells_run. */
bool compare_until_run(const struct compare_cells *cells, double percent, size_t most, struct result_set *set,
                       bool *was_cancelled, char *message, size_t message_bytes);

#endif
