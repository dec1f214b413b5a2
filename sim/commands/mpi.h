/* SPDX-License-Identifier: Apache-2.0
 *
 * explore started by mpirun: the program becomes the relay of one process of a partitioned search (explore/peers.h),
 * and starts that process, itself once more, at addresses that are the same on all machines: without randomisation, and
 * with an environment that holds nothing else. Only process 0 prints.
 */
#ifndef COMMANDS_MPI_H
#define COMMANDS_MPI_H

#include <stdbool.h>

#include "commands/cli.h"
#include "explore/peers.h"
#include "explore/search.h"

struct mpi {
    bool is_open;
    struct peers peers;
    struct cli cli; /* what process 0 was given; the others write no file */
};

/* The program beside irqpath that carries the messages; it is built where there is an MPI library. */
#define MPI_RELAY "irqpath-mpi"

/* Joins the processes that mpirun has started, if it has, and sets peers and jobs of the limits; otherwise leaves
 * `is_open` false. Does not return in the program that mpirun starts, which becomes the relay. False with a message
 * when this build cannot be one, or when an option was given that only one process can have; `refused`: NULL or its
 * name. */
bool mpi_open(struct mpi *mpi, const struct cli *cli, const char *refused, struct explore_limits *limits);
void mpi_close(struct mpi *mpi);

/* Called by all processes together: whether `is_true` in any of them. */
bool mpi_any(struct mpi *mpi, bool is_true);

/* The same of `is_interrupted`, or of a signal to any relay. */
bool mpi_is_interrupted(struct mpi *mpi, bool is_interrupted);

#endif
