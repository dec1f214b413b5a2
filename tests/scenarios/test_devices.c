/* SPDX-License-Identifier: Apache-2.0
 *
 * Of several kinds of devices, and of several of a kind, each one counts in every design: what is delivered follows
 * from its rate, and the sum from theirs.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "scenarios/scenario_run.h"
#include "temporary.h"

enum { WARMUP_MS = 10, DURATION_MS = 40 };

/* In kHz; of the third kind there are two devices. */
static const struct {
    const char *name;
    unsigned count, rate;
} kinds[] = { { "one", 1, 1 }, { "two", 1, 2 }, { "three", 2, 3 } };

static void write_scenario(const char *path, const char *design)
{
    bool has_guests = strncmp(design, "nvme", 4) != 0, is_qemu = strncmp(design, "qemu", 4) == 0;
    bool has_lines = strncmp(design, "vfio", 4) == 0 || strncmp(design, "kvm", 3) == 0;
    static const char *const lines[] = { "line: 3, ", "line: 0, ", "line: 5, " };
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fprintf(file,
            "name: devices\n"
            "machine: { profile: skylake-sp-8s, topology: \"package:1 [numa] core:5 pu:1\" }\n"
            "hypervisor: { design: %s }\n"
            "run: { warmup: %dms, duration: %dms }\n",
            design, WARMUP_MS, DURATION_MS);
    if (has_guests)
        fprintf(file, "guests: [ { name: g, vcpus: %d, pin: \"core:1-4\" } ]\n", is_qemu ? 4 : 1);
    fputs("devices:\n", file);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        fprintf(file, "  - { name: %s, count: %u, %sarrivals: { process: periodic, rate: %ukHz } }\n", kinds[i].name,
                kinds[i].count, has_lines ? lines[i] : "", kinds[i].rate);
    assert_int_equal(fclose(file), 0);
}

static double number_of(const struct result *result, const char *name, const char *end)
{
    char metric[64];

    snprintf(metric, sizeof metric, "devices.%s.%s", name, end);
    const struct metric *found = metric_find(&result->metrics, metric);
    return found != NULL ? metric_value(found) : -1;
}

static void every_device_counts(void **state)
{
    const char *path = temporary_path("devices.yaml");

    (void)state;
    for (size_t d = 0; d < design_count(); d++) {
        const char *design = design_at(d)->name, *const no_sets[SCENARIO_RUN_SETS] = { NULL };
        struct result result;
        double sum = 0;

        write_scenario(path, design);
        scenario_run(&result, path, NULL, no_sets);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            /* The second one on a line of one's own gets no interrupt. */
            unsigned count = strcmp(design, "vfio-exclusive") == 0 ? 1 : kinds[i].count;
            double delivered = number_of(&result, kinds[i].name, "delivered");
            if (delivered != count * kinds[i].rate * DURATION_MS)
                fail_msg("%s: %.0f of %s", design, delivered, kinds[i].name);
            assert_int_equal(number_of(&result, kinds[i].name, "lost"), 0);
            assert_true(number_of(&result, kinds[i].name, "latency.mean_ns") > 0);
            sum += delivered;
        }
        assert_true(metric_value(metric_find(&result.metrics, "irq.delivered")) == sum);
        result_free(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_device_counts) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
