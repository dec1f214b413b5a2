/* SPDX-License-Identifier: Apache-2.0
 *
 * Work queues in every interleaving: each program of workqueue_programs.h is clean, or its deadlock is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explore_fixture.h"
#include "models/workqueue_programs.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct wq_scene *scene_under(const struct machine *machine)
{
    return ((const struct host *)machine->hypervisor)->model;
}

static bool has_error(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct wq_scene *scene = scene_under(machine);

    (void)snprintf(text, text_bytes, "%s", scene->error != NULL ? scene->error : "");
    return scene->error != NULL;
}

static bool is_wrong(const struct machine *machine, char *text, size_t text_bytes)
{
    return wq_is_wrong(scene_under(machine), text, text_bytes);
}

static const struct property no_error = {
    .name = "error", .kind = VIOLATION_STATE_MISMATCH, .at = PROPERTY_AT_STATE, .is_broken = has_error
};
static const struct property no_wrong_end = {
    .name = "end", .kind = VIOLATION_STATE_MISMATCH, .at = PROPERTY_AT_END, .is_broken = is_wrong
};

static void check(const struct wq_program *program)
{
    const struct property *const invariants[] = { &host_deadlock, &no_error, &no_wrong_end, NULL };
    struct host_fixture fixture;
    struct explore_outcome outcome;

    (void)wq_open(&fixture, program, POLICY_EXHAUSTIVE, 1);
    struct explore_subject subject = {
        .engine = &fixture.engine,
        .machine = &fixture.machine,
        .explored = &fixture.explored,
        .properties = properties_all,
        .invariants = invariants,
    };
    machine_start(&fixture.machine);
    explore_search(&subject, &explore_default_limits, &outcome);
    bool hangs = outcome.verdict == EXPLORE_VIOLATION && outcome.violation.kind == VIOLATION_DEADLOCK;
    if (program->deadlock != NULL ? !hangs : outcome.verdict != EXPLORE_CLEAN)
        fail_msg("%s: %s %s", program->name, violation_name(outcome.violation.kind), outcome.violation.text);
    if (hangs && strstr(outcome.violation.text, program->deadlock) == NULL)
        fail_msg("%s: %s", program->name, outcome.violation.text);
    explore_outcome_free(&outcome);
    host_close(&fixture);
}

static void programs_end_as_under_linux(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < COUNT(wq_programs); i++)
        check(&wq_programs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(programs_end_as_under_linux) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
