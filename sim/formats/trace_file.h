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

/* What of the trace is kept, in the words of --trace-*; NULL: nothing said. */
struct trace_file_options {
    const char *window, *cpus, *guest, *classes, *trigger, *memory;
    bool has_keep;
    uint64_t keep_ns;
    bool is_forced; /* overwrites a file that is there */
};

enum trace_file_status {
    TRACE_FILE_OK,
    TRACE_FILE_REFUSED,    /* the options, or the ending of the path */
    TRACE_FILE_UNWRITABLE, /* the file system */
};

/* What the file holds in the end. */
struct trace_file_summary {
    bool was_triggered; /* true, too, when no trigger was asked for */
    uint64_t records, bytes;
    uint64_t dropped; /* for lack of memory */
};

struct trace_file {
    struct trace_choice choice;
    uint64_t cpus[TRACE_CPU_WORDS];
    struct output output;
    struct trace_recorder *recorder; /* its sink is the run's */
    struct xentrace_writer xentrace; /* one of the three writes */
    struct tracedat_writer tracedat;
    struct perfetto_writer perfetto;
};

/* Reads the options and opens the file. Unless TRACE_FILE_OK, the message says why, and nothing is to be closed. */
enum trace_file_status trace_file_open(struct trace_file *file, const struct trace_file_options *options,
                                       const char *path, char *message, size_t message_bytes);

/* After the run: the file is there, complete. */
enum trace_file_status trace_file_close(struct trace_file *file, struct trace_file_summary *summary, char *message,
                                        size_t message_bytes);

/* After a run that was refused: there is no file. */
void trace_file_abandon(struct trace_file *file);

#endif
