/* SPDX-License-Identifier: Apache-2.0
 *
 * The sections of replays and of traces, as markup: a page is read without scripts, too. What scripts make of them is
 * tested by tests/report-replay.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explore/state.h"
#include "program.h"
#include "temporary.h"

static char directory[] = "/tmp/irqpath-report-replay-XXXXXX";
static struct program program;

static int make_files(void **state)
{
    (void)state;
    temporary_directory(directory);
    program_run_with(
        &program, "run " SOURCE_DIR "/scenarios/one-msi.yaml --set run.warmup=10ms --duration 50ms -q -o %s/one.cbor",
        directory);
    if (program.code == 0 && explore_state_is_supported()) {
        program_run_with(&program,
                         "explore " SOURCE_DIR
                         "/scenarios/explore-destroy.yaml --design softirq-states -q -o %s/replay.json",
                         directory);
        return program.code != 1;
    }
    return program.code;
}

static int remove_files(void **state)
{
    (void)state;
    temporary_directory_remove(directory);
    return 0;
}

static size_t occurrences(const char *text, const char *what)
{
    size_t count = 0;

    for (; (text = strstr(text, what)) != NULL; text++)
        count++;
    return count;
}

static void a_replay_is_a_table(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    program_run_with(&program, "report %s/replay.json -o -", directory);
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "<section id=\"replay\""));
    assert_non_null(strstr(program.output, "set_timer on a timer that was never initialised"));
    assert_non_null(strstr(program.output, "<td class=\"turn\"><div>device raises 30 at cpu"));
    assert_non_null(strstr(program.output, "<div>d1 test-and-set state: 0 <span class=\"arrow\">-&gt;</span> 1</div>"));
    assert_int_equal(occurrences(program.output, "<tr data-step="), 27);
    assert_int_equal(occurrences(program.output, "id=\"replay-1-data\""), 1);
    /* Two of them have ids of their own. */
    program_run_with(&program, "report %s/replay.json %s/replay.json -o -", directory, directory);
    assert_int_equal(program.code, 0);
    assert_int_equal(occurrences(program.output, "id=\"replay-2-data\""), 1);
    /* One of very many steps is refused before any is taken. */
    char path[64];
    snprintf(path, sizeof path, "%s/long.json", directory);
    FILE *file = fopen(path, "w");
    fputs("{\"irqpath_replay\": 1, \"scenario\": \"\", \"design\": \"softirq-states\", \"kind\": \"deadlock\", "
          "\"text\": \"\", "
          "\"steps\": [0",
          file);
    for (int i = 0; i < 20000; i++)
        fputs(",0", file);
    fputs("]}", file);
    fclose(file);
    program_run_with(&program, "report %s -o -", path);
    assert_int_equal(program.code, 2);
    assert_non_null(strstr(program.errors, "a replay of 20001 steps is too long for a page, which takes 20000"));
    /* It is one of no code object. */
    program_run_with(&program, "report %s/replay.json --code %s/one.cbor -o -", directory, directory);
    assert_int_equal(program.code, 2);
}

static void a_trace_is_three_sections(void **state)
{
    static const char *const sections[] = { "attribution", "slowest", "timeline" };
    char text[64];

    (void)state;
    program_run_with(&program, "report %s/one.cbor -o -", directory);
    assert_int_equal(program.code, 0);
    assert_null(strstr(program.output, "<section id=\"slowest\""));
    program_run_with(&program, "report %s/one.cbor --trace --slowest 2 -o -", directory);
    assert_int_equal(program.code, 0);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        snprintf(text, sizeof text, "<section id=\"%s\"", sections[i]);
        assert_non_null(strstr(program.output, text));
    }
    assert_int_equal(occurrences(program.output, "class=\"slow\""), 2);
    assert_non_null(strstr(program.output, "<strong>1. 10.508 us</strong> interrupt"));
    assert_non_null(strstr(program.output, "<td>the message reaches the LAPIC: vector 30</td>"));
    assert_non_null(strstr(program.output, "around the slowest interrupt"));
    snprintf(text, sizeof text, "irqpath trace export %s/one.cbor", directory);
    assert_non_null(strstr(program.output, text));
    program_run_with(&program, "report %s/one.cbor --trace --trace-window 12ms,20ms -o -", directory);
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "From 12.000000 ms to 20.000000 ms of the run"));
}

static void what_a_trace_cannot_be_is_refused(void **state)
{
    static const char *const options[] = { "--trace-window 1ms,2ms", "--slowest 3", "--trace --trace-window 2ms,1ms",
                                           "--trace --slowest 0", "--trace --slowest 51" };

    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        program_run_with(&program, "report %s/one.cbor -o - %s", directory, options[i]);
        assert_int_equal(program.code, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replay_is_a_table),
        cmocka_unit_test(a_trace_is_three_sections),
        cmocka_unit_test(what_a_trace_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
