/* SPDX-License-Identifier: Apache-2.0
 *
 * Rounds of seeds. The set has the order that one round with all seeds would give.
 */
#include "compare/until.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "compare/groups.h"

/* The mean that widths are in relation to. */
static double scale_of(const struct compare_row *row, size_t side)
{
    return fmax(fabs(row->means[0].value), fabs(row->means[side].value));
}

static bool is_observed(const struct compare_row *row, size_t side)
{
    return !isnan(row->differences[side].estimate.value);
}

double compare_width_percent(const struct comparison *comparison, const struct compare_row *row)
{
    double widest = 0;

    for (size_t side = 1; side < comparison->side_count; side++) {
        double half = row->differences[side].half_width;
        if (is_observed(row, side) && half > 0)
            widest = fmax(widest, 100 * half / scale_of(row, side));
    }
    return widest;
}

/* How many seeds the widest difference of the row would need. */
static size_t seeds_for_row(const struct comparison *comparison, const struct compare_row *row, double percent,
                            size_t most)
{
    size_t needed = 0, tests = comparison->tested_count[row->family];

    for (size_t side = 1; side < comparison->side_count; side++) {
        const struct statistics_estimate *estimate = &row->differences[side].estimate;
        double half_width = percent / 100 * scale_of(row, side);
        if (!is_observed(row, side) || row->differences[side].half_width <= half_width)
            continue;
        size_t here = statistics_observations_for_width(estimate, (size_t)estimate->degrees + 1, half_width,
                                                        tests > 0 ? tests : 1, most);
        needed = here > needed ? here : needed;
    }
    return needed;
}

size_t compare_next_seeds(const struct comparison *comparison, double percent, size_t most)
{
    size_t has = comparison->sides[0].count, needed = 0;

    for (size_t i = 0; i < comparison->row_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        if (row->family != COMPARE_HEADLINE)
            continue;
        size_t here = seeds_for_row(comparison, row, percent, most);
        needed = here > needed ? here : needed;
    }
    if (needed == 0 || has >= most)
        return has;
    needed = needed > has ? needed : has + 1;
    needed = needed < 2 * has ? needed : 2 * has;
    return needed < most ? needed : most;
}

/* Moves the results of a round behind those of their cells. */
static void insert_round(struct result_set *set, struct result_set *round)
{
    for (size_t i = 0; i < round->count; i++) {
        size_t last = set->count;
        while (last > 0 && !compare_same_cell(&set->results[last - 1], &round->results[i]))
            last--;
        result_set_append(set, &round->results[i]);
        if (last == 0)
            continue;
        struct result moved = set->results[set->count - 1];
        memmove(&set->results[last + 1], &set->results[last], (set->count - 1 - last) * sizeof moved);
        set->results[last] = moved;
    }
    result_set_free(round);
}

/* The number of seeds for the next round, given the results so far. */
static size_t next_seeds(const struct result_set *set, size_t has, double percent, size_t most)
{
    struct compare_groups groups;
    struct comparison comparison;
    size_t next = has;

    compare_groups_make(&groups, set);
    struct compare_side *sides = calloc(groups.count + 1, sizeof *sides);
    CHECK(sides != NULL);
    for (size_t i = 0; i < groups.count; i++) {
        sides[i] = groups.groups[i].side;
        groups.groups[i].side = (struct compare_side){ .label = sides[i].label };
    }
    if (groups.count > 1) {
        comparison_make(&comparison, sides, groups.count, 0);
        next = compare_next_seeds(&comparison, percent, most);
        comparison_free(&comparison);
    } else {
        free(sides[0].results);
    }
    free(sides);
    compare_groups_free(&groups);
    return next;
}

bool compare_until_run(const struct compare_cells *cells, double percent, size_t most, struct result_set *set,
                       bool *was_cancelled, char *message, size_t message_bytes)
{
    size_t has = 0, next = cells->seed_count < most ? cells->seed_count : most;

    *was_cancelled = false;
    while (next > has && !*was_cancelled) {
        struct compare_cells round = *cells;
        struct result_set added;

        result_set_init(&added);
        round.first_seed += has;
        round.seed_count = next - has;
        bool is_good = compare_cells_run(&round, &added, was_cancelled, message, message_bytes);
        insert_round(set, &added);
        if (!is_good)
            return false;
        has = next;
        next = next_seeds(set, has, percent, most);
    }
    return true;
}
