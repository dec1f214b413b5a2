/* SPDX-License-Identifier: Apache-2.0
 *
 * A run with a trace has the same result as without; repeating the run of a result gives the same trace.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"
#include "temporary.h"

#define SCENARIO SOURCE_DIR "/scenarios/eight-socket-steal.yaml --set run.warmup=3ms --duration 4ms"

static struct program program;

static int shell(const char *directory, const char *format)
{
    char line[4096];

    snprintf(line, sizeof line, format, directory, directory);
    return system(line);
}

static void run(const char *directory, const char *format)
{
    char line[2048];

    snprintf(line, sizeof line, format, directory, directory);
    program_run(&program, "", line);
}

static void trace_changes_nothing(void **state)
{
    char directory[] = "/tmp/irqpath-test-XXXXXX";

    (void)state;
    temporary_directory(directory);
    run(directory, "run " SCENARIO " -q -o %s/plain.cbor");
    assert_int_equal(program.code, 0);
    run(directory, "run " SCENARIO " -q -o %s/traced.cbor --trace %s/first.xentrace");
    assert_int_equal(program.code, 0);
    run(directory, "trace export %s/plain.cbor -o %s/again.xentrace");
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.errors, " records, "));
    assert_int_equal(shell(directory, "cmp %s/plain.cbor %s/traced.cbor"), 0);
    assert_int_equal(shell(directory, "cmp %s/first.xentrace %s/again.xentrace"), 0);
    temporary_directory_remove(directory);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
