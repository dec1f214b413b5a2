/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace file of a run: its filter, the writer of its format, which the path's suffix selects, and the output.
 */
#ifndef FORMATS_TRACE_FILE_H
#define FORMATS_TRACE_FILE_H

#include "formats/output.h"
#include "formats/perfetto.h"
#include "formats/tracedat.h"
#include "formats/xentrace.h"
#include "trace/recorder.h"

/* The arguments of the options --trace-*; NULL when an option is absent. */
struct trace_file_options {
    const char *window, *cpus, *guest, *classes, *trigger, *memory;
    bool has_keep;
    uint64_t keep_ns;
    bool is_forced; /* overwrite an existing file */
};

enum trace_file_status {
    TRACE_FILE_OK,
    TRACE_FILE_REFUSED,    /* an option or the path's suffix is invalid */
    TRACE_FILE_UNWRITABLE, /* the file cannot be written */
};

/* The contents of the finished file. */
struct trace_file_summary {
    bool was_triggered; /* also true when there is no trigger */
    uint64_t records, bytes;
    uint64_t dropped;  /* records lost for lack of memory */
    char opening[256]; /* how to look into the file: a command, or where */
};

struct trace_file {
    struct trace_choice choice;
    uint64_t cpus[TRACE_CPU_WORDS];
    struct output output;
    struct trace_recorder *recorder; /* attach its sink to the run */
    struct xentrace_writer xentrace; /* only one of the three writers is used */
    struct tracedat_writer tracedat;
    struct perfetto_writer perfetto;
};

/* Parses the options and opens the file. On failure, `message` gives the reason and the file needs no cleanup. */
enum trace_file_status trace_file_open(struct trace_file *file, const struct trace_file_options *options,
                                       const char *path, char *message, size_t message_bytes);

/* Completes the file after the run and frees the writers. */
enum trace_file_status trace_file_close(struct trace_file *file, struct trace_file_summary *summary, char *message,
                                        size_t message_bytes);

/* Removes the file, for a run that did not start, and frees the writers. */
void trace_file_abandon(struct trace_file *file);

#endif
