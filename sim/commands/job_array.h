/* SPDX-License-Identifier: Apache-2.0
 *
 * The place of this process in a job array, by the environment that Slurm (SLURM_ARRAY_TASK_ID, _COUNT, _MIN, _STEP) or
 * Grid Engine (SGE_TASK_ID, _FIRST, _LAST, _STEPSIZE) gives to its tasks. Other batch systems do not tell the size of
 * an array.
 */
#ifndef COMMANDS_JOB_ARRAY_H
#define COMMANDS_JOB_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/cli.h"

/* Sets *task to the place from 0 and *count to the number of tasks: 0 of 1 outside of a job array. `part` ("shard") is
 * for the note that says so. False after an error was printed. */
bool job_array_place(const struct cli *cli, const char *part, size_t *task, size_t *count);

#endif
