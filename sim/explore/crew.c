/* SPDX-License-Identifier: Apache-2.0
 *
 * Forks, and the place where they meet.
 */
#define _GNU_SOURCE
#include "explore/crew.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

/* Turns of the waiting loop before it lets others have the processor, and between two looks at who is alive. */
enum { TURNS_SPINNING = 2000, TURNS_BLIND = 1000 };

void *crew_map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void crew_unmap(void *memory, size_t bytes)
{
    if (memory != NULL)
        CHECK(munmap(memory, bytes) == 0);
}

bool crew_init(struct crew *crew)
{
    *crew = (struct crew){ .size = 1 };
    crew->meeting = crew_map(sizeof(*crew->meeting));
    return crew->meeting != NULL;
}

void crew_fork(struct crew *crew, uint32_t size)
{
    pid_t first = getpid();

    CHECK(crew->size == 1 && crew->self == 0 && size <= CREW_MAX);
    (void)fflush(NULL);
    for (uint32_t worker = 1; worker < size; worker++) {
        pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0) {
            CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
            if (getppid() != first)
                _exit(0);
            crew->self = worker;
            break;
        }
        crew->others[crew->size++] = child;
    }
    /* How many there are in the end is the first one's to say. */
    if (crew->self == 0)
        atomic_store(&crew->meeting->size, crew->size);
    while ((crew->size = atomic_load(&crew->meeting->size)) == 0)
        sched_yield();
    crew_meet(crew);
}

/* A failed CHECK has said why. */
static void look_after_others(const struct crew *crew)
{
    for (uint32_t worker = 1; crew->self == 0 && worker < crew->size; worker++) {
        int status;
        if (waitpid(crew->others[worker], &status, WNOHANG) != crew->others[worker])
            continue;
        for (uint32_t other = 1; other < crew->size; other++)
            if (other != worker)
                (void)kill(crew->others[other], SIGKILL);
        if (!WIFEXITED(status))
            check_failed("worker", WTERMSIG(status), "a worker was killed by a signal");
        _exit(WEXITSTATUS(status));
    }
}

void crew_meet(struct crew *crew)
{
    struct crew_meeting *meeting = crew->meeting;
    unsigned round = atomic_load(&meeting->round);

    if (crew->size == 1)
        return;
    if (atomic_fetch_add(&meeting->arrived, 1) + 1 == crew->size) {
        atomic_store(&meeting->arrived, 0);
        atomic_fetch_add(&meeting->round, 1);
        return;
    }
    for (uint32_t turn = 1; atomic_load_explicit(&meeting->round, memory_order_acquire) == round; turn++) {
        if (turn > TURNS_SPINNING)
            sched_yield();
        if (turn > TURNS_SPINNING && turn % TURNS_BLIND == 0)
            look_after_others(crew);
    }
}

void crew_leave(struct crew *crew)
{
    crew_meet(crew);
    if (crew->self != 0)
        _exit(0);
    for (uint32_t worker = 1; worker < crew->size; worker++) {
        int status;
        CHECK(waitpid(crew->others[worker], &status, 0) == crew->others[worker]);
    }
    crew_unmap(crew->meeting, sizeof(*crew->meeting));
    crew->size = 1;
}

uint32_t crew_processors(void)
{
    cpu_set_t processors;

    if (sched_getaffinity(0, sizeof(processors), &processors) != 0)
        return 1;
    return (uint32_t)CPU_COUNT(&processors);
}
