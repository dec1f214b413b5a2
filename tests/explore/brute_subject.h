/* SPDX-License-Identifier: Apache-2.0
 *
 * Random programs (brute_program.h) on the machine's verbs, and their answers by the explorer.
 */
#ifndef TESTS_BRUTE_SUBJECT_H
#define TESTS_BRUTE_SUBJECT_H

#include "brute_oracle.h"
#include "explore/search.h"
#include "machine/violation.h"

/* What makes the explorer's graph smaller and must not change its answer. */
struct brute_reduction {
    const char *name;
    bool merges;   /* explored.merges */
    bool leaves_out; /* not explore_limits.takes_all */
    bool verifies;   /* explore_limits.verifies, which changes nothing but checks */
};

/* All that are tried; the last one has no name. */
extern const struct brute_reduction brute_reductions[];

/* All ends, with programs that stop for good where they violate something; with up to `preemptions` preemptions, or
 * EXPLORE_UNLIMITED. The caller frees the answer. */
void brute_explore(const struct brute_program *program, enum brute_memory memory,
                   const struct brute_reduction *reduction, uint64_t preemptions, struct brute_answer *answer);

/* Searches the program with all properties. The caller frees the outcome. */
void brute_search(const struct brute_program *program, enum brute_memory memory,
                  const struct brute_reduction *reduction, const struct explore_limits *limits,
                  struct explore_outcome *outcome);

/* The kind of violation that the explorer finds with all properties; VIOLATION_NONE if it says clean. With `walks`, so
 * many random walks instead, which find VIOLATION_NONE in any program if they are unlucky. */
enum violation_kind brute_judge(const struct brute_program *program, enum brute_memory memory,
                                const struct brute_reduction *reduction, uint64_t walks);

#endif
