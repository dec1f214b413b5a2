/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios, and the texts that are parts of one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/diag.h"
#include "fuzz/targets.h"
#include "result/expect.h"
#include "scenario/profile.h"
#include "scenario/scenario.h"
#include "simulation/run.h"

#define SCENARIO SOURCE_DIR "/scenarios/one-msi.yaml"

/* Loads text as a scenario beside the shipped ones. */
static enum scenario_status load(struct scenario *scenario, const char *text, size_t count, const char *const *sets,
                                 size_t set_count)
{
    struct diag diag;

    diag_init(&diag);
    enum scenario_status status =
        scenario_load_text(scenario, SOURCE_DIR "/scenarios/fuzzed.yaml", text, count, sets, set_count, &diag);
    CHECK((status == SCENARIO_OK) == (diag.error_count == 0));
    diag_free(&diag);
    return status;
}

/* The resolved text of a scenario is one whose resolved text it is. */
static void resolve_again(const struct scenario *scenario)
{
    struct scenario again;

    char *resolved = scenario_resolved_yaml(scenario);
    CHECK(load(&again, resolved, strlen(resolved), NULL, 0) == SCENARIO_OK);
    char *resolved_again = scenario_resolved_yaml(&again);
    CHECK(strcmp(resolved, resolved_again) == 0);
    free(resolved);
    free(resolved_again);
    scenario_free(&again);
}

void fuzz_scenario(const uint8_t *bytes, size_t count)
{
    struct scenario scenario;

    if (load(&scenario, (const char *)bytes, count, NULL, 0) != SCENARIO_OK)
        return;
    resolve_again(&scenario);
    scenario_free(&scenario);
}

void fuzz_run(const uint8_t *bytes, size_t count)
{
    static const char *const sets[] = { "run.duration=20us", "run.warmup=0s", "run.drain=20us",
                                        "machine.topology=package:2 core:2 pu:1" };
    struct run_progress progress = { 0 };
    struct scenario scenario;
    struct result result;
    char message[512];

    if (load(&scenario, (const char *)bytes, count, sets, sizeof(sets) / sizeof(sets[0])) != SCENARIO_OK)
        return;
    if (run_scenario(&scenario, 1, &progress, &result, message, sizeof(message)))
        result_free(&result);
    scenario_free(&scenario);
}

void fuzz_set(const uint8_t *bytes, size_t count)
{
    static struct scenario base;
    struct scenario scenario;
    struct diag diag;
    char text[4096];
    const char *set = text;

    diag_init(&diag);
    if (!base.name)
        CHECK(scenario_load(&base, SCENARIO, NULL, 0, &diag) == SCENARIO_OK);
    if (count < sizeof(text)) {
        memcpy(text, bytes, count);
        text[count] = '\0';
        if (scenario_reload(&scenario, &base, &set, 1, &diag) == SCENARIO_OK) {
            resolve_again(&scenario);
            scenario_free(&scenario);
        }
    }
    diag_free(&diag);
}

void fuzz_expect(const uint8_t *bytes, size_t count)
{
    struct expectation expectation;
    struct diag diag;
    char text[1024];

    if (count >= sizeof(text))
        return;
    memcpy(text, bytes, count);
    text[count] = '\0';
    diag_init(&diag);
    if (expect_parse(&expectation, text, (struct place){ 0, 0, 0 }, &diag))
        expect_free(&expectation);
    diag_free(&diag);
}

void fuzz_profile(const uint8_t *bytes, size_t count)
{
    /* A machine of another name has no costs of Xen of its own, and its topology is read by the scenario that uses it,
     * which may refuse it. */
    static const char *const form = "name: x\nmachine: { profile: %s, topology: \"package:1 [numa] core:2 pu:1\" }\n"
                                    "xen: { profile: westmere-ex-8s }\nguests: [ { name: g } ]\n";
    const char *path = fuzz_file(bytes, count);
    struct scenario scenario;
    struct profile profile;
    struct diag diag;
    char text[256];

    diag_init(&diag);
    bool is_good = profile_load(&profile, &machine_profile, path, &diag);
    profile_free(&profile);
    diag_free(&diag);
    if (!is_good)
        return;
    snprintf(text, sizeof(text), form, path);
    CHECK(load(&scenario, text, strlen(text), NULL, 0) == SCENARIO_OK);
    resolve_again(&scenario);
    scenario_free(&scenario);
}

void fuzz_times(const uint8_t *bytes, size_t count)
{
    static const char *const form = "name: x\nrun: { duration: 20us, warmup: 0s, drain: 20us }\n"
                                    "guests: [ { name: g } ]\n"
                                    "devices: [ { name: d, guest: g, arrivals: { process: replay, file: %s } } ]\n";
    struct run_progress progress = { 0 };
    struct scenario scenario;
    struct result result;
    char text[512], message[512];

    snprintf(text, sizeof(text), form, fuzz_file(bytes, count));
    if (load(&scenario, text, strlen(text), NULL, 0) != SCENARIO_OK)
        return;
    if (run_scenario(&scenario, 1, &progress, &result, message, sizeof(message)))
        result_free(&result);
    scenario_free(&scenario);
}
