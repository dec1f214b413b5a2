/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations that spin. word_wait: which CPU sees a write, and when; interrupts while waiting. word_acquire: the
 * same winners at the same cycles as the test-and-test-and-set loop written with word_xchg and a polling word_load,
 * except where the two differ in meaning:
 *  - a write waits in the line's queue: word_acquire invalidates the pollers' copies when the write is served, a plain
 *    line when the write is issued;
 *  - several domains lose their copies at once: with word_acquire they read again in the order of their distance from
 *    the writer, in the written loop in the order of their polls, which here is that of their CPU numbers;
 *  - several CPUs of one domain poll: with word_acquire one read serves them all.
 */
#include "machine/lines/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CPUS_MAX 8

/* --- word_acquire against the loop --- */

enum { FREE, TAKEN };

#define ACQUISITIONS_MAX 16

struct acquire_run {
    struct fixture fixture;
    struct line line;
    struct word word;
    bool is_written_out;
    uint32_t rounds;
    cycles arrival[CPUS_MAX], hold, rest;
    uint32_t winners[ACQUISITIONS_MAX], count;
    cycles times[ACQUISITIONS_MAX];
};

static void acquirer_main(struct cpu *cpu, void *data)
{
    struct acquire_run *run = data;

    cpu_spend(cpu, run->arrival[cpu->id]);
    for (uint32_t round = 0; round < run->rounds; round++) {
        if (!run->is_written_out)
            word_acquire(cpu, &run->word, FREE, TAKEN, false);
        else
            while (word_xchg(cpu, &run->word, TAKEN) != FREE)
                while (word_load(cpu, &run->word) != FREE)
                    ;
        cpu_settle(cpu);
        run->winners[run->count] = cpu->id;
        run->times[run->count++] = cpu_now(cpu);
        cpu_spend(cpu, run->hold);
        word_store(cpu, &run->word, FREE);
        cpu_spend(cpu, run->rest);
    }
}

static void acquire_run_open(struct acquire_run *run, const char *topology, bool is_written_out)
{
    struct costs costs = costs_westmere;

    costs.load_hit = 1; /* polls every cycle */
    costs.reads_per_socket = 0;
    run->is_written_out = is_written_out;
    run->count = 0;
    fixture_open(&run->fixture, topology, &costs, POLICY_TIMED, 1);
    line_init(&run->fixture.machine, &run->line, is_written_out ? LINE_PLAIN : LINE_CONTENDED);
    word_init(&run->word, &run->line, FREE);
}

/* The first `compared` acquisitions are the same. */
static void check_acquire_run(struct acquire_run *run, const char *topology, uint32_t cpus, uint32_t compared)
{
    static struct acquire_run written_out;

    written_out = *run;
    for (int i = 0; i < 2; i++) {
        struct acquire_run *each = i == 0 ? run : &written_out;
        acquire_run_open(each, topology, i == 1);
        for (uint32_t cpu = 0; cpu < cpus; cpu++)
            fixture_program(&each->fixture, cpu, acquirer_main, each);
        fixture_run(&each->fixture, CYCLES_NEVER);
        assert_int_equal(each->count, cpus * each->rounds);
        fixture_close(&each->fixture);
    }
    for (uint32_t i = 0; i < compared; i++) {
        assert_int_equal(run->winners[i], written_out.winners[i]);
        assert_int_equal(run->times[i], written_out.times[i]);
    }
}

/* For random arrival and hold times. */
static void two_cpus_race_as_the_loop_does(void **state)
{
    static const char *const topologies[] = { "package:1 [numa] l3:2 core:1 pu:1", "package:2 [numa] core:1 pu:1",
                                              "package:4 [numa] core:1 pu:1" };
    static struct acquire_run run;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, RNG_TEST);
    for (uint32_t i = 0; i < 200; i++) {
        run.rounds = 4;
        for (uint32_t cpu = 0; cpu < 2; cpu++)
            run.arrival[cpu] = rng_below(&rng, 3000);
        run.hold = rng_below(&rng, 2000);
        run.rest = rng_below(&rng, 4000);
        check_acquire_run(&run, topologies[i % COUNT(topologies)], 2, 2 * run.rounds);
    }
}

/* Arrivals are so far apart that only the writes of a hand-over find the line busy. With more than three CPUs only the
 * first hand-over is compared: its writer is CPU 0, from which the order of distance is that of CPU numbers. */
static void a_hand_over_goes_as_the_loop_does(void **state)
{
    static const struct {
        const char *topology;
        uint32_t cpus, compared;
    } rows[] = { { "package:3 [numa] core:1 pu:1", 3, 3 }, { "package:4 [numa] core:1 pu:1", 4, 2 } };
    static struct acquire_run run;
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 0, RNG_TEST);
    for (uint32_t i = 0; i < 100; i++) {
        run.rounds = 1;
        for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++)
            run.arrival[cpu] = cpu == 0 ? 0 : 1500 * cpu + rng_below(&rng, 600);
        run.hold = 12000 + rng_below(&rng, 3000);
        check_acquire_run(&run, rows[i % 2].topology, rows[i % 2].cpus, rows[i % 2].compared);
    }
}

/* CPU 0 holds the lock; CPUs 2 and 6 poll on sockets 1 and 3. The release invalidates their copies; socket 1 reads
 * first, and its xchg is already queued when socket 3's copy shows "free" as well, so that CPU 6's xchg fails. */
static void a_release_is_a_read_a_domain_and_then_xchgs(void **state)
{
    static struct acquire_run run;
    const struct costs *c = &costs_westmere;
    cycles release = 10000, read, arrival;

    (void)state;
    run.rounds = 1;
    run.hold = release - c->load_memory;
    run.rest = 0;
    memset(run.arrival, 0, sizeof(run.arrival));
    run.arrival[2] = 2000;
    run.arrival[6] = 4000;
    acquire_run_open(&run, "package:8 [numa] core:2 pu:1", false);
    run.fixture.costs.reads_per_socket = 1;
    fixture_program(&run.fixture, 0, acquirer_main, &run);
    fixture_program(&run.fixture, 2, acquirer_main, &run);
    fixture_program(&run.fixture, 6, acquirer_main, &run);
    fixture_run(&run.fixture, CYCLES_NEVER);
    fixture_close(&run.fixture);
    assert_int_equal(run.winners[1], 2);
    /* CPU 6's failed xchg moved the line to socket 3, CPU 2's read made it clean: the release invalidates both. */
    read = release + c->store_shared[DISTANCE_FAR];
    /* Socket 1 reads first, from CPU 0's cache; its copy arrives while the directory serves socket 3. */
    arrival = read + c->load_modified[DISTANCE_MIDDLE];
    assert_true(arrival < read + 2 * c->directory_service);
    /* The xchg is served when the directory is free, and invalidates the copies of sockets 0, 1 and 3. */
    assert_int_equal(run.times[1], read + 2 * c->directory_service + c->atomic_shared[DISTANCE_MIDDLE]);
}

/* --- word_wait --- */

struct wait_run {
    struct fixture fixture;
    struct line line;
    struct word word;
    cycles from[CPUS_MAX];
    uint64_t wanted[CPUS_MAX];
    bool irq_on;
    cycles seen[CPUS_MAX];
    cycles handled[CPUS_MAX];
};

static void wait_run(struct cpu *cpu, void *data)
{
    struct wait_run *run = data;

    program_sleep_until(cpu, run->from[cpu->id]);
    if (run->irq_on)
        cpu_irq_on(cpu);
    word_wait(cpu, &run->word, run->wanted[cpu->id]);
    run->seen[cpu->id] = cpu_now(cpu);
    cpu_irq_off(cpu);
}

static void write_run(struct cpu *cpu, void *data)
{
    struct wait_run *run = data;

    for (uint64_t value = 1; value <= 3; value++) {
        program_sleep_until(cpu, 10000 * value);
        word_store(cpu, &run->word, value);
    }
}

static void wait_open(struct wait_run *run)
{
    *run = (struct wait_run){ .irq_on = false };
    fixture_open(&run->fixture, "package:4 [numa] core:2 pu:1", &costs_westmere, POLICY_TIMED, 1);
    line_init(&run->fixture.machine, &run->line, LINE_WAITED);
    word_init(&run->word, &run->line, 0);
    fixture_program(&run->fixture, 0, write_run, run);
}

static void waiter_add(struct wait_run *run, uint32_t cpu, cycles from, uint64_t wanted)
{
    run->from[cpu] = from;
    run->wanted[cpu] = wanted;
    fixture_program(&run->fixture, cpu, wait_run, run);
}

static void a_value_that_is_there_costs_a_load(void **state)
{
    static struct wait_run run;

    (void)state;
    wait_open(&run);
    waiter_add(&run, 1, 15000, 1);
    fixture_run(&run.fixture, CYCLES_NEVER);
    fixture_close(&run.fixture);
    assert_int_equal(run.seen[1], 15000 + costs_westmere.load_modified[DISTANCE_NEAR]);
}

/* Three waiters in the order of their values, on sockets 0, 1 and 3. */
static void each_waiter_sees_its_own_value(void **state)
{
    const struct costs *c = &costs_westmere;
    static struct wait_run run;

    (void)state;
    wait_open(&run);
    waiter_add(&run, 1, 1000, 1);
    waiter_add(&run, 2, 2000, 2);
    waiter_add(&run, 6, 3000, 3);
    fixture_run(&run.fixture, CYCLES_NEVER);
    fixture_close(&run.fixture);
    /* The store invalidates two hops away; then each socket with pollers reads again, the writer's first. */
    assert_int_equal(run.seen[1], 10000 + c->store_shared[DISTANCE_FAR] + c->load_modified[DISTANCE_NEAR]);
    /* No CPU of socket 0 polls any more. */
    assert_int_equal(run.seen[2], 20000 + c->store_shared[DISTANCE_FAR] + c->load_modified[DISTANCE_MIDDLE]);
    assert_int_equal(run.seen[6], 30000 + c->store_shared[DISTANCE_FAR] + c->load_modified[DISTANCE_FAR]);
}

static void event_deliver(void *argument) { lapic_deliver(argument, 0x40); }

static void handler(struct cpu *cpu, uint32_t vector)
{
    struct wait_run *run = fixture_of(cpu)->data;

    assert_int_equal(vector, 0x40);
    run->handled[cpu->id] = cpu_now(cpu);
    cpu_spend(cpu, 700);
    lapic_eoi(cpu);
}

/* With interrupts on, the waiter takes them and waits on; with interrupts off, it takes them afterwards. */
static void interrupts_are_taken_while_waiting_if_they_are_on(void **state)
{
    const struct costs *c = &costs_westmere;
    cycles seen = 10000 + c->store_shared[DISTANCE_MIDDLE] + c->load_modified[DISTANCE_MIDDLE];

    (void)state;
    for (int irq_on = 0; irq_on < 2; irq_on++) {
        static struct wait_run run;

        wait_open(&run);
        waiter_add(&run, 2, 1000, 1);
        run.irq_on = irq_on;
        run.fixture.data = &run;
        run.fixture.interrupt = handler;
        uint32_t slot = engine_event(&run.fixture.engine, event_deliver, &run.fixture.machine.cpus[2]);
        engine_at(&run.fixture.engine, slot, 5000);
        fixture_run(&run.fixture, CYCLES_NEVER);
        assert_int_equal(run.seen[2], seen);
        assert_int_equal(run.handled[2], irq_on ? 5000 + c->irq_entry : 0);
        assert_int_equal(lapic_deliverable(&run.fixture.machine.cpus[2]), irq_on ? 0 : 0x40);
        fixture_close(&run.fixture);
    }
}

/* A handler that is still running when the write comes delays what its CPU sees, by no more than it runs on. */
static void a_write_during_a_handler_is_seen_after_it(void **state)
{
    const struct costs *c = &costs_westmere;
    cycles handler_end = 9900 + c->irq_entry + 700 + c->lapic_eoi + c->irq_exit;
    static struct wait_run run;

    (void)state;
    wait_open(&run);
    waiter_add(&run, 2, 1000, 1);
    run.irq_on = true;
    run.fixture.data = &run;
    run.fixture.interrupt = handler;
    uint32_t slot = engine_event(&run.fixture.engine, event_deliver, &run.fixture.machine.cpus[2]);
    engine_at(&run.fixture.engine, slot, 9900);
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.seen[2], handler_end + c->load_modified[DISTANCE_MIDDLE]);
    fixture_close(&run.fixture);
}

struct own_run {
    struct fixture fixture;
    struct line line;
    struct word word;
    uint64_t loaded;
    cycles load, add;
};

static void own_accesses(struct cpu *cpu, void *data)
{
    struct own_run *run = data;

    word_store(cpu, &run->word, 40);
    cycles from = cpu_now(cpu);
    word_add_own(cpu, &run->word, 2);
    run->add = cpu_now(cpu) - from;
    run->loaded = word_load_own(cpu, &run->word);
    run->load = cpu_now(cpu) - from - run->add;
}

static void what_a_cpu_alone_writes_costs_what_other_words_cost(void **state)
{
    static struct own_run run;

    (void)state;
    fixture_open(&run.fixture, "package:1 [numa] core:2 pu:1", &costs_westmere, POLICY_TIMED, 1);
    line_init(&run.fixture.machine, &run.line, LINE_PLAIN);
    word_init(&run.word, &run.line, 0);
    fixture_program(&run.fixture, 0, own_accesses, &run);
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.loaded, 42);
    assert_int_equal(run.load, costs_westmere.load_hit);
    assert_int_equal(run.add, costs_westmere.store_hit);
    fixture_close(&run.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_cpus_race_as_the_loop_does),
        cmocka_unit_test(a_hand_over_goes_as_the_loop_does),
        cmocka_unit_test(a_release_is_a_read_a_domain_and_then_xchgs),
        cmocka_unit_test(a_value_that_is_there_costs_a_load),
        cmocka_unit_test(each_waiter_sees_its_own_value),
        cmocka_unit_test(interrupts_are_taken_while_waiting_if_they_are_on),
        cmocka_unit_test(a_write_during_a_handler_is_seen_after_it),
        cmocka_unit_test(what_a_cpu_alone_writes_costs_what_other_words_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
