/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded mutations of valid experiments: loading gives either an experiment or messages. The sums of the messages'
 * places stand here: a change of what is refused changes them.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "experiment/experiment.h"
#include "mutated_text.h"
#include "scenario/text_file.h"
#include "scenario_samples.h"

static const struct file {
    const char *name;
    int rounds;
    uint64_t sum;
} files[] = {
    { "natural-machine", 120, 0xe85d8e4296990ccau },
    { "vfio-cost", 40, 0xdb909a1359f39b75u },
    { "qemu-paths", 40, 0x670dae373587c557u },
};

static void check_file(const struct file *file, uint32_t number)
{
    static char mutated[65536];
    uint64_t sum = 0;
    int loaded = 0;
    struct rng rng;
    struct diag diag;
    size_t bytes;
    char *text, path[256];

    (void)snprintf(path, sizeof(path), SOURCE_DIR "/bench/experiments/%s.yaml", file->name);
    diag_init(&diag);
    assert_int_equal(text_file_read(path, "f", (struct place){ 0, 0, 0 }, &diag, &text, &bytes), TEXT_FILE_OK);
    diag_free(&diag);
    rng_init(&rng, 3, number, RNG_TEST);
    for (int round = 0; round < file->rounds; round++) {
        struct experiment experiment;
        size_t mutated_bytes = mutate_text(&rng, text, bytes, mutated, sizeof(mutated));

        diag_init(&diag);
        if (experiment_load_text(&experiment, SAMPLE_PATH, mutated, mutated_bytes, round % 4 == 0, &diag) ==
            EXPERIMENT_OK) {
            loaded++;
            experiment_free(&experiment);
        } else {
            assert_true(diag.error_count > 0);
        }
        char *messages = sample_messages(&diag);
        add_places(&sum, messages);
        free(messages);
        diag_free(&diag);
    }
    free(text);
    assert_in_range(loaded, 1, file->rounds / 2);
    if (sum != file->sum)
        fail_msg("%s: messages at other places than before: 0x%016llx", file->name, (unsigned long long)sum);
}

static void mutations_are_refused_where_they_were(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        check_file(&files[i], i);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(mutations_are_refused_where_they_were) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
