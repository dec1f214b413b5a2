/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios drawn at random from everything that the families' tables have, with the figures of drawn.hashes: a step of
 * a model that does something else in a place that no other test thinks of shows here. Each begins as one of
 * tests/scenarios/keys/, and gets other values of some keys and some actions; what is refused is left out. A line has
 * the design, the violation if there is one, a sum of all metrics and one of the trace's records, or of every fourth of
 * the figures that analyses print of it. A change of the models' numbers changes that file: test_scenarios_drawn
 * --write makes it. What a line's scenario is, and what it measures, test_scenarios_drawn --show NUMBER prints.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "models_fixture.h"
#include "scenarios/other_values.h"
#include "scenarios/trace_views.h"
#include "simulation/run.h"

#define HASHES SOURCE_DIR "/tests/scenarios/drawn.hashes"

enum {
    DRAWN = 260,
    BASES_MAX = 32,
    KEYS_MAX = 1024,
    CHANGES_MAX = 8, /* of keys */
    SETS_MAX = CHANGES_MAX + 4,
    ACTIONS_DRAWN_MAX = 4,
    ACTIONS_BYTES = 1024,
};

static FILE *hashes;
static bool hashes_are_written;
static uint64_t shown; /* 0: none */

struct key {
    const char *section;
    const struct option *option;
};

struct keys {
    struct key rows[KEYS_MAX];
    size_t count;
};

struct drawn {
    struct rng rng;
    struct scenario scenario; /* with what has been set so far */
    char texts[SETS_MAX][ACTIONS_BYTES];
    const char *sets[SETS_MAX];
    size_t count;
};

static struct scenario bases[BASES_MAX];
static size_t base_count;

/* --- what can be drawn --- */

static void keys_add(struct keys *keys, const struct family *family, const char *section,
                     const struct option_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (is_settled(family, &table->rows[i]) || !strcmp(section, "run"))
            continue;
        assert_true(keys->count < KEYS_MAX);
        keys->rows[keys->count++] = (struct key){ section, &table->rows[i] };
    }
}

static void keys_find(struct keys *keys, const struct family *family)
{
    keys->count = 0;
    keys_add(keys, family, "machine", &profile_options);
    keys_add(keys, family, "machine", &machine_options);
    for (const struct software *const *software = family->software; software && *software; software++)
        keys_add(keys, family, (*software)->name, &software_options);
    for (const struct key_table *const *table = common_keys; *table; table++)
        keys_add(keys, family, (*table)->section, &(*table)->options);
    for (const struct key_table *const *table = family->keys; *table; table++)
        keys_add(keys, family, (*table)->section, &(*table)->options);
}

static void bases_load(void)
{
    glob_t files;

    assert_int_equal(glob(SOURCE_DIR "/tests/scenarios/keys/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct diag diag;

        if (strstr(files.gl_pathv[i], "-explore") != NULL)
            continue;
        assert_true(base_count < BASES_MAX);
        diag_init(&diag);
        assert_int_equal(scenario_load(&bases[base_count++], files.gl_pathv[i], NULL, 0, &diag), SCENARIO_OK);
        diag_free(&diag);
    }
    globfree(&files);
}

/* --- drawing --- */

/* Keeps the scenario with one more text, unless it is refused. */
static void try_set(struct drawn *drawn, const struct scenario *base)
{
    struct scenario next;
    struct diag diag;

    drawn->sets[drawn->count] = drawn->texts[drawn->count];
    diag_init(&diag);
    if (scenario_reload(&next, base, drawn->sets, drawn->count + 1, &diag) == SCENARIO_OK) {
        if (drawn->count > 0)
            scenario_free(&drawn->scenario);
        drawn->scenario = next;
        drawn->count++;
    }
    diag_free(&diag);
}

static uint32_t below(struct drawn *drawn, size_t bound) { return (uint32_t)rng_below(&drawn->rng, (uint64_t)bound); }

static void draw_key(struct drawn *drawn, const struct keys *keys)
{
    const struct family *family = drawn->scenario.design->family;
    const struct key *key = &keys->rows[below(drawn, keys->count)];
    size_t entries = 0, values = 0;
    char path[PATH_BYTES], text[64];

    while (entry_name(&drawn->scenario.setup, key->section, (uint32_t)entries) != NULL)
        entries++;
    while (other_value(family, key->option, values, text, sizeof(text)) != NULL)
        values++;
    if (entries == 0 || values == 0)
        return;
    const char *entry = entry_name(&drawn->scenario.setup, key->section, below(drawn, entries));
    size_t bytes = key_path(path, key->section, entry, key->option->key);
    if (key->option->count > 1)
        (void)snprintf(path + bytes, sizeof(path) - bytes, ".%s", distance_names[below(drawn, key->option->count)]);
    (void)snprintf(drawn->texts[drawn->count], ACTIONS_BYTES, "%s=%s", path,
                   other_value(family, key->option, below(drawn, values), text, sizeof(text)));
}

/* The n-th object of the kind from a drawn one on; false: the scenario has none. */
static bool draw_object(struct drawn *drawn, enum action_object kind, struct object *object)
{
    const struct setup *setup = &drawn->scenario.setup;
    uint32_t count = setup->device_count + setup->guest_count + 1, first = below(drawn, count);

    for (uint32_t i = 0; i < count; i++)
        if (object_at(setup, (first + i) % count, object) && object->kind == kind)
            return true;
    return false;
}

static void draw_actions(struct drawn *drawn)
{
    const struct family *family = drawn->scenario.design->family;
    char *text = drawn->texts[drawn->count];
    int used = snprintf(text, ACTIONS_BYTES, "actions=[");

    for (uint32_t i = 0, count = 1 + below(drawn, ACTIONS_DRAWN_MAX); i < count; i++) {
        const struct action_kind *action = &family->actions[below(drawn, family->action_count)];
        struct object object;
        if (!draw_object(drawn, action->object, &object))
            continue;
        used += snprintf(text + used, ACTIONS_BYTES - (size_t)used, "{ name: a%u, do: %s, %s: %s, at: %uus },", i,
                         action->name, object.key, object.name, 100 + below(drawn, 2500));
    }
    (void)snprintf(text + used, ACTIONS_BYTES - (size_t)used, "]");
}

/* Xen's model has the most code. */
static const struct scenario *draw_base(struct drawn *drawn)
{
    static const char *const names[] = { "xen", "xen", "xen", "vfio", "vfio", "qemu", "qemu", "nvme" };
    const char *family = names[below(drawn, COUNT(names))];
    uint32_t first = below(drawn, base_count);

    for (size_t i = 0; i < base_count; i++)
        if (!strcmp(bases[(first + i) % base_count].design->family->name, family))
            return &bases[(first + i) % base_count];
    fail_msg("no scenario of the family %s", family);
    return NULL;
}

static void draw_design(struct drawn *drawn)
{
    const struct family *family = drawn->scenario.design->family;

    (void)snprintf(drawn->texts[drawn->count], ACTIONS_BYTES, "hypervisor.design=%s",
                   family->designs[below(drawn, family->design_count)]->name);
}

/* The caller frees the scenario. */
static void draw(struct drawn *drawn, uint64_t number)
{
    static struct keys keys;

    rng_init(&drawn->rng, number, 0, RNG_TEST);
    drawn->count = 0;
    const struct scenario *base = draw_base(drawn);
    (void)snprintf(drawn->texts[0], ACTIONS_BYTES,
                   "run={ warmup: 500us, duration: 2ms, drain: 20ms, seed: %" PRIu64 " }", number);
    try_set(drawn, base);
    assert_int_equal(drawn->count, 1);
    draw_design(drawn);
    try_set(drawn, base);
    keys_find(&keys, drawn->scenario.design->family);
    for (uint32_t i = 0, changes = below(drawn, CHANGES_MAX + 1); i < changes; i++) {
        drawn->texts[drawn->count][0] = '\0';
        draw_key(drawn, &keys);
        if (drawn->texts[drawn->count][0] != '\0')
            try_set(drawn, base);
    }
    if (drawn->scenario.design->family->action_count > 0 && below(drawn, 2) == 0) {
        draw_actions(drawn);
        try_set(drawn, base);
    }
    if (below(drawn, 4) == 0) {
        (void)snprintf(drawn->texts[drawn->count], ACTIONS_BYTES, "run.policy=random");
        try_set(drawn, base);
    }
}

/* --- running --- */

static void show(const struct drawn *drawn, const struct result *result)
{
    printf("%s, design %s\n", drawn->scenario.name, drawn->scenario.setup.hypervisor.design);
    for (size_t i = 0; i < drawn->count; i++)
        printf("  --set '%s'\n", drawn->sets[i]);
    if (result->is_partial)
        printf("  %s\n", result->violation.text);
    for (size_t i = 0; i < result->metrics.count; i++)
        printf("%s %" PRIu64 "/%" PRIu64 "\n", result->metrics.rows[i].name, result->metrics.rows[i].numerator,
               result->metrics.rows[i].denominator);
}

/* The sum of the records, or for every fourth that of the figures that analyses make of them; the other is 0. */
static void run_traced(struct drawn *drawn, uint64_t number, struct result *result, uint64_t *records, uint64_t *views)
{
    static struct trace_views viewed;
    static struct records_sum summed;
    bool is_viewed = number % 4 == 0;
    char message[512] = "";

    if (is_viewed)
        views_init(&viewed, 500000, 900000);
    else
        records_init(&summed);
    if (!run_scenario_traced(&drawn->scenario, is_viewed ? &viewed.tee.sink : &summed.sink, 1 << 20, NULL, result,
                             message, sizeof(message)))
        fail_msg("scenario %" PRIu64 ": %s", number, message);
    *records = records_all(&summed);
    *views = 0;
    if (!is_viewed)
        return;
    char *text = views_text(&viewed);
    if (number == shown)
        fputs(text, stdout);
    *records = 0;
    *views = figures_sum(text);
    free(text);
    views_free(&viewed);
}

static void run(struct drawn *drawn, uint64_t number)
{
    char line[100], expected[100] = "";
    struct result result;
    uint64_t records, views;

    run_traced(drawn, number, &result, &records, &views);
    if (number == shown)
        show(drawn, &result);
    (void)snprintf(line, sizeof(line), "%" PRIu64 " %s %s %016" PRIx64 " %016" PRIx64 "\n", number,
                   drawn->scenario.design->name, result.is_partial ? result.violation.kind : "-",
                   metrics_hash(&result.metrics), records + views);
    result_free(&result);
    if (hashes_are_written)
        assert_true(fputs(line, hashes) >= 0);
    else if (fgets(expected, sizeof(expected), hashes) == NULL || strcmp(line, expected) != 0)
        fail_msg("another figure than that of drawn.hashes, where this is expected:\n%sfound:\n%s", expected, line);
}

static void drawn_scenarios_have_their_figures(void **state)
{
    static struct drawn drawn;

    (void)state;
    bases_load();
    hashes = fopen(HASHES, hashes_are_written ? "w" : "r");
    assert_non_null(hashes);
    for (uint64_t number = 1; number <= DRAWN; number++) {
        draw(&drawn, number);
        run(&drawn, number);
        scenario_free(&drawn.scenario);
    }
    assert_true(hashes_are_written || fgetc(hashes) == EOF);
    assert_int_equal(fclose(hashes), 0);
    for (size_t i = 0; i < base_count; i++)
        scenario_free(&bases[i]);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(drawn_scenarios_have_their_figures) };

    hashes_are_written = argc == 2 && strcmp(argv[1], "--write") == 0;
    shown = argc == 3 && strcmp(argv[1], "--show") == 0 ? strtoull(argv[2], NULL, 10) : 0;
    return cmocka_run_group_tests_name("scenarios_drawn", tests, NULL, NULL);
}
