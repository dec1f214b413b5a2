/* SPDX-License-Identifier: Apache-2.0
 *
 * What irqpath itself wrote, and somebody may have damaged.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/diag.h"
#include "compare/groups.h"
#include "experiment/experiment.h"
#include "explore/checkpoint.h"
#include "explore/replay.h"
#include "fuzz/targets.h"
#include "report/sections.h"
#include "report/values.h"
#include "result/cbor.h"
#include "result/histograms.h"
#include "result/report.h"
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

/* What `show` prints of results, without colours. */
static void show(const struct result_set *set, FILE *out)
{
    for (size_t i = 0; i < set->count; i++)
        result_print_summary(&set->results[i], out, false);
    result_set_print_overview(set, out, false);
    result_set_print_csv(set, out);
    result_set_print_markdown(set, out);
    histograms_print_text(set, out);
    histograms_print_csv(set, out);
    json_print_document(result_set_to_json(set), "run", out);
}

/* The page of `report`. */
static void report(const struct result_set *set, FILE *out)
{
    struct compare_groups groups;
    struct values values;

    compare_groups_make(&groups, set);
    values_make(&values, &groups, 1);
    report_print(&(struct report){ .set = set, .groups = &groups, .values = &values }, NULL, out);
    values_free(&values);
    compare_groups_free(&groups);
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
    result_set_free(&again);
    struct fuzz_document document;
    fuzz_document_open(&document);
    show(&set, document.out);
    report(&set, document.out);
    fuzz_document_close(&document);
    result_set_free(&set);
}

void fuzz_replay(const uint8_t *bytes, size_t count)
{
    struct replay replay, again;
    char message[512], path[96];
    size_t written_count, again_count;

    if (!replay_read(&replay, fuzz_file(bytes, count), message, sizeof(message)))
        return;
    snprintf(path, sizeof(path), "%s/replay.json", fuzz_directory());
    CHECK(replay_write(&replay, path, true, message, sizeof(message)));
    replay_free(&replay);
    char *written = fuzz_text_of(path, &written_count);
    CHECK(replay_read(&again, path, message, sizeof(message)));
    CHECK(replay_write(&again, path, true, message, sizeof(message)));
    replay_free(&again);
    char *written_again = fuzz_text_of(path, &again_count);
    CHECK(written_count == again_count && memcmp(written, written_again, again_count) == 0);
    free(written);
    free(written_again);
}

void fuzz_checkpoint(const uint8_t *bytes, size_t count)
{
    struct checkpoint checkpoint;
    uint8_t *encoded, *encoded_again;
    char message[512];

    if (!checkpoint_decode(&checkpoint, bytes, count, message, sizeof(message)))
        return;
    size_t encoded_count = checkpoint_encode(&checkpoint, &encoded);
    checkpoint_free(&checkpoint);
    CHECK(checkpoint_decode(&checkpoint, encoded, encoded_count, message, sizeof(message)));
    size_t again_count = checkpoint_encode(&checkpoint, &encoded_again);
    CHECK(again_count == encoded_count && memcmp(encoded, encoded_again, again_count) == 0);
    checkpoint_free(&checkpoint);
    free(encoded);
    free(encoded_again);
}

void fuzz_plan(const uint8_t *bytes, size_t count)
{
    struct sweep_plan plan, again;
    char message[512], path[96];
    size_t written_count, again_count;

    snprintf(path, sizeof(path), "%s/sweep.json", fuzz_directory());
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(file >= 0 && write(file, bytes, count) == (ssize_t)count);
    close(file);
    bool is_read = sweep_plan_read(&plan, fuzz_directory(), message, sizeof(message));
    unlink(path);
    if (!is_read)
        return;
    CHECK(sweep_plan_write(&plan, fuzz_directory(), message, sizeof(message)));
    char *written = fuzz_text_of(path, &written_count);
    CHECK(sweep_plan_read(&again, fuzz_directory(), message, sizeof(message)));
    unlink(path);
    CHECK(sweep_plan_write(&again, fuzz_directory(), message, sizeof(message)));
    char *written_again = fuzz_text_of(path, &again_count);
    CHECK(written_count == again_count && memcmp(written, written_again, again_count) == 0);
    unlink(path);
    free(written);
    free(written_again);
    sweep_plan_free(&plan);
    sweep_plan_free(&again);
}
