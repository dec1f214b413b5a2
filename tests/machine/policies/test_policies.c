/* SPDX-License-Identifier: Apache-2.0
 *
 * Events, timers and deadlines under each policy, and that each policy object is complete.
 */
#include "machine/policies/policies.h"

#include "death.h"
#include "machine_fixture.h"

static const struct {
    enum policy policy;
    const struct machine_policy *object;
    const struct engine_policy *engine;
    bool time_passes;
} rows[] = {
    { POLICY_TIMED, &policy_timed, &engine_policy_timed, true },
    { POLICY_RANDOM, &policy_random, &engine_policy_random, true },
    { POLICY_EXHAUSTIVE, &policy_exhaustive, &engine_policy_exhaustive, false },
    { POLICY_EXHAUSTIVE_TSO, &policy_exhaustive_tso, &engine_policy_exhaustive, false },
};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static void each_is_found_and_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct machine_policy *policy = rows[i].object;

        assert_ptr_equal(policy_find(rows[i].policy), policy);
        assert_ptr_equal(policy->engine, rows[i].engine);
        assert_int_equal(policy->is_explored, !rows[i].time_passes);
        assert_int_equal(policy->has_line_ownership, rows[i].time_passes);
        assert_true(policy->lines_init && policy->access && policy->wait && policy->acquire && policy->acquire_by_cas);
        assert_true(policy->touch && policy->settle && policy->timer_set && policy->deadline && policy->event_at);
        assert_true(policy->event_again && policy->event_after && policy->vector_start && policy->raise);
    }
}

struct run {
    struct fixture fixture;
    uint32_t slot, fired;
    cycles deadline;
};

static void fire(void *argument) { ((struct run *)argument)->fired++; }

static void asks(struct cpu *cpu, void *data)
{
    struct run *run = data;

    cpu_spend(cpu, 1000);
    cpu_settle(cpu);
    run->deadline = cpu_deadline(cpu, 50);
    lapic_timer_set(cpu, 5000);
    for (;;)
        engine_park(cpu->engine);
}

static void run_open(struct run *run, enum policy policy)
{
    *run = (struct run){ .fired = 0 };
    fixture_open(&run->fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, policy, 1);
    run->slot = engine_event(&run->fixture.engine, fire, run);
    fixture_program(&run->fixture, 0, asks, run);
}

/* Under the timed and random policies an event fires at its time; explored, at any time or never. */
static void time_to_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct engine *engine;
        struct cpu *cpu;
        struct run run;

        run_open(&run, rows[i].policy);
        engine = &run.fixture.engine;
        cpu = &run.fixture.machine.cpus[0];
        engine_at(engine, cpu->actor.slot, 0);
        if (rows[i].time_passes)
            engine_run(engine, 1001);
        else
            engine_step(engine, cpu->actor.slot);
        assert_int_equal(run.deadline, rows[i].time_passes ? 1050 : CYCLES_NEVER);
        assert_int_equal(eventq_time(&engine->queue, cpu->lapic.timer_slot), rows[i].time_passes ? 5000 : CYCLES_NEVER);
        fixture_close(&run.fixture);
    }
}

enum verb { AT, AGAIN, AFTER };

static void events_to_come(void **state)
{
    static const struct {
        enum verb verb;
        cycles when;
        cycles timed, explored; /* pending at */
        uint32_t fired_at_once; /* explored */
    } events[] = {
        { AT, 300, 300, 0, 0 },
        { AT, 0, 0, 0, 0 },
        { AT, CYCLES_NEVER, CYCLES_NEVER, CYCLES_NEVER, 0 },
        { AGAIN, 300, 300, CYCLES_NEVER, 0 },
        { AFTER, 300, 300, CYCLES_NEVER, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < COUNT(events); j++) {
            const struct machine *machine;
            struct run run;

            run_open(&run, rows[i].policy);
            machine = &run.fixture.machine;
            if (events[j].verb == AT)
                machine_event_at(machine, run.slot, events[j].when);
            else if (events[j].verb == AGAIN)
                machine_event_again(machine, run.slot, events[j].when);
            else
                machine_event_after(machine, run.slot, events[j].when);
            assert_int_equal(eventq_time(&run.fixture.engine.queue, run.slot),
                             rows[i].time_passes ? events[j].timed : events[j].explored);
            assert_int_equal(run.fired, rows[i].time_passes ? 0 : events[j].fired_at_once);
            fixture_close(&run.fixture);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_and_whole),
        cmocka_unit_test(time_to_come),
        cmocka_unit_test(events_to_come),
    };

    return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
