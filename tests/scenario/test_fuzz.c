/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded mutations of valid scenarios and machine files: loading gives either a scenario or messages. The resolved text
 * of a scenario that loads must load again.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "scenario_samples.h"
#include "scenario/text_file.h"

#define ROUNDS 250

static const char *const files[] = {
    SOURCE_DIR "/scenarios/eight-socket-steal.yaml",
    SOURCE_DIR "/scenarios/radix-walk.yaml",
    SOURCE_DIR "/scenarios/one-msi.yaml",
};

/* hwloc leaks on some descriptions that it refuses. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhwloc"; }

/* Pieces that have a meaning somewhere. */
static const char *const pieces[] = {
    "{",          "}",      "[",      "]",         ":",       ": ",           ", ",      "- ",      "\n",
    "  ",         "\t",     "#",      "\"",        "'",       "&a ",          "*a",      "<<: ",    "!!",
    "|\n",        "? ",     "---\n",  "...\n",     "%YAML\n", "\xEF\xBB\xBF", "8ms",     "0",       "-1",
    "1e9",        "1GHz",   "name",   "off",       "\\0",     "guests: ",     "matrix:", "expect:", "headline: ",
    "defaults: ", "9999",   "250kHz", "pin:",      "pu:0-99", "times",        "file:",   "~",       "\xFF",
    "arrivals:",  "costs:", "near",   "\"\\xff\"",
};

static size_t mutate(struct rng *rng, const char *text, size_t bytes, char *mutated, size_t mutated_bytes)
{
    uint64_t changes = 1 + rng_below(rng, 4);

    memcpy(mutated, text, bytes);
    while (changes-- > 0) {
        size_t at = (size_t)rng_below(rng, bytes), other = (size_t)rng_below(rng, bytes);
        const char *piece = pieces[rng_below(rng, sizeof(pieces) / sizeof(*pieces))];
        size_t length = strlen(piece), cut = (size_t)rng_below(rng, 12);

        switch (rng_below(rng, 5)) {
        case 0:
            mutated[at] = (char)rng_below(rng, 256);
            break;
        case 1:
            cut = cut < bytes - at ? cut : bytes - at;
            cut = bytes - cut < 16 ? 0 : cut;
            memmove(mutated + at, mutated + at + cut, bytes - at - cut);
            bytes -= cut;
            break;
        case 2:
            mutated[at] = mutated[other];
            break;
        default:
            if (bytes + length < mutated_bytes) {
                memmove(mutated + at + length, mutated + at, bytes - at);
                memcpy(mutated + at, piece, length);
                bytes += length;
            }
        }
    }
    return bytes;
}

static void check_resolved(const struct scenario *scenario)
{
    char *resolved = scenario_resolved_yaml(scenario), *again, *messages;
    struct scenario reloaded;

    if (sample_load(&reloaded, resolved, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s\n%s", messages, resolved);
    free(messages);
    again = scenario_resolved_yaml(&reloaded);
    assert_string_equal(again, resolved);
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
        char *text;

        diag_init(&diag);
        assert_int_equal(text_file_read(files[file], "f", (struct place){ 0, 0, 0 }, &diag, &text, &bytes),
                         TEXT_FILE_OK);
        diag_free(&diag);
        rng_init(&rng, 1, (uint32_t)file, RNG_TEST);
        for (uint32_t round = 0; round < ROUNDS; round++) {
            size_t mutated_bytes = mutate(&rng, text, bytes, mutated, sizeof(mutated));
            struct scenario scenario;
            char *messages;

            diag_init(&diag);
            if (scenario_load_text(&scenario, SAMPLE_PATH, mutated, mutated_bytes, NULL, 0, &diag) == SCENARIO_OK) {
                loaded++;
                check_resolved(&scenario);
                scenario_free(&scenario);
            } else {
                refused++;
                assert_true(diag.error_count > 0);
            }
            messages = sample_messages(&diag);
            free(messages);
            diag_free(&diag);
        }
        free(text);
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
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 0, RNG_TEST);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        char set[256];
        const char *sets[] = { set };
        struct scenario scenario;
        char *messages;

        snprintf(set, sizeof(set), "%s=%s%s%s", paths[rng_below(&rng, sizeof(paths) / sizeof(*paths))],
                 pieces[rng_below(&rng, sizeof(pieces) / sizeof(*pieces))],
                 pieces[rng_below(&rng, sizeof(pieces) / sizeof(*pieces))],
                 pieces[rng_below(&rng, sizeof(pieces) / sizeof(*pieces))]);
        if (sample_load(&scenario, SAMPLE, sets, 1, &messages) == SCENARIO_OK) {
            check_resolved(&scenario);
            scenario_free(&scenario);
        } else {
            assert_true(messages[0] != '\0');
        }
        free(messages);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(mutations_end), cmocka_unit_test(sets_end) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
