/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasklets in the context of the idle vCPU, in timed runs: each preempts the vCPU of its pCPU for as long as it runs,
 * has its state saved although the switch to the idle vCPU is lazy, and so sets SN where interrupts are posted.
 */
#include "models/xen/xen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "models_fixture.h"

enum { RUN_MS = 100 };

static const char *const designs[] = {
    "domain-tasklet", "pirq-tasklet",    "softirq-masked",  "softirq-states",
    "softirq-gated",  "softirq-requeue", "softirq-hotplug",
};

#define DESIGN_COUNT (sizeof(designs) / sizeof(*designs))

/* A guest alone on pCPU 1, whose device raises 20 interrupts a millisecond. */
static void guest_alone(struct setup *setup, enum guest_load load)
{
    setup_init(setup, "package:1 [numa] core:2 pu:1");
    setup->run =
        (struct run_setup){ .warmup_ns = 1000000, .duration_ns = RUN_MS * 1000000, .seed = 7, .policy = POLICY_TIMED };
    struct guest_setup *guest = setup_guest(setup, "guest", 1);
    (void)snprintf(guest->pin, sizeof(guest->pin), "core:1");
    guest->load = load;
    own_xen_guest(guest)->timer_millihertz = 0;
    setup_device(setup, "nic", 0)->arrivals.rate_millihertz = 20000000;
}

/* Each millisecond, from pCPU 0. */
static void with_tasklet(struct setup *setup, uint32_t target, uint64_t work_ns)
{
    setup->actions[0] = (struct action_setup){ .kind = XEN_ACTION_TASKLET, .at_ns = 500000, .every_ns = 1000000 };
    own_xen_action(&setup->actions[0])->target = target;
    own_xen_action(&setup->actions[0])->work_ns = work_ns;
    setup->action_count = 1;
}

/* The tasklet overrides the rate limit of 1 ms, and its time is steal; tasklet_lock is taken three times for it. */
static void a_tasklet_preempts(void **state)
{
    static const uint64_t work_ns[] = { 0, 10000, 100000 };

    (void)state;
    for (size_t i = 0; i < DESIGN_COUNT; i++) {
        struct setup setup;
        struct metrics metrics;
        double before = 0, takes;

        guest_alone(&setup, GUEST_LOAD_COMPUTE);
        model_run(&setup, designs[i], &metrics);
        assert_true(metric_of(&metrics, "guests.guest.runnable.percent") == 0);
        takes = metric_of(&metrics, "locks.tasklet_lock.acquisitions");
        metrics_free(&metrics);
        for (size_t row = 0; row < sizeof(work_ns) / sizeof(*work_ns); row++) {
            with_tasklet(&setup, 1, work_ns[row]);
            model_run(&setup, designs[i], &metrics);
            double steal = metric_of(&metrics, "guests.guest.runnable.percent"), work = (double)work_ns[row] / 10000;
            assert_true(metric_of(&metrics, "xen.tasklet.count") == RUN_MS);
            assert_true(metric_of(&metrics, "xen.context_switches") == 2 * RUN_MS);
            assert_true(steal > before && steal > work && steal < 1.1 * work + 2);
            assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
            if (takes == 0)
                assert_int_equal(metric_of(&metrics, "locks.tasklet_lock.acquisitions"), 3 * RUN_MS);
            before = steal;
            metrics_free(&metrics);
        }
    }
}

/* What is posted meanwhile is not noticed at the VM entry, unless somebody looks. */
static void sn_is_set_while_it_runs(void **state)
{
    static const struct {
        enum guest_load load;
        uint64_t work_ns;
        const char *with;
        bool suppresses, overlooks;
    } rows[] = {
        { GUEST_LOAD_COMPUTE, 0, "", false, false }, /* no tasklet */
        { GUEST_LOAD_COMPUTE, 100000, "", true, true },
        { GUEST_LOAD_COMPUTE, 100000, "recheck-pir", true, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct setup setup;
        struct metrics metrics;

        guest_alone(&setup, rows[i].load);
        own_xen(&setup)->posted = true;
        (void)snprintf(own_xen(&setup)->posted_with, SETUP_NAME_BYTES, "%s", rows[i].with);
        if (rows[i].work_ns > 0)
            with_tasklet(&setup, 1, rows[i].work_ns);
        model_run(&setup, "softirq-requeue", &metrics);
        assert_int_equal(metric_of(&metrics, "posted.suppressed_sn") > 0, rows[i].suppresses);
        assert_int_equal(metric_of(&metrics, "posted.unnoticed_sn") > 0, rows[i].overlooks);
        assert_int_equal(metric_of(&metrics, "posted.mismatches"), 0);
        metrics_free(&metrics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tasklet_preempts),
        cmocka_unit_test(sn_is_set_while_it_runs),
    };

    return cmocka_run_group_tests_name("xen tasklets of the idle vCPU", tests, NULL, NULL);
}
