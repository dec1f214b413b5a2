/* SPDX-License-Identifier: Apache-2.0
 *
 * Every shipped scenario runs, shortened, under every design of its family, with the figures of shipped.hashes, and
 * sockets-1-to-8 has the costs of eight-socket-steal, as its comment says. A change of the models' numbers changes that
 * file: test_scenarios_shipped --write makes it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <math.h>
#include <string.h>

#include "models/registry.h"
#include "models_fixture.h"
#include "scenarios/scenario_run.h"

#define HASHES SOURCE_DIR "/tests/scenarios/shipped.hashes"

static FILE *hashes; /* of what a run reports: a line for each scenario and design, in order */
static bool hashes_are_written;

/* The family of the design that a scenario names. */
static const char *family_of(const char *path)
{
    struct scenario scenario;
    struct diag diag;

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, NULL, 0, &diag), SCENARIO_OK);
    const char *family = design_find(scenario.setup.hypervisor.design)->family->name;
    scenario_free(&scenario);
    diag_free(&diag);
    return family;
}

/* Whether the design's check refuses the scenario because it lacks what the scenario needs (models/family/family.h). */
static bool is_refused(const char *path, const struct design *design)
{
    char set[SETUP_NAME_BYTES + 24];
    const char *const sets[] = { set };
    struct scenario scenario;
    struct diag diag;

    diag_init(&diag);
    (void)snprintf(set, sizeof(set), "hypervisor.design=%s", design->name);
    bool is_good = scenario_load(&scenario, path, sets, 1, &diag) == SCENARIO_OK;
    if (is_good)
        scenario_free(&scenario);
    diag_free(&diag);
    return !is_good;
}

/* Scenarios in which every design of the family loses interrupts in time: that is their question. */
static bool asks_for_a_loss(const char *path)
{
    return strstr(path, "/qemu-affinity.yaml") != NULL || strstr(path, "/qemu-migrate.yaml") != NULL;
}

/* A timed scenario has a headline, unless it was made from a recording, and its own design reports all of it. */
static void assert_headline(const char *path, const char *design, const struct result *result)
{
    struct scenario scenario;
    struct diag diag;

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, NULL, 0, &diag), SCENARIO_OK);
    if (scenario.explore_expectation == NULL && strstr(path, "explore") == NULL && scenario.headline.count == 0 &&
        strstr(path, "/recorded-") == NULL)
        fail_msg("%s has no headline", path);
    for (size_t i = 0; i < scenario.headline.count; i++)
        if (strcmp(scenario.setup.hypervisor.design, design) == 0 &&
            metric_find(&result->metrics, scenario.headline.metrics[i]) == NULL)
            fail_msg("%s: no run reports %s of the headline", path, scenario.headline.metrics[i]);
    scenario_free(&scenario);
    diag_free(&diag);
}

/* The same figures as ever, whatever compiled the models. */
static void assert_figures(const char *path, const char *design, const struct result *result)
{
    char line[300], expected[300] = "";

    (void)snprintf(line, sizeof(line), "%s %s %016llx\n", strrchr(path, '/') + 1, design,
                   (unsigned long long)metrics_hash(&result->metrics));
    if (hashes_are_written)
        assert_true(fputs(line, hashes) >= 0);
    else if (fgets(expected, sizeof(expected), hashes) == NULL || strcmp(line, expected) != 0)
        fail_msg("another figure than that of shipped.hashes, where this is expected:\n%sfound:\n%s", expected, line);
}

static void runs_under_every_design_of_its_family(void **state)
{
    static const char *const sets[SCENARIO_RUN_SETS] = { "run.warmup=2ms", "run.duration=10ms" };
    glob_t files;

    (void)state;
    hashes = fopen(HASHES, hashes_are_written ? "w" : "r");
    assert_non_null(hashes);
    assert_int_equal(glob(SOURCE_DIR "/scenarios/*.yaml", 0, NULL, &files), 0);
    assert_true(files.gl_pathc >= 6);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *family = family_of(files.gl_pathv[i]);
        for (size_t design = 0; design < design_count(); design++) {
            struct result result;
            if (strcmp(design_at(design)->family->name, family) != 0 ||
                is_refused(files.gl_pathv[i], design_at(design)))
                continue;
            scenario_run(&result, files.gl_pathv[i], design_at(design)->name, sets);
            assert_false(result.is_partial);
            assert_int_equal(result.simulated_ns, 12000000);
            assert_true(result_metric_value(&result, "engine.events") > 0);
            assert_headline(files.gl_pathv[i], design_at(design)->name, &result);
            assert_figures(files.gl_pathv[i], design_at(design)->name, &result);
            if (strcmp(design_at(design)->name, "softirq-masked") != 0 &&
                strcmp(design_at(design)->name, "qemu-pirq-rfc") != 0 && !asks_for_a_loss(files.gl_pathv[i]))
                assert_true(result_metric_value(&result, "irq.lost") == 0);
            result_free(&result);
        }
    }
    globfree(&files);
    assert_int_equal(fgetc(hashes), EOF);
    assert_int_equal(fclose(hashes), 0);
}

/* The two scenarios differ only in shape and load; the costs chosen for one are those of the other. */
static void sockets_have_the_headline_costs(void **state)
{
    struct scenario headline, sockets;
    struct diag diag;

    (void)state;
    diag_init(&diag);
    assert_int_equal(scenario_load(&headline, SOURCE_DIR "/scenarios/eight-socket-steal.yaml", NULL, 0, &diag), 0);
    assert_int_equal(scenario_load(&sockets, SOURCE_DIR "/scenarios/sockets-1-to-8.yaml", NULL, 0, &diag), 0);
    assert_memory_equal(&headline.setup.machine.costs, &sockets.setup.machine.costs, sizeof(struct costs));
    scenario_free(&headline);
    scenario_free(&sockets);
    diag_free(&diag);
}

int main(int argc, char *argv[])
{
    hashes_are_written = argc == 2 && strcmp(argv[1], "--write") == 0;
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_under_every_design_of_its_family),
        cmocka_unit_test(sockets_have_the_headline_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
