/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores a shared INTx line in every interleaving: three devices, one of them of a guest that loses its pCPU at any
 * point, with the I/O APIC in KVM and in QEMU; and the admission race with both devices asserting. Each exploration
 * must be complete and clean.
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

static void every_order_is_clean(void **state)
{
    static const struct {
        const char *name, *set;
    } rows[] = {
        { "vfio-explore-shared", "hypervisor.irqchip=kernel" },
        { "vfio-explore-shared", "hypervisor.irqchip=split" },
        { "vfio-explore-admission-race", "hypervisor.admission=first-come" },
        { "vfio-explore-admission-race", "hypervisor.admission=shared-fallback" },
        { "vfio-explore-switch", "hypervisor.irqchip=kernel" },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scenario scenario;
        struct explore_world world;
        struct explore_outcome outcome;
        struct diag diag;
        char path[256], message[256];

        (void)snprintf(path, sizeof(path), SOURCE_DIR "/scenarios/%s.yaml", rows[i].name);
        diag_init(&diag);
        assert_int_equal(scenario_load(&scenario, path, &rows[i].set, 1, &diag), SCENARIO_OK);
        diag_free(&diag);
        assert_true(
            explore_world_open(&world, &scenario, scenario.setup.hypervisor.design, NULL, message, sizeof(message)));
        struct explore_subject subject = explore_world_subject(&world);
        explore_search(&subject, &explore_default_limits, &outcome);
        if (outcome.verdict != EXPLORE_CLEAN)
            fail_msg("%s %s: %s %s", rows[i].name, rows[i].set, violation_name(outcome.violation.kind),
                     outcome.violation.text);
        explore_outcome_free(&outcome);
        explore_world_close(&world);
        scenario_free(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_order_is_clean) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
