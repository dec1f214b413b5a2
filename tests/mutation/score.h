/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of a sample of mutants.
 */
#ifndef MUTATION_SCORE_H
#define MUTATION_SCORE_H

#include "mutation/sample.h"

/* "killed", "late", "survived", "unreached" (by any test) or "equal" (to the original, as the compiler says); empty:
 * not judged */
typedef char mutant_outcome[12];

/* Prints each mutant that is neither noticed nor equal nor explained in the file `explained`, then a row a folder and
 * one for all. A line "path,source line,text -> mutated: why no test can notice it" explains a mutant; outcomes[number]
 * is that of numbers[0..count-1]. The score is the share noticed of those not explained, with its 95 % interval over
 * the mutants that were not drawn. Returns 1 when one is left, else 0. */
int score_print(const struct mutants *mutants, const char *explained, const unsigned *numbers, size_t count,
                mutant_outcome *outcomes);

#endif
