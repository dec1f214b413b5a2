/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests which design simulates a recording whose own design cannot: KVM's where each vCPU has a pCPU of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "trace/import.h"

enum { TASKS = 2, CPUS = 3 };

static const struct {
    const char *name, *recorded; /* the recording's design */
    enum recorded_host host;
    uint64_t ns[TASKS][CPUS]; /* running, by task and pCPU */
    bool has_others;          /* the second task stands for others */
    const char *expected;
} rows[] = {
    { "apart", "qemu-pirq-merged", RECORDED_HOST_LINUX, { { 0, 100, 0 }, { 0, 0, 50 } }, false, "vfio-msi" },
    { "on one pCPU",
      "qemu-pirq-merged",
      RECORDED_HOST_LINUX,
      { { 0, 100, 0 }, { 0, 50, 0 } },
      false,
      "softirq-requeue" },
    { "one floats",
      "qemu-pirq-merged",
      RECORDED_HOST_LINUX,
      { { 0, 100, 0 }, { 5000, 0, 50000 } },
      false,
      "softirq-requeue" },
    { "beside others",
      "qemu-pirq-merged",
      RECORDED_HOST_LINUX,
      { { 0, 100, 0 }, { 0, 0, 50 } },
      true,
      "softirq-requeue" },
    { "without guests", "nvme-msi", RECORDED_HOST_LINUX, { { 100, 0, 0 }, { 0, 0, 50 } }, false, "vfio-msi" },
    { "its own", "vfio-automask", RECORDED_HOST_LINUX, { { 0, 100, 0 }, { 0, 50, 0 } }, false, "vfio-automask" },
    { "unknown", "", RECORDED_HOST_LINUX, { { 0, 100, 0 }, { 0, 0, 50 } }, false, "softirq-requeue" },
    { "of Xen", "", RECORDED_HOST_XEN, { { 0, 100, 0 }, { 0, 0, 50 } }, false, "softirq-requeue" },
};

static void the_design_can_simulate_it(void **state)
{
    static uint64_t ns[TASKS][WORKLOAD_CPUS_MAX];

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct workload_task tasks[TASKS] = { { .cpu_ns = ns[0] }, { .cpu_ns = ns[1] } };
        struct workload workload = { .tasks = tasks, .task_count = TASKS };
        struct recorded recorded = { .host = rows[row].host };
        char note[IMPORT_NOTE_BYTES];
        for (size_t t = 0; t < TASKS; t++)
            memcpy(ns[t], rows[row].ns[t], sizeof rows[row].ns[t]);
        tasks[1].is_others = rows[row].has_others;
        strcpy(recorded.design, rows[row].recorded);
        const struct design *design = import_design(&recorded, &workload, NULL, note);
        assert_non_null(design);
        if (strcmp(design->name, rows[row].expected) != 0 || strstr(note, design->name) == NULL)
            fail_msg("%s: %s, expected %s; '%s'", rows[row].name, design->name, rows[row].expected, note);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(the_design_can_simulate_it) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
