/* SPDX-License-Identifier: Apache-2.0
 *
 * Time on one pCPU: the cycle at which an interrupt is taken, and the category to which each cycle is charged.
 */
#include "machine/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/actor.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define LOG_MAX 16
#define HANDLER 700

enum { LOW = 0x41, LOW_TOO = 0x45, HIGH = 0x91 };

/* Costs of one interrupt whose handler spends HANDLER. */
#define C costs_westmere
static cycles interrupt_cost(void) { return C.irq_entry + HANDLER + C.lapic_eoi + C.irq_exit; }

struct arrival {
    cycles at;
    uint32_t vector;
    struct cpu *cpu;
};

struct run {
    struct fixture fixture;
    struct arrival arrivals[4];
    struct line line, contended_line;
    struct word word, contended_word;
    struct { /* handlers, in the order in which they end */
        uint32_t vector;
        cycles entered;
    } log[LOG_MAX];
    uint32_t handled;
    bool is_nesting; /* handlers turn interrupts on */
    cycles finish;
};

static void deliver(void *argument)
{
    const struct arrival *arrival = argument;

    lapic_deliver(arrival->cpu, arrival->vector);
}

static void handler(struct cpu *cpu, uint32_t vector)
{
    struct run *run = fixture_of(cpu)->data;
    cycles entered = cpu_now(cpu);

    assert_false(cpu->irq_on);
    if (run->is_nesting)
        cpu_irq_on(cpu);
    cpu_spend(cpu, HANDLER);
    cpu_irq_off(cpu);
    assert_true(run->handled < LOG_MAX);
    run->log[run->handled].vector = vector;
    run->log[run->handled++].entered = entered;
    lapic_eoi(cpu);
}

static void run_open(struct run *run, void (*program)(struct cpu *cpu, void *data))
{
    *run = (struct run){ .handled = 0 };
    fixture_open(&run->fixture, "package:2 [numa] core:2 pu:1", &costs_westmere, POLICY_TIMED, 1);
    run->fixture.data = run;
    run->fixture.interrupt = handler;
    line_init(&run->fixture.machine, &run->line, LINE_PLAIN);
    word_init(&run->word, &run->line, 0);
    line_init(&run->fixture.machine, &run->contended_line, LINE_CONTENDED);
    word_init(&run->contended_word, &run->contended_line, 0);
    fixture_program(&run->fixture, 0, program, run);
}

/* A vector for CPU 0. */
static void arrives(struct run *run, uint32_t index, cycles at, uint32_t vector)
{
    struct arrival *arrival = &run->arrivals[index];

    *arrival = (struct arrival){ at, vector, &run->fixture.machine.cpus[0] };
    engine_at(&run->fixture.engine, engine_event(&run->fixture.engine, deliver, arrival), at);
}

static void run_close(struct run *run)
{
    fixture_run(&run->fixture, CYCLES_NEVER);
    fixture_close(&run->fixture);
}

static void assert_handled(const struct run *run, uint32_t index, uint32_t vector, cycles entered)
{
    assert_true(index < run->handled);
    assert_int_equal(run->log[index].vector, vector);
    assert_int_equal(run->log[index].entered, entered);
}

/* --- spending --- */

static void spend_with_interrupts_on(struct cpu *cpu, void *data)
{
    struct run *run = data;

    cpu_irq_on(cpu);
    cpu_spend(cpu, 2000);
    cpu_spend(cpu, 3000);
    cpu_irq_off(cpu);
    run->finish = cpu_now(cpu);
}

static void an_interrupt_is_taken_when_it_comes_and_the_rest_is_spent_afterwards(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, spend_with_interrupts_on);
    arrives(&run, 0, 1234, LOW);
    arrives(&run, 1, 4000, LOW);
    run_close(&run);
    assert_int_equal(run.handled, 2);
    assert_handled(&run, 0, LOW, 1234 + C.irq_entry);
    assert_handled(&run, 1, LOW, 4000 + C.irq_entry);
    assert_int_equal(run.finish, 5000 + 2 * interrupt_cost());
}

static void spend_with_interrupts_off(struct cpu *cpu, void *data)
{
    struct run *run = data;

    cpu_irq_on(cpu);
    cpu_spend(cpu, 1000);
    cpu_irq_off(cpu);
    cpu_spend(cpu, 2000);
    cpu_irq_on(cpu);
    cpu_spend(cpu, 1000);
    cpu_irq_off(cpu);
    run->finish = cpu_now(cpu);
}

/* Interrupts are off from 1000 to 3000: the vector at 999 is taken before, those that arrive in between at 3000, the
 * highest priority first. */
static void what_comes_while_they_are_off_waits(void **state)
{
    static const struct {
        cycles at;
        cycles entered;
    } rows[] = { { 999, 999 }, { 1001, 3000 }, { 1500, 3000 }, { 2999, 3000 }, { 3000, 3000 }, { 3500, 3500 } };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        run_open(&run, spend_with_interrupts_off);
        arrives(&run, 0, rows[i].at, LOW);
        run_close(&run);
        assert_int_equal(run.handled, 1);
        assert_handled(&run, 0, LOW, rows[i].entered + C.irq_entry);
        assert_int_equal(run.finish, 4000 + interrupt_cost());
    }
    run_open(&run, spend_with_interrupts_off);
    arrives(&run, 0, 1400, LOW);
    arrives(&run, 1, 1600, HIGH);
    run_close(&run);
    assert_handled(&run, 0, HIGH, 3000 + C.irq_entry);
    assert_handled(&run, 1, LOW, 3000 + interrupt_cost() + C.irq_entry);
}

/* A handler that turns interrupts on is interrupted only by a vector of a higher class. */
static void higher_classes_nest(void **state)
{
    static const struct {
        uint32_t second;
        bool nests;
    } rows[] = { { HIGH, true }, { LOW_TOO, false }, { LOW, false } };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cycles second_at = 1000 + C.irq_entry + 100;

        run_open(&run, spend_with_interrupts_on);
        run.is_nesting = true;
        arrives(&run, 0, 1000, LOW);
        arrives(&run, 1, second_at, rows[i].second);
        run_close(&run);
        assert_int_equal(run.handled, 2);
        /* The log is in the order of the ends. */
        assert_handled(&run, rows[i].nests ? 1 : 0, LOW, 1000 + C.irq_entry);
        assert_handled(&run, rows[i].nests ? 0 : 1, rows[i].second,
                       (rows[i].nests ? second_at : 1000 + interrupt_cost()) + C.irq_entry);
        assert_int_equal(run.finish, 5000 + 2 * interrupt_cost());
    }
}

/* Each handler requests the next interrupt: each is taken where the previous one ends, without nesting on the stack. */
enum { STORM = 2000 };

struct storm {
    struct run run;
    uint32_t handled;
    cycles entered[STORM];
};

static void storm_handler(struct cpu *cpu, uint32_t vector)
{
    struct storm *storm = fixture_of(cpu)->data;

    storm->entered[storm->handled++] = cpu_now(cpu);
    cpu_spend(cpu, HANDLER);
    if (storm->handled < STORM)
        lapic_deliver(cpu, vector);
    lapic_eoi(cpu);
}

static void a_storm_of_interrupts_does_not_nest(void **state)
{
    static struct storm storm;

    (void)state;
    run_open(&storm.run, spend_with_interrupts_on);
    storm.run.fixture.data = &storm;
    storm.run.fixture.interrupt = storm_handler;
    arrives(&storm.run, 0, 1000, LOW);
    fixture_run(&storm.run.fixture, CYCLES_NEVER);
    assert_int_equal(storm.handled, STORM);
    for (uint32_t i = 0; i < STORM; i++)
        assert_int_equal(storm.entered[i], 1000 + i * interrupt_cost() + C.irq_entry);
    assert_int_equal(storm.run.finish, 5000 + STORM * interrupt_cost());
    const struct actor *actor = &storm.run.fixture.machine.cpus[0].actor;
    assert_true(actor_stack_used(actor) < actor->stack_bytes / 2);
    fixture_close(&storm.run.fixture);
}

/* --- instructions --- */

/* The line comes from memory: 355 cycles from 1000. */
static void access_with_interrupts_on(struct cpu *cpu, void *data)
{
    struct run *run = data;

    cpu_irq_on(cpu);
    cpu_spend(cpu, 1000);
    word_load(cpu, &run->word);
    cpu_spend(cpu, 5000);
    cpu_irq_off(cpu);
    run->finish = cpu_now(cpu);
}

static void an_instruction_ends_before_an_interrupt(void **state)
{
    static const struct {
        cycles at, entered;
    } rows[] = { { 999, 999 }, { 1001, 1355 }, { 1354, 1355 }, { 1355, 1355 }, { 1400, 1400 } };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        run_open(&run, access_with_interrupts_on);
        arrives(&run, 0, rows[i].at, LOW);
        run_close(&run);
        assert_handled(&run, 0, LOW, rows[i].entered + C.irq_entry);
        assert_int_equal(run.finish, 6355 + interrupt_cost());
    }
}

/* The store of a lock holder is in the line's queue behind the failing xchg of CPU 2 and before its polls. */
static void store_to_a_contended_line(struct cpu *cpu, void *data)
{
    struct run *run = data;

    word_xchg(cpu, &run->contended_word, 1);
    cpu_irq_on(cpu);
    program_sleep_until(cpu, 5000);
    word_store(cpu, &run->contended_word, 0);
    cpu_spend(cpu, 5000);
    cpu_irq_off(cpu);
    run->finish = cpu_now(cpu);
}

static void poll_the_contended_line(struct cpu *cpu, void *data)
{
    struct run *run = data;

    program_sleep_until(cpu, 1000);
    word_acquire(cpu, &run->contended_word, 0, 1, false);
}

static void an_interrupt_during_a_queued_store_is_taken_at_its_end(void **state)
{
    static struct run run;
    cycles end = 5000 + C.store_modified[DISTANCE_MIDDLE];

    (void)state;
    run_open(&run, store_to_a_contended_line);
    fixture_program(&run.fixture, 2, poll_the_contended_line, &run);
    arrives(&run, 0, 5100, LOW);
    run_close(&run);
    assert_handled(&run, 0, LOW, end + C.irq_entry);
    assert_int_equal(run.finish, end + 5000 + interrupt_cost());
}

/* --- halting, guest mode --- */

static void halt(struct cpu *cpu, void *data)
{
    struct run *run = data;

    cpu_spend(cpu, 1000);
    cpu_halt(cpu);
    cpu_irq_on(cpu);
    cpu_irq_off(cpu);
    run->finish = cpu_now(cpu);
}

static void a_halt_lasts_until_a_vector_and_then_wakes(void **state)
{
    static struct run run;
    const struct cpu *cpu;

    (void)state;
    run_open(&run, halt);
    arrives(&run, 0, 9000, LOW);
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_handled(&run, 0, LOW, 9000 + C.idle_wake + C.irq_entry);
    assert_int_equal(run.finish, 9000 + C.idle_wake + interrupt_cost());
    cpu = &run.fixture.machine.cpus[0];
    assert_int_equal(cpu->category_cycles[CPU_IDLE], run.finish - interrupt_cost()); /* a pCPU starts idle */
    assert_int_equal(cpu->category_cycles[CPU_INTERRUPT], interrupt_cost());
    run_close(&run);
}

static void a_pending_vector_keeps_a_halt_from_sleeping(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, halt);
    arrives(&run, 0, 500, LOW);
    run_close(&run);
    assert_handled(&run, 0, LOW, 1000 + C.irq_entry);
}

struct guest_mode {
    struct run run;
    bool is_done[3];
    cycles at[3];
};

/* A vector ends guest mode although interrupts are off, and stays pending until it is acknowledged. */
static void run_until(struct cpu *cpu, void *data)
{
    struct guest_mode *mode = data;

    for (int i = 0; i < 3; i++) {
        mode->is_done[i] = cpu_run_until(cpu, 3000 * ((cycles)i + 1));
        mode->at[i] = cpu_now(cpu);
        if (!mode->is_done[i])
            assert_true(cpu_acknowledge_interrupt(cpu));
        cpu_settle(cpu);
    }
    assert_false(cpu_acknowledge_interrupt(cpu));
}

static void guest_mode_ends_with_a_vector(void **state)
{
    static struct guest_mode mode;

    (void)state;
    run_open(&mode.run, run_until);
    arrives(&mode.run, 0, 4000, LOW);
    run_close(&mode.run);
    assert_true(mode.is_done[0] && !mode.is_done[1] && mode.is_done[2]);
    assert_int_equal(mode.at[0], 3000);
    assert_int_equal(mode.at[1], 4000);
    assert_int_equal(mode.at[2], 9000);
    assert_handled(&mode.run, 0, LOW, 4000 + C.irq_entry);
}

/* --- statistics --- */

static void categories(struct cpu *cpu, void *data)
{
    (void)data;
    cpu_category_set(cpu, CPU_HYPERVISOR);
    cpu_irq_on(cpu);
    cpu_spend(cpu, 1000);
    assert_int_equal(cpu_category_set(cpu, CPU_GUEST), CPU_HYPERVISOR);
    cpu_spend(cpu, 4000);
    cpu_irq_off(cpu);
    cpu_category_set(cpu, CPU_IDLE);
}

static void each_cycle_is_charged_once(void **state)
{
    static struct run run;
    cycles sum = 0;

    (void)state;
    run_open(&run, categories);
    arrives(&run, 0, 2500, LOW);
    fixture_run(&run.fixture, 20000);
    struct cpu *cpu = &run.fixture.machine.cpus[0];
    cpu_category_flush(cpu);
    assert_int_equal(cpu->category_cycles[CPU_HYPERVISOR], 1000);
    assert_int_equal(cpu->category_cycles[CPU_GUEST], 4000);
    assert_int_equal(cpu->category_cycles[CPU_INTERRUPT], interrupt_cost());
    for (int i = 0; i < CPU_CATEGORY_COUNT; i++)
        sum += cpu->category_cycles[i];
    assert_int_equal(sum, 20000);
    cpu_measure(cpu);
    fixture_run(&run.fixture, 21000);
    cpu_category_flush(cpu);
    assert_int_equal(cpu->category_cycles[CPU_IDLE], 1000);
    assert_int_equal(cpu->category_cycles[CPU_GUEST], 0);
    run_close(&run);
}

/* More than half of lognormal samples are below the mean, and their average is the mean. */
static void software_paths(struct cpu *cpu, void *data)
{
    cycles *total = data;

    for (int i = 0; i < 20000; i++) {
        cycles from = cpu_now(cpu);
        cpu_spend_software(cpu, 1000);
        *total += cpu_now(cpu) - from;
        cpu_settle(cpu);
    }
}

static void software_has_the_spread_of_the_machine(void **state)
{
    static struct fixture fixture;
    cycles total;

    (void)state;
    for (int spread = 0; spread < 2; spread++) {
        total = 0;
        fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_westmere, POLICY_TIMED, 1);
        fixture.machine.software = rng_spread_of(spread ? 400 : 0);
        fixture_program(&fixture, 0, software_paths, &total);
        fixture_run(&fixture, CYCLES_NEVER);
        fixture_close(&fixture);
        if (spread == 0)
            assert_int_equal(total, 20000000);
        else
            assert_true(total != 20000000 && total > 19800000 && total < 20200000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_is_taken_when_it_comes_and_the_rest_is_spent_afterwards),
        cmocka_unit_test(what_comes_while_they_are_off_waits),
        cmocka_unit_test(higher_classes_nest),
        cmocka_unit_test(a_storm_of_interrupts_does_not_nest),
        cmocka_unit_test(an_instruction_ends_before_an_interrupt),
        cmocka_unit_test(an_interrupt_during_a_queued_store_is_taken_at_its_end),
        cmocka_unit_test(a_halt_lasts_until_a_vector_and_then_wakes),
        cmocka_unit_test(a_pending_vector_keeps_a_halt_from_sleeping),
        cmocka_unit_test(guest_mode_ends_with_a_vector),
        cmocka_unit_test(each_cycle_is_charged_once),
        cmocka_unit_test(software_has_the_spread_of_the_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
