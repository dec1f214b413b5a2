/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the environment of a job array's task.
 */
#include "commands/job_array.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* False when the variable is not set or, as Grid Engine has it outside of an array, no number. */
static bool environment_number(const char *name, size_t otherwise, size_t *value)
{
    const char *text = getenv(name); /* NOLINT(concurrency-mt-unsafe): before any thread */
    char *end;

    *value = otherwise;
    if (text == NULL)
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0)
        return false;
    *value = (size_t)number;
    return true;
}

struct array {
    const char *system;
    size_t task, first, step, count;
};

static bool read_slurm(struct array *array)
{
    array->system = "Slurm";
    environment_number("SLURM_ARRAY_TASK_MIN", 0, &array->first);
    environment_number("SLURM_ARRAY_TASK_STEP", 1, &array->step);
    return environment_number("SLURM_ARRAY_TASK_ID", 0, &array->task) &&
           environment_number("SLURM_ARRAY_TASK_COUNT", 1, &array->count);
}

static bool read_grid_engine(struct array *array)
{
    size_t last;

    array->system = "Grid Engine";
    environment_number("SGE_TASK_STEPSIZE", 1, &array->step);
    if (!environment_number("SGE_TASK_ID", 0, &array->task) ||
        !environment_number("SGE_TASK_FIRST", 1, &array->first) || !environment_number("SGE_TASK_LAST", 1, &last))
        return false;
    array->count = array->step == 0 || last < array->first ? 0 : (last - array->first) / array->step + 1;
    return true;
}

bool job_array_place(const struct cli *cli, const char *part, size_t *task, size_t *count)
{
    struct array array;

    *task = 0;
    *count = 1;
    if (!read_slurm(&array) && !read_grid_engine(&array))
        return true;
    if (array.step == 0 || array.task < array.first || (array.task - array.first) / array.step >= array.count) {
        cli_error(cli, "task %zu is not in the %s job array of %zu from %zu", array.task, array.system, array.count,
                  array.first);
        return false;
    }
    *task = (array.task - array.first) / array.step;
    *count = array.count;
    cli_note(cli, "%s %zu/%zu of the %s job array", part, *task + 1, *count, array.system);
    return true;
}
