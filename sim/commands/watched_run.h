/* SPDX-License-Identifier: Apache-2.0
 *
 * One run with its progress on standard error, to be ended by Ctrl-C; with its trace when somebody wants that. And a
 * run that is done again, from what its result says of it.
 */
#ifndef WATCHED_RUN_H
#define WATCHED_RUN_H

#include "commands/cli.h"
#include "result/result.h"
#include "scenario/scenario.h"
#include "trace/sink.h"

/* run_scenario of the scenario's own seed; `sink` may be NULL. An enum exit_code; unless it is EXIT_CODE_OK,
 * the error has been printed, and `result` is untouched. `name`: in messages. */
int watched_run(const struct cli *cli, const char *name, const struct scenario *scenario, struct trace_sink *sink,
                size_t trace_limit, struct result *result);

/* Reads the one result of the file, does its run again for `sink`, and checks that it comes out the same: a run is a
 * function of what the result file holds. *again and *scenario are to be freed by the caller when it is EXIT_CODE_OK.
 */
int watched_rerun(const struct cli *cli, const char *path, struct trace_sink *sink, size_t trace_limit,
                  struct scenario *scenario, struct result *again);

#endif
