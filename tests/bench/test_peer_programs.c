/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the programs that are compared with other simulators: as events and as actors, the mean time between two
 * events, customers or acquisitions is that of theory. Speed is not checked.
 */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void output_of(const char *arguments, char *line, int bytes, int *code)
{
    char command[4096];
    const char *end = strrchr(IRQPATH, '/');
    FILE *output;

    (void)snprintf(command, sizeof(command), "'%.*s/bench_peer_programs' %s 2>/dev/null", (int)(end - IRQPATH), IRQPATH,
                   arguments);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    line[0] = '\0';
    (void)fgets(line, bytes, output);
    *code = pclose(output);
}

static void means_are_those_of_theory(void **state)
{
    static const struct {
        const char *arguments, *name;
        double cycles; /* 100000 / N; the mean gap of arrivals; the hold time of a saturated lock */
    } rows[] = {
        { "hold 240 200000 events", "hold", 416.7 }, { "hold 240 200000 actors", "hold", 416.7 },
        { "hold 16 200000 events", "hold", 6250 },   { "hold 16384 200000 actors", "hold", 6.1 },
        { "move 240 200000 events", "move", 416.7 }, { "move 240 200000 actors", "move", 416.7 },
        { "move 16384 200000 events", "move", 6.1 }, { "queue 1 200000 events", "queue", 12500 },
        { "queue 1 200000 actors", "queue", 12500 }, { "lock 240 200000 events", "lock", 400 },
        { "lock 240 200000 actors", "lock", 400 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[256], name[16] = "";
        double per_second = 0, cycles = 0;
        unsigned members = 0;
        int code;

        output_of(rows[i].arguments, line, sizeof(line), &code);
        assert_int_equal(code, 0);
        assert_int_equal(sscanf(line, "%15[a-z],%u,%lf,%lf", name, &members, &per_second, &cycles), 4);
        assert_string_equal(name, rows[i].name);
        assert_true(per_second > 0);
        assert_true(cycles > 0.98 * rows[i].cycles && cycles < 1.02 * rows[i].cycles);
    }
}

static void bad_arguments_are_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "hold",
        "hold 240 100000 threads",
        "fold 240 100000 events",
        "hold 240 3 events",
        "hold 0 100000 events",
        "hold 16385 100000 events",
        "queue 2 100000 events",
        "hold events 200000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[256];
        int code;

        output_of(rows[i], line, sizeof(line), &code);
        assert_int_equal(code >> 8, 2);
        assert_string_equal(line, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_those_of_theory),
        cmocka_unit_test(bad_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
