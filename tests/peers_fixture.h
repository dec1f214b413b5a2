/* SPDX-License-Identifier: Apache-2.0
 *
 * Several processes of a partitioned search on this machine, without MPI: forks of the test, which carries their
 * messages.
 */
#ifndef TESTS_PEERS_FIXTURE_H
#define TESTS_PEERS_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "death.h"
#include "explore/peers.h"
#include "explore/peers_area.h"

#define PEERS_TESTED_MAX 8u

struct peers_hub {
    uint32_t size;
    int sockets[PEERS_TESTED_MAX];
    struct peers_area *areas[PEERS_TESTED_MAX];
    pid_t children[PEERS_TESTED_MAX];
};

/* Copies what each process has for each other one. All take part in each round, as with MPI. */
static inline void peers_hub_round(struct peers_hub *hub)
{
    for (uint32_t to = 0; to < hub->size; to++) {
        hub->areas[to]->others_have_more = 0;
        for (uint32_t from = 0; from < hub->size; from++) {
            struct peers_area *area = hub->areas[from];
            hub->areas[to]->others_have_more |= from != to && area->has_more;
            hub->areas[to]->in_counts[from] = from != to ? area->out_counts[to] : 0;
            if (from != to)
                memcpy(peers_area_in(hub->areas[to], from), peers_area_out(area, to),
                       area->out_counts[to] * sizeof(uint32_t));
        }
    }
}

/* Waits until all processes ask for a round, or all have ended. */
static inline bool peers_hub_serve(struct peers_hub *hub)
{
    uint32_t asking = 0;
    char byte = 0;

    for (uint32_t peer = 0; peer < hub->size; peer++)
        asking += read(hub->sockets[peer], &byte, 1) == 1;
    assert_true(asking == 0 || asking == hub->size);
    if (asking == 0)
        return false;
    peers_hub_round(hub);
    for (uint32_t peer = 0; peer < hub->size; peer++)
        assert_int_equal(write(hub->sockets[peer], &byte, 1), 1);
    return true;
}

/* The forks are made before anything else, so that all have the same memory. */
static inline void peers_hub_fork(struct peers_hub *hub, uint32_t peer, bool (*run)(struct peers *peers, void *data),
                                  void *data)
{
    struct peers peers;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    hub->children[peer] = fork();
    assert_true(hub->children[peer] >= 0);
    hub->sockets[peer] = pair[0];
    if (hub->children[peer] == 0) {
        for (uint32_t other = 0; other <= peer; other++)
            (void)close(hub->sockets[other]);
        _exit(peers_open(&peers, pair[1]) && run(&peers, data) ? 0 : 1);
    }
    (void)close(pair[1]);
}

/* Calls `run` in `size` processes and carries their messages until all have returned, each with true. */
static inline void peers_hub_run(uint32_t size, bool (*run)(struct peers *peers, void *data), void *data)
{
    struct peers_hub hub = { .size = size };
    int status;

    assert_true(size <= PEERS_TESTED_MAX);
    for (uint32_t peer = 0; peer < size; peer++)
        peers_hub_fork(&hub, peer, run, data);
    for (uint32_t peer = 0; peer < size; peer++) {
        hub.areas[peer] = peers_area_offer(hub.sockets[peer], size, peer);
        assert_non_null(hub.areas[peer]);
    }
    while (peers_hub_serve(&hub))
        continue;
    for (uint32_t peer = 0; peer < size; peer++) {
        assert_int_equal(waitpid(hub.children[peer], &status, 0), hub.children[peer]);
        assert_int_equal(status, 0);
        peers_area_unmap(hub.areas[peer]);
        (void)close(hub.sockets[peer]);
    }
}

#endif
