/* SPDX-License-Identifier: Apache-2.0
 *
 * The cost of an access to a cache line, to the cycle and by the names of the cost table, depending on the line's
 * state, the distance of its owner and the requests in front. Every case is a table of accesses with CPU and request
 * time, and the times and values expected.
 */
#include "machine/lines/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define STEPS_MAX 16

#define C costs_westmere

/* Two cores a socket: CPUs 2s and 2s+1 are near. Socket 1 is one hop from 0 and from 3. */
#define TOPOLOGY "package:8 [numa] core:2 pu:1"
enum { SELF = 0, NEAR = 1, ONE_HOP = 2, TWO_HOPS = 6 };

struct step {
    uint32_t cpu;
    cycles at; /* earliest time of the request; later if the CPU's previous access ends later */
    enum word_operation operation;
    uint64_t operand;
    cycles finish; /* expected */
    uint64_t old;  /* expected of everything but stores */
};

struct case_run {
    struct fixture fixture;
    struct line line;
    struct word word;
    const struct step *steps;
    size_t step_count;
    cycles finish[STEPS_MAX];
    uint64_t old[STEPS_MAX];
};

static uint64_t access(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand)
{
    switch (operation) {
    case WORD_LOAD:
        return word_load(cpu, word);
    case WORD_STORE:
        word_store(cpu, word, operand);
        return 0;
    case WORD_XCHG:
        return word_xchg(cpu, word, operand);
    case WORD_CAS:
        return word_cas(cpu, word, operand, operand + 1);
    case WORD_ADD:
        return word_fetch_add(cpu, word, operand);
    case WORD_OR:
        return word_fetch_or(cpu, word, operand);
    case WORD_AND:
        return word_fetch_and(cpu, word, operand);
    case WORD_FIELD:
        word_store_field(cpu, word, 0xff, operand);
        return 0;
    }
    return 0;
}

static void steps_run(struct cpu *cpu, void *data)
{
    struct case_run *run = data;

    for (size_t i = 0; i < run->step_count; i++) {
        const struct step *step = &run->steps[i];
        if (step->cpu != cpu->id)
            continue;
        if (step->at > cpu_now(cpu))
            cpu_spend(cpu, step->at - cpu_now(cpu));
        run->old[i] = access(cpu, &run->word, step->operation, step->operand);
        run->finish[i] = cpu_now(cpu);
    }
}

/* Lines of every kind cost the same as long as no CPU spins on them. */
static void check_steps(const struct costs *costs, const struct step *steps, size_t count)
{
    static const enum line_kind kinds[] = { LINE_PLAIN, LINE_WAITED, LINE_CONTENDED };

    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        static struct case_run run;

        assert_true(count <= STEPS_MAX);
        run.steps = steps;
        run.step_count = count;
        fixture_open(&run.fixture, TOPOLOGY, costs, POLICY_TIMED, 1);
        line_init(&run.fixture.machine, &run.line, kinds[kind]);
        word_init(&run.word, &run.line, 0);
        for (size_t i = 0; i < count; i++)
            fixture_program(&run.fixture, steps[i].cpu, steps_run, &run);
        fixture_run(&run.fixture, CYCLES_NEVER);
        for (size_t i = 0; i < count; i++) {
            if (run.finish[i] != steps[i].finish)
                fail_msg("kind %zu, step %zu ends at %llu, not at %llu", kind, i, (unsigned long long)run.finish[i],
                         (unsigned long long)steps[i].finish);
            if (steps[i].operation != WORD_STORE)
                assert_int_equal(run.old[i], steps[i].old);
        }
        fixture_close(&run.fixture);
    }
}

/* --- one access, by state and distance --- */

enum line_state { MEMORY, MODIFIED_ELSEWHERE, CLEAN_ELSEWHERE, MODIFIED_HERE, CLEAN_HERE, CLEAN_HERE_AND_ELSEWHERE };

struct latency_row {
    enum line_state state;
    enum word_operation operation;
    uint32_t other;
    cycles latency;
};

static const struct latency_row latencies[] = {
    { MEMORY, WORD_LOAD, NEAR, 355 },
    { MEMORY, WORD_STORE, NEAR, 355 },
    { MEMORY, WORD_XCHG, NEAR, 355 },
    { MODIFIED_HERE, WORD_LOAD, NEAR, 5 },
    { MODIFIED_HERE, WORD_STORE, NEAR, 5 },
    { MODIFIED_HERE, WORD_FIELD, NEAR, 5 },
    { MODIFIED_HERE, WORD_ADD, NEAR, 20 },
    { CLEAN_HERE, WORD_LOAD, NEAR, 5 },
    { CLEAN_HERE, WORD_STORE, NEAR, 5 },
    { CLEAN_HERE, WORD_ADD, NEAR, 20 },
    { CLEAN_HERE_AND_ELSEWHERE, WORD_LOAD, TWO_HOPS, 5 },
    { CLEAN_HERE_AND_ELSEWHERE, WORD_STORE, NEAR, 116 },
    { CLEAN_HERE_AND_ELSEWHERE, WORD_STORE, ONE_HOP, 318 },
    { CLEAN_HERE_AND_ELSEWHERE, WORD_STORE, TWO_HOPS, 428 },
    { CLEAN_HERE_AND_ELSEWHERE, WORD_XCHG, NEAR, 113 },
    { CLEAN_HERE_AND_ELSEWHERE, WORD_XCHG, ONE_HOP, 312 },
    { CLEAN_HERE_AND_ELSEWHERE, WORD_XCHG, TWO_HOPS, 423 },
    { MODIFIED_ELSEWHERE, WORD_LOAD, NEAR, 109 },
    { MODIFIED_ELSEWHERE, WORD_LOAD, ONE_HOP, 289 },
    { MODIFIED_ELSEWHERE, WORD_LOAD, TWO_HOPS, 400 },
    { MODIFIED_ELSEWHERE, WORD_STORE, NEAR, 115 },
    { MODIFIED_ELSEWHERE, WORD_STORE, ONE_HOP, 320 },
    { MODIFIED_ELSEWHERE, WORD_STORE, TWO_HOPS, 431 },
    { MODIFIED_ELSEWHERE, WORD_XCHG, NEAR, 120 },
    { MODIFIED_ELSEWHERE, WORD_CAS, ONE_HOP, 324 },
    { MODIFIED_ELSEWHERE, WORD_ADD, TWO_HOPS, 430 },
    { MODIFIED_ELSEWHERE, WORD_OR, TWO_HOPS, 430 },
    { MODIFIED_ELSEWHERE, WORD_AND, TWO_HOPS, 430 },
    { CLEAN_ELSEWHERE, WORD_LOAD, NEAR, 44 },
    { CLEAN_ELSEWHERE, WORD_LOAD, ONE_HOP, 223 },
    { CLEAN_ELSEWHERE, WORD_LOAD, TWO_HOPS, 334 },
    { CLEAN_ELSEWHERE, WORD_STORE, NEAR, 116 },
    { CLEAN_ELSEWHERE, WORD_STORE, ONE_HOP, 318 },
    { CLEAN_ELSEWHERE, WORD_STORE, TWO_HOPS, 428 },
    { CLEAN_ELSEWHERE, WORD_CAS, NEAR, 113 },
    { CLEAN_ELSEWHERE, WORD_ADD, ONE_HOP, 312 },
    { CLEAN_ELSEWHERE, WORD_XCHG, TWO_HOPS, 423 },
};

struct latency_run {
    struct fixture fixture;
    struct line line;
    struct word word;
    const struct latency_row *row;
    cycles latency;
};

/* The other CPU prepares the line at 0, this one at 5000, and then asks at 10000. */
static void other_run(struct cpu *cpu, void *data)
{
    struct latency_run *run = data;
    enum line_state state = run->row->state;

    if (state == MODIFIED_ELSEWHERE)
        word_store(cpu, &run->word, 0);
    else if (state == CLEAN_ELSEWHERE || state == CLEAN_HERE_AND_ELSEWHERE)
        word_load(cpu, &run->word);
}

static void self_run(struct cpu *cpu, void *data)
{
    struct latency_run *run = data;
    enum line_state state = run->row->state;

    program_sleep_until(cpu, 5000);
    if (state == MODIFIED_HERE)
        word_store(cpu, &run->word, 0);
    else if (state == CLEAN_HERE || state == CLEAN_HERE_AND_ELSEWHERE)
        word_load(cpu, &run->word);
    program_sleep_until(cpu, 10000);
    access(cpu, &run->word, run->row->operation, 0);
    run->latency = cpu_now(cpu) - 10000;
}

static void latencies_are_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(latencies); i++) {
        static struct latency_run run;

        run.row = &latencies[i];
        fixture_open(&run.fixture, TOPOLOGY, &costs_westmere, POLICY_TIMED, 1);
        line_init(&run.fixture.machine, &run.line, LINE_PLAIN);
        word_init(&run.word, &run.line, 0);
        fixture_program(&run.fixture, SELF, self_run, &run);
        fixture_program(&run.fixture, latencies[i].other, other_run, &run);
        fixture_run(&run.fixture, CYCLES_NEVER);
        if (run.latency != latencies[i].latency)
            fail_msg("row %zu: %llu cycles, not %llu", i, (unsigned long long)run.latency,
                     (unsigned long long)latencies[i].latency);
        fixture_close(&run.fixture);
    }
}

static void distances_are_as_the_cases_assume(void **state)
{
    static struct fixture fixture;

    (void)state;
    fixture_open(&fixture, TOPOLOGY, &costs_westmere, POLICY_TIMED, 1);
    assert_int_equal(fixture_cpu_at(&fixture, SELF, DISTANCE_NEAR), NEAR);
    assert_int_equal(fixture_cpu_at(&fixture, SELF, DISTANCE_MIDDLE), ONE_HOP);
    assert_int_equal(topology_distance(&fixture.topology, 0, fixture.topology.cpus[TWO_HOPS].domain), DISTANCE_FAR);
    assert_int_equal(topology_distance(&fixture.topology, 1, fixture.topology.cpus[TWO_HOPS].domain), DISTANCE_MIDDLE);
    fixture_close(&fixture);
}

/* --- several --- */

/* Both ask all the time: each transfer waits for the one before, and the line moves each time. */
static void a_line_in_demand_moves_with_each_atomic(void **state)
{
    static const struct {
        uint32_t other;
        cycles hop;
    } rows[] = { { NEAR, 120 }, { ONE_HOP, 324 }, { TWO_HOPS, 430 } };

    (void)state;
    for (size_t row = 0; row < COUNT(rows); row++) {
        cycles hop = rows[row].hop;
        const struct step steps[] = {
            { SELF, 0, WORD_ADD, 1, C.load_memory, 0 },
            { rows[row].other, 0, WORD_ADD, 1, C.load_memory + hop, 1 },
            { SELF, 0, WORD_ADD, 1, C.load_memory + 2 * hop, 2 },
            { rows[row].other, 0, WORD_ADD, 1, C.load_memory + 3 * hop, 3 },
            { SELF, 0, WORD_ADD, 1, C.load_memory + 4 * hop, 4 },
            { rows[row].other, 0, WORD_ADD, 1, C.load_memory + 5 * hop, 5 },
        };
        check_steps(&costs_westmere, steps, COUNT(steps));
    }
}

/* At the same cycle the lower CPU asks first; the distance is between the CPUs that hand the line over. */
static void transfers_of_one_line_follow_each_other(void **state)
{
    static const struct step steps[] = {
        { SELF, 0, WORD_XCHG, 1, 355, 0 },
        { NEAR, 1000, WORD_XCHG, 2, 1000 + 120, 1 },
        { ONE_HOP, 1000, WORD_XCHG, 3, 1000 + 120 + 324, 2 },
        { TWO_HOPS, 1000, WORD_STORE, 4, 1000 + 120 + 324 + 320, 0 }, /* one hop from socket 1 */
        { SELF, 1001, WORD_LOAD, 0, 1000 + 120 + 324 + 320 + 400, 4 },
    };

    (void)state;
    check_steps(&costs_westmere, steps, COUNT(steps));
}

/* The first read makes the line clean; the others are served by the nearest copy, directory_service apart. */
static void reads_of_one_line_keep_the_directory_busy(void **state)
{
    static const struct step steps[] = {
        { SELF, 0, WORD_STORE, 7, 355, 0 },
        { ONE_HOP, 1000, WORD_LOAD, 0, 1000 + 289, 7 },
        { ONE_HOP + 1, 1000, WORD_LOAD, 0, 1000 + 200 + 44, 7 },
        { TWO_HOPS, 1000, WORD_LOAD, 0, 1000 + 2 * 200 + 223, 7 },
        { TWO_HOPS + 1, 1000, WORD_LOAD, 0, 1000 + 3 * 200 + 44, 7 },
        { NEAR, 1100, WORD_LOAD, 0, 1000 + 4 * 200 + 44, 7 },
        { ONE_HOP, 1300, WORD_LOAD, 0, 1305, 7 },               /* its own copy needs no directory */
        { SELF, 1700, WORD_STORE, 8, 1000 + 5 * 200 + 428, 0 }, /* behind the reads; two hops to invalidate */
    };

    (void)state;
    check_steps(&costs_westmere, steps, COUNT(steps));
}

static void an_invalidation_waits_for_the_farthest_copy(void **state)
{
    static const struct step steps[] = {
        { ONE_HOP, 0, WORD_LOAD, 0, 355, 0 },        { TWO_HOPS, 1000, WORD_LOAD, 0, 1000 + 223, 0 },
        { SELF, 2000, WORD_XCHG, 1, 2000 + 423, 0 }, { ONE_HOP, 3000, WORD_LOAD, 0, 3000 + 289, 1 },
        { SELF, 4000, WORD_XCHG, 2, 4000 + 312, 1 },
    };

    (void)state;
    check_steps(&costs_westmere, steps, COUNT(steps));
}

/* However far ahead of the clock its own work has taken a CPU, its access has its place in time. */
static void an_access_sees_what_ended_before_it(void **state)
{
    static const struct step steps[] = {
        { SELF, 0, WORD_STORE, 1, 355, 0 },
        { SELF, 4000, WORD_LOAD, 0, 4000 + 289, 2 }, /* between them nothing but work with interrupts off */
        { ONE_HOP, 1000, WORD_STORE, 2, 1000 + 320, 0 },
    };
    static const struct step later[] = {
        { SELF, 0, WORD_STORE, 1, 355, 0 },
        { SELF, 4000, WORD_STORE, 2, 4000 + 318, 0 },
        { ONE_HOP, 1000, WORD_LOAD, 0, 1000 + 289, 1 },
    };

    (void)state;
    check_steps(&costs_westmere, steps, COUNT(steps));
    check_steps(&costs_westmere, later, COUNT(later));
}

static void operations_return_the_old_value(void **state)
{
    static const struct step steps[] = {
        { SELF, 0, WORD_STORE, 12, 355, 0 },    { SELF, 0, WORD_XCHG, 9, 375, 12 },
        { SELF, 0, WORD_CAS, 8, 395, 9 }, /* another value: stays */
        { SELF, 0, WORD_CAS, 9, 415, 9 }, /* becomes 10 */
        { SELF, 0, WORD_ADD, 5, 435, 10 },      { SELF, 0, WORD_OR, 0x30, 455, 15 },
        { SELF, 0, WORD_AND, 0x1c, 475, 0x3f }, { SELF, 0, WORD_LOAD, 0, 480, 0x1c },
    };

    (void)state;
    check_steps(&costs_westmere, steps, COUNT(steps));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_as_the_cases_assume),
        cmocka_unit_test(latencies_are_the_table),
        cmocka_unit_test(a_line_in_demand_moves_with_each_atomic),
        cmocka_unit_test(transfers_of_one_line_follow_each_other),
        cmocka_unit_test(reads_of_one_line_keep_the_directory_busy),
        cmocka_unit_test(an_invalidation_waits_for_the_farthest_copy),
        cmocka_unit_test(an_access_sees_what_ended_before_it),
        cmocka_unit_test(operations_return_the_old_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
