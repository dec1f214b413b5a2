/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of other programs: recordings, topologies, objects.
 */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/diag.h"
#include "code/object.h"
#include "formats/recordings.h"
#include "fuzz/targets.h"
#include "machine/topology.h"
#include "result/report.h"
#include "scenario/scenario.h"
#include "trace/answer.h"
#include "trace/import.h"
#include "trace/rates.h"
#include "trace/timehist.h"

/* What `show` prints of a recording. */
static void show(struct recorded *recorded, FILE *out)
{
    struct timehist timehist;
    struct answer answer;
    char message[512];

    if (answer_make(&answer, recorded, 0, CYCLES_NEVER, message, sizeof(message))) {
        answer_print(&answer, 100, out, false);
        answer_print_csv(&answer, out);
        json_print_document(answer_json(&answer), "recording", out);
    }
    answer_free(&answer);
    timehist_init(&timehist);
    if (recorded_play(recorded, 0, CYCLES_NEVER, &timehist.sink, message, sizeof(message)) && timehist.has_vcpus) {
        timehist_print(&timehist, NULL, out, false);
        timehist_print_csv(&timehist, NULL, out);
    }
    timehist_free(&timehist);
}

/* What `trace import` writes is a scenario. */
static void import(struct recorded *recorded, bool is_fitted)
{
    struct import_choice choice = {
        .source = "fuzzed", .profile = "westmere-ex-8s", .is_fitted = is_fitted, .is_forced = true
    };
    char message[512], note[IMPORT_NOTE_BYTES], path[96];
    struct workload workload;
    struct scenario scenario;
    struct diag diag;

    workload_init(&workload);
    workload.is_linux = recorded->host == RECORDED_HOST_LINUX;
    bool is_played = recorded_play(recorded, 0, CYCLES_NEVER, &workload.sink, message, sizeof(message));
    choice.design = is_played ? import_design(recorded, &workload, NULL, note) : NULL;
    if (choice.design && import_prepare(&workload, choice.design, message, sizeof(message))) {
        snprintf(path, sizeof(path), "%s/imported.yaml", fuzz_directory());
        CHECK(import_write(&workload, recorded, &choice, note, path, message, sizeof(message)));
        diag_init(&diag);
        bool is_scenario = scenario_load(&scenario, path, NULL, 0, &diag) == SCENARIO_OK;
        if (!is_scenario)
            diag_print(&diag, stderr, false);
        CHECK(is_scenario);
        scenario_free(&scenario);
        diag_free(&diag);
    }
    workload_free(&workload);
}

static void read_recording(const uint8_t *bytes, size_t count)
{
    const struct recording_choice choice = { .allows_lost = true };
    struct recorded recorded;
    struct fuzz_document document;
    char message[512];
    uint64_t before = 0;

    recorded_init(&recorded);
    if (recorded_read(fuzz_file(bytes, count), &choice, &recorded, message, sizeof(message))) {
        for (size_t i = 0; i < recorded.count; i++) {
            CHECK(recorded.records[i].time >= before && recorded.records[i].time <= recorded.world.end);
            before = recorded.records[i].time;
        }
        fuzz_document_open(&document);
        show(&recorded, document.out);
        if (recorded.rate_count > 0)
            rates_report(&recorded, document.out, false);
        for (int is_fitted = 0; is_fitted < 2 && recorded.rate_count == 0; is_fitted++)
            import(&recorded, is_fitted);
        fuzz_document_close(&document);
    }
    recorded_free(&recorded);
}

static bool begins(const uint8_t *bytes, size_t count, const char *magic)
{
    return count >= strlen(magic) && memcmp(bytes, magic, strlen(magic)) == 0;
}

#define TRACEDAT "\x17\x08\x44"

/* Starting a process for each input would take most of the time: only this program's own readers. */
void fuzz_recording(const uint8_t *bytes, size_t count)
{
    static const char *const of_programs[] = { TRACEDAT, "\x1f\x8b",         "\xfd\x37zXZ", "\x28\xb5\x2f\xfd",
                                               "BZh",    "\x04\x22\x4d\x18", "PERFILE2" };

    for (size_t i = 0; i < sizeof(of_programs) / sizeof(of_programs[0]); i++)
        if (begins(bytes, count, of_programs[i]))
            return;
    read_recording(bytes, count);
}

void fuzz_tracedat(const uint8_t *bytes, size_t count)
{
    if (begins(bytes, count, TRACEDAT))
        read_recording(bytes, count);
}

void fuzz_topology(const uint8_t *bytes, size_t count)
{
    struct topology topology;
    char message[512];

    if (topology_load(&topology, fuzz_file(bytes, count), INTERCONNECT_FULL, message, sizeof(message))) {
        CHECK(topology.cpu_count > 0 && topology.cpu_count <= TOPOLOGY_CPUS_MAX);
        topology_free(&topology);
    }
}

void fuzz_code(const uint8_t *bytes, size_t count)
{
    char message[512];

    struct code_object *object = code_object_open(fuzz_file(bytes, count), message, sizeof(message));
    if (object) {
        CHECK(code_object_info(object, "abi")[0] != '\0');
        code_object_close(object);
    }
}
