/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool of threads that take the index of the next job from a shared order, or ascending.
 */
#define _GNU_SOURCE
#include "sweep/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/wall_clock.h"
#include "sweep/order.h"

struct pool {
    size_t count;
    const atomic_bool *is_cancelled;
    bool (*job)(void *context, size_t index, size_t worker);
    void *context;
    pthread_mutex_t mutex;
    struct sweep_order *order; /* NULL: ascending */
    size_t next;
    atomic_size_t succeeded;
    atomic_bool has_failed;
};

struct worker {
    struct pool *pool;
    size_t index;
    pthread_t thread;
};

/* SIZE_MAX: none is left. */
static size_t take(struct pool *pool)
{
    size_t index;

    CHECK(pthread_mutex_lock(&pool->mutex) == 0);
    if (pool->order != NULL)
        index = sweep_order_next(pool->order);
    else
        index = pool->next < pool->count ? pool->next++ : SIZE_MAX;
    CHECK(pthread_mutex_unlock(&pool->mutex) == 0);
    return index;
}

static void has_ended(struct pool *pool, size_t index, double seconds)
{
    if (pool->order == NULL)
        return;
    CHECK(pthread_mutex_lock(&pool->mutex) == 0);
    sweep_order_ended(pool->order, index, seconds);
    CHECK(pthread_mutex_unlock(&pool->mutex) == 0);
}

static void *work(void *argument)
{
    const struct worker *worker = argument;
    struct pool *pool = worker->pool;

    while (!atomic_load(&pool->has_failed) && (pool->is_cancelled == NULL || !atomic_load(pool->is_cancelled))) {
        size_t index = take(pool);
        if (index == SIZE_MAX)
            break;
        uint64_t start = clock_ns();
        if (pool->job(pool->context, index, worker->index))
            atomic_fetch_add(&pool->succeeded, 1);
        else
            atomic_store(&pool->has_failed, true);
        has_ended(pool, index, (double)(clock_ns() - start) / 1e9);
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

static bool run_all(struct pool *pool, size_t threads)
{
    threads = sweep_pool_threads(threads, pool->count);
    struct worker *workers = calloc(threads, sizeof *workers);

    CHECK(workers != NULL && pthread_mutex_init(&pool->mutex, NULL) == 0);
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (struct worker){ .pool = pool, .index = i };
        errno = pthread_create(&workers[i].thread, NULL, work, &workers[i]);
        CHECK_SYSTEM(errno == 0, "a thread cannot be started");
    }
    for (size_t i = 0; i < threads; i++)
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
    free(workers);
    pthread_mutex_destroy(&pool->mutex);
    return atomic_load(&pool->succeeded) == pool->count;
}

bool sweep_pool_run(size_t count, size_t threads, const atomic_bool *is_cancelled,
                    bool (*job)(void *context, size_t index, size_t worker), void *context)
{
    struct pool pool = { .count = count, .is_cancelled = is_cancelled, .job = job, .context = context };

    return run_all(&pool, threads);
}

bool sweep_pool_run_longest_first(const struct sweep_order_job *rows, size_t count, size_t threads,
                                  const atomic_bool *is_cancelled,
                                  bool (*job)(void *context, size_t index, size_t worker), void *context)
{
    struct sweep_order order;
    struct pool pool = {
        .count = count, .is_cancelled = is_cancelled, .job = job, .context = context, .order = &order
    };

    sweep_order_init(&order, rows, count);
    bool is_good = run_all(&pool, threads);
    sweep_order_free(&order);
    return is_good;
}
