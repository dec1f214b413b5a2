/* SPDX-License-Identifier: Apache-2.0
 *
 * Which designs know which keys: every key that belongs to some families only is a key, families that read it do so in
 * a scenario, and explain leaves out what a design does not read.
 */
#define _GNU_SOURCE
#include "scenario/families.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/family/family.h"
#include "scenario/options.h"
#include "scenario/scenario.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void keys_belong_to_families(void **state)
{
    static const struct {
        const char *family, *section, *key;
        bool reads;
    } rows[] = {
        { "xen", "hypervisor", "timeslice", true },
        { "vfio", "hypervisor", "timeslice", false },
        { "xen", "hypervisor.", "irqchip", false },
        { "vfio", "hypervisor", "irqchip", true },
        { "xen", "hypervisor", "posted", true },
        { "vfio", "hypervisor", "posted", true },
        { "vfio", "hypervisor", "design", true },
        { "xen", "devices.nic", "line", true },
        { "vfio", "devices.nic", "line", true },
        { "vfio", "devices.nic.arrivals", "rate", true },
        { "vfio", "guests.g", "timer", false },
        { "fio", "hypervisor", "posted", false }, /* whole words */
        { "nvme", "devices.d", "depth", true },
        { "vfio", "devices.d", "depth", false },
        { "nvme", "", "guests", false },
        { "nvme", "devices.d", "guest", false },
        { "xen", "guests.line", "line", true }, /* no key of that section: nobody's in particular */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (family_reads(rows[i].family, rows[i].section, rows[i].key) != rows[i].reads)
            fail_msg("%s %s.%s", rows[i].family, rows[i].section, rows[i].key);
    assert_true(family_does("xen", "destroy"));
    assert_false(family_does("xen", "boot"));
    assert_false(family_does("vfio", "attach"));
    assert_true(family_does("vfio", "pause"));
}

/* Each family reads some keys that the other does not: the lists name keys that there are. */
static void every_family_has_keys_of_its_own(void **state)
{
    static const struct {
        const char *section;
        const struct option_table *table;
        size_t xen, vfio; /* keys that only this one reads */
    } rows[] = {
        { "hypervisor", &hypervisor_options, 7, 4 },
        { "guests", &guest_options, 9, 2 },
        { "devices", &device_options, 9, 5 },
        { "actions", &action_options, 4, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t xen = 0, vfio = 0;
        for (size_t row = 0; row < rows[i].table->count; row++) {
            const char *key = rows[i].table->rows[row].key;
            bool by_xen = family_reads("xen", rows[i].section, key),
                 by_vfio = family_reads("vfio", rows[i].section, key);
            xen += by_xen && !by_vfio;
            vfio += by_vfio && !by_xen;
        }
        assert_int_equal(xen, rows[i].xen);
        assert_int_equal(vfio, rows[i].vfio);
    }
}

static void explain_leaves_out_what_a_design_does_not_read(void **state)
{
    struct scenario scenario;
    struct diag diag;

    (void)state;
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, SOURCE_DIR "/scenarios/one-msi.yaml", NULL, 0, &diag), SCENARIO_OK);
    char *yaml = scenario_resolved_yaml(&scenario);
    assert_non_null(strstr(yaml, "timeslice:"));
    assert_null(strstr(yaml, "irqchip:"));
    assert_null(strstr(yaml, "descheduled:"));
    assert_null(strstr(yaml, "registers:"));
    free(yaml);
    scenario_free(&scenario);
    diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_belong_to_families),
        cmocka_unit_test(every_family_has_keys_of_its_own),
        cmocka_unit_test(explain_leaves_out_what_a_design_does_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
