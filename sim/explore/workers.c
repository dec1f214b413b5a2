/* SPDX-License-Identifier: Apache-2.0
 *
 * Forks worker processes and synchronizes them with a spinning barrier in shared memory.
 */
#define _GNU_SOURCE
#include "explore/workers.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

/* Iterations of the barrier's loop before it starts to yield, and between two checks that the children are alive. */
enum { TURNS_SPINNING = 2000, TURNS_PER_CHECK = 1000 };

/* Small searches have no use for huge pages, which take long to become zero. */
#define SMALL_BYTES ((size_t)4 << 20)

static _Thread_local bool is_alone;

void workers_map_alone(bool alone) { is_alone = alone; }

void *workers_map(size_t bytes)
{
    int sharing = is_alone ? MAP_PRIVATE : MAP_SHARED;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    CHECK_SYSTEM(memory != MAP_FAILED, "the address space to explore in cannot be reserved");
    if (bytes > SMALL_BYTES)
        (void)madvise(memory + SMALL_BYTES, bytes - SMALL_BYTES, MADV_HUGEPAGE); /* an advice that not all know */
    return memory;
}

void workers_discard(void *memory, size_t bytes)
{
    CHECK_SYSTEM(madvise(memory, bytes, is_alone ? MADV_DONTNEED : MADV_REMOVE) == 0, "memory cannot be given back");
}

void workers_unmap(void *memory, size_t bytes)
{
    if (memory != NULL)
        CHECK(munmap(memory, bytes) == 0);
}

void workers_init(struct workers *workers)
{
    *workers = (struct workers){ .size = 1, .barrier = workers_map(sizeof(*workers->barrier)) };
}

void workers_fork(struct workers *workers, uint32_t size)
{
    pid_t first = getpid();

    CHECK(!is_alone && workers->size == 1 && workers->self == 0 && size <= WORKERS_MAX);
    (void)fflush(NULL);
    for (uint32_t worker = 1; worker < size; worker++) {
        pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0) {
            CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
            if (getppid() != first)
                _exit(0);
            workers->self = worker;
            break;
        }
        workers->children[workers->size++] = child;
    }
    /* Only worker 0 knows how many forks have succeeded. The others wait until it publishes the number. */
    if (workers->self == 0)
        atomic_store(&workers->barrier->size, workers->size);
    while ((workers->size = atomic_load(&workers->barrier->size)) == 0)
        sched_yield();
    workers_barrier(workers);
}

/* A worker that exits early has failed a CHECK and printed its message; one killed by a signal has printed nothing. */
static void check_children(const struct workers *workers)
{
    for (uint32_t worker = 1; workers->self == 0 && worker < workers->size; worker++) {
        int status;
        if (waitpid(workers->children[worker], &status, WNOHANG) != workers->children[worker])
            continue;
        for (uint32_t other = 1; other < workers->size; other++)
            if (other != worker)
                (void)kill(workers->children[other], SIGKILL);
        if (!WIFEXITED(status))
            check_failed("worker", WTERMSIG(status), "a worker was killed by a signal");
        _exit(WEXITSTATUS(status));
    }
}

void workers_barrier(struct workers *workers)
{
    struct barrier *barrier = workers->barrier;
    unsigned round = atomic_load(&barrier->round);

    if (workers->size == 1)
        return;
    if (atomic_fetch_add(&barrier->arrived, 1) + 1 == workers->size) {
        atomic_store(&barrier->arrived, 0);
        atomic_fetch_add(&barrier->round, 1);
        return;
    }
    for (uint32_t turn = 1; atomic_load_explicit(&barrier->round, memory_order_acquire) == round; turn++) {
        if (turn > TURNS_SPINNING)
            sched_yield();
        if (turn > TURNS_SPINNING && turn % TURNS_PER_CHECK == 0)
            check_children(workers);
    }
}

void workers_join(struct workers *workers)
{
    workers_barrier(workers);
    if (workers->self != 0)
        _exit(0);
    for (uint32_t worker = 1; worker < workers->size; worker++) {
        int status;
        CHECK(waitpid(workers->children[worker], &status, 0) == workers->children[worker]);
    }
    workers_unmap(workers->barrier, sizeof(*workers->barrier));
    workers->size = 1;
}

uint32_t workers_processors(void)
{
    cpu_set_t processors;

    if (sched_getaffinity(0, sizeof(processors), &processors) != 0)
        return 1;
    return (uint32_t)CPU_COUNT(&processors);
}
