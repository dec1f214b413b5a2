/* SPDX-License-Identifier: Apache-2.0
 *
 * Worker processes of a search. States contain addresses of the arena and of code, and are valid only in a process that
 * has both at the same place. Workers are therefore forks, and all shared memory is mapped before the fork. They run
 * the same loop, take work from a shared counter, and synchronize at workers_barrier.
 */
#ifndef EXPLORE_WORKERS_H
#define EXPLORE_WORKERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WORKERS_MAX 64

struct barrier {
    atomic_uint arrived, round, size;
};

struct workers {
    struct barrier *barrier;     /* shared */
    uint32_t size, self;         /* self 0: the process that called workers_fork */
    pid_t children[WORKERS_MAX]; /* valid in worker 0 only; children[0] is unused */
};

/* Maps zeroed memory that this process shares with its forks; pages are committed when touched. Where the
 * system allows it, what lies beyond the first megabytes has huge pages. The program ends where it has no room. */
void *workers_map(size_t bytes);
void workers_unmap(void *memory, size_t bytes);

/* Forgets the contents of whole pages of such memory, which become zero. */
void workers_discard(void *memory, size_t bytes);

/* Whether the calling thread will fork no workers before it calls this again with false, as it is at first. The memory
 * that it maps has huge pages more often then: few systems allow them for shared memory. */
void workers_map_alone(bool is_alone);

/* One worker: the calling process. */
void workers_init(struct workers *workers);

/* Forks until there are `size` workers, or fewer when fork fails. Returns in every worker. */
void workers_fork(struct workers *workers, uint32_t size);

/* Waits until all workers have arrived. If a worker has died, worker 0 kills the others and exits. */
void workers_barrier(struct workers *workers);

/* Ends the workers: worker 0 waits for the others, which exit here, and returns alone. */
void workers_join(struct workers *workers);

/* The number of processors in this process's affinity mask. */
uint32_t workers_processors(void);

#endif
