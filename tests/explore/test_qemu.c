/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores the qemu family: the RFC's self-deadlocks in all variants, each with its shortest trace, and none in the
 * merged code; migration at every step; changes of affinity and reopening. Uses the shipped scenarios with overrides.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "death.h"
#include "explore/explore.h"
#include "explore_fixture.h"
#include "scenario/scenario.h"

#define SETS_MAX 6

struct row {
    const char *scenario, *design;
    const char *sets[SETS_MAX];
    enum violation_kind kind;
    const char *text;
    uint64_t depth; /* of the violation; 0: any */
};

#define RFC "qemu-pirq-rfc"
#define MERGED "qemu-pirq-merged"
#define KIND(kind) "devices.nic.kind=" kind
#define PATH(path) "devices.nic.path=" path
#define RELOCKED "for port_lock, which it itself has held since "

static const struct row deadlocks[] = {
    { "bind", RFC, { KIND("msi-mask") }, VIOLATION_DEADLOCK, "vcpu0 waits at S " RELOCKED "B1", 29 },
    { "bind", RFC, { KIND("msix") }, VIOLATION_DEADLOCK, "vcpu0 waits at T " RELOCKED "B1", 29 },
    { "bind", RFC, { KIND("msix"), PATH("emulated") }, VIOLATION_DEADLOCK, "vcpu0 waits at D " RELOCKED "B1", 34 },
    { "bind", RFC, { KIND("msi"), PATH("emulated") }, VIOLATION_NONE, "", 0 },
    { "bind", MERGED, { KIND("msi-mask") }, VIOLATION_NONE, "", 0 },
    { "bind", MERGED, { KIND("msix") }, VIOLATION_NONE, "", 0 },
    { "bind", MERGED, { KIND("msix"), PATH("emulated") }, VIOLATION_NONE, "", 0 },
    { "bind", MERGED, { KIND("msi"), PATH("emulated") }, VIOLATION_NONE, "", 0 },
    { "gsi-callback", RFC, { NULL }, VIOLATION_DEADLOCK, "main-loop waits at g2 " RELOCKED "g2", 11 },
    { "gsi-callback", RFC, { "devices.disk.kind=backend" }, VIOLATION_DEADLOCK, "waits at g2 " RELOCKED "notify", 11 },
    { "gsi-callback",
      RFC,
      { "actions=[{name: set, do: callback, guest: guest, at: 1ms}]", "devices.disk.interrupts=0" },
      VIOLATION_DEADLOCK,
      "vcpu0 waits at g2 " RELOCKED "callback_param",
      15 },
    { "gsi-callback", MERGED, { NULL }, VIOLATION_NONE, "", 0 },
    { "gsi-callback", MERGED, { "devices.disk.kind=backend" }, VIOLATION_NONE, "", 0 },
    { "gsi-callback", MERGED, { "actions=[{name: set, do: callback, guest: guest, at: 1ms}]" }, VIOLATION_NONE, "", 0 },
};

/* A PIRQ that is not bound yet has no port: nothing rebuilds its record. The model's own finding. */
static const struct row migrations[] = {
    { "migrate", MERGED, { "qemu.rebuild=rfc", "actions.migrate.step=bind" }, VIOLATION_LOST_INTERRUPT, "", 0 },
    { "migrate", MERGED, { "actions.migrate.step=get-free-pirq" }, VIOLATION_LOST_INTERRUPT, "", 0 },
    { "migrate", MERGED, { "actions.migrate.step=msi-write" }, VIOLATION_LOST_INTERRUPT, "", 0 },
    { "migrate", MERGED, { "actions.migrate.step=bind" }, VIOLATION_NONE, "", 0 },
    { "migrate", MERGED, { "qemu.rebuild=ideal", "actions.migrate.step=get-free-pirq" }, VIOLATION_NONE, "", 0 },
    { "migrate", MERGED, { "qemu.rebuild=ideal", "actions.migrate.step=msi-write" }, VIOLATION_NONE, "", 0 },
    { "migrate", MERGED, { "qemu.rebuild=ideal", "actions.migrate.step=bind" }, VIOLATION_NONE, "", 0 },
};

static const struct row others[] = {
    { "affinity", MERGED, { NULL }, VIOLATION_LOST_INTERRUPT, "", 0 },
    { "affinity", MERGED, { PATH("emulated") }, VIOLATION_NONE, "", 0 },
    { "affinity", MERGED, { PATH("main-loop") }, VIOLATION_NONE, "", 0 },
    { "close-reopen", MERGED, { NULL }, VIOLATION_NONE, "", 0 },
    { "close-reopen", RFC, { NULL }, VIOLATION_NONE, "", 0 },
};

static void check(const struct row *row, size_t index)
{
    char path[300], message[256] = "";
    struct explore_outcome outcome;
    struct explore_world world;
    struct scenario scenario;
    struct diag diag;
    size_t sets = 0;

    while (sets < SETS_MAX && row->sets[sets] != NULL)
        sets++;
    (void)snprintf(path, sizeof(path), SOURCE_DIR "/scenarios/qemu-%s.yaml", row->scenario);
    diag_init(&diag);
    if (scenario_load(&scenario, path, row->sets, sets, &diag) != SCENARIO_OK) {
        diag_print(&diag, stderr, false);
        fail_msg("row %zu does not load", index);
    }
    diag_free(&diag);
    assert_true(explore_world_open(&world, &scenario, row->design, NULL, message, sizeof(message)));
    struct explore_subject subject = explore_world_subject(&world);
    explore_search(&subject, &explore_default_limits, &outcome);
    if (outcome.violation.kind != row->kind || !strstr(outcome.violation.text, row->text) ||
        (row->depth != 0 && outcome.depth != row->depth))
        fail_msg("row %zu: %s after %llu steps: %s", index, violation_name(outcome.violation.kind),
                 (unsigned long long)outcome.depth, outcome.violation.text);
    assert_int_equal(outcome.verdict, row->kind == VIOLATION_NONE ? EXPLORE_CLEAN : EXPLORE_VIOLATION);
    explore_outcome_free(&outcome);
    explore_world_close(&world);
    scenario_free(&scenario);
}

static void check_all(const struct row *rows, size_t count)
{
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < count; i++)
        check(&rows[i], i);
}

static void test_deadlocks(void **state)
{
    (void)state;
    check_all(deadlocks, sizeof(deadlocks) / sizeof(*deadlocks));
}

static void test_migrations(void **state)
{
    (void)state;
    check_all(migrations, sizeof(migrations) / sizeof(*migrations));
}

static void test_others(void **state)
{
    (void)state;
    check_all(others, sizeof(others) / sizeof(*others));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlocks),
        cmocka_unit_test(test_migrations),
        cmocka_unit_test(test_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
