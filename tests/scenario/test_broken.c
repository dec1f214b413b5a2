/* SPDX-License-Identifier: Apache-2.0
 *
 * Every invalid scenario of tests/scenario/broken.cases gives exactly the messages listed there; one test per case.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario_samples.h"
#include "scenario/text_file.h"

#define CASES_MAX 400
#define SETS_MAX 8

struct broken {
    char *name;
    char *text;
    const char *sets[SETS_MAX];
    size_t set_count;
    char *expected;
};

static void append(char **text, const char *line, size_t bytes)
{
    size_t used = *text ? strlen(*text) : 0;

    *text = realloc(*text, used + bytes + 2);
    assert_non_null(*text);
    memcpy(*text + used, line, bytes);
    strcpy(*text + used + bytes, "\n");
}

/* A line of the YAML, its marks replaced. */
static void append_yaml(struct broken *broken, char *line)
{
    char *tab = strstr(line, "\\t");

    if (!strcmp(line, "@")) {
        append(&broken->text, "name: x\nguests: [ { name: g } ]", 31);
        return;
    }
    if (tab) {
        *tab = '\t';
        memmove(tab + 1, tab + 2, strlen(tab + 2) + 1);
    }
    append(&broken->text, line, strlen(line));
}

static size_t read_cases(char *text, struct broken *cases)
{
    char *line, *rest = text;
    size_t count = 0;
    bool is_expected = false;

    while ((line = strsep(&rest, "\n")) != NULL && rest) {
        if (!strncmp(line, "=== ", 4)) {
            assert_true(count < CASES_MAX);
            cases[count++] = (struct broken){ .name = line + 4 };
            is_expected = false;
        } else if (count == 0) {
            continue;
        } else if (!strcmp(line, "-->")) {
            is_expected = true;
        } else if (is_expected) {
            append(&cases[count - 1].expected, line, strlen(line));
        } else if (!strncmp(line, "--set ", 6)) {
            assert_true(cases[count - 1].set_count < SETS_MAX);
            cases[count - 1].sets[cases[count - 1].set_count++] = line + 6;
        } else {
            append_yaml(&cases[count - 1], line);
        }
    }
    return count;
}

static void check_case(void **state)
{
    const struct broken *broken = *state;
    struct scenario scenario;
    char *messages;

    assert_int_equal(
        sample_load(&scenario, broken->text ? broken->text : "", broken->sets, broken->set_count, &messages),
        SCENARIO_INVALID);
    assert_string_equal(messages, broken->expected);
    free(messages);
}

int main(void)
{
    static struct broken cases[CASES_MAX];
    static struct CMUnitTest tests[CASES_MAX];
    struct diag diag;
    size_t count, bytes;
    char *text;
    int failed;

    diag_init(&diag);
    if (text_file_read(SOURCE_DIR "/tests/scenario/broken.cases", "broken.cases", (struct place){ 0, 0, 0 }, &diag,
                       &text, &bytes) != TEXT_FILE_OK)
        return 1;
    diag_free(&diag);
    count = read_cases(text, cases);
    for (size_t i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){ .name = cases[i].name, .test_func = check_case, .initial_state = &cases[i] };
    failed = _cmocka_run_group_tests("broken scenarios", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        free(cases[i].text);
        free(cases[i].expected);
    }
    free(text);
    return failed != 0 || count < 150;
}
