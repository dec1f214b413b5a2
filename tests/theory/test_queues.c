/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares open queues on the bare engine, with Poisson arrivals as an event and one server as an actor, with the
 * Pollaczek-Khinchine formula for exponential, fixed and two-valued service. Little's law must hold to the cycle in
 * every run, because the integral of the number in the system is the sum of the customers' sojourn times.
 */
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "theory.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define QUEUE_MAX 65536u
#define CUSTOMERS 120000u
#define WARM_UP 10000u /* customers that are not measured */

/* Times in cycles. The service time is `usual`, or `rare` for rare_permille of the customers; if exponential, these are
 * means. */
struct queue_row {
    const char *name;
    cycles gap, usual, rare;
    uint32_t rare_permille;
    bool is_exponential;
    double sojourn;
    double widest_percent;
};

static const struct queue_row rows[] = {
    { "M/M/1, rho 0.5", 20000, 10000, 0, 0, true, 20000, 2 },
    { "M/M/1, rho 0.8", 12500, 10000, 0, 0, true, 50000, 8 },
    { "M/D/1, rho 0.5", 20000, 10000, 0, 0, false, 15000, 2 },
    { "M/D/1, rho 0.8", 12500, 10000, 0, 0, false, 30000, 5 },
    /* 90 % of 200 and 10 % of 2000 at 0.001 a cycle, in hundredths of a cycle */
    { "M/G/1, rho 0.38", 100000, 20000, 200000, 100, false, 73161.29, 5 },
};

struct queue {
    const struct queue_row *row;
    struct arena arena;
    struct engine engine;
    struct actor server;
    uint32_t source_slot;
    struct rng arrival_rng, service_rng;
    cycles arrived[QUEUE_MAX];
    uint64_t arrivals, departures;
    bool is_idle;
    uint64_t sojourns;                        /* of the measured customers */
    cycles changed_at, area, sojourns_of_all; /* Little's law, from the start */
};

static void in_system_changes(struct queue *queue)
{
    queue->area += (queue->arrivals - queue->departures) * (queue->engine.now - queue->changed_at);
    queue->changed_at = queue->engine.now;
}

static void source_fire(void *argument)
{
    struct queue *queue = argument;

    assert_true(queue->arrivals - queue->departures < QUEUE_MAX);
    in_system_changes(queue);
    queue->arrived[queue->arrivals++ % QUEUE_MAX] = queue->engine.now;
    engine_at(&queue->engine, queue->source_slot,
              queue->engine.now + rng_exponential(&queue->arrival_rng, queue->row->gap));
    if (queue->is_idle)
        engine_at(&queue->engine, queue->server.slot, queue->engine.now);
    queue->is_idle = false;
}

static cycles service_time(struct queue *queue)
{
    const struct queue_row *row = queue->row;
    bool is_rare = row->rare_permille > 0 && rng_below(&queue->service_rng, 1000) < row->rare_permille;
    cycles mean = is_rare ? row->rare : row->usual;

    return row->is_exponential ? rng_exponential(&queue->service_rng, mean) : mean;
}

static void server_main(void *argument)
{
    struct queue *queue = argument;

    for (;;) {
        while (queue->departures == queue->arrivals) {
            queue->is_idle = true;
            engine_park(&queue->engine);
        }
        cycles end = queue->engine.now + service_time(queue);
        if (!engine_advance(&queue->engine, end)) {
            engine_at(&queue->engine, queue->server.slot, end);
            engine_park(&queue->engine);
        }
        in_system_changes(queue);
        cycles sojourn = queue->engine.now - queue->arrived[queue->departures++ % QUEUE_MAX];
        queue->sojourns_of_all += sojourn;
        queue->sojourns += queue->departures > WARM_UP ? sojourn : 0;
        if (queue->departures == WARM_UP + CUSTOMERS)
            engine_stop(&queue->engine);
    }
}

static double sojourn_mean(const struct queue_row *row, uint64_t seed)
{
    static struct queue queue;
    cycles waiting_since = 0;

    memset(&queue, 0, sizeof(queue));
    queue.row = row;
    assert_true(arena_init(&queue.arena, (size_t)1 << 22));
    engine_init(&queue.engine, &queue.arena, 2, &engine_policy_timed, seed);
    rng_init(&queue.arrival_rng, seed, 0, RNG_ARRIVAL);
    rng_init(&queue.service_rng, seed, 0, RNG_HOLD);
    queue.source_slot = engine_event(&queue.engine, source_fire, &queue);
    engine_actor(&queue.engine, &queue.server, 8192, server_main, &queue);
    engine_at(&queue.engine, queue.source_slot, 0);
    engine_at(&queue.engine, queue.server.slot, 0);
    engine_run(&queue.engine, CYCLES_NEVER);
    in_system_changes(&queue);
    for (uint64_t i = queue.departures; i < queue.arrivals; i++)
        waiting_since += queue.engine.now - queue.arrived[i % QUEUE_MAX];
    assert_int_equal(queue.area, queue.sojourns_of_all + waiting_since);
    arena_drop(&queue.arena);
    return (double)queue.sojourns / CUSTOMERS;
}

static void sojourns_are_pollaczek_and_khinchines(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT(rows); row++) {
        double means[THEORY_SEEDS];

        for (uint64_t seed = 0; seed < THEORY_SEEDS; seed++)
            means[seed] = sojourn_mean(&rows[row], seed + 1);
        assert_mean_is(rows[row].name, means, rows[row].sojourn, rows[row].widest_percent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sojourns_are_pollaczek_and_khinchines) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
