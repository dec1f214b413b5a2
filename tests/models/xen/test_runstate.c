/* SPDX-License-Identifier: Apache-2.0
 *
 * The runs of vCPUs that last for a time slice: how many there are, and the lock's share of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "models/xen/xen.h"
#include "models_fixture.h"

static struct setup setup;

/* Two vCPUs that never sleep take turns on one pCPU: each run is a slice, but for the last, which does not end. */
static void every_run_of_two_hogs_is_a_slice(void **state)
{
    static const uint64_t slices_ns[] = { 5000000, 10000000, 30000000 };

    (void)state;
    for (size_t i = 0; i < sizeof(slices_ns) / sizeof(*slices_ns); i++) {
        struct metrics metrics;

        setup_init(&setup, "package:1 [numa] core:1 pu:1");
        own_xen(&setup)->timeslice_ns = slices_ns[i];
        setup_guest(&setup, "hog", 2)->load = GUEST_LOAD_COMPUTE;
        setup.run.duration_ns = 900000000;
        model_run(&setup, "softirq-requeue", &metrics);
        double slices = metric_of(&metrics, "guests.hog.slices.count");
        double expected = (double)setup.run.duration_ns / (double)slices_ns[i];
        assert_true(slices >= expected - 2 && slices <= expected);
        assert_true(metric_of(&metrics, "guests.hog.slices.lock.percent") < 1);
        metrics_free(&metrics);
    }
}

/* A vCPU that runs for 10 ms at a time: these runs are slices of 5 ms and none of 30 ms, and its ticks' runs never are.
 * Where every long run is counted, the lock's share of slices is close to that of RUNNING. */
static void a_run_that_is_shorter_is_none(void **state)
{
    static const struct {
        uint64_t slice_ns;
        bool is_counted;
    } rows[] = { { 5000000, true }, { 30000000, false } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct metrics metrics;

        setup_init(&setup, "package:1 [numa] core:2 pu:1");
        own_xen(&setup)->timeslice_ns = rows[i].slice_ns;
        struct xen_guest_setup *guest = own_xen_guest(setup_guest(&setup, "guest", 2));
        guest->timer_millihertz = 1000000;
        guest->tick_run_ns = 20000;
        guest->wake_millihertz = 20000;
        guest->wake_run_ns = 10000000;
        setup.run.duration_ns = 500000000;
        model_run(&setup, "domain-tasklet", &metrics);
        double slices = metric_of(&metrics, "guests.guest.slices.count");
        if (rows[i].is_counted) {
            double lock = metric_of(&metrics, "guests.guest.slices.lock.percent");
            double running = metric_of(&metrics, "guests.guest.running_lock.percent");
            assert_true(slices >= 10 && slices <= metric_of(&metrics, "guests.guest.events.sent"));
            assert_true(lock > 0);
            assert_true(lock > running * 0.5 && lock < running * 2);
        } else {
            assert_true(slices == 0);
        }
        metrics_free(&metrics);
    }
}

/* A pCPU that is ahead of the clock has left a state at a time that is still to come: it is taken off what is counted,
 * or counts in the next measurement. */
static void what_is_ahead_is_not_counted(void **state)
{
    static const struct {
        cycles entry, now; /* of the state that begins at `entry`, after 1000 cycles RUNNING */
        cycles running, blocked, later;
    } rows[] = {
        { 5000, 5000, 1000, 0, 0 },
        { 5000, 5300, 1000, 300, 0 },
        { 5000, 4600, 600, 0, 400 },
        { 5000, 4000, 0, 0, 1000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (int is_end = 0; is_end < 2; is_end++) {
            struct model_fixture fixture;

            setup_init(&setup, "package:1 [numa] core:1 pu:1");
            (void)setup_guest(&setup, "guest", 1);
            setup.run = (struct run_setup){ .duration_ns = 1000000, .seed = 1, .policy = POLICY_TIMED };
            model_open(&fixture, &setup, "domain-tasklet");
            struct xen *xen = fixture.machine.hypervisor;
            struct vcpu *v = &xen->domains[0].vcpus[0];
            v->spent.total[RUNSTATE_RUNNING] = 1000;
            v->state = RUNSTATE_BLOCKED;
            v->state_left = RUNSTATE_RUNNING;
            v->state_entry = rows[i].entry;
            v->stolen_before = 0;
            if (is_end) {
                runstate_end(v, rows[i].now);
                assert_int_equal(v->spent.total[RUNSTATE_RUNNING], rows[i].running);
                assert_int_equal(v->spent.total[RUNSTATE_BLOCKED], rows[i].blocked);
            } else {
                fixture.engine.now = rows[i].now;
                runstate_measure(v);
                cycles sum = 0;
                for (int s = 0; s < RUNSTATE_COUNT; s++)
                    sum += v->spent.total[s];
                assert_int_equal(sum, rows[i].later);
            }
            model_close(&fixture);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_run_of_two_hogs_is_a_slice),
        cmocka_unit_test(a_run_that_is_shorter_is_none),
        cmocka_unit_test(what_is_ahead_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
