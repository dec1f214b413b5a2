/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs one simulation, a pure function of a resolved scenario and a seed that reads no files. Simulations may run in
 * any number of threads at the same time.
 */
#ifndef RUN_H
#define RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result/result.h"

struct scenario;
struct trace_sink;

/* Shared between a run and its watcher while the run is in progress. */
struct run_progress {
    const atomic_bool *is_cancelled; /* polled by the run; NULL: the run cannot be cancelled */
    _Atomic uint64_t simulated_ns;   /* simulated so far, warm-up included; written by the run */
    _Atomic uint64_t total_ns;       /* warm-up and duration; written by the run when it starts */
    _Atomic uint64_t events;         /* executed so far; written by the run */
};

/* Runs the scenario with this seed, without changing the scenario. Initialises and fills `result`: the resolved YAML
 * with this seed, metrics, simulated_ns and wall. is_partial is set when the run was cancelled, and when the modelled
 * hypervisor crashed; the result then has a violation. The caller frees it with result_free. Returns false with a
 * message, and does not touch `result`, when the setup does not fit the machine. */
bool run_scenario(const struct scenario *scenario, uint64_t seed, struct run_progress *progress, struct result *result,
                  char *message, size_t message_bytes);

/* Runs the scenario with its own seed and writes a trace to the sink. The result is the same as without a trace. About
 * `trace_limit` records are buffered for the sink; further records are dropped and counted in the trace. When the sink
 * fails, the run fails with the message of the sink. */
bool run_scenario_traced(const struct scenario *scenario, struct trace_sink *sink, size_t trace_limit,
                         struct run_progress *progress, struct result *result, char *message, size_t message_bytes);

#endif
