/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests `trace import` and `show` with the binary on recordings of other tools: perf.data, which perf itself prints,
 * switches as trace-cmd's plugin prints them, and recordings that have lost events.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <sys/stat.h>

#include "program.h"
#include "temporary.h"

static struct program program;

/* 200 interrupts, 1 ms apart, each of which wakes a vCPU for 20 us; behind 60 of them 34 events are lost. */
static void write_recording(const char *path, bool is_by_plugin, bool has_lost)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (int i = 0; i < 200; i++) {
        fprintf(file, "  swapper 0 [001] 700.%03d000000: irq:irq_handler_entry: irq=40 name=vfio-a\n", i);
        fprintf(file,
                "  swapper 0 [001] 700.%03d000800: sched:sched_waking: comm=vcpu-a pid=501 prio=120 target_cpu=001\n",
                i);
        fprintf(file, "  swapper 0 [001] 700.%03d001200: irq:irq_handler_exit: irq=40 ret=handled\n", i);
        fprintf(file,
                is_by_plugin
                    ? "  swapper 0 [001] 700.%03d002000: sched:sched_switch: swapper/1:0 [120] R ==> vcpu-a:501 "
                      "[120]\n"
                    : "  swapper 0 [001] 700.%03d002000: sched:sched_switch: prev_comm=swapper/1 prev_pid=0 "
                      "prev_prio=120 prev_state=R ==> next_comm=vcpu-a next_pid=501 next_prio=120\n",
                i);
        fprintf(file,
                is_by_plugin
                    ? "  vcpu-a 501 [001] 700.%03d022000: sched:sched_switch: vcpu-a:501 [120] S ==> swapper/1:0 "
                      "[120]\n"
                    : "  vcpu-a 501 [001] 700.%03d022000: sched:sched_switch: prev_comm=vcpu-a prev_pid=501 "
                      "prev_prio=120 prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120\n",
                i);
        if (has_lost && i == 59)
            fprintf(file, "  swapper 0 [001] 700.059022000: PERF_RECORD_LOST lost 34\n");
    }
    assert_int_equal(fclose(file), 0);
}

static double metric(json_t *metrics, const char *name) { return json_number_value(json_object_get(metrics, name)); }

/* The scenario made of the recording has its 200 interrupts and runs of 20 us. */
static void assert_imported(const char *path, const char *options)
{
    const char *scenario = temporary_path("made.yaml");

    program_run_with(&program, "trace import %s %s -o %s --force", path, options, scenario);
    if (program.code != 0)
        fail_msg("exit %d: %s", program.code, program.errors);
    program_run_with(&program, "run %s -q --json", scenario);
    assert_int_equal(program.code, 0);
    json_t *document = json_loads(program.output, 0, NULL), *metrics = json_object_get(document, "metrics");
    assert_non_null(metrics);
    assert_true(metric(metrics, "irq.raised") == 200);
    double running = metric(metrics, "guests.vcpu-a.running.percent");
    if (running < 2.009 * 0.99 || running > 2.009 * 1.01) /* 200 of 20 us in 199.022 ms */
        fail_msg("running %g %%", running);
    json_decref(document);
}

static void switches_by_plugin_are_read(void **state)
{
    (void)state;
    write_recording(temporary_path("plugin.txt"), true, false);
    assert_imported(temporary_path("plugin.txt"), "");
}

/* Refused by the line where they are missing, unless it is asked for. */
static void lost_events_are_named(void **state)
{
    static const char error[] = "line 301: 34 events lost here (--allow-lost reads the recording without them)";
    const char *path = temporary_path("lost.txt");

    (void)state;
    write_recording(path, false, true);
    program_run_with(&program, "trace import %s -o %s --force", path, temporary_path("made.yaml"));
    assert_int_equal(program.code, 2);
    assert_non_null(strstr(program.errors, error));
    assert_imported(path, "--allow-lost");
    program_run_with(&program, "show --attribution %s", path);
    assert_int_equal(program.code, 2);
    assert_non_null(strstr(program.errors, error));
    program_run_with(&program, "show --attribution --allow-lost --json %s", path);
    assert_int_equal(program.code, 0);
    json_t *document = json_loads(program.output, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(document, "lost_events")), 34);
    json_t *task = json_array_get(json_object_get(document, "tasks"), 0);
    /* From 59.022 to 60.000 ms. */
    assert_int_equal(json_integer_value(json_object_get(task, "unknown")), 978000);
    json_decref(document);
}

/* --- perf.data --- */

/* A perf that prints what one has recorded when it is called as it must be. */
static const char *const fake_perf =
    "#!/bin/sh\n"
    "expected='script --ns -f --show-lost-events -F comm,pid,tid,cpu,time,event,trace -i /proc/self/fd/0'\n"
    "[ \"$*\" = \"$expected\" ] || { echo \"called with $*\"; exit 1; }\n"
    "[ \"$(head -c 8)\" = PERFILE2 ] || { echo 'no perf.data'; exit 1; }\n"
    "exec cat '%s'\n";

static void write_perf_data(const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs("PERFILE2 and more", file);
    assert_int_equal(fclose(file), 0);
}

static void perf_data_is_printed_by_perf(void **state)
{
    char environment[256];
    const char *data = temporary_path("perf.data"), *text = temporary_path("printed.txt");

    (void)state;
    write_perf_data(data);
    write_recording(text, false, false);
    FILE *file = fopen(temporary_path("perf"), "w");
    assert_non_null(file);
    fprintf(file, fake_perf, text);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(temporary_path("perf"), 0755), 0);
    snprintf(environment, sizeof environment, "PATH=%s:$PATH", temporary_own());
    for (int is_printed = 0; is_printed < 2; is_printed++) {
        static char outputs[2][sizeof program.output];
        char arguments[256];
        snprintf(arguments, sizeof arguments, "show --timehist %s", is_printed ? text : data);
        program_run(&program, environment, arguments);
        if (program.code != 0)
            fail_msg("exit %d: %s", program.code, program.errors);
        strcpy(outputs[is_printed], program.output);
        assert_true(strlen(program.output) > 1000);
        assert_true(!is_printed || !strcmp(outputs[0], outputs[1]));
    }
}

/* What perf refuses is told in its own words. */
static void perf_is_quoted(void **state)
{
    char environment[256], arguments[256];

    (void)state;
    FILE *file = fopen(temporary_path("perf"), "w");
    assert_non_null(file);
    fputs("#!/bin/sh\necho \"Samples for 'cpu-clock' event do not have CPU attribute set.\" >&2\nexit 255\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(temporary_path("perf"), 0755), 0);
    write_perf_data(temporary_path("perf.data"));
    snprintf(environment, sizeof environment, "PATH=%s:$PATH", temporary_own());
    snprintf(arguments, sizeof arguments, "show --timehist %s", temporary_path("perf.data"));
    program_run(&program, environment, arguments);
    assert_int_equal(program.code, 2);
    if (strstr(program.errors, "perf cannot read it to its end: Samples for 'cpu-clock' event do not have CPU") == NULL)
        fail_msg("%s", program.errors);
}

/* Without perf, it is said how to get it, and how to print the file where it was recorded. */
static void without_perf_it_says_how_to(void **state)
{
    char environment[256], arguments[256];

    (void)state;
    write_perf_data(temporary_path("perf.data"));
    assert_int_equal(mkdir(temporary_path("empty"), 0755), 0);
    snprintf(environment, sizeof environment, "PATH=%s", temporary_path("empty"));
    snprintf(arguments, sizeof arguments, "show --timehist %s", temporary_path("perf.data"));
    program_run(&program, environment, arguments);
    assert_int_equal(program.code, 2);
    if (strstr(program.errors, "takes the program perf, which is not installed (apt-get install linux-perf") == NULL ||
        strstr(program.errors, "perf script --ns -F comm,pid,tid,cpu,time,event,trace >FILE.txt") == NULL)
        fail_msg("%s", program.errors);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(switches_by_plugin_are_read),  cmocka_unit_test(lost_events_are_named),
        cmocka_unit_test(perf_data_is_printed_by_perf), cmocka_unit_test(perf_is_quoted),
        cmocka_unit_test(without_perf_it_says_how_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
