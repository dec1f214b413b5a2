/* SPDX-License-Identifier: Apache-2.0
 *
 * The processes of a partitioned search, of which this is one. They run the same program in step and exchange parcels.
 * Each has a relay beside it that carries them, over MPI (sim/relay/irqpath_mpi.c) or within a test: the search itself
 * forks and keeps addresses in its states, neither of which goes well with a library that has threads and memory of its
 * own.
 */
#ifndef EXPLORE_PEERS_H
#define EXPLORE_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/parcel.h"

struct peers_area;

struct peers {
    int socket; /* to the relay */
    struct peers_area *area;
    uint32_t size, self;
    uint64_t states_together; /* so many states are found by all, before they are divided */
};

/* Waits for the relay at the other end of the socket. False when there is none. */
bool peers_open(struct peers *peers, int socket);
void peers_close(struct peers *peers);

/* Called by all processes together: each receives in in[i] what process i had in out[self]. Nothing goes to itself.
 * Leaves `out` as it is. When the relay has died, it has said why, and this process exits. */
void peers_exchange(struct peers *peers, const struct parcel *out, struct parcel *in);

/* Whether a signal that asks the search to end has reached this process's relay. */
bool peers_are_interrupted(const struct peers *peers);

/* Called by all processes together: whether `is_true` in any of them. */
bool peers_any(struct peers *peers, bool is_true);

/* One parcel for each process. */
struct parcel *peers_parcels(const struct peers *peers);
void peers_parcels_clear(const struct peers *peers, struct parcel *parcels);
void peers_parcels_free(const struct peers *peers, struct parcel *parcels);

#endif
