/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool of threads that take the index of the next job from a shared counter.
 */
#define _GNU_SOURCE
#include "sweep/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"

struct pool {
    size_t count;
    const atomic_bool *is_cancelled;
    bool (*job)(void *context, size_t index, size_t worker);
    void *context;
    atomic_size_t next, succeeded;
    atomic_bool has_failed;
};

struct worker {
    struct pool *pool;
    size_t index;
    pthread_t thread;
};

static void *work(void *argument)
{
    const struct worker *worker = argument;
    struct pool *pool = worker->pool;

    while (!atomic_load(&pool->has_failed) && (pool->is_cancelled == NULL || !atomic_load(pool->is_cancelled))) {
        size_t index = atomic_fetch_add(&pool->next, 1);
        if (index >= pool->count)
            break;
        if (pool->job(pool->context, index, worker->index))
            atomic_fetch_add(&pool->succeeded, 1);
        else
            atomic_store(&pool->has_failed, true);
    }
    return NULL;
}

size_t sweep_pool_threads(size_t threads, size_t count)
{
    cpu_set_t usable;

    if (threads == 0)
        threads = sched_getaffinity(0, sizeof usable, &usable) == 0 ? (size_t)CPU_COUNT(&usable)
                                                                    : (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    if (threads > count)
        threads = count;
    return threads > 0 ? threads : 1;
}

bool sweep_pool_run(size_t count, size_t threads, const atomic_bool *is_cancelled,
                    bool (*job)(void *context, size_t index, size_t worker), void *context)
{
    struct pool pool = { .count = count, .is_cancelled = is_cancelled, .job = job, .context = context };
    threads = sweep_pool_threads(threads, count);
    struct worker *workers = calloc(threads, sizeof *workers);

    CHECK(workers != NULL);
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (struct worker){ .pool = &pool, .index = i };
        CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    for (size_t i = 0; i < threads; i++)
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
    free(workers);
    return atomic_load(&pool.succeeded) == count;
}
