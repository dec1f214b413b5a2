/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a small scenario for a writer of traces, and asks other people's programs what the file holds.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/output.h"
#include "simulation/run.h"
#include "scenario/scenario.h"
#include "trace/recorder.h"

static inline bool export_has(const char *program, const char *package)
{
    char line[256];

    snprintf(line, sizeof line, "command -v %s >/dev/null 2>&1", program);
    if (system(line) == 0)
        return true;
    fprintf(stderr, "skipped: no %s (apt-get install %s)\n", program, package);
    return false;
}

/* The measured part of eight-socket-steal, shortened, through a recorder to `writer`, whose output is `output`. */
static inline void export_run(struct trace_sink *writer, struct output *output, const char *path, cycles *now)
{
    static const char *const sets[] = { "run.warmup=4ms", "run.duration=6ms" };
    static const struct trace_choice all = { 0 };
    static struct trace_recorder recorder;
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char message[512] = "";

    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, SOURCE_DIR "/scenarios/eight-socket-steal.yaml", sets, 2, &diag), 0);
    diag_free(&diag);
    assert_true(output_open(output, path, true, message, sizeof message));
    trace_recorder_init(&recorder, &all, writer);
    assert_true(run_scenario_traced(&scenario, &recorder.sink, 1 << 20, NULL, &result, message, sizeof message));
    assert_true(output_commit(output, message, sizeof message));
    *now = recorder.passed;
    trace_recorder_free(&recorder);
    result_free(&result);
    scenario_free(&scenario);
}

/* The number of lines of the command's output that contain `text`. */
static inline uint64_t export_count(const char *command, const char *text)
{
    char line[4096];
    uint64_t count = 0;
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe))
        count += strstr(line, text) != NULL;
    assert_int_equal(pclose(pipe), 0);
    return count;
}

#endif
