/* SPDX-License-Identifier: Apache-2.0
 *
 * Parcels of any length go through areas of a fixed size, in as many rounds as the longest one needs.
 */
#include "explore/peers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "explore/peers_area.h"

/* Fewer are found sooner by one process. */
#define STATES_TOGETHER 3000

/* The code of an internal error. */
enum { EXIT_RELAY_DIED = 3 };

bool peers_open(struct peers *peers, int socket)
{
    *peers = (struct peers){ .socket = socket, .area = peers_area_accept(socket), .states_together = STATES_TOGETHER };
    if (peers->area == NULL)
        return false;
    peers->size = peers->area->size;
    if (peers->size == 1)
        peers->states_together = UINT64_MAX;
    peers->self = peers->area->self;
    return true;
}

void peers_close(struct peers *peers)
{
    peers_area_unmap(peers->area);
    (void)close(peers->socket);
}

static void run_round(const struct peers *peers)
{
    char byte = 0;
    ssize_t count = send(peers->socket, &byte, 1, MSG_NOSIGNAL);

    while (count == 1 && (count = recv(peers->socket, &byte, 1, 0)) < 0 && errno == EINTR)
        count = 1;
    if (count != 1)
        _exit(EXIT_RELAY_DIED);
}

/* Writes what fits of each parcel from `sent` words on. Returns whether there is more. */
static bool write_part(const struct peers *peers, const struct parcel *out, size_t sent)
{
    struct peers_area *area = peers->area;
    bool has_more = false;

    for (uint32_t peer = 0; peer < peers->size; peer++) {
        size_t rest = peer != peers->self && out[peer].count > sent ? out[peer].count - sent : 0;
        has_more = has_more || rest > area->capacity;
        area->out_counts[peer] = rest > area->capacity ? area->capacity : (uint32_t)rest;
        if (rest > 0)
            memcpy(peers_area_out(area, peer), &out[peer].words[sent], area->out_counts[peer] * sizeof(uint32_t));
    }
    return has_more;
}

static void read_part(const struct peers *peers, struct parcel *in)
{
    struct peers_area *area = peers->area;

    for (uint32_t peer = 0; peer < peers->size; peer++)
        if (peer != peers->self)
            parcel_put_bytes(&in[peer], peers_area_in(area, peer), area->in_counts[peer] * sizeof(uint32_t));
}

void peers_exchange(struct peers *peers, const struct parcel *out, struct parcel *in)
{
    bool has_more = peers->size > 1;

    peers_parcels_clear(peers, in);
    for (size_t sent = 0; has_more; sent += peers->area->capacity) {
        peers->area->has_more = write_part(peers, out, sent);
        run_round(peers);
        read_part(peers, in);
        has_more = peers->area->has_more || peers->area->others_have_more;
    }
}

bool peers_are_interrupted(const struct peers *peers) { return peers->area->is_interrupted != 0; }

bool peers_any(struct peers *peers, bool is_true)
{
    struct parcel *out = peers_parcels(peers), *in = peers_parcels(peers);

    for (uint32_t peer = 0; peer < peers->size; peer++)
        parcel_put(&out[peer], is_true);
    peers_exchange(peers, out, in);
    for (uint32_t peer = 0; peer < peers->size; peer++)
        if (peer != peers->self)
            is_true = parcel_get(&(struct parcel_reader){ &in[peer], 0 }) != 0 || is_true;
    peers_parcels_free(peers, out);
    peers_parcels_free(peers, in);
    return is_true;
}

struct parcel *peers_parcels(const struct peers *peers)
{
    struct parcel *parcels = calloc(peers->size, sizeof(*parcels));

    CHECK(parcels != NULL);
    return parcels;
}

void peers_parcels_clear(const struct peers *peers, struct parcel *parcels)
{
    for (uint32_t peer = 0; peer < peers->size; peer++)
        parcel_clear(&parcels[peer]);
}

void peers_parcels_free(const struct peers *peers, struct parcel *parcels)
{
    for (uint32_t peer = 0; peer < peers->size; peer++)
        parcel_free(&parcels[peer]);
    free(parcels);
}
