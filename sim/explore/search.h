/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores every interleaving of a world under the exhaustive policy, breadth first, so that the first violation found
 * has a shortest trace. States are compared exactly (state.h). Several processes may share the work; the outcome is the
 * same for any number of them.
 *
 * A search that a limit of states, memory or time ends goes on with a bound on preemptions: first all executions
 * without a preemption are tried, then those with one, and so on, until the limit ends that search, too. What is known
 * then is that there is no violation with as many preemptions as were tried completely.
 *
 * A preemption is a step of anything else while the CPU (or thread) that went last could go on: of another CPU, or the
 * arrival of an interrupt, an IPI, an action or a timer. To go on with the same CPU after an arrival is none. A store
 * that leaves a store buffer is none either, so that a bound means as much under either memory. Where the CPU that went
 * last waits, halts or is in its guest, whatever comes next is free. (Musuvathi and Qadeer, PLDI 2007, count
 * preemptions of threads so; a device is a thread here, too.)
 *
 * Fairness: a CPU that waits for a value is not pending, so a state where nothing is pending is the end of an execution
 * or a deadlock. A polling loop is a cycle of states. When the search is complete, a state from which no end can be
 * reached is an endless wait.
 */
#ifndef EXPLORE_SEARCH_H
#define EXPLORE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/checkpoint.h"
#include "machine/explored.h"
#include "machine/machine.h"
#include "machine/property.h"

struct explore_subject {
    struct engine *engine; /* all actors parked; its present state is the first state of the search */
    struct machine *machine;
    struct explored *explored;
    const struct property *const *properties; /* NULL-terminated */
    const struct property *const *invariants; /* the model's own, NULL-terminated; NULL: none */
    bool has_footprints;                      /* the model's steps record what they touch (machine/footprint.h) */
    bool is_strict;                           /* violated weak properties end the search like the others */
};

#define EXPLORE_UNLIMITED UINT64_MAX

/* explore_outcome.limit of a search that cannot go on from its checkpoint, which is of other states; the rest of the
 * outcome is not valid. */
#define EXPLORE_NOT_RESUMED "checkpoint of another search"

/* The same where the processes of limits->peers are about to search different things. */
#define EXPLORE_NOT_ALIKE "processes that differ"

#define EXPLORE_INTERRUPTED "interrupted" /* explore_outcome.limit of a search ended by is_interrupted */

struct peers;

struct explore_limits {
    uint64_t states, depth, bytes;
    uint64_t preemptions; /* on one path; EXPLORE_UNLIMITED: a bound only where another limit ends the search */
    uint64_t seconds;     /* EXPLORE_UNLIMITED: none. Half of them are for the search without a bound */
    bool verifies;  /* takes the steps that it remembers or leaves out, too, and all with another content of what is
                     * dead on stacks, and CHECKs that nothing else comes out */
    bool takes_all; /* leaves out no step (sleep.h) */
    uint32_t jobs;  /* processes; 0: one for each processor */
    struct peers *peers;  /* processes that search together, each of them with one job (peers.h); NULL: none. An
                           * exhaustive search calls them; bytes and peak_bytes are those of the one that needs most */
    uint64_t walks, seed; /* number of random walks (random_search.h) and their seed; 0 walks: exhaustive search */
    uint64_t walks_from;  /* the first walk to take; those before it are left to others */
    bool (*is_interrupted)(void); /* called periodically by one process; true ends the search; may be NULL */
    struct checkpoint *resumed;   /* what a search without a bound goes on from; NULL: the first state. The search frees
                                   * its arrays as soon as it no longer needs them */
    /* Is called when a limit has ended a search without a bound, before one with a bound (has_ended), and during that
     * search; by one process while the others wait; may be NULL. The checkpoint has no key yet. It is valid during the
     * call only. */
    void (*keep)(void *context, const struct checkpoint *checkpoint, bool has_ended);
    void *keep_context;
    uint64_t
        keep_seconds; /* at least, between two calls during the search; EXPLORE_UNLIMITED: only when it has ended */
};

extern const struct explore_limits explore_default_limits;

enum explore_verdict { EXPLORE_CLEAN, EXPLORE_VIOLATION, EXPLORE_INCOMPLETE };

struct explore_outcome {
    enum explore_verdict verdict;
    struct violation violation;
    const char *limit; /* the limit that made the search incomplete, or NULL */
    bool has_bound;    /* incomplete, but there is no violation with up to `bound` preemptions */
    uint64_t bound;
    bool is_bounded; /* the search had a bound, and a violation takes at most `preemptions`, none but an endless wait
                      * fewer */
    uint64_t preemptions;
    uint64_t states, transitions;
    uint64_t ends;       /* states in which nothing is pending */
    uint64_t depth;      /* steps to the farthest state, or to the violation */
    uint64_t suspicious; /* states that violate a weak property */
    bool is_random;      /* random walks */
    uint64_t walks_from; /* number of the first walk */
    uint64_t walks;      /* random walks taken, up to the first with a violation */
    uint64_t peak_bytes;
    uint16_t *trace; /* of a violation: the slots stepped, in order */
    size_t trace_count;
};

/* Searches within the limits. Leaves the engine in some explored state. The caller frees the outcome with
 * explore_outcome_free. */
void explore_search(const struct explore_subject *subject, const struct explore_limits *limits,
                    struct explore_outcome *outcome);
/* The number of processes that limits->jobs stands for, at most WORKERS_MAX. */
uint32_t explore_jobs(const struct explore_limits *limits);

void explore_outcome_free(struct explore_outcome *outcome);

#endif
