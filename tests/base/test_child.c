/* SPDX-License-Identifier: Apache-2.0
 *
 * child_try: by how the function ends, with and without a parent that ignores SIGCHLD.
 */
#define _GNU_SOURCE
#include "base/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"

static int seen;

static void returns(void *argument)
{
    *(int *)argument = 1;
    fputs("not to be seen\n", stderr);
}

static void is_killed(void *argument)
{
    (void)argument;
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
}

static void exits(void *argument)
{
    (void)argument;
    _exit(0);
}

static void has_no_end(void *argument)
{
    (void)argument;
    for (volatile int i = 0;; i++)
        ;
}

static void has_no_memory(void *argument)
{
    (void)argument;
    check_no_memory(" in a test");
}

static void test_ends(void **state)
{
    static const struct {
        void (*run)(void *argument);
        enum child_end end;
    } cases[] = { { returns, CHILD_RETURNS }, { is_killed, CHILD_CRASHES }, { exits, CHILD_CRASHES } };

    (void)state;
    for (int ignored = 0; ignored < 2; ignored++) {
        void (*before)(int) = signal(SIGCHLD, ignored ? SIG_IGN : SIG_DFL);
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
            assert_int_equal(child_try(cases[i].run, &seen, 60), cases[i].end);
        (void)signal(SIGCHLD, before);
    }
    assert_int_equal(seen, 0);
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(child_try(has_no_end, NULL, 1), CHILD_CRASHES);
    assert_int_equal(child_try(has_no_memory, NULL, 60), CHILD_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_ends), cmocka_unit_test(test_limits) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
