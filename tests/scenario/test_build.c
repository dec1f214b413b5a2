/* SPDX-License-Identifier: Apache-2.0
 *
 * The setup that sections give: the documented example, the section `defaults`, and the arrivals of every process.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "models/locks/list.h"
#include "models/xen/setup.h"
#include "scenario_samples.h"

static void load(struct scenario *scenario, const char *text)
{
    char *messages;

    if (sample_load(scenario, text, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    assert_string_equal(messages, "");
    free(messages);
}

static const char example[] =
    "# What does one global tasklet lock cost idle guests\n"
    "# that share the machine with busy ones?\n"
    "name: eight-socket-steal\n"
    "machine:    { profile: westmere-ex-8s, topology: \"package:8 [numa] core:10 pu:2\" }     # or topology: host.xml\n"
    "hypervisor: { design: domain-tasklet, lock: ttas, posted: off, scheduler: credit }\n"
    "guests:\n"
    "  - { name: busy, count: 6, vcpus: 10, pin: \"package:0-3\", timer: 250Hz }\n"
    "  - { name: idle, count: 6, vcpus: 10, pin: \"package:4-7\", timer: 1kHz }\n"
    "devices:\n"
    "  - { name: vf, guest: busy, count: 4, vectors: 3, arrivals: { process: poisson, rate: 20kHz } }\n"
    "run:        { warmup: 200ms, duration: 1s, seed: 1 }\n"
    "matrix:     { hypervisor.design: [domain-tasklet, softirq-requeue] }\n"
    "expect:     [ \"guests.idle.steal.percent < 1\" ]\n";

static void example_of_the_design(void **state)
{
    struct scenario scenario;
    const struct setup *setup = &scenario.setup;

    (void)state;
    load(&scenario, example);
    assert_string_equal(scenario.name, "eight-socket-steal");
    assert_string_equal(scenario.question,
                        "What does one global tasklet lock cost idle guests that share the machine with busy ones?");
    assert_string_equal(setup->machine.profile, "westmere-ex-8s");
    assert_string_equal(setup->machine.topology, "package:8 [numa] core:10 pu:2");
    assert_int_equal(setup->machine.interconnect, INTERCONNECT_GLUELESS);
    assert_true(setup->machine.costs.frequency_hz == 2130000000 &&
                setup->machine.costs.load_modified[DISTANCE_FAR] == 400);
    assert_string_equal(setup->hypervisor.design, "domain-tasklet");
    assert_true(setup->hypervisor.lock == lock_find("ttas") && !xen_setup(setup)->posted);
    assert_true(xen_setup(setup)->timeslice_ns == 30000000 && xen_setup(setup)->timer_slop_ns == 50000);
    assert_int_equal(setup->guest_count, 2);
    assert_true(setup->guests[1].count == 6 && setup->guests[1].vcpus == 10);
    assert_string_equal(setup->guests[1].pin, "package:4-7");
    assert_true(xen_guest_setup(&setup->guests[1])->timer_millihertz == 1000000 &&
                xen_guest_setup(&setup->guests[0])->timer_millihertz == 250000);
    assert_int_equal(setup->device_count, 1);
    assert_true(setup->devices[0].guest == 0 && setup->devices[0].count == 4 && setup->devices[0].vectors == 3);
    assert_int_equal(setup->devices[0].arrivals.process, ARRIVAL_POISSON);
    assert_true(setup->devices[0].arrivals.rate_millihertz == 20000000);
    assert_true(setup->run.warmup_ns == 200000000 && setup->run.duration_ns == 1000000000 && setup->run.seed == 1);
    assert_int_equal(scenario.axis_count, 1);
    assert_int_equal(scenario.expectation_count, 1);
    assert_string_equal(scenario.expectations[0].text, "guests.idle.steal.percent < 1");
    assert_string_equal(scenario_origin(&scenario, "guests.idle.timer"), "s.yaml:8:67");
    assert_string_equal(scenario_origin(&scenario, "guests.idle.phase"), "default");
    assert_non_null(strstr(scenario_origin(&scenario, "machine.costs.load_hit"), "westmere-ex-8s.yaml:"));
    scenario_free(&scenario);
}

static void smallest_scenario_has_defaults(void **state)
{
    struct scenario scenario;

    (void)state;
    load(&scenario, SAMPLE "devices: [ { name: d } ]\n");
    assert_string_equal(scenario.question, "");
    assert_string_equal(scenario.setup.machine.profile, "westmere-ex-8s");
    assert_string_equal(scenario.setup.machine.topology, "package:8 [numa] core:10 pu:2");
    assert_string_equal(scenario.setup.guests[0].pin, "all");
    assert_int_equal(scenario.setup.devices[0].guest, 0);
    assert_int_equal(scenario.setup.devices[0].arrivals.process, ARRIVAL_POISSON);
    assert_int_equal(scenario_cell_count(&scenario), 1);
    scenario_free(&scenario);
}

static void defaults_reach_every_entry(void **state)
{
    struct scenario scenario;

    (void)state;
    load(&scenario, "name: x\n"
                    "defaults: { guests: { timer: 100Hz, vcpus: 3 }, devices: { guest: b, arrivals: { rate: 7Hz } } }\n"
                    "guests: [ { name: a }, { name: b, vcpus: 2 } ]\n"
                    "devices: [ { name: d, arrivals: { process: periodic } } ]\n");
    assert_true(xen_guest_setup(&scenario.setup.guests[0])->timer_millihertz == 100000 &&
                xen_guest_setup(&scenario.setup.guests[1])->timer_millihertz == 100000);
    assert_true(scenario.setup.guests[0].vcpus == 3 && scenario.setup.guests[1].vcpus == 2);
    assert_int_equal(scenario.setup.devices[0].guest, 1);
    assert_int_equal(scenario.setup.devices[0].arrivals.process, ARRIVAL_PERIODIC);
    assert_true(scenario.setup.devices[0].arrivals.rate_millihertz == 7000);
    assert_string_equal(scenario_origin(&scenario, "guests.a.timer"), "s.yaml:2:30");
    scenario_free(&scenario);
}

static void costs_are_overridden_whole_or_one_by_one(void **state)
{
    static const char *const sets[] = {
        "machine.costs.store_modified.near=7cy",
        "machine.costs.load_shared.far=1us",
        "machine.costs.directory_service=300cy",
        "machine.frequency=2GHz",
    };
    struct scenario scenario;
    const struct costs *costs = &scenario.setup.machine.costs;

    (void)state;
    assert_int_equal(
        sample_load(&scenario, SAMPLE "machine: { costs: { store_modified: [ 1cy, 2cy, 3cy ] } }\n", sets, 4, NULL),
        SCENARIO_OK);
    assert_true(costs->store_modified[0] == 7 && costs->store_modified[1] == 2 && costs->store_modified[2] == 3);
    assert_true(costs->load_shared[0] == 44 && costs->load_shared[2] == 2000);
    assert_true(costs->directory_service == 300 && costs->frequency_hz == 2000000000);
    assert_string_equal(scenario_origin(&scenario, "machine.costs.directory_service"), "--set 3:33");
    scenario_free(&scenario);
}

static void write_file(char *path, const char *text)
{
    int descriptor = mkstemp(path);

    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
}

static void times_come_from_list_or_file(void **state)
{
    char path[] = "/tmp/irqpath-times-XXXXXX", text[256];
    struct scenario scenario;

    (void)state;
    write_file(path, "# ms\n1ms\n\n  2.5ms\r\n2.5ms");
    snprintf(text, sizeof(text), SAMPLE "devices: [ { name: d, arrivals: { process: replay, file: %s } } ]\n", path);
    load(&scenario, text);
    assert_true(scenario.setup.devices[0].arrivals.time_count == 3);
    assert_true(scenario.setup.devices[0].arrivals.times_ns[1] == 2500000);
    scenario_free(&scenario);
    unlink(path);
    load(&scenario, SAMPLE "devices: [ { name: d, arrivals: { process: replay, times: [ 0ns, 1us ] } } ]\n");
    assert_true(scenario.setup.devices[0].arrivals.time_count == 2);
    assert_true(scenario.setup.devices[0].arrivals.times_ns[1] == 1000);
    assert_null(scenario.setup.devices[0].arrivals.works_ns);
    scenario_free(&scenario);
}

/* Of a line only what is not blank counts, and a line without that is none, be it the first or the last. */
static void blanks_around_times_count_nothing(void **state)
{
    static const struct {
        const char *text;
        uint64_t last_ns;
        uint32_t count;
    } rows[] = {
        { "\n1ms\n", 1000000, 1 },     { "\n\n\n7us", 7000, 1 },           { " \n\t\n1ms", 1000000, 1 },
        { "1ms\n2ms\n ", 2000000, 2 }, { "\t1ms \t\r\n\r\n", 1000000, 1 }, { "  # a\n#1ms\n3ns", 3, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char path[] = "/tmp/irqpath-times-XXXXXX", text[256];
        struct scenario scenario;

        write_file(path, rows[i].text);
        snprintf(text, sizeof(text), SAMPLE "devices: [ { name: d, arrivals: { process: replay, file: %s } } ]\n",
                 path);
        load(&scenario, text);
        const struct arrival_setup *arrivals = &scenario.setup.devices[0].arrivals;
        assert_int_equal(arrivals->time_count, rows[i].count);
        assert_int_equal(arrivals->times_ns[rows[i].count - 1], rows[i].last_ns);
        scenario_free(&scenario);
        unlink(path);
    }
}

static void times_may_have_works_of_their_own(void **state)
{
    char path[] = "/tmp/irqpath-times-XXXXXX", text[256];
    struct scenario scenario;

    (void)state;
    write_file(path, "# with work\n1ms \t 20us\r\n2ms\n3ms 0ns\n");
    snprintf(text, sizeof(text), SAMPLE "devices: [ { name: d, arrivals: { process: replay, file: %s } } ]\n", path);
    load(&scenario, text);
    const struct arrival_setup *arrivals = &scenario.setup.devices[0].arrivals;
    assert_true(arrivals->time_count == 3 && arrivals->times_ns[2] == 3000000);
    assert_true(arrivals->works_ns[0] == 20000 && arrivals->works_ns[1] == ARRIVAL_HANDLER);
    assert_true(arrivals->works_ns[2] == 0);
    scenario_free(&scenario);
    unlink(path);
    load(&scenario, SAMPLE "devices: [ { name: d, arrivals: { process: replay, times: [ 0ns, 1us 7us ] } } ]\n");
    assert_true(scenario.setup.devices[0].arrivals.works_ns[0] == ARRIVAL_HANDLER);
    assert_true(scenario.setup.devices[0].arrivals.works_ns[1] == 7000);
    scenario_free(&scenario);
}

static void file_errors_have_places(void **state)
{
    char path[] = "/tmp/irqpath-times-XXXXXX", text[256], expected[256], *messages;
    struct scenario scenario;

    (void)state;
    write_file(path, "1ms\n  2\n");
    snprintf(text, sizeof(text), SAMPLE "devices: [ { name: d, arrivals: { process: replay, file: %s } } ]\n", path);
    snprintf(expected, sizeof(expected), "%s:2:3: error: '2' has no unit: expected a duration (ns, us, ms, s)\n", path);
    assert_int_equal(sample_load(&scenario, text, NULL, 0, &messages), SCENARIO_INVALID);
    assert_string_equal(messages, expected);
    free(messages);
    unlink(path);
}

static void works_are_checked(void **state)
{
    static const char *const rows[][2] = {
        { "[ 0ns, 1us 7 ]", "'7' has no unit: expected a duration (ns, us, ms, s) at .devices[0].arrivals.times[1]" },
        { "[ 0ns 2000s ]", "the work '2000s' is longer than 1000s at .devices[0].arrivals.times[0]" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[300], *messages;
        struct scenario scenario;

        snprintf(text, sizeof(text), SAMPLE "devices: [ { name: d, arrivals: { process: replay, times: %s } } ]\n",
                 rows[i][0]);
        assert_int_equal(sample_load(&scenario, text, NULL, 0, &messages), SCENARIO_INVALID);
        if (strstr(messages, rows[i][1]) == NULL)
            fail_msg("%s", messages);
        free(messages);
    }
}

static void unread_keys_are_warnings(void **state)
{
    struct scenario scenario;
    char *messages;

    (void)state;
    assert_int_equal(sample_load(&scenario,
                                 SAMPLE
                                 "devices: [ { name: d, arrivals: { process: closed, rate: 5Hz, think: 1ms } } ]\n",
                                 NULL, 0, &messages),
                     SCENARIO_OK);
    assert_string_equal(messages, "3:52: warning: 'rate' has no effect with this arrival process\n");
    free(messages);
    scenario_free(&scenario);
}

/* As many kinds as a setup has room for, and one more. */
static void kinds_of_devices_are_limited(void **state)
{
    (void)state;
    for (size_t count = SETUP_DEVICES_MAX; count <= SETUP_DEVICES_MAX + 1; count++) {
        struct scenario scenario;
        char *messages, *text;
        size_t bytes;
        FILE *out = open_memstream(&text, &bytes);

        assert_non_null(out);
        fputs("# q\nname: s\nmachine: { topology: \"package:1 [numa] core:1 pu:1\" }\n"
              "hypervisor: { design: softirq-requeue }\nguests: [ { name: g } ]\ndevices:\n",
              out);
        for (size_t i = 0; i < count; i++)
            fprintf(out, "  - { name: d%zu, guest: g, arrivals: { process: poisson, rate: 1Hz } }\n", i);
        assert_int_equal(fclose(out), 0);
        enum scenario_status status = sample_load(&scenario, text, NULL, 0, &messages);
        assert_int_equal(strstr(messages, "more than 512 kinds of devices") != NULL, count > SETUP_DEVICES_MAX);
        if (status == SCENARIO_OK)
            scenario_free(&scenario);
        free(messages);
        free(text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(example_of_the_design),
        cmocka_unit_test(kinds_of_devices_are_limited),
        cmocka_unit_test(smallest_scenario_has_defaults),
        cmocka_unit_test(defaults_reach_every_entry),
        cmocka_unit_test(costs_are_overridden_whole_or_one_by_one),
        cmocka_unit_test(times_come_from_list_or_file),
        cmocka_unit_test(times_may_have_works_of_their_own),
        cmocka_unit_test(file_errors_have_places),
        cmocka_unit_test(works_are_checked),
        cmocka_unit_test(unread_keys_are_warnings),
        cmocka_unit_test(blanks_around_times_count_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
