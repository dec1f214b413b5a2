/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report says of the trace of a result: the result file holds none, so its run is repeated.
 */
#ifndef COMMANDS_REPORT_TRACE_H
#define COMMANDS_REPORT_TRACE_H

#include "commands/cli.h"
#include "report/sections.h"

#include "report/values.h"

#define REPORT_TRACES_MAX 4 /* results whose traces are on a page */

struct report_trace_choice {
    const char *window; /* "10ms,12ms"; NULL: around the slowest interrupt */
    size_t slowest;     /* how many */
    const char *path;   /* of the file with the only result; NULL: there are several */
};

struct report_traces {
    struct report_trace rows[REPORT_TRACES_MAX];
    size_t count;
};

/* Repeats the run of the first result of each column: once, or a second time for a window around the slowest
 * interrupt. Returns an enum exit_code; unless it is EXIT_CODE_OK, an error was printed. The caller frees the traces
 * with report_traces_free in both cases. */
int report_traces_make(const struct cli *cli, const struct values *values, const struct report_trace_choice *choice,
                       struct report_traces *traces);
void report_traces_free(struct report_traces *traces);

#endif
