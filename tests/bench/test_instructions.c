/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits the engine's cost in instructions for each customer of a queue, acquisition of a lock and simulated
 * microsecond of the headline. The counts are callgrind's, which do not depend on the host's load or clock, and are the
 * difference between a run and one of twice its length. The limits are a fifth above gcc 12's counts; other compilers
 * give other counts. The test is skipped without valgrind and under sanitizers.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
static const bool is_counted = false;
#else
static const bool is_counted = true;
#endif

#define LOOP "bench_lock_loop", "--machine haswell-ex-4s --acquisitions %u"
#define HEADLINE SOURCE_DIR "/scenarios/eight-socket-steal.yaml --set run.warmup=0ms --quiet --duration %uus --design "

/* %u in the options or the input is the length of the run. */
static const struct {
    const char *what, *program, *options, *input;
    unsigned length, limit; /* instructions each */
} rows[] = {
    { "M/M/1", "bench_queue", "", "x 1 12500 10000 exponential 1 %u", 20000, 670 },
    { "ticket, 48 CPUs", LOOP, "ticket 48 20000 300 1", 4000, 4070 },
    { "mcs, 48 CPUs", LOOP, "mcs 48 20000 300 1", 4000, 5130 },
    { "ttas, 48 CPUs", LOOP, "ttas 48 20000 300 1", 4000, 11850 },
    { "headline, tasklet", "irqpath", "run " HEADLINE "domain-tasklet", "", 10000, 7100 },
    { "headline, softirqs", "irqpath", "run " HEADLINE "softirq-requeue", "", 10000, 8060 },
};

static unsigned long long instructions(size_t row, unsigned length)
{
    char input[128], options[1024], command[4096], line[256];
    const char *end = strrchr(IRQPATH, '/');
    unsigned long long count = 0;
    FILE *output;

    (void)snprintf(input, sizeof(input), rows[row].input, length); /* NOLINT(clang-diagnostic-format-nonliteral) */
    (void)snprintf(options, sizeof(options), rows[row].options,
                   length); /* NOLINT(clang-diagnostic-format-nonliteral) */
    (void)snprintf(command, sizeof(command),
                   "echo '%s' | valgrind --tool=callgrind --callgrind-out-file=/dev/null '%.*s/%s' %s 2>&1 >/dev/null",
                   input, (int)(end - IRQPATH), IRQPATH, rows[row].program, options);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    while (fgets(line, sizeof(line), output) != NULL) {
        const char *collected = strstr(line, "Collected : ");
        if (collected != NULL)
            count = strtoull(collected + strlen("Collected : "), NULL, 10);
    }
    assert_int_equal(pclose(output), 0);
    assert_true(count > 0);
    return count;
}

static void an_event_costs_no_more_than_it_did(void **state)
{
    (void)state;
    if (!is_counted || system("valgrind --version >/dev/null 2>&1") != 0) /* NOLINT(*-command-processor) */
        skip();
    for (size_t row = 0; row < COUNT(rows); row++) {
        unsigned length = rows[row].length;
        double each = (double)(instructions(row, 2 * length) - instructions(row, length)) / length;

        if (each > rows[row].limit)
            fail_msg("%s: %.0f instructions, the limit is %u", rows[row].what, each, rows[row].limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_event_costs_no_more_than_it_did) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
