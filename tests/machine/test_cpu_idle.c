/* SPDX-License-Identifier: Apache-2.0
 *
 * The C-state of a halt: the deepest one allowed that takes at most a tenth of the mean idle time to leave, from both
 * sides of each bound; and how the mean follows the halts.
 */
#include "machine/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HALTS 6
#define C costs_westmere

enum { WAKE = 0x41 };

struct run {
    struct fixture fixture;
    uint32_t slot;
    bool is_shallow;
    cycles mean;                         /* before the first halt */
    cycles lengths[HALTS], wakes[HALTS]; /* from a halt to its vector, and from there to its end; up to a length of 0 */
};

static void deliver(void *argument) { lapic_deliver(argument, WAKE); }

static void halts(struct cpu *cpu, void *data)
{
    struct run *run = data;

    cpu->idle_mean = run->mean;
    for (size_t i = 0; i < HALTS && run->lengths[i] > 0; i++) {
        cpu_settle(cpu);
        cycles vector = cpu->engine->now + run->lengths[i];
        engine_at(cpu->engine, run->slot, vector);
        if (run->is_shallow)
            cpu_halt_shallow(cpu);
        else
            cpu_halt(cpu);
        run->wakes[i] = cpu_now(cpu) - vector;
        cpu_irq_on(cpu);
        cpu_irq_off(cpu);
    }
    run->mean = cpu->idle_mean;
}

static void run_halts(struct run *run, const struct costs *costs)
{
    fixture_open(&run->fixture, "package:1 [numa] core:1 pu:1", costs, POLICY_TIMED, 1);
    run->slot = engine_event(&run->fixture.engine, deliver, &run->fixture.machine.cpus[0]);
    fixture_program(&run->fixture, 0, halts, run);
    fixture_run(&run->fixture, CYCLES_NEVER);
    fixture_close(&run->fixture);
}

/* The wake-up costs of the table are 2,130, 21,300, 42,600 and 426,000 cycles. */
static void the_mean_idle_time_chooses_the_state(void **state)
{
    const struct {
        enum idle_state deepest;
        cycles mean, wake;
    } rows[] = {
        { IDLE_C6, 0, C.idle_wake },
        { IDLE_C6, 212999, C.idle_wake },
        { IDLE_C6, 213000, C.idle_wake_c1e },
        { IDLE_C6, 425999, C.idle_wake_c1e },
        { IDLE_C6, 426000, C.idle_wake_c3 },
        { IDLE_C6, 4259999, C.idle_wake_c3 },
        { IDLE_C6, 4260000, C.idle_wake_c6 },
        { IDLE_C6, 1000000000, C.idle_wake_c6 },
        { IDLE_C3, 4260000, C.idle_wake_c3 },
        { IDLE_C3, 425999, C.idle_wake_c1e },
        { IDLE_C1E, 4260000, C.idle_wake_c1e },
        { IDLE_C1E, 212999, C.idle_wake },
        { IDLE_C1, 4260000, C.idle_wake },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct run run;
        struct costs costs = C;

        costs.idle_deepest = rows[i].deepest;
        run = (struct run){ .mean = rows[i].mean, .lengths = { 5000 } };
        run_halts(&run, &costs);
        if (run.wakes[0] != rows[i].wake)
            fail_msg("row %zu: %d cycles", i, (int)run.wakes[0]);
        assert_int_equal(run.mean, (rows[i].mean + 5000) / 2); /* the idle time is that without the wake-up */
    }
}

/* A machine need not have each state. */
static void a_state_that_the_machine_has_not_is_passed_over(void **state)
{
    (void)state;
    for (int is_missing = 0; is_missing < 2; is_missing++) {
        static struct run run;
        struct costs costs = C;

        costs.idle_deepest = IDLE_C6;
        costs.idle_wake_c3 = is_missing ? 0 : costs.idle_wake_c3;
        run = (struct run){ .mean = 4259999, .lengths = { 5000 } };
        run_halts(&run, &costs);
        assert_int_equal(run.wakes[0], is_missing ? C.idle_wake_c1e : C.idle_wake_c3);
    }
}

/* Each halt counts as much as all that came before it. HLT in guest mode is C1, and counts. */
static void the_mean_follows_the_halts(void **state)
{
    static const struct {
        bool is_shallow;
        cycles lengths[HALTS], wakes[HALTS], mean;
    } rows[] = {
        /* the mean before each: 0, 250000, 375000, 437500, 468750 */
        { false, { 500000, 500000, 500000, 500000, 500000 }, { 2130, 21300, 21300, 42600, 42600 }, 484375 },
        /* a short one after long ones; 0, 4260000, 2130500 */
        { false, { 8520000, 1000, 1000 }, { 2130, 426000, 42600 }, 1065750 },
        /* one cycle less: 0, 4259999, 2130499 */
        { false, { 8519999, 1000, 1000 }, { 2130, 42600, 42600 }, 1065749 },
        { true, { 500000, 500000, 500000 }, { 2130, 2130, 2130 }, 437500 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct run run;
        struct costs costs = C;

        costs.idle_deepest = IDLE_C6;
        run = (struct run){ .is_shallow = rows[i].is_shallow };
        for (size_t k = 0; k < HALTS; k++)
            run.lengths[k] = rows[i].lengths[k];
        run_halts(&run, &costs);
        for (size_t k = 0; k < HALTS; k++)
            if (run.wakes[k] != rows[i].wakes[k])
                fail_msg("row %zu, halt %zu: %d cycles", i, k, (int)run.wakes[k]);
        assert_int_equal(run.mean, rows[i].mean);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mean_idle_time_chooses_the_state),
        cmocka_unit_test(a_state_that_the_machine_has_not_is_passed_over),
        cmocka_unit_test(the_mean_follows_the_halts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
