/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups of machines by a drawn value.
 */
#include "sweep/drawn.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "sample/indices.h"
#include "sweep/table.h"

#define CATEGORIES_MAX 20 /* more distinct texts are numbers */

/* Finds the distinct texts, at most CATEGORIES_MAX + 1 of them. Returns their number. */
static size_t categories(const char *const *texts, size_t count, const char **found)
{
    size_t found_count = 0, at;

    for (size_t i = 0; i < count && found_count <= CATEGORIES_MAX; i++) {
        for (at = 0; at < found_count && strcmp(found[at], texts[i]) != 0; at++)
            continue;
        if (at == found_count)
            found[found_count++] = texts[i];
    }
    return found_count;
}

/* Closes gaps in the numbers of the groups. */
static size_t close_gaps(uint32_t *groups, size_t count, size_t group_count)
{
    uint32_t *numbers = calloc(group_count + 1, sizeof *numbers), used = 0;

    CHECK(numbers != NULL);
    for (size_t i = 0; i < count; i++)
        if (numbers[groups[i]] == 0)
            numbers[groups[i]] = ++used;
    for (size_t i = 0; i < count; i++)
        groups[i] = numbers[groups[i]] - 1;
    free(numbers);
    return used;
}

size_t drawn_groups(const char *const *texts, size_t count, size_t bins, uint32_t *groups)
{
    const char *found[CATEGORIES_MAX + 1] = { "" };
    size_t found_count = categories(texts, count, found);
    bool are_numbers = found_count > CATEGORIES_MAX;
    double *values = calloc(count + 1, sizeof *values);

    CHECK(values != NULL);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;

        while (!are_numbers && at < found_count && strcmp(found[at], texts[i]) != 0)
            at++;
        values[i] = are_numbers ? csv_number(texts[i]) : (double)at;
    }
    size_t group_count = sample_groups(values, count, are_numbers ? bins : CATEGORIES_MAX * count, groups);
    free(values);
    return close_gaps(groups, count, group_count);
}
