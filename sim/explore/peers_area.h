/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory that a process of a partitioned search shares with its relay, which carries messages to the other
 * processes (explore/peers.h). An exchange takes one or more rounds: the process writes what fits, sends a byte over
 * the socket, and reads what has come when the relay answers with a byte.
 */
#ifndef EXPLORE_PEERS_AREA_H
#define EXPLORE_PEERS_AREA_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEERS_MAX 1024u

struct peers_area {
    uint32_t size, self;                  /* processes; number of this one, from 0 */
    uint32_t capacity;                    /* words for each process in a round */
    uint32_t has_more;                    /* this process needs another round */
    uint32_t others_have_more;            /* another one does */
    volatile sig_atomic_t is_interrupted; /* the relay has received a signal that asks the search to end */
    uint32_t out_counts[PEERS_MAX];       /* of words, by process */
    uint32_t in_counts[PEERS_MAX];
    uint32_t words[]; /* out by process, then in by process, `capacity` words each */
};

static inline uint32_t *peers_area_out(struct peers_area *area, uint32_t peer)
{
    return &area->words[(size_t)area->capacity * peer];
}

static inline uint32_t *peers_area_in(struct peers_area *area, uint32_t peer)
{
    return &area->words[(size_t)area->capacity * (area->size + peer)];
}

/* For the relay: makes the area of process `self` of `size` and sends it over the socket. Returns where it is mapped;
 * NULL on failure. */
struct peers_area *peers_area_offer(int socket, uint32_t size, uint32_t self);

/* Receives the area; NULL on failure. */
struct peers_area *peers_area_accept(int socket);

void peers_area_unmap(struct peers_area *area);

#endif
