/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath init: each scenario is valid and runs, on this host's topology; a file is not overwritten unasked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explore/state.h"
#include "program.h"
#include "temporary.h"

static struct program ran;

static void each_question_runs(void **state)
{
    static const char *const questions[] = { "", "host", "steal", "latency", "explore", "own-code" };
    char directory[] = "/tmp/irqpath-init-XXXXXX";

    (void)state;
    temporary_directory(directory);
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
        program_run_with(&ran, "init %s -q -o %s/%zu.yaml", questions[i], directory, i);
        assert_int_equal(ran.code, 0);
        assert_string_equal(ran.output, "");
        program_run_with(&ran, "run %s/%zu.yaml -q --set run.warmup=1ms --duration 20ms", directory, i);
        assert_null(strstr(ran.errors, "irqpath"));
        assert_int_equal(ran.code, 0);
    }
    program_run_with(&ran, "explore -q %s/4.yaml", directory);
    assert_int_equal(ran.code, explore_state_is_supported() ? 0 : 2);
    program_run_with(&ran, "init -o %s/0.yaml", directory);
    assert_int_equal(ran.code, 4);
    assert_non_null(strstr(ran.errors, "already exists (--force overwrites it)"));
    program_run_with(&ran, "init latency -o %s/0.yaml --force", directory);
    assert_int_equal(ran.code, 0);
    program_run_with(&ran, "init -o %s/none/0.yaml", directory);
    assert_int_equal(ran.code, 4);
    assert_non_null(strstr(ran.errors, "/none/0.yaml: cannot be created: No such file or directory"));
    temporary_directory_remove(directory);
}

static void the_host_is_described(void **state)
{
    (void)state;
    program_run(&ran, "", "init");
    assert_int_equal(ran.code, 0);
    assert_non_null(strstr(ran.output, "\" # of this host\n"));
    assert_int_equal(strncmp(ran.output, "# How much time", 15), 0);
    program_run(&ran, "", "init stea");
    assert_int_equal(ran.code, 2);
    assert_non_null(
        strstr(ran.errors, "(did you mean 'steal'?): one of explore, host, latency, own-code, steal, recording"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_runs),
        cmocka_unit_test(the_host_is_described),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
