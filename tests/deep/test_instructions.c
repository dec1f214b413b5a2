/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine costs in instructions, counted by callgrind, so that no host's load or clock is in it: those of a run
 * twice as long, less those of the run, for each customer of a queue and each acquisition of a lock. The limits are a
 * quarter above what gcc 12 -O2 gave. Without valgrind, and under a sanitizer, there is nothing to count.
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

#if defined(__SANITIZE_ADDRESS__)
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

/* %u in the cell or the options is the length of the run. */
static const struct {
    const char *what, *program, *cell, *options;
    unsigned length, limit; /* instructions a customer or acquisition */
} rows[] = {
    { "M/M/1", "bench_queue", "x 1 12500 10000 exponential 1 %u", "", 20000, 650 },
    { "ticket, 48 CPUs", "bench_lock_loop", "ticket 48 20000 300 1", "--machine haswell-ex-4s --acquisitions %u", 4000,
      3500 },
    { "mcs, 48 CPUs", "bench_lock_loop", "mcs 48 20000 300 1", "--machine haswell-ex-4s --acquisitions %u", 4000,
      4900 },
    { "ttas, 48 CPUs", "bench_lock_loop", "ttas 48 20000 300 1", "--machine haswell-ex-4s --acquisitions %u", 4000,
      15000 },
};

static unsigned long long instructions(size_t row, unsigned length)
{
    char cell[128], options[128], command[4096], line[256];
    const char *end = strrchr(IRQPATH, '/');
    unsigned long long count = 0;
    FILE *output;

    (void)snprintf(cell, sizeof(cell), rows[row].cell, length); /* NOLINT(clang-diagnostic-format-nonliteral) */
    (void)snprintf(options, sizeof(options), rows[row].options,
                   length); /* NOLINT(clang-diagnostic-format-nonliteral) */
    (void)snprintf(command, sizeof(command),
                   "echo '%s' | valgrind --tool=callgrind --callgrind-out-file=/dev/null '%.*s/%s' %s 2>&1 >/dev/null",
                   cell, (int)(end - IRQPATH), IRQPATH, rows[row].program, options);
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
    if (is_sanitized || system("valgrind --version >/dev/null 2>&1") != 0) /* NOLINT(*-command-processor) */
        skip();
    for (size_t row = 0; row < COUNT(rows); row++) {
        unsigned length = rows[row].length;
        /* A tenth more runs before what is measured. */
        double each = (double)(instructions(row, 2 * length) - instructions(row, length)) / (1.1 * length);

        if (each > rows[row].limit)
            fail_msg("%s: %.0f instructions, the limit is %u", rows[row].what, each, rows[row].limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_event_costs_no_more_than_it_did) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
