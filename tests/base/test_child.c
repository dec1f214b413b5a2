/* SPDX-License-Identifier: Apache-2.0
 *
 * child_survives: by how the function ends, with and without a parent that ignores SIGCHLD.
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

static void test_ends(void **state)
{
    static const struct {
        void (*run)(void *argument);
        bool survives;
    } cases[] = { { returns, true }, { is_killed, false }, { exits, false } };

    (void)state;
    for (int ignored = 0; ignored < 2; ignored++) {
        void (*before)(int) = signal(SIGCHLD, ignored ? SIG_IGN : SIG_DFL);
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
            assert_int_equal(child_survives(cases[i].run, &seen), cases[i].survives);
        (void)signal(SIGCHLD, before);
    }
    assert_int_equal(seen, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_ends) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
