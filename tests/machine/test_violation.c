/* SPDX-License-Identifier: Apache-2.0
 *
 * The effect of a violation under each policy, and the names of the kinds.
 */
#include "machine/violation.h"

#include "death.h"
#include "machine/explored.h"
#include "machine_fixture.h"

enum verb { RAISE, FIND, REPORT };

struct violator {
    struct fixture fixture;
    struct explored explored;
    struct crash crash;
    enum verb verb;
    enum violation_kind kind;
    const char *text;
    bool goes_on;
};

static void violate(struct cpu *cpu, void *data)
{
    struct violator *violator = data;

    cpu_spend(cpu, 100);
    if (violator->verb == RAISE)
        violation_raise(cpu, violator->kind, violator->text);
    else if (violator->verb == FIND)
        violation_find(cpu, violator->kind, "%s", violator->text);
    else
        violation_report(cpu->engine, violator->kind, violator->text);
    violator->goes_on = true;
}

static void violator_open(struct violator *violator, enum policy policy, enum verb verb, enum violation_kind kind,
                          const char *text)
{
    *violator = (struct violator){ .verb = verb, .kind = kind, .text = text };
    fixture_open(&violator->fixture, "package:1 [numa] core:2 pu:1", &costs_nothing, policy, 1);
    if (policy == POLICY_EXHAUSTIVE)
        violator->fixture.engine.explored = &violator->explored;
    fixture_program(&violator->fixture, 1, violate, violator);
}

static void run(void *argument)
{
    struct violator *violator = argument;

    fixture_run(&violator->fixture, 1000);
}

static void timed_run_fails(void **state)
{
    static const struct {
        enum violation_kind kind;
        const char *text, *expected;
    } rows[] = {
        { VIOLATION_MODELLED_BUG, "BUG() in dpci_softirq",
          "crashes on CPU:1: internal error: CHECK(BUG() in dpci_softirq) failed" },
        { VIOLATION_NULL_DOMAIN, "hvm_dirq_assist", "CHECK(null-domain: hvm_dirq_assist) failed" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct violator violator;

        violator_open(&violator, POLICY_TIMED, RAISE, rows[i].kind, rows[i].text);
        assert_check_fails(run, &violator, rows[i].expected);
        fixture_close(&violator.fixture);
    }
}

static void timed_run_ends_with_a_crash(void **state)
{
    struct violator violator;

    (void)state;
    violator_open(&violator, POLICY_TIMED, RAISE, VIOLATION_USE_AFTER_FREE, "gone");
    violator.fixture.machine.crash = &violator.crash;
    run(&violator);
    assert_int_equal(violator.crash.violation.kind, VIOLATION_USE_AFTER_FREE);
    assert_string_equal(violator.crash.violation.text, "gone");
    assert_int_equal(violator.crash.cpu, 1);
    assert_int_equal(violator.crash.at, 100);
    fixture_close(&violator.fixture);
}

/* A violation that a CPU raises or finds ends its path; one that hardware reports belongs to the step in progress. */
static void consequences(void **state)
{
    static const struct {
        enum policy policy;
        enum verb verb;
        bool goes_on;
        const char *text; /* of the exploration's violation; NULL: none */
    } rows[] = {
        { POLICY_TIMED, FIND, true, NULL },
        { POLICY_TIMED, REPORT, true, NULL },
        { POLICY_RANDOM, FIND, true, NULL },
        { POLICY_EXHAUSTIVE, RAISE, false, "cpu1: stray" },
        { POLICY_EXHAUSTIVE, FIND, false, "cpu1: stray" },
        { POLICY_EXHAUSTIVE, REPORT, true, "stray" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct violator violator;

        violator_open(&violator, rows[i].policy, rows[i].verb, VIOLATION_MISDELIVERY, "stray");
        if (rows[i].policy == POLICY_EXHAUSTIVE) {
            uint32_t slot = violator.fixture.machine.cpus[1].actor.slot;
            engine_at(&violator.fixture.engine, slot, 0);
            engine_step(&violator.fixture.engine, slot);
            assert_false(engine_is_pending(&violator.fixture.engine, slot));
        } else {
            run(&violator);
        }
        assert_int_equal(violator.goes_on, rows[i].goes_on);
        assert_int_equal(violator.explored.violation.kind, rows[i].text != NULL ? VIOLATION_MISDELIVERY : 0);
        assert_string_equal(violator.explored.violation.text, rows[i].text != NULL ? rows[i].text : "");
        fixture_close(&violator.fixture);
    }
}

static void each_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum violation_kind kind = 0; kind < VIOLATION_COUNT; kind++)
        for (enum violation_kind other = 0; other < kind; other++)
            assert_string_not_equal(violation_name(kind), violation_name(other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timed_run_fails),
        cmocka_unit_test(timed_run_ends_with_a_crash),
        cmocka_unit_test(consequences),
        cmocka_unit_test(each_kind_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests_name("violation", tests, NULL, NULL);
}
