/* SPDX-License-Identifier: Apache-2.0
 *
 * Grace periods, in timed runs: callbacks run, but not before every pCPU has run RCU_SOFTIRQ.
 */
#include "models/xen/xen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "death.h"
#include "models_fixture.h"

/* Two guests on three pCPUs; at 5 ms the first one's device goes, at 10 ms the guest. */
static void open_fixture(struct model_fixture *fixture, struct setup *setup, const char *design)
{
    setup_init(setup, "package:1 [numa] core:3 pu:1");
    setup->run = (struct run_setup){ .duration_ns = 100000000, .seed = 1, .policy = POLICY_TIMED };
    (void)snprintf(setup_guest(setup, "first", 1)->pin, 8, "core:1");
    (void)snprintf(setup_guest(setup, "other", 1)->pin, 8, "core:2");
    (void)setup_device(setup, "nic", 0);
    (void)setup_device(setup, "disk", 1);
    setup->actions[0] = (struct action_setup){ .kind = XEN_ACTION_UNBIND, .at_ns = 5000000 };
    setup->actions[1] = (struct action_setup){ .kind = XEN_ACTION_UNMAP, .at_ns = 5000000 };
    setup->actions[2] = (struct action_setup){ .kind = XEN_ACTION_DESTROY, .at_ns = 10000000 };
    setup->action_count = 3;
    model_open(fixture, setup, design);
}

/* Idle pCPUs report at their next tick. */
static void a_grace_period_ends_with_the_last_report(void **state)
{
    struct model_fixture fixture;
    struct setup setup;

    (void)state;
    open_fixture(&fixture, &setup, "softirq-hotplug");
    model_advance(&fixture, 5050000);
    const struct xen *xen = fixture.machine.hypervisor;
    const struct domain *d = &xen->domains[0];
    assert_true(d->pirqs[0].is_unmapped);
    assert_int_equal(word_peek(&xen->rcu.batch), 3);
    assert_false(d->pirqs[0].is_freed);
    uint64_t left = xen->rcu.to_report[0];
    assert_true(left != 0 && left != 7);
    model_advance(&fixture, 90000000);
    assert_true(d->pirqs[0].is_freed && d->is_freed);
    assert_int_equal(xen->rcu.to_report[0], 0);
    assert_int_equal(word_peek(&xen->rcu.batch) % 2, 0);
    assert_false(xen->domains[1].is_freed || xen->domains[1].pirqs[0].is_freed);
    model_close(&fixture);
}

/* Until 2024 nobody asked whether an unmapped PIRQ could go. */
static void older_designs_leak_pirqs(void **state)
{
    static const char *const designs[] = { "domain-tasklet", "pirq-tasklet", "softirq-requeue" };

    (void)state;
    for (size_t i = 0; i < sizeof(designs) / sizeof(*designs); i++)
        for (int fixed = 0; fixed < 2; fixed++) {
            struct model_fixture fixture;
            struct setup setup;

            open_fixture(&fixture, &setup, designs[i]);
            own_xen(&setup)->history = fixed ? XEN_AFTER_DAA90DFEA9 : XEN_AS_DESIGNED;
            model_advance(&fixture, 90000000);
            const struct xen *xen = fixture.machine.hypervisor;
            assert_int_equal(xen->domains[0].pirqs[0].is_freed, fixed);
            assert_true(xen->domains[0].is_freed);
            model_close(&fixture);
        }
}

static void rebind_until_it_hangs(void *argument)
{
    struct metrics metrics;

    model_run(argument, "softirq-masked", &metrics);
    metrics_free(&metrics);
}

/* The bind wait of patch v7 runs softirqs with pcidevs_lock held, and so takes it again when a domain's grace
 * period ends there. */
static void a_bind_wait_that_frees_a_domain_deadlocks(void **state)
{
    struct setup setup;

    (void)state;
    setup_init(&setup, "package:1 [numa] core:4 pu:1");
    setup.run = (struct run_setup){ .duration_ns = 50000000, .seed = 1, .policy = POLICY_TIMED };
    (void)snprintf(setup_guest(&setup, "busy", 2)->pin, 9, "core:1-2");
    struct guest_setup *other = setup_guest(&setup, "other", 1);
    other->count = 20;
    (void)snprintf(other->pin, sizeof(other->pin), "core:3");
    struct device_setup *device = setup_device(&setup, "nic", 0);
    device->vectors = 12;
    device->arrivals.rate_millihertz = 30000000;
    for (uint32_t i = 0; i < 20; i++) {
        struct action_setup *destroy = &setup.actions[setup.action_count++];
        *destroy = (struct action_setup){ .kind = XEN_ACTION_DESTROY, .guest = 1, .at_ns = (2 + i) * 1000000 };
        own_xen_action(destroy)->number = i;
    }
    setup.actions[setup.action_count++] =
        (struct action_setup){ .kind = XEN_ACTION_BIND, .at_ns = 1000000, .every_ns = 100000 };
    assert_check_fails(rebind_until_it_hangs, &setup, "deadlock: recursive acquisition of pcidevs_lock");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grace_period_ends_with_the_last_report),
        cmocka_unit_test(older_designs_leak_pirqs),
        cmocka_unit_test(a_bind_wait_that_frees_a_domain_deadlocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
