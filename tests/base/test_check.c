/* SPDX-License-Identifier: Apache-2.0
 *
 * CHECK: what a failure prints, and the exit code.
 */
#include "base/check.h"

#include <errno.h>
#include <stdbool.h>

#include "death.h"

struct row {
    struct check_context context;
    bool has_context;
    const char *expected;
};

static void check_nothing(void *argument)
{
    const struct row *row = argument;

    check_context_set(row->has_context ? &row->context : NULL);
    CHECK(1 + 1 == 2);
}

static void check_something(void *argument)
{
    const struct row *row = argument;

    check_context_set(row->has_context ? &row->context : NULL);
    CHECK(1 + 1 == 3);
}

static void failure_names_the_place_and_the_run(void **state)
{
    static struct row rows[] = {
        { .expected = "internal error: CHECK(1 + 1 == 3) failed, no run in progress\n" },
        { .has_context = true,
          .context = { .now = 1125899906842623, .actor = 7, .seed = 42, .scenario = "a.yaml" },
          .expected = "failed at cycle 1125899906842623, slot 7, seed 42, scenario a.yaml\n" },
        { .has_context = true, .context = { .now = 1 }, .expected = "at cycle 1, slot 0, seed 0, scenario -\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_check_fails(check_something, &rows[i], rows[i].expected);
        assert_check_fails(check_something, &rows[i], "test_check.c:");
    }
}

/* What the system said before is not why. */
static void check_after_an_error(void *argument)
{
    (void)argument;
    check_context_set(NULL);
    errno = ENOMEM;
    CHECK(errno == 0);
}

static void ask_without_memory(void *argument)
{
    (void)argument;
    check_no_memory(" reading a.xml");
}

static void ask_the_system(void *argument)
{
    errno = *(int *)argument;
    CHECK_SYSTEM(errno == 0, "a thread cannot be started");
}

static void what_the_system_refuses_is_no_internal_error(void **state)
{
    int no_memory = ENOMEM, busy = EAGAIN, none = 0;
    char text[256];

    (void)state;
    assert_check_fails(check_after_an_error, NULL, ": internal error: CHECK(errno == 0) failed");
    assert_check_fails(ask_without_memory, NULL, "irqpath: error: out of memory reading a.xml\n");
    assert_check_fails(ask_the_system, &no_memory,
                       "irqpath: error: a thread cannot be started: Cannot allocate memory\n");
    assert_int_equal(death_run(ask_the_system, &busy, text, sizeof(text)), 4);
    assert_string_equal(text, "irqpath: error: a thread cannot be started: Resource temporarily unavailable\n");
    assert_int_equal(death_run(ask_the_system, &none, text, sizeof(text)), 0);
}

static void success_says_nothing(void **state)
{
    struct row row = { .has_context = false };
    char text[256];

    (void)state;
    assert_int_equal(death_run(check_nothing, &row, text, sizeof(text)), 0);
    assert_string_equal(text, "");
}

static void long_message_is_cut(void **state)
{
    char scenario[4096];
    struct row row = { .has_context = true, .context = { .scenario = scenario }, .expected = "scenario xxxxx" };

    (void)state;
    memset(scenario, 'x', sizeof(scenario) - 1);
    scenario[sizeof(scenario) - 1] = '\0';
    assert_check_fails(check_something, &row, row.expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failure_names_the_place_and_the_run),
        cmocka_unit_test(success_says_nothing),
        cmocka_unit_test(what_the_system_refuses_is_no_internal_error),
        cmocka_unit_test(long_message_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
