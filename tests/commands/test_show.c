/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath show with analyses of the trace: time slices of every vCPU, and the slowest interrupts. The latency of the
 * interrupt in the scenario one-msi can be added up by hand.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include <inttypes.h>
#include <sys/resource.h>

#include "commands/show_recording.h"
#include "program.h"
#include "temporary.h"

#define ONE_MSI SOURCE_DIR "/scenarios/one-msi.yaml --set run.warmup=10ms --duration 50ms"

static struct program program;
static char result[128];

static int make_result(void **state)
{
    char arguments[512];

    (void)state;
    snprintf(result, sizeof result, "%s", temporary_path("result.cbor"));
    snprintf(arguments, sizeof arguments, "run " ONE_MSI " -q --force -o %s", result);
    program_run(&program, "", arguments);
    return program.code;
}

static int remove_result(void **state)
{
    (void)state;
    return remove(result);
}

static void show(const char *options)
{
    char arguments[512];

    snprintf(arguments, sizeof arguments, "show %s %s", options, result);
    program_run(&program, "", arguments);
}

/* Runs of one vCPU: their times sum to the measured part. */
static void timehist_sums_to_the_measured_part(void **state)
{
    uint64_t wait, delay, run, sum = 0, runs = 0;
    char *line, *rest;

    (void)state;
    show("--timehist --csv");
    assert_int_equal(program.code, 0);
    rest = program.output;
    assert_string_equal(strsep(&rest, "\n"), "time_cycles,cpu,vcpu,wait_cycles,delay_cycles,run_cycles,then");
    for (; (line = strsep(&rest, "\n")) != NULL && *line; runs++) {
        assert_int_equal(sscanf(line, "%*u,0,guest v0,%" SCNu64 ",%" SCNu64 ",%" SCNu64, &wait, &delay, &run), 3);
        sum += wait + delay + run;
        if (wait > 0 && delay > 0)
            assert_true(delay == 430 && run == 18764);
    }
    assert_int_equal(sum, 50 * 2130000);
    assert_in_range(runs, 5, 7);
    show("--timehist --trace-guest none");
    assert_int_equal(program.code, 2);
    show("--timehist --trace-window 12ms,20ms");
    assert_non_null(strstr(program.output, "delay (us)"));
}

static void the_slowest_add_up(void **state)
{
    (void)state;
    show("--slowest 2");
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "1. interrupt "));
    assert_non_null(strstr(program.output, "2. interrupt "));
    assert_null(strstr(program.output, "3. interrupt "));
    assert_null(strstr(program.output, "history begins after"));
    assert_non_null(strstr(program.output, ": 22383 cycles, 10.508 us, raised at "));
    assert_non_null(strstr(program.output, "1704        +1704  cpu0    the message reaches the LAPIC: vector 30\n"));
    assert_non_null(strstr(program.output, "13023          +25  cpu0    guest v0: blocked -> runnable\n"));
    assert_non_null(strstr(program.output, "22383           +0  cpu0    the guest's handler runs\n"));
}

/* Where nothing interrupts there is nothing to tell. */
static void without_interrupts_none_is_slow(void **state)
{
    char arguments[1024];

    (void)state;
    snprintf(arguments, sizeof arguments,
             "run " SOURCE_DIR
             "/scenarios/one-msi.yaml -q --set devices=[] --set headline=[] --duration 5ms -o %s.none",
             result);
    program_run(&program, "", arguments);
    assert_int_equal(program.code, 0);
    snprintf(arguments, sizeof arguments, "show --slowest 3 %s.none", result);
    program_run(&program, "", arguments);
    assert_int_equal(program.code, 0);
    assert_string_equal(program.output, "no interrupt reached a handler\n");
    snprintf(arguments, sizeof arguments, "%s.none", result);
    unlink(arguments);
}

/* The same steps as JSON. */
static void the_slowest_as_json(void **state)
{
    (void)state;
    show("--slowest 2 --json");
    assert_int_equal(program.code, 0);
    json_t *list = json_loads(program.output, 0, NULL), *slow = json_array_get(list, 0);
    json_t *steps = json_object_get(slow, "steps");
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_integer_value(json_object_get(slow, "cycles")), 22383);
    assert_int_equal(json_integer_value(json_object_get(slow, "ns")), 10508);
    json_int_t sum = 0;
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *step = json_array_get(steps, i);
        sum += json_integer_value(json_object_get(step, "more"));
        assert_int_equal(json_integer_value(json_object_get(step, "cycles")), sum);
    }
    assert_int_equal(sum, 22383);
    assert_string_equal(json_string_value(json_object_get(json_array_get(steps, json_array_size(steps) - 1), "text")),
                        "the guest's handler runs");
    json_decref(list);
}

/* In the families on a Linux host, too: the handler of a guest, and that of the host's own device. */
static void the_slowest_of_each_family_reach_a_handler(void **state)
{
    static const struct {
        const char *scenario, *handler;
    } rows[] = { { "vfio-shared-line", "the guest's handler runs" },
                 { "qemu-bind", "the guest's handler runs" },
                 { "nvme-drives", "the host's handler runs" } };
    char arguments[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(arguments, sizeof arguments,
                 "run " SOURCE_DIR "/scenarios/%s.yaml --set run.warmup=2ms --duration 20ms -q --force -o %s.other",
                 rows[i].scenario, result);
        program_run(&program, "", arguments);
        assert_int_equal(program.code, 0);
        snprintf(arguments, sizeof arguments, "show --slowest 3 %s.other", result);
        program_run(&program, "", arguments);
        assert_int_equal(program.code, 0);
        assert_non_null(strstr(program.output, "3. interrupt "));
        assert_non_null(strstr(program.output, rows[i].handler));
    }
    snprintf(arguments, sizeof arguments, "%s.other", result);
    unlink(arguments);
}

static void attribution_is_a_table(void **state)
{
    (void)state;
    show("--attribution");
    assert_int_equal(program.code, 0);
    assert_non_null(strstr(program.output, "guest  steal         all"));
    show("--attribution --csv");
    assert_memory_equal(program.output, "guest,loss,cause,what,cpu,culprit,cycles\n", 41);
    show("--attribution --json");
    json_t *guests = json_loads(program.output, 0, NULL), *loss, *part;
    size_t i, j, losses = 0;
    assert_int_equal(json_array_size(guests), 1);
    json_array_foreach(json_object_get(json_array_get(guests, 0), "losses"), i, loss)
    {
        json_int_t sum = 0;
        json_array_foreach(json_object_get(loss, "parts"), j, part) sum +=
            json_integer_value(json_object_get(part, "cycles"));
        assert_int_equal(sum, json_integer_value(json_object_get(loss, "cycles")));
        losses++;
    }
    assert_true(losses > 0);
    json_decref(guests);
}

/* Five interrupts of the same latency: one bucket in each histogram, the same number in each percentile. */
static void histograms_are_tables(void **state)
{
    static const char *const rows[][2] = {
        { "--histograms", "irq.latency, 5 values\n        from          to       count   up to it\n"
                          "    8.192 us    12.29 us           5  100.000 %  #" },
        { "--histograms --csv", "scenario,design,seed,metric,lowest,highest,count,unit\n"
                                "one-msi,domain-tasklet,1,irq.latency,10240,11263,5,ns\n" },
        { "--json", "\"histograms\": {\n" },
        { "--json", "\"irq.latency.p90_ns\": 10508,\n    \"irq.latency.p95_ns\": 10508,\n" },
        { "--csv", "irq.latency.p95_ns,10508,ns\n" },
        { "", "latency of interrupts      mean       p50       p90       p95       p99     p99.9       max" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        show(rows[i][0]);
        assert_int_equal(program.code, 0);
        if (strstr(program.output, rows[i][1]) == NULL)
            fail_msg("show %s lacks %s:\n%s", rows[i][0], rows[i][1], program.output);
    }
}

static void mixtures_are_refused(void **state)
{
    static const char *const options[] = { "--timehist --attribution",
                                           "--slowest 3 --csv",
                                           "--slowest 3 --trace-window 1ms,2ms",
                                           "--timehist --trace-classes irq",
                                           "--trace-guest guest",
                                           "--timehist x.cbor",
                                           "--histograms --json",
                                           "--histograms --markdown",
                                           "--histograms --attribution",
                                           "--slowest 0" };

    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        show(options[i]);
        assert_int_equal(program.code, 2);
    }
}

/* A window of a run, and the runs of its vCPUs as JSON. */
static void windows_and_json_are_of_all_analyses(void **state)
{
    json_t *run;
    json_int_t whole, part, sum = 0;
    size_t i;

    (void)state;
    show("--attribution --json");
    json_t *all = json_loads(program.output, 0, NULL);
    whole = json_integer_value(json_object_get(json_array_get(all, 0), "cycles"));
    json_decref(all);
    show("--attribution --json --trace-window 20ms,30ms");
    assert_int_equal(program.code, 0);
    json_t *some = json_loads(program.output, 0, NULL);
    part = json_integer_value(json_object_get(json_array_get(some, 0), "cycles"));
    assert_int_equal(part * 5, whole);
    json_decref(some);
    show("--timehist --json");
    assert_int_equal(program.code, 0);
    json_t *runs = json_loads(program.output, 0, NULL);
    json_array_foreach(json_object_get(runs, "runs"), i, run) sum += json_integer_value(json_object_get(run, "wait")) +
                                                                     json_integer_value(json_object_get(run, "delay")) +
                                                                     json_integer_value(json_object_get(run, "run"));
    assert_int_equal(sum, whole);
    json_decref(runs);
}

/* --- recordings --- */

static void show_recording(const char *options, const char *recording)
{
    char arguments[512];

    snprintf(arguments, sizeof arguments, "show %s %s", options, recording);
    program_run(&program, "COLUMNS=80 ", arguments);
}

static void recordings_answer(void **state)
{
    static const struct {
        const char *options, *recording, *says;
    } rows[] = {
        { "", "fio-disk.perf.txt", "loader waited 31.2 % of 866.7 us: 31.2 % behind thread fio." },
        { "--attribution", "fio-disk.perf.txt", "lost while" },
        { "--attribution --csv", "fio-disk.perf.txt", "task,time,cause,what,by,for,ticks\n" },
        { "--attribution --json", "fio-disk.perf.txt", "\"verdict\"" },
        { "--attribution --trace-window 100us,200us", "fio-disk.perf.txt", " of 100.0 us" },
        { "--attribution", "kvm-irqfd.perf.txt", "Not in the recording:\n- guest mode" },
        { "--timehist", "fio-disk.perf.txt", "the trace ends" },
        { "--timehist --json", "fio-disk.perf.txt", "\"frequency_hz\"" },
        { "--slowest 2", "fio-disk.perf.txt", "after its wake-up at" },
        { "--slowest 2 --json", "fio-disk.perf.txt", "\"wake-up\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[256];
        snprintf(path, sizeof path, SOURCE_DIR "/tests/formats/%s", rows[i].recording);
        show_recording(rows[i].options, path);
        if (program.code != 0 || strstr(program.output, rows[i].says) == NULL)
            fail_msg("show %s %s: exit %d, %s%.300s", rows[i].options, rows[i].recording, program.code, program.errors,
                     program.output);
    }
    show_recording("--attribution --trace-window 100s,200s", SOURCE_DIR "/tests/formats/fio-disk.perf.txt");
    assert_int_equal(program.code, 2);
    show_recording("--attribution", SOURCE_DIR "/README.md");
    assert_int_equal(program.code, 2);
}

/* Asking does not keep the file open. */
static void asking_leaves_no_file_open(void **state)
{
    struct rlimit limit, few;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = (struct rlimit){ 64, limit.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int i = 0; i < 100; i++) {
        assert_true(is_recording(SOURCE_DIR "/tests/formats/fio-disk.perf.txt"));
        assert_false(is_recording(SOURCE_DIR "/scenarios/none.yaml"));
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Of families on a Linux host, too. */
static void a_delivered_interrupt_is_among_the_slowest(void **state)
{
    static const char *const scenarios[] = { "vfio-shared-line", "qemu-contention", "nvme-drives", "events" };

    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        char path[] = "/tmp/irqpath-show-XXXXXX.cbor";
        temporary_file(path, ".cbor");
        program_run_with(&program,
                         "run " SOURCE_DIR "/scenarios/%s.yaml --set run.warmup=2ms --duration 10ms -q --force -o %s",
                         scenarios[i], path);
        program_run_with(&program, "show -q --slowest 3 %s", path);
        assert_int_equal(program.code, 0);
        assert_non_null(strstr(program.output, "\n3. "));
        assert_int_equal(remove(path), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(timehist_sums_to_the_measured_part),
        cmocka_unit_test(the_slowest_add_up),
        cmocka_unit_test(without_interrupts_none_is_slow),
        cmocka_unit_test(the_slowest_as_json),
        cmocka_unit_test(the_slowest_of_each_family_reach_a_handler),
        cmocka_unit_test(attribution_is_a_table),
        cmocka_unit_test(histograms_are_tables),
        cmocka_unit_test(mixtures_are_refused),
        cmocka_unit_test(windows_and_json_are_of_all_analyses),
        cmocka_unit_test(recordings_answer),
        cmocka_unit_test(asking_leaves_no_file_open),
        cmocka_unit_test(a_delivered_interrupt_is_among_the_slowest),
    };
    return cmocka_run_group_tests(tests, make_result, remove_result);
}
