/* SPDX-License-Identifier: Apache-2.0
 *
 * Every interleaving of a world under the exhaustive policy, breadth first: the first violation found has the
 * shortest trace there is. States are known by their fingerprints; only those still to be expanded are kept whole.
 * Several processes may share the work; what comes out is the same for any number of them.
 *
 * Fairness: whoever waits for a value is not pending, so a state where nothing is pending is where everything has
 * ended, or is stuck. A loop that polls is a cycle of states; when the search is complete, a state from which no
 * end can be reached is an endless wait.
 */
#ifndef EXPLORE_SEARCH_H
#define EXPLORE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/explored.h"
#include "machine/machine.h"
#include "machine/property.h"

struct explore_subject {
    struct engine *engine; /* parked; whatever is pending now is where the search begins */
    struct machine *machine;
    struct explored *explored;
    const struct property *const *properties; /* ends with NULL */
    const struct property *const *invariants; /* the model's own, likewise; NULL: it has none */
    bool is_strict;                           /* weak properties end the search like the others */
};

#define EXPLORE_UNLIMITED UINT64_MAX

#define EXPLORE_INTERRUPTED "interrupted" /* the limit of a search that is_interrupted has ended */

struct explore_limits {
    uint64_t states, depth, bytes;
    uint64_t preemptions; /* of one pCPU that could go on, by another */
    uint32_t jobs;        /* processes; 0: one for each processor */
    uint64_t walks, seed; /* so many random walks instead (random_search.h); 0: everything */
    bool (*is_interrupted)(void); /* asked now and then, by one process: true ends the search; NULL: nothing does */
};

extern const struct explore_limits explore_default_limits;

enum explore_verdict { EXPLORE_CLEAN, EXPLORE_VIOLATION, EXPLORE_INCOMPLETE };

struct explore_outcome {
    enum explore_verdict verdict;
    struct violation violation;
    const char *limit; /* that made it incomplete */
    uint64_t states, transitions;
    uint64_t ends;  /* states in which nothing is pending */
    uint64_t depth; /* steps to the farthest state, or to the violation */
    uint64_t suspicious; /* states in which a weak property is broken */
    uint64_t walks; /* done, of random ones */
    uint64_t peak_bytes;
    uint16_t *trace; /* slots in order, of a violation */
    size_t trace_count;
};

/* Leaves the engine in some explored state. The caller frees with explore_outcome_free. */
void explore_search(const struct explore_subject *subject, const struct explore_limits *limits,
                    struct explore_outcome *outcome);
/* How many processes these limits mean. */
uint32_t explore_jobs(const struct explore_limits *limits);

void explore_outcome_free(struct explore_outcome *outcome);

#endif
