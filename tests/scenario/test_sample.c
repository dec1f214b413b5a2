/* SPDX-License-Identifier: Apache-2.0
 *
 * The section `sample`: what is drawn, what follows from it, and the errors.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario/sample.h"
#include "scenario_samples.h"

#define GOOD_METRICS "  metrics: [guests.g.steal.percent]\n"

static void draw_all(const char *sample, size_t machines, void (*check)(const struct scenario *, char **))
{
    struct scenario scenario;
    struct sample_points points;
    char *text, *messages;

    assert_true(asprintf(&text, SAMPLE "sample:\n  n: %zu\n" GOOD_METRICS "%s", machines, sample) > 0);
    if (sample_load(&scenario, text, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    sample_points_init(&points, scenario.sample->method, machines, scenario.sample->axis_count, 1);
    for (size_t i = 0; i < machines; i++) {
        char **texts = sample_draw(scenario.sample, &points, i);
        check(&scenario, texts);
        sample_texts_free(scenario.sample, texts);
    }
    sample_points_free(&points);
    scenario_free(&scenario);
    free(messages);
    free(text);
}

static size_t seen[16];

static void check_range(const struct scenario *scenario, char **texts)
{
    (void)scenario;
    assert_in_range(atoi(texts[0]), 4, 7);
    seen[atoi(texts[0])]++;
}

static void range_has_both_ends(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    draw_all("  axes: { cores: { range: [4, 7] } }\n", 64, check_range);
    for (size_t i = 4; i <= 7; i++)
        assert_int_equal(seen[i], 16);
}

static void check_log(const struct scenario *scenario, char **texts)
{
    (void)scenario;
    double value = strtod(texts[0], NULL);
    assert_true(value >= 0.1 && value <= 10);
    assert_string_equal(strchr(texts[0], 'm'), "ms");
    seen[value < 1]++;
}

static void log_halves_are_decades(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    draw_all("  axes: { x: { log: [0.10ms, 10.00ms] } }\n", 64, check_log);
    assert_in_range(seen[1], 31, 33);
}

static void check_settings(const struct scenario *scenario, char **texts)
{
    struct scenario machine;
    struct diag diag;
    int cores = atoi(texts[0]), threads = atoi(texts[1]);
    char topology[80];

    snprintf(topology, sizeof topology, "package:2 [numa] core:%d pu:%d", cores, threads);
    diag_init(&diag);
    assert_int_equal(sample_machine_load(&machine, scenario, 0, texts, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_string_equal(machine.setup.machine.topology, topology);
    assert_int_equal(machine.setup.guests[0].vcpus, cores * threads * 3 / 4);
    assert_null(machine.sample);
    scenario_free(&machine);
}

static void settings_follow_the_draws(void **state)
{
    (void)state;
    draw_all("  axes: { cores: { range: [2, 9] }, threads: { choice: [1, 2] } }\n"
             "  set: { machine.topology: \"package:2 [numa] core:{cores} pu:{threads}\",\n"
             "         guests.g.vcpus: \"{cores*threads*3/4}\" }\n",
             8, check_settings);
}

static const char *const kept = "xen.costs.tasklet_hold";

static void check_costs(const struct scenario *scenario, char **texts)
{
    bool has_array = false;

    assert_in_range(scenario->sample->axis_count, 40, 60);
    for (size_t i = 0; i < scenario->sample->axis_count; i++) {
        const struct sample_axis *axis = &scenario->sample->axes[i];
        assert_string_not_equal(axis->name, kept);
        if (strcmp(axis->name, "machine.costs.load_shared") == 0) {
            has_array = true;
            assert_int_equal(texts[i][0], '[');
            assert_in_range(atoi(texts[i] + 1), 40, 48);
            unsigned near, middle, far;
            int end = 0;
            assert_int_equal(sscanf(texts[i], "[%ucy, %ucy, %ucy]%n", &near, &middle, &far, &end), 3);
            assert_int_equal(end, strlen(texts[i]));
        }
        if (strcmp(axis->name, "xen.costs.dpci_body") == 0) {
            assert_in_range(atoi(texts[i]), 420, 2500);
            seen[atoi(texts[i]) < 1000]++;
        }
        if (strcmp(axis->name, "machine.costs.reads_per_socket") == 0)
            seen[2 + atoi(texts[i])]++;
    }
    assert_true(has_array);
}

static void costs_lie_on_either_side_of_the_typical(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    draw_all("  costs: [measured, seen, derived, recalled, estimate]\nxen: { costs: { tasklet_hold: 300cy } }\n"
             "run: { seed: 1 }\n",
             64, check_costs);
    assert_in_range(seen[1], 30, 33);
    assert_int_equal(seen[2], 32);
    assert_int_equal(seen[3], 32);
}

#define REDRAWN_AXES \
    "  costs: [estimate]\n  redraw: on\n  axes: { a: { range: [1, 1000000] }, b: { log: [1, 1000000000] } }\n"

/* A redraw has the values of its base but for those of its group, and the seed of its base. */
static void redraws_differ_from_their_base_in_their_group(void **state)
{
    static const char *const groups[] = { "a", "b", "costs" };
    struct scenario scenario;
    struct sample_points points;
    char *messages;

    (void)state;
    assert_int_equal(sample_load(&scenario, SAMPLE "sample:\n  n: 20\n" GOOD_METRICS REDRAWN_AXES, NULL, 0, &messages),
                     SCENARIO_OK);
    struct scenario_sample *sample = scenario.sample, plain = *sample;
    plain.is_redrawn = false;
    assert_int_equal(sample_group_count(sample), 3);
    assert_int_equal(sample->machines, 60);
    sample_points_init(&points, sample->method, sample->machines, sample->axis_count, 1);
    for (size_t machine = 0; machine < sample->machines; machine++) {
        char **redraw = sample_draw(sample, &points, machine), **base = sample_draw(&plain, &points, machine / 3);
        assert_int_equal(sample_base(sample, machine), machine / 3);
        assert_string_equal(sample_group_name(sample, machine % 3), groups[machine % 3]);
        size_t other_costs = 0;
        for (size_t axis = 2; axis < sample->axis_count; axis++)
            other_costs += strcmp(redraw[axis], base[axis]) != 0;
        assert_int_equal(strcmp(redraw[0], base[0]) != 0, machine % 3 == 0);
        assert_int_equal(strcmp(redraw[1], base[1]) != 0, machine % 3 == 1);
        assert_int_equal(other_costs > sample->axis_count / 2, machine % 3 == 2);
        sample_texts_free(sample, redraw);
        sample_texts_free(&plain, base);
    }
    sample_points_free(&points);
    scenario_free(&scenario);
    free(messages);
}

struct broken {
    const char *sample, *message;
};

static const struct broken broken[] = {
    { "  n: 4\n  axes: { x: { rang: [1, 2] } }\n" GOOD_METRICS, "did you mean 'range'" },
    { "  n: 4\n  axes: { x: { range: [1kHz, 20Hz] } }\n" GOOD_METRICS, "both ends need the same unit" },
    { "  n: 4\n  axes: { x: { range: [3, 2] } }\n" GOOD_METRICS, "the range is empty" },
    { "  n: 4\n  axes: { x: { log: [0, 2] } }\n" GOOD_METRICS, "a logarithmic range begins above 0" },
    { "  n: 4\n  axes: { x: { range: [1, 2, 3] } }\n" GOOD_METRICS, "a range is [LOWEST, HIGHEST]" },
    { "  n: 4\n  axes: { x: { choice: [] } }\n" GOOD_METRICS, "no value to choose" },
    { "  n: 4\n  axes: { cores: { range: [1, 2] } }\n  set: { guests.g.vcpus: \"{coers*2}\" }\n" GOOD_METRICS,
      "no axis has the name 'coers' at .sample.set.guests.g.vcpus (did you mean 'cores'?)" },
    { "  n: 4\n  axes: { x: { range: [1, 2] } }\n  set: { y: \"{x}\" }\n" GOOD_METRICS, "is no path like" },
    { "  n: 4\n  costs: [estimat]\n" GOOD_METRICS, "did you mean 'estimate'" },
    { "  n: 4\n  methd: lhs\n" GOOD_METRICS, "did you mean 'method'" },
    { "  n: 0\n  axes: { x: { range: [1, 2] } }\n" GOOD_METRICS, "n" },
    { "  axes: { x: { range: [1, 2] } }\n" GOOD_METRICS, "'n'" },
    { "  n: 4\n" GOOD_METRICS, "nothing is drawn" },
    { "  n: 4\n  method: lhs\n  redraw: on\n  axes: { x: { range: [1, 2] } }\n" GOOD_METRICS, "method sobol only" },
    { "  n: 4\n  axes: { x: { range: [1, 2] } }\n", "`metrics` names none" },
};

static void errors_are_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct scenario scenario;
        char *text, *messages;

        assert_true(asprintf(&text, SAMPLE "sample:\n%s", broken[i].sample) > 0);
        assert_int_equal(sample_load(&scenario, text, NULL, 0, &messages), SCENARIO_INVALID);
        if (strstr(messages, broken[i].message) == NULL)
            fail_msg("%s gives %s", broken[i].sample, messages);
        free(messages);
        free(text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(range_has_both_ends),
        cmocka_unit_test(log_halves_are_decades),
        cmocka_unit_test(settings_follow_the_draws),
        cmocka_unit_test(costs_lie_on_either_side_of_the_typical),
        cmocka_unit_test(redraws_differ_from_their_base_in_their_group),
        cmocka_unit_test(errors_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
