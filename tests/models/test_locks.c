/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of lock: mutual exclusion, order, trylock, nesting, misuse, and the statistics.
 */
#include "lock_run.h"

#include "death.h"

/* --- exclusion and order --- */

static void contend(struct cpu *cpu, void *data)
{
    struct run *run = data;

    for (uint32_t round = 0; round < run->rounds; round++) {
        program_sleep_until(cpu, cpu_now(cpu) + 1 + rng_below(&run->rng[cpu->id], run->think));
        struct take take = { .cpu = cpu->id, .asked = cpu_now(cpu) };
        spin_lock(cpu, &run->lock);
        assert_true(lock_is_held_by(&run->lock, cpu));
        take.acquired = cpu_now(cpu);
        uint32_t index = run->taken++;
        cpu_spend(cpu, rng_below(&run->rng[cpu->id], run->hold));
        cpu_settle(cpu);
        assert_int_equal(run->taken, index + 1); /* nobody came in meanwhile */
        take.released = cpu_now(cpu);
        run->takes[index] = take;
        spin_unlock(cpu, &run->lock);
    }
}

static const struct {
    const char *topology;
    uint32_t cpus;
    cycles think, hold;
} contests[] = {
    { "package:1 [numa] core:2 pu:1", 2, 500, 500 },    { "package:4 [numa] core:1 pu:1", 4, 3000, 300 },
    { "package:2 [numa] core:4 pu:1", 8, 10000, 1000 }, { "package:8 [numa] core:1 pu:1", 8, 1, 1 },
    { "package:2 [numa] core:2 pu:1", 4, 2000, 5000 },
};

static void contest_run(struct run *run, size_t contest, uint32_t kind, enum policy policy, uint64_t seed)
{
    run_open(run, contests[contest].topology, kind, policy, seed);
    run->fixture.costs.reads_per_socket = seed % 2;
    run->fixture.costs.socket_service = seed / 2 % 2 * 25;
    run->think = contests[contest].think;
    run->hold = contests[contest].hold;
    run->rounds = TAKES_MAX / contests[contest].cpus;
    for (uint32_t cpu = 0; cpu < contests[contest].cpus; cpu++)
        fixture_program(&run->fixture, cpu, contend, run);
    run_close(run);
    assert_int_equal(run->taken, run->rounds * contests[contest].cpus);
}

static void one_holder_at_a_time(void **state)
{
    static struct run run;

    (void)state;
    for (size_t contest = 0; contest < COUNT(contests); contest++)
        for (uint32_t kind = 0; kind < lock_kind_count; kind++)
            for (uint64_t seed = 1; seed <= 4; seed++) {
                contest_run(&run, contest, kind, POLICY_RANDOM, seed);
                contest_run(&run, contest, kind, POLICY_TIMED, seed);
                for (uint32_t i = 1; i < run.taken; i++)
                    assert_true(run.takes[i].acquired >= run.takes[i - 1].released);
            }
}

/* How long after it is asked for a fair lock draws a place: a ticket at once, an MCS lock's after the node's store,
 * which fetches the line from the last successor. */
static cycles place_drawn_after(uint32_t kind)
{
    return strcmp(lock_kinds[kind].name, "ticket") == 0 ? 0 : C.store_modified[DISTANCE_FAR] + C.store_hit;
}

static void fair_locks_are_first_come_first_served(void **state)
{
    static struct run run;
    uint32_t unfair = 0;

    (void)state;
    for (size_t contest = 0; contest < COUNT(contests); contest++)
        for (uint32_t kind = 0; kind < lock_kind_count; kind++)
            for (uint64_t seed = 1; seed <= 4; seed++) {
                cycles slack = place_drawn_after(kind);

                contest_run(&run, contest, kind, POLICY_TIMED, seed);
                for (uint32_t i = 1; i < run.taken; i++) {
                    bool is_overtaken = run.takes[i].asked + slack < run.takes[i - 1].asked;
                    unfair += is_overtaken;
                    assert_false(is_overtaken && lock_kinds[kind].operations->is_fair);
                }
            }
    assert_true(unfair > 0);
}

/* --- the rest --- */

struct trying {
    struct run run;
    bool first, while_held, afterwards;
};

static void hold_from_1000(struct cpu *cpu, void *data)
{
    struct trying *trying = data;

    program_sleep_until(cpu, 2000);
    spin_lock(cpu, &trying->run.lock);
    program_sleep_until(cpu, 10000);
    spin_unlock(cpu, &trying->run.lock);
}

static void try_three_times(struct cpu *cpu, void *data)
{
    struct trying *trying = data;
    bool *results[] = { &trying->first, &trying->while_held, &trying->afterwards };

    for (int i = 0; i < 3; i++) {
        program_sleep_until(cpu, 7000 * (cycles)i);
        *results[i] = spin_trylock(cpu, &trying->run.lock);
        if (*results[i])
            spin_unlock(cpu, &trying->run.lock);
    }
}

static void a_trylock_takes_a_free_lock_and_leaves_a_held_one(void **state)
{
    static struct trying trying;

    (void)state;
    for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
        run_open(&trying.run, "package:2 [numa] core:1 pu:1", kind, POLICY_TIMED, 1);
        fixture_program(&trying.run.fixture, 0, try_three_times, &trying);
        fixture_program(&trying.run.fixture, 1, hold_from_1000, &trying);
        fixture_run(&trying.run.fixture, CYCLES_NEVER);
        assert_true(trying.first && !trying.while_held && trying.afterwards);
        assert_int_equal(trying.run.lock.class->statistics.acquisitions, 3);
        assert_int_equal(trying.run.lock.class->waiting, 0);
        fixture_close(&trying.run.fixture);
    }
}

static void hold_two(struct cpu *cpu, void *data)
{
    struct run *run = data;

    spin_lock(cpu, &run->lock);
    spin_lock(cpu, &run->other);
    cpu_spend(cpu, 100);
    spin_unlock(cpu, &run->lock);
    spin_unlock(cpu, &run->other);
}

static void several_are_held_and_released_in_any_order(void **state)
{
    static struct run run;

    (void)state;
    for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
        run_open(&run, "package:2 [numa] core:1 pu:1", kind, POLICY_TIMED, 1);
        fixture_program(&run.fixture, 0, hold_two, &run);
        fixture_program(&run.fixture, 1, hold_two, &run);
        fixture_run(&run.fixture, CYCLES_NEVER);
        assert_int_equal(run.lock.class->statistics.acquisitions, 4);
        fixture_close(&run.fixture);
    }
}

static void take_twice(struct cpu *cpu, void *data)
{
    struct run *run = data;

    spin_lock(cpu, &run->lock);
    spin_lock(cpu, &run->lock);
}

static void release_what_is_not_held(struct cpu *cpu, void *data)
{
    struct run *run = data;

    spin_unlock(cpu, &run->lock);
}

static void run_all(void *argument) { fixture_run(&((struct run *)argument)->fixture, CYCLES_NEVER); }

static void misuse_is_our_bug(void **state)
{
    static void (*const programs[])(struct cpu * cpu, void *data) = { take_twice, release_what_is_not_held };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(programs); i++) {
        run_open(&run, "package:1 [numa] core:1 pu:1", lock_find("ticket"), POLICY_TIMED, 1);
        fixture_program(&run.fixture, 0, programs[i], &run);
        assert_check_fails(run_all, &run, i == 0 ? "deadlock: recursive acquisition of lock" : "holder");
        fixture_close(&run.fixture);
    }
}

/* Whoever asks while the lock is held or handed over has waited; an attempt arrives within `slack` of its request. */
static void assert_contended(const struct run *run)
{
    const struct lock_statistics *statistics = &run->lock.class->statistics;
    cycles slack = 4 * C.atomic_modified[DISTANCE_FAR];
    uint64_t certain = 0, possible = 0;

    for (uint32_t i = 1; i < run->taken; i++) {
        certain += run->takes[i].asked + slack < run->takes[i - 1].released;
        possible += run->takes[i].asked < run->takes[i - 1].released + slack;
    }
    assert_in_range(statistics->contended, certain, possible);
    assert_in_range(certain, 100, statistics->acquisitions - 1);
    assert_in_range(statistics->contended_cycles, certain * slack, statistics->wait_cycles);
}

/* Means, maxima and identities (CHECKs) against what the programs themselves saw. */
static void the_statistics_are_what_the_programs_saw(void **state)
{
    static struct run run;
    struct metrics metrics;

    (void)state;
    for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
        cycles waits = 0, holds = 0;

        run_open(&run, contests[2].topology, kind, POLICY_TIMED, 1);
        run.think = contests[2].think;
        run.hold = contests[2].hold;
        run.rounds = 50;
        for (uint32_t cpu = 0; cpu < contests[2].cpus; cpu++)
            fixture_program(&run.fixture, cpu, contend, &run);
        fixture_run(&run.fixture, CYCLES_NEVER);
        for (uint32_t i = 0; i < run.taken; i++) {
            waits += run.takes[i].acquired - run.takes[i].asked;
            holds += run.takes[i].released - run.takes[i].acquired;
        }
        assert_int_equal(run.lock.class->statistics.acquisitions, 400);
        assert_int_equal(run.lock.class->statistics.wait_cycles, waits);
        assert_int_equal(run.lock.class->statistics.hold_cycles, holds);
        assert_contended(&run);
        assert_int_equal(run.lock.class->wait->count, 400);
        assert_int_equal(run.lock.class->wait->sum, waits);
        assert_in_range(run.lock.class->statistics.waiters_max, 2, 8); /* during a hand-over nobody holds it */
        metrics_init(&metrics);
        locks_report(run.system, &metrics, 0);
        assert_int_equal(metric_find(&metrics, "locks.lock.acquisitions")->numerator, 400);
        metrics_free(&metrics);
        lock_measure(run.system, run.fixture.engine.now);
        assert_int_equal(run.lock.class->statistics.acquisitions + run.lock.class->wait->count, 0);
        fixture_close(&run.fixture);
    }
}

/* A CPU may be ahead of the time at which the run ends, and take a lock there: no part of the hold is in the run. */
static void a_hold_after_the_end_is_not_counted(void **state)
{
    static struct run run;
    struct metrics metrics;

    (void)state;
    for (uint64_t before = 0; before <= 100; before += 50) {
        run_open(&run, contests[0].topology, 0, POLICY_TIMED, 1);
        run.fixture.engine.now = 1000;
        lock_hold_begin(run.lock.class, 1080);
        run.lock.class->statistics.hold_cycles = before;
        metrics_init(&metrics);
        locks_report(run.system, &metrics, 0);
        assert_int_equal(run.lock.class->statistics.hold_cycles, before > 80 ? before - 80 : 0);
        metrics_free(&metrics);
        fixture_close(&run.fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_holder_at_a_time),
        cmocka_unit_test(fair_locks_are_first_come_first_served),
        cmocka_unit_test(a_trylock_takes_a_free_lock_and_leaves_a_held_one),
        cmocka_unit_test(several_are_held_and_released_in_any_order),
        cmocka_unit_test(misuse_is_our_bug),
        cmocka_unit_test(the_statistics_are_what_the_programs_saw),
        cmocka_unit_test(a_hold_after_the_end_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
