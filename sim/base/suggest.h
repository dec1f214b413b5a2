/* SPDX-License-Identifier: Apache-2.0
 *
 * Did-you-mean: the name nearest to what was typed, by edit distance with neighbouring swaps, if it is near enough.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

struct suggest {
    const char *typed;
    const char *best; /* NULL: nothing near enough so far */
    size_t best_distance;
};

void suggest_init(struct suggest *suggest, const char *typed);

/* Offers a candidate; the first of equally near ones stays. The pointer is kept. */
void suggest_offer(struct suggest *suggest, const char *candidate);

#define SUGGEST_TEXT_BYTES 160

/* " (did you mean 'x'?)" or "", written to text and returned. */
const char *suggest_text(const struct suggest *suggest, char text[SUGGEST_TEXT_BYTES]);

#endif
