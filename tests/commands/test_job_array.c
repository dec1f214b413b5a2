/* SPDX-License-Identifier: Apache-2.0
 *
 * The place in a job array, from the environment of Slurm and Grid Engine.
 */
#define _GNU_SOURCE
#include "commands/job_array.h"

#include <stdlib.h>

#include "commands/command.h"
#include "death.h"

static const char *const names[] = {
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_COUNT",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_STEP",
    "SGE_TASK_ID",
    "SGE_TASK_FIRST",
    "SGE_TASK_LAST",
    "SGE_TASK_STEPSIZE",
    "LSB_JOBINDEX",
    "LSB_JOBINDEX_END",
    "LSB_JOBINDEX_STEP",
    "PBS_ARRAY_INDEX",
    "PBS_ARRAYID",
    "OMPI_COMM_WORLD_RANK",
    "OMPI_COMM_WORLD_SIZE",
    "PMI_RANK",
    "PMI_SIZE",
    "SLURM_PROCID",
    "SLURM_STEP_NUM_TASKS",
};
enum { SLURM = 0, SGE = 4, LSF = 8, PBS = 11, TORQUE, OMPI, PMI = 15, SRUN = 17 };

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
        { { "4" }, 0, 0 },      /* of an unknown number */
        { { "x", "2" }, 0, 1 },
        { { "7", "2", "5", "1" }, 0, 0 },
        { { "4", "2", "5", "1" }, 0, 0 },
        { { "5", "2", "5", "0" }, 0, 0 },
        { { "6", "2", "5", "2" }, 0, 0 }, /* between two tasks */
        { { [SGE] = "1", [SGE + 1] = "1", [SGE + 2] = "4", [SGE + 3] = "1" }, 0, 4 },
        { { [SGE] = "8", [SGE + 1] = "2", [SGE + 2] = "9", [SGE + 3] = "3" }, 2, 3 },
        { { [SGE] = "undefined", [SGE + 1] = "undefined", [SGE + 2] = "undefined", [SGE + 3] = "undefined" }, 0, 1 },
        { { [SGE] = "9", [SGE + 1] = "1", [SGE + 2] = "4", [SGE + 3] = "1" }, 0, 0 },
        { { [SGE] = "1", [SGE + 1] = "1", [SGE + 2] = "4", [SGE + 3] = "0" }, 0, 0 },
        { { [LSF] = "0", [LSF + 1] = "0" }, 0, 1 }, /* no array */
        { { [LSF] = "1", [LSF + 1] = "8", [LSF + 2] = "1" }, 0, 8 },
        { { [LSF] = "8", [LSF + 1] = "8" }, 7, 8 },
        { { [LSF] = "5", [LSF + 1] = "9", [LSF + 2] = "2" }, 2, 5 },
        { { [LSF] = "9", [LSF + 1] = "8" }, 0, 0 },
        { { [PBS] = "3" }, 0, 0 },
        { { [TORQUE] = "0" }, 0, 0 },
        { { [OMPI] = "3", [OMPI + 1] = "4" }, 3, 4 },
        { { [OMPI] = "4", [OMPI + 1] = "4" }, 0, 0 },
        { { [OMPI] = "0", [OMPI + 1] = "1" }, 0, 1 },
        { { [OMPI] = "3" }, 0, 1 },
        { { [PMI] = "1", [PMI + 1] = "2" }, 1, 2 },
        { { [SRUN] = "1", [SRUN + 1] = "2" }, 1, 2 },
        { { [SRUN] = "0" }, 0, 1 }, /* a batch script, not srun */
        { { [OMPI] = "3", [OMPI + 1] = "4", [SRUN] = "0", [SRUN + 1] = "1" }, 3, 4 },
        { { "1", "3", "0", "1", [SRUN] = "1", [SRUN + 1] = "4" }, 5, 12 }, /* ranks within a task */
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
