/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores NVMe drives: with remapped and with posted MSIs no completion is lost and no thread keeps sleeping after
 * one, whenever completions arrive, also when more are posted than a notification handler has rounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/diag.h"
#include "explore/explore.h"
#include "explore_fixture.h"
#include "scenario/scenario.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SETS 4

static void nothing_is_lost(void **state)
{
    static const char *const rows[][SETS] = {
        { NULL },
        { "devices.drive.count=1", "devices.drive.interrupts=5", "devices.drive.depth=1" },
        { "devices.drive.count=1", "devices.drive.interrupts=4", "devices.drive.depth=4", "devices.drive.batch=2" },
        { "devices.drive.count=3", "devices.drive.interrupts=1", "devices.drive.depth=1" },
        { "machine.topology=package:1 [numa] core:2 pu:1", "devices.drive.interrupts=1" },
    };
    static const char *const designs[] = { "nvme-msi", "nvme-posted-msi" };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < COUNT(rows) * COUNT(designs); i++) {
        struct scenario scenario;
        struct explore_world world;
        struct explore_outcome outcome;
        struct diag diag;
        char message[256] = "";
        size_t sets = 0;

        while (sets < SETS && rows[i / 2][sets] != NULL)
            sets++;
        diag_init(&diag);
        assert_int_equal(scenario_load(&scenario, SOURCE_DIR "/scenarios/nvme-explore.yaml", rows[i / 2], sets, &diag),
                         SCENARIO_OK);
        diag_free(&diag);
        if (!explore_world_open(&world, &scenario, designs[i % 2], NULL, message, sizeof(message)))
            fail_msg("%s", message);
        struct explore_subject subject = explore_world_subject(&world);
        explore_search(&subject, &explore_default_limits, &outcome);
        if (outcome.verdict != EXPLORE_CLEAN)
            fail_msg("%s, row %zu: %s", designs[i % 2], i / 2, outcome.violation.text);
        explore_outcome_free(&outcome);
        explore_world_close(&world);
        scenario_free(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_lost) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
