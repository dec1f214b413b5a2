/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the environment of a task.
 */
#include "commands/job_array.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
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

/* The variables of a batch system. Indices lie from `first` to `last` in steps, or are counted by `count`; a system
 * with neither does not say how many there are. */
static const struct array_names {
    const char *system, *task, *first, *step, *last, *count;
    size_t first_default;
} arrays[] = {
    { "Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP", NULL, "SLURM_ARRAY_TASK_COUNT",
      0 },
    { "Grid Engine", "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_STEPSIZE", "SGE_TASK_LAST", NULL, 1 },
    { "LSF", "LSB_JOBINDEX", NULL, "LSB_JOBINDEX_STEP", "LSB_JOBINDEX_END", NULL, 1 },
    { "PBS", "PBS_ARRAY_INDEX", NULL, NULL, NULL, NULL, 0 },
    { "Torque", "PBS_ARRAYID", NULL, NULL, NULL, NULL, 0 },
};

/* The variables of what starts many processes. The first that is there counts: mpirun is started by srun, too. */
static const struct rank_names {
    const char *launcher, *rank, *size;
} launchers[] = {
    { "mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE" },
    { "mpiexec", "PMI_RANK", "PMI_SIZE" },
    { "srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS" },
};

/* One of how many; count 0: it is not known; what NULL: nothing divides. */
struct part {
    const char *what;
    size_t at, count;
};

/* A system of arrays is there when its task's variable is a number, and not 0 where indices begin with 1. */
static bool read_array(const struct array_names *names, struct part *place, size_t *index)
{
    size_t first = names->first_default, step = 1, last = 0, count = 0;

    if (!environment_number(names->task, 0, index) || *index < names->first_default)
        return false;
    if (names->first != NULL)
        environment_number(names->first, names->first_default, &first);
    if (names->step != NULL)
        environment_number(names->step, 1, &step);
    if (names->count != NULL)
        environment_number(names->count, 0, &count);
    bool has_last = names->last != NULL && environment_number(names->last, 0, &last);
    if (has_last && step > 0 && last >= first)
        count = (last - first) / step + 1;
    bool is_in_range = step > 0 && *index >= first && (*index - first) % step == 0;
    *place = (struct part){ names->system, is_in_range ? (*index - first) / step : SIZE_MAX, count };
    return true;
}

static bool read_ranks(struct part *place)
{
    size_t rank, size;

    for (size_t i = 0; i < sizeof(launchers) / sizeof(*launchers); i++)
        if (environment_number(launchers[i].rank, 0, &rank) && environment_number(launchers[i].size, 0, &size)) {
            *place = (struct part){ launchers[i].launcher, rank, size };
            return true;
        }
    return false;
}

/* Finds the task of an array. False after an error was printed. */
static bool find_task(const struct cli *cli, struct part *place)
{
    size_t index = 0;

    *place = (struct part){ NULL, 0, 1 };
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
        if (!read_array(&arrays[i], place, &index))
            continue;
        if (place->count == 0)
            cli_error(cli,
                      "this is task %zu of a %s job array, which does not say how many there are: give its place, "
                      "as with --shard I/N",
                      index, place->what);
        else if (place->at >= place->count)
            cli_error(cli, "task %zu is not in the %s job array of %zu", index, place->what, place->count);
        return place->at < place->count;
    }
    return true;
}

bool job_array_place(const struct cli *cli, const char *part, size_t *task, size_t *count)
{
    struct part array, ranks = { NULL, 0, 1 };

    if (!find_task(cli, &array))
        return false;
    if (read_ranks(&ranks) && ranks.at >= ranks.count) {
        cli_error(cli, "rank %zu is not one of the %zu of %s", ranks.at, ranks.count, ranks.what);
        return false;
    }
    *task = array.at * ranks.count + ranks.at;
    *count = array.count * ranks.count;
    /* Said even with --quiet: it decides what is run. */
    if (array.what != NULL && ranks.count > 1)
        (void)fprintf(stderr, "irqpath: %s %zu/%zu, of rank %zu/%zu of %s in task %zu/%zu of the %s job array\n", part,
                      *task + 1, *count, ranks.at + 1, ranks.count, ranks.what, array.at + 1, array.count, array.what);
    else if (array.what != NULL)
        (void)fprintf(stderr, "irqpath: %s %zu/%zu of the %s job array\n", part, *task + 1, *count, array.what);
    else if (ranks.count > 1)
        (void)fprintf(stderr, "irqpath: %s %zu/%zu of the ranks of %s\n", part, *task + 1, *count, ranks.what);
    return true;
}
