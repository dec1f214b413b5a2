/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests bench_lock_loop: the rate of a single CPU follows from its costs, the rate of a saturated fair lock from its
 * hand-overs; the locks rank in the known order; and unknown cells and costs are rejected.
 */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Reads the acquisitions per second of each cell; returns the exit code. */
static int loop_run(const char *options, const char *cells, double *rates, size_t count)
{
    const char *end = strrchr(IRQPATH, '/');
    char command[4096], line[256];
    size_t rows = 0;
    FILE *output;

    assert_non_null(end);
    (void)snprintf(command, sizeof(command), "printf '%s' | '%.*s/bench_lock_loop' --machine %s %s 2>/dev/null", cells,
                   (int)(end - IRQPATH), IRQPATH, SOURCE_DIR "/scenarios/machines/haswell-ex-4s.yaml", options);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    while (fgets(line, sizeof(line), output) != NULL) {
        assert_true(rows < count);
        assert_int_equal(sscanf(line, "%*[^,],%*u,%*u,%*u,%*u,%lf", &rates[rows++]), 1);
    }
    return pclose(output) >> 8;
}

/* Cycles at 2.1 GHz; the lock's hits are atomic 20, store 4, load 4. */
static void one_cpu_pays_what_it_does(void **state)
{
    static const double cycles[] = { 1000 + 20 + 4, 1000 + 20 + 4 + 4, 1000 + 4 + 4 + 20 + 4 + 20, 1000 + 20 + 4 };
    double rates[4];

    (void)state;
    assert_int_equal(loop_run("--fixed --acquisitions 1000",
                              "ttas 1 600 400 1\\nticket 1 600 400 1\\nmcs 1 600 400 1\\nspinlock 1 600 400 1\\n",
                              rates, 4),
                     0);
    for (size_t i = 0; i < COUNT(cycles); i++)
        assert_true(rates[i] > 2.1e9 / cycles[i] * 0.999 && rates[i] < 2.1e9 / cycles[i] * 1.001);
}

static void crowded_locks_are_in_order(void **state)
{
    double rates[4], with_data;

    (void)state;
    assert_int_equal(
        loop_run("--acquisitions 2000",
                 "mcs 48 2000 200 1\\nticket 48 2000 200 1\\nttas 48 2000 200 1\\nspinlock 48 2000 200 1\\n", rates, 4),
        0);
    for (size_t i = 1; i < COUNT(rates); i++)
        assert_true(rates[i] < rates[i - 1]);
    assert_int_equal(loop_run("--acquisitions 2000 --lines 2", "mcs 48 2000 200 1\\n", &with_data, 1), 0);
    assert_true(with_data < rates[0]);
    assert_int_equal(
        loop_run("--acquisitions 2000 --set reads_per_socket=low", "ticket 48 2000 200 1\\n", &with_data, 1), 0);
    assert_true(with_data < rates[1]);
    /* Serving pollers of the same socket first speeds ttas up; compare-and-swap attempts in flight keep their order. */
    for (size_t i = 2; i < COUNT(rates); i++) {
        static const char *const cells[] = { [2] = "ttas 48 2000 200 1\\n", [3] = "spinlock 48 2000 200 1\\n" };

        assert_int_equal(loop_run("--acquisitions 2000 --set socket_service=0", cells[i], &with_data, 1), 0);
        assert_true(i == 2 ? with_data < rates[i] * 0.7 : with_data < rates[i] * 1.2 && with_data > rates[i] * 0.8);
    }
}

static void what_is_not_there_is_refused(void **state)
{
    static const struct {
        const char *options, *cell;
    } rows[] = { { "", "mcs 49 1 1 1\\n" },  { "", "mutex 1 1 1 1\\n" },           { "", "mcs 1 1\\n" },
                 { "--set speed=1", "" },    { "--set load_hit=fast", "" },        { "--lines 17", "" },
                 { "--acquisitions 0", "" }, { "--machine /nonexistent.yaml", "" } };
    double rate;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(loop_run(rows[i].options, rows[i].cell, &rate, 1), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_cpu_pays_what_it_does),
        cmocka_unit_test(crowded_locks_are_in_order),
        cmocka_unit_test(what_is_not_there_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
