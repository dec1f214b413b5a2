/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes that explore together. States hold addresses, of the arena and of code, and are worth something only where
 * these are the same: so a worker is a fork, with the arena at its place, and what all of them see is mapped before.
 * They run the same loop, meet at crew_meet, and take what there is to do from a common counter.
 */
#ifndef EXPLORE_CREW_H
#define EXPLORE_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CREW_MAX 64

struct crew_meeting {
    atomic_uint arrived, round, size;
};

struct crew {
    struct crew_meeting *meeting; /* shared */
    uint32_t size, self;          /* self 0: the process that was there before */
    pid_t others[CREW_MAX];       /* of it */
};

/* Zeroed memory for this process and its forks; pages are committed when touched. NULL when the system refuses. */
void *crew_map(size_t bytes);
void crew_unmap(void *memory, size_t bytes);

/* A crew of one. */
bool crew_init(struct crew *crew);

/* Becomes a crew of `size`, each of whom returns from here; fewer when the system refuses. */
void crew_fork(struct crew *crew, uint32_t size);

/* Waits until all are here. A worker that has failed takes the others with it. */
void crew_meet(struct crew *crew);

/* The end: only the first process comes back. */
void crew_leave(struct crew *crew);

/* Processors that this process may use. */
uint32_t crew_processors(void);

#endif
