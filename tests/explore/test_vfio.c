/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores the VFIO paths: a shared line in every interleaving, admission to direct EOI and its conflicts, guests that
 * stop or are killed while their interrupt is active, the change from direct EOI to automask, the ways of resampling,
 * and the code before and after every fix on this path (tests/explore/COMMIT-WORD-before.yaml and -after.yaml).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "explore/explore.h"
#include "explore_fixture.h"
#include "scenario/scenario.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SETS 4

struct row {
    const char *path, *sets[SETS];
    const char *expected; /* "clean", or a kind and the beginning of a text; NULL: the scenario's `expect` */
};

static void check(const struct row *row)
{
    struct scenario scenario;
    struct explore_world world;
    struct explore_outcome outcome;
    struct diag diag;
    char path[256], message[256], found[500] = "clean";
    size_t sets = 0;

    while (sets < SETS && row->sets[sets] != NULL)
        sets++;
    (void)snprintf(path, sizeof(path), SOURCE_DIR "/%s.yaml", row->path);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, row->sets, sets, &diag), SCENARIO_OK);
    diag_free(&diag);
    if (!explore_world_open(&world, &scenario, scenario.setup.hypervisor.design, NULL, message, sizeof(message)))
        fail_msg("%s: %s", path, message);
    struct explore_subject subject = explore_world_subject(&world);
    explore_search(&subject, &explore_default_limits, &outcome);
    assert_int_not_equal(outcome.verdict, EXPLORE_INCOMPLETE);
    const char *expected = row->expected;
    if (expected == NULL)
        expected = strcmp(scenario.explore_expectation, "clean") == 0 ? "clean" : scenario.explore_expectation + 10;
    if (outcome.verdict == EXPLORE_VIOLATION)
        (void)snprintf(found, sizeof(found), "%s: %s", violation_name(outcome.violation.kind), outcome.violation.text);
    if (strncmp(found, expected, strlen(expected)) != 0)
        fail_msg("%s %s: expected %s, found %s", row->path, sets > 0 ? row->sets[0] : "", expected, found);
    explore_outcome_free(&outcome);
    explore_world_close(&world);
    scenario_free(&scenario);
}

static void check_all(const struct row *rows, size_t count)
{
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < count; i++)
        check(&rows[i]);
}

#define PAUSED "scenarios/vfio-explore-paused"
#define ONE_GUEST "scenarios/vfio-explore-one-guest"
#define SHARED "scenarios/vfio-explore-shared"
#define TEARDOWN "scenarios/vfio-explore-teardown"
#define RACE "scenarios/vfio-explore-admission-race"
#define LATE "scenarios/vfio-explore-late-conflict"

static void the_questions_have_their_answers(void **state)
{
    static const struct row rows[] = {
        { PAUSED, { NULL }, "starvation: 'host-nic' waits for line 0, which the stopped guest 'a' keeps active" },
        { PAUSED, { "hypervisor.design=vfio-automask" }, "clean" },
        { PAUSED, { "hypervisor.admission=shared-fallback" }, "clean" },
        { TEARDOWN, { NULL }, "clean" },
        { TEARDOWN, { "hypervisor.revert=deactivate" }, "starvation: line 0 stays active" },
        { TEARDOWN, { "hypervisor.design=vfio-automask" }, "clean" },
        { RACE, { NULL }, "state-mismatch: cpu3: 'dev-b' gets no interrupt" },
        { RACE, { "hypervisor.admission=first-come", "devices.dev-a.interrupts=0" }, "clean" },
        { LATE, { NULL }, "state-mismatch: cpu2: 'dev-a' gets no interrupt" },
        { LATE, { "hypervisor.admission=shared-fallback" }, "clean" },
        { LATE, { "hypervisor.admission=first-come" }, "clean" },
        { LATE, { "hypervisor.design=vfio-automask" }, "clean" },
        { LATE, { "hypervisor.design=vfio-exclusive" }, "state-mismatch: cpu2: 'dev-a' gets no interrupt" },
    };

    (void)state;
    check_all(rows, COUNT(rows));
}

/* QEMU's split irqchip tells one device of a pin of the EOI. */
static void one_guest_with_two_devices_on_a_line(void **state)
{
    static const struct row rows[] = {
        { ONE_GUEST, { NULL }, "lost-interrupt: the device raised" },
        { ONE_GUEST, { "hypervisor.resample=all" }, "clean" },
        { ONE_GUEST, { "hypervisor.irqchip=kernel" }, "clean" },
        { ONE_GUEST, { "devices.dev-b.line=1" }, "clean" },
        { ONE_GUEST, { "devices.dev-b.line=1", "devices.dev-a.intx=legacy", "devices.dev-b.intx=legacy" }, "clean" },
        { ONE_GUEST, { "hypervisor.design=vfio-direct-eoi" }, "clean" },
        { ONE_GUEST, { "devices.dev-b.line=1", "hypervisor.design=vfio-direct-eoi" }, "clean" },
    };

    (void)state;
    check_all(rows, COUNT(rows));
}

/* Without the loss of a pCPU, which the deep tests cover. */
static void a_shared_line_loses_nothing(void **state)
{
    static const struct row rows[] = {
        { SHARED, { "guests.a.load=halt", "hypervisor.halt_poll=200us" }, "clean" },
        { SHARED,
          { "guests.a.load=halt", "hypervisor.halt_poll=200us", "hypervisor.design=vfio-msi", "hypervisor.posted=on" },
          "clean" },
        { SHARED, { "guests.a.descheduled=0s" }, "clean" },
        { SHARED, { "guests.a.descheduled=0s", "hypervisor.irqchip=split" }, "clean" },
        { SHARED,
          { "devices.dev-b.interrupts=0", "devices.dev-a.interrupts=2", "devices.host-nic.interrupts=0" },
          "clean" },
        { SHARED,
          { "devices.dev-b.interrupts=0", "devices.host-nic.interrupts=0", "hypervisor.irqchip=userspace" },
          "clean" },
        { SHARED, { "hypervisor.design=vfio-msi", "hypervisor.posted=on", "guests.a.load=halt" }, "clean" },
        { SHARED, { "devices.dev-b.line=1", "devices.host-nic.line=2", "hypervisor.design=vfio-exclusive" }, "clean" },
        { SHARED, { "guests.a.descheduled=0s", "hypervisor.design=kvm-assigned" }, "clean" },
        { SHARED, { "guests.a.descheduled=0s", "hypervisor.design=kvm-assigned", "guests.a.load=halt" }, "clean" },
        { SHARED,
          { "hypervisor.design=kvm-assigned", "devices.dev-a.interrupt=timer", "devices.dev-a.isr=task",
            "guests.a.load=halt" },
          "clean" },
        { SHARED,
          { "hypervisor.design=vfio-msi", "hypervisor.posted=on", "devices.dev-a.interrupt=direct-timer",
            "guests.a.load=halt" },
          "clean" },
        { TEARDOWN, { "hypervisor.design=kvm-assigned" }, "clean" },
    };

    (void)state;
    check_all(rows, COUNT(rows));
}

static void fixes_have_two_sides(void **state)
{
    static const char *const fixes[] = {
        "fe9a7082684e-auto-enable",  "899649b7d4ea-virq-disabled",  "810cd4bb5345-config-gate", "fef8f2b90edb-oneshot",
        "b620ecbd17a0-trigger-swap", "b68e7fa879cd-double-release", "unlazy-lazy-disable",
    };
    char paths[2 * COUNT(fixes)][80];
    struct row rows[2 * COUNT(fixes)] = { { NULL, { NULL }, NULL } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "tests/explore/%s-%s", fixes[i / 2], i % 2 ? "after" : "before");
        rows[i].path = paths[i];
    }
    check_all(rows, COUNT(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_questions_have_their_answers),
        cmocka_unit_test(one_guest_with_two_devices_on_a_line),
        cmocka_unit_test(a_shared_line_loses_nothing),
        cmocka_unit_test(fixes_have_two_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
