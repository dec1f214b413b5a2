/* SPDX-License-Identifier: Apache-2.0
 *
 * VM exits are reported by reason, each under its own name, and the reasons add up to all exits.
 */
#include "models/family/exits.h"

#include <stdio.h>

#include "death.h"
#include "models_fixture.h"

static const char *const names[VM_EXIT_COUNT] = {
    [VM_EXIT_EXTERNAL_INTERRUPT] = "external_interrupt",
    [VM_EXIT_INTERRUPT_WINDOW] = "interrupt_window",
    [VM_EXIT_HLT] = "hlt",
    [VM_EXIT_VMCALL] = "vmcall",
    [VM_EXIT_EOI] = "eoi",
    [VM_EXIT_MSR_WRITE] = "msr_write",
    [VM_EXIT_MMIO] = "mmio",
};

static void each_reason_has_a_name_of_its_own(void **state)
{
    struct vm_exits exits = { .all = 0 };
    struct metrics metrics;

    (void)state;
    for (uint32_t reason = 0; reason < VM_EXIT_COUNT; reason++)
        for (uint32_t i = 0; i <= reason; i++)
            vm_exits_note(&exits, reason);
    metrics_init(&metrics);
    vm_exits_report(&exits, &metrics, "g");
    assert_int_equal(metrics.count, VM_EXIT_COUNT + 1);
    assert_int_equal(metric_of(&metrics, "guests.g.exits"), VM_EXIT_COUNT * (VM_EXIT_COUNT + 1) / 2);
    for (uint32_t reason = 0; reason < VM_EXIT_COUNT; reason++) {
        char name[METRIC_NAME_BYTES];
        (void)snprintf(name, sizeof(name), "guests.g.exits.%s", names[reason]);
        assert_int_equal(metric_of(&metrics, name), reason + 1);
    }
    metrics_free(&metrics);
}

static void report_too_many(void *argument)
{
    const struct vm_exits *exits = argument;
    struct metrics metrics;

    metrics_init(&metrics);
    vm_exits_report(exits, &metrics, "g");
}

static void an_exit_without_reason_is_noticed(void **state)
{
    struct vm_exits exits = { .all = 1 };
    (void)state;
    assert_check_fails(report_too_many, &exits, "sum == exits->all");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_a_name_of_its_own),
        cmocka_unit_test(an_exit_without_reason_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
