/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the CPUs that taskset and the cgroup allow this process, through hwloc, and runs pinned threads. hwloc's set of
 * allowed CPUs ignores taskset, so the process's binding is used instead.
 */
#define _GNU_SOURCE
#include "calibrate/host.h"

#include <errno.h>
#include <hwloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "calibrate/clock.h"

#define THREADS_MAX 64

/* --- the CPUs --- */

static void read_model(struct host *host)
{
    FILE *stream = fopen("/proc/cpuinfo", "r");
    char line[4096];

    while (stream != NULL && fgets(line, sizeof(line), stream) != NULL) {
        char *value = strchr(line, ':');

        if (value == NULL)
            continue;
        if (!strncmp(line, "model name", 10) && host->model[0] == '\0')
            (void)snprintf(host->model, sizeof(host->model), "%.*s", (int)strcspn(value + 2, "\n\"\\"), value + 2);
        if (!strncmp(line, "flags", 5))
            host->is_virtual |= strstr(value, " hypervisor") != NULL;
    }
    if (stream != NULL)
        fclose(stream);
}

static void measure_frequency(struct host *host)
{
    uint64_t from_ns = clock_ns(), from = clock_cycles(), ns;

    do {
        ns = clock_ns() - from_ns;
    } while (ns < 20000000);
    host->frequency_hz = (uint64_t)((double)(clock_cycles() - from) * 1e9 / (double)ns);
    host->frequency_hz = (host->frequency_hz + 500000) / 1000000 * 1000000;
}

/* Describes a symmetric topology exactly. Any other is described as one socket with all threads as cores, and its
 * distances are unknown. */
static void describe(struct host *host)
{
    int sockets = hwloc_get_nbobjs_by_type(host->hwloc, HWLOC_OBJ_PACKAGE);
    int caches = hwloc_get_nbobjs_by_type(host->hwloc, HWLOC_OBJ_L3CACHE);
    int cores = hwloc_get_nbobjs_by_type(host->hwloc, HWLOC_OBJ_CORE);
    int threads = hwloc_get_nbobjs_by_type(host->hwloc, HWLOC_OBJ_PU);

    sockets = sockets > 0 ? sockets : 1;
    caches = caches > sockets ? caches : sockets;
    cores = cores > 0 ? cores : threads;
    host->interconnect = caches > sockets ? INTERCONNECT_CHIPLET : INTERCONNECT_FULL;
    host->is_simplified = !hwloc_get_root_obj(host->hwloc)->symmetric_subtree || caches % sockets != 0 ||
                          cores % caches != 0 || threads % cores != 0;
    if (host->is_simplified)
        (void)snprintf(host->synthetic, sizeof(host->synthetic), "package:1 [numa] core:%d pu:1", threads);
    else if (caches > sockets)
        (void)snprintf(host->synthetic, sizeof(host->synthetic), "package:%d [numa] l3:%d core:%d pu:%d", sockets,
                       caches / sockets, cores / caches, threads / cores);
    else
        (void)snprintf(host->synthetic, sizeof(host->synthetic), "package:%d [numa] core:%d pu:%d", sockets,
                       cores / sockets, threads / cores);
}

static bool load_hwloc(struct host *host)
{
    hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
    bool is_loaded = allowed != NULL && hwloc_topology_init(&host->hwloc) == 0;

    is_loaded = is_loaded && hwloc_topology_load(host->hwloc) == 0 && hwloc_topology_is_thissystem(host->hwloc) &&
                hwloc_get_cpubind(host->hwloc, allowed, HWLOC_CPUBIND_PROCESS) == 0 &&
                hwloc_topology_restrict(host->hwloc, allowed, 0) == 0;
    hwloc_bitmap_free(allowed);
    return is_loaded;
}

static void try_real_time(void *argument, uint32_t index)
{
    struct sched_param parameter = { .sched_priority = 1 };

    (void)index;
    *(bool *)argument = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter) == 0;
}

bool host_init(struct host *host, char *message, size_t message_bytes)
{
    static const uint32_t first = 0;

    *host = (struct host){ .hwloc = NULL };
    if (!load_hwloc(host)) {
        (void)snprintf(message, message_bytes, "hwloc cannot determine which CPUs this process may use: %s",
                       strerror(errno));
        return false;
    }
    describe(host);
    read_model(host);
    measure_frequency(host);
    if (!topology_load(&host->topology, host->synthetic, host->interconnect, message, message_bytes))
        return false;
    (void)host_run(host, &first, 1, try_real_time, &host->has_real_time);
    return true;
}

void host_free(struct host *host)
{
    topology_free(&host->topology);
    if (host->hwloc != NULL)
        hwloc_topology_destroy(host->hwloc);
    *host = (struct host){ .hwloc = NULL };
}

const char *host_like(const struct host *host)
{
    return strstr(host->model, "AMD") != NULL ? "epyc-2s" : "skylake-sp-8s";
}

uint32_t host_cpu_at(const struct host *host, enum distance distance)
{
    const struct topology *topology = &host->topology;

    for (uint32_t cpu = 1; cpu < topology->cpu_count; cpu++)
        if (topology->cpus[cpu].thread == 0 && topology->cpus[cpu].core != topology->cpus[0].core &&
            topology_distance(topology, topology->cpus[0].domain, topology->cpus[cpu].domain) == distance)
            return cpu;
    return UINT32_MAX;
}

/* --- threads --- */

struct team {
    const struct host *host;
    const uint32_t *cpus;
    void (*run)(void *argument, uint32_t index);
    void *argument;
    pthread_barrier_t pinned;
    uint32_t unpinned; /* number of threads that could not be pinned; final after the barrier */
};

struct member {
    struct team *team;
    uint32_t index;
};

static void *member_main(void *argument)
{
    const struct member *member = argument;
    struct team *team = member->team;
    const struct host *host = team->host;
    struct sched_param parameter = { .sched_priority = 1 };
    hwloc_obj_t unit = hwloc_get_obj_by_type(host->hwloc, HWLOC_OBJ_PU, team->cpus[member->index]);

    if (unit == NULL || hwloc_set_cpubind(host->hwloc, unit->cpuset, HWLOC_CPUBIND_THREAD) != 0)
        __atomic_fetch_add(&team->unpinned, 1, __ATOMIC_SEQ_CST);
    else if (host->has_real_time)
        (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter);
    (void)pthread_barrier_wait(&team->pinned);
    if (__atomic_load_n(&team->unpinned, __ATOMIC_SEQ_CST) == 0)
        team->run(team->argument, member->index);
    return NULL;
}

bool host_run(const struct host *host, const uint32_t *cpus, uint32_t count,
              void (*run)(void *argument, uint32_t index), void *argument)
{
    struct team team = { .host = host, .cpus = cpus, .run = run, .argument = argument };
    struct member members[THREADS_MAX];
    pthread_t threads[THREADS_MAX];

    CHECK(count > 0 && count <= THREADS_MAX);
    if (pthread_barrier_init(&team.pinned, NULL, count) != 0)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        members[i] = (struct member){ &team, i };
        errno = pthread_create(&threads[i], NULL, member_main, &members[i]);
        CHECK_SYSTEM(errno == 0, "a thread cannot be started");
    }
    for (uint32_t i = 0; i < count; i++)
        (void)pthread_join(threads[i], NULL);
    (void)pthread_barrier_destroy(&team.pinned);
    return team.unpinned == 0;
}
