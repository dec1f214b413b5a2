/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the collapse of ticket locks with the Markov model of Boyd-Wickizer, Kaashoek, Morris and Zeldovich (OLS
 * 2012; the recursion is taken from three sets of reading notes that agree on it). Each CPU is a socket of its own, and
 * the only costs are the directory's time c for each read of the lock's line and c/2 until the reply arrives.
 *
 * Their service time with k CPUs behind the owner is s + ck/2: on average the next owner's read is half-way through the
 * k reads that follow a release. Below the knee the simulator agrees. Beyond it the simulated lock is half as fast,
 * because the directory serves in order and the next owner's release queues behind the other half of the reads. With
 * that in the recursion, E[max(Rc - c/2 + S, kc)] for R uniform in 1..k and S exponential, the two agree there as well.
 * Near the knee, the number of CPUs at the lock is bimodal and its mean depends on the distribution of the service
 * time, which the Markov model assumes to be exponential; there the simulator must lie between the two.
 */
#include <math.h>
#include <stdio.h>

#include "machine_fixture.h"
#include "models/locks/lock.h"
#include "theory.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CPUS_MAX 80
#define HOLD 400
#define THINK 19600
#define SERVICE 300 /* c */
#define WARM_UP 4000000
#define MEASURED 40000000

struct toy {
    struct fixture fixture;
    struct lock lock;
    struct rng think[CPUS_MAX], hold[CPUS_MAX];
};

static void toy_run(struct cpu *cpu, void *data)
{
    struct toy *toy = data;

    for (;;) {
        cpu_spend(cpu, rng_exponential(&toy->think[cpu->id], THINK));
        spin_lock(cpu, &toy->lock);
        cpu_spend(cpu, rng_exponential(&toy->hold[cpu->id], HOLD));
        spin_unlock(cpu, &toy->lock);
    }
}

/* Speedup: the mean number of CPUs that think. */
static double simulated(uint32_t cpus, cycles service, uint64_t seed)
{
    static struct toy toy;
    struct costs costs = costs_nothing;
    char topology[64];

    costs.directory_service = service;
    for (int distance = 0; distance < DISTANCE_COUNT; distance++)
        costs.load_modified[distance] = costs.load_shared[distance] = service / 2;
    (void)snprintf(topology, sizeof(topology), "package:%u [numa] core:1 pu:1", cpus);
    fixture_open(&toy.fixture, topology, &costs, POLICY_TIMED, seed);
    struct lock_class *class = lock_class_new(lock_system_new(&toy.fixture.machine, lock_find("ticket")), "lock");
    lock_init(&toy.lock, class);
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        rng_init(&toy.think[cpu], seed, cpu, RNG_THINK);
        rng_init(&toy.hold[cpu], seed, cpu, RNG_HOLD);
        fixture_program(&toy.fixture, cpu, toy_run, &toy);
    }
    fixture_run(&toy.fixture, WARM_UP);
    lock_measure(class->system, WARM_UP);
    fixture_run(&toy.fixture, WARM_UP + MEASURED);
    double rate = (double)class->statistics.acquisitions / MEASURED;
    fixture_close(&toy.fixture);
    return rate * THINK;
}

/* P(k+1) = P(k) (n-k)/a service(k); n - E[k]. */
static double speedup(uint32_t cpus, double c, double (*service)(uint32_t behind, double c))
{
    double weight = 1, sum = 1, at_lock = 0;

    for (uint32_t k = 0; k < cpus; k++) {
        weight *= (cpus - k) / (double)THINK * service(k, c);
        sum += weight;
        at_lock += weight * (k + 1);
    }
    return cpus - at_lock / sum;
}

static double half_way(uint32_t behind, double c) { return HOLD + c * behind / 2; }

static double release_in_order(uint32_t behind, double c)
{
    double sum = 0, reads = behind * c;

    for (uint32_t rank = 1; rank <= behind; rank++)
        sum += reads + HOLD * exp(-(reads - (rank * c - c / 2)) / HOLD);
    return behind == 0 ? HOLD : sum / behind;
}

static void the_recursion_gives_the_published_values(void **state)
{
    static const struct {
        uint32_t cpus;
        double speedup;
    } rows[] = { { 1, .98 },     { 8, 7.7875 },  { 16, 15.1447 }, { 24, 8.399 },
                 { 32, 4.5128 }, { 48, 2.7914 }, { 80, 1.6331 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_true(fabs(speedup(rows[i].cpus, SERVICE, half_way) / rows[i].speedup - 1) < 1e-4);
}

static double mean_of_seeds(uint32_t cpus, cycles service)
{
    double sum = 0;

    for (uint64_t seed = 1; seed <= 3; seed++)
        sum += simulated(cpus, service, seed);
    return sum / 3;
}

static void assert_within(double value, double known, double percent)
{
    if (fabs(value / known - 1) * 100 > percent)
        fail_msg("%.4f is not within %.0f %% of %.4f", value, percent, known);
}

static void below_the_knee_speedup_is_the_published_models(void **state)
{
    static const uint32_t cpus[] = { 1, 2, 4, 8, 12 };

    (void)state;
    for (size_t i = 0; i < COUNT(cpus); i++)
        assert_within(mean_of_seeds(cpus[i], SERVICE), speedup(cpus[i], SERVICE, half_way), 1);
    /* Near the knee, both models bound the simulated speedup. */
    double knee = mean_of_seeds(16, SERVICE);
    assert_within(knee, speedup(16, SERVICE, half_way), 5);
    assert_true(knee < speedup(16, SERVICE, half_way) && knee > speedup(16, SERVICE, release_in_order));
}

static void beyond_the_knee_a_release_waits_for_all_reads(void **state)
{
    static const uint32_t cpus[] = { 32, 48, 80 };

    (void)state;
    for (size_t i = 0; i < COUNT(cpus); i++) {
        double value = mean_of_seeds(cpus[i], SERVICE);
        assert_within(value, speedup(cpus[i], SERVICE, release_in_order), 2);
        assert_within(value * 2, speedup(cpus[i], SERVICE, half_way), 5);
    }
}

/* c = 0 is the machine repairman. */
static void without_a_directory_there_is_no_collapse(void **state)
{
    (void)state;
    assert_within(mean_of_seeds(32, 0), speedup(32, 0, half_way), 1);
    assert_within(mean_of_seeds(80, 0), speedup(80, 0, half_way), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recursion_gives_the_published_values),
        cmocka_unit_test(below_the_knee_speedup_is_the_published_models),
        cmocka_unit_test(beyond_the_knee_a_release_waits_for_all_reads),
        cmocka_unit_test(without_a_directory_there_is_no_collapse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
