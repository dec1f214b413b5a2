/* SPDX-License-Identifier: Apache-2.0
 *
 * Optimal string alignment distance (insertion, deletion, replacement, swap of neighbours), with three rows of the
 * table in memory. A difference in letter case costs half an edit, so that `hz` finds `Hz`; all distances are doubled
 * to stay integers.
 */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORD_BYTES_MAX 64

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static size_t replace_cost(char a, char b)
{
    if (a == b)
        return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? 1 : 2;
}

/* Returns twice the distance. Only the first WORD_BYTES_MAX bytes of a word are compared. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_BYTES_MAX + 1];
    size_t a_bytes = smaller(strlen(a), WORD_BYTES_MAX), b_bytes = smaller(strlen(b), WORD_BYTES_MAX);

    for (size_t j = 0; j <= b_bytes; j++)
        rows[0][j] = 2 * j;
    for (size_t i = 1; i <= a_bytes; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

        row[0] = 2 * i;
        for (size_t j = 1; j <= b_bytes; j++) {
            row[j] = smaller(smaller(above[j], row[j - 1]) + 2, above[j - 1] + replace_cost(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], above2[j - 2] + 2);
        }
    }
    return rows[a_bytes % 3][b_bytes];
}

void suggest_init(struct suggest *suggest, const char *typed)
{
    suggest->typed = typed;
    suggest->best = NULL;
    suggest->best_distance = 0;
}

/* Two words are similar if one is a prefix of the other, or if at most a third of the longer one differs and something
 * of the shorter one remains. */
static bool is_near(const char *typed, const char *candidate, size_t steps)
{
    size_t typed_bytes = strlen(typed), candidate_bytes = strlen(candidate);
    size_t shorter = smaller(typed_bytes, candidate_bytes);
    size_t longer = typed_bytes + candidate_bytes - shorter;

    if (shorter > 0 && !strncmp(typed, candidate, shorter))
        return shorter >= 3 || longer - shorter == 1;
    return 3 * steps <= 2 * (longer > 2 ? longer : 3) && steps < 2 * shorter;
}

void suggest_offer(struct suggest *suggest, const char *candidate)
{
    size_t steps = distance(suggest->typed, candidate);

    if (is_near(suggest->typed, candidate, steps) && (!suggest->best || steps < suggest->best_distance)) {
        suggest->best = candidate;
        suggest->best_distance = steps;
    }
}

const char *suggest_text(const struct suggest *suggest, char text[SUGGEST_TEXT_BYTES])
{
    text[0] = '\0';
    if (suggest->best)
        snprintf(text, SUGGEST_TEXT_BYTES, " (did you mean '%s'?)", suggest->best);
    return text;
}
