/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores a scenario with a code object, and keeps what two objects are compared by: the verdict, the races, and the
 * steps of a violation.
 */
#ifndef COMPARE_EXPLORED_CODE_H
#define COMPARE_EXPLORED_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "code/patch.h"
#include "code/race_list.h"
#include "explore/explore.h"

struct scenario;

struct explored_code {
    const struct scenario *scenario; /* with the object */
    struct explore_outcome outcome;
    struct races *races;
    struct race_list *list;
};

/* Explores the scenario's own design; the scenario must outlive the record, which the caller frees. False with a
 * message when the scenario cannot be explored. */
bool explored_code_run(struct explored_code *explored, const struct scenario *scenario,
                       const struct explore_limits *limits, char *message, size_t message_bytes);
void explored_code_free(struct explored_code *explored);

/* "clean", "incomplete (limit of states)", "violation null-domain". */
void explored_code_verdict(const struct explored_code *explored, char *text, size_t text_bytes);

/* Writes the interleaving of a violation for irqpath replay. An existing file is an error unless `force`. */
bool explored_code_write_replay(const struct explored_code *explored, const char *path, bool force, char *message,
                                size_t message_bytes);

/* Of a violation: prints its steps at lines of the patch, the first of each kind on each CPU and at most `most`;
 * without one, its last step in a file of the object. */
void explored_code_print_steps(const struct explored_code *explored, const struct patch *patch, size_t most,
                               FILE *stream);

#endif
