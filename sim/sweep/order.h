/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which a pool starts its jobs: the longest first, so that no thread is left with a long one when the
 * others have nothing left to do. How long a job takes is guessed from its cost, and known from jobs of its kind that
 * have ended, such as those of the same setup with other seeds. Nothing but the order depends on it.
 */
#ifndef SWEEP_ORDER_H
#define SWEEP_ORDER_H

#include <stddef.h>

struct sweep_order_job {
    double cost; /* in any unit, the same for all jobs; at least 0 */
    size_t kind; /* any number; jobs of one kind have the same cost, and stand one after the other */
};

struct sweep_order_kind;

struct sweep_order {
    struct sweep_order_kind *kinds;
    struct sweep_order_kind **kind_of; /* by job */
    struct sweep_order_kind **unknown; /* all kinds, descending by cost; no longer unknown when one has ended */
    struct sweep_order_kind **known;   /* of which some have ended and, when last looked at, some were left */
    size_t unknown_count, known_count, next_unknown;
    size_t count;         /* of all jobs */
    double seconds, cost; /* sums of those that have ended */
};

/* The rows are read once. All calls for one order are made by one thread at a time. */
void sweep_order_init(struct sweep_order *order, const struct sweep_order_job *jobs, size_t count);
void sweep_order_free(struct sweep_order *order);

/* Takes the job that is expected to take longest of those not taken yet; SIZE_MAX when there is none. */
size_t sweep_order_next(struct sweep_order *order);

/* A job that was taken has ended after this time. */
void sweep_order_ended(struct sweep_order *order, size_t job, double seconds);

#endif
