/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of two designs, SEEDS of each, and their comparison.
 */
#ifndef TESTS_COMPARE_TWO_DESIGNS_H
#define TESTS_COMPARE_TWO_DESIGNS_H

#include "compare/compare.h"

#define SEEDS 3

/* Of the first `seeds` of each design. */
static inline void make_comparison(struct comparison *comparison, const struct result *results, size_t seeds)
{
    struct compare_side sides[2];

    for (size_t side = 0; side < 2; side++) {
        compare_side_init(&sides[side], results[side * SEEDS].design);
        for (size_t i = 0; i < seeds; i++)
            compare_side_add(&sides[side], &results[side * SEEDS + i]);
    }
    comparison_make(comparison, sides, 2, 1);
}

static inline void free_results(struct result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        result_free(&results[i]);
}

#endif
