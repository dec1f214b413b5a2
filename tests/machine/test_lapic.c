/* SPDX-License-Identifier: Apache-2.0
 *
 * The local APIC: priority of requested vectors over those in service, IPIs in flight, the one-shot timer.
 */
#include "machine/lapic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "death.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define C costs_westmere

static void only_a_higher_class_is_deliverable(void **state)
{
    static const struct {
        uint32_t in_service, requested[2], deliverable;
    } rows[] = {
        { 0, { 0, 0 }, 0 },          { 0, { 0x41, 0 }, 0x41 },    { 0, { 0x41, 0x42 }, 0x42 },
        { 0, { 0xf2, 0x41 }, 0xf2 }, { 0x41, { 0x41, 0 }, 0 },    { 0x41, { 0x4f, 0 }, 0 },
        { 0x4f, { 0x50, 0 }, 0x50 }, { 0xf2, { 0xfb, 0x41 }, 0 }, { 0x41, { 0xfb, 0x30 }, 0xfb },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct fixture fixture;

        fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, POLICY_TIMED, 1);
        struct cpu *cpu = &fixture.machine.cpus[0];
        if (rows[i].in_service != 0) {
            lapic_deliver(cpu, rows[i].in_service);
            lapic_accept(cpu, rows[i].in_service);
        }
        for (int r = 0; r < 2 && rows[i].requested[r] != 0; r++)
            assert_true(lapic_deliver(cpu, rows[i].requested[r]));
        assert_int_equal(lapic_deliverable(cpu), rows[i].deliverable);
        fixture_close(&fixture);
    }
}

static void an_eoi_ends_the_highest_in_service(void **state)
{
    static struct fixture fixture;

    (void)state;
    fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, POLICY_TIMED, 1);
    struct cpu *cpu = &fixture.machine.cpus[0];
    lapic_deliver(cpu, 0x41);
    lapic_accept(cpu, 0x41);
    lapic_deliver(cpu, 0x91);
    lapic_accept(cpu, 0x91);
    lapic_deliver(cpu, 0x42);
    lapic_eoi(cpu);
    assert_int_equal(lapic_deliverable(cpu), 0);
    lapic_eoi(cpu);
    assert_int_equal(lapic_deliverable(cpu), 0x42);
    fixture_close(&fixture);
}

/* The IRR has one bit per vector: an arrival while it is set is lost; an arrival while only the ISR bit is set is kept.
 */
static void a_vector_that_is_requested_coalesces(void **state)
{
    static struct fixture fixture;

    (void)state;
    fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, POLICY_TIMED, 1);
    struct cpu *cpu = &fixture.machine.cpus[0];
    assert_true(lapic_deliver(cpu, 0x41));
    assert_false(lapic_deliver(cpu, 0x41));
    assert_true(lapic_deliver(cpu, 0x42));
    lapic_accept(cpu, 0x41);
    assert_true(lapic_deliver(cpu, 0x41));
    assert_false(lapic_deliver(cpu, 0x41));
    fixture_close(&fixture);
}

static void eoi_of_nothing(void *argument) { lapic_eoi(argument); }

static void an_eoi_without_interrupt_is_our_bug(void **state)
{
    static struct fixture fixture;

    (void)state;
    fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, POLICY_TIMED, 1);
    assert_check_fails(eoi_of_nothing, &fixture.machine.cpus[0], "vector != 0");
    fixture_close(&fixture);
}

/* --- in time --- */

#define LOG_MAX 8

struct sending {
    cycles at;
    uint32_t target, vector;
};

struct run {
    struct fixture fixture;
    struct sending sendings[3]; /* of CPU 0 */
    struct sending other;       /* of CPU 2 */
    cycles timer[3];            /* CPU 0 sets it to these, one after the other */
    cycles set_at[3];
    struct {
        uint32_t cpu, vector;
        cycles at;
    } log[LOG_MAX];
    uint32_t logged;
};

static void handler(struct cpu *cpu, uint32_t vector)
{
    struct run *run = fixture_of(cpu)->data;

    assert_true(run->logged < LOG_MAX);
    run->log[run->logged].cpu = cpu->id;
    run->log[run->logged].vector = vector;
    run->log[run->logged++].at = cpu_now(cpu) - C.irq_entry;
    lapic_eoi(cpu);
}

static void receive(struct cpu *cpu, void *data)
{
    (void)data;
    cpu_irq_on(cpu);
    program_sleep_until(cpu, 100000);
}

static void send(struct cpu *cpu, void *data)
{
    const struct run *run = data;
    const struct sending *sending = run->sendings;

    for (; sending->vector != 0; sending++) {
        program_sleep_until(cpu, sending->at);
        ipi_send(cpu, &cpu->machine->cpus[sending->target], sending->vector);
    }
}

static void send_too(struct cpu *cpu, void *data)
{
    const struct run *run = data;

    program_sleep_until(cpu, run->other.at);
    ipi_send(cpu, &cpu->machine->cpus[run->other.target], run->other.vector);
}

static void run_open(struct run *run, void (*program)(struct cpu *, void *))
{
    *run = (struct run){ .logged = 0 };
    fixture_open(&run->fixture, "package:2 [numa] core:2 pu:1", &costs_westmere, POLICY_TIMED, 1);
    run->fixture.data = run;
    run->fixture.interrupt = handler;
    fixture_program(&run->fixture, 0, program, run);
    fixture_program(&run->fixture, 1, receive, run);
    fixture_program(&run->fixture, 3, receive, run);
}

static void assert_logged(const struct run *run, uint32_t index, uint32_t cpu, uint32_t vector, cycles at)
{
    assert_true(index < run->logged);
    assert_int_equal(run->log[index].cpu, cpu);
    assert_int_equal(run->log[index].vector, vector);
    assert_int_equal(run->log[index].at, at);
}

static void an_ipi_takes_the_flight_of_its_distance(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, send);
    run.sendings[0] = (struct sending){ 1000, 1, 0x51 };
    run.sendings[1] = (struct sending){ 20000, 3, 0x52 };
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.logged, 2);
    assert_logged(&run, 0, 1, 0x51, 1000 + C.icr_write + C.ipi_flight_near);
    assert_logged(&run, 1, 3, 0x52, 20000 + C.icr_write + C.ipi_flight_far);
    assert_int_equal(run.fixture.machine.cpus[0].lapic.ipis_sent, 2);
    assert_int_equal(run.fixture.machine.cpus[1].lapic.ipis_received, 1);
    fixture_close(&run.fixture);
}

/* Two messages of one vector in flight merge into the one that arrives first, whichever was sent first; messages of
 * other vectors are independent. */
static void ipis_of_one_vector_merge_in_flight(void **state)
{
    static const struct {
        cycles far_at, near_at;
        uint32_t vector;
        uint32_t arrivals;
    } rows[] = { { 1000, 1100, 0x51, 1 }, { 1100, 1000, 0x51, 1 }, { 1000, 1100, 0x62, 2 }, { 1000, 5000, 0x51, 2 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct run run;
        cycles far = rows[i].far_at + C.icr_write + C.ipi_flight_far;
        cycles near = rows[i].near_at + C.icr_write + C.ipi_flight_near;

        run_open(&run, send);
        fixture_program(&run.fixture, 2, send_too, &run);
        run.sendings[0] = (struct sending){ rows[i].near_at, 1, 0x51 };
        run.other = (struct sending){ rows[i].far_at, 1, rows[i].vector };
        fixture_run(&run.fixture, CYCLES_NEVER);
        assert_int_equal(run.logged, rows[i].arrivals);
        assert_int_equal(run.log[0].at, near < far ? near : far);
        fixture_close(&run.fixture);
    }
}

static void set_timer(struct cpu *cpu, void *data)
{
    const struct run *run = data;

    cpu_irq_on(cpu);
    for (int i = 0; i < 3 && run->timer[i] != 0; i++) {
        program_sleep_until(cpu, run->set_at[i]);
        lapic_timer_set(cpu, run->timer[i]);
    }
    program_sleep_until(cpu, 100000);
}

/* The timer fires once; setting it again moves it; a time in the past means now; CYCLES_NEVER stops it. */
static void the_timer_fires_once_at_its_last_setting(void **state)
{
    static const struct {
        cycles set_at[3], timer[3];
        cycles expiries[2];
    } rows[] = {
        { { 1000 }, { 5000 }, { 5000 } },
        { { 1000, 2000 }, { 5000, 9000 }, { 9000 } },
        { { 1000, 2000 }, { 9000, 5000 }, { 5000 } },
        { { 1000, 2000 }, { 5000, CYCLES_NEVER }, { 0 } },
        { { 1000, 7000 }, { 5000, 9000 }, { 5000, 9000 } },
        { { 10000 }, { 3 }, { 10000 + 300 } }, /* timer_program has passed by then */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct run run;
        uint32_t expected = (rows[i].expiries[0] != 0) + (rows[i].expiries[1] != 0);

        run_open(&run, set_timer);
        for (int t = 0; t < 3; t++) {
            run.set_at[t] = rows[i].set_at[t];
            run.timer[t] = rows[i].timer[t];
        }
        fixture_run(&run.fixture, CYCLES_NEVER);
        assert_int_equal(run.logged, expected);
        assert_int_equal(run.fixture.machine.cpus[0].lapic.timer_expiries, expected);
        for (uint32_t e = 0; e < expected; e++)
            assert_logged(&run, e, 0, VECTOR_TIMER, rows[i].expiries[e]);
        fixture_close(&run.fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_higher_class_is_deliverable),
        cmocka_unit_test(an_eoi_ends_the_highest_in_service),
        cmocka_unit_test(a_vector_that_is_requested_coalesces),
        cmocka_unit_test(an_eoi_without_interrupt_is_our_bug),
        cmocka_unit_test(an_ipi_takes_the_flight_of_its_distance),
        cmocka_unit_test(ipis_of_one_vector_merge_in_flight),
        cmocka_unit_test(the_timer_fires_once_at_its_last_setting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
