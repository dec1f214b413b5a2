/* SPDX-License-Identifier: Apache-2.0
 *
 * Expectations of shipped scenarios, from both sides: they are met as shipped, and not when what they are about is
 * changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scenarios/scenario_run.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct row {
    const char *scenario, *design; /* NULL: the scenario's */
    const char *sets[SCENARIO_RUN_SETS];
    const char *failing; /* metric of the first expectation that is not met; NULL: all are */
};

static void check(const struct row *row, size_t index)
{
    char path[400], message[512];
    struct scenario scenario;
    struct result result;
    struct diag diag;
    const char *failing = NULL;

    (void)snprintf(path, sizeof(path), SOURCE_DIR "/scenarios/%s", row->scenario);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, NULL, 0, &diag), SCENARIO_OK);
    scenario_run(&result, row->scenario, row->design != NULL ? row->design : scenario.setup.hypervisor.design,
                 row->sets);
    for (size_t i = 0; i < scenario.expectation_count && failing == NULL; i++)
        if (expect_evaluate(&scenario.expectations[i], &result.metrics, message, sizeof(message)) != EXPECT_MET)
            failing = scenario.expectations[i].metric;
    if (strcmp(failing == NULL ? "" : failing, row->failing == NULL ? "" : row->failing) != 0)
        fail_msg("%s, row %zu: %s", row->scenario, index, failing == NULL ? "all are met" : message);
    result_free(&result);
    scenario_free(&scenario);
    diag_free(&diag);
}

static void expectations_have_two_sides(void **state)
{
    static const struct row rows[] = {
        { "vfio-one-guest-shared.yaml", NULL, { NULL }, NULL },
        { "vfio-one-guest-shared.yaml", "vfio-automask", { NULL }, "guests.a.exits.eoi" },
        { "vfio-one-guest-shared.yaml", NULL, { "devices.dev-b.line=1" }, "guests.a.exits.eoi" },
        { "vfio-one-guest-platform.yaml", NULL, { NULL }, NULL },
        { "vfio-one-guest-platform.yaml", "vfio-automask", { NULL }, "guests.a.exits.eoi" },
        { "vfio-one-guest-platform.yaml", NULL, { "devices.dev-b.line=0" }, "devices.dev-b.delivered" },
        { "vfio-halt-poll.yaml", NULL, { NULL }, NULL },
        { "vfio-halt-poll.yaml", NULL, { "hypervisor.halt_poll=0s" }, "irq.latency.p50_ns" },
        { "vfio-halt-poll.yaml", NULL, { "devices.dev.arrivals.rate=100Hz" }, "irq.latency.p50_ns" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i], i);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(expectations_have_two_sides) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
