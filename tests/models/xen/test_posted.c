/* SPDX-License-Identifier: Apache-2.0
 *
 * Posted interrupts in Xen: the cost of a post for each state of its target, added up by hand; which interrupts are
 * posted and which go through dPCI; the names of fixes; the conservation laws under every lock and policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/locks/list.h"
#include "models/xen/posted_fixes.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TWO_CPUS "package:1 [numa] core:2 pu:1"

static struct setup setup;

static void setup_one(enum guest_load load)
{
    setup_init(&setup, TWO_CPUS);
    own_xen(&setup)->posted = true;
    setup_guest(&setup, "guest", 1)->load = load;
    setup_device(&setup, "nic", 0)->arrivals =
        (struct arrival_setup){ .process = ARRIVAL_PERIODIC, .rate_millihertz = 100000 };
    setup.run.duration_ns = 200000000;
}

static cycles to_cycles(const struct metrics *metrics, const char *name)
{
    return cycles_from_ns((uint64_t)metric_of(metrics, name), costs_westmere.frequency_hz);
}

/* The line comes from this pCPU's cache to the IOMMU, and back from memory. */
static void a_running_target_costs_no_exit(void **state)
{
    const struct costs *c = &costs_westmere;
    struct metrics metrics;

    (void)state;
    setup_one(GUEST_LOAD_COMPUTE);
    model_run(&setup, "softirq-requeue", &metrics);
    cycles expected = cycles_from_ns(c->msi_flight_ns, c->frequency_hz) + c->atomic_modified[DISTANCE_NEAR] +
                      c->posted_process + c->load_memory + c->atomic_hit + c->atomic_hit + c->virtual_delivery +
                      c->atomic_hit;
    assert_in_range(to_cycles(&metrics, "irq.latency.p50_ns"), expected - 30, expected + 30);
    assert_int_equal(metric_of(&metrics, "posted.exits_avoided.interrupt"), metric_of(&metrics, "irq.delivered"));
    assert_int_equal(metric_of(&metrics, "posted.exits_avoided.eoi"), metric_of(&metrics, "irq.delivered"));
    assert_int_equal(metric_of(&metrics, "locks.event_lock.acquisitions"), 0);
    assert_int_equal(metric_of(&metrics, "posted.mismatches"), 0);
    metrics_free(&metrics);
}

static void a_blocked_target_is_woken_from_the_list(void **state)
{
    struct metrics on, off;

    (void)state;
    setup_one(GUEST_LOAD_HALT);
    model_run(&setup, "softirq-requeue", &on);
    own_xen(&setup)->posted = false;
    model_run(&setup, "softirq-requeue", &off);
    assert_int_equal(metric_of(&on, "posted.wakeups"), metric_of(&on, "irq.delivered"));
    assert_int_equal(metric_of(&on, "posted.wakeups_useless"), 0);
    assert_int_equal(metric_of(&on, "posted.list.max"), 1);
    assert_int_equal(metric_of(&on, "locks.tasklet_lock.acquisitions"), 0);
    assert_true(metric_of(&on, "irq.latency.p50_ns") < metric_of(&off, "irq.latency.p50_ns"));
    assert_true(metric_of(&on, "xen.vmexits") < metric_of(&off, "xen.vmexits"));
    assert_int_equal(metric_of(&on, "guests.guest.exits.eoi"), 0);
    assert_in_range(metric_of(&off, "guests.guest.exits.eoi"), metric_of(&off, "irq.delivered") - 1,
                    metric_of(&off, "irq.delivered") + 1);
    assert_null(metric_find(&off, "posted.posts"));
    metrics_free(&on);
    metrics_free(&off);
}

/* Single and hashed destinations are posted; all vCPUs at once and emulated devices are posted by software. */
static void what_cannot_be_posted_goes_through_dpci(void **state)
{
    static const struct {
        enum msi_destination destination;
        enum device_assigned assigned;
        bool is_posted;
    } rows[] = {
        { MSI_DESTINATION_SINGLE, DEVICE_ASSIGNED_ON, true },
        { MSI_DESTINATION_HASHED, DEVICE_ASSIGNED_ON, true },
        { MSI_DESTINATION_ALL, DEVICE_ASSIGNED_ON, false },
        { MSI_DESTINATION_SINGLE, DEVICE_ASSIGNED_NEVER, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct metrics metrics;

        setup_one(GUEST_LOAD_HALT);
        setup.guests[0].vcpus = 3;
        setup.devices[0].vectors = 4;
        own_xen_device(&setup.devices[0])->destination = rows[i].destination;
        own_xen_device(&setup.devices[0])->assigned = rows[i].assigned;
        model_run(&setup, "softirq-requeue", &metrics);
        assert_true(metric_of(&metrics, "irq.delivered") > 70);
        assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
        assert_true(metric_of(&metrics, rows[i].is_posted ? "posted.posts" : "posted.software.posts") > 70);
        assert_int_equal(metric_of(&metrics, rows[i].is_posted ? "posted.software.posts" : "posted.posts"), 0);
        assert_true((metric_of(&metrics, "locks.event_lock.acquisitions") == 0) == rows[i].is_posted);
        metrics_free(&metrics);
    }
}

static void laws_hold_under_every_lock_and_policy(void **state)
{
    (void)state;
    for (uint32_t lock = 0; lock < lock_kind_count; lock++)
        for (enum policy policy = POLICY_TIMED; policy <= POLICY_RANDOM; policy++)
            for (uint64_t seed = 1; seed <= 3; seed++) {
                struct metrics metrics;

                setup_init(&setup, "package:2 [numa] core:2 pu:1");
                own_xen(&setup)->posted = true;
                setup.hypervisor.lock = lock;
                setup.run.policy = policy;
                setup.run.seed = seed;
                own_xen_guest(setup_guest(&setup, "halting", 6))->timer_millihertz = 250000;
                setup_guest(&setup, "computing", 3)->load = GUEST_LOAD_COMPUTE;
                own_xen_guest(&setup.guests[0])->placement = GUEST_PLACEMENT_FLOATING;
                setup_device(&setup, "nic", 0)->vectors = 6;
                setup_device(&setup, "disk", 1)->vectors = 3;
                own_xen_device(setup_device(&setup, "many", 0))->destination = MSI_DESTINATION_ALL;
                model_run(&setup, "softirq-requeue", &metrics);
                assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
                assert_int_equal(metric_of(&metrics, "posted.mismatches"), 0);
                assert_int_equal(metric_of(&metrics, "posted.irte.strays"), 0);
                assert_true(metric_of(&metrics, "irq.delivered") > 0);
                metrics_free(&metrics);
            }
}

static void action_add(const char *name, enum xen_action kind, uint64_t at_ns, uint64_t every_ns, uint32_t target)
{
    struct action_setup *action = &setup.actions[setup.action_count++];

    *action = (struct action_setup){ .kind = kind, .at_ns = at_ns, .every_ns = every_ns };
    own_xen_action(action)->target = target;
    (void)snprintf(action->name, sizeof(action->name), "%s", name);
}

/* A vCPU that computes on the second pCPU, paused half of the time: nothing else runs there. */
static void a_lazy_switch_costs_one_notification(void **state)
{
    struct metrics metrics;

    (void)state;
    setup_one(GUEST_LOAD_COMPUTE);
    (void)snprintf(setup.guests[0].pin, sizeof(setup.guests[0].pin), "pu:1");
    setup.devices[0].arrivals.rate_millihertz = 20000000;
    action_add("pause", XEN_ACTION_PAUSE, 1000000, 1000000, 0);
    action_add("resume", XEN_ACTION_RESUME, 1500000, 1000000, 0);
    model_run(&setup, "softirq-requeue", &metrics);
    double pauses = metric_of(&metrics, "xen.pause.count");
    assert_in_range(metric_of(&metrics, "posted.spurious.lazy"), pauses * 0.9, pauses);
    assert_int_equal(metric_of(&metrics, "posted.spurious.lazy_again"), 0);
    assert_true(metric_of(&metrics, "posted.suppressed_on") > pauses);
    assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
    metrics_free(&metrics);
}

/* A pCPU goes offline, and its vCPU and interrupt with it to another. */
static void fixes_show_in_a_timed_run(void **state)
{
    static const struct {
        const char *without;
        bool strays, more_updates, sleeps;
    } rows[] = {
        { "none", false, false, false },
        { "F6", false, true, false },
        { "F7", true, false, false },
        { "F5", false, false, true },
    };
    double updates = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct metrics metrics;

        setup_init(&setup, TWO_CPUS);
        own_xen(&setup)->posted = true;
        (void)snprintf(own_xen(&setup)->posted_without, sizeof(own_xen(&setup)->posted_without), "%s", rows[i].without);
        setup_guest(&setup, "filler", 1);
        (void)snprintf(setup.guests[0].pin, sizeof(setup.guests[0].pin), "pu:0");
        own_xen_guest(setup_guest(&setup, "guest", 1))->placement = GUEST_PLACEMENT_FLOATING;
        setup_device(&setup, "nic", 1)->arrivals.rate_millihertz = 100000;
        setup.run.duration_ns = 400000000;
        action_add("down", XEN_ACTION_OFFLINE, 10000000, 0, 1);
        model_run(&setup, "softirq-hotplug", &metrics);
        assert_int_equal(metric_of(&metrics, "xen.offline.count"), 1);
        assert_true((metric_of(&metrics, "posted.irte.strays") > 0) == rows[i].strays);
        if (i == 0)
            updates = metric_of(&metrics, "posted.irte.updates");
        assert_true((metric_of(&metrics, "posted.irte.updates") > updates) == rows[i].more_updates);
        assert_true((metric_of(&metrics, "irq.delivered") < 15) == (rows[i].sleeps || rows[i].strays));
        metrics_free(&metrics);
    }
}

/* Without the proposal the first post to a vCPU that slept before the device came wakes nobody. */
static void a_device_that_comes_late_meets_sleepers(void **state)
{
    (void)state;
    for (int proposes = 0; proposes <= 1; proposes++) {
        struct metrics metrics;

        setup_one(GUEST_LOAD_HALT);
        (void)snprintf(setup.guests[0].pin, sizeof(setup.guests[0].pin), "pu:1");
        (void)snprintf(own_xen(&setup)->posted_with, sizeof(own_xen(&setup)->posted_with), "%s",
                       proposes ? "wake-on-assign,keep-on" : "none");
        own_xen_device(&setup.devices[0])->assigned = DEVICE_ASSIGNED_LATER;
        action_add("plug", XEN_ACTION_ATTACH, 10000000, 0, 0);
        model_run(&setup, "softirq-requeue", &metrics);
        assert_int_equal(metric_of(&metrics, "xen.attach.count"), 2); /* the device, and its vector */
        assert_true((metric_of(&metrics, "irq.delivered") > 15) == (proposes == 1));
        metrics_free(&metrics);
    }
}

static void fixes_have_names(void **state)
{
    static const struct {
        const char *text;
        uint32_t bits;
        const char *wrong;
    } rows[] = {
        { "none", 0, NULL },
        { "", 0, NULL },
        { "F1", 1u << POSTED_F1, NULL },
        { "b151125b4d", 1u << POSTED_F1, NULL },
        { "F0, F12", 1u << POSTED_F0 | 1u << POSTED_F12, NULL },
        { " F12 ,F5", 1u << POSTED_F12 | 1u << POSTED_F5, NULL },
        { "F10", 0, "F10" },
        { "F1,", 0, "" },
        { "F1,,F2", 0, ",F2" },
        { "F1 F2", 0, "F2" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *wrong = NULL;
        uint32_t bits;
        size_t bytes;
        bool is_good = posted_names_parse(posted_fix_names, POSTED_FIX_COUNT, rows[i].text, &bits, &wrong, &bytes);

        assert_int_equal(is_good, rows[i].wrong == NULL);
        if (is_good)
            assert_int_equal(bits, rows[i].bits);
        else
            assert_string_equal(wrong, rows[i].wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_running_target_costs_no_exit),
        cmocka_unit_test(a_blocked_target_is_woken_from_the_list),
        cmocka_unit_test(what_cannot_be_posted_goes_through_dpci),
        cmocka_unit_test(laws_hold_under_every_lock_and_policy),
        cmocka_unit_test(a_lazy_switch_costs_one_notification),
        cmocka_unit_test(fixes_show_in_a_timed_run),
        cmocka_unit_test(a_device_that_comes_late_meets_sleepers),
        cmocka_unit_test(fixes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
