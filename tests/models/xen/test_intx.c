/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupts on a guest's line, in timed runs of every design: each is delivered, the guest's EOI ends the physical
 * interrupt, and the timers are stopped by then. Also shared lines, translated MSIs, and reloads of the driver.
 */
#include "models/xen/xen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "models_fixture.h"

static const char *const designs[] = {
    "domain-tasklet", "pirq-tasklet",    "softirq-masked",  "softirq-states",
    "softirq-gated",  "softirq-requeue", "softirq-hotplug",
};

#define DESIGN_COUNT (sizeof(designs) / sizeof(*designs))

static struct device_setup *lines(struct setup *setup, enum device_binding binding)
{
    setup_init(setup, "package:1 [numa] core:2 pu:1");
    setup->run = (struct run_setup){ .warmup_ns = 1000000, .duration_ns = 50000000, .seed = 5, .policy = POLICY_TIMED };
    (void)snprintf(setup_guest(setup, "guest", 1)->pin, 8, "core:1");
    struct device_setup *device = setup_device(setup, "nic", 0);
    own_xen_device(device)->binding = binding;
    device->arrivals.process = ARRIVAL_PERIODIC;
    device->arrivals.rate_millihertz = 5000000;
    return device;
}

/* DELIVER, hvm_dpci_eoi, hvm_dpci_msi_eoi: three takes of event_lock an interrupt (f6dd295381). */
static void each_takes_its_way(void **state)
{
    (void)state;
    for (int binding = DEVICE_BINDING_INTX; binding <= DEVICE_BINDING_TRANSLATE; binding++)
        for (size_t i = 0; i < DESIGN_COUNT; i++) {
            struct setup setup;
            struct metrics metrics;

            lines(&setup, (enum device_binding)binding);
            model_run(&setup, designs[i], &metrics);
            assert_true(metric_of(&metrics, "irq.raised") == 250);
            assert_true(metric_of(&metrics, "irq.delivered") == 250);
            assert_true(metric_of(&metrics, "irq.lost") == 0);
            assert_true(metric_of(&metrics, "locks.event_lock.acquisitions") == 750);
            assert_true(metric_of(&metrics, "irq.latency.max_ns") < 20000);
            metrics_free(&metrics);
        }
}

/* Between two interrupts nothing is owed, asserted or armed. */
static void nothing_is_left_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < DESIGN_COUNT; i++) {
        struct setup setup;
        struct model_fixture fixture;

        lines(&setup, DEVICE_BINDING_INTX)->arrivals.rate_millihertz = 100000;
        model_open(&fixture, &setup, designs[i]);
        model_advance(&fixture, 50000000);
        const struct xen *xen = fixture.machine.hypervisor;
        const struct pirq *pirq = &xen->domains[0].pirqs[0];
        assert_true(xen->devices[0].statistics.delivered >= 4);
        assert_false(pirq->is_asserted || pirq->line->remote_irr || pirq->desc.is_eoi_owed ||
                     pirq->desc.pin->is_masked);
        assert_int_equal(pirq->pending, 0);
        assert_int_equal(pirq->line->assert_count, 0);
        assert_int_equal(pirq->desc.in_flight, 0);
        assert_true(list_is_empty(&pirq->desc.eoi_timer.link) && list_is_empty(&pirq->timer.link));
        model_close(&fixture);
    }
}

/* An EOI that never comes: the 1 ms timer ends the physical interrupt, and the level comes again. */
static void a_missing_eoi_times_out(void **state)
{
    struct setup setup;
    struct model_fixture fixture;

    (void)state;
    lines(&setup, DEVICE_BINDING_INTX);
    model_open(&fixture, &setup, "softirq-requeue");
    struct xen *xen = fixture.machine.hypervisor;
    struct pirq *pirq = &xen->domains[0].pirqs[0];
    pirq->line->is_masked = true; /* the guest has masked its pin: nothing is injected, nothing EOI'd */
    model_advance(&fixture, 40000000);
    assert_int_equal(xen->devices[0].statistics.delivered, 0);
    assert_in_range(pirq->desc.pin->statistics.interrupts, 30, 45); /* one a millisecond */
    model_close(&fixture);
}

/* The handler of a shared line looks at both devices. The EOI counts a `pending` of each down, asserted or not: from
 * then on the 1 ms timer ends the interrupts of who did not assert. */
static void sharers_are_served_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < DESIGN_COUNT; i++) {
        struct setup setup;
        struct metrics metrics;

        own_xen_device(lines(&setup, DEVICE_BINDING_INTX))->line = 7;
        setup.devices[1] = setup.devices[0];
        (void)snprintf(setup.devices[1].name, sizeof(setup.devices[1].name), "disk");
        setup.devices[1].arrivals.rate_millihertz = 3000000;
        setup.device_count = 2;
        model_run(&setup, designs[i], &metrics);
        assert_true(metric_of(&metrics, "devices.nic.delivered") > 50);
        assert_true(metric_of(&metrics, "devices.disk.delivered") > 50);
        assert_true(metric_of(&metrics, "irq.lost") == 0);
        assert_true(metric_of(&metrics, "irq.latency.max_ns") < 1100000); /* at worst one eoi_timer later */
        metrics_free(&metrics);
    }
}

static void a_driver_is_reloaded(void **state)
{
    (void)state;
    for (size_t i = 0; i < DESIGN_COUNT; i++) {
        struct setup setup;
        struct metrics metrics;

        lines(&setup, DEVICE_BINDING_INTX);
        setup.actions[0] = (struct action_setup){ .kind = XEN_ACTION_UNBIND, .at_ns = 2000000, .every_ns = 1000000 };
        own_xen_action(&setup.actions[0])->quiesce_ns = 100000;
        setup.actions[1] = (struct action_setup){ .kind = XEN_ACTION_BIND, .at_ns = 2500000, .every_ns = 1000000 };
        setup.action_count = 2;
        model_run(&setup, designs[i], &metrics);
        assert_true(metric_of(&metrics, "xen.unbind.count") == 49);
        assert_true(metric_of(&metrics, "xen.bind.count") == 49);
        assert_true(metric_of(&metrics, "devices.nic.delivered") > 50);
        assert_true(metric_of(&metrics, "devices.nic.absorbed") > 50);
        metrics_free(&metrics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_takes_its_way),      cmocka_unit_test(nothing_is_left_behind),
        cmocka_unit_test(a_missing_eoi_times_out), cmocka_unit_test(sharers_are_served_together),
        cmocka_unit_test(a_driver_is_reloaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
