/* SPDX-License-Identifier: Apache-2.0
 *
 * run_scenario: equal results for equal scenarios and seeds, progress, cancellation, and setups that must be rejected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hwloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "scenario/scenario.h"
#include "scenario/text_file.h"
#include "simulation/run.h"
#include "temporary.h"

static const char small[] = "name: small\n"
                            "machine: { profile: westmere-ex-8s, topology: \"package:2 [numa] core:2 pu:1\" }\n"
                            "hypervisor: { design: domain-tasklet }\n"
                            "guests:\n"
                            "  - { name: busy, vcpus: 2, pin: \"package:0\", timer: 250Hz, load: compute }\n"
                            "  - { name: idle, vcpus: 2, pin: \"package:1\", timer: 1kHz }\n"
                            "devices:\n"
                            "  - { name: vf, guest: busy, vectors: 2, polled: on, arrivals: { rate: 8kHz } }\n"
                            "run: { warmup: 5ms, duration: 20ms, seed: 1 }\n";

static void load(struct scenario *scenario, const char *const *sets, size_t set_count)
{
    struct diag diag;

    diag_init(&diag);
    assert_int_equal(scenario_load_text(scenario, "small.yaml", small, strlen(small), sets, set_count, &diag),
                     SCENARIO_OK);
    diag_free(&diag);
}

/* With this design; NULL: the scenario's own. */
static void run(const struct scenario *scenario, const char *design, uint64_t seed, struct result *result)
{
    struct scenario with_design;
    struct diag diag;
    char message[256];

    diag_init(&diag);
    if (design != NULL)
        assert_int_equal(scenario_design_load(&with_design, scenario, design, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_true(run_scenario(design != NULL ? &with_design : scenario, seed, NULL, result, message, sizeof message));
    if (design != NULL)
        scenario_free(&with_design);
}

static void assert_same_metrics(const struct metrics *a, const struct metrics *b, bool same)
{
    size_t differing = 0;

    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_string_equal(a->rows[i].name, b->rows[i].name);
        differing += a->rows[i].numerator != b->rows[i].numerator || a->rows[i].denominator != b->rows[i].denominator;
    }
    assert_int_equal(differing == 0, same);
}

/* What is told of the measured time, such as the microseconds a tick, is of its ticks alone. */
static void ticks_are_those_of_the_measured_time(void **state)
{
    static const char *const warmups[] = { "run.warmup=5ms", "run.warmup=105ms" };
    uint64_t ticks[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct scenario scenario;
        struct result result;
        load(&scenario, &warmups[i], 1);
        run(&scenario, NULL, 1, &result);
        ticks[i] = result.wall.ticks;
        result_free(&result);
        scenario_free(&scenario);
    }
    assert_in_range(ticks[0], 50, 200); /* 2 at 250 Hz, 2 at 1 kHz, and the hypervisor's own */
    assert_in_range(ticks[1], ticks[0] - 10, ticks[0] + 10);
}

static void same_arguments_same_metrics(void **state)
{
    static const struct {
        const char *design[2];
        uint64_t seed[2];
        bool same;
    } rows[] = {
        { { "domain-tasklet", "domain-tasklet" }, { 1, 1 }, true },
        { { "domain-tasklet", NULL }, { 1, 1 }, true },
        { { "domain-tasklet", "domain-tasklet" }, { 1, 2 }, false },
        { { "domain-tasklet", "softirq-requeue" }, { 1, 1 }, false },
        { { "softirq-requeue", "softirq-requeue" }, { 7, 7 }, true },
    };
    struct scenario scenario;

    (void)state;
    load(&scenario, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result a, b;
        run(&scenario, rows[i].design[0], rows[i].seed[0], &a);
        run(&scenario, rows[i].design[1], rows[i].seed[1], &b);
        assert_same_metrics(&a.metrics, &b.metrics, rows[i].same);
        result_free(&a);
        result_free(&b);
    }
    scenario_free(&scenario);
}

static void designs_see_the_same_arrivals(void **state)
{
    struct scenario scenario;
    struct result a, b;

    (void)state;
    load(&scenario, (const char *const[]){ "devices.vf.polled=off" }, 1);
    run(&scenario, "domain-tasklet", 3, &a);
    run(&scenario, "softirq-requeue", 3, &b);
    assert_true(result_metric_value(&a, "devices.vf.interrupts") > 0);
    assert_true(result_metric_value(&a, "devices.vf.interrupts") == result_metric_value(&b, "devices.vf.interrupts"));
    result_free(&a);
    result_free(&b);
    scenario_free(&scenario);
}

static void result_names_what_it_is(void **state)
{
    struct scenario scenario;
    struct result result;

    (void)state;
    load(&scenario, NULL, 0);
    run(&scenario, "pirq-tasklet", 42, &result);
    assert_string_equal(result.scenario, "small");
    assert_string_equal(result.design, "pirq-tasklet");
    assert_int_equal(result.seed, 42);
    assert_int_equal(result.simulated_ns, 25000000);
    assert_false(result.is_partial);
    assert_non_null(strstr(result.resolved, "design: pirq-tasklet"));
    assert_non_null(strstr(result.resolved, "seed: 42"));
    result_free(&result);
    scenario_free(&scenario);
}

/* Seven pCPUs on seven chiplets wait for a lock equally long, whether a chiplet has one core or two. */
static void a_chiplet_of_one_core_is_a_chiplet(void **state)
{
    static const char *const chiplets[][2] = {
        { "machine.topology=\"package:1 [numa] l3:8 core:1 pu:1\"", "guests.g.pin=pu:1-7" },
        { "machine.topology=\"package:1 [numa] l3:8 core:2 pu:1\"",
          "guests.g.pin=\"core:2,core:4,core:6,core:8,core:10,core:12,core:14\"" },
    };
    static const char text[] = "name: chiplets\n"
                               "machine: { profile: epyc-2s }\n"
                               "xen: { costs: { software_cv_permille: 0 } }\n"
                               "hypervisor: { design: pirq-tasklet, lock: ttas }\n"
                               "guests: [ { name: g, count: 7, timer: tickless } ]\n"
                               "devices: [ { name: d, guest: g, arrivals: { process: poisson, rate: 20kHz } } ]\n"
                               "run: { warmup: 10ms, duration: 200ms, seed: 1 }\n";

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct scenario scenario;
        struct result result;
        struct diag diag;

        diag_init(&diag);
        assert_int_equal(scenario_load_text(&scenario, "chiplets.yaml", text, strlen(text), chiplets[i], 2, &diag),
                         SCENARIO_OK);
        diag_free(&diag);
        run(&scenario, NULL, 1, &result);
        assert_float_equal(result_metric_value(&result, "locks.tasklet_lock.wait.mean_ns"), 106.4, 0.05);
        assert_float_equal(result_metric_value(&result, "locks.tasklet_lock.wait.p99_ns"), 839, 0.5);
        result_free(&result);
        scenario_free(&scenario);
    }
}

static char *read_file(const char *path)
{
    struct diag diag;
    size_t bytes;
    char *text;

    diag_init(&diag);
    assert_int_equal(text_file_read(path, path, (struct place){ 0, 0, 0 }, &diag, &text, &bytes), TEXT_FILE_OK);
    diag_free(&diag);
    return text;
}

static void write_file(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static void write_topology(const char *path, const char *synthetic)
{
    hwloc_topology_t topology;

    assert_int_equal(hwloc_topology_init(&topology) | hwloc_topology_set_synthetic(topology, synthetic), 0);
    assert_int_equal(hwloc_topology_load(topology) | hwloc_topology_export_xml(topology, path, 0), 0);
    hwloc_topology_destroy(topology);
}

/* All files are gone when the runs begin. */
static void a_run_reads_no_file(void **state)
{
    static const char *const designs[] = { "domain-tasklet", "softirq-requeue" };
    const char *machine = temporary_path("machine.yaml"), *like = temporary_path("like.yaml");
    const char *times = temporary_path("times.txt"), *xml = temporary_path("cpus.xml");
    char profile[128], topology[128], arrivals[160];
    const char *const sets[] = { profile, topology, "guests.idle.pin=package:0", arrivals };
    struct scenario scenario;

    (void)state;
    snprintf(profile, sizeof profile, "machine.profile=%s", machine);
    snprintf(topology, sizeof topology, "machine.topology=%s", xml);
    snprintf(arrivals, sizeof arrivals, "devices.vf.arrivals={ process: replay, file: %s }", times);
    char *westmere = read_file(SOURCE_DIR "/scenarios/machines/westmere-ex-8s.yaml");
    write_file(like, westmere);
    write_file(machine, "name: m\nsummary: s\nlike: ./like.yaml\ntopology: \"pu:1\"\n"
                        "interconnect: full\nfrequency: 2GHz\ncosts: {}\n");
    write_file(times, "1ms\n6ms\n7ms\n");
    write_topology(xml, "package:2 [numa] core:2 pu:1");
    load(&scenario, sets, sizeof sets / sizeof *sets);
    assert_int_equal(unlink(machine) + unlink(like) + unlink(times) + unlink(xml), 0);
    for (size_t i = 0; i < 2; i++)
        for (uint64_t seed = 1; seed < 4; seed++) {
            struct result result;
            run(&scenario, designs[i], seed, &result);
            assert_string_equal(result.design, designs[i]);
            assert_true(result_metric_value(&result, "irq.raised") == 4);
            result_free(&result);
        }
    scenario_free(&scenario);
    free(westmere);
}

static void cancelled_run_is_partial(void **state)
{
    atomic_bool is_cancelled = true;
    struct run_progress progress = { .is_cancelled = &is_cancelled };
    struct scenario scenario;
    struct result result;
    char message[256];

    (void)state;
    load(&scenario, NULL, 0);
    assert_true(run_scenario(&scenario, 1, &progress, &result, message, sizeof message));
    assert_true(result.is_partial);
    assert_true(result.simulated_ns < 25000000);
    assert_int_equal(progress.total_ns, 25000000);
    result_free(&result);
    scenario_free(&scenario);
}

/* Two vCPUs that move between pCPUs take their interrupts along, and two pCPUs come to deliver one PIRQ (fixed
 * by a2a935bc5e). */
static void a_crash_is_a_result(void **state)
{
    static const char *const sets[] = { "guests.busy.placement=floating",
                                        "guests.busy.load=halt",
                                        "guests.busy.count=3",
                                        "guests.busy.pin=all",
                                        "devices.vf.count=2",
                                        "devices.vf.polled=off",
                                        "devices.vf.arrivals.rate=60kHz",
                                        "run.duration=200ms",
                                        "run.warmup=0ns" };
    static const struct {
        const char *design;
        bool crashes;
    } rows[] = { { "softirq-states", true }, { "softirq-gated", true }, { "softirq-requeue", false } };
    struct scenario scenario;

    (void)state;
    load(&scenario, sets, sizeof sets / sizeof *sets);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result result, again;
        run(&scenario, rows[i].design, 1, &result);
        run(&scenario, rows[i].design, 1, &again);
        assert_int_equal(result.is_partial, rows[i].crashes);
        assert_int_equal(result.violation.kind != NULL, rows[i].crashes);
        assert_int_equal(result.simulated_ns < 200000000, rows[i].crashes);
        assert_same_metrics(&result.metrics, &again.metrics, true);
        if (rows[i].crashes) {
            assert_string_equal(result.violation.kind, "modelled-bug");
            assert_string_equal(result.violation.text, "BUG() in dpci_softirq: STATE_RUN is set already");
            assert_true(result.violation.cpu < 4);
            assert_int_equal(result.violation.at_ns, result.simulated_ns);
            assert_int_equal(result.violation.at_ns, again.violation.at_ns);
            assert_true(result_metric_value(&result, "irq.raised") > 0);
        }
        result_free(&result);
        result_free(&again);
    }
    scenario_free(&scenario);
}

/* Nothing has been measured then. */
static void a_crash_in_the_warmup(void **state)
{
    static const char *const sets[] = { "guests.busy.placement=floating",
                                        "guests.busy.load=halt",
                                        "guests.busy.count=3",
                                        "guests.busy.pin=all",
                                        "devices.vf.count=2",
                                        "devices.vf.polled=off",
                                        "devices.vf.arrivals.rate=60kHz",
                                        "run.warmup=2s" };
    struct scenario scenario;
    struct result result;

    (void)state;
    load(&scenario, sets, sizeof sets / sizeof *sets);
    run(&scenario, "softirq-gated", 1, &result);
    assert_string_equal(result.violation.kind, "modelled-bug");
    assert_true(result.simulated_ns < 2000000000);
    assert_true(isnan(result_metric_value(&result, "guests.busy.running.percent")));
    result_free(&result);
    scenario_free(&scenario);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *sets[5];
        const char *message;
    } rows[] = {
        { { "machine.topology=package:1 core:4096 pu:1", "guests.busy.pin=all", "guests.idle.pin=all",
            "guests.busy.vcpus=128", "devices.vf.count=8" },
          NULL },
        { { "devices.vf.vectors=381" }, "guest 'busy' has 381 device vectors; its 2 vCPUs have room for 380" },
        { { "guests.busy.vcpus=8", "devices.vf.vectors=705" },
          "705 device vectors; the machine's 4 pCPUs have room for 704" },
        { { "guests.busy.vcpus=8", "devices.vf.vectors=704", "run.duration=1ms" }, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario scenario;
        struct result result;
        char message[256] = "";
        size_t count = 0;
        while (count < 5 && rows[i].sets[count] != NULL)
            count++;
        load(&scenario, rows[i].sets, count);
        bool ran = run_scenario(&scenario, 1, NULL, &result, message, sizeof message);
        assert_string_equal(message, rows[i].message != NULL ? rows[i].message : "");
        assert_int_equal(ran, rows[i].message == NULL);
        if (ran)
            result_free(&result);
        scenario_free(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_those_of_the_measured_time),
        cmocka_unit_test(same_arguments_same_metrics),
        cmocka_unit_test(designs_see_the_same_arrivals),
        cmocka_unit_test(result_names_what_it_is),
        cmocka_unit_test(a_run_reads_no_file),
        cmocka_unit_test(a_chiplet_of_one_core_is_a_chiplet),
        cmocka_unit_test(cancelled_run_is_partial),
        cmocka_unit_test(a_crash_is_a_result),
        cmocka_unit_test(a_crash_in_the_warmup),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
