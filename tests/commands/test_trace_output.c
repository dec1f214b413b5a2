/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors in the options and the name of a trace file are reported and leave no file; a note reports dropped records.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "program.h"
#include "temporary.h"

#define SCENARIO SOURCE_DIR "/scenarios/eight-socket-steal.yaml --set run.warmup=3ms --duration 4ms"

static struct program program;

/* In the arguments, $T is the directory of temporary_path. */
static void run(const char *arguments)
{
    char environment[128];

    (void)temporary_path("none.xentrace");
    snprintf(environment, sizeof environment, "T='%s';", temporary_own());
    program_run(&program, environment, arguments);
}

/* Nothing that was begun is left, under another name either. */
static void assert_no_temporary(void)
{
    DIR *directory = opendir(temporary_own());
    const struct dirent *entry;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] == '.' && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            fail_msg("%s is left", entry->d_name);
    closedir(directory);
}

static void mistakes_are_told(void **state)
{
    static const struct {
        const char *arguments, *error;
        int code;
    } rows[] = {
        { "trace export x.cbor", "-o FILE is missing", 2 },
        { "trace export x.cbor -o x.txt", "the suffix selects the format of a trace", 2 },
        { "trace export /nowhere/x.cbor -o $T/none.xentrace", "/nowhere/x.cbor: ", 4 },
        { "trace exprt x.cbor -o x.xentrace", "expected export or import", 2 },
        { "run " SCENARIO " --trace-classes irq", "have no effect without --trace FILE", 2 },
        { "run " SCENARIO " --trace $T/none.xentrace --trace-classes iq", "unknown class 'iq'", 2 },
        { "run " SCENARIO " --trace $T/none.xentrace --trace-window 1ms,1ms",
          "the window '1ms,1ms' ends before it begins", 2 },
        { "run " SCENARIO " --trace $T/none.xentrace --trace-window 1ms", "expected two times as in 10ms,30ms", 2 },
        { "run " SCENARIO " --trace $T/none.xentrace --trace-keep 1ms", "without --trace-trigger", 2 },
        { "run " SCENARIO " --trace $T/none.xentrace --trace-memory 1KiB", "at least 128KiB", 2 },
        { "run " SCENARIO " --trace /nowhere/x.xentrace", "/nowhere/x.xentrace: cannot be created", 4 },
        { "run " SCENARIO " --set 'machine.topology=package:16 [numa] core:16 pu:1' --trace $T/none.xentrace",
          "the machine has 256 pCPUs; an xentrace file supports at most 255", 2 },
        { "run " SCENARIO " --set 'machine.topology=package:16 [numa] core:65 pu:1' --trace $T/none.pftrace",
          "the machine has 1040 pCPUs; Perfetto reads the events of at most 1024", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(rows[i].arguments);
        assert_int_equal(program.code, rows[i].code);
        if (strstr(program.errors, rows[i].error) == NULL)
            fail_msg("%s: %s", rows[i].arguments, program.errors);
        assert_int_not_equal(access(temporary_path("none.xentrace"), F_OK), 0);
        assert_no_temporary();
    }
}

static void notes_say_what_is_missing(void **state)
{
    static const struct {
        const char *options, *note;
    } rows[] = {
        { "", "; open it with trace-cmd report -i " },
        { "--trace-trigger 'latency>100s'", "'latency>100s' did not occur: the trace is empty" },
        { "--trace-memory 130KiB", "records dropped for lack of memory (--trace-memory)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char arguments[400];
        snprintf(arguments, sizeof arguments, "run " SCENARIO " --force --trace $T/notes.dat %s", rows[i].options);
        run(arguments);
        assert_int_equal(program.code, 0);
        if (strstr(program.errors, rows[i].note) == NULL)
            fail_msg("%s: %s", rows[i].options, program.errors);
        assert_int_equal(unlink(temporary_path("notes.dat")), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(notes_say_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
