/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulates an open queue on the bare engine: Poisson arrivals as an event, servers as actors, first come, first
 * served. Reads cells from standard input, one on each line, NAME SERVERS GAP SERVICE KIND SEED CUSTOMERS with means in
 * cycles, and writes a CSV line for each: name, seed, mean wait, mean sojourn, customers per second of the host. KIND
 * of the service: exponential, fixed, bimodal (nine in ten take 10/19 of SERVICE, the rest ten times as long), or hyper
 * (exponential with one of two means, E[S^2] = 2.5 E[S]^2).
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "measure.h"

#define QUEUE_MAX (1u << 20)
#define SERVERS_MAX 64

struct queue;

struct server {
    struct queue *queue;
    struct actor actor;
    bool is_idle;
};

struct cell {
    char name[64], kind[16];
    uint32_t servers;
    uintmax_t gap, service, seed, customers;
};

struct queue {
    struct cell cell;
    struct arena arena;
    struct engine engine;
    struct server servers[SERVERS_MAX];
    uint32_t source_slot;
    struct rng arrival_rng, service_rng;
    cycles arrived[QUEUE_MAX];
    uint64_t arrivals, begun, finished, warm_up;
    double waits, sojourns; /* sums over customers after the warm-up; exact, as whole cycles below 2^53 */
};

static void source_fire(void *argument)
{
    struct queue *queue = argument;

    CHECK(queue->arrivals - queue->begun < QUEUE_MAX);
    queue->arrived[queue->arrivals++ % QUEUE_MAX] = queue->engine.now;
    engine_at(&queue->engine, queue->source_slot,
              queue->engine.now + rng_exponential(&queue->arrival_rng, queue->cell.gap));
    for (uint32_t i = 0; i < queue->cell.servers; i++)
        if (queue->servers[i].is_idle) {
            queue->servers[i].is_idle = false;
            engine_at(&queue->engine, queue->servers[i].actor.slot, queue->engine.now);
            break;
        }
}

static cycles service_draw(struct queue *queue)
{
    cycles mean = queue->cell.service;

    switch (queue->cell.kind[0]) {
    case 'f':
        return mean;
    case 'b':
        return rng_below(&queue->service_rng, 10) == 0 ? mean * 100 / 19 : mean * 10 / 19;
    case 'h': /* means 1 +- 1/2 with equal weight: E[S^2] = 2 (1 + 1/4) */
        return rng_exponential(&queue->service_rng,
                               rng_below(&queue->service_rng, 2) == 0 ? mean / 2 : mean + mean / 2);
    default:
        return rng_exponential(&queue->service_rng, mean);
    }
}

static void server_main(void *argument)
{
    struct server *server = argument;
    struct queue *queue = server->queue;

    for (;;) {
        while (queue->begun == queue->arrivals) {
            server->is_idle = true;
            engine_park(&queue->engine);
        }
        bool is_measured = queue->begun >= queue->warm_up;
        cycles arrived = queue->arrived[queue->begun++ % QUEUE_MAX], begun = queue->engine.now;
        cycles end = begun + service_draw(queue);
        if (!engine_advance_or_set(&queue->engine, server->actor.slot, end))
            engine_park(&queue->engine);
        if (is_measured && queue->finished < queue->cell.customers) {
            queue->finished++;
            queue->waits += (double)(begun - arrived);
            queue->sojourns += (double)(queue->engine.now - arrived);
        }
        if (queue->finished == queue->cell.customers)
            engine_stop(&queue->engine);
    }
}

static bool cell_run(const struct cell *cell)
{
    static struct queue queue;

    memset(&queue, 0, sizeof(queue));
    queue.cell = *cell;
    queue.warm_up = cell->customers / 10;
    if (!arena_init(&queue.arena, (size_t)1 << 24))
        return false;
    engine_init(&queue.engine, &queue.arena, cell->servers + 1, &engine_policy_timed, cell->seed);
    rng_init(&queue.arrival_rng, cell->seed, 0, RNG_ARRIVAL);
    rng_init(&queue.service_rng, cell->seed, 0, RNG_HOLD);
    queue.source_slot = engine_event(&queue.engine, source_fire, &queue);
    for (uint32_t i = 0; i < cell->servers; i++) {
        queue.servers[i].queue = &queue;
        engine_actor(&queue.engine, &queue.servers[i].actor, 8192, server_main, &queue.servers[i]);
        engine_at(&queue.engine, queue.servers[i].actor.slot, 0);
    }
    engine_at(&queue.engine, queue.source_slot, 0);
    uint64_t from = measure_clock_ns();
    engine_run(&queue.engine, CYCLES_NEVER - 1);
    double seconds = (double)(measure_clock_ns() - from) / 1e9, customers = (double)cell->customers;
    printf("%s,%ju,%.6g,%.6g,%.4g\n", cell->name, cell->seed, queue.waits / customers, queue.sojourns / customers,
           customers * 1.1 / seconds);
    arena_drop(&queue.arena);
    return true;
}

int main(void)
{
    static const char *const kinds[] = { "exponential", "fixed", "bimodal", "hyper" };
    struct cell cell;
    char line[256];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        bool is_kind = false;
        int fields = sscanf(line, "%63s %u %ju %ju %15s %ju %ju", cell.name, &cell.servers, &cell.gap, &cell.service,
                            cell.kind, &cell.seed, &cell.customers);
        for (size_t i = 0; fields == 7 && i < sizeof(kinds) / sizeof(*kinds); i++)
            is_kind |= !strcmp(kinds[i], cell.kind);
        if (!is_kind || cell.servers == 0 || cell.servers > SERVERS_MAX || cell.gap == 0 || cell.customers == 0) {
            (void)fprintf(stderr, "not a cell: %s", line);
            return 2;
        }
        if (!cell_run(&cell))
            return 4;
    }
    return 0;
}
