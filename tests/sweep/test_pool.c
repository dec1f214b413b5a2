/* SPDX-License-Identifier: Apache-2.0
 *
 * Every job runs once with any number of threads, in the order that is asked for; after a failure or a cancellation no
 * further job starts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sweep/order.h"
#include "sweep/pool.h"

#define JOBS 500

struct jobs {
    atomic_int runs[JOBS];
    atomic_int total;
    size_t threads;
    size_t failing;
    atomic_bool is_cancelled;
    int cancel_after;
    atomic_bool saw_bad_worker;
};

static bool run_job(void *context, size_t index, size_t worker)
{
    struct jobs *jobs = context;
    atomic_fetch_add(&jobs->runs[index], 1);
    if (worker >= sweep_pool_threads(jobs->threads, JOBS))
        atomic_store(&jobs->saw_bad_worker, true);
    if (atomic_fetch_add(&jobs->total, 1) + 1 == jobs->cancel_after)
        atomic_store(&jobs->is_cancelled, true);
    return index != jobs->failing;
}

static void every_job_runs_once(void **state)
{
    (void)state;
    static const size_t threads[] = { 0, 1, 2, 7, 1000 };
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        struct jobs jobs = { .threads = threads[i], .failing = JOBS };
        assert_true(sweep_pool_run(JOBS, threads[i], NULL, run_job, &jobs));
        for (size_t job = 0; job < JOBS; job++)
            assert_int_equal(jobs.runs[job], 1);
        assert_false(jobs.saw_bad_worker);
    }
    assert_true(sweep_pool_run(0, 0, NULL, run_job, NULL));
}

static void failure_and_cancellation_stop_the_rest(void **state)
{
    (void)state;
    struct jobs failing = { .threads = 1, .failing = 10 };
    assert_false(sweep_pool_run(JOBS, 1, NULL, run_job, &failing));
    assert_int_equal(failing.total, 11);

    struct jobs cancelled = { .threads = 1, .failing = JOBS, .cancel_after = 20 };
    assert_false(sweep_pool_run(JOBS, 1, &cancelled.is_cancelled, run_job, &cancelled));
    assert_int_equal(cancelled.total, 20);
}

struct taken {
    size_t indices[JOBS];
    size_t count;
};

static bool take_note(void *context, size_t index, size_t worker)
{
    struct taken *taken = context;

    (void)worker;
    taken->indices[taken->count++] = index;
    return true;
}

static void the_longest_job_is_first(void **state)
{
    (void)state;
    static struct sweep_order_job rows[JOBS];
    static struct taken taken;
    for (size_t i = 0; i < JOBS; i++)
        rows[i] = (struct sweep_order_job){ (double)i, i };
    assert_true(sweep_pool_run_longest_first(rows, JOBS, 1, NULL, take_note, &taken));
    assert_int_equal(taken.count, JOBS);
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(taken.indices[i], JOBS - 1 - i);
    for (size_t threads = 1; threads < 9; threads++) {
        struct jobs jobs = { .threads = threads, .failing = JOBS };
        assert_true(sweep_pool_run_longest_first(rows, JOBS, threads, NULL, run_job, &jobs));
        for (size_t job = 0; job < JOBS; job++)
            assert_int_equal(jobs.runs[job], 1);
    }
}

static void threads_are_at_least_one_and_no_more_than_jobs(void **state)
{
    (void)state;
    assert_int_equal(sweep_pool_threads(8, 3), 3);
    assert_int_equal(sweep_pool_threads(8, 0), 1);
    assert_int_equal(sweep_pool_threads(2, 100), 2);
    assert_true(sweep_pool_threads(0, 100000) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_runs_once),
        cmocka_unit_test(failure_and_cancellation_stop_the_rest),
        cmocka_unit_test(the_longest_job_is_first),
        cmocka_unit_test(threads_are_at_least_one_and_no_more_than_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
