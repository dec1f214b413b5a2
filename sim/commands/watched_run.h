/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a simulation with progress on standard error and cancellation by Ctrl-C, optionally with a trace; and repeats
 * the run of a result file.
 */
#ifndef WATCHED_RUN_H
#define WATCHED_RUN_H

#include "commands/cli.h"
#include "result/result.h"
#include "scenario/scenario.h"
#include "trace/sink.h"

/* Runs the scenario with its own seed. `sink` may be NULL; `name` is used in messages. Returns an enum exit_code;
 * unless it is EXIT_CODE_OK, an error was printed and `result` is not changed. */
int watched_run(const struct cli *cli, const char *name, const struct scenario *scenario, struct trace_sink *sink,
                size_t trace_limit, struct result *result);

/* Reads the only result of a file, repeats its run with the trace sink, and checks that the result is the same. Returns
 * an enum exit_code; after EXIT_CODE_OK the caller frees *again and *scenario. */
int watched_rerun(const struct cli *cli, const char *path, struct trace_sink *sink, size_t trace_limit,
                  struct scenario *scenario, struct result *again);

/* The same for a result in memory; `path` is used in messages. */
int watched_repeat(const struct cli *cli, const char *path, const struct result *result, struct trace_sink *sink,
                   size_t trace_limit, struct scenario *scenario, struct result *again);

#endif
