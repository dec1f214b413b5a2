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
#include <stdio.h>

typedef void fuzz_function(const uint8_t *bytes, size_t count);

fuzz_function fuzz_scenario;   /* a scenario file; its resolved text loads again, as the same text */
fuzz_function fuzz_run;        /* a scenario file; one that validates runs, for a moment */
fuzz_function fuzz_set;        /* --set PATH=VALUE on a shipped scenario, whose resolved text loads again */
fuzz_function fuzz_profile;    /* a machine file; one that is good is the machine of a scenario */
fuzz_function fuzz_times;      /* a .times file of arrivals */
fuzz_function fuzz_expect;     /* --expect 'METRIC OP VALUE' */
fuzz_function fuzz_experiment; /* an experiment file */
fuzz_function
    fuzz_result; /* a result; what is encoded again decodes to the same bytes, and every document of it ends */
fuzz_function fuzz_replay;     /* a replay of explore; what is written again reads back as the same text */
fuzz_function fuzz_checkpoint; /* the state of an interrupted exploration; encoded again it decodes to the same bytes */
fuzz_function fuzz_plan;       /* sweep.json; what is written again reads back as the same text */
fuzz_function fuzz_recording;  /* perf script and trace-cmd text, xentrace, /proc/interrupts; import's scenario loads */
fuzz_function fuzz_tracedat;   /* trace.dat, which a process of its own reads */
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

/* A directory in memory for what a target writes, removed when the program ends. */
const char *fuzz_directory(void);

/* The file's text; freed by the caller. */
char *fuzz_text_of(const char *path, size_t *count);

/* A document in memory, which may not grow without end. */
struct fuzz_document {
    FILE *out;
    char *text;
    size_t bytes;
};

void fuzz_document_open(struct fuzz_document *document);
/* CHECKs the size and drops the document. */
void fuzz_document_close(struct fuzz_document *document);

#endif
