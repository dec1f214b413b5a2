/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the cost of an access to a cache line in the CPU's own cache, and in that of a CPU at each distance. The
 * owner brings the line into the desired state and signals the measurer through another line; the measurer times a
 * single access. To remove the cost of reading the clock, the time of the same access to an own line is subtracted, and
 * its cost in a long loop added.
 *
 * Two CPUs cannot time how long a read occupies the line (directory_service), but can bound it: when each writes what
 * the other polls for, a turn is a read and the store that follows, and that store has waited for the directory.
 */
#include "calibrate/calibrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "calibrate/clock.h"

#define SETTLE_TURNS 300 /* of clock_spin, until the owner's last store has left the store buffer */
#define LOOP 2048
#define REGION 16384

enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_ATOMIC, ACCESS_COUNT };
enum state { STATE_OWN, STATE_MODIFIED, STATE_CLEAN, STATE_MEMORY, STATE_COUNT };

static const char *const hit_names[ACCESS_COUNT] = { "load_hit", "store_hit", "atomic_hit" };
static const char *const transfer_names[ACCESS_COUNT][STATE_COUNT] = {
    [ACCESS_LOAD] = { [STATE_MODIFIED] = "load_modified",
                      [STATE_CLEAN] = "load_shared",
                      [STATE_MEMORY] = "load_memory" },
    [ACCESS_STORE] = { [STATE_MODIFIED] = "store_modified", [STATE_CLEAN] = "store_shared" },
    [ACCESS_ATOMIC] = { [STATE_MODIFIED] = "atomic_modified", [STATE_CLEAN] = "atomic_shared" },
};

/* In separate regions, so that a prefetcher cannot learn to fetch the data after the turn. */
struct transfer {
    _Alignas(REGION) volatile uint64_t turn; /* 0 owner, 1 measurer; 2 measurer and 3 owner read the line first */
    _Alignas(REGION) volatile uint64_t data;
    _Alignas(REGION) enum access access;
    enum state state;
    uint32_t iterations;
    double *samples;
};

static void turn_wait(const struct transfer *transfer, uint64_t turn)
{
    while (__atomic_load_n(&transfer->turn, __ATOMIC_ACQUIRE) != turn)
        native_pause();
}

static void turn_give(struct transfer *transfer, uint64_t turn)
{
    __atomic_store_n(&transfer->turn, turn, __ATOMIC_RELEASE);
}

/* --- the owner --- */

static void owner_main(struct transfer *transfer)
{
    bool is_copied_by_both = transfer->state == STATE_CLEAN && transfer->access != ACCESS_LOAD;

    for (uint32_t i = 0; i < transfer->iterations; i++) {
        turn_wait(transfer, 0);
        if (transfer->state == STATE_MODIFIED || is_copied_by_both) {
            transfer->data = i;
        } else if (transfer->state == STATE_CLEAN) {
            clock_flush(&transfer->data);
            clock_fence();
            (void)transfer->data;
        }
        clock_fence();
        turn_give(transfer, is_copied_by_both ? 2 : 1);
        if (is_copied_by_both) {
            turn_wait(transfer, 3);
            (void)transfer->data;
            clock_fence();
            turn_give(transfer, 1);
        }
    }
}

/* --- the measurer --- */

static double access_time(struct transfer *transfer)
{
    uint64_t from = clock_cycles();

    switch (transfer->access) {
    case ACCESS_LOAD:
        (void)transfer->data;
        break;
    case ACCESS_STORE:
        transfer->data = from;
        clock_fence();
        break;
    default:
        (void)__atomic_fetch_add(&transfer->data, 1, __ATOMIC_SEQ_CST);
    }
    return (double)(clock_cycles() - from);
}

static void measurer_main(struct transfer *transfer)
{
    bool is_copied_by_both = transfer->state == STATE_CLEAN && transfer->access != ACCESS_LOAD;

    for (uint32_t i = 0; i < transfer->iterations; i++) {
        if (is_copied_by_both) {
            turn_wait(transfer, 2);
            (void)transfer->data;
            clock_fence();
            turn_give(transfer, 3);
        }
        turn_wait(transfer, 1);
        if (transfer->state == STATE_OWN)
            transfer->data = i;
        if (transfer->state == STATE_MEMORY)
            clock_flush(&transfer->data);
        clock_fence();
        clock_spin(SETTLE_TURNS);
        transfer->samples[i] = access_time(transfer);
        turn_give(transfer, 0);
    }
}

static void transfer_run(void *argument, uint32_t index)
{
    if (index == 0)
        owner_main(argument);
    else
        measurer_main(argument);
}

/* The cycles of one access in one round; negative when the threads could not be pinned. */
static double transfer_round(const struct calibration *calibration, uint32_t cpu, enum access access, enum state state)
{
    static struct transfer transfer;
    const uint32_t cpus[] = { cpu, 0 };
    double round = -1;

    transfer = (struct transfer){ .access = access, .state = state, .iterations = calibration->iterations };
    transfer.samples = calloc(calibration->iterations, sizeof(*transfer.samples));
    CHECK(transfer.samples != NULL);
    if (host_run(&calibration->host, cpus, 2, transfer_run, &transfer))
        round = trimmed_mean_of(transfer.samples, calibration->iterations);
    free(transfer.samples);
    return round;
}

/* --- loops on one CPU --- */

struct loops {
    _Alignas(256) void *chain; /* points to itself, so that each load depends on the one before */
    _Alignas(256) volatile uint64_t word;
    double access[ACCESS_COUNT], pause;
};

static void loops_run(void *argument, uint32_t index)
{
    struct loops *loops = argument;
    void *volatile *link = (void *volatile *)&loops->chain;
    uint64_t from;

    (void)index;
    loops->chain = (void *)&loops->chain;
    from = clock_cycles();
    for (int i = 0; i < LOOP; i++)
        link = (void *volatile *)*link;
    loops->access[ACCESS_LOAD] = (double)(clock_cycles() - from) / LOOP;
    from = clock_cycles();
    for (uint64_t i = 0; i < LOOP; i++)
        loops->word = i;
    loops->access[ACCESS_STORE] = (double)(clock_cycles() - from) / LOOP;
    from = clock_cycles();
    for (int i = 0; i < LOOP; i++)
        (void)__atomic_fetch_add(&loops->word, 1, __ATOMIC_SEQ_CST);
    loops->access[ACCESS_ATOMIC] = (double)(clock_cycles() - from) / LOOP;
    from = clock_cycles();
    for (int i = 0; i < LOOP; i++)
        native_pause();
    loops->pause = (double)(clock_cycles() - from) / LOOP;
}

/* --- ping-pong between two CPUs --- */

struct ball {
    _Alignas(256) uint64_t turn;
    _Alignas(256) uint32_t iterations;
    double cycles; /* of one turn */
};

static void ball_run(void *argument, uint32_t index)
{
    struct ball *ball = argument;
    uint64_t from = 0;

    for (uint64_t i = 0; i < 2 * (uint64_t)ball->iterations; i++) {
        if (i == ball->iterations)
            from = clock_cycles();
        while (__atomic_load_n(&ball->turn, __ATOMIC_ACQUIRE) != 2 * i + index)
            ;
        __atomic_store_n(&ball->turn, 2 * i + index + 1, __ATOMIC_RELEASE);
    }
    if (index == 0)
        ball->cycles = (double)(clock_cycles() - from) / ball->iterations / 2;
}

static void ball_round(struct calibration *calibration, enum distance distance, uint32_t cpu)
{
    static struct ball ball;
    const uint32_t cpus[] = { 0, cpu };

    ball = (struct ball){ .iterations = calibration->iterations };
    if (host_run(&calibration->host, cpus, 2, ball_run, &ball))
        quantity_record(calibration, "hand_over", distance, UNIT_CYCLES, ball.cycles,
                        "two CPUs that write what the other polls for: one turn");
}

/* A turn of the ping-pong minus the store that is its second half. */
static void bound_directory(struct calibration *calibration)
{
    const struct quantity *turn = calibrate_find(calibration, "hand_over", DISTANCE_NEAR);
    const struct quantity *store = calibrate_find(calibration, "store_shared", DISTANCE_NEAR);

    if (turn == NULL || store == NULL)
        quantity_skip(calibration, "directory_service", "needs two cores near each other");
    else
        for (size_t round = 0; round < turn->count && round < store->count; round++)
            quantity_record(calibration, "directory_service", DISTANCE_NONE, UNIT_CYCLES,
                            turn->rounds[round] - store->rounds[round],
                            "an upper bound: a turn between two near CPUs, less its store");
}

/* --- the measurements --- */

static void distance_round(struct calibration *calibration, enum distance distance, uint32_t cpu,
                           const struct loops *loops)
{
    for (enum access access = 0; access < ACCESS_COUNT; access++) {
        double own = transfer_round(calibration, cpu, access, STATE_OWN);
        for (enum state state = STATE_MODIFIED; state < STATE_COUNT; state++) {
            const char *name = transfer_names[access][state];
            bool is_of_memory = state == STATE_MEMORY;
            if (name == NULL || (!clock_has_cycles && (is_of_memory || state == STATE_CLEAN)))
                continue;
            double time = transfer_round(calibration, cpu, access, state) - own + loops->access[access];
            if (time > 0 && (!is_of_memory || distance == DISTANCE_NEAR))
                quantity_record(calibration, name, is_of_memory ? DISTANCE_NONE : distance, UNIT_CYCLES, time,
                                "one access, less the same of an own line");
        }
    }
}

void calibrate_lines(struct calibration *calibration)
{
    static const char *const distances[] = { "near", "middle", "far" };
    static struct loops loops;
    uint32_t first = 0, cpus[DISTANCE_COUNT];

    for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++) {
        cpus[distance] = host_cpu_at(&calibration->host, distance);
        if (calibration->host.is_simplified)
            cpus[distance] = UINT32_MAX;
        if (cpus[distance] == UINT32_MAX)
            quantity_skip(calibration, "transfers", "no two cores of this process are %s to each other",
                          distances[distance]);
    }
    for (uint32_t round = 0; round < calibration->rounds; round++) {
        if (!host_run(&calibration->host, &first, 1, loops_run, &loops)) {
            quantity_skip(calibration, "lines", "threads cannot be pinned");
            return;
        }
        for (enum access access = 0; access < ACCESS_COUNT; access++)
            quantity_record(calibration, hit_names[access], DISTANCE_NONE, UNIT_CYCLES, loops.access[access],
                            "a loop on one line");
        if (clock_has_cycles)
            quantity_record(calibration, "pause", DISTANCE_NONE, UNIT_CYCLES, loops.pause, "a loop");
        for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++)
            if (cpus[distance] != UINT32_MAX) {
                distance_round(calibration, distance, cpus[distance], &loops);
                ball_round(calibration, distance, cpus[distance]);
            }
    }
    bound_directory(calibration);
}
