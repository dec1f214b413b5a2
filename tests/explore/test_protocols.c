/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdicts on the protocols of bench/protocols.h under both memory models, with and without reduction: Peterson's
 * and Dekker's exclude nobody without fences where stores are buffered; locks that are taken by a locked operation, and
 * released by a store, do.
 */
#include "death.h"
#include "explore_fixture.h"
#include "protocols.h"

static bool is_clean(const struct program *program, enum policy policy, bool merges)
{
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    struct explored explored;
    struct fixture fixture;

    explore_open_as(&fixture, &explored, program->cpus, policy);
    explored.merges = merges;
    struct program_state *state = program_state_new(&fixture.machine, program);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++)
        fixture_program(&fixture, cpu, program_run, state);
    limits.jobs = 1;
    explore_run(&fixture, &limits, &outcome);
    assert_int_not_equal(outcome.verdict, EXPLORE_INCOMPLETE);
    bool is_clean = outcome.verdict == EXPLORE_CLEAN;
    explore_outcome_free(&outcome);
    explore_close(&fixture);
    return is_clean;
}

static void verdicts_are_known(void **state)
{
    static struct program program;

    (void)state;
    EXPLORE_OR_SKIP();
    for (enum protocol protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
        for (int choice = 0; choice < 4; choice++) {
            bool is_tso = choice & 1, merges = choice & 2;
            const struct protocol_row *row = &protocol_rows[protocol];
            protocol_write(&program, protocol, 1);
            bool found = is_clean(&program, is_tso ? POLICY_EXHAUSTIVE_TSO : POLICY_EXHAUSTIVE, merges);
            if (found != (is_tso ? row->is_clean_tso : row->is_clean))
                fail_msg("%s under %s: %s", row->name, is_tso ? "tso" : "sc", found ? "clean" : "violation");
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts_are_known) };

    return cmocka_run_group_tests_name("explore_protocols", tests, NULL, NULL);
}
