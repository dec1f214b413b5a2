/* SPDX-License-Identifier: Apache-2.0
 *
 * Halt polling: how the time for which a vCPU polls follows its halts, and what polling saves and costs in timed runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/host/halt_poll.h"
#include "models/host_fixture.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define US 1000u
#define MAX (200 * US)

/* KVM's defaults since Linux 6.11, and before, and a grow factor and a start that are not the defaults. */
static void the_time_follows_the_halts(void **state)
{
    static const struct {
        struct halt_poll_setup setup;
        uint64_t polled_us, halted_us, then_us;
    } rows[] = {
        { { MAX, 10 * US, 2, 2 }, 0, 50, 10 },     /* grows from 0 to the start */
        { { MAX, 10 * US, 2, 2 }, 10, 50, 20 },    /* twice as long */
        { { MAX, 10 * US, 2, 2 }, 160, 180, 320 }, /* beyond the limit, to which the next poll cuts it */
        { { MAX, 10 * US, 2, 2 }, 200, 199, 200 }, /* found while polling: stays */
        { { MAX, 10 * US, 2, 2 }, 0, 300, 0 },     /* too long to be worth polling */
        { { MAX, 10 * US, 2, 2 }, 160, 300, 80 },  /* halves */
        { { MAX, 10 * US, 2, 2 }, 10, 300, 0 },    /* below the start: nothing */
        { { MAX, 10 * US, 2, 0 }, 160, 300, 0 },   /* back to nothing at once */
        { { MAX, 10 * US, 0, 2 }, 20, 50, 20 },    /* does not grow */
        { { MAX, 0, 3, 2 }, 20, 50, 60 },          { { 0, 10 * US, 2, 2 }, 0, 50, 0 }, /* off */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct host_fixture host;
        struct vcpu vcpu = { .is_paused = false };

        host_open(&host, 1, POLICY_TIMED, 1);
        host.setup.hypervisor.halt_poll = rows[i].setup;
        uint64_t hz = host.machine.costs->frequency_hz;
        vcpu.thread.host = host.host;
        vcpu.halt_poll = cycles_from_ns(rows[i].polled_us * US, hz);
        halt_poll_adapt(&vcpu, cycles_from_ns(rows[i].halted_us * US, hz));
        assert_in_range(cycles_to_ns(vcpu.halt_poll, hz) + 1, rows[i].then_us * US, rows[i].then_us * US + 2);
        host_close(&host);
    }
}

/* One device of a guest that halts; messages reach pCPU 0, the guest is on 1. */
static void open_setup(struct setup *setup, uint64_t hertz)
{
    setup_init_plain(setup, "package:1 [numa] core:2 pu:1");
    *own_host(setup) = (struct host_costs){ HOST_COSTS_WESTMERE, .wake = 700, .context_switch = 1500, .workqueue = 1800,
                                            .irqfd_inject = 800 };
    setup->run = (struct run_setup){ .warmup_ns = 10000000, .duration_ns = 100000000, .seed = 1 };
    setup->hypervisor.halt_poll = (struct halt_poll_setup){ MAX, 10 * US, 2, 2 };
    struct guest_setup *guest = setup_guest(setup, "g", 1);
    (void)snprintf(guest->pin, sizeof(guest->pin), "pu:1");
    guest->load = GUEST_LOAD_HALT;
    struct device_setup *device = setup_device(setup, "dev", 0);
    own_vfio_device(device)->registers = 2;
    device->handler_ns = 1000;
    device->arrivals.process = ARRIVAL_PERIODIC;
    device->arrivals.rate_millihertz = hertz * 1000;
}

/* A wake-up while the vCPU polls needs no switch and no IPI, and takes the pCPU the whole time. Halts of 1 ms are too
 * long for polling; without polling each message wakes the thread. */
static void a_wakeup_while_it_polls_needs_no_switch(void **state)
{
    static const struct {
        uint64_t max_ns, hertz;
        bool is_posted;
        double met, wakes; /* per message */
        double busy;       /* least percent of the pCPU's time */
    } rows[] = {
        { MAX, 10000, false, 1, 0, 80 }, { MAX, 10000, true, 1, 0, 80 }, { 0, 10000, false, 0, 1, 0 },
        { 0, 10000, true, 0, 1, 0 },     { MAX, 1000, false, 0, 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup, rows[i].hertz);
        setup.hypervisor.halt_poll.max_ns = rows[i].max_ns;
        own_vfio(&setup)->posted = rows[i].is_posted;
        model_run(&setup, "vfio-msi", &metrics);
        double delivered = metric_of(&metrics, "devices.dev.delivered");
        assert_in_range(delivered, rows[i].hertz / 10 - 1, rows[i].hertz / 10 + 1);
        assert_float_equal(metric_of(&metrics, "host.halt_polls_met"), rows[i].met * delivered, 2);
        assert_float_equal(metric_of(&metrics, "host.wakes"), rows[i].wakes * delivered, 2);
        assert_float_equal(metric_of(&metrics, "host.context_switches"), 2 * rows[i].wakes * delivered, 4);
        assert_int_equal(metric_of(&metrics, "host.kicks"), 0);
        assert_true(metric_of(&metrics, "host.halt_polled_ns") >= rows[i].busy / 100 * 100000000);
        assert_true(metric_of(&metrics, "cpus.hypervisor.percent") >= rows[i].busy / 2);
        metrics_free(&metrics);
    }
}

/* QEMU's main loop shares the vCPU's pCPU: when it has to run, the vCPU stops polling. */
static void another_thread_ends_the_poll(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    open_setup(&setup, 10000);
    own_vfio(&setup)->irqchip = IRQCHIP_USERSPACE;
    model_run(&setup, "vfio-automask", &metrics);
    assert_in_range(metric_of(&metrics, "devices.dev.delivered"), 999, 1001);
    assert_true(metric_of(&metrics, "host.halt_polls") >= 900);
    assert_true(metric_of(&metrics, "host.wakes") >= 999);
    assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
    metrics_free(&metrics);
}

/* A vCPU that polls is paused at once. */
static void a_pause_ends_the_poll(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    open_setup(&setup, 10000);
    for (int i = 0; i < 2; i++)
        setup.actions[setup.action_count++] =
            (struct action_setup){ .kind = i == 0 ? VFIO_ACTION_PAUSE : VFIO_ACTION_RESUME,
                                   .at_ns = (20 + 30u * i) * 1000000 };
    model_run(&setup, "vfio-msi", &metrics);
    assert_in_range(metric_of(&metrics, "devices.dev.delivered"), 650, 750);
    assert_in_range(metric_of(&metrics, "devices.dev.latency.max_ns"), 29000000, 31000000);
    assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
    metrics_free(&metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_follows_the_halts),
        cmocka_unit_test(a_wakeup_while_it_polls_needs_no_switch),
        cmocka_unit_test(another_thread_ends_the_poll),
        cmocka_unit_test(a_pause_ends_the_poll),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
