/* SPDX-License-Identifier: Apache-2.0
 *
 * What the properties say of states made by hand, and of little programs that break them or do not.
 */
#include <string.h>

#include "death.h"
#include "explore_fixture.h"
#include "machine/devices/device.h"
#include "machine/devices/guest.h"
#include "machine/notes.h"
#include "models/locks/lock.h"

static bool delays_second(const struct machine *machine, const struct device_vector *vector)
{
    (void)machine;
    return vector->vector == 0x31;
}

static void test_lost_interrupt(void **state)
{
    struct device_vector second = { .outstanding = 0, .vector = 0x31 }, first = { .next = &second, .vector = 0x30 };
    struct machine machine = { .vectors = &first };
    char text[200] = "";

    (void)state;
    assert_false(property_lost_interrupt.is_broken(&machine, text, sizeof(text)));
    second.outstanding = 1;
    assert_true(property_lost_interrupt.is_broken(&machine, text, sizeof(text)));
    assert_int_equal(property_lost_interrupt.kind, VIOLATION_LOST_INTERRUPT);
    assert_non_null(strstr(text, "vector 31"));
    machine.is_delayed = delays_second;
    assert_false(property_lost_interrupt.is_broken(&machine, text, sizeof(text)));
    first.outstanding = 1;
    assert_true(property_lost_interrupt.is_broken(&machine, text, sizeof(text)));
    machine.is_delayed = NULL;
    first.is_masked = second.is_masked = true; /* the driver has silenced them */
    assert_false(property_lost_interrupt.is_broken(&machine, text, sizeof(text)));
}

/* What a VM exit finds is delayed, not lost; what neither finds is lost. */
static void test_delayed_interrupt(void **state)
{
    struct device_vector second = { .outstanding = 1, .vector = 0x31 }, first = { .next = &second, .vector = 0x30 };
    struct machine machine = { .vectors = &first };
    char text[200] = "";

    (void)state;
    assert_false(property_delayed_interrupt.is_broken(&machine, text, sizeof(text)));
    machine.awaits_exit = delays_second;
    assert_true(property_delayed_interrupt.is_broken(&machine, text, sizeof(text)));
    assert_int_equal(property_delayed_interrupt.kind, VIOLATION_DELAYED_INTERRUPT);
    assert_string_equal(violation_name(VIOLATION_DELAYED_INTERRUPT), "delayed-interrupt");
    assert_non_null(strstr(text, "vector 31"));
    assert_false(property_lost_interrupt.is_broken(&machine, text, sizeof(text)));
    second.is_masked = true;
    assert_false(property_delayed_interrupt.is_broken(&machine, text, sizeof(text)));
    second.outstanding = 0;
    first.outstanding = 1;
    assert_false(property_delayed_interrupt.is_broken(&machine, text, sizeof(text)));
    assert_true(property_lost_interrupt.is_broken(&machine, text, sizeof(text)));
}

static void test_double_delivery(void **state)
{
    struct device_vector second = { .vector = 0x31 }, first = { .next = &second, .vector = 0x30 };
    struct machine machine = { .vectors = &first };
    char text[200] = "";

    (void)state;
    assert_false(property_double_delivery.is_broken(&machine, text, sizeof(text)));
    second.is_answered_twice = true;
    assert_true(property_double_delivery.is_broken(&machine, text, sizeof(text)));
    assert_int_equal(property_double_delivery.kind, VIOLATION_DOUBLE_DELIVERY);
    assert_non_null(strstr(text, "vector 31"));
}

static void test_misdelivery(void **state)
{
    const struct guest_vcpu right = { .id = 0 }, wrong = { .id = 1 };
    static const struct {
        bool is_announced, is_other_vcpu;
        uint32_t vector;
        bool is_broken;
    } rows[] = {
        { true, false, 0x51, false },
        { true, false, 0x52, true },
        { true, true, 0x51, true },
        { false, true, 0x52, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct engine engine = { .explored = NULL };
        struct machine machine = { .engine = &engine };
        struct device device = { .machine = &machine };
        struct device_vector vector = { .device = &device, .vector = 0x31 };
        char text[200] = "";

        machine.vectors = &vector;
        if (rows[i].is_announced)
            device_expect(&vector, &right, 0x51);
        device_handled_by(&vector, rows[i].is_other_vcpu ? &wrong : &right, rows[i].vector);
        assert_int_equal(property_misdelivery.is_broken(&machine, text, sizeof(text)), rows[i].is_broken);
    }
}

/* --- a device with one interrupt, whose handler a CPU runs as often as it is told to --- */

static void handle(struct cpu *cpu, void *data)
{
    struct device_vector *vector = fixture_of(cpu)->data;
    const int *times = data;

    cpu_irq_on(cpu);
    while (vector->outstanding == 0)
        cpu_relax(cpu);
    for (int i = 0; i < *times; i++)
        device_handler_begin(vector);
}

static void test_handlers_and_messages(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (int times = 1; times <= 2; times++) {
        struct device device = { .explored_interrupts = 1, .arrivals = { .process = DEVICE_PERIODIC } };
        struct fixture fixture;
        struct explored explored;
        struct explore_outcome outcome;

        explore_open(&fixture, &explored, 1);
        struct device_vector *vector = ARENA_NEW(&fixture.arena, struct device_vector);
        struct device *own = ARENA_NEW(&fixture.arena, struct device);
        *own = device;
        own->machine = &fixture.machine;
        own->latency = ARENA_NEW(&fixture.arena, struct histogram);
        histogram_init(own->latency);
        device_vector_init(vector, own, 1, 1);
        device_route(vector, &fixture.machine.cpus[0], 0x40);
        device_start(vector);
        fixture.data = vector;
        fixture_program(&fixture, 0, handle, &times);
        explore_run(&fixture, &explore_default_limits, &outcome);
        assert_int_equal(outcome.violation.kind, times == 1 ? VIOLATION_NONE : VIOLATION_DOUBLE_DELIVERY);
        explore_outcome_free(&outcome);
        explore_close(&fixture);
    }
}

static void test_deadlock(void **state)
{
    struct word words[3], other;
    const uint32_t holders[3] = { 2, 0, UINT32_MAX };
    struct word_name names[] = {
        { &words[0], "event_lock", &holders[0], "" },
        { &words[1], "desc_lock", &holders[1], "" },
        { &words[2], "flag", NULL, "" },
    };
    struct explored explored = { .names = names, .name_count = 3 };
    struct engine engine = { .explored = &explored };
    struct cpu cpus[4] = { { .id = 0 }, { .id = 1 }, { .id = 2 }, { .id = 3 } };
    struct machine machine = { .engine = &engine, .cpus = cpus, .cpu_count = 4 };
    char text[200] = "";

    (void)state;
    assert_false(property_deadlock.is_broken(&machine, text, sizeof(text)));
    cpus[0].spin.state = cpus[1].spin.state = cpus[2].spin.state = SPIN_READING;
    cpus[0].spin.word = &words[0];
    cpus[1].spin.word = &other;
    cpus[2].spin.word = &words[1];
    assert_true(property_deadlock.is_broken(&machine, text, sizeof(text)));
    assert_string_equal(text,
                        "cpu0 waits for event_lock, which cpu2 holds; cpu2 waits for desc_lock, which cpu0 holds; "
                        "cpu1 waits for a word");
    cpus[2].spin.state = SPIN_NONE; /* no cycle: it has died, say, with the lock in its hands */
    cpus[1].spin.word = &words[2];
    assert_true(property_deadlock.is_broken(&machine, text, sizeof(text)));
    assert_string_equal(text, "cpu0 waits for event_lock, which cpu2 holds; cpu1 waits for flag");
}

/* --- two or three locks, taken in this order and in that --- */

struct locks {
    struct lock a, b, guard;
    struct line line;
    struct word flag;
    bool is_guarded, is_ordered;
    bool is_apart; /* the second path begins when the first is over */
};

static void take(struct cpu *cpu, struct locks *locks, struct lock *first, struct lock *second)
{
    if (locks->is_guarded)
        spin_lock(cpu, &locks->guard);
    spin_lock(cpu, first);
    spin_lock(cpu, second);
    spin_unlock(cpu, second);
    spin_unlock(cpu, first);
    if (locks->is_guarded)
        spin_unlock(cpu, &locks->guard);
}

static void take_both(struct cpu *cpu, void *data)
{
    struct locks *locks = data;

    if (cpu->id == 0) {
        take(cpu, locks, &locks->a, &locks->b);
        word_store(cpu, &locks->flag, 1);
        return;
    }
    if (locks->is_apart)
        word_wait(cpu, &locks->flag, 1);
    take(cpu, locks, locks->is_ordered ? &locks->a : &locks->b, locks->is_ordered ? &locks->b : &locks->a);
}

static void run_locks(struct locks how, const struct lock_edge *forbidden, struct lock_order *order,
                      struct explore_outcome *outcome, char *text, size_t text_bytes)
{
    struct fixture fixture;
    struct explored explored;
    struct lock_edge edge;

    explore_open(&fixture, &explored, 2);
    struct lock_system *system = lock_system_new(&fixture.machine, lock_find("ticket"));
    struct locks *locks = ARENA_NEW(&fixture.arena, struct locks);
    *locks = how;
    lock_init(&locks->a, lock_class_new(system, "a_lock"));
    struct lock_class *b_class = lock_class_new(system, "b_lock");
    lock_init(&locks->guard, b_class);
    lock_init(&locks->b, b_class);
    line_init(&fixture.machine, &locks->line, LINE_WAITED);
    word_init(&locks->flag, &locks->line, 0);
    explored.order = order;
    explored.forbidden = forbidden;
    explored.forbidden_text = text;
    fixture_program(&fixture, 0, take_both, locks);
    fixture_program(&fixture, 1, take_both, locks);
    explore_run(&fixture, &explore_default_limits, outcome);
    if (forbidden == NULL && !property_lock_order(&explored, &edge, text, text_bytes))
        text[0] = '\0';
    explore_close(&fixture);
}

static void test_lock_order(void **state)
{
    static const struct {
        struct locks how;
        enum violation_kind kind;
        bool has_cycle;
    } rows[] = {
        { { .is_ordered = true }, VIOLATION_NONE, false },
        { { .is_ordered = true, .is_apart = true }, VIOLATION_NONE, false },
        { { .is_apart = true }, VIOLATION_NONE, true },
        { { .is_guarded = true }, VIOLATION_NONE, false },
        { { .is_guarded = false }, VIOLATION_DEADLOCK, true },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct explore_outcome outcome;
        struct lock_order order = { .count = 0 };
        char text[300] = "";

        run_locks(rows[i].how, NULL, &order, &outcome, text, sizeof(text));
        assert_int_equal(outcome.violation.kind, rows[i].kind);
        if (rows[i].kind == VIOLATION_NONE)
            assert_string_equal(text, !rows[i].has_cycle
                                          ? ""
                                          : "b_lock 1 is taken while a_lock is held, and elsewhere a_lock "
                                            "is taken while b_lock 1 is held");
        explore_outcome_free(&outcome);
    }
}

/* The second search is for the shortest way to the edge that closes the cycle. */
static void test_lock_order_trace(void **state)
{
    struct locks how = { .is_apart = true };
    struct lock_order order = { .count = 0 };
    struct lock_edge forbidden = { .from = 2, .to = 0 }; /* a_lock, wanted with b_lock held */
    struct explore_outcome outcome;
    char text[300] = "the other way round";

    (void)state;
    EXPLORE_OR_SKIP();
    run_locks(how, &forbidden, &order, &outcome, text, sizeof(text));
    assert_int_equal(outcome.violation.kind, VIOLATION_LOCK_ORDER);
    assert_non_null(strstr(outcome.violation.text, "cpu1: the other way round"));
    assert_true(outcome.trace_count > 8);
    explore_outcome_free(&outcome);
}

/* --- what is asked, and when --- */

static bool is_always_broken(const struct machine *machine, char *text, size_t text_bytes)
{
    (void)machine;
    (void)snprintf(text, text_bytes, "always");
    return true;
}

static void do_little(struct cpu *cpu, void *data)
{
    (void)data;
    cpu_relax(cpu);
    cpu_relax(cpu);
}

static void test_when_it_is_asked(void **state)
{
    static const struct {
        enum property_at at;
        bool is_weak, is_strict;
        enum explore_verdict verdict;
        size_t steps;
        uint64_t suspicious;
    } rows[] = {
        { PROPERTY_AT_END, false, false, EXPLORE_VIOLATION, 3, 0 },
        { PROPERTY_AT_STATE, false, false, EXPLORE_VIOLATION, 0, 0 },
        { PROPERTY_AT_END, true, false, EXPLORE_CLEAN, 0, 1 },
        { PROPERTY_AT_STATE, true, false, EXPLORE_CLEAN, 0, 4 },
        { PROPERTY_AT_STATE, true, true, EXPLORE_VIOLATION, 0, 0 },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct property property = { "test", VIOLATION_MISDELIVERY, rows[i].at, rows[i].is_weak,
                                           is_always_broken };
        const struct property *const invariants[] = { &property, NULL };
        struct fixture fixture;
        struct explored explored;
        struct explore_outcome outcome;

        explore_open(&fixture, &explored, 1);
        fixture_program(&fixture, 0, do_little, NULL);
        machine_start(&fixture.machine);
        struct explore_subject subject = { .engine = &fixture.engine,
                                           .machine = &fixture.machine,
                                           .explored = &explored,
                                           .properties = properties_all,
                                           .invariants = invariants,
                                           .is_strict = rows[i].is_strict };
        explore_search(&subject, &explore_default_limits, &outcome);
        assert_int_equal(outcome.verdict, rows[i].verdict);
        assert_int_equal(outcome.trace_count, rows[i].steps);
        assert_int_equal(outcome.suspicious, rows[i].suspicious);
        if (rows[i].verdict == EXPLORE_VIOLATION) {
            assert_int_equal(outcome.violation.kind, VIOLATION_MISDELIVERY);
            assert_string_equal(outcome.violation.text, "always");
        }
        explore_outcome_free(&outcome);
        explore_close(&fixture);
    }
}

/* --- endless waits --- */

struct pollers {
    struct lock lock;
    struct line line;
    struct word flag;
    bool are_noted; /* the pauses are, as those of a code object */
};

/* Waits for the other one with a lock held that the other one needs. */
static void poll(struct cpu *cpu, void *data)
{
    struct pollers *pollers = data;

    spin_lock(cpu, &pollers->lock);
    while (cpu->id == 0 && word_load(cpu, &pollers->flag) == 0)
        if (pollers->are_noted)
            notes_add(cpu->engine, cpu, "at a.c:3%s", NOTE_PAUSE);
        else
            cpu_relax(cpu);
    word_store(cpu, &pollers->flag, 1);
    spin_unlock(cpu, &pollers->lock);
}

static void pollers_open(struct fixture *fixture, struct explored *explored, bool are_noted)
{
    explore_open(fixture, explored, 2);
    struct pollers *pollers = ARENA_NEW(&fixture->arena, struct pollers);
    pollers->are_noted = are_noted;
    lock_init(&pollers->lock, lock_class_new(lock_system_new(&fixture->machine, lock_find("ttas")), "event_lock"));
    line_init(&fixture->machine, &pollers->line, LINE_PLAIN);
    word_init(&pollers->flag, &pollers->line, 0);
    names_add(&fixture->machine, &pollers->flag, "flag", NULL);
    fixture_program(fixture, 0, poll, pollers);
    fixture_program(fixture, 1, poll, pollers);
}

/* What the loop reads is told, not that it pauses. */
static void describe_pollers(bool are_noted)
{
    struct fixture fixture;
    struct explored explored;
    struct explore_outcome outcome;
    char text[200] = "";

    pollers_open(&fixture, &explored, are_noted);
    explore_run(&fixture, &explore_default_limits, &outcome);
    assert_int_equal(outcome.violation.kind, VIOLATION_ENDLESS_WAIT);
    explore_close(&fixture);
    pollers_open(&fixture, &explored, are_noted);
    machine_start(&fixture.machine);
    for (size_t i = 0; i < outcome.trace_count; i++)
        engine_step(&fixture.engine, outcome.trace[i]);
    property_endless_wait_describe(&fixture.machine, text, sizeof(text));
    assert_string_equal(
        text,
        "livelock: no execution from this state terminates: cpu0 polls (load flag = 0) holding event_lock; cpu1 waits "
        "for event_lock, which cpu0 holds");
    explore_outcome_free(&outcome);
    explore_close(&fixture);
}

static void test_endless_wait(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    describe_pollers(false);
    describe_pollers(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_interrupt),
        cmocka_unit_test(test_delayed_interrupt),
        cmocka_unit_test(test_double_delivery),
        cmocka_unit_test(test_misdelivery),
        cmocka_unit_test(test_handlers_and_messages),
        cmocka_unit_test(test_deadlock),
        cmocka_unit_test(test_lock_order),
        cmocka_unit_test(test_lock_order_trace),
        cmocka_unit_test(test_when_it_is_asked),
        cmocka_unit_test(test_endless_wait),
    };

    return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
