/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares exploration by irqpath and by SPIN on the same programs: the verdicts must agree and, without reduction, the
 * numbers of reachable states. A state is the words, registers, program counters and the number of processes in the
 * critical section; a violation ends both searches. Skipped where spin is not installed.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocols.h"
#include "death.h"
#include "explore_fixture.h"

enum { RANDOM_PROGRAMS = 12 };

struct answer {
    bool is_clean;
    uint64_t states;
};

static struct answer ask_irqpath(const struct program *program)
{
    struct explore_outcome outcome;
    struct explored explored;
    struct fixture fixture;

    explore_open(&fixture, &explored, program->cpus);
    struct program_state *state = program_state_new(&fixture.machine, program);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++)
        fixture_program(&fixture, cpu, program_run, state);
    explore_run(&fixture, &explore_default_limits, &outcome);
    assert_int_not_equal(outcome.verdict, EXPLORE_INCOMPLETE);
    struct answer answer = { outcome.verdict == EXPLORE_CLEAN, outcome.states };
    explore_outcome_free(&outcome);
    explore_close(&fixture);
    return answer;
}

static struct answer ask_spin(const struct program *program)
{
    char directory[] = "/tmp/irqpath-spin-XXXXXX", *path, *command, line[256];
    struct answer answer = { false, 0 };
    unsigned long errors = 1;

    assert_non_null(mkdtemp(directory));
    assert_true(asprintf(&path, "%s/model.pml", directory) > 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    program_promela(program, file);
    assert_int_equal(fclose(file), 0);
    assert_true(
        asprintf(&command,
                 "cd %s && { spin -a model.pml && cc -w -O1 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m1000000; "
                 "} 2>&1; rm -rf %s",
                 directory, directory) > 0);
    FILE *stream = popen(command, "r");
    assert_non_null(stream);
    while (fgets(line, sizeof(line), stream) != NULL) {
        const char *found = strstr(line, "errors: ");
        if (found != NULL)
            errors = strtoul(found + 8, NULL, 10);
        if (strstr(line, " states, stored") != NULL)
            answer.states = strtoul(line, NULL, 10);
    }
    assert_int_equal(pclose(stream), 0);
    answer.is_clean = errors == 0;
    free(command);
    free(path);
    return answer;
}

static void compare(const struct program *program)
{
    struct answer ours = ask_irqpath(program), theirs = ask_spin(program);

    if (ours.is_clean != theirs.is_clean || (ours.is_clean && ours.states != theirs.states))
        fail_msg("%s: irqpath %s, %" PRIu64 " states; SPIN %s, %" PRIu64 " states", program->name,
                 ours.is_clean ? "clean" : "violation", ours.states, theirs.is_clean ? "clean" : "violation",
                 theirs.states);
}

static void skip_without_spin(void)
{
    if (!explore_state_is_supported())
        skip();
    if (system("command -v spin >/dev/null && command -v cc >/dev/null") != 0) {
        print_message("spin or cc is not installed: nothing to compare with\n");
        skip();
    }
}

static void test_protocols(void **state)
{
    static struct program program;

    (void)state;
    skip_without_spin();
    for (enum protocol protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
        for (uint32_t rounds = 1; rounds <= 2; rounds++) {
            protocol_write(&program, protocol, rounds);
            assert_int_equal(ask_irqpath(&program).is_clean, protocol_rows[protocol].is_clean);
            compare(&program);
        }
    }
}

static void test_random_programs(void **state)
{
    static struct program program;
    uint32_t clean = 0;

    (void)state;
    skip_without_spin();
    for (uint64_t seed = 1; seed <= RANDOM_PROGRAMS; seed++) {
        random_program_write(&program, seed, 2 + seed % 2, 6, 3);
        compare(&program);
        clean += ask_irqpath(&program).is_clean;
    }
    assert_in_range(clean, 2, RANDOM_PROGRAMS - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_random_programs),
    };

    return cmocka_run_group_tests_name("spin", tests, NULL, NULL);
}
