/* SPDX-License-Identifier: Apache-2.0
 *
 * What a replay follows beside its notes, on random interleavings: the values of words are those that the notes have,
 * a wait is one for a lock that another pCPU holds, and stores are in store buffers under total store order alone.
 */
#define _GNU_SOURCE
#include "explore/replay_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/rng.h"
#include "death.h"
#include "explore/state.h"
#include "scenario/scenario.h"

enum { STEPS = 400, WALKS = 20, WORDS_MAX = 512 };

struct scene {
    struct scenario scenario;
    struct explore_world world;
    struct replay_log log;
    uint16_t trace[STEPS];
    size_t count;
    char *values[WORDS_MAX]; /* of the words, step by step */
};

static void scene_open(struct scene *scene, const char *file, const char *set)
{
    char path[512], message[256] = "";
    const char *sets[] = { set };
    struct diag diag;

    diag_init(&diag);
    (void)snprintf(path, sizeof(path), SOURCE_DIR "/scenarios/%s.yaml", file);
    assert_int_equal(scenario_load(&scene->scenario, path, sets, 1, &diag), SCENARIO_OK);
    diag_free(&diag);
    if (!explore_world_open(&scene->world, &scene->scenario, "softirq-requeue", NULL, message, sizeof(message)))
        fail_msg("%s: %s", file, message);
}

/* Steps of any pending slot, up to a violation. */
static void walk(struct scene *scene, uint64_t seed)
{
    struct engine *engine = &scene->world.engine;
    struct rng rng;

    rng_init(&rng, seed, 1, 0);
    for (scene->count = 0; scene->count < STEPS; scene->count++) {
        uint16_t pending[256];
        size_t count = 0;
        for (uint32_t slot = 0; slot < engine->slot_count; slot++)
            if (engine_is_pending(engine, slot) && count < 256)
                pending[count++] = (uint16_t)slot;
        if (count == 0 || scene->world.explored.violation.kind != VIOLATION_NONE)
            return;
        scene->trace[scene->count] = pending[rng_below(&rng, count)];
        engine_step(engine, scene->trace[scene->count]);
    }
}

static size_t words_named(const struct replay_log *log, const char *name, size_t *word)
{
    size_t count = 0;

    for (size_t i = 0; i < log->word_count; i++)
        if (strcmp(log->words[i].name, name) == 0) {
            *word = i;
            count++;
        }
    return count;
}

/* "c9 load masked = 1" and "d1 test-and-set state: 0 -> 1" name a word and its value after the access. Returns whether
 * the note has been checked. */
static bool check_note(const struct scene *scene, const struct replay_note *note)
{
    char name[64], value[32];
    size_t word;

    const char *verb = strstr(note->text, "load "), *at = strstr(note->text, " = ");
    if (verb == NULL || at == NULL) {
        at = strstr(note->text, " -> ");
        verb = strstr(note->text, "test-and-set ");
    }
    if (verb == NULL || at == NULL || note->place == REPLAY_DEVICES)
        return false;
    verb = strchr(verb, ' ') + 1;
    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(verb, ":="), verb);
    if (name[strlen(name) - 1] == ' ')
        name[strlen(name) - 1] = '\0';
    (void)snprintf(value, sizeof(value), "%s", strrchr(at, ' ') + 1);
    if (words_named(&scene->log, name, &word) != 1)
        return false; /* several words have the name, and notes do not tell which one is meant */
    if (strcmp(scene->values[word], value) != 0)
        fail_msg("step %zu: %s, but the word is %s", note->step + 1, note->text, scene->values[word]);
    return true;
}

static size_t check_words(struct scene *scene)
{
    const struct replay_log *log = &scene->log;
    size_t change = 0, note = 0, checked = 0;

    assert_true(log->word_count < WORDS_MAX);
    for (size_t i = 0; i < log->word_count; i++)
        scene->values[i] = log->words[i].value;
    for (size_t step = 0; step < log->step_count; step++) {
        size_t first = note, accesses = 0;
        for (; change < log->change_count && log->changes[change].step == step; change++)
            scene->values[log->changes[change].word] = log->changes[change].value;
        for (; note < log->note_count && log->notes[note].step == step; note++)
            accesses += strstr(log->notes[note].text, " = ") != NULL || strstr(log->notes[note].text, " -> ") != NULL;
        /* Of several accesses in a step the last word's value need not be what the first one saw. */
        for (size_t i = first; i < note && accesses == 1; i++)
            checked += check_note(scene, &log->notes[i]);
    }
    assert_int_equal(change, log->change_count);
    return checked;
}

static bool is_held_by_another(const struct replay_log *log, const struct replay_hold *wait, size_t step)
{
    for (size_t i = 0; i < log->hold_count; i++)
        if (strcmp(log->holds[i].lock, wait->lock) == 0 && log->holds[i].cpu != wait->cpu &&
            log->holds[i].from <= step && step < log->holds[i].to)
            return true;
    return false;
}

static size_t check_waits(const struct replay_log *log)
{
    for (size_t i = 0; i < log->wait_count; i++)
        for (size_t step = log->waits[i].from; step < log->waits[i].to; step++)
            if (!is_held_by_another(log, &log->waits[i], step))
                fail_msg("cpu%u waits for %s after step %zu, which nobody holds", log->waits[i].cpu, log->waits[i].lock,
                         step + 1);
    return log->wait_count;
}

/* A lock has one holder at a time. Several locks may have one name, but no pCPU holds two of them. */
static void check_holds(const struct replay_log *log)
{
    for (size_t i = 0; i < log->hold_count; i++) {
        const struct replay_hold *hold = &log->holds[i];
        assert_true(hold->from <= hold->to && hold->to <= log->step_count);
        for (size_t j = 0; j < i; j++)
            if (log->holds[j].cpu == hold->cpu && strcmp(log->holds[j].lock, hold->lock) == 0 &&
                log->holds[j].to > hold->from)
                fail_msg("cpu%u holds %s twice from step %zu on", hold->cpu, hold->lock, hold->from + 1);
    }
}

static const struct row {
    const char *file, *set;
    bool has_stores;
} rows[] = {
    { "explore-cpu-offline", "run.memory=sc", false },
    { "explore-destroy", "run.memory=sc", false },
    { "explore-steady", "run.memory=tso", true },
};

static void test_random_interleavings(void **state)
{
    struct scene *scene;
    size_t waits = 0;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    scene = malloc(sizeof(*scene));
    assert_non_null(scene);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t checked = 0, stores = 0;
        for (uint64_t seed = 0; seed < WALKS; seed++) {
            scene_open(scene, rows[i].file, rows[i].set);
            walk(scene, seed);
            explore_world_close(&scene->world);
            scenario_free(&scene->scenario);
            scene_open(scene, rows[i].file, rows[i].set);
            assert_true(replay_record(&scene->world, scene->trace, scene->count, &scene->log));
            if (!rows[i].has_stores)
                checked += check_words(scene);
            stores += scene->log.store_count;
            waits += check_waits(&scene->log);
            check_holds(&scene->log);
            assert_int_equal(scene->log.has_store_buffers, rows[i].has_stores);
            replay_log_free(&scene->log);
            explore_world_close(&scene->world);
            scenario_free(&scene->scenario);
        }
        assert_true(rows[i].has_stores ? stores > 0 : stores == 0 && checked > 50);
    }
    assert_true(waits > 0);
    free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_interleavings),
    };

    return cmocka_run_group_tests_name("explore_replay_watch", tests, NULL, NULL);
}
