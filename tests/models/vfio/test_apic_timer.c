/* SPDX-License-Identifier: Apache-2.0
 *
 * A guest's timer: the number of exits for each expiry, that an expiry has no flight time, the cycles between the
 * expiry and the handler or the task that it wakes, and refused setups.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models_fixture.h"
#include "models/vfio/designs.h"
#include "models/registry.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void open_setup(struct setup *setup, enum device_isr isr)
{
    setup_init_plain(setup, "package:1 [numa] core:1 pu:1");
    *own_host(setup) = (struct host_costs){ HOST_COSTS_WESTMERE, .wake = 700, .context_switch = 1500, .syscall = 600 };
    setup->run = (struct run_setup){ .warmup_ns = 10000000, .duration_ns = 100000000, .seed = 1 };
    setup_guest(setup, "g", 1)->load = GUEST_LOAD_COMPUTE;
    struct device_setup *device = setup_device(setup, "timer", 0);
    own_vfio_device(device)->interrupt = DEVICE_INTERRUPT_TIMER;
    own_vfio_device(device)->isr = isr;
    own_vfio_device(device)->registers = 2;
    device->handler_ns = 1000;
    device->arrivals.process = ARRIVAL_PERIODIC;
    device->arrivals.rate_millihertz = 1000000;
}

static void an_expiry_costs_exits(void **state)
{
    static const struct {
        const char *design;
        bool is_posted, is_direct;
        double exits;
    } rows[] = {
        { "kvm-assigned", false, false, 3 }, /* the host's timer, the EOI, arming */
        { "vfio-msi", false, false, 2 },     /* no EOI */
        { "vfio-automask", false, false, 2 }, { "vfio-msi", true, false, 2 },
        { "vfio-msi", true, true, 0 },        { "vfio-automask", true, true, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup, i % 2 ? DEVICE_ISR_TASK : DEVICE_ISR_NORMAL);
        own_vfio(&setup)->posted = rows[i].is_posted;
        if (rows[i].is_direct)
            own_vfio_device(&setup.devices[0])->interrupt = DEVICE_INTERRUPT_DIRECT_TIMER;
        model_run(&setup, rows[i].design, &metrics);
        assert_float_equal(metric_of(&metrics, "guests.g.exits"),
                           rows[i].exits * metric_of(&metrics, "devices.timer.delivered"), 3);
        assert_float_equal(metric_of(&metrics, "guests.g.exits.msr_write"),
                           (rows[i].exits > 0) * metric_of(&metrics, "devices.timer.delivered"), 3);
        metrics_free(&metrics);
    }
}

static double latency_of(struct setup *setup, const char *design)
{
    struct metrics metrics;

    model_run(setup, design, &metrics);
    double latency = metric_of(&metrics, "irq.latency.p50_ns");
    metrics_free(&metrics);
    return latency;
}

/* The sum of what the path is made of, within a histogram's bucket of 1.6 %. */
static void the_latency_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    for (int has_task = 0; has_task < 2; has_task++) {
        struct setup setup;

        open_setup(&setup, has_task ? DEVICE_ISR_TASK : DEVICE_ISR_NORMAL);
        const struct costs *costs = &setup.machine.costs;
        uint64_t handler = costs->vmexit + own_host(&setup)->exit_dispatch + costs->irq_entry + costs->lapic_eoi +
                           own_host(&setup)->do_irq + own_host(&setup)->timer_softirq + costs->irq_exit +
                           own_host(&setup)->virq_injection + costs->vmentry;
        uint64_t task = own_host(&setup)->timer_softirq + costs->vmexit + own_host(&setup)->exit_dispatch +
                        costs->timer_program + costs->vmentry + costs->irq_entry + 700 + costs->irq_exit + 1500 + 300;
        uint64_t expected = cycles_to_ns(handler + (has_task ? task : 0), costs->frequency_hz);
        double latency = latency_of(&setup, "vfio-msi");
        assert_in_range(latency, expected, expected + expected / 10);
        setup.machine.costs.msi_flight_ns += 5000;
        assert_float_equal(latency_of(&setup, "vfio-msi"), latency, 1);
    }
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *design;
        enum device_interrupt interrupt;
        enum device_isr isr;
        enum device_driver driver;
        enum irqchip_kind irqchip;
        bool is_posted;
        enum vfio_action action;
        const char *refusal; /* a part of it; NULL: none */
    } rows[] = {
        { "vfio-msi", DEVICE_INTERRUPT_TIMER, DEVICE_ISR_TASK, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, true,
          VFIO_ACTION_PAUSE, NULL },
        { "vfio-automask", DEVICE_INTERRUPT_MSI, DEVICE_ISR_TASK, DEVICE_DRIVER_GUEST, IRQCHIP_USERSPACE, false,
          VFIO_ACTION_BOOT, NULL },
        { "kvm-assigned", DEVICE_INTERRUPT_INTX, DEVICE_ISR_NORMAL, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, false,
          VFIO_ACTION_UNBIND, NULL },
        { "kvm-assigned", DEVICE_INTERRUPT_INTX, DEVICE_ISR_NORMAL, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, true,
          VFIO_ACTION_PAUSE, "vfio-msi has them" },
        { "kvm-assigned", DEVICE_INTERRUPT_INTX, DEVICE_ISR_NORMAL, DEVICE_DRIVER_GUEST, IRQCHIP_SPLIT, false,
          VFIO_ACTION_PAUSE, "irqchip: kernel" },
        { "kvm-assigned", DEVICE_INTERRUPT_INTX, DEVICE_ISR_NORMAL, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, false,
          VFIO_ACTION_BOOT, "actions" },
        { "vfio-automask", DEVICE_INTERRUPT_INTX, DEVICE_ISR_TASK, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, false,
          VFIO_ACTION_PAUSE, "isr: task" },
        { "vfio-msi", DEVICE_INTERRUPT_DIRECT_TIMER, DEVICE_ISR_TASK, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, true,
          VFIO_ACTION_PAUSE, NULL },
        { "vfio-msi", DEVICE_INTERRUPT_DIRECT_TIMER, DEVICE_ISR_TASK, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, false,
          VFIO_ACTION_PAUSE, "posted: on" },
        { "vfio-msi", DEVICE_INTERRUPT_TIMER, DEVICE_ISR_NORMAL, DEVICE_DRIVER_HOST, IRQCHIP_KERNEL, false,
          VFIO_ACTION_PAUSE, "belongs to a guest" },
        { "vfio-msi", DEVICE_INTERRUPT_TIMER, DEVICE_ISR_NORMAL, DEVICE_DRIVER_GUEST, IRQCHIP_USERSPACE, false,
          VFIO_ACTION_PAUSE, "local APIC" },
        { "vfio-msi", DEVICE_INTERRUPT_TIMER, DEVICE_ISR_NORMAL, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, false,
          VFIO_ACTION_MASK, "takes no actions" },
        { "vfio-msi", DEVICE_INTERRUPT_TIMER, DEVICE_ISR_NORMAL, DEVICE_DRIVER_GUEST, IRQCHIP_KERNEL, false,
          VFIO_ACTION_BOOT, "takes no actions" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;

        open_setup(&setup, rows[i].isr);
        own_vfio_device(&setup.devices[0])->interrupt = rows[i].interrupt;
        setup.devices[0].driver = rows[i].driver;
        own_vfio(&setup)->irqchip = rows[i].irqchip;
        own_vfio(&setup)->posted = rows[i].is_posted;
        (void)snprintf(setup.hypervisor.design, sizeof(setup.hypervisor.design), "%s", rows[i].design);
        setup.actions[setup.action_count++].kind = rows[i].action;
        const char *refusal = vfio_refusal(design_find(rows[i].design), &setup);
        assert_int_equal(refusal == NULL, rows[i].refusal == NULL);
        if (refusal != NULL)
            assert_non_null(strstr(refusal, rows[i].refusal));
    }
}

/* Of one kind or of several, but not of another guest or of the host. */
static void a_guest_has_room_for_its_devices(void **state)
{
    static const struct {
        uint32_t counts[3], lines[3], guests[3];
        bool is_third_of_host;
        const char *refusal;
    } rows[] = {
        { { 32, 0, 0 }, { 1, 1, 1 }, { 0, 0, 0 }, false, NULL },
        { { 33, 0, 0 }, { 1, 1, 1 }, { 0, 0, 0 }, false, "32 devices" },
        { { 16, 1, 16 }, { 1, 2, 1 }, { 0, 0, 0 }, false, "32 devices" },
        { { 16, 1, 16 }, { 1, 2, 1 }, { 0, 0, 0 }, true, NULL },
        { { 16, 32, 16 }, { 1, 2, 1 }, { 0, 1, 0 }, false, NULL },
        { { 16, 33, 16 }, { 1, 2, 1 }, { 0, 1, 0 }, false, "32 devices" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;

        open_setup(&setup, DEVICE_ISR_NORMAL);
        setup_guest(&setup, "second", 1);
        for (uint32_t n = 0; n < 3; n++) {
            struct device_setup *device = n == 0 ? &setup.devices[0] : setup_device(&setup, n == 1 ? "b" : "c", 0);
            device->count = rows[i].counts[n];
            device->guest = rows[i].guests[n];
            device->driver = n == 2 && rows[i].is_third_of_host ? DEVICE_DRIVER_HOST : DEVICE_DRIVER_GUEST;
            own_vfio_device(device)->line = rows[i].lines[n];
            own_vfio_device(device)->interrupt = DEVICE_INTERRUPT_MSI;
        }
        const char *refusal = vfio_refusal(design_find("vfio-msi"), &setup);
        if ((refusal == NULL) != (rows[i].refusal == NULL))
            fail_msg("row %zu: %s", i, refusal != NULL ? refusal : "not refused");
        if (refusal != NULL)
            assert_non_null(strstr(refusal, rows[i].refusal));
    }
}

static void a_guest_has_room_for_its_lines(void **state)
{
    (void)state;
    for (uint32_t lines = 15; lines <= 17; lines++) {
        struct setup setup;

        open_setup(&setup, DEVICE_ISR_NORMAL);
        own_vfio_device(&setup.devices[0])->interrupt = DEVICE_INTERRUPT_INTX;
        own_vfio_device(&setup.devices[0])->line = 0;
        for (uint32_t n = 1; n < lines + 3; n++)
            own_vfio_device(setup_device(&setup, "b", 0))->line = n < lines ? n : 0;
        assert_int_equal(vfio_refusal(design_find("vfio-automask"), &setup) == NULL, lines <= 16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expiry_costs_exits),          cmocka_unit_test(the_latency_is_the_sum_of_its_parts),
        cmocka_unit_test(what_cannot_be_is_refused),      cmocka_unit_test(a_guest_has_room_for_its_devices),
        cmocka_unit_test(a_guest_has_room_for_its_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
