/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers of an exploration do not depend on the number of processes, nor on the run, nor on what compiled the
 * program: every shipped exploration, up to a bound, has the numbers of shipped.counts under every design. A change of
 * the models changes that file: test_explore_counts --write makes it. tests/explore-builds compares several builds.
 */
#define _GNU_SOURCE
#include <glob.h>

#include "death.h"
#include "explore/state.h"
#include "program.h"

#define COUNTS SOURCE_DIR "/tests/explore/shipped.counts"

enum { STATES_MAX = 5000 };

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

static void shipped_glob(glob_t *paths)
{
    static const char *const patterns[] = { "explore-*.yaml", "vfio-explore-*.yaml", "nvme-explore.yaml" };
    char pattern[512];

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        snprintf(pattern, sizeof(pattern), SOURCE_DIR "/scenarios/%s", patterns[i]);
        assert_int_equal(glob(pattern, i == 0 ? 0 : GLOB_APPEND, NULL, paths), 0);
    }
}

/* Scenario, design, verdict, states, transitions, depth: a line for each design. */
static void shipped_explore(struct program *program, const char *path)
{
    char arguments[1024];

    snprintf(arguments, sizeof(arguments),
             "explore '%s' --designs all --csv -j 1 --max-states %d | tail -n +2 | cut -d, -f1-3,5-7", path,
             (int)STATES_MAX);
    program_run(program, "", arguments);
    assert_true(strlen(program->output) > 20);
}

static void shipped_write(void)
{
    FILE *file = fopen(COUNTS, "w");
    static struct program program;
    glob_t paths;

    assert_non_null(file);
    shipped_glob(&paths);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        shipped_explore(&program, paths.gl_pathv[i]);
        fputs(program.output, file);
    }
    globfree(&paths);
    assert_int_equal(fclose(file), 0);
}

static void test_shipped(void **state)
{
    static struct program program;
    char expected[256], *at;
    glob_t paths;
    FILE *file;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    file = fopen(COUNTS, "r");
    assert_non_null(file);
    shipped_glob(&paths);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        shipped_explore(&program, paths.gl_pathv[i]);
        for (char *line = strtok_r(program.output, "\n", &at); line != NULL; line = strtok_r(NULL, "\n", &at)) {
            assert_non_null(fgets(expected, sizeof(expected), file));
            expected[strcspn(expected, "\n")] = '\0';
            assert_string_equal(line, expected);
        }
    }
    assert_null(fgets(expected, sizeof(expected), file));
    globfree(&paths);
    fclose(file);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_jobs), cmocka_unit_test(test_shipped) };

    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        shipped_write();
        return 0;
    }

    return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
