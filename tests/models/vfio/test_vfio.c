/* SPDX-License-Identifier: Apache-2.0
 *
 * The VFIO designs in timed runs: configuration cycles and exits for each interrupt, waits on a shared line, guests
 * that stop, send the EOI early or never, devices with a broken status bit, and admission to direct EOI. The laws
 * (raised = delivered + ..., DisINTx against `masked`, CPU time) are CHECKs of the model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MS 1000000u

static const struct host_costs host_costs = {
    HOST_COSTS_WESTMERE, .wake = 700,           .context_switch = 1500, .syscall = 600,     .userspace = 2600,
    .main_loop = 2500,   .eventfd_signal = 300, .irqfd_inject = 800,    .workqueue = 1800,  .config_read = 900,
    .config_write = 300, .mmio_read = 900,      .mmio_write = 300,      .chip_access = 500, .deactivate = 71,
};

/* pCPU 0 takes the line, guest a has pCPU 1, guest b 2; actions run on 3. */
static void open_setup(struct setup *setup)
{
    setup_init_plain(setup, "package:1 [numa] core:4 pu:1");
    *own_host(setup) = host_costs;
    own_vfio(setup)->admission = ADMISSION_FIRST_COME;
    setup->run = (struct run_setup){ .warmup_ns = 10 * MS, .duration_ns = 490 * MS, .seed = 1 };
    for (int i = 0; i < 2; i++) {
        struct guest_setup *guest = setup_guest(setup, i == 0 ? "a" : "b", 1);
        (void)snprintf(guest->pin, sizeof(guest->pin), "pu:%d", i + 1);
        guest->load = GUEST_LOAD_COMPUTE;
        own_vfio_guest(guest)->descheduled_every_ns = 50 * MS;
    }
}

static struct device_setup *device_on_line(struct setup *setup, const char *name, uint32_t guest, uint64_t hertz)
{
    struct device_setup *device = setup_device(setup, name, guest);

    own_vfio_device(device)->registers = 2;
    device->handler_ns = 2000;
    device->arrivals.rate_millihertz = hertz * 1000;
    return device;
}

/* The host's card and a device of each guest on one line. */
static void open_shared(struct setup *setup)
{
    open_setup(setup);
    device_on_line(setup, "host-nic", 0, 2000)->driver = DEVICE_DRIVER_HOST;
    device_on_line(setup, "dev-a", 0, 1000);
    device_on_line(setup, "dev-b", 1, 1000);
}

static struct action_setup *action(struct setup *setup, enum vfio_action kind, uint32_t guest, uint32_t at_ms)
{
    struct action_setup *row = &setup->actions[setup->action_count++];

    *row = (struct action_setup){ .kind = kind, .guest = guest, .at_ns = at_ms * (uint64_t)MS, .cpu = 3 };
    return row;
}

static double of(const struct setup *setup, const char *design, const char *metric)
{
    struct metrics metrics;

    model_run(setup, design, &metrics);
    double value = metric_of(&metrics, metric);
    assert_int_equal(metric_of(&metrics, "irq.lost"), 0);
    metrics_free(&metrics);
    return value;
}

/* --- what one interrupt costs --- */

/* A device alone on its line: two configuration cycles to mask and two to unmask; one EOI that exits. */
static void an_interrupt_costs_what_its_design_costs(void **state)
{
    static const struct {
        const char *design;
        enum irqchip_kind irqchip;
        enum device_intx intx;
        double config, kernel, userspace, mmio; /* per interrupt */
        bool is_posted;
    } rows[] = {
        { "vfio-automask", IRQCHIP_KERNEL, DEVICE_INTX_PCI_2_3, 4, 1, 0, 0, false },
        { "vfio-automask", IRQCHIP_SPLIT, DEVICE_INTX_PCI_2_3, 4, 0, 1, 0, false },
        { "vfio-automask", IRQCHIP_KERNEL, DEVICE_INTX_LEGACY, 0, 1, 0, 0, false },
        { "vfio-exclusive", IRQCHIP_KERNEL, DEVICE_INTX_PCI_2_3, 0, 1, 0, 0, false },
        { "vfio-exclusive", IRQCHIP_SPLIT, DEVICE_INTX_PCI_2_3, 0, 0, 1, 0, false },
        { "vfio-direct-eoi", IRQCHIP_KERNEL, DEVICE_INTX_PCI_2_3, 0, 0, 0, 0, false },
        { "vfio-msi", IRQCHIP_KERNEL, DEVICE_INTX_PCI_2_3, 0, 0, 0, 0, false },
        { "vfio-msi", IRQCHIP_KERNEL, DEVICE_INTX_PCI_2_3, 0, 0, 0, 0, true },
        { "kvm-assigned", IRQCHIP_KERNEL, DEVICE_INTX_PCI_2_3, 0, 1, 0, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup);
        struct device_setup *device = device_on_line(&setup, "dev", 0, 1000);
        device->arrivals.process = ARRIVAL_PERIODIC;
        own_vfio_device(device)->intx = rows[i].intx;
        own_vfio(&setup)->irqchip = rows[i].irqchip;
        own_vfio(&setup)->posted = rows[i].is_posted;
        model_run(&setup, rows[i].design, &metrics);
        double delivered = metric_of(&metrics, "devices.dev.delivered");
        assert_in_range(delivered, 485, 495);
        assert_int_equal(metric_of(&metrics, "devices.dev.config_cycles"), rows[i].config * delivered);
        assert_int_equal(metric_of(&metrics, "guests.a.eoi_exits.kernel"), rows[i].kernel * delivered);
        assert_int_equal(metric_of(&metrics, "guests.a.eoi_exits.userspace"), rows[i].userspace * delivered);
        assert_int_equal(metric_of(&metrics, "devices.dev.mmio_exits"), rows[i].mmio * delivered);
        assert_int_equal(metric_of(&metrics, "guests.a.spurious"), 0);
        assert_int_equal(metric_of(&metrics, "guests.a.exits") == 0, rows[i].is_posted);
        if (strcmp(rows[i].design, "vfio-msi") != 0 && strcmp(rows[i].design, "kvm-assigned") != 0)
            assert_int_equal(metric_of(&metrics, "lines.0.none.percent"), 0);
        metrics_free(&metrics);
    }
}

/* Without irqfd every register access exits; the first one is taken for the EOI, and finds the cause still there. */
static void without_irqfd_every_access_exits(void **state)
{
    struct setup setup;
    struct metrics metrics;

    (void)state;
    open_setup(&setup);
    own_vfio_device(device_on_line(&setup, "dev", 0, 1000))->registers = 6;
    own_vfio(&setup)->irqchip = IRQCHIP_USERSPACE;
    model_run(&setup, "vfio-automask", &metrics);
    double delivered = metric_of(&metrics, "devices.dev.delivered");
    assert_true(metric_of(&metrics, "devices.dev.mmio_exits") >= 5.9 * delivered);
    assert_true(metric_of(&metrics, "devices.dev.resignals") > 0.9 * delivered);
    metrics_free(&metrics);
}

/* With a split irqchip QEMU tells the device of a pin that was enabled last of the EOI, here dev-b, and dev-a stays
 * masked from its first interrupt on. It removes an entry by its pin alone: the end of dev-a takes that of dev-b. */
static void one_device_of_a_pin_is_told_of_the_eoi(void **state)
{
    static const struct {
        enum irqchip_kind irqchip;
        enum resample_kind resample;
        uint32_t line_b;
        bool ends; /* dev-a, after 100 ms */
        bool is_masked_a, is_masked_b;
    } rows[] = {
        { IRQCHIP_KERNEL, RESAMPLE_FIRST, 0, false, false, false },
        { IRQCHIP_SPLIT, RESAMPLE_FIRST, 0, false, true, false },
        { IRQCHIP_SPLIT, RESAMPLE_FIRST, 1, false, false, false },
        { IRQCHIP_SPLIT, RESAMPLE_ALL, 0, false, false, false },
        { IRQCHIP_SPLIT, RESAMPLE_FIRST, 0, true, false, true },
        { IRQCHIP_SPLIT, RESAMPLE_ALL, 0, true, false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup);
        device_on_line(&setup, "dev-a", 0, 1000);
        own_vfio_device(device_on_line(&setup, "dev-b", 0, 1000))->line = rows[i].line_b;
        own_vfio(&setup)->irqchip = rows[i].irqchip;
        own_vfio(&setup)->resample = rows[i].resample;
        if (rows[i].ends)
            action(&setup, VFIO_ACTION_UNBIND, 0, 100)->device = 0;
        model_run(&setup, "vfio-automask", &metrics);
        assert_int_equal(metric_of(&metrics, "devices.dev-a.masked.percent") > 50, rows[i].is_masked_a);
        assert_int_equal(metric_of(&metrics, "devices.dev-b.masked.percent") > 50, rows[i].is_masked_b);
        assert_int_equal(metric_of(&metrics, "devices.dev-b.delivered") > 300, !rows[i].is_masked_b);
        metrics_free(&metrics);
    }
}

/* --- who waits for whom --- */

static void direct_eoi_starves_sharers_for_as_long_as_the_guest_is_away(void **state)
{
    static const uint32_t away_ms[] = { 1, 5, 20 };

    (void)state;
    for (size_t i = 0; i < COUNT(away_ms); i++) {
        struct setup setup;

        open_shared(&setup);
        own_vfio_guest(&setup.guests[0])->descheduled_ns = away_ms[i] * (uint64_t)MS;
        double starved = of(&setup, "vfio-direct-eoi", "devices.host-nic.starvation.max_ns");
        assert_in_range(starved, 0.6 * away_ms[i] * MS, 1.01 * away_ms[i] * MS);
        assert_in_range(of(&setup, "vfio-automask", "devices.host-nic.starvation.max_ns"), 1000, 20000);
        assert_in_range(of(&setup, "vfio-msi", "devices.host-nic.starvation.max_ns"), 1000, 20000);
    }
}

static void a_stopped_guest_takes_its_sharers_along_under_direct_eoi_only(void **state)
{
    static const struct {
        const char *design;
        bool dies;
    } rows[] = { { "vfio-automask", false }, { "vfio-direct-eoi", true }, { "vfio-msi", false } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;

        open_shared(&setup);
        action(&setup, VFIO_ACTION_PAUSE, 0, 100);
        bool is_dead = of(&setup, rows[i].design, "devices.host-nic.starvation.max_ns") > 390 * (double)MS;
        assert_int_equal(is_dead, rows[i].dies);
        is_dead = of(&setup, rows[i].design, "devices.dev-b.starvation.max_ns") > 390 * (double)MS;
        assert_int_equal(is_dead, rows[i].dies);
        action(&setup, VFIO_ACTION_RESUME, 0, 150);
        assert_true(of(&setup, rows[i].design, "devices.dev-a.starvation.max_ns") < 51 * (double)MS);
    }
}

/* A guest that never EOIs has had its last interrupt under automask; under direct EOI everybody on the line has. */
static void who_never_eois(void **state)
{
    struct setup setup;

    (void)state;
    open_shared(&setup);
    own_vfio_device(&setup.devices[1])->isr = DEVICE_ISR_NO_EOI;
    assert_int_equal(of(&setup, "vfio-automask", "devices.dev-a.delivered"), 0); /* its one came in the warm-up */
    assert_true(of(&setup, "vfio-automask", "devices.host-nic.starvation.max_ns") < 20000);
    assert_true(of(&setup, "vfio-direct-eoi", "devices.host-nic.starvation.max_ns") > 480 * (double)MS);
}

/* --- broken and old devices --- */

/* Sharers that interrupt often enough keep the share of unclaimed interrupts below 99.9 %: the line lives, in a storm.
 */
static void a_lying_device_kills_a_quiet_line(void **state)
{
    static const struct {
        uint32_t hertz;
        double kills;
    } rows[] = { { 20, 1 }, { 2000, 0 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup);
        setup.run.duration_ns = 1500ull * MS;
        device_on_line(&setup, "host-nic", 0, rows[i].hertz)->driver = DEVICE_DRIVER_HOST;
        own_vfio_device(device_on_line(&setup, "dev-a", 0, 10))->intx = DEVICE_INTX_SILENT;
        model_run(&setup, "vfio-automask", &metrics);
        assert_int_equal(metric_of(&metrics, "lines.0.kills"), rows[i].kills);
        assert_true(metric_of(&metrics, "lines.0.none.percent") > 98);
        if (rows[i].kills > 0)
            assert_in_range(metric_of(&metrics, "devices.host-nic.starvation.max_ns"), 10 * MS, 110 * MS);
        metrics_free(&metrics);
    }
}

/* The brake on EOIs in a row lets the guest's task run; a line that is resampled never meets it (a finding of the
 * model). */
static void who_eois_early_needs_the_brake(void **state)
{
    static const struct {
        enum irqchip_kind irqchip;
        enum vfio_revert revert;
        bool has_brakes;
    } rows[] = {
        { IRQCHIP_USERSPACE, VFIO_REVERT_NONE, true },
        { IRQCHIP_USERSPACE, VFIO_REVERT_EOI_BRAKE, false },
        { IRQCHIP_KERNEL, VFIO_REVERT_NONE, false },
        { IRQCHIP_SPLIT, VFIO_REVERT_NONE, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup);
        struct device_setup *device = device_on_line(&setup, "dev", 0, 100);
        own_vfio_device(device)->isr = DEVICE_ISR_EARLY_EOI;
        device->handler_ns = 20000;
        own_vfio(&setup)->irqchip = rows[i].irqchip;
        own_vfio(&setup)->revert = rows[i].revert;
        model_run(&setup, "vfio-automask", &metrics);
        assert_int_equal(metric_of(&metrics, "guests.a.eoi_brakes") > 0, rows[i].has_brakes);
        assert_int_equal(metric_of(&metrics, "devices.dev.delivered") > 0, rows[i].has_brakes);
        metrics_free(&metrics);
    }
}

/* On a level a lazy disable costs one more interrupt each time; on an edge the device stalls for good. */
static void lazy_disable(void **state)
{
    static const struct {
        enum irq_sampling sampling;
        enum vfio_revert revert;
        bool stalls, has_extra;
    } rows[] = {
        { IRQ_SAMPLING_LEVEL, VFIO_REVERT_NONE, false, false },
        { IRQ_SAMPLING_LEVEL, VFIO_REVERT_UNLAZY, false, true },
        { IRQ_SAMPLING_EDGE, VFIO_REVERT_NONE, false, false },
        { IRQ_SAMPLING_EDGE, VFIO_REVERT_UNLAZY, true, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup);
        own_vfio_device(device_on_line(&setup, "dev", 0, 20000))->intx = DEVICE_INTX_LEGACY;
        own_vfio(&setup)->sampling = rows[i].sampling;
        own_vfio(&setup)->irqchip = IRQCHIP_SPLIT; /* its EOI takes longer than an idle pCPU to wake up */
        own_vfio(&setup)->revert = rows[i].revert;
        model_run(&setup, "vfio-automask", &metrics);
        bool has_stalled = metric_of(&metrics, "devices.dev.starvation.max_ns") > 100 * MS;
        assert_int_equal(has_stalled, rows[i].stalls);
        if (!rows[i].stalls)
            assert_int_equal(metric_of(&metrics, "lines.0.disabled") > 1000, rows[i].has_extra);
        assert_true(metric_of(&metrics, "lines.0.depth.max") <= 1);
        metrics_free(&metrics);
    }
}

/* --- admission --- */

/* a boots, goes to MSI, b boots, a reboots: who is refused, and who starves whom. */
static void admission(void **state)
{
    static const struct {
        enum admission_policy policy;
        double refusals;
        bool starves;
    } rows[] = {
        { ADMISSION_SHARED_FALLBACK, 0, false },
        { ADMISSION_EXCLUSIVE_OR_FAIL, 1, false },
        { ADMISSION_FIRST_COME, 0, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct metrics metrics;

        open_setup(&setup);
        own_vfio_guest(&setup.guests[1])->descheduled_ns = 10 * MS;
        own_vfio_device(device_on_line(&setup, "dev-a", 0, 1000))->interrupt = DEVICE_INTERRUPT_OFF;
        own_vfio_device(device_on_line(&setup, "dev-b", 1, 1000))->interrupt = DEVICE_INTERRUPT_OFF;
        own_vfio(&setup)->admission = rows[i].policy;
        action(&setup, VFIO_ACTION_BOOT, 0, 20);
        action(&setup, VFIO_ACTION_MSI, 0, 60)->device = 0;
        action(&setup, VFIO_ACTION_BOOT, 1, 100);
        action(&setup, VFIO_ACTION_BOOT, 0, 140);
        model_run(&setup, "vfio-direct-eoi", &metrics);
        assert_int_equal(metric_of(&metrics, "devices.dev-a.refusals"), rows[i].refusals);
        assert_int_equal(metric_of(&metrics, "devices.dev-b.refusals"), 0);
        if (rows[i].refusals == 0) {
            bool is_starved = metric_of(&metrics, "devices.dev-a.starvation.max_ns") > 5 * MS;
            assert_int_equal(is_starved, rows[i].starves);
        }
        metrics_free(&metrics);
    }
}

/* The host's driver comes while a guest has the line, and again after it has left. */
static void a_host_driver_may_be_refused(void **state)
{
    static const struct {
        enum admission_policy policy;
        double refusals;
        bool delivers; /* while the guest is there */
    } rows[] = { { ADMISSION_SHARED_FALLBACK, 0, true }, { ADMISSION_EXCLUSIVE_OR_FAIL, 1, false } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int comes_back = 0; comes_back < 2; comes_back++) {
            struct setup setup;
            struct metrics metrics;

            open_setup(&setup);
            device_on_line(&setup, "host-nic", 0, 1000)->driver = DEVICE_DRIVER_HOST;
            device_on_line(&setup, "dev-a", 0, 1000);
            own_vfio(&setup)->admission = rows[i].policy;
            own_vfio_device(&setup.devices[1])->interrupt = DEVICE_INTERRUPT_OFF;
            action(&setup, VFIO_ACTION_UNBIND, 0, 10)->device = 0;
            action(&setup, VFIO_ACTION_BOOT, 0, 20);
            action(&setup, VFIO_ACTION_BIND, 0, 60)->device = 0;
            if (comes_back) {
                action(&setup, VFIO_ACTION_DESTROY, 0, 300);
                action(&setup, VFIO_ACTION_BIND, 0, 320)->device = 0;
            }
            model_run(&setup, "vfio-direct-eoi", &metrics);
            assert_int_equal(metric_of(&metrics, "devices.host-nic.refusals"), rows[i].refusals);
            assert_int_equal(metric_of(&metrics, "devices.dev-a.refusals"), 0);
            assert_int_equal(metric_of(&metrics, "devices.host-nic.delivered") > 50, rows[i].delivers || comes_back);
            metrics_free(&metrics);
        }
}

/* A killed guest's interrupt is deactivated for it; without that, its line is dead. */
static void a_killed_guest_leaves_its_line_behind(void **state)
{
    (void)state;
    for (int lacks = 0; lacks < 2; lacks++) {
        struct setup setup;

        open_shared(&setup);
        own_vfio_guest(&setup.guests[0])->descheduled_ns = 30 * MS;
        own_vfio_guest(&setup.guests[0])->descheduled_every_ns = MS;
        own_vfio(&setup)->revert = lacks ? VFIO_REVERT_DEACTIVATE : VFIO_REVERT_NONE;
        action(&setup, VFIO_ACTION_DESTROY, 0, 200);
        double starved = of(&setup, "vfio-direct-eoi", "devices.host-nic.starvation.max_ns");
        assert_int_equal(starved > 200 * (double)MS, lacks);
    }
}

/* Two devices of one guest on one of its pins, with handlers that mask it or not, and every kind of interrupt chip:
 * while one device is served, the other one interrupts. A change of the family's numbers changes the rows' last column.
 */
static void devices_share_a_pin_of_the_guest(void **state)
{
    static const struct {
        const char *design;
        enum irqchip_kind irqchip;
        uint64_t hash; /* of all metrics of the kinds of handlers, added */
    } rows[] = {
        { "vfio-automask", IRQCHIP_KERNEL, 0x7b631f8b3d6ef51bu },
        { "vfio-automask", IRQCHIP_SPLIT, 0x90b71e407f9a0e9bu },
        { "vfio-automask", IRQCHIP_USERSPACE, 0x52fc5427c87f1918u },
    };
    static const enum device_isr isrs[] = { DEVICE_ISR_NORMAL, DEVICE_ISR_ONESHOT };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t hash = 0;
        for (size_t isr = 0; isr < COUNT(isrs); isr++) {
            struct setup setup;
            struct metrics metrics;

            open_setup(&setup);
            setup.run.duration_ns = 90 * MS;
            own_vfio(&setup)->irqchip = rows[i].irqchip;
            for (int n = 0; n < 2; n++)
                own_vfio_device(device_on_line(&setup, n == 0 ? "dev-a" : "dev-b", 0, 9000))->isr = isrs[isr];
            model_run(&setup, rows[i].design, &metrics);
            assert_true(metric_of(&metrics, "irq.delivered") > 20);
            hash += metrics_hash(&metrics);
            metrics_free(&metrics);
        }
        if (hash != rows[i].hash)
            fail_msg("row %zu has other figures than before: 0x%016llx", i, (unsigned long long)hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_costs_what_its_design_costs),
        cmocka_unit_test(devices_share_a_pin_of_the_guest),
        cmocka_unit_test(without_irqfd_every_access_exits),
        cmocka_unit_test(one_device_of_a_pin_is_told_of_the_eoi),
        cmocka_unit_test(direct_eoi_starves_sharers_for_as_long_as_the_guest_is_away),
        cmocka_unit_test(a_stopped_guest_takes_its_sharers_along_under_direct_eoi_only),
        cmocka_unit_test(who_never_eois),
        cmocka_unit_test(a_lying_device_kills_a_quiet_line),
        cmocka_unit_test(who_eois_early_needs_the_brake),
        cmocka_unit_test(lazy_disable),
        cmocka_unit_test(admission),
        cmocka_unit_test(a_host_driver_may_be_refused),
        cmocka_unit_test(a_killed_guest_leaves_its_line_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
