/* SPDX-License-Identifier: Apache-2.0
 *
 * The devices' counters and the outstanding interrupts add up to irq.*, each device is reported separately, and the
 * conservation law is checked.
 */
#include "models/family/interrupts.h"

#include <stdlib.h>
#include <string.h>

#include "death.h"
#include "models_fixture.h"

struct scene {
    struct engine engine;
    struct costs costs;
    struct machine machine;
    struct setup setup;
    struct device devices[2];
    struct histogram latency[2], states[TARGET_STATE_COUNT];
    struct device_vector vectors[4];
};

/* Two devices, 10 and 20 interrupts delivered after 100 and 200 ns; three more of the second are outstanding. */
static const struct drain drain = { .measured_until = 5000 };

static struct scene *scene_new(void)
{
    static struct scene scene;

    scene = (struct scene){ .engine.now = 5000, .costs.frequency_hz = 1000000000 };
    scene.machine.engine = &scene.engine;
    scene.machine.costs = &scene.costs;
    scene.setup.device_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t delivered = 10 * (i + 1);
        strcpy(scene.setup.devices[i].name, i == 0 ? "a" : "b");
        histogram_init(&scene.latency[i]);
        for (uint64_t n = 0; n < delivered; n++)
            histogram_record(&scene.latency[i], 100 * (i + 1));
        scene.devices[i] = (struct device){
            .statistics = { .raised = delivered + 1 + 3 * i, .delivered = delivered, .coalesced = 1, .absorbed = i },
            .starvation_max = 300,
            .latency = &scene.latency[i],
        };
    }
    scene.vectors[0] = (struct device_vector){ .device = &scene.devices[1], .outstanding = 1, .first_raise = 1000 };
    scene.vectors[1] = (struct device_vector){ .device = &scene.devices[0] };
    scene.vectors[2] = (struct device_vector){ .device = &scene.devices[1] };
    scene.vectors[3] = (struct device_vector){ .device = &scene.devices[1], .outstanding = 2, .first_raise = 2000 };
    return &scene;
}

static void report(struct scene *scene, struct metrics *metrics, struct stuck_interrupts *stuck)
{
    struct interrupts interrupts = interrupts_begin(&scene->machine, &drain, &scene->setup, scene->devices);

    for (uint32_t i = 0; i < 4; i++)
        interrupts_outstanding(&interrupts, &scene->vectors[i],
                               (struct interrupt_fate){ i == 3, i == 3 ? "nowhere" : "on its way" });
    metrics_init(metrics);
    interrupts_report(&interrupts, metrics, stuck);
}

static void devices_add_up(void **state)
{
    static const struct {
        const char *name;
        double value;
    } expected[] = {
        { "devices.a.interrupts", 11 },
        { "devices.a.pending", 0 },
        { "devices.a.latency.mean_ns", 100 },
        { "devices.a.starvation.max_ns", 300 },
        { "devices.b.delivered", 20 },
        { "devices.b.absorbed", 1 },
        { "devices.b.coalesced", 1 },
        { "devices.b.pending", 1 },
        { "devices.b.lost", 2 },
        { "devices.b.starvation.max_ns", 4000 },
        { "irq.raised", 35 },
        { "irq.delivered", 30 },
        { "irq.coalesced", 2 },
        { "irq.pending", 1 },
        { "irq.lost", 2 },
        { "irq.discarded", 0 },
        { "irq.drain_ns", 0 },
        { "irq.latency.p50_ns", 200 },
    };
    struct scene *scene = scene_new();
    struct metrics metrics;

    (void)state;
    report(scene, &metrics, NULL);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(metric_of(&metrics, expected[i].name) == expected[i].value);
    assert_int_equal(metrics.count, 2 * device_metric_table.count + irq_metric_table.count - 3);
    assert_int_equal(metrics.histogram_count, 3);
    metrics_free(&metrics);
}

static void report_without_outstanding(void *argument)
{
    struct scene *scene = argument;
    struct metrics metrics;

    metrics_init(&metrics);
    struct interrupts interrupts = interrupts_begin(&scene->machine, &drain, &scene->setup, scene->devices);
    interrupts_report(&interrupts, &metrics, NULL);
}

/* Each vector that has some is a row, by its number among its device's vectors. */
static void what_did_not_arrive_is_listed(void **state)
{
    static const struct stuck_interrupt expected[] = { { 0, 0, 3, { false, "on its way" } },
                                                       { 1, 0, 1, { false, "on its way" } },
                                                       { 1, 2, 2, { true, "nowhere" } } };
    struct scene *scene = scene_new();
    struct stuck_interrupts stuck;
    struct metrics metrics;

    (void)state;
    scene->vectors[1].outstanding = 3; /* told after a vector of the second device */
    scene->devices[0].statistics.raised += 3;
    report(scene, &metrics, &stuck);
    assert_int_equal(stuck.count, 3);
    for (size_t i = 0; i < stuck.count; i++) {
        assert_int_equal(stuck.rows[i].device, expected[i].device);
        assert_int_equal(stuck.rows[i].vector, expected[i].vector);
        assert_int_equal(stuck.rows[i].count, expected[i].count);
        assert_int_equal(stuck.rows[i].fate.is_lost, expected[i].fate.is_lost);
        assert_string_equal(stuck.rows[i].fate.place, expected[i].fate.place);
    }
    free(stuck.rows);
    metrics_free(&metrics);
}

static void an_interrupt_that_vanished_is_caught(void **state)
{
    (void)state;
    assert_check_fails(report_without_outstanding, scene_new(), "raised");
}

static enum target_state running(const struct device_vector *vector)
{
    (void)vector;
    return TARGET_RUNNING;
}

static void states_are_told_where_they_are_asked_for(void **state)
{
    struct scene *scene = scene_new();
    struct metrics metrics;

    (void)state;
    metrics_init(&metrics);
    interrupts_report_states(&scene->setup, scene->devices, &metrics);
    assert_int_equal(metrics.count, 0);
    for (int i = 0; i < TARGET_STATE_COUNT; i++) {
        histogram_init(&scene->states[i]);
        scene->devices[1].latency_by_state[i] = &scene->states[i];
    }
    scene->devices[1].target_state = running;
    histogram_record(&scene->states[TARGET_BLOCKED], 7);
    interrupts_report_states(&scene->setup, scene->devices, &metrics);
    assert_int_equal(metrics.count, irq_state_metric_table.count);
    assert_true(metric_of(&metrics, "irq.latency_running.count") == 0);
    assert_true(metric_of(&metrics, "irq.latency_blocked.count") == 1);
    assert_true(metric_of(&metrics, "irq.latency_blocked.max_ns") == 7);
    metrics_free(&metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_add_up),
        cmocka_unit_test(what_did_not_arrive_is_listed),
        cmocka_unit_test(an_interrupt_that_vanished_is_caught),
        cmocka_unit_test(states_are_told_where_they_are_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
