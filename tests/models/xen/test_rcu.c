/* SPDX-License-Identifier: Apache-2.0
 *
 * Grace periods, timed: what is unlinked is freed, and not before every pCPU has run RCU_SOFTIRQ.
 */
#include "models/xen/xen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

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
    setup->actions[0] = (struct action_setup){ .kind = ACTION_UNBIND, .at_ns = 5000000 };
    setup->actions[1] = (struct action_setup){ .kind = ACTION_UNMAP, .at_ns = 5000000 };
    setup->actions[2] = (struct action_setup){ .kind = ACTION_DESTROY, .at_ns = 10000000 };
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
            setup.hypervisor.history = fixed ? XEN_AFTER_DAA90DFEA9 : XEN_AS_DESIGNED;
            model_advance(&fixture, 90000000);
            const struct xen *xen = fixture.machine.hypervisor;
            assert_int_equal(xen->domains[0].pirqs[0].is_freed, fixed);
            assert_true(xen->domains[0].is_freed);
            model_close(&fixture);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grace_period_ends_with_the_last_report),
        cmocka_unit_test(older_designs_leak_pirqs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
