/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits what the engine costs in instructions: each customer of a queue, acquisition of a lock, and simulated
 * microsecond, interrupt and tick of the headline. The counts are callgrind's, which do not depend on the host's load
 * or clock. A cost is the difference between two runs, divided by that between what they do; `runs` and `costs` say
 * which. The test is skipped without valgrind, under sanitizers and in builds that are not optimised as a whole by gcc
 * 12 (Release).
 *
 *   test_bench_instructions --print   what everything costs, and what its limit would be at 1.05 of that
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

/* The limits are 1.05 of what gcc 12 makes, Debian 12's. */
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__) || __GNUC__ != 12
static const bool is_counted = false;
#else
static const bool is_counted = sizeof(BUILD_TYPE) == sizeof("Release");
#endif

#define LOOP "bench_lock_loop", "--machine haswell-ex-4s --acquisitions "
#define HEADLINE "irqpath", "run " SOURCE_DIR "/scenarios/eight-socket-steal.yaml --json --quiet --set run.warmup=0ms "

enum what { LENGTH, INTERRUPTS, TICKS, WHATS };

enum { QUEUE_SHORT, QUEUE, LOCK_SHORT, TICKET, MCS, TTAS, SHORT, SOFTIRQS, TASKLET, RARE, SLOW_TICKS, RUNS };

static const struct {
    const char *program, *options, *input;
    unsigned length; /* customers, acquisitions, microseconds */
} runs[RUNS] = {
    [QUEUE_SHORT] = { "bench_queue", "", "x 1 12500 10000 exponential 1 5000", 5000 },
    [QUEUE] = { "bench_queue", "", "x 1 12500 10000 exponential 1 20000", 20000 },
    [LOCK_SHORT] = { LOOP "500", "ticket 48 20000 300 1", 500 },
    [TICKET] = { LOOP "2000", "ticket 48 20000 300 1", 2000 },
    [MCS] = { LOOP "2000", "mcs 48 20000 300 1", 2000 },
    [TTAS] = { LOOP "2000", "ttas 48 20000 300 1", 2000 },
    [SHORT] = { HEADLINE "--design softirq-requeue --duration 1ms", "", 1000 },
    [SOFTIRQS] = { HEADLINE "--design softirq-requeue --duration 4ms", "", 4000 },
    [TASKLET] = { HEADLINE "--design domain-tasklet --duration 20ms", "", 20000 },
    [RARE] = { HEADLINE "--design softirq-requeue --duration 4ms --set devices.vf.arrivals.rate=2kHz", "", 4000 },
    [SLOW_TICKS] = { HEADLINE "--design softirq-requeue --duration 4ms --set guests.idle.timer=250Hz", "", 4000 },
};

/* The difference of two runs' instructions for each of what they differ in. A short run of another lock or design
 * stands for its own: what they do before they begin differs little. */
static const struct {
    const char *name;
    int longer, shorter;
    enum what what;
    unsigned limit;
} costs[] = {
    { "a customer of an M/M/1 queue", QUEUE, QUEUE_SHORT, LENGTH, 533 },
    { "an acquisition of a ticket lock by 48 CPUs", TICKET, LOCK_SHORT, LENGTH, 3350 },
    { "the same of an MCS lock", MCS, LOCK_SHORT, LENGTH, 4501 },
    { "the same of a test-and-set lock", TTAS, LOCK_SHORT, LENGTH, 10869 },
    { "a microsecond of the headline with the tasklet", TASKLET, SHORT, LENGTH, 3964 },
    { "the same with softirqs", SOFTIRQS, SHORT, LENGTH, 5552 },
    { "an interrupt of the headline with softirqs", SOFTIRQS, RARE, INTERRUPTS, 10106 },
    { "a tick of its idle guests", SOFTIRQS, SLOW_TICKS, TICKS, 40925 },
};

struct counted {
    double instructions, what[WHATS];
};

/* The number behind a key of the program's JSON on this line; otherwise 0. */
static double number_of(const char *line, const char *key)
{
    const char *at = strstr(line, key);

    return at != NULL ? strtod(at + strlen(key), NULL) : 0;
}

static struct counted count(int run)
{
    struct counted counted = { .what[LENGTH] = runs[run].length };
    char command[4096], line[256];
    const char *end = strrchr(IRQPATH, '/');
    FILE *output;

    (void)snprintf(command, sizeof(command),
                   "echo '%s' | valgrind --tool=callgrind --callgrind-out-file=/dev/null '%.*s/%s' %s 2>&1",
                   runs[run].input, (int)(end - IRQPATH), IRQPATH, runs[run].program, runs[run].options);
    output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    while (fgets(line, sizeof(line), output) != NULL) {
        counted.instructions += number_of(line, "Collected : ");
        counted.what[INTERRUPTS] += number_of(line, "\"irq.delivered\": ");
        counted.what[TICKS] += number_of(line, ".ticks.handled\": ");
    }
    assert_int_equal(pclose(output), 0);
    assert_true(counted.instructions > 0);
    return counted;
}

/* Makes every run once. */
static void measure(double *each)
{
    struct counted counted[RUNS];

    for (int run = 0; run < RUNS; run++)
        counted[run] = count(run);
    for (size_t i = 0; i < COUNT(costs); i++) {
        const struct counted *longer = &counted[costs[i].longer], *shorter = &counted[costs[i].shorter];
        double units = longer->what[costs[i].what] - shorter->what[costs[i].what];

        assert_true(units > 0);
        each[i] = (longer->instructions - shorter->instructions) / units;
    }
}

static void an_event_costs_no_more_than_it_did(void **state)
{
    double each[COUNT(costs)];

    (void)state;
    if (!is_counted || system("valgrind --version >/dev/null 2>&1") != 0) /* NOLINT(*-command-processor) */
        skip();
    measure(each);
    for (size_t i = 0; i < COUNT(costs); i++)
        if (each[i] > costs[i].limit)
            fail_msg("%s: %.0f instructions, the limit is %u", costs[i].name, each[i], costs[i].limit);
}

static int print(void)
{
    double each[COUNT(costs)];

    measure(each);
    printf("%-46s %12s %8s %12s\n", "", "instructions", "limit", "1.05 of them");
    for (size_t i = 0; i < COUNT(costs); i++)
        printf("%-46s %12.0f %8u %12.0f\n", costs[i].name, each[i], costs[i].limit, 1.05 * each[i]);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_event_costs_no_more_than_it_did) };

    if (argc == 2 && !strcmp(argv[1], "--print"))
        return print();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
