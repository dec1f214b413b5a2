/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives: the latency of one I/O at a time, to the cycle; the drive alone limits I/Os that cost nothing; each message
 * is one interrupt with nvme-msi, and the numbers of messages, handlers and drives that a posted notification serves;
 * what coalescing adds to an I/O that is alone, and how many share a message; refused setups.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "models_fixture.h"
#include "models/nvme/designs.h"
#include "models/registry.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DO_IRQ 1769
#define HZ 2130000000.0

static const char *const designs[] = { "nvme-msi", "nvme-posted-msi" };

static struct device_setup *open_setup(struct setup *setup, uint32_t drives, uint32_t depth)
{
    setup_init_plain(setup, "package:1 [numa] core:1 pu:1");
    *own_host(setup) =
        (struct host_costs){ HOST_COSTS_WESTMERE, .wake = 700,      .context_switch = 1500, .syscall = 600,
                             .mmio_write = 300,   .io_submit = 200, .io_complete = 100 };
    own_host(setup)->irq_once = 30;
    struct device_setup *drive = setup_device(setup, "drive", 0);
    drive->count = drives;
    own_nvme_device(drive)->depth = depth;
    (void)snprintf(own_nvme_device(drive)->affinity, sizeof(own_nvme_device(drive)->affinity), "thread");
    own_nvme_device(drive)->batch = depth < 32 ? depth : 32;
    drive->arrivals = (struct arrival_setup){ .process = ARRIVAL_PERIODIC, .rate_millihertz = 1000000000 };
    return drive;
}

static void one_at_a_time_takes_all_that_it_costs(void **state)
{
    const struct costs *costs = &costs_westmere;
    double flight = (double)costs->msi_flight_ns * HZ / 1e9;
    /* Doorbell and message, the drive, the interrupt that wakes the thread, the thread's next call. */
    double period = 2 * flight + HZ / 1e6 + (double)(costs->idle_wake + costs->irq_entry + costs->lapic_eoi) +
                    (double)(DO_IRQ + costs->irq_exit) + 100 + 300 + 700 + 1500 + 600 + 200 + 300;
    /* Besides: the post takes the line from the CPU, which reads the PIR three times, takes it, and clears ON. */
    const double more[] = { 0, (double)(costs->atomic_modified[DISTANCE_NEAR] + costs->load_memory) +
                                   (double)(2 * costs->load_hit + 2 * costs->atomic_hit) };

    (void)state;
    for (size_t i = 0; i < COUNT(designs); i++) {
        struct setup setup;
        struct metrics metrics;

        (void)open_setup(&setup, 1, 1);
        model_run(&setup, designs[i], &metrics);
        double ios = metric_of(&metrics, "nvme.ios");
        double found = HZ * (double)setup.run.duration_ns / 1e9 / ios;
        assert_float_equal(found, period + more[i], 4);
        assert_float_equal(metric_of(&metrics, "nvme.interrupts"), ios, 1);
        assert_float_equal(metric_of(&metrics, "nvme.handlers"), ios, 1);
        assert_float_equal(metric_of(&metrics, "host.context_switches"), 2 * ios, 2);
        metrics_free(&metrics);
    }
}

static void the_drive_is_the_bound_of_what_costs_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(designs); i++) {
        struct setup setup;
        struct metrics metrics;

        (void)open_setup(&setup, 1, 128);
        setup.machine.costs = costs_nothing;
        *own_host(&setup) = (struct host_costs){ .wake = 0 };
        model_run(&setup, designs[i], &metrics);
        assert_float_equal(metric_of(&metrics, "nvme.ios"), 1e6 * (double)setup.run.duration_ns / 1e9, 1);
        metrics_free(&metrics);
    }
}

/* A drive that is faster than its CPU, and a CPU of three drives. */
static void a_notification_is_for_several_messages(void **state)
{
    static const uint32_t drives[] = { 1, 3 };

    (void)state;
    for (size_t i = 0; i < COUNT(designs) * COUNT(drives); i++) {
        bool is_posted = i % 2 == 1;
        uint32_t count = drives[i / 2];
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup, count, 128)->arrivals.rate_millihertz = 5100000000;
        model_run(&setup, designs[i % 2], &metrics);
        double interrupts = metric_of(&metrics, "nvme.interrupts"), handlers = metric_of(&metrics, "nvme.handlers");
        assert_true(metric_of(&metrics, "nvme.ios") > interrupts);
        assert_float_equal(metric_of(&metrics, "nvme.ios"), metric_of(&metrics, "irq.raised"), 3 * 128);
        if (is_posted) {
            assert_true(handlers > 1.5 * interrupts && handlers <= 3 * count * interrupts + 3);
            assert_float_equal(metric_of(&metrics, "posted.notifications"), interrupts, 1);
            assert_float_equal(metric_of(&metrics, "posted.posts"), metric_of(&metrics, "irq.raised"), 3);
        } else {
            assert_float_equal(handlers, interrupts, 1);
        }
        metrics_free(&metrics);
    }
}

/* An I/O that is alone waits for the whole time if the threshold is 2, and not at all if it is 1. Of many, a message is
 * for as many as the threshold says, or as complete in the time: 10,000 ns each. */
static void coalescing_keeps_one_waiting_and_serves_many(void **state)
{
    static const struct {
        uint32_t depth, threshold;
        uint64_t time_ns;
        double cycles_more, completions; /* of one at a time; of a message, for many */
    } rows[] = {
        { 1, 1, 10000000, 0, 1 },    { 1, 2, 0, 0, 1 },         { 1, 2, 10000, 21300, 1 },
        { 1, 256, 20000, 42600, 1 }, { 128, 4, 1000000, 0, 4 }, { 128, 16, 1000000, 0, 16 },
        { 128, 16, 75000, 0, 8 },    { 128, 16, 65000, 0, 7 },  { 128, 7, 75000, 0, 7 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(designs) * COUNT(rows); i++) {
        double period[2], uncertainty = 0;
        size_t row = i / COUNT(designs);

        for (int is_coalesced = 0; is_coalesced < 2; is_coalesced++) {
            struct setup setup;
            struct metrics metrics;
            struct device_setup *drive = open_setup(&setup, 1, rows[row].depth);

            drive->arrivals.rate_millihertz = 100000000; /* slower than its thread */
            own_nvme_device(drive)->coalesce_threshold = is_coalesced ? rows[row].threshold : 1;
            own_nvme_device(drive)->coalesce_time_ns = rows[row].time_ns;
            model_run(&setup, designs[i % COUNT(designs)], &metrics);
            double ios = metric_of(&metrics, "nvme.ios");
            period[is_coalesced] = HZ * (double)setup.run.duration_ns / 1e9 / ios;
            uncertainty += period[is_coalesced] / ios; /* one I/O more or less */
            if (is_coalesced)
                assert_float_equal(metric_of(&metrics, "irq.raised") / metric_of(&metrics, "irq.delivered"),
                                   rows[row].completions, .01 * rows[row].completions);
            metrics_free(&metrics);
        }
        if (rows[row].depth == 1)
            assert_float_equal(period[1] - period[0], rows[row].cycles_more, uncertainty);
    }
}

static double with_affinity(const char *design, const char *affinity, uint32_t drives, uint32_t depth,
                            const char *metric)
{
    struct setup setup;
    struct metrics metrics;

    struct device_setup *drive = open_setup(&setup, drives, depth);
    (void)snprintf(setup.machine.topology, sizeof(setup.machine.topology), "package:1 [numa] core:4 pu:1");
    (void)snprintf(own_nvme_device(drive)->affinity, sizeof(own_nvme_device(drive)->affinity), "%s", affinity);
    model_run(&setup, design, &metrics);
    double value = metric_of(&metrics, metric);
    assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
    metrics_free(&metrics);
    return value;
}

/* Where interrupts go to the threads' own pCPUs it makes no difference how that is said. On one pCPU they make a
 * bottleneck of it, and the others idle. On a pCPU of their own they leave the thread's to the thread, which they wake
 * by an IPI. */
static void interrupts_go_where_they_are_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(designs); i++) {
        const char *design = designs[i];
        double own = with_affinity(design, "thread", 4, 128, "nvme.ios");

        assert_true(with_affinity(design, "all", 4, 128, "nvme.ios") == own);
        assert_true(with_affinity(design, "pu:0-1", 4, 128, "nvme.ios") < .8 * own);
        assert_true(with_affinity(design, "pu:2", 4, 128, "nvme.ios") < .9 * own);
        assert_true(with_affinity(design, "thread", 4, 128, "cpus.idle.percent") < 1);
        assert_true(with_affinity(design, "pu:2", 4, 128, "cpus.idle.percent") > 30);
        double near = with_affinity(design, "pu:0", 1, 1, "nvme.ios");
        double far = with_affinity(design, "pu:1", 1, 1, "nvme.ios");
        assert_true(near == with_affinity(design, "thread", 1, 1, "nvme.ios"));
        assert_true(far < near && far > .5 * near);
    }
}

static void what_it_cannot_is_refused(void **state)
{
    struct setup setup;

    (void)state;
    for (size_t i = 0; i < COUNT(designs); i++) {
        const struct design *design = design_find(designs[i]);
        (void)open_setup(&setup, 128, 1);
        assert_null(nvme_refusal(design, &setup));
        (void)open_setup(&setup, 129, 1);
        assert_non_null(nvme_refusal(design, &setup));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time_takes_all_that_it_costs),
        cmocka_unit_test(the_drive_is_the_bound_of_what_costs_nothing),
        cmocka_unit_test(a_notification_is_for_several_messages),
        cmocka_unit_test(coalescing_keeps_one_waiting_and_serves_many),
        cmocka_unit_test(interrupts_go_where_they_are_sent),
        cmocka_unit_test(what_it_cannot_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
