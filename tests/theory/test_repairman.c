/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares a closed loop of CPUs that think and take one of the models' locks with theory. Without costs of cache lines
 * it is the machine repairman's queue, whatever the lock's order. With a fixed cost of a hand-over and no randomness it
 * is a convoy with an exact period.
 */
#include <math.h>

#include "machine_fixture.h"
#include "models/locks/lock.h"
#include "theory.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CPUS_MAX 80

/* Each CPU a socket of its own. */
static const char *topology_of(uint32_t cpus)
{
    static const struct {
        uint32_t cpus;
        const char *topology;
    } rows[] = { { 4, "package:4 [numa] core:1 pu:1" },
                 { 8, "package:8 [numa] core:1 pu:1" },
                 { 16, "package:16 [numa] core:1 pu:1" },
                 { 32, "package:32 [numa] core:1 pu:1" },
                 { 80, "package:80 [numa] core:1 pu:1" } };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].cpus == cpus)
            return rows[i].topology;
    fail_msg("no topology of %u", cpus);
    return NULL;
}

/* --- machine repairman --- */

struct repairman {
    struct fixture fixture;
    struct lock lock;
    struct lock_class *class;
    struct rng think[CPUS_MAX], hold[CPUS_MAX];
    cycles think_mean, hold_mean;
};

static void repairman_run(struct cpu *cpu, void *data)
{
    struct repairman *repairman = data;

    for (;;) {
        cpu_spend(cpu, rng_exponential(&repairman->think[cpu->id], repairman->think_mean));
        spin_lock(cpu, &repairman->lock);
        cpu_spend(cpu, rng_exponential(&repairman->hold[cpu->id], repairman->hold_mean));
        spin_unlock(cpu, &repairman->lock);
    }
}

/* Acquisitions a cycle, and the mean from asking for the lock to releasing it. */
static void repairman_measure(uint32_t cpus, cycles think, cycles hold, uint32_t kind, uint64_t seed, double *rate,
                              double *response)
{
    static struct repairman repairman;
    cycles warm_up = think * 20, measured = think * 4000 / cpus * 8;

    repairman.think_mean = think;
    repairman.hold_mean = hold;
    fixture_open(&repairman.fixture, topology_of(cpus), &costs_nothing, POLICY_TIMED, seed);
    struct lock_system *locks = lock_system_new(&repairman.fixture.machine, kind);
    repairman.class = lock_class_new(locks, "lock");
    lock_init(&repairman.lock, repairman.class);
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        rng_init(&repairman.think[cpu], seed, cpu, RNG_THINK);
        rng_init(&repairman.hold[cpu], seed, cpu, RNG_HOLD);
        fixture_program(&repairman.fixture, cpu, repairman_run, &repairman);
    }
    fixture_run(&repairman.fixture, warm_up);
    lock_measure(locks, warm_up);
    fixture_run(&repairman.fixture, warm_up + measured);
    *rate = (double)repairman.class->statistics.acquisitions / (double)measured;
    *response = (double)(repairman.class->statistics.wait_cycles + repairman.class->statistics.hold_cycles) /
                (double)repairman.class->statistics.acquisitions;
    fixture_close(&repairman.fixture);
}

/* P(k) of k CPUs at the lock is proportional to N!/(N-k)! (S/Z)^k. */
static void repairman_known(uint32_t cpus, double think, double hold, double *rate, double *response)
{
    double term = 1, sum = 1;

    for (uint32_t k = 1; k <= cpus; k++) {
        term *= (cpus - k + 1) * hold / think;
        sum += term;
    }
    *rate = (1 - 1 / sum) / hold;
    *response = cpus / *rate - think;
}

/* False for locks that wait between two attempts. These can only be slower than the queue, and take an event for each
 * attempt, so the loop is small for them. */
static bool hands_over_at_once(uint32_t kind)
{
    return kind == lock_find("ttas") || kind == lock_find("ticket") || kind == lock_find("mcs");
}

static void free_lines_make_a_machine_repairman(void **state)
{
    static const struct {
        uint32_t cpus;
        cycles think, hold;
        double rate, response; /* computed from the closed form */
    } rows[] = { { 4, 1000, 100, 3.53337e-3, 132.0644 },
                 { 8, 1000, 100, 6.61682e-3, 209.0408 },
                 { 16, 1000, 100, 9.77698e-3, 636.4969 },
                 { 32, 1000, 100, 1e-2, 2200.0001 },
                 { 80, 40000, 600, 1.64436e-3, 8651.1358 } };

    (void)state;
    for (size_t row = 0; row < COUNT(rows); row++) {
        double rate, response;

        repairman_known(rows[row].cpus, (double)rows[row].think, (double)rows[row].hold, &rate, &response);
        assert_true(fabs(rate / rows[row].rate - 1) < 1e-5 && fabs(response / rows[row].response - 1) < 1e-5);
        for (uint32_t lock = 0; lock < lock_kind_count; lock++) {
            double rates[THEORY_SEEDS], responses[THEORY_SEEDS];

            if (!hands_over_at_once(lock) && row > 0)
                continue;
            for (uint64_t seed = 0; seed < THEORY_SEEDS; seed++)
                repairman_measure(rows[row].cpus, rows[row].think, rows[row].hold, lock, seed + 1, &rates[seed],
                                  &responses[seed]);
            if (hands_over_at_once(lock)) {
                assert_mean_is("acquisitions", rates, rate, 3);
                assert_mean_is("response", responses, response, 6);
            }
            for (size_t seed = 0; seed < THEORY_SEEDS; seed++)
                assert_true(rates[seed] < 1.05 * rate);
        }
    }
}

/* --- convoy --- */

#define ROUNDS 40
#define TRANSIENT_ROUNDS 20

struct convoy {
    struct fixture fixture;
    struct lock lock;
    cycles think, hold;
    cycles acquired[CPUS_MAX][ROUNDS], waited[CPUS_MAX][ROUNDS];
};

static void convoy_run(struct cpu *cpu, void *data)
{
    struct convoy *convoy = data;

    cpu_spend(cpu, 7 * cpu->id + 1); /* distinct phases */
    for (uint32_t round = 0; round < ROUNDS; round++) {
        cpu_spend(cpu, convoy->think);
        cycles from = cpu_now(cpu);
        spin_lock(cpu, &convoy->lock);
        convoy->acquired[cpu->id][round] = cpu_now(cpu);
        convoy->waited[cpu->id][round] = cpu_now(cpu) - from;
        cpu_spend(cpu, convoy->hold);
        spin_unlock(cpu, &convoy->lock);
    }
}

/* In demand, a hand-over is the next owner's load; else it is the newcomer's atomic, which takes the line from the last
 * owner. Both are the row's hand-over. */
static void a_convoy_is_periodic_to_the_cycle(void **state)
{
    static const struct {
        uint32_t cpus;
        cycles think, hold, hand_over, period, wait;
    } rows[] = { { 4, 1000, 100, 50, 1150, 0 },
                 { 8, 1000, 100, 50, 1200, 50 },
                 { 80, 40000, 200, 400, 48000, 7400 },
                 { 80, 20000, 200, 400, 48000, 27400 } };
    static struct convoy convoy;

    (void)state;
    for (size_t row = 0; row < COUNT(rows); row++) {
        cycles h = rows[row].hand_over;
        struct costs costs = costs_nothing;

        for (int distance = 0; distance < DISTANCE_COUNT; distance++) {
            costs.load_modified[distance] = costs.load_shared[distance] = h;
            costs.atomic_modified[distance] = rows[row].wait == 0 ? h : 0;
        }
        convoy.think = rows[row].think;
        convoy.hold = rows[row].hold;
        fixture_open(&convoy.fixture, topology_of(rows[row].cpus), &costs, POLICY_TIMED, 1);
        lock_init(&convoy.lock, lock_class_new(lock_system_new(&convoy.fixture.machine, lock_find("ticket")), "lock"));
        for (uint32_t cpu = 0; cpu < rows[row].cpus; cpu++)
            fixture_program(&convoy.fixture, cpu, convoy_run, &convoy);
        fixture_run(&convoy.fixture, CYCLES_NEVER);
        fixture_close(&convoy.fixture);
        /* Without the last rounds, in which CPUs that have finished no longer take the lock. */
        for (uint32_t cpu = 0; cpu < rows[row].cpus; cpu++)
            for (uint32_t round = TRANSIENT_ROUNDS; round < ROUNDS - 2; round++) {
                assert_int_equal(convoy.acquired[cpu][round + 1] - convoy.acquired[cpu][round], rows[row].period);
                assert_int_equal(convoy.waited[cpu][round], rows[row].wait + h);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_lines_make_a_machine_repairman),
        cmocka_unit_test(a_convoy_is_periodic_to_the_cycle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
