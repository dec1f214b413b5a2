/* SPDX-License-Identifier: Apache-2.0
 *
 * The resolved text of a scenario loads to the same setup and resolves to itself; explain prints every key.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario/installation.h"
#include "scenario_samples.h"
#include "scenario/write.h"

static void assert_same_setup(struct scenario *a, struct scenario *b)
{
    for (uint32_t i = 0; i < a->setup.device_count; i++) {
        struct arrival_setup *left = &a->setup.devices[i].arrivals, *right = &b->setup.devices[i].arrivals;

        assert_true(left->time_count == right->time_count);
        if (left->time_count)
            assert_memory_equal(left->times_ns, right->times_ns, left->time_count * sizeof(uint64_t));
        free(left->times_ns);
        free(right->times_ns);
        left->times_ns = right->times_ns = NULL;
        assert_true((left->works_ns == NULL) == (right->works_ns == NULL));
        if (left->works_ns != NULL)
            assert_memory_equal(left->works_ns, right->works_ns, left->time_count * sizeof(uint64_t));
        free(left->works_ns);
        free(right->works_ns);
        left->works_ns = right->works_ns = NULL;
    }
    assert_memory_equal(&a->setup, &b->setup, sizeof(a->setup));
}

static void assert_survives(struct scenario *scenario)
{
    char *resolved = scenario_resolved_yaml(scenario), *again, *messages;
    struct scenario reloaded;

    if (sample_load(&reloaded, resolved, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s\n%s", messages, resolved);
    free(messages);
    again = scenario_resolved_yaml(&reloaded);
    assert_string_equal(again, resolved);
    assert_same_setup(scenario, &reloaded);
    assert_int_equal(reloaded.axis_count, scenario->axis_count);
    assert_int_equal(scenario_cell_count(&reloaded), scenario_cell_count(scenario));
    assert_int_equal(reloaded.headline.count, scenario->headline.count);
    for (size_t i = 0; i < scenario->headline.count; i++)
        assert_string_equal(reloaded.headline.metrics[i], scenario->headline.metrics[i]);
    scenario_free(&reloaded);
    free(again);
    free(resolved);
}

static void shipped_scenarios_survive(void **state)
{
    size_t count;
    char **names = installation_names(NULL, &count);

    (void)state;
    assert_true(count >= 5);
    for (size_t i = 0; i < count; i++) {
        struct scenario scenario;
        struct diag diag;

        diag_init(&diag);
        assert_int_equal(scenario_load(&scenario, names[i], NULL, 0, &diag), SCENARIO_OK);
        assert_int_equal(diag.message_count, 0);
        assert_string_equal(scenario.name, names[i]);
        assert_true(strlen(scenario.question) > 20 && scenario.question[strlen(scenario.question) - 1] == '?');
        assert_survives(&scenario);
        scenario_free(&scenario);
        diag_free(&diag);
    }
    installation_names_free(names, count);
}

static void every_kind_of_value_survives(void **state)
{
    static const char text[] =
        "name: x\nguests: [ { name: a, timer: 0.25Hz, placement: floating, load: compute, phase: aligned, wakes: 3Hz "
        "},\n"
        "          { name: b, timer: tickless, pirqs: 300 } ]\n"
        "hypervisor: { lock: mcs, posted: on, ratelimit: off, timer_slop: 1500ns }\n"
        "machine: { frequency: 2.13GHz, interconnect: full, costs: { load_hit: 7cy, msi_flight_ns: 1.5us } }\n"
        "devices: [ { name: r, guest: a, arrivals: { process: replay, times: [ 1ms, 1ms 7us, 2s ] } },\n"
        "           { name: o, guest: b, polled: on, handler: 5us, pirqs: last, arrivals: { process: onoff, on: 3ms } "
        "} ]\n"
        "run: { seed: 18446744073709551615, policy: random }\n"
        "matrix: { machine.topology: [ \"package:1 core:2 pu:1\", \"package:2 [numa] core:2 pu:1\" ],\n"
        "          free: [ { label: \"a b\", run.seed: 1, machine.costs.load_modified: [ 1cy, 2cy, 3cy ] } ] }\n"
        "headline: [ irq.lost, guests.a.steal.percent ]\n"
        "expect: [ \"irq.lost == 0\", \"guests.a.steal.percent == 40.5 +- 5\" ]\n";
    struct scenario scenario;
    char *messages;

    (void)state;
    if (sample_load(&scenario, text, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    free(messages);
    assert_survives(&scenario);
    scenario_free(&scenario);
}

static void text_does_not_tell_where_it_is_from(void **state)
{
    static const char *const sets[] = { "run.seed=3", "guests.g.vcpus=2" };
    struct scenario written, overridden;
    char *left, *right;

    (void)state;
    assert_int_equal(
        sample_load(&written, "run: { seed: 3 }\nguests: [ { vcpus: 2, name: g } ] # two\nname: x\n", NULL, 0, NULL),
        SCENARIO_OK);
    assert_int_equal(sample_load(&overridden, SAMPLE, sets, 2, NULL), SCENARIO_OK);
    left = scenario_resolved_yaml(&written);
    right = scenario_resolved_yaml(&overridden);
    assert_string_equal(left, right);
    free(left);
    free(right);
    scenario_free(&written);
    scenario_free(&overridden);
}

static void json_has_value_and_origin(void **state)
{
    struct scenario scenario;
    bool is_found = false;
    size_t index;
    json_t *json, *row;

    (void)state;
    assert_int_equal(sample_load(&scenario, "# Why?\n" SAMPLE "headline: [ irq.lost ]\n", NULL, 0, NULL), SCENARIO_OK);
    json = scenario_to_json(&scenario);
    assert_string_equal(json_string_value(json_object_get(json, "question")), "Why?");
    json_array_foreach(json_object_get(json, "values"), index, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "path")), "guests.g.name") != 0)
            continue;
        assert_string_equal(json_string_value(json_object_get(row, "value")), "g");
        assert_string_equal(json_string_value(json_object_get(row, "origin")), "s.yaml:3:19");
        is_found = true;
    }
    assert_true(is_found);
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "headline"), 0)), "irq.lost");
    json_decref(json);
    scenario_free(&scenario);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_scenarios_survive),
        cmocka_unit_test(every_kind_of_value_survives),
        cmocka_unit_test(text_does_not_tell_where_it_is_from),
        cmocka_unit_test(json_has_value_and_origin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
