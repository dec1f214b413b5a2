/* SPDX-License-Identifier: Apache-2.0
 *
 * Where cases go, and that each way in which a command ends leaves a document.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/cases_output.h"
#include "commands/command.h"
#include "temporary.h"

static void every_end_leaves_a_document(void **state)
{
    static const struct {
        int code;
        enum case_outcome outcome; /* of the one case; CASE_OUTCOMES: none */
        const char *counts, *text;
    } rows[] = {
        { EXIT_CODE_OK, CASE_PASSED, "tests=\"1\" failures=\"0\" errors=\"0\"", "found" },
        { EXIT_CODE_OK, CASE_OUTCOMES, "tests=\"0\" failures=\"0\" errors=\"0\"", "testsuites" },
        { EXIT_CODE_FAILED, CASE_FAILED, "tests=\"1\" failures=\"1\" errors=\"0\"", "found" },
        { EXIT_CODE_FAILED, CASE_PASSED, "tests=\"2\" failures=\"0\" errors=\"1\"", "something has failed" },
        { EXIT_CODE_USAGE, CASE_OUTCOMES, "tests=\"1\" failures=\"0\" errors=\"1\"", "scenario error: exit code 2" },
        { EXIT_CODE_IO, CASE_FAILED, "tests=\"2\" failures=\"1\" errors=\"1\"", "exit code 4" },
        { EXIT_CODE_NOT_BUILT, CASE_OUTCOMES, "tests=\"1\" failures=\"0\" errors=\"1\"", "does not compile" },
        { EXIT_CODE_INTERRUPTED, CASE_PASSED, "tests=\"2\" failures=\"0\" errors=\"1\"", "interrupted" },
    };
    char root[] = "/tmp/irqpath-test-XXXXXX", path[64], text[2048];
    const char *arguments[] = { "x.yaml" };

    (void)state;
    temporary_directory(root);
    snprintf(path, sizeof path, "%s/a.xml", root);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cli cli = { .command = &command_run, .junit = path, .arguments = arguments, .argument_count = 1 };
        assert_int_equal(cases_output_open(&cli), EXIT_CODE_OK);
        if (rows[i].outcome != CASE_OUTCOMES)
            cases_add(cli.cases, "s", "n", rows[i].outcome, 0, "found");
        assert_int_equal(cases_output_close(&cli, rows[i].code), rows[i].code);
        FILE *in = fopen(path, "re");
        assert_non_null(in);
        text[fread(text, 1, sizeof text - 1, in)] = '\0';
        fclose(in);
        assert_non_null(strstr(text, rows[i].counts));
        assert_non_null(strstr(text, rows[i].text));
    }
    temporary_directory_remove(root);
}

static void what_is_not_wanted_is_not_written(void **state)
{
    struct cli cli = { .command = &command_run };

    (void)state;
    assert_int_equal(cases_output_open(&cli), EXIT_CODE_OK);
    assert_null(cli.cases);
    assert_int_equal(cases_output_close(&cli, EXIT_CODE_FAILED), EXIT_CODE_FAILED);

    cli.junit = "/tmp/irqpath-muted.xml";
    assert_int_equal(cases_output_open(&cli), EXIT_CODE_OK);
    cases_output_mute(&cli);
    assert_int_equal(cases_output_close(&cli, EXIT_CODE_FAILED), EXIT_CODE_FAILED);
    assert_int_not_equal(access(cli.junit, F_OK), 0);

    assert_non_null(freopen("/dev/null", "w", stderr)); /* the errors */
    cli = (struct cli){ .command = &command_run, .wants_annotations = true, .wants_json = true };
    assert_int_equal(cases_output_open(&cli), EXIT_CODE_USAGE);
    cli = (struct cli){ .command = &command_run, .junit = "/nonexistent/a.xml" };
    assert_int_equal(cases_output_open(&cli), EXIT_CODE_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_leaves_a_document),
        cmocka_unit_test(what_is_not_wanted_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
