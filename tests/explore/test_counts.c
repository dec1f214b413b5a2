/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers of an exploration do not depend on the number of processes, nor on the run. tests/explore-builds compares
 * them between compilers.
 */
#include "death.h"
#include "explore/state.h"
#include "program.h"

static const char *const rows[] = {
    "explore-steady.yaml --designs softirq-requeue,domain-tasklet",
    "explore-rebind.yaml --designs softirq-masked,softirq-requeue",
    "explore-domain-destroy.yaml --designs softirq-requeue",
    "vfio-explore-teardown.yaml --designs all",
};

/* Cuts what is no number of the search: times and memory. */
static void explored(struct program *program, const char *row, const char *jobs)
{
    char arguments[512];

    snprintf(arguments, sizeof(arguments), "explore '" SOURCE_DIR "/scenarios'/%s --csv %s | cut -d, -f1-7", row, jobs);
    program_run(program, "", arguments);
}

static void test_jobs(void **state)
{
    static const char *const jobs[] = { "-j 1", "-j 2", "-j 2", "-j 3" };
    static struct program first, other;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        explored(&first, rows[row], jobs[0]);
        assert_true(strlen(first.output) > 100);
        for (size_t i = 1; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
            explored(&other, rows[row], jobs[i]);
            assert_string_equal(other.output, first.output);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_jobs) };

    return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
