/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests bench_queue and bench_line_latency: an uncontended queue has no wait, a queue with fixed service has the
 * expected wait, and an access costs what the machine file says.
 */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Reads the first line that the program prints; returns its exit code. */
static int bench_run(const char *input, const char *program, const char *arguments, char *line, int line_bytes)
{
    const char *end = strrchr(IRQPATH, '/');
    char command[4096];
    FILE *output;

    (void)snprintf(command, sizeof(command), "printf '%s' | '%.*s/%s' %s 2>/dev/null", input, (int)(end - IRQPATH),
                   IRQPATH, program, arguments);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    if (fgets(line, line_bytes, output) == NULL)
        line[0] = '\0';
    while (fgetc(output) != EOF)
        ;
    return pclose(output) >> 8;
}

static void queues_wait_as_long_as_they_must(void **state)
{
    static const struct {
        const char *cell;
        double wait, sojourn, tolerance;
    } rows[] = {
        { "idle 1 1000000 10 fixed 1 1000\\n", 0, 10, 0.1 },
        { "many 64 10000 10000 fixed 1 1000\\n", 0, 10000, 0.1 },
        { "half 1 20000 10000 fixed 1 100000\\n", 5000, 15000, 300 },
        { "four 4 3125 10000 exponential 1 200000\\n", 7455, 17455, 900 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char line[256];
        double wait, sojourn;

        assert_int_equal(bench_run(rows[i].cell, "bench_queue", "", line, sizeof(line)), 0);
        assert_int_equal(sscanf(line, "%*[^,],%*u,%lf,%lf", &wait, &sojourn), 2);
        assert_true(wait > rows[i].wait - rows[i].tolerance && wait < rows[i].wait + rows[i].tolerance);
        assert_true(sojourn > rows[i].sojourn - rows[i].tolerance && sojourn < rows[i].sojourn + rows[i].tolerance);
    }
}

static void what_is_not_there_is_refused(void **state)
{
    static const char *const cells[] = { "x 0 1 1 fixed 1 1\\n", "x 65 1 1 fixed 1 1\\n", "x 1 0 1 fixed 1 1\\n",
                                         "x 1 1 1 uniform 1 1\\n", "x 1 1\\n" };
    char line[256];

    (void)state;
    for (size_t i = 0; i < COUNT(cells); i++)
        assert_int_equal(bench_run(cells[i], "bench_queue", "", line, sizeof(line)), 2);
    assert_int_equal(bench_run("", "bench_line_latency", "", line, sizeof(line)), 2);
    assert_int_equal(bench_run("", "bench_line_latency", "nowhere", line, sizeof(line)), 2);
}

static void an_access_costs_what_its_file_says(void **state)
{
    char line[256];

    (void)state;
    assert_int_equal(
        bench_run("", "bench_line_latency", "haswell-ex-4s | grep load,modified,middle", line, sizeof(line)), 0);
    assert_string_equal(line, "haswell-ex-4s,load,modified,middle,227\n");
    assert_int_equal(bench_run("", "bench_line_latency", "haswell-ex-4s | grep atomic,own,near", line, sizeof(line)),
                     0);
    assert_string_equal(line, "haswell-ex-4s,atomic,own,near,20\n");
    assert_int_equal(bench_run("", "bench_line_latency", "haswell-ex-4s | grep store,shared,near", line, sizeof(line)),
                     0);
    assert_string_equal(line, "haswell-ex-4s,store,shared,near,99\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queues_wait_as_long_as_they_must),
        cmocka_unit_test(what_is_not_there_is_refused),
        cmocka_unit_test(an_access_costs_what_its_file_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
