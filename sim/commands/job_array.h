/* SPDX-License-Identifier: Apache-2.0
 *
 * The place of this process among those that a batch system or launcher has started, by their environment: tasks of
 * arrays of Slurm, Grid Engine, LSF, PBS and Torque; ranks of mpirun, mpiexec and srun. Ranks within tasks divide
 * these.
 */
#ifndef COMMANDS_JOB_ARRAY_H
#define COMMANDS_JOB_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/cli.h"

/* Sets *task to the place from 0 and *count to the number of parts: 0 of 1 where nothing divides. Says so on stderr,
 * with `part` ("shard"). False after an error was printed: a place outside of its array, or a task of PBS or Torque,
 * which do not tell the size of an array. */
bool job_array_place(const struct cli *cli, const char *part, size_t *task, size_t *count);

#endif
