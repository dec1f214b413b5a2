/* SPDX-License-Identifier: Apache-2.0
 *
 * What the Xen model must do whatever its costs: runstates of known loads, fair shares, stealing, wake-ups, the takes
 * of tasklet_lock that a VIRQ_TIMER costs (xen/common/tasklet.c at f6dd295381), and stacks that are large enough.
 */
#include "models/xen/xen.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/actor.h"
#include "models_fixture.h"
#include "models/registry.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ONE_CPU "package:1 [numa] core:1 pu:1"
#define TWO_CPUS "package:1 [numa] core:2 pu:1"

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%g is not %g +- %g", value, expected, tolerance);
}

/* --- who runs --- */

/* vCPUs that compute share what there is; steal is the rest. */
static void hogs_share_the_cpus(void **state)
{
    static const struct {
        const char *topology;
        uint32_t hogs;
        enum guest_placement placement;
        double running, tolerance;
        bool steals;
    } rows[] = {
        { ONE_CPU, 1, GUEST_PLACEMENT_PINNED, 100, 0.5, false },
        { ONE_CPU, 2, GUEST_PLACEMENT_PINNED, 50, 1, false },
        { ONE_CPU, 3, GUEST_PLACEMENT_PINNED, 100. / 3, 1, false },
        { TWO_CPUS, 2, GUEST_PLACEMENT_FLOATING, 100, 0.5, false },
        { TWO_CPUS, 4, GUEST_PLACEMENT_PINNED, 50, 1, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        setup_init(&setup, rows[i].topology);
        setup.run = (struct run_setup){ .warmup_ns = 100000000, .duration_ns = 1800000000, .seed = 1 };
        struct guest_setup *hogs = setup_guest(&setup, "hog", 1);
        hogs->count = rows[i].hogs;
        hogs->load = GUEST_LOAD_COMPUTE;
        own_xen_guest(hogs)->placement = rows[i].placement;
        model_run(&setup, "softirq-requeue", &metrics);
        assert_near(metric_of(&metrics, "guests.hog.running.percent"), rows[i].running, rows[i].tolerance);
        assert_near(metric_of(&metrics, "guests.hog.steal.percent"), 100 - rows[i].running, rows[i].tolerance);
        assert_near(metric_of(&metrics, "guests.hog.blocked.percent"), 0, 0);
        metrics_free(&metrics);
    }
}

/* Three floating hogs on two pCPUs keep both busy; pinned, the pCPU with one hog can't help. */
static void an_idle_cpu_steals_what_may_run_on_it(void **state)
{
    (void)state;
    for (int is_floating = 0; is_floating < 2; is_floating++) {
        struct setup setup;
        struct metrics metrics;

        setup_init(&setup, TWO_CPUS);
        setup.run = (struct run_setup){ .warmup_ns = 100000000, .duration_ns = 1800000000, .seed = 1 };
        struct guest_setup *hog = setup_guest(&setup, "hog", 1);
        hog->count = 2;
        hog->load = GUEST_LOAD_COMPUTE;
        (void)strcpy(hog->pin, "pu:0");
        struct guest_setup *third = setup_guest(&setup, "third", 1);
        third->load = GUEST_LOAD_COMPUTE;
        if (is_floating)
            own_xen_guest(third)->placement = own_xen_guest(hog)->placement = GUEST_PLACEMENT_FLOATING;
        (void)strcpy(third->pin, is_floating ? "all" : "pu:0");
        model_run(&setup, "softirq-requeue", &metrics);
        /* pu:0 alone carries three thirds; with the third hog away two halves. */
        assert_near(metric_of(&metrics, "guests.hog.running.percent"), is_floating ? 50 : 100. / 3, 1);
        assert_near(metric_of(&metrics, "guests.third.running.percent"), is_floating ? 100 : 100. / 3, 1);
        assert_near(metric_of(&metrics, "cpus.idle.percent"), is_floating ? 0 : 50, 1);
        metrics_free(&metrics);
    }
}

/* A vCPU that sleeps most of the time is boosted when it wakes, and does not wait for a hog's slice of 30 ms. */
static void a_waking_vcpu_is_boosted(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    setup_init(&setup, ONE_CPU);
    setup.run = (struct run_setup){ .warmup_ns = 100000000, .duration_ns = 600000000, .seed = 1 };
    setup_guest(&setup, "hog", 1)->load = GUEST_LOAD_COMPUTE;
    setup_guest(&setup, "sleeper", 1);
    setup_device(&setup, "device", 1)->arrivals.rate_millihertz = 300000;
    model_run(&setup, "softirq-requeue", &metrics);
    /* The longest wait is the hog's ratelimit of 1 ms. */
    assert_true(metric_of(&metrics, "irq.latency.max_ns") < 1200000);
    assert_true(metric_of(&metrics, "irq.latency.p50_ns") < 900000);
    assert_true(metric_of(&metrics, "guests.hog.running.percent") > 95);
    metrics_free(&metrics);
}

/* --- ticks --- */

/* A lone tick is enqueued, started and ended: three takes, whatever the design of passthrough. */
static void a_tick_costs_three_takes_of_the_tasklet_lock(void **state)
{
    static const struct {
        uint32_t vcpus, hertz;
        enum guest_load load;
    } rows[] = { { 1, 100, GUEST_LOAD_HALT },
                 { 1, 1000, GUEST_LOAD_HALT },
                 { 1, 1000, GUEST_LOAD_COMPUTE },
                 { 2, 250, GUEST_LOAD_HALT } };

    (void)state;
    for (size_t design = 0; design < design_count(); design++)
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct setup setup;
            struct metrics metrics;

            if (strcmp(design_at(design)->family->name, "xen") != 0)
                continue;
            setup_init(&setup, TWO_CPUS);
            setup.run = (struct run_setup){ .warmup_ns = 20000000, .duration_ns = 400000000, .seed = 1 };
            struct guest_setup *guest = setup_guest(&setup, "guest", rows[i].vcpus);
            own_xen_guest(guest)->timer_millihertz = rows[i].hertz * (uint64_t)1000;
            guest->load = rows[i].load;
            model_run(&setup, design_at(design)->name, &metrics);
            double ticks = metric_of(&metrics, "guests.guest.ticks.handled");
            assert_near(ticks, rows[i].vcpus * rows[i].hertz * 0.4, 2);
            assert_near(metric_of(&metrics, "locks.tasklet_lock.acquisitions"), 3 * ticks, 3 * rows[i].vcpus);
            assert_int_equal(metric_of(&metrics, "guests.guest.ticks.skipped"), 0);
            metrics_free(&metrics);
        }
}

/* The wait of takes 1 and 2 finds the vCPU BLOCKED, that of take 3 RUNNABLE; the guest runs only later. */
static void an_idle_guests_lock_time_is_not_charged_to_running(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    setup_init(&setup, ONE_CPU);
    setup.run.duration_ns = 200000000;
    own_xen_guest(setup_guest(&setup, "idle", 1))->timer_millihertz = 1000000;
    model_run(&setup, "domain-tasklet", &metrics);
    assert_near(metric_of(&metrics, "guests.idle.lock_running.percent"), 0, 0);
    assert_true(metric_of(&metrics, "guests.idle.lock_blocked.percent") >
                metric_of(&metrics, "guests.idle.lock_runnable.percent"));
    assert_true(metric_of(&metrics, "guests.idle.lock_runnable.percent") > 0);
    assert_true(metric_of(&metrics, "guests.idle.lock_runnable.percent") <
                metric_of(&metrics, "guests.idle.steal.percent"));
    metrics_free(&metrics);
}

/* Events between vCPUs are sent with interrupts on: no tasklet. */
static void events_between_vcpus_need_no_tasklet(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    setup_init(&setup, TWO_CPUS);
    setup.run.duration_ns = 400000000;
    struct guest_setup *guest = setup_guest(&setup, "guest", 2);
    own_xen_guest(guest)->timer_millihertz = 1000000;
    own_xen_guest(guest)->wake_millihertz = 200000;
    model_run(&setup, "domain-tasklet", &metrics);
    assert_in_range(metric_of(&metrics, "guests.guest.events.sent"), 80, 180);
    assert_near(metric_of(&metrics, "locks.tasklet_lock.acquisitions"),
                3 * metric_of(&metrics, "guests.guest.ticks.handled"), 6);
    metrics_free(&metrics);
}

/* --- whom devices interrupt --- */

/* Vectors go round the guest's vCPUs, in the order of the devices; those of a device that names a vCPU reach that one,
 * and the others go round without them. */
static void a_device_may_name_its_vcpu(void **state)
{
    static const uint32_t expected[] = { 0, 2, 2, 1, 2, 0 };
    struct model_fixture fixture;
    struct setup setup;

    (void)state;
    setup_init(&setup, TWO_CPUS);
    setup_guest(&setup, "guest", 3);
    setup_device(&setup, "first", 0);
    struct device_setup *named = setup_device(&setup, "named", 0);
    named->count = 2;
    own_xen_device(named)->vcpu = 3;
    setup_device(&setup, "round", 0)->vectors = 3;
    model_open(&fixture, &setup, "softirq-requeue");
    const struct xen *xen = fixture.machine.hypervisor;
    assert_int_equal(xen->domains[0].pirq_count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_int_equal(xen->domains[0].pirqs[i].dest_vcpu->id, expected[i]);
    model_close(&fixture);
}

/* --- the run --- */

/* The busiest setup of these tests leaves half of each stack untouched. */
static void stacks_are_large_enough(void **state)
{
    static struct model_fixture fixture;
    struct setup setup;
    size_t most = 0;

    (void)state;
    setup_init(&setup, "package:2 [numa] core:2 pu:1");
    struct guest_setup *guest = setup_guest(&setup, "guest", 3);
    guest->count = 3;
    own_xen_guest(guest)->placement = GUEST_PLACEMENT_FLOATING;
    own_xen_guest(guest)->timer_millihertz = 1000000;
    own_xen_guest(guest)->wake_millihertz = 1000000;
    struct device_setup *device = setup_device(&setup, "device", 0);
    device->count = 2;
    device->vectors = 3;
    device->arrivals.rate_millihertz = 30000000;
    model_open(&fixture, &setup, "domain-tasklet");
    model_advance(&fixture, 50000000);
    for (uint32_t cpu = 0; cpu < fixture.machine.cpu_count; cpu++) {
        const struct actor *actor = &fixture.machine.cpus[cpu].actor;
        size_t used = actor_stack_used(actor);
        most = used > most ? used : most;
        assert_true(used < actor->stack_bytes / 2);
    }
    assert_true(most > 100);
    model_close(&fixture);
}

/* The same setup and seed give the same numbers; another seed gives others. */
static void a_run_repeats_itself(void **state)
{
    uint64_t hashes[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct setup setup;
        struct metrics metrics;

        setup_init(&setup, TWO_CPUS);
        own_xen(&setup)->costs.software_cv_permille = 400;
        setup.run.seed = i < 2 ? 1 : 2;
        struct guest_setup *guest = setup_guest(&setup, "guest", 2);
        own_xen_guest(guest)->timer_millihertz = 1000000;
        setup_device(&setup, "device", 0)->vectors = 2;
        model_run(&setup, "pirq-tasklet", &metrics);
        hashes[i] = metrics_hash(&metrics);
        metrics_free(&metrics);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hogs_share_the_cpus),
        cmocka_unit_test(an_idle_cpu_steals_what_may_run_on_it),
        cmocka_unit_test(a_waking_vcpu_is_boosted),
        cmocka_unit_test(a_tick_costs_three_takes_of_the_tasklet_lock),
        cmocka_unit_test(an_idle_guests_lock_time_is_not_charged_to_running),
        cmocka_unit_test(events_between_vcpus_need_no_tasklet),
        cmocka_unit_test(a_device_may_name_its_vcpu),
        cmocka_unit_test(stacks_are_large_enough),
        cmocka_unit_test(a_run_repeats_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
