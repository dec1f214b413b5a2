/* SPDX-License-Identifier: Apache-2.0
 *
 * What irqpath itself wrote, and somebody may have damaged.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/diag.h"
#include "experiment/experiment.h"
#include "explore/checkpoint.h"
#include "explore/replay.h"
#include "fuzz/targets.h"
#include "result/cbor.h"
#include "result/result.h"
#include "sweep/plan.h"

void fuzz_experiment(const uint8_t *bytes, size_t count)
{
    struct experiment experiment;
    struct diag diag;

    diag_init(&diag);
    enum experiment_status status = experiment_load_text(&experiment, SOURCE_DIR "/bench/experiments/fuzzed.yaml",
                                                         (const char *)bytes, count, true, &diag);
    CHECK((status == EXPERIMENT_OK) == (diag.error_count == 0));
    if (status == EXPERIMENT_OK)
        experiment_free(&experiment);
    diag_free(&diag);
}

void fuzz_result(const uint8_t *bytes, size_t count)
{
    uint8_t *encoded, *encoded_again;
    struct result_set set, again;
    char message[512];

    result_set_init(&set);
    if (!result_decode(&set, bytes, count, message, sizeof(message)))
        return;
    size_t encoded_count = result_encode(&set, "fuzz", &encoded);
    result_set_init(&again);
    CHECK(result_decode(&again, encoded, encoded_count, message, sizeof(message)));
    size_t again_count = result_encode(&again, "fuzz", &encoded_again);
    CHECK(again_count == encoded_count && memcmp(encoded, encoded_again, again_count) == 0);
    free(encoded);
    free(encoded_again);
    result_set_free(&set);
    result_set_free(&again);
}

/* The file's text; freed by the caller. */
static char *text_of(const char *path, size_t *count)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    CHECK(file >= 0 && fstat(file, &status) == 0);
    *count = (size_t)status.st_size;
    char *text = malloc(*count + 1);
    CHECK(text && read(file, text, *count) == (ssize_t)*count);
    close(file);
    return text;
}

void fuzz_replay(const uint8_t *bytes, size_t count)
{
    struct replay replay, again;
    char message[512], path[64];
    size_t written_count, again_count;

    if (!replay_read(&replay, fuzz_file(bytes, count), message, sizeof(message)))
        return;
    snprintf(path, sizeof(path), "/dev/shm/irqpath-fuzz-%d.json", (int)getpid());
    CHECK(replay_write(&replay, path, true, message, sizeof(message)));
    replay_free(&replay);
    char *written = text_of(path, &written_count);
    CHECK(replay_read(&again, path, message, sizeof(message)));
    CHECK(replay_write(&again, path, true, message, sizeof(message)));
    replay_free(&again);
    char *written_again = text_of(path, &again_count);
    CHECK(written_count == again_count && memcmp(written, written_again, again_count) == 0);
    free(written);
    free(written_again);
    unlink(path);
}

void fuzz_checkpoint(const uint8_t *bytes, size_t count)
{
    struct checkpoint checkpoint;
    char message[512];

    if (checkpoint_decode(&checkpoint, bytes, count, message, sizeof(message)))
        checkpoint_free(&checkpoint);
}

void fuzz_plan(const uint8_t *bytes, size_t count)
{
    static char directory[64], path[96];
    struct sweep_plan plan;
    char message[512];

    if (!directory[0]) {
        snprintf(directory, sizeof(directory), "/dev/shm/irqpath-fuzz-plan-%d", (int)getpid());
        CHECK(mkdir(directory, 0700) == 0);
        snprintf(path, sizeof(path), "%s/sweep.json", directory);
    }
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(file >= 0 && write(file, bytes, count) == (ssize_t)count);
    close(file);
    if (sweep_plan_read(&plan, directory, message, sizeof(message)))
        sweep_plan_free(&plan);
}
