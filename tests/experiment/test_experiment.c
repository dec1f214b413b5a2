/* SPDX-License-Identifier: Apache-2.0
 *
 * Every file of tests/experiment/broken.cases gives exactly the messages listed there.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "experiment/experiment.h"
#include "experiment/write.h"
#include "scenario/text_file.h"
#include "scenario_samples.h"

/* Checks one case: "name\nYAML-->\nmessages". */
static void check_case(char *text)
{
    char *name = strsep(&text, "\n"), *arrow = strstr(text, "-->\n"), *expected = arrow + 4, *messages;
    struct experiment experiment;
    struct diag diag;

    assert_non_null(arrow);
    *arrow = '\0';
    diag_init(&diag);
    if (experiment_load_text(&experiment, SAMPLE_PATH, text, strlen(text), false, &diag) == EXPERIMENT_OK)
        experiment_free(&experiment);
    messages = sample_messages(&diag);
    if (strcmp(messages, expected) != 0)
        fail_msg("%s:\n%s\ninstead of:\n%s", name, messages, expected);
    free(messages);
    diag_free(&diag);
}

static void errors_have_places_and_suggestions(void **state)
{
    struct diag diag;
    size_t bytes, cases = 0;
    char *text;

    (void)state;
    diag_init(&diag);
    assert_int_equal(text_file_read(SOURCE_DIR "/tests/experiment/broken.cases", "cases", (struct place){ 0, 0, 0 },
                                    &diag, &text, &bytes),
                     TEXT_FILE_OK);
    for (char *at = strstr(text, "\n=== ") + 1, *next; at != NULL; at = next) {
        next = strstr(at + 4, "\n=== ");
        if (next != NULL)
            *++next = '\0';
        check_case(at + 4);
        if (next != NULL)
            *next = '=';
        cases++;
    }
    assert_true(cases > 30);
    free(text);
    diag_free(&diag);
}

static void documents_name_files_from_the_current_directory(void **state)
{
    static const struct {
        const char *path, *shown;
    } rows[] = {
        { SOURCE_DIR "/scenarios/one-msi.yaml", "scenarios/one-msi.yaml" },
        { "scenarios/../README.md", "README.md" },
        { "no/such/file", "no/such/file" },
        { "/", "/" },
    };

    (void)state;
    assert_int_equal(chdir(SOURCE_DIR), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *shown = findings_path(rows[i].path);
        assert_string_equal(shown, rows[i].shown);
        free(shown);
    }
    assert_string_equal(findings_path_below("/a/b", "/a/b/c/d"), "c/d");
    assert_null(findings_path_below("/a/b", "/a/bc/d"));
    assert_null(findings_path_below("/a/b", "/a/b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(errors_have_places_and_suggestions),
                                        cmocka_unit_test(documents_name_files_from_the_current_directory) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
