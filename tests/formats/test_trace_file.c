/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the options of a trace file: errors are reported before anything is written, and a rejected run leaves no file.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "formats/trace_file.h"
#include "temporary.h"

#define PATH temporary_path("trace.xentrace")

static void mistakes_are_told(void **state)
{
    const struct {
        const char *path;
        struct trace_file_options options;
        enum trace_file_status status;
        const char *message;
    } rows[] = {
        { "x.txt", { .window = NULL }, TRACE_FILE_REFUSED, "x.txt: the suffix selects the format of a trace: " },
        { ".dat", { .window = NULL }, TRACE_FILE_REFUSED, ".dat: the suffix selects the format of a trace: " },
        { PATH, { .window = "1ms" }, TRACE_FILE_REFUSED, "expected two times as in 10ms,30ms, not '1ms'" },
        { PATH, { .classes = "iq" }, TRACE_FILE_REFUSED, "unknown class 'iq'" },
        { PATH, { .has_keep = true, .keep_ns = 1 }, TRACE_FILE_REFUSED, "--trace-keep has no effect without" },
        { PATH, { .memory = "1KiB" }, TRACE_FILE_REFUSED, "at least 128KiB are needed" },
        { PATH, { .memory = "much" }, TRACE_FILE_REFUSED, "'much' is not a number" },
        { "/nowhere/x.dat", { .window = NULL }, TRACE_FILE_UNWRITABLE, "/nowhere/x.dat: cannot be created: " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trace_file file;
        char message[720] = "";
        assert_int_equal(trace_file_open(&file, &rows[i].options, rows[i].path, message, sizeof message),
                         rows[i].status);
        if (strncmp(message, rows[i].message, strlen(rows[i].message)) != 0)
            fail_msg("row %zu: %s", i, message);
        assert_int_not_equal(access(PATH, F_OK), 0);
    }
}

static void a_refused_run_leaves_no_file(void **state)
{
    struct trace_file_options options = { .window = "1ms,2ms", .memory = "1MiB" };
    struct trace_file file;
    char message[720] = "";

    (void)state;
    assert_int_equal(trace_file_open(&file, &options, PATH, message, sizeof message), TRACE_FILE_OK);
    assert_int_equal(file.choice.from_ns, 1000000);
    assert_int_equal(file.choice.limit, (1 << 20) / (3 * sizeof(struct trace_record)));
    trace_file_abandon(&file);
    assert_int_not_equal(access(PATH, F_OK), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_refused_run_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
