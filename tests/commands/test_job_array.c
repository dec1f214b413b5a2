/* SPDX-License-Identifier: Apache-2.0
 *
 * The place in a job array, from the environment of Slurm and Grid Engine.
 */
#define _GNU_SOURCE
#include "commands/job_array.h"

#include <stdlib.h>

#include "commands/command.h"
#include "death.h"

static const char *const names[] = { "SLURM_ARRAY_TASK_ID",  "SLURM_ARRAY_TASK_COUNT",
                                     "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP",
                                     "SGE_TASK_ID",          "SGE_TASK_FIRST",
                                     "SGE_TASK_LAST",        "SGE_TASK_STEPSIZE" };

#define NAMES (sizeof(names) / sizeof(*names))

static void test_places(void **state)
{
    static const struct {
        const char *values[NAMES]; /* in the order of the names */
        size_t task, count;        /* count 0: refused */
    } rows[] = {
        { { NULL }, 0, 1 },
        { { "5", "2", "5", "1" }, 0, 2 },
        { { "9", "3", "5", "2" }, 2, 3 },
        { { "4", "8" }, 4, 8 }, /* from 0 in steps of 1 */
        { { "4" }, 0, 1 },      /* of an unknown number */
        { { "x", "2" }, 0, 1 },
        { { "7", "2", "5", "1" }, 0, 0 },
        { { "4", "2", "5", "1" }, 0, 0 },
        { { "5", "2", "5", "0" }, 0, 0 },
        { { [4] = "1", [5] = "1", [6] = "4", [7] = "1" }, 0, 4 },
        { { [4] = "8", [5] = "2", [6] = "9", [7] = "3" }, 2, 3 },
        { { [4] = "undefined", [5] = "undefined", [6] = "undefined", [7] = "undefined" }, 0, 1 },
        { { [4] = "9", [5] = "1", [6] = "4", [7] = "1" }, 0, 0 },
        { { [4] = "1", [5] = "1", [6] = "4", [7] = "0" }, 0, 0 },
    };
    struct cli cli = { .command = &command_sweep, .is_quiet = true };

    (void)state;
    assert_non_null(freopen("/dev/null", "w", stderr)); /* the errors of refused places */
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t task, count;

        for (size_t j = 0; j < NAMES; j++)
            assert_int_equal(rows[i].values[j] ? setenv(names[j], rows[i].values[j], 1) : unsetenv(names[j]), 0);
        bool is_good = job_array_place(&cli, "part", &task, &count);
        if (is_good != (rows[i].count > 0) || (is_good && (task != rows[i].task || count != rows[i].count)))
            fail_msg("row %zu: %zu of %zu", i, task, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests_name("commands_job_array", tests, NULL, NULL);
}
