/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the exhaustive search: divides the states among the processes of limits->peers by the fingerprints of
 * their memories. All begin with the same search. Once there are enough states, each keeps its own, expands those of a
 * batch of rows, and sends what it finds to the process that owns it. Between two batches they agree on the ranks,
 * which are those of a search by a single process, and on whether the search is over.
 *
 * From then on a rank, an origin and a step onward are those of all processes, while visited.h counts a process's own
 * states: those are called places here.
 */
#ifndef EXPLORE_PARTITION_H
#define EXPLORE_PARTITION_H

#include "explore/expand.h"
#include "explore/fingerprint.h"
#include "explore/parcel.h"
#include "explore/peers.h"
#include "explore/transfer.h"

/* Of a fresh state, by the step with the least origin. */
struct partition_fresh {
    uint32_t depth;
    bool is_violated;
};

struct partition {
    struct peers *peers;
    bool is_divided;
    uint64_t ranks;              /* of all processes */
    uint32_t deepest;            /* steps to the farthest state */
    uint32_t *ranks_of, *depths; /* by place; ascending ranks */
    uint64_t place_max;
    struct partition_fresh *fresh;
    struct fingerprints prints;
    struct transfer *transfers; /* by process, as all below */
    struct parcel *out;         /* states found for others in this batch */
    struct parcel *say, *in;    /* the rest that goes out, and what comes in */
    struct parcel *asked;       /* places that the states sent were reached from */
    struct parcel *received;    /* numbers (visited.h) of the states received, and the ranks they were reached from */
    struct incident incident;
};

void partition_open(struct search *search, uint64_t states);
void partition_close(struct search *search);

/* Whether all processes are about to search the same, at the same addresses. Called by all together, as are all
 * functions below that say so. */
bool partition_is_alike(struct search *search);

static inline bool partition_is_divided(const struct search *search)
{
    return search->partition != NULL && search->partition->is_divided;
}

/* Together: says what is in `say`, and forgets it. */
void partition_exchange(struct partition *partition);

/* Together: divides the states that all have found. */
void partition_divide(struct search *search);

/* The number of states of all processes. */
uint64_t partition_ranks(const struct search *search);

static inline uint32_t partition_rank(const struct search *search, uint32_t place)
{
    return partition_is_divided(search) ? search->partition->ranks_of[place] : place;
}

/* The first of this process's places whose rank is not before `rank`; the rank itself where nothing is divided. */
uint64_t partition_place(const struct search *search, uint64_t rank);

/* Whether this process owns the states of this memory; `owner`: the one that does. */
bool partition_owns(struct search *search, uint32_t memory, uint32_t *owner);

/* A step from the state at `place`. */
struct partition_step {
    struct visited_state to;
    uint32_t place;
    uint64_t origin;
    uint32_t sleep; /* the set of the state reached (sleep.h) */
    bool is_violated;
};

/* Sends the state reached to its owner; false when this process is the owner. */
bool partition_sends(struct search *search, const struct partition_step *step);

/* Keeps what else is known of a state that was reached within this process. */
void partition_arrived(struct search *search, uint32_t number, const struct partition_step *step);

/* Together, at the end of a batch: receives states; ranks those found, sorted by origin; prepares answers for the
 * senders once they are in visited.h; agrees on what struct common says of violations and limits. */
void partition_receive(struct search *search);
void partition_number(struct search *search);
void partition_answer(struct search *search);
void partition_agree(struct search *search);

/* Memory in use, in bytes, without what visited.h counts. */
uint64_t partition_bytes(const struct search *search);

/* Together, at the end of a search: sums up what each has counted and recorded. */
void partition_sum(struct search *search, struct explore_outcome *outcome);

/* Together: see visited_path. */
uint16_t *partition_path(struct search *search, uint64_t origin, size_t *count);

/* Together: the step that found the state of this rank. */
uint64_t partition_origin_of(struct search *search, uint32_t rank);

#endif
