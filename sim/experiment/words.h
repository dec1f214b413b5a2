/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts of an experiment with the values filled in, and what became of its expectations.
 */
#ifndef EXPERIMENT_WORDS_H
#define EXPERIMENT_WORDS_H

#include "experiment/reading.h"

/* Returns the text; the caller frees it. A value that there is none of is a dash, and a message says why. */
char *words_of(struct experiment_rows *rows, const struct experiment *experiment, const struct experiment_text *text,
               const char *section);

enum expectation_outcome { EXPECTATION_MET, EXPECTATION_MISSED, EXPECTATION_NOT_OBSERVED };

struct expectation_found {
    struct reading left, right;
    enum expectation_outcome outcome;
    const char *each; /* of `for each`: for which value of the axis this was found, one that misses it or else the one
                         that comes closest to that; NULL: none */
};

/* Says in a message where rows of several runs are mixed. */
struct expectation_found expectation_find(struct experiment_rows *rows, const struct experiment *experiment,
                                          const struct experiment_expectation *expectation);

/* "met", "missed", "not observed" */
const char *expectation_outcome_name(enum expectation_outcome outcome);

#endif
