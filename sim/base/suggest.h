/* SPDX-License-Identifier: Apache-2.0
 *
 * Suggestions for misspelt names: finds the candidate with the smallest edit distance to the typed word, where a swap
 * of neighbouring letters counts as one edit. Candidates that are too different are never suggested.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

struct suggest {
    const char *typed;
    const char *best; /* NULL: no candidate was similar enough so far */
    size_t best_distance;
};

void suggest_init(struct suggest *suggest, const char *typed);

/* Considers a candidate; of equally similar ones the first wins. The string must outlive `suggest`. */
void suggest_offer(struct suggest *suggest, const char *candidate);

#define SUGGEST_TEXT_BYTES 160

/* Writes " (did you mean 'x'?)" or "" to `text` and returns it. */
const char *suggest_text(const struct suggest *suggest, char text[SUGGEST_TEXT_BYTES]);

#endif
