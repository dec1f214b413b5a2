/* SPDX-License-Identifier: Apache-2.0
 *
 * A trace file of a run: the format by its ending, the writer, and what of the trace it keeps.
 */
#ifndef FORMATS_TRACE_FILE_H
#define FORMATS_TRACE_FILE_H

#include "formats/output.h"
#include "formats/perfetto.h"
#include "formats/tracedat.h"
#include "formats/xentrace.h"
#include "trace/recorder.h"

struct cli;

struct trace_file {
    struct trace_choice choice;
    uint64_t cpus[TRACE_CPU_WORDS];
    struct output output;
    struct trace_recorder *recorder; /* its sink is the run's */
    struct xentrace_writer xentrace; /* one of the three writes */
    struct tracedat_writer tracedat;
    struct perfetto_writer perfetto;
};

/* Reads the options --trace-* and opens the file. An enum exit_code; unless it is EXIT_CODE_OK, the error has been
 * printed and nothing is to be closed. */
int trace_file_open(struct trace_file *file, const struct cli *cli, const char *path, bool force);

/* After the run: the file is there, and a note says what it lacks. `is_good`: false when the run was refused. */
int trace_file_close(struct trace_file *file, const struct cli *cli, bool is_good);

#endif
