/* SPDX-License-Identifier: Apache-2.0
 *
 * Round trips with the binary: a run, its trace, what `trace import` makes of it, and the run of that beside the first.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "program.h"
#include "temporary.h"

static struct program program;
static char directory[64];

static void assert_near(const char *name, const char *what, double value, double expected, double tolerance)
{
    if (value < expected - tolerance || value > expected + tolerance)
        fail_msg("%s: %s is %g, expected %g +- %g", name, what, value, expected, tolerance);
}

/* Every line with that figure, one for each guest, is unmarked. */
static void assert_unmarked(const char *name, const char *figure)
{
    size_t count = 0;

    for (const char *at = program.output; (at = strstr(at, figure)) != NULL; count++) {
        const char *end = strchr(at, '\n'), *mark = strstr(at, "differs");
        if (mark != NULL && mark < end)
            fail_msg("%s: %s differs in\n%s", name, figure, program.output);
        at = end;
    }
    if (count == 0)
        fail_msg("%s: no %s in\n%s", name, figure, program.output);
}

static void assert_recorded(const char *name, const char *figure, double expected)
{
    const char *line = strstr(program.output, figure);

    if (line == NULL)
        fail_msg("%s: no %s in\n%s", name, figure, program.output);
    assert_near(name, figure, strtod(line + strlen(figure), NULL), expected, 0.1);
    assert_unmarked(name, figure);
}

/* trip.dat becomes trip.txt; false without trace-cmd. */
static bool printed_by_trace_cmd(void)
{
    char command[300];

    snprintf(command, sizeof command, "trace-cmd report -t -i %s/trip.dat >%s/trip.txt 2>%s/trace-cmd.err", directory,
             directory, directory);
    return system(command) == 0;
}

static void runs_are_repeated_from_their_traces(void **state)
{
    static const char *const one_msi = "--set devices.nic.arrivals.rate=2kHz";
    const struct {
        const char *scenario, *set, *format;
        bool is_text;   /* as trace-cmd prints it */
        double polling; /* percent of the vCPU's time; 0: it never polls */
    } runs[] = {
        { "one-msi", one_msi, "xentrace", false, 0 },
        { "one-msi", one_msi, "dat", false, 0 },
        { "one-msi", one_msi, "dat", true, 0 },
        { "posted-overcommit", "", "xentrace", false, 0 },
        { "posted-overcommit", "", "dat", false, 0 },
        { "vfio-halt-poll", "", "xentrace", false, 84.65 }, /* host.halt_polled_ns is 25395372 of 30 ms */
        { "vfio-halt-poll", "", "dat", false, 84.65 },
        { "vfio-halt-poll", "", "dat", true, 84.65 },
        { "vfio-shared-line", "", "xentrace", false, 0 },
        { "vfio-shared-line", "", "dat", true, 0 },
        { "qemu-contention", "", "xentrace", false, 0 },
        { "qemu-contention", "", "dat", false, 0 },
        { "qemu-bind", "", "xentrace", false, 0 },
        { "qemu-bind", "", "dat", false, 0 },
        { "qemu-bind", "", "dat", true, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        program_run_with(&program,
                         "run %s/scenarios/%s.yaml --set run.warmup=0s --set run.duration=30ms %s -q --force "
                         "--trace %s/trip.%s",
                         SOURCE_DIR, runs[i].scenario, runs[i].set, directory, runs[i].format);
        if (runs[i].is_text && !printed_by_trace_cmd())
            continue;
        program_run_with(&program, "trace import %s/trip.%s -o %s/trip.yaml --force", directory,
                         runs[i].is_text ? "txt" : runs[i].format, directory);
        /* Eight vCPUs, and QEMU's designs have one guest. */
        bool is_several = !strcmp(runs[i].scenario, "qemu-contention");
        const char *design = is_several ? "Design: vfio-msi, KVM's own path, assumed" : "which the recording names";
        if (program.code != 0 || strstr(program.output, design) == NULL)
            fail_msg("%s, %s: exit %d: %s", runs[i].scenario, runs[i].format, program.code, program.errors);
        if (runs[i].polling > 0)
            assert_recorded(runs[i].scenario, "polling % ", runs[i].polling);
        assert_unmarked(runs[i].scenario, "wake-ups ");
        assert_unmarked(runs[i].scenario, "running % ");
        assert_unmarked(runs[i].scenario, "runnable % (steal) ");
        if (is_several) /* with the machine's own frequency, delays too */
            assert_non_null(strstr(program.output, "\n0 figures differ"));
    }
}

/* How often the text is in the file. */
static size_t count_in(const char *path, const char *text)
{
    static char file_text[1 << 17];
    FILE *file = fopen(path, "r");
    size_t count = 0;

    assert_non_null(file);
    file_text[fread(file_text, 1, sizeof file_text - 1, file)] = '\0';
    fclose(file);
    for (const char *at = file_text; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

/* As many guests as the run had, each of its vCPUs with its own interrupts; the table is of vCPUs. */
static void guests_of_several_vcpus_stay_guests(void **state)
{
    static const char *const two_vcpus =
        "--set guests.guest.vcpus=2 --set devices.nic.vectors=4 --set devices.nic.arrivals.rate=2kHz";
    const struct {
        const char *scenario, *set, *format;
        uint32_t guests;
        const char *texts[2]; /* in the scenario */
        const char *row;      /* of the table */
    } runs[] = {
        { "one-msi",
          two_vcpus,
          "xentrace",
          1,
          { "name: guest, vcpus: 2, pin: \"pu:0-1\"", "name: guest-irq3, guest: guest, vcpu: 1, " },
          "\nguest-v1  interrupts" },
        { "one-msi",
          two_vcpus,
          "dat",
          1,
          { "name: guest, vcpus: 2, pin: \"pu:0-1\"", "name: guest-irq3, guest: guest, vcpu: 1, " },
          "\nguest-v1  interrupts" },
        { "radix-order", "", "dat", 1, { "name: guest, vcpus: 2, pin: \"pu:0-1\"", NULL }, "\nguest-v1  " },
        { "posted-eight-socket",
          "",
          "xentrace",
          12,
          { "name: busy-1, vcpus: 10, pin: \"pu:20,pu:22,pu:24,",
            "recorded v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v0\n  - { name: idle-3, vcpus: 13" },
          "\nidle-5-v12  " },
    };
    char path[80];

    (void)state;
    snprintf(path, sizeof path, "%s/guests.yaml", directory);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        program_run_with(&program,
                         "run %s/scenarios/%s.yaml --set run.warmup=0s --set run.duration=20ms %s -q --force "
                         "--trace %s/guests.%s",
                         SOURCE_DIR, runs[i].scenario, runs[i].set, directory, runs[i].format);
        program_run_with(&program, "trace import %s/guests.%s -o %s --force", directory, runs[i].format, path);
        if (program.code != 0)
            fail_msg("%s, %s: exit %d: %s", runs[i].scenario, runs[i].format, program.code, program.errors);
        assert_int_equal(count_in(path, ", vcpus: "), runs[i].guests);
        assert_int_equal(count_in(path, ", load: "), runs[i].guests);
        for (size_t t = 0; t < 2 && runs[i].texts[t] != NULL; t++)
            if (count_in(path, runs[i].texts[t]) == 0)
                fail_msg("%s, %s: no '%s'", runs[i].scenario, runs[i].format, runs[i].texts[t]);
        if (strstr(program.output, runs[i].row) == NULL)
            fail_msg("%s, %s: no '%s' in\n%s", runs[i].scenario, runs[i].format, runs[i].row, program.output);
        assert_unmarked(runs[i].scenario, "wake-ups ");
        assert_unmarked(runs[i].scenario, "running % ");
        assert_unmarked(runs[i].scenario, "runnable % (steal) ");
    }
}

/* What a scenario cannot have of a run is said. */
static void what_differs_is_explained(void **state)
{
    static const struct {
        const char *scenario, *set;
        const char *texts[3];
    } runs[] = {
        { "radix-walk",
          "",
          { "guest: 11.53 us of each run were outside of the guest, and are 6.1",
            "the recording does not say what the hypervisor did there" } },
        { "qemu-migrate",
          "",
          { "301 x msi48: their vCPU sleeps on for more than 200 us",
            "wake-ups                        2          2\n" } },
        { "nvme-drives",
          "--set devices.drive.arrivals.rate=20kHz --set devices.drive.depth=1 --set devices.drive.batch=1",
          { "Design: vfio-msi, KVM's own path, assumed",
            "The recording's own design has no guests; each thread becomes one", "irq3-nvme3q1" } },
        { "eight-socket-steal",
          "--set hypervisor.design=domain-tasklet",
          { "Design: domain-tasklet, which the recording names.",
            "no task ran where a vCPU waited, but interrupts, softirqs or the hypervisor; the scenario has those of "
            "its "
            "own devices\n" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        program_run_with(&program,
                         "run %s/scenarios/%s.yaml --set run.warmup=0s --set run.duration=%s %s -q --force --trace "
                         "%s/said.xentrace",
                         SOURCE_DIR, runs[i].scenario, i == 3 ? "10ms" : "30ms", runs[i].set, directory);
        program_run_with(&program, "trace import %s/said.xentrace -o %s/said.yaml --force", directory, directory);
        if (program.code != 0)
            fail_msg("%s: exit %d: %s", runs[i].scenario, program.code, program.errors);
        for (size_t t = 0; t < 3 && runs[i].texts[t] != NULL; t++)
            if (strstr(program.output, runs[i].texts[t]) == NULL)
                fail_msg("%s: no '%s' in\n%s", runs[i].scenario, runs[i].texts[t], program.output);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_repeated_from_their_traces),
        cmocka_unit_test(guests_of_several_vcpus_stay_guests),
        cmocka_unit_test(what_differs_is_explained),
    };

    strcpy(directory, "/tmp/irqpath-trips-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_directory_remove(directory);
    return failed;
}
