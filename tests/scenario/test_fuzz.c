/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded mutations of valid scenarios and machine files: loading gives either a scenario or messages. The resolved text
 * of a scenario that loads must load again. The places of messages and the resolved texts have the sums that stand
 * here: a change of what is refused changes them. A topology's description is left to hwloc, whose versions differ.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mutated_text.h"
#include "scenario_samples.h"
#include "scenario/text_file.h"

#define ROUNDS 250
#define SETS_SUM 0xcba90eae3a1170dcu

static const struct {
    const char *path;
    uint64_t sum;
} files[] = {
    { SOURCE_DIR "/scenarios/eight-socket-steal.yaml", 0xc020102fc7e9a4dcu },
    { SOURCE_DIR "/scenarios/radix-walk.yaml", 0xa7aaed8251727c65u },
    { SOURCE_DIR "/scenarios/one-msi.yaml", 0x79b6d396044122abu },
};

/* hwloc leaks on some descriptions that it refuses. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhwloc"; }

/* Whether the line of the topology, if there is one, is as it was. */
static bool keeps_topology(const char *text, const char *mutated, size_t mutated_bytes)
{
    const char *line = strstr(text, "topology:");

    return line == NULL || memmem(mutated, mutated_bytes, line, strcspn(line, "\n") + 1) != NULL;
}

static void check_resolved(const struct scenario *scenario, uint64_t *sum)
{
    char *resolved = scenario_resolved_yaml(scenario), *again, *messages;
    struct scenario reloaded;

    if (sample_load(&reloaded, resolved, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s\n%s", messages, resolved);
    free(messages);
    again = scenario_resolved_yaml(&reloaded);
    assert_string_equal(again, resolved);
    *sum = hash_add(*sum, resolved, strlen(resolved));
    scenario_free(&reloaded);
    free(again);
    free(resolved);
}

static void mutations_end(void **state)
{
    static char mutated[16384];
    uint32_t loaded = 0, refused = 0;

    (void)state;
    for (size_t file = 0; file < sizeof(files) / sizeof(*files); file++) {
        struct diag diag;
        struct rng rng;
        size_t bytes;
        uint64_t sum = 0;
        char *text;

        diag_init(&diag);
        assert_int_equal(text_file_read(files[file].path, "f", (struct place){ 0, 0, 0 }, &diag, &text, &bytes),
                         TEXT_FILE_OK);
        diag_free(&diag);
        rng_init(&rng, 1, (uint32_t)file, RNG_TEST);
        for (uint32_t round = 0; round < ROUNDS; round++) {
            size_t mutated_bytes = mutate_text(&rng, text, bytes, mutated, sizeof(mutated));
            struct scenario scenario;
            char *messages;
            uint64_t one = 0;

            diag_init(&diag);
            if (scenario_load_text(&scenario, SAMPLE_PATH, mutated, mutated_bytes, NULL, 0, &diag) == SCENARIO_OK) {
                loaded++;
                check_resolved(&scenario, &one);
                scenario_free(&scenario);
            } else {
                refused++;
                assert_true(diag.error_count > 0);
            }
            messages = sample_messages(&diag);
            add_places(&one, messages);
            if (keeps_topology(text, mutated, mutated_bytes))
                sum = sum * 31 + one;
            free(messages);
            diag_free(&diag);
        }
        free(text);
        if (sum != files[file].sum)
            fail_msg("%s: messages at other places or other resolved texts than before: 0x%016llx", files[file].path,
                     (unsigned long long)sum);
    }
    assert_true(loaded > 40 && refused > 400);
}

static void sets_end(void **state)
{
    static const char *const paths[] = {
        "run.seed",
        "guests.g.timer",
        "machine.costs.load_modified.near",
        "matrix.run.seed",
        "a.b.c",
        "..",
        "expect",
        "defaults.guests.pin",
        "guests",
        "",
        "guests.g",
        "machine.topology",
    };
    uint64_t sum = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 0, RNG_TEST);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        char set[256];
        const char *sets[] = { set };
        struct scenario scenario;
        uint64_t one = 0;
        char *messages;

        const char *path = paths[rng_below(&rng, sizeof(paths) / sizeof(*paths))], *chosen[3];
        for (int i = 0; i < 3; i++)
            chosen[i] = mutated_pieces[rng_below(&rng, MUTATED_PIECES)];
        snprintf(set, sizeof(set), "%s=%s%s%s", path, chosen[0], chosen[1], chosen[2]);
        if (sample_load(&scenario, SAMPLE, sets, 1, &messages) == SCENARIO_OK) {
            check_resolved(&scenario, &one);
            scenario_free(&scenario);
        } else {
            assert_true(messages[0] != '\0');
        }
        add_places(&one, messages);
        if (strcmp(path, "machine.topology") != 0)
            sum = sum * 31 + one;
        free(messages);
    }
    if (sum != SETS_SUM)
        fail_msg("overrides: messages at other places or other resolved texts than before: 0x%016llx",
                 (unsigned long long)sum);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(mutations_end), cmocka_unit_test(sets_end) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
