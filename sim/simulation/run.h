/* SPDX-License-Identifier: Apache-2.0
 *
 * One simulation: a pure function of a resolved scenario and a seed. It reads no file. Any number of threads may run it
 * at the same time.
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

/* How a run and whoever watches it talk while it is going on. */
struct run_progress {
    const atomic_bool *is_cancelled; /* polled by the run; NULL: it cannot be cancelled */
    _Atomic uint64_t simulated_ns;   /* so far, warm-up included; written by the run */
    _Atomic uint64_t total_ns;       /* warm-up and duration; written by the run when it starts */
    _Atomic uint64_t events;         /* so far; written by the run */
};

/* Runs the scenario with this seed. Fills `result` from result_init on: the resolved YAML with this seed in it,
 * metrics, simulated_ns, wall, and is_partial when it was cancelled or when the modelled hypervisor crashed, then with
 * the violation; the caller frees it with result_free. The scenario is only read. False, with a message and `result`
 * untouched, when the machine has no room for the setup. */
bool run_scenario(const struct scenario *scenario, uint64_t seed, struct run_progress *progress, struct result *result,
                  char *message, size_t message_bytes);

/* The same, of the scenario's own seed, with its trace: the result has the same bytes. About `trace_limit`
 * records wait for the sink at once; what comes when they do is dropped, and counted in the trace. A sink that refuses
 * fails the run with its message. */
bool run_scenario_traced(const struct scenario *scenario, struct trace_sink *sink, size_t trace_limit,
                         struct run_progress *progress, struct result *result, char *message, size_t message_bytes);

#endif
