/* SPDX-License-Identifier: Apache-2.0
 *
 * Every job is taken once, the longest first as far as it is known; two threads that take jobs so are busy at least 95
 * % of the time, with the times that cells were measured to take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sweep/order.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define JOBS_MAX 400

/* User time in seconds of the cells of scenarios/sockets-1-to-8.yaml in their order: two designs, two locks, one to
 * eight sockets (50 ms simulated). */
static const double sockets_seconds[] = {
    .04, .06, .08, .10, .19, .16, .15, .19, .05, .08, .11, .14, .19, .20, .24, .40,
    .05, .04, .05, .09, .12, .19, .22, .22, .04, .05, .06, .10, .15, .18, .23, .26,
};
/* The designs of a headline whose cost is the same as far as the setup says. */
static const double design_seconds[] = { 1.4, 3.1, .8 };

static void sockets_jobs(struct sweep_order_job *jobs, double *seconds, size_t *count)
{
    *count = COUNT(sockets_seconds);
    for (size_t i = 0; i < *count; i++) {
        jobs[i] = (struct sweep_order_job){ (double)(i % 8 + 1), i };
        seconds[i] = sockets_seconds[i];
    }
}

static void seeded_jobs(struct sweep_order_job *jobs, double *seconds, size_t *count)
{
    *count = 3 * COUNT(sockets_seconds);
    for (size_t i = 0; i < *count; i++) {
        jobs[i] = (struct sweep_order_job){ (double)(i / 3 % 8 + 1), i / 3 };
        seconds[i] = sockets_seconds[i / 3] * (1 + .02 * (double)(i % 3));
    }
}

static void design_jobs(struct sweep_order_job *jobs, double *seconds, size_t *count)
{
    *count = 10 * COUNT(design_seconds);
    for (size_t i = 0; i < *count; i++) {
        jobs[i] = (struct sweep_order_job){ 1, i / 10 };
        seconds[i] = design_seconds[i / 10];
    }
}

static void rest_jobs(struct sweep_order_job *jobs, double *seconds, size_t *count)
{
    seeded_jobs(jobs, seconds, count);
    for (size_t i = 0; i < *count; i++)
        jobs[i].cost = 0; /* of which nothing is known */
}

/* Two threads take jobs, in the order or ascending. Returns which part of their time they are busy. */
static double efficiency(const struct sweep_order_job *jobs, const double *seconds, size_t count, bool is_ordered)
{
    size_t running[2] = { SIZE_MAX, SIZE_MAX }, next = 0;
    double free_at[2] = { 0, 0 }, busy = 0, end = 0;
    bool was_taken[JOBS_MAX] = { false };
    struct sweep_order order;

    assert_true(count <= JOBS_MAX);
    sweep_order_init(&order, jobs, count);
    for (size_t taken = 0;; taken++) {
        size_t thread = free_at[1] < free_at[0];
        if (running[thread] != SIZE_MAX)
            sweep_order_ended(&order, running[thread], seconds[running[thread]]);
        size_t job = sweep_order_next(&order);
        if (job == SIZE_MAX) {
            assert_int_equal(taken, count);
            break;
        }
        assert_true(job < count && !was_taken[job]);
        was_taken[job] = true;
        running[thread] = job;
        double takes = seconds[is_ordered ? job : next++];
        free_at[thread] += takes;
        busy += takes;
        end = free_at[thread] > end ? free_at[thread] : end;
    }
    sweep_order_free(&order);
    return busy / (2 * end);
}

static void two_threads_are_busy(void **state)
{
    static const struct {
        const char *what;
        void (*make)(struct sweep_order_job *jobs, double *seconds, size_t *count);
        double least;
    } rows[] = {
        { "one to eight sockets", sockets_jobs, .95 },
        { "one to eight sockets, three seeds", seeded_jobs, .98 },
        { "designs that nothing is known of", design_jobs, .95 },
        { "no costs, three seeds", rest_jobs, .95 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sweep_order_job jobs[JOBS_MAX];
        double seconds[JOBS_MAX];
        size_t count;

        rows[i].make(jobs, seconds, &count);
        double ordered = efficiency(jobs, seconds, count, true), ascending = efficiency(jobs, seconds, count, false);
        if (ordered < rows[i].least || ordered < ascending - .01)
            fail_msg("%s: busy %.3f of the time, ascending %.3f", rows[i].what, ordered, ascending);
    }
}

static void what_is_known_is_ordered_by_its_time(void **state)
{
    static const struct sweep_order_job jobs[] = { { 5, 7 }, { 5, 7 }, { 9, 3 }, { 9, 3 }, { 9, 3 }, { 1, 4 } };
    struct sweep_order order;

    (void)state;
    sweep_order_init(&order, jobs, COUNT(jobs));
    assert_int_equal(sweep_order_next(&order), 2); /* the greatest cost */
    assert_int_equal(sweep_order_next(&order), 3);
    sweep_order_ended(&order, 2, 1);
    assert_int_equal(sweep_order_next(&order), 0); /* at 5/9 s, but unknown */
    sweep_order_ended(&order, 0, 8);
    assert_int_equal(sweep_order_next(&order), 1); /* known to take 8 s */
    assert_int_equal(sweep_order_next(&order), 5); /* 9/14 of a second, but unknown */
    assert_int_equal(sweep_order_next(&order), 4);
    assert_int_equal(sweep_order_next(&order), SIZE_MAX);
    sweep_order_ended(&order, 4, 1);
    assert_int_equal(sweep_order_next(&order), SIZE_MAX);
    sweep_order_free(&order);
    sweep_order_init(&order, NULL, 0);
    assert_int_equal(sweep_order_next(&order), SIZE_MAX);
    sweep_order_free(&order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_threads_are_busy),
        cmocka_unit_test(what_is_known_is_ordered_by_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
