/* SPDX-License-Identifier: Apache-2.0
 *
 * What is fuzzed: a function for each kind of input that somebody else may have written. It takes any bytes, and fails
 * a CHECK when one of its properties does not hold: beyond "no crash", what is read and written again is the same, and
 * what validates runs.
 */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

typedef void fuzz_function(const uint8_t *bytes, size_t count);

fuzz_function fuzz_scenario;   /* a scenario file; its resolved text loads again, as the same text */
fuzz_function fuzz_run;        /* a scenario file; one that validates runs, for a moment */
fuzz_function fuzz_set;        /* --set PATH=VALUE on a shipped scenario */
fuzz_function fuzz_profile;    /* a machine file */
fuzz_function fuzz_times;      /* a .times file of arrivals */
fuzz_function fuzz_expect;     /* --expect 'METRIC OP VALUE' */
fuzz_function fuzz_experiment; /* an experiment file */
fuzz_function fuzz_result;     /* a result; what is encoded again decodes to the same bytes */
fuzz_function fuzz_replay;     /* a replay of explore; what is written again reads back as the same text */
fuzz_function fuzz_checkpoint; /* the state of an interrupted exploration */
fuzz_function fuzz_plan;       /* sweep.json */
fuzz_function fuzz_recording;  /* perf script and trace-cmd text, xentrace, trace.dat, /proc/interrupts */
fuzz_function fuzz_topology;   /* XML of hwloc */
fuzz_function fuzz_code;       /* a code object, as far as it is read without being run */

struct fuzz_target {
    const char *name;
    fuzz_function *function;
};

/* Ends with a row without a name. */
extern const struct fuzz_target fuzz_targets[];

/* The path of a file with these contents, which is the same file at each call. */
const char *fuzz_file(const uint8_t *bytes, size_t count);

#endif
