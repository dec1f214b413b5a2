/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys and sections that a family reads, the reports of its checks, and the devices that its boot makes from a
 * setup.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/family/arrivals.h"
#include "models/registry.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct family *family_of(const char *name)
{
    for (size_t i = 0; i < family_count; i++)
        if (strcmp(families[i]->name, name) == 0)
            return families[i];
    fail_msg("no family %s", name);
    return NULL;
}

static void a_family_reads_its_tables_and_the_common_ones(void **state)
{
    static const struct {
        const char *family, *section, *key;
        bool reads;
    } rows[] = {
        { "xen", "hypervisor", "timeslice", true },    { "vfio", "hypervisor", "timeslice", false },
        { "xen", "hypervisor", "irqchip", false },     { "vfio", "hypervisor", "irqchip", true },
        { "xen", "hypervisor", "posted", true },       { "vfio", "hypervisor", "posted", true },
        { "vfio", "hypervisor", "design", true },      { "vfio", "devices.arrivals", "rate", true },
        { "nvme", "devices", "depth", true },          { "vfio", "devices", "depth", false },
        { "nvme", "guests", "name", false },           { "nvme", "devices.arrivals", "think", false },
        { "xen", "xen.costs", "tasklet_hold", true },  { "vfio", "xen.costs", "tasklet_hold", false },
        { "nvme", "host.costs", "userspace", false },  { "nvme", "machine.costs", "vmexit", false },
        { "nvme", "machine.costs", "load_hit", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if ((family_key(family_of(rows[i].family), rows[i].section, rows[i].key) != NULL) != rows[i].reads)
            fail_msg("%s %s.%s", rows[i].family, rows[i].section, rows[i].key);
    assert_true(family_has_section(family_of("xen"), "actions"));
    assert_false(family_has_section(family_of("nvme"), "actions"));
    assert_false(family_has_section(family_of("nvme"), "guests"));
}

/* --- reports --- */

struct written {
    enum report_severity severity;
    struct setup_key key;
    char text[200];
    uint32_t count;
};

static void keep(void *context, enum report_severity severity, struct setup_key key, const char *text,
                 const char *suggestion)
{
    struct written *written = context;

    written->severity = severity;
    written->key = key;
    written->count++;
    (void)snprintf(written->text, sizeof(written->text), "%s%s", text, suggestion);
}

static bool is_number_given(void *context, struct setup_key key)
{
    (void)context;
    return strcmp(key.key, "number") == 0;
}

static void errors_are_written_and_warnings_where_the_key_is_given(void **state)
{
    struct written written = { .count = 0 };
    const struct setup_report report = { &written, keep, is_number_given };
    const struct setup_key number = { "actions", 3, "number" }, target = { "actions", 3, "target" };

    (void)state;
    report_error(&report, target, " (did you mean 2?)", "pCPU %u", 7u);
    assert_int_equal(written.severity, REPORT_ERROR);
    assert_string_equal(written.text, "pCPU 7 (did you mean 2?)");
    assert_int_equal(written.key.index, 3);
    report_warning(&report, target, "no effect");
    assert_int_equal(written.count, 1);
    report_warning(&report, number, "no effect");
    assert_int_equal(written.count, 2);
    assert_int_equal(written.severity, REPORT_WARNING);
    report_refusal(&report, design_find("nvme-msi"), "too many");
    assert_string_equal(written.text, "the design 'nvme-msi': too many");
    assert_string_equal(written.key.section, "");
}

/* --- devices --- */

static void periods_are_rounded(void **state)
{
    (void)state;
    assert_int_equal(cycles_of_period(0, 1000000000), 0);
    assert_int_equal(cycles_of_period(1000, 2130000000), 2130000000);
    assert_int_equal(cycles_of_period(3000, 1000000000), 333333333);
    assert_int_equal(cycles_of_period(6000, 1000000001), 166666667);
}

static void a_device_has_its_arrivals_in_cycles(void **state)
{
    static uint64_t times[] = { 1000, 5000 };
    struct fixture fixture;
    struct device_setup setup = {
        .interrupts = 4,
        .arrivals = { .process = ARRIVAL_CLOSED,
                      .rate_millihertz = 1000000,
                      .think_ns = 2000,
                      .on_ns = 7000,
                      .times_ns = times,
                      .time_count = COUNT(times) },
    };

    (void)state;
    fixture_open(&fixture, "package:1 [numa] core:1 pu:1", &costs_westmere, POLICY_TIMED, 1);
    struct device device = device_kind_of(&fixture.machine, &setup, 123);
    assert_int_equal(device.handler, 123);
    assert_int_equal(device.explored_interrupts, 4);
    assert_int_equal(device.arrivals.gap, cycles_from_ns(2000, costs_westmere.frequency_hz));
    assert_int_equal(device.arrivals.on, cycles_from_ns(7000, costs_westmere.frequency_hz));
    assert_int_equal(device.arrivals.time_count, 2);
    assert_int_equal(device.arrivals.times[1], cycles_from_ns(5000, costs_westmere.frequency_hz));
    setup.arrivals.process = ARRIVAL_PERIODIC;
    setup.handler_ns = 1000;
    device = device_kind_of(&fixture.machine, &setup, 123);
    assert_int_equal(device.handler, cycles_from_ns(1000, costs_westmere.frequency_hz));
    assert_int_equal(device.arrivals.gap, cycles_of_period(1000000, costs_westmere.frequency_hz));
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_reads_its_tables_and_the_common_ones),
        cmocka_unit_test(errors_are_written_and_warnings_where_the_key_is_given),
        cmocka_unit_test(periods_are_rounded),
        cmocka_unit_test(a_device_has_its_arrivals_in_cycles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
