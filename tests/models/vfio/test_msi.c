/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages: the number of exits, work items and thread switches for each message under each design, on the vCPU's own
 * pCPU and on another, and the share of the pCPU that is left to the guest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* One device, whose interrupts go to pCPU 0, of a guest on `cpu`. */
static void open_setup(struct setup *setup, const char *pin, enum guest_load load)
{
    setup_init_plain(setup, "package:1 [numa] core:2 pu:1");
    *own_host(setup) = (struct host_costs){ HOST_COSTS_WESTMERE, .wake = 700, .context_switch = 1500, .workqueue = 1800,
                                            .irqfd_inject = 800 };
    setup->run = (struct run_setup){ .warmup_ns = 10000000, .duration_ns = 100000000, .seed = 1 };
    struct guest_setup *guest = setup_guest(setup, "g", 1);
    (void)snprintf(guest->pin, sizeof(guest->pin), "%s", pin);
    guest->load = load;
    struct device_setup *device = setup_device(setup, "dev", 0);
    own_vfio_device(device)->registers = 2;
    device->handler_ns = 1000;
    device->arrivals.process = ARRIVAL_PERIODIC;
    device->arrivals.rate_millihertz = 10000000;
}

static void a_message_costs_what_its_design_costs(void **state)
{
    static const struct {
        const char *design, *pin;
        enum guest_load load;
        bool is_posted;
        double exits, items, switches; /* per message */
        double external, hlt, eoi;     /* exits by reason */
    } rows[] = {
        { "vfio-msi", "pu:0", GUEST_LOAD_COMPUTE, false, 1, 0, 0, 1, 0, 0 }, /* the interrupt's */
        { "vfio-msi", "pu:1", GUEST_LOAD_COMPUTE, false, 1, 0, 0, 1, 0, 0 }, /* the kick's */
        { "vfio-msi", "pu:0", GUEST_LOAD_COMPUTE, true, 0, 0, 0, 0, 0, 0 },  /* none's */
        { "vfio-msi", "pu:0", GUEST_LOAD_HALT, false, 1, 0, 2, 0, 1, 0 },    /* HLT's */
        { "kvm-assigned", "pu:0", GUEST_LOAD_COMPUTE, false, 2, 1, 2, 1, 0,
          1 }, /* the EOI's, too; vCPU to worker and back */
        { "kvm-assigned", "pu:1", GUEST_LOAD_COMPUTE, false, 2, 1, 2, 1, 0, 1 }, /* idle to worker and back */
        { "kvm-assigned", "pu:0", GUEST_LOAD_HALT, false, 2, 1, 3, 0, 1, 1 },    /* idle to worker to vCPU to idle */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup, rows[i].pin, rows[i].load);
        own_vfio(&setup)->posted = rows[i].is_posted;
        model_run(&setup, rows[i].design, &metrics);
        double delivered = metric_of(&metrics, "devices.dev.delivered");
        assert_in_range(delivered, 999, 1001);
        assert_float_equal(metric_of(&metrics, "guests.g.exits"), rows[i].exits * delivered, 2);
        assert_float_equal(metric_of(&metrics, "guests.g.exits.external_interrupt"), rows[i].external * delivered, 2);
        assert_float_equal(metric_of(&metrics, "guests.g.exits.hlt"), rows[i].hlt * delivered, 2);
        assert_float_equal(metric_of(&metrics, "guests.g.exits.eoi"), rows[i].eoi * delivered, 2);
        assert_float_equal(metric_of(&metrics, "host.work_items"), rows[i].items * delivered, 1);
        assert_float_equal(metric_of(&metrics, "host.context_switches"), rows[i].switches * delivered, 3);
        metrics_free(&metrics);
    }
}

/* A guest whose interrupts are always off when one comes exits once more for each, unless interrupts are posted; HLT
 * that stays in the guest causes no exit, and the interrupt does. */
static void windows_and_kept_halts_exit_by_reason(void **state)
{
    static const struct {
        enum guest_load load;
        uint32_t irqs_off_permille, hlt;
        bool is_posted;
        double external, window, hlts; /* exits per message */
    } rows[] = {
        { GUEST_LOAD_COMPUTE, 0, GUEST_HLT_EXITS, false, 1, 0, 0 },
        { GUEST_LOAD_COMPUTE, 1000, GUEST_HLT_EXITS, false, 1, 1, 0 },
        { GUEST_LOAD_COMPUTE, 1000, GUEST_HLT_EXITS, true, 0, 0, 0 },
        { GUEST_LOAD_HALT, 0, GUEST_HLT_EXITS, false, 0, 0, 1 },
        { GUEST_LOAD_HALT, 0, GUEST_HLT_STAYS, false, 1, 0, 0 },
        { GUEST_LOAD_HALT, 0, GUEST_HLT_STAYS, true, 0, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup, "pu:0", rows[i].load);
        own_vfio(&setup)->posted = rows[i].is_posted;
        struct vfio_guest_setup *guest = (void *)setup.guests[0].own;
        guest->irqs_off_permille = rows[i].irqs_off_permille;
        guest->irqs_off_ns = 2000;
        guest->hlt = rows[i].hlt;
        model_run(&setup, "vfio-msi", &metrics);
        double delivered = metric_of(&metrics, "devices.dev.delivered");
        assert_float_equal(metric_of(&metrics, "guests.g.exits.external_interrupt"), rows[i].external * delivered, 2);
        assert_float_equal(metric_of(&metrics, "guests.g.exits.interrupt_window"), rows[i].window * delivered, 2);
        assert_float_equal(metric_of(&metrics, "guests.g.exits.hlt"), rows[i].hlts * delivered, 2);
        metrics_free(&metrics);
    }
}

/* Two messages that one VM entry finds: the second one follows the first one's handler at once: where the EOI does not
 * exit, the hardware holds it. One whose host interrupt comes during the handler asks for an interrupt window. */
static void a_second_message_follows_the_first(void **state)
{
    static const struct {
        const char *design;
        bool is_posted, has_window;
    } rows[] = { { "vfio-msi", false, true }, { "vfio-msi", true, false }, { "kvm-assigned", false, true } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup, "pu:0", GUEST_LOAD_COMPUTE);
        setup_device(&setup, "other", 0);
        setup.devices[1] = setup.devices[0];
        (void)snprintf(setup.devices[1].name, sizeof(setup.devices[1].name), "other");
        for (int device = 0; device < 2; device++)
            setup.devices[device].arrivals.process = ARRIVAL_POISSON;
        own_vfio(&setup)->posted = rows[i].is_posted;
        model_run(&setup, rows[i].design, &metrics);
        assert_in_range(metric_of(&metrics, "irq.delivered"), 1800, 2200);
        assert_in_range(metric_of(&metrics, "irq.latency.max_ns"), 1000, 30000);
        assert_int_equal(metric_of(&metrics, "guests.g.exits.interrupt_window") > 0, rows[i].has_window);
        metrics_free(&metrics);
    }
}

/* What an interrupt takes from a vCPU that computes: the same under each seed's draws, for there is no spread. */
static void the_guest_has_what_the_path_leaves(void **state)
{
    static const struct {
        const char *design;
        uint64_t switched; /* cycles that a message costs more for each cycle of a context switch */
    } rows[] = { { "vfio-msi", 0 }, { "kvm-assigned", 2 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double guest[2];
        for (int is_dear = 0; is_dear < 2; is_dear++) {
            struct setup setup;
            struct metrics metrics;

            open_setup(&setup, "pu:0", GUEST_LOAD_COMPUTE);
            own_host(&setup)->context_switch += is_dear ? 1000 : 0;
            model_run(&setup, rows[i].design, &metrics);
            guest[is_dear] = metric_of(&metrics, "cpus.guest.percent");
            metrics_free(&metrics);
        }
        /* 10000 messages a second of 1000 cycles a switch, on one pCPU of two at 2.13 GHz. */
        double expected = rows[i].switched * 10000.0 * 1000 / 2.13e9 * 100 / 2;
        assert_float_equal(guest[0] - guest[1], expected, 0.01);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_costs_what_its_design_costs),
        cmocka_unit_test(windows_and_kept_halts_exit_by_reason),
        cmocka_unit_test(a_second_message_follows_the_first),
        cmocka_unit_test(the_guest_has_what_the_path_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
