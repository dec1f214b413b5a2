/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading from disk and from memory: lookup of names, the question, several overrides, files that cannot be read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenario_samples.h"

struct file {
    const char *text;
    size_t bytes;
    enum scenario_status status;
    const char *message; /* without the path; NULL: none */
};

#define TEXT(text) text, sizeof(text) - 1

static const struct file files[] = {
    { TEXT(SAMPLE), SCENARIO_OK, NULL },
    { TEXT("\xEF\xBB\xBF" SAMPLE), SCENARIO_OK, NULL },
    { TEXT("name: x\r\nguests: [ { name: g } ]\r\n"), SCENARIO_OK, NULL },
    { TEXT("name: x\nguests: [ { name: g } ]"), SCENARIO_OK, NULL },
    { TEXT("{ \"name\": \"x\", \"guests\": [ { \"name\": \"g\" } ] }"), SCENARIO_OK, NULL },
    { TEXT(""), SCENARIO_INVALID, ": error: the scenario is empty\n" },
    { TEXT("\x7F"
           "ELF\0\0"),
      SCENARIO_INVALID, ":1:1: error: not a text file: it contains the control character 0x7f\n" },
    { TEXT("\xFF\xFEn\0a\0"), SCENARIO_INVALID, ": error: the file is UTF-16: save it as UTF-8\n" },
    { TEXT("name: \xE4\n"), SCENARIO_INVALID, ":1:7: error: not a text file: the byte 0xe4 is not UTF-8\n" },
};

static void assert_loads(const char *path, enum scenario_status expected, const char *message)
{
    struct scenario scenario;
    struct diag diag;
    char *messages;

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, NULL, 0, &diag), expected);
    messages = sample_messages(&diag);
    if (message)
        assert_string_equal(messages + strlen(path), message);
    else
        assert_string_equal(messages, "");
    if (expected == SCENARIO_OK)
        scenario_free(&scenario);
    else
        assert_null(scenario.text);
    free(messages);
    diag_free(&diag);
}

static void files_load_or_say_why(void **state)
{
    char path[] = "/tmp/irqpath-scenario-XXXXXX.yaml";

    (void)state;
    close(mkstemps(path, 5));
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        FILE *stream = fopen(path, "w");

        assert_int_equal(fwrite(files[i].text, 1, files[i].bytes, stream), files[i].bytes);
        fclose(stream);
        assert_loads(path, files[i].status, files[i].message);
    }
    if (geteuid() != 0) {
        chmod(path, 0);
        assert_loads(path, SCENARIO_UNREADABLE, ": error: cannot read: Permission denied\n");
    }
    unlink(path);
    assert_loads(path, SCENARIO_UNREADABLE, ": error: cannot read: No such file or directory\n");
    assert_loads("/tmp", SCENARIO_UNREADABLE, ": error: cannot read: it is a directory\n");
}

static void names_mean_shipped_scenarios(void **state)
{
    (void)state;
    assert_loads("one-msi", SCENARIO_OK, NULL);
    assert_loads("one-msy", SCENARIO_UNREADABLE,
                 ": error: there is neither a file nor a scenario with this name (did you mean 'one-msi'?)\n");
    assert_true(mkdir("timer-only", 0700) == 0 || errno == EEXIST);
    assert_loads("timer-only", SCENARIO_OK, NULL);
    assert_int_equal(rmdir("timer-only"), 0);
}

struct question {
    const char *text, *question;
};

static const struct question questions[] = {
    { "# Why?\n" SAMPLE, "Why?" },
    { "# Why\n#   and how?\n#\n# More.\n" SAMPLE, "Why and how?" },
    { "# SPDX-License-Identifier: Apache-2.0\n#\n# Why?\n# yaml-language-server: x\n" SAMPLE, "Why?" },
    { "#Why?\r\n" SAMPLE, "Why?" },
    { "\xEF\xBB\xBF# Why?\n" SAMPLE, "Why?" },
    { "\n# Late\n" SAMPLE, "" },
    { SAMPLE "# Later\n", "" },
};

static void first_comment_is_the_question(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
        struct scenario scenario;

        assert_int_equal(sample_load(&scenario, questions[i].text, NULL, 0, NULL), SCENARIO_OK);
        assert_string_equal(scenario.question, questions[i].question);
        scenario_free(&scenario);
    }
}

static void reloading_adds_overrides(void **state)
{
    static const char *const first[] = { "run.seed=2", "guests.g.vcpus=3" }, *const second[] = { "run.seed=4" };
    struct scenario base, reloaded;
    struct diag diag;

    (void)state;
    assert_int_equal(sample_load(&base, SAMPLE "matrix: { run.seed: [ 1, 2 ] }\n", first, 2, NULL), SCENARIO_OK);
    diag_init(&diag);
    assert_int_equal(scenario_reload(&reloaded, &base, second, 1, &diag), SCENARIO_OK);
    assert_true(base.setup.run.seed == 2 && reloaded.setup.run.seed == 4);
    assert_true(base.setup.guests[0].vcpus == 3 && reloaded.setup.guests[0].vcpus == 3);
    assert_true(base.axis_count == 1 && reloaded.axis_count == 0);
    assert_string_equal(scenario_origin(&reloaded, "run.seed"), "--set 3:10");
    scenario_free(&reloaded);
    assert_int_equal(scenario_reload(&reloaded, &base, first, 2, &diag), SCENARIO_OK);
    scenario_free(&reloaded);
    scenario_free(&base);
    diag_free(&diag);
}

static void overrides_may_be_the_scenario(void **state)
{
    static const char *const sets[] = { "name=x", "guests=[{name: g}]" };
    struct scenario scenario;

    (void)state;
    assert_int_equal(sample_load(&scenario, "", sets, 2, NULL), SCENARIO_OK);
    assert_string_equal(scenario.name, "x");
    scenario_free(&scenario);
}

static void too_many_cells_are_refused(void **state)
{
    char text[8192] = SAMPLE "matrix:\n", *messages;
    struct scenario scenario;

    (void)state;
    for (int axis = 0; axis < 3; axis++) {
        static const char *const paths[] = { "run.seed", "guests.g.pirqs", "guests.g.vcpus" };

        sprintf(text + strlen(text), "  %s: [ ", paths[axis]);
        for (int i = 1; i <= 101; i++)
            sprintf(text + strlen(text), "%s%d", i > 1 ? ", " : "", i);
        strcat(text, " ]\n");
    }
    assert_int_equal(sample_load(&scenario, text, NULL, 0, &messages), SCENARIO_INVALID);
    assert_string_equal(messages, "error: the matrix has more than 1000000 cells\n");
    free(messages);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_load_or_say_why),         cmocka_unit_test(names_mean_shipped_scenarios),
        cmocka_unit_test(first_comment_is_the_question), cmocka_unit_test(reloading_adds_overrides),
        cmocka_unit_test(overrides_may_be_the_scenario), cmocka_unit_test(too_many_cells_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
