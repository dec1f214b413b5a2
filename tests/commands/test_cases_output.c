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

/* What an ending prints to standard output. */
static void close_output(struct cli *cli, const char *path, char *text, size_t bytes)
{
    int kept = dup(STDOUT_FILENO);
    FILE *file = fopen(path, "w+");

    assert_non_null(file);
    assert_int_equal(fflush(stdout), 0);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    (void)cases_output_close(cli, EXIT_CODE_FAILED);
    assert_int_equal(fflush(stdout), 0);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    rewind(file);
    text[fread(text, 1, bytes - 1, file)] = '\0';
    fclose(file);
}

/* Annotations are about the first argument where that is a file of YAML. */
static void annotations_name_a_scenarios_file(void **state)
{
    static const struct {
        const char *arguments[2];
        bool has_file;
    } rows[] = {
        { { SOURCE_DIR "/scenarios/one-msi.yaml", "-" }, true },
        { { SOURCE_DIR "/scenarios/one-msi.yaml", NULL }, true },
        { { "-", SOURCE_DIR "/scenarios/one-msi.yaml" }, false },
        { { "/nonexistent/one-msi.yaml", NULL }, false },
        { { SOURCE_DIR "/README.md", NULL }, false },
        { { "one-msi", NULL }, false },
        { { NULL, NULL }, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *arguments[] = { rows[i].arguments[0], rows[i].arguments[1] };
        struct cli cli = { .command = &command_run, .wants_annotations = true, .arguments = arguments };
        char text[512], expected[512];

        cli.argument_count = (arguments[0] != NULL) + (size_t)(arguments[1] != NULL);
        assert_int_equal(cases_output_open(&cli), EXIT_CODE_OK);
        cases_add(cli.cases, "s", "n", CASE_FAILED, 0, "found");
        close_output(&cli, temporary_path("annotations"), text, sizeof text);
        snprintf(expected, sizeof expected, "::error %s%s%stitle=s n::found\n", rows[i].has_file ? "file=" : "",
                 rows[i].has_file ? arguments[0] : "", rows[i].has_file ? "," : "");
        assert_string_equal(text, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_leaves_a_document),
        cmocka_unit_test(annotations_name_a_scenarios_file),
        cmocka_unit_test(what_is_not_wanted_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
