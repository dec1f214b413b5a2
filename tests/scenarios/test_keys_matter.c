/* SPDX-License-Identifier: Apache-2.0
 *
 * Every key that a family accepts is read, and every action is performed. Generated from the families' tables: each key
 * has another value that changes what a short run of one of the family's scenarios in tests/scenarios/keys/ measures,
 * or what an exploration finds; and each action makes a run of its own. Names, and keys that can have one value only,
 * are left out.
 */
#define _GNU_SOURCE
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explore/explore.h"
#include "explore/state.h"
#include "hash.h"
#include "models/registry.h"
#include "scenario/options.h"
#include "scenario/scenario.h"
#include "scenarios/other_values.h"
#include "simulation/run.h"

#define BASES_MAX 16
#define FAMILIES_MAX 16
#define ACTIONS_MAX 32
#define STATES_MAX 12000

/* A scenario and what it gives as it stands. */
struct base {
    struct scenario scenario;
    bool is_explored;
    uint64_t hash;
};

/* A family's scenarios; the explored ones, which take longer, come last. */
struct bases {
    struct base rows[BASES_MAX];
    size_t count;
};

/* --- what a scenario gives --- */

static uint64_t explored_outcome(const struct scenario *scenario)
{
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;
    uint64_t hash = HASH_START;
    char message[512];

    limits.states = STATES_MAX;
    limits.jobs = 1;
    if (!explore_scenario(scenario, scenario->setup.hypervisor.design, &limits, NULL, &outcome, message,
                          sizeof(message)))
        return 0;
    hash = hash_add(hash, &outcome.states, sizeof(outcome.states));
    hash = hash_add(hash, &outcome.transitions, sizeof(outcome.transitions));
    hash = hash_add(hash, &outcome.violation.kind, sizeof(outcome.violation.kind));
    explore_outcome_free(&outcome);
    return hash;
}

/* The engine's own count of events is none of the model's metrics. */
static uint64_t run_outcome(const struct scenario *scenario)
{
    struct result result;
    uint64_t hash = HASH_START;
    char message[512];

    if (!run_scenario(scenario, scenario->setup.run.seed, NULL, &result, message, sizeof(message)))
        return 0;
    hash = hash_add(hash, &result.violation.kind, sizeof(result.violation.kind));
    for (size_t i = 0; i < result.metrics.count; i++) {
        const struct metric *row = &result.metrics.rows[i];
        if (strncmp(row->name, "engine.", 7) == 0)
            continue;
        hash = hash_add(hash, row->name, strlen(row->name));
        hash = hash_add(hash, &row->numerator, sizeof(row->numerator));
        hash = hash_add(hash, &row->denominator, sizeof(row->denominator));
    }
    result_free(&result);
    return hash;
}

static uint64_t outcome_of(const struct scenario *scenario, bool is_explored)
{
    return is_explored ? explored_outcome(scenario) : run_outcome(scenario);
}

/* 0 where the scenario is refused with these sets. */
static uint64_t outcome_with(const struct base *base, const char *const *sets, size_t count)
{
    struct scenario changed;
    struct diag diag;

    diag_init(&diag);
    bool is_good = scenario_reload(&changed, &base->scenario, sets, count, &diag) == SCENARIO_OK;
    diag_free(&diag);
    if (!is_good)
        return 0;
    uint64_t hash = outcome_of(&changed, base->is_explored);
    scenario_free(&changed);
    return hash;
}

/* --- the scenarios of a family --- */

static void base_load(struct bases *bases, const struct family *family, const char *path, bool is_explored)
{
    struct base *base = &bases->rows[bases->count];
    struct diag diag;

    diag_init(&diag);
    if (scenario_load(&base->scenario, path, NULL, 0, &diag) != SCENARIO_OK) {
        diag_print(&diag, stderr, false);
        fail_msg("%s does not load", path);
    }
    diag_free(&diag);
    if (base->scenario.design->family != family) {
        scenario_free(&base->scenario);
        return;
    }
    base->is_explored = is_explored;
    base->hash = outcome_of(&base->scenario, is_explored);
    assert_true(base->hash != 0 && ++bases->count < BASES_MAX);
}

static void bases_load(struct bases *bases, const struct family *family)
{
    glob_t files;

    bases->count = 0;
    assert_int_equal(glob(SOURCE_DIR "/tests/scenarios/keys/*.yaml", 0, NULL, &files), 0);
    for (int is_explored = 0; is_explored < 2; is_explored++)
        for (size_t i = 0; i < files.gl_pathc; i++)
            if ((strstr(files.gl_pathv[i], "-explore") != NULL) == is_explored)
                base_load(bases, family, files.gl_pathv[i], is_explored);
    globfree(&files);
    assert_true(bases->count > 0);
}

static void bases_free(struct bases *bases)
{
    for (size_t i = 0; i < bases->count; i++)
        scenario_free(&bases->rows[i].scenario);
}

/* --- one key --- */

static bool changes_at(const struct family *family, const struct base *base, const char *path,
                       const struct option *option)
{
    char text[64], set[SET_BYTES];
    const char *const sets[] = { set }, *value;

    for (size_t index = 0; (value = other_value(family, option, index, text, sizeof(text))) != NULL; index++) {
        (void)snprintf(set, sizeof(set), "%s=%s", path, value);
        uint64_t hash = outcome_with(base, sets, 1);
        if (hash != 0 && hash != base->hash)
            return true;
    }
    return false;
}

/* Of a cost by distance any element will do: a family need not have lines of every distance. */
static bool changes_entry(const struct family *family, const struct base *base, const char *section, const char *entry,
                          const struct option *option)
{
    char path[PATH_BYTES];
    size_t bytes = key_path(path, section, entry, option->key);

    if (option->count <= 1)
        return changes_at(family, base, path, option);
    for (uint32_t i = 0; i < option->count; i++) {
        (void)snprintf(path + bytes, sizeof(path) - bytes, ".%s", distance_names[i]);
        if (changes_at(family, base, path, option))
            return true;
    }
    return false;
}

static bool is_read(const struct family *family, const struct bases *bases, const char *section,
                    const struct option *option)
{
    const char *entry;

    for (size_t i = 0; i < bases->count; i++)
        for (uint32_t n = 0; (entry = entry_name(&bases->rows[i].scenario.setup, section, n)) != NULL; n++)
            if (changes_entry(family, &bases->rows[i], section, entry, option))
                return true;
    print_error("%s: %s.%s changes nothing\n", family->name, section, option->key);
    return false;
}

static uint32_t count_idle(const struct family *family, const struct bases *bases, const char *section,
                           const struct option_table *table)
{
    uint32_t idle = 0;

    for (size_t i = 0; i < table->count; i++)
        if (!is_settled(family, &table->rows[i]))
            idle += !is_read(family, bases, section, &table->rows[i]);
    return idle;
}

static void every_key_is_read(void **state)
{
    static struct bases bases;
    const struct family *family = *state;
    uint32_t idle = 0;

    if (!explore_state_is_supported())
        skip(); /* some keys are read by explorations alone */
    bases_load(&bases, family);
    idle += count_idle(family, &bases, "machine", &profile_options);
    idle += count_idle(family, &bases, "machine", &machine_options);
    for (const struct software *const *software = family->software; software && *software; software++)
        idle += count_idle(family, &bases, (*software)->name, &software_options);
    for (const struct key_table *const *table = common_keys; *table; table++)
        idle += count_idle(family, &bases, (*table)->section, &(*table)->options);
    for (const struct key_table *const *table = family->keys; *table; table++)
        idle += count_idle(family, &bases, (*table)->section, &(*table)->options);
    bases_free(&bases);
    assert_int_equal(idle, 0);
}

/* --- actions --- */

#define NO_ACTION SIZE_MAX

/* A run with one action, after another one that makes room for it; NO_ACTION: none. */
static uint64_t outcome_of_actions(const struct family *family, const struct base *base, const struct object *object,
                                   size_t before, size_t action)
{
    const size_t kinds[] = { before, action };
    const char *const at[] = { "600us", "2500us" };
    char set[SET_BYTES] = "actions=[";
    const char *const sets[] = { set, "run.duration=5ms" };
    size_t used = strlen(set);

    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i] != NO_ACTION)
            used += (size_t)snprintf(set + used, sizeof(set) - used, "{ name: a%zu, do: %s, %s: %s, at: %s },", i,
                                     family->actions[kinds[i]].name, object->key, object->name, at[i]);
    (void)snprintf(set + used, sizeof(set) - used, "]");
    return outcome_with(base, sets, COUNT(sets));
}

/* A guest's driver that comes takes INTx: in vfio two actions do the same to a device. */
static bool are_synonyms(const struct action_kind *a, const struct action_kind *b)
{
    return (!strcmp(a->name, "bind") && !strcmp(b->name, "intx")) ||
           (!strcmp(a->name, "intx") && !strcmp(b->name, "bind"));
}

/* Notes which actions on the object make a run unlike the run without an action and the runs with another action. */
static void compare_actions(const struct family *family, const struct base *base, const struct object *object,
                            size_t before, bool *is_performed)
{
    const struct action_kind *kinds = family->actions;
    uint64_t hashes[ACTIONS_MAX] = { 0 }, without = outcome_of_actions(family, base, object, before, NO_ACTION);

    for (size_t i = 0; i < family->action_count && without != 0; i++)
        if (kinds[i].object == object->kind)
            hashes[i] = outcome_of_actions(family, base, object, before, i);
    for (size_t i = 0; i < family->action_count; i++) {
        bool is_alone = hashes[i] != 0 && hashes[i] != without;
        for (size_t j = 0; j < family->action_count; j++)
            is_alone = is_alone && (i == j || hashes[i] != hashes[j] || are_synonyms(&kinds[i], &kinds[j]));
        is_performed[i] = is_performed[i] || is_alone;
    }
}

static bool are_all(const bool *is_performed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_performed[i])
            return false;
    return true;
}

/* Each action alone first, then after each action on the same object. */
static void every_action_is_performed(void **state)
{
    static struct bases bases;
    const struct family *family = *state;
    bool is_performed[ACTIONS_MAX] = { false };
    size_t count = family->action_count;
    struct object object;

    if (!explore_state_is_supported())
        skip(); /* some keys are read by explorations alone */
    assert_true(count <= ACTIONS_MAX);
    bases_load(&bases, family);
    for (size_t before = 0; before <= count && !are_all(is_performed, count); before++)
        for (size_t i = 0; i < bases.count && !bases.rows[i].is_explored; i++)
            for (uint32_t n = 0; object_at(&bases.rows[i].scenario.setup, n, &object); n++)
                if (before == 0 || family->actions[before - 1].object == object.kind)
                    compare_actions(family, &bases.rows[i], &object, before == 0 ? NO_ACTION : before - 1,
                                    is_performed);
    bases_free(&bases);
    for (size_t i = 0; i < count; i++)
        if (!is_performed[i])
            print_error("%s: the action %s is not performed\n", family->name, family->actions[i].name);
    assert_true(are_all(is_performed, count));
}

int main(void)
{
    struct CMUnitTest tests[2 * FAMILIES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < family_count && i < FAMILIES_MAX; i++) {
        tests[count++] = (struct CMUnitTest){ families[i]->name, every_key_is_read, NULL, NULL, (void *)families[i] };
        if (families[i]->action_count > 0)
            tests[count++] =
                (struct CMUnitTest){ families[i]->name, every_action_is_performed, NULL, NULL, (void *)families[i] };
    }
    return _cmocka_run_group_tests("scenarios_keys_matter", tests, count, NULL, NULL);
}
