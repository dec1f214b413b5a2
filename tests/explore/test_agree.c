/* SPDX-License-Identifier: Apache-2.0
 *
 * `run` and `explore` agree on what a lost interrupt is. At every end of an execution that a search reaches, the
 * account of a timed run, which classifies what is outstanding after its drain, must call an interrupt lost exactly
 * where the property does; and a trace to a lost interrupt, followed step by step, must lead to a loss in the account.
 */
#include "explore_history.h"

#include <string.h>

#include "machine/devices/device.h"
#include "models/family/interrupts.h"
#include "properties/properties.h"

static const struct family *family; /* of the scenario that is explored */

/* Makes the counters those of a run that raised just what is outstanding: a search does not restore counters. */
static void set_counters(struct machine *machine)
{
    for (struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next)
        vector->device->statistics = (struct device_statistics){ .raised = 0 };
    for (struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next)
        vector->device->statistics.raised += vector->outstanding;
}

/* How many interrupts a timed run reports as lost when its drain is over in this state. */
static uint64_t lost_by_run(struct machine *machine)
{
    struct drain drain = { .measured_until = machine->engine->now, .is_over = true };
    struct metrics metrics;

    set_counters(machine);
    metrics_init(&metrics);
    family->interrupts(machine, &drain, &metrics, NULL);
    const struct metric *metric = metric_find(&metrics, "irq.lost");
    assert_non_null(metric);
    uint64_t lost = metric->numerator;
    metrics_free(&metrics);
    return lost;
}

static bool disagrees(const struct machine *machine, char *text, size_t text_bytes)
{
    char lost_text[256];
    bool is_lost = property_lost_interrupt.is_broken(machine, lost_text, sizeof(lost_text));
    uint64_t lost = lost_by_run((struct machine *)machine);

    (void)snprintf(text, text_bytes, "run: lost %llu; explore: %s", (unsigned long long)lost,
                   is_lost ? lost_text : "none");
    return is_lost != (lost > 0);
}

static const struct property agreement = {
    .name = "agreement",
    .kind = VIOLATION_MODELLED_BUG,
    .at = PROPERTY_AT_END,
    .is_broken = disagrees,
};

/* Follows the trace and asks the account. */
static uint64_t lost_after(const struct scenario *scenario, const struct explore_outcome *outcome)
{
    struct explore_world world;
    struct replay_log log;
    char message[256];

    assert_true(
        explore_world_open(&world, scenario, scenario->setup.hypervisor.design, NULL, message, sizeof(message)));
    assert_true(replay_record(&world, outcome->trace, outcome->trace_count, &log));
    uint64_t lost = lost_by_run(&world.machine);
    replay_log_free(&log);
    explore_world_close(&world);
    return lost;
}

/* Searches with the agreement as one more property, the first to be checked. Counts the losses. */
static bool search(const char *path, size_t *losses)
{
    const struct property *properties[16] = { &agreement };
    struct scenario *scenario = malloc(sizeof(*scenario));
    struct explore_world world;
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    struct diag diag;
    char message[256];
    bool is_good = true;

    assert_non_null(scenario);
    for (size_t i = 0; properties_all[i] != NULL; i++)
        properties[i + 1] = properties_all[i];
    diag_init(&diag);
    assert_int_equal(scenario_load(scenario, path, NULL, 0, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_true(
        explore_world_open(&world, scenario, scenario->setup.hypervisor.design, NULL, message, sizeof(message)));
    family = world.design->family;
    struct explore_subject subject = explore_world_subject(&world);
    subject.properties = properties;
    limits.jobs = 1; /* most searches are too short for more */
    explore_search(&subject, &limits, &outcome);
    explore_world_close(&world);
    if (outcome.verdict == EXPLORE_VIOLATION && strncmp(outcome.violation.text, "run: ", 5) == 0) {
        print_error("%s: %s\n", path, outcome.violation.text);
        is_good = false;
    }
    if (outcome.violation.kind == VIOLATION_LOST_INTERRUPT) {
        ++*losses;
        if (lost_after(scenario, &outcome) == 0) {
            print_error("%s: the trace leads to no loss in the account of a run\n", path);
            is_good = false;
        }
    }
    explore_outcome_free(&outcome);
    scenario_free(scenario);
    free(scenario);
    return is_good;
}

static void test_agreement(void **state)
{
    static const char *const patterns[] = { SOURCE_DIR "/tests/explore/*.yaml",
                                            SOURCE_DIR "/scenarios/explore-*.yaml" };
    size_t losses = 0, bad = 0;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
        glob_t found;
        assert_int_equal(glob(patterns[i], 0, NULL, &found), 0);
        for (size_t j = 0; j < found.gl_pathc; j++)
            bad += !search(found.gl_pathv[j], &losses);
        globfree(&found);
    }
    if (bad > 0)
        fail_msg("%zu scenarios", bad);
    assert_true(losses >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agreement),
    };

    return cmocka_run_group_tests_name("explore_agree", tests, NULL, NULL);
}
