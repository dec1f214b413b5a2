/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report says of a recording.
 */
#ifndef COMMANDS_REPORT_RECORDING_H
#define COMMANDS_REPORT_RECORDING_H

#include "commands/show_recording.h"
#include "report/sections.h"

/* Reads the recording and fills the trace's answer, its `wanted` slowest interrupts or wake-ups, and its timeline: that
 * of the window of the options, or around the slowest. Returns an enum exit_code; unless it is EXIT_CODE_OK, an error
 * was printed. The caller releases what was filled in both cases. */
int report_recording_make(const struct cli *cli, const char *path, const struct recording_options *options,
                          size_t wanted, struct report_trace *trace);

#endif
