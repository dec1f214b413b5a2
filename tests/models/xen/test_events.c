/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupts that a guest gets as events (send_guest_pirq), beside the same interrupts through its virtual LAPIC, in
 * timed runs of every design: VM exits by reason, takes of the locks, and what a closed channel does.
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

enum { RAISED = 250 };

/* A guest that halts between its interrupts, so that each of them is one exit of each reason. */
static struct device_setup *messages(struct setup *setup, enum device_delivery delivery, enum device_binding binding)
{
    setup_init(setup, "package:1 [numa] core:2 pu:1");
    setup->run = (struct run_setup){ .warmup_ns = 1000000, .duration_ns = 50000000, .seed = 5, .policy = POLICY_TIMED };
    struct guest_setup *guest = setup_guest(setup, "guest", 1);
    (void)snprintf(guest->pin, sizeof(guest->pin), "core:1");
    own_xen_guest(guest)->timer_millihertz = 0;
    struct device_setup *device = setup_device(setup, "nic", 0);
    own_xen_device(device)->delivery = delivery;
    own_xen_device(device)->binding = binding;
    device->arrivals.process = ARRIVAL_PERIODIC;
    device->arrivals.rate_millihertz = 5000000;
    return device;
}

/* An event costs an upcall with its interrupt window and a PHYSDEVOP_eoi, in place of an injection and a trapped EOI,
 * and both take event_lock twice: DELIVER and the EOI. No tasklet kicks the vCPU: interrupts are on in DELIVER. */
static void exits_by_reason(void **state)
{
    static const struct {
        enum device_delivery delivery;
        double eoi, hypercall, window;
    } rows[] = {
        { DEVICE_DELIVERY_LAPIC, RAISED, 0, 0 },
        { DEVICE_DELIVERY_EVENT, 0, RAISED, RAISED },
    };

    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++)
        for (size_t i = 0; i < DESIGN_COUNT; i++) {
            struct setup setup;
            struct metrics metrics;

            messages(&setup, rows[row].delivery, DEVICE_BINDING_MSI);
            model_run(&setup, designs[i], &metrics);
            assert_true(metric_of(&metrics, "irq.delivered") == RAISED);
            assert_true(metric_of(&metrics, "irq.lost") == 0);
            assert_true(metric_of(&metrics, "guests.guest.exits.hlt") == RAISED);
            assert_true(metric_of(&metrics, "guests.guest.exits.eoi") == rows[row].eoi);
            assert_true(metric_of(&metrics, "guests.guest.exits.vmcall") == rows[row].hypercall);
            assert_true(metric_of(&metrics, "guests.guest.exits.interrupt_window") == rows[row].window);
            assert_true(metric_of(&metrics, "locks.event_lock.acquisitions") == 2 * RAISED);
            assert_int_equal(metric_of(&metrics, "locks.tasklet_lock.acquisitions"), i < 2 ? 3 * RAISED : 0);
            metrics_free(&metrics);
        }
}

/* The guest's EOI ends the level as well as that through its virtual I/O APIC; its pin there stays masked. */
static void a_line_comes_as_an_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < DESIGN_COUNT; i++) {
        struct setup setup;
        struct metrics metrics;

        messages(&setup, DEVICE_DELIVERY_EVENT, DEVICE_BINDING_INTX);
        model_run(&setup, designs[i], &metrics);
        assert_true(metric_of(&metrics, "irq.delivered") == RAISED);
        assert_true(metric_of(&metrics, "irq.latency.max_ns") < 20000);
        assert_true(metric_of(&metrics, "guests.guest.exits.eoi") == 0);
        assert_true(metric_of(&metrics, "guests.guest.exits.vmcall") == RAISED);
        metrics_free(&metrics);
    }
}

static void act(struct setup *setup, enum xen_action kind, uint64_t at_ns)
{
    setup->actions[setup->action_count++] = (struct action_setup){ .kind = kind, .at_ns = at_ns, .every_ns = 4000000 };
}

/* The driver is unloaded and loaded again, 12 times, each time for half of 4 ms, while its device is busy. */
static void a_reload_closes_and_opens(void **state)
{
    (void)state;
    for (size_t i = 0; i < DESIGN_COUNT; i++) {
        struct setup setup;
        struct metrics metrics;

        messages(&setup, DEVICE_DELIVERY_EVENT, DEVICE_BINDING_MSI);
        act(&setup, XEN_ACTION_CLOSE, 2000000);
        act(&setup, XEN_ACTION_UNBIND, 2500000);
        act(&setup, XEN_ACTION_BIND, 3500000);
        act(&setup, XEN_ACTION_OPEN, 4000000);
        model_run(&setup, designs[i], &metrics);
        assert_true(metric_of(&metrics, "xen.close.count") == 13);
        assert_true(metric_of(&metrics, "xen.open.count") == 12);
        assert_true(metric_of(&metrics, "irq.lost") == 0);
        assert_in_range(metric_of(&metrics, "irq.delivered"), 110, 140);
        metrics_free(&metrics);
    }
}

/* Until daa90dfea9 a PIRQ whose channel was closed first stays in the domain's tree, and one whose channel was open
 * when it was unmapped is taken out and leaks. Since then each is freed, when the last of the two has happened. */
static void what_becomes_of_an_unmapped_pirq(void **state)
{
    static const struct {
        const char *design;
        enum xen_history history;
        bool closes_first;
        int removed, freed;
    } rows[] = {
        { "pirq-tasklet", XEN_AS_DESIGNED, true, 0, 0 },       { "pirq-tasklet", XEN_AS_DESIGNED, false, 1, 0 },
        { "softirq-requeue", XEN_AS_DESIGNED, true, 0, 0 },    { "softirq-requeue", XEN_AS_DESIGNED, false, 1, 0 },
        { "softirq-hotplug", XEN_AS_DESIGNED, true, 1, 1 },    { "softirq-hotplug", XEN_AS_DESIGNED, false, 1, 1 },
        { "softirq-gated", XEN_AFTER_DAA90DFEA9, true, 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct setup setup;
        struct metrics metrics;

        messages(&setup, DEVICE_DELIVERY_EVENT, DEVICE_BINDING_MSI);
        own_xen(&setup)->history = rows[i].history;
        act(&setup, XEN_ACTION_CLOSE, rows[i].closes_first ? 2000000 : 5000000);
        act(&setup, XEN_ACTION_UNBIND, 3000000);
        act(&setup, XEN_ACTION_UNMAP, 4000000);
        for (uint32_t j = 0; j < setup.action_count; j++)
            setup.actions[j].every_ns = 0;
        model_run(&setup, rows[i].design, &metrics);
        assert_int_equal(metric_of(&metrics, "xen.pirqs.unmapped"), 1);
        assert_int_equal(metric_of(&metrics, "xen.pirqs.removed"), rows[i].removed);
        assert_int_equal(metric_of(&metrics, "xen.pirqs.freed"), rows[i].freed);
        metrics_free(&metrics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exits_by_reason),
        cmocka_unit_test(a_line_comes_as_an_event),
        cmocka_unit_test(a_reload_closes_and_opens),
        cmocka_unit_test(what_becomes_of_an_unmapped_pirq),
    };

    return cmocka_run_group_tests_name("xen events", tests, NULL, NULL);
}
