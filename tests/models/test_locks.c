/* SPDX-License-Identifier: Apache-2.0
 *
 * The locks: one holder at a time, order, hand-overs to the cycle, interrupts while waiting (with ttas as before
 * e10784ac42, with ticket as since), and the statistics.
 */
#include "models/locks/lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "death.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CPUS_MAX 8
#define TAKES_MAX 512
#define C costs_westmere

static const enum lock_kind kinds[] = { LOCK_TTAS, LOCK_TICKET, LOCK_MCS, LOCK_SPINLOCK };

struct take {
    uint32_t cpu;
    cycles asked, acquired, released;
};

struct run {
    struct fixture fixture;
    struct lock_system *system;
    struct lock lock, other;
    struct rng rng[CPUS_MAX];
    cycles think, hold;
    uint32_t rounds;
    struct take takes[TAKES_MAX]; /* in the order of acquisition */
    uint32_t taken;
};

static void run_open(struct run *run, const char *topology, enum lock_kind kind, enum policy policy, uint64_t seed)
{
    *run = (struct run){ .taken = 0 };
    fixture_open(&run->fixture, topology, &costs_westmere, policy, seed);
    run->fixture.data = run;
    run->system = lock_system_new(&run->fixture.machine, kind);
    struct lock_class *class = lock_class_new(run->system, "lock");
    class->is_tried = true;
    lock_init(&run->lock, class);
    lock_init(&run->other, class);
    for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++)
        rng_init(&run->rng[cpu], seed, cpu, RNG_TEST);
}

static void run_close(struct run *run)
{
    fixture_run(&run->fixture, CYCLES_NEVER);
    fixture_close(&run->fixture);
}

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

static void contest_run(struct run *run, size_t contest, enum lock_kind kind, enum policy policy, uint64_t seed)
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
        for (size_t kind = 0; kind < COUNT(kinds); kind++)
            for (uint64_t seed = 1; seed <= 4; seed++) {
                contest_run(&run, contest, kinds[kind], POLICY_RANDOM, seed);
                contest_run(&run, contest, kinds[kind], POLICY_TIMED, seed);
                for (uint32_t i = 1; i < run.taken; i++)
                    assert_true(run.takes[i].acquired >= run.takes[i - 1].released);
            }
}

/* A ticket is drawn when it is asked for. An MCS lock's place is drawn after the node's store, which fetches the line
 * from the last successor. */
static bool is_fair(enum lock_kind kind) { return kind == LOCK_TICKET || kind == LOCK_MCS; }

static void ticket_and_mcs_are_first_come_first_served(void **state)
{
    static struct run run;
    uint32_t unfair = 0;

    (void)state;
    for (size_t contest = 0; contest < COUNT(contests); contest++)
        for (size_t kind = 0; kind < COUNT(kinds); kind++)
            for (uint64_t seed = 1; seed <= 4; seed++) {
                cycles slack = kinds[kind] == LOCK_MCS ? C.store_modified[DISTANCE_FAR] + C.store_hit : 0;

                contest_run(&run, contest, kinds[kind], POLICY_TIMED, seed);
                for (uint32_t i = 1; i < run.taken; i++) {
                    bool is_overtaken = run.takes[i].asked + slack < run.takes[i - 1].asked;
                    unfair += is_overtaken;
                    assert_false(is_overtaken && is_fair(kinds[kind]));
                }
            }
    assert_true(unfair > 0);
}

/* --- hand-overs --- */

struct hand_over {
    struct run run;
    cycles at[CPUS_MAX], acquired[CPUS_MAX], released[CPUS_MAX];
};

static void take_once(struct cpu *cpu, void *data)
{
    struct hand_over *row = data;

    program_sleep_until(cpu, row->at[cpu->id]);
    spin_lock(cpu, &row->run.lock);
    row->acquired[cpu->id] = cpu_now(cpu);
    program_sleep_until(cpu, 5000 * (cpu->id + 1));
    spin_unlock(cpu, &row->run.lock);
    row->released[cpu->id] = cpu_now(cpu);
}

/* CPU 0 takes it and holds it until 5000, CPU 1 beside it asks at 1000; the lines named are the costs in their order.
 */
static void a_hand_over_is_its_line_transfers(void **state)
{
    static struct hand_over row;

    (void)state;
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        cycles first = C.load_memory, second = 5000, release = 5000;

        run_open(&row.run, "package:1 [numa] core:2 pu:1", kinds[kind], POLICY_TIMED, 1);
        row.at[1] = 1000;
        fixture_program(&row.run.fixture, 0, take_once, &row);
        fixture_program(&row.run.fixture, 1, take_once, &row);
        run_close(&row.run);
        switch (kinds[kind]) {
        case LOCK_TTAS:
            /* CPU 1's failed xchg has the line: the store fetches it, CPU 1 reads it, and its xchg waits for the
             * directory and then invalidates. */
            release += C.store_modified[DISTANCE_NEAR];
            second = release + C.directory_service + C.atomic_shared[DISTANCE_NEAR];
            break;
        case LOCK_TICKET:
            /* The ticket drawn, the first load is a hit. CPU 1's ticket took the line; the store fetches it back. */
            first += C.load_hit;
            release += C.store_modified[DISTANCE_NEAR];
            second = release + C.load_modified[DISTANCE_NEAR];
            break;
        case LOCK_MCS:
            /* The node's two words and the tail, both from memory. The next field is CPU 1's since it linked itself;
             * then its flag, that it polls. */
            first += C.store_hit + C.load_memory;
            release += C.load_modified[DISTANCE_NEAR];
            release += C.store_modified[DISTANCE_NEAR];
            second = release + C.load_modified[DISTANCE_NEAR];
            break;
        case LOCK_SPINLOCK:
            /* CPU 1's failing ones have the line: the store fetches it, and the next cas takes it back. */
            release += C.store_modified[DISTANCE_NEAR];
            second = release + C.atomic_modified[DISTANCE_NEAR];
            break;
        }
        assert_int_equal(row.acquired[0], first);
        assert_int_equal(row.released[0], release);
        assert_int_equal(row.acquired[1], second);
    }
}

static void take_and_release(struct cpu *cpu, void *data)
{
    struct hand_over *row = data;
    struct lock *lock = &row->run.lock;

    for (int i = 0; i < 2; i++) { /* the first finds cold lines */
        cycles from = cpu_now(cpu);
        spin_lock(cpu, lock);
        row->acquired[0] = cpu_now(cpu) - from;
        from = cpu_now(cpu);
        spin_unlock(cpu, lock);
        row->released[0] = cpu_now(cpu) - from;
    }
}

static void a_free_lock_in_the_cache_costs_hits(void **state)
{
    static const struct {
        enum lock_kind kind;
        cycles take, give;
    } rows[] = { { LOCK_TTAS, 20, 5 }, { LOCK_SPINLOCK, 20, 5 }, { LOCK_TICKET, 20 + 5, 5 }, { LOCK_MCS, 30, 25 } };
    static struct hand_over row;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        run_open(&row.run, "package:1 [numa] core:1 pu:1", rows[i].kind, POLICY_TIMED, 1);
        fixture_program(&row.run.fixture, 0, take_and_release, &row);
        run_close(&row.run);
        assert_int_equal(row.acquired[0], rows[i].take);
        assert_int_equal(row.released[0], rows[i].give);
    }
}

/* --- interrupts --- */

enum entry { PLAIN_ON, PLAIN_OFF, IRQSAVE_ON, IRQSAVE_OFF };

struct interrupted {
    struct run run;
    enum entry entry;
    cycles handled, acquired;
    bool was_on, irq_on_while_held;
};

static void hold_until_20000(struct cpu *cpu, void *data)
{
    struct interrupted *row = data;

    spin_lock(cpu, &row->run.lock);
    program_sleep_until(cpu, 20000);
    spin_unlock(cpu, &row->run.lock);
}

static void wait_for_it(struct cpu *cpu, void *data)
{
    struct interrupted *row = data;
    struct lock *lock = &row->run.lock;
    bool is_irqsave = row->entry == IRQSAVE_ON || row->entry == IRQSAVE_OFF;

    program_sleep_until(cpu, 1000);
    if (row->entry == PLAIN_ON || row->entry == IRQSAVE_ON)
        cpu_irq_on(cpu);
    if (is_irqsave)
        row->was_on = spin_lock_irqsave(cpu, lock);
    else
        spin_lock(cpu, lock);
    row->acquired = cpu_now(cpu);
    row->irq_on_while_held = cpu->irq_on;
    cpu_spend(cpu, 1000);
    if (is_irqsave)
        spin_unlock_irqrestore(cpu, lock, row->was_on);
    else
        spin_unlock(cpu, lock);
    cpu_spend(cpu, 10);
    cpu_irq_off(cpu);
}

static void handler(struct cpu *cpu, uint32_t vector)
{
    struct interrupted *row = fixture_of(cpu)->data;

    (void)vector;
    row->handled = cpu_now(cpu);
    lapic_eoi(cpu);
}

static void deliver(void *argument) { lapic_deliver(argument, 0x41); }

/* The vector comes at 10000, in the middle of the wait. */
static void interrupts_while_waiting_are_as_the_lock_has_them(void **state)
{
    enum { DURING, AFTER, NEVER };
    static const struct {
        enum entry entry;
        int handled[COUNT(kinds)];
        bool on_while_held;
    } rows[] = { { PLAIN_ON, { DURING, DURING, DURING, DURING }, true },
                 { PLAIN_OFF, { NEVER, NEVER, NEVER, NEVER }, false },
                 { IRQSAVE_ON, { DURING, AFTER, AFTER, AFTER }, false },
                 { IRQSAVE_OFF, { NEVER, NEVER, NEVER, NEVER }, false } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t kind = 0; kind < COUNT(kinds); kind++) {
            static struct interrupted row;

            run_open(&row.run, "package:2 [numa] core:1 pu:1", kinds[kind], POLICY_TIMED, 1);
            row.run.fixture.data = &row;
            row.run.fixture.interrupt = handler;
            row.entry = rows[i].entry;
            row.handled = row.acquired = 0;
            fixture_program(&row.run.fixture, 0, hold_until_20000, &row);
            fixture_program(&row.run.fixture, 1, wait_for_it, &row);
            uint32_t slot = engine_event(&row.run.fixture.engine, deliver, &row.run.fixture.machine.cpus[1]);
            engine_at(&row.run.fixture.engine, slot, 10000);
            fixture_run(&row.run.fixture, CYCLES_NEVER);
            assert_true(row.acquired > 20000);
            assert_int_equal(row.irq_on_while_held, rows[i].on_while_held);
            switch (rows[i].handled[kind]) {
            case DURING: /* after a cas that is under way */
                assert_in_range(row.handled, 10000 + C.irq_entry,
                                10000 + C.irq_entry + (kinds[kind] == LOCK_SPINLOCK ? C.atomic_hit : 0));
                break;
            case AFTER: /* as soon as the lock has been released and they are on again */
                assert_in_range(row.handled, row.acquired + 1000, row.acquired + 1000 + 500 + C.irq_entry);
                break;
            default:
                assert_int_equal(row.handled, 0);
            }
            fixture_close(&row.run.fixture);
        }
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
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        run_open(&trying.run, "package:2 [numa] core:1 pu:1", kinds[kind], POLICY_TIMED, 1);
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
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        run_open(&run, "package:2 [numa] core:1 pu:1", kinds[kind], POLICY_TIMED, 1);
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
        run_open(&run, "package:1 [numa] core:1 pu:1", LOCK_TICKET, POLICY_TIMED, 1);
        fixture_program(&run.fixture, 0, programs[i], &run);
        assert_check_fails(run_all, &run, i == 0 ? "deadlock: recursive acquisition of lock" : "holder");
        fixture_close(&run.fixture);
    }
}

/* Means, maxima and Little's law (a CHECK) against what the programs themselves saw. */
static void the_statistics_are_what_the_programs_saw(void **state)
{
    static struct run run;
    struct metrics metrics;

    (void)state;
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        cycles waits = 0, holds = 0;

        run_open(&run, contests[2].topology, kinds[kind], POLICY_TIMED, 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_holder_at_a_time),
        cmocka_unit_test(ticket_and_mcs_are_first_come_first_served),
        cmocka_unit_test(a_hand_over_is_its_line_transfers),
        cmocka_unit_test(a_free_lock_in_the_cache_costs_hits),
        cmocka_unit_test(interrupts_while_waiting_are_as_the_lock_has_them),
        cmocka_unit_test(a_trylock_takes_a_free_lock_and_leaves_a_held_one),
        cmocka_unit_test(several_are_held_and_released_in_any_order),
        cmocka_unit_test(misuse_is_our_bug),
        cmocka_unit_test(the_statistics_are_what_the_programs_saw),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
