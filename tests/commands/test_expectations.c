/* SPDX-License-Identifier: Apache-2.0
 *
 * Exit codes of expectations. Their messages are tested in tests/result/test_expect.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "commands/cli.h"
#include "commands/expectations.h"

/* stderr is closed for the time: the messages are tested in result/test_expect.c. */
static void all_give_an_exit_code(void **state)
{
    static const char *const texts[] = { "m < 1", "m < 2", "x < 1" };
    static const int codes[] = { EXIT_CODE_FAILED, EXIT_CODE_OK, EXIT_CODE_USAGE };
    struct expectation expectations[3];
    struct metrics metrics;
    struct diag diag;
    FILE *errors = stderr;

    (void)state;
    stderr = fopen("/dev/null", "w");
    diag_init(&diag);
    metrics_init(&metrics);
    metrics_append(&metrics, "m", 1, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_true(expect_parse(&expectations[i], texts[i], (struct place){ 0, 0, 0 }, &diag));
        assert_int_equal(expectations_check(&expectations[i], 1, &metrics, NULL, NULL, ""), codes[i]);
    }
    assert_int_equal(expectations_check(expectations, 0, &metrics, NULL, NULL, ""), EXIT_CODE_OK);
    struct cases cases = { .count = 0 };
    assert_int_equal(expectations_check(expectations, 2, &metrics, "design", &cases, "s"), EXIT_CODE_FAILED);
    assert_int_equal(cases.count, 2);
    assert_int_equal(cases_count(&cases, CASE_FAILED) + cases_count(&cases, CASE_PASSED), 2);
    assert_string_equal(cases.rows[0].name, expectations[0].text);
    assert_string_equal(cases.rows[0].suite, "s");
    cases_free(&cases);
    assert_int_equal(expectations_check(expectations, 3, &metrics, NULL, NULL, ""), EXIT_CODE_USAGE);
    fclose(stderr);
    stderr = errors;
    for (size_t i = 0; i < 3; i++)
        expect_free(&expectations[i]);
    metrics_free(&metrics);
    diag_free(&diag);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(all_give_an_exit_code) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
