/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a simulation with progress, and repeats the run of a result.
 */
#define _GNU_SOURCE
#include "commands/watched_run.h"

#include <stdio.h>
#include <string.h>

#include "code/object.h"
#include "commands/progress.h"
#include "result/cbor.h"
#include "result/file.h"
#include "result/metric_catalogue.h"
#include "simulation/run.h"

struct watched {
    struct run_progress run;
    const char *scenario;
    double start_seconds;
};

static void describe_run(void *context, char *line, size_t line_bytes)
{
    struct watched *watched = context;
    double now = (double)atomic_load(&watched->run.simulated_ns);
    double end = (double)atomic_load(&watched->run.total_ns);
    double fraction = end > 0 ? now / end : 0;
    char now_text[METRIC_TEXT_BYTES], end_text[METRIC_TEXT_BYTES], events[METRIC_TEXT_BYTES], left[32];

    metric_format(now, "ns", now_text);
    metric_format(end, "ns", end_text);
    metric_format((double)atomic_load(&watched->run.events), "count", events);
    progress_eta(progress_seconds() - watched->start_seconds, fraction, left, sizeof left);
    snprintf(line, line_bytes, "%s: %.0f %%, %s of %s simulated, %s events, %s left", watched->scenario, 100 * fraction,
             now_text, end_text, events, left);
}

int watched_run(const struct cli *cli, const char *name, const struct scenario *scenario, struct trace_sink *sink,
                size_t trace_limit, struct result *result)
{
    struct watched watched = { .scenario = scenario->name, .start_seconds = progress_seconds() };
    struct progress progress;
    char message[512] = "";

    watched.run.is_cancelled = &progress.watcher.is_cancelled;
    progress_start(&progress, cli->is_quiet, describe_run, &watched);
    bool is_good =
        sink == NULL ? run_scenario(scenario, scenario->setup.run.seed, &watched.run, result, message, sizeof message)
                     : run_scenario_traced(scenario, sink, trace_limit, &watched.run, result, message, sizeof message);
    progress_stop(&progress);
    if (!is_good)
        cli_error(cli, "%s: %s", name, message);
    return is_good ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

/* Copies the axes of a cell to the new result; their values are part of the resolved scenario. */
static bool is_same(const struct result *a, const struct result *b)
{
    struct result plain = *a;
    struct result_hash first, second;

    plain.axis_count = 0;
    first = result_hash(&plain);
    second = result_hash(b);
    return memcmp(first.bytes, second.bytes, sizeof first.bytes) == 0;
}

/* An interrupted run cannot be repeated, but a run that ended with a violation can. */
static bool is_interrupted(const struct result *result) { return result->is_partial && result->violation.kind == NULL; }

/* Finds the code object of the result, by its hash. NULL: none. False after an error was printed. */
static bool find_code(const struct cli *cli, const char *path, const struct result_code *code,
                      const struct code_object **object)
{
    if (!cli_open_code(cli, object))
        return false;
    if (code->hash == NULL && *object != NULL)
        cli_error(cli, "%s: the result is of no code object: leave out --code", path);
    else if (code->hash != NULL && *object == NULL)
        cli_error(cli, "%s: --code is missing: the result is of the code object %s (%s of %s)", path, code->hash,
                  code->files, code->commit);
    else if (code->hash != NULL && strcmp((*object)->hash, code->hash) != 0)
        cli_error(cli, "%s: the result is of the code object %s; %s is %s", path, code->hash, (*object)->path,
                  (*object)->hash);
    else
        return true;
    return false;
}

int watched_repeat(const struct cli *cli, const char *path, const struct result *result, struct trace_sink *sink,
                   size_t trace_limit, struct scenario *scenario, struct result *again)
{
    const struct code_object *object;
    struct diag diag;

    if (!find_code(cli, path, &result->code, &object))
        return EXIT_CODE_USAGE;
    if (is_interrupted(result)) {
        cli_error(cli, "%s: the run was interrupted, so it cannot be repeated", path);
        return EXIT_CODE_USAGE;
    }
    diag_init(&diag);
    enum scenario_status status =
        scenario_load_text(scenario, path, result->resolved, strlen(result->resolved), NULL, 0, &diag);
    if (status == SCENARIO_OK && object != NULL && !scenario_set_code(scenario, object, &diag)) {
        scenario_free(scenario);
        status = SCENARIO_INVALID;
    }
    if (status != SCENARIO_OK)
        diag_print(&diag, stderr, cli_use_colour(cli, 2));
    diag_free(&diag);
    if (status != SCENARIO_OK)
        return cli_scenario_code(status);
    int code = watched_run(cli, path, scenario, sink, trace_limit, again);
    if (code != EXIT_CODE_OK) {
        scenario_free(scenario);
        return code;
    }
    if (is_interrupted(again))
        code = EXIT_CODE_INTERRUPTED;
    else if (!is_same(result, again))
        code = EXIT_CODE_FAILED;
    if (code == EXIT_CODE_FAILED)
        cli_error(cli, "%s: the repeated run has another result: the file is from another version of the program",
                  path);
    if (code != EXIT_CODE_OK) {
        scenario_free(scenario);
        result_free(again);
    }
    return code;
}

int watched_rerun(const struct cli *cli, const char *path, struct trace_sink *sink, size_t trace_limit,
                  struct scenario *scenario, struct result *again)
{
    struct result_set set;
    char message[512];
    int code = EXIT_CODE_IO;

    result_set_init(&set);
    if (!result_file_read(&set, path, message, sizeof message)) {
        cli_error(cli, "%s", message);
    } else if (set.count != 1) {
        cli_error(cli, "%s: the file has %zu results; expected one", path, set.count);
        code = EXIT_CODE_USAGE;
    } else {
        code = watched_repeat(cli, path, &set.results[0], sink, trace_limit, scenario, again);
    }
    result_set_free(&set);
    return code;
}
