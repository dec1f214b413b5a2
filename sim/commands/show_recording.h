/* SPDX-License-Identifier: Apache-2.0
 *
 * Analyses of recordings for `irqpath show` and `irqpath report`.
 */
#ifndef COMMANDS_SHOW_RECORDING_H
#define COMMANDS_SHOW_RECORDING_H

#include "commands/cli.h"
#include "trace/recorded.h"
#include "trace/slowest.h"

struct recording_options {
    const char *window;    /* "10ms,12ms" since the recording's beginning; NULL: all of it */
    const char *guest;     /* kind of guest or a guest's name, for --timehist; NULL: all */
    const char *frequency; /* of an xentrace file's clock, "2.4GHz"; NULL: as the file says */
    bool allows_lost, wants_csv;
};

/* Whether the file is to be read as a recording: none that is a result, a directory, JSON or standard input. */
bool is_recording(const char *path);

/* Reads the recording, and finds the window in ticks of its clock: 0 and CYCLES_NEVER without one. Returns an enum
 * exit_code; unless it is EXIT_CODE_OK, an error was printed. The caller frees the recording in both cases. */
int recording_open(const struct cli *cli, const char *path, const struct recording_options *options,
                   struct recorded *recorded, cycles *from, cycles *until);

/* Plays the part of the recording to the sink. Returns an enum exit_code; unless it is EXIT_CODE_OK, an error was
 * printed. */
int recording_play(const struct cli *cli, const char *path, struct recorded *recorded, cycles from, cycles until,
                   struct trace_sink *sink);

int show_recording_attribution(const struct cli *cli, const char *path, const struct recording_options *options);
int show_recording_timehist(const struct cli *cli, const char *path, const struct recording_options *options);
int show_recording_slowest(const struct cli *cli, const char *path, const struct recording_options *options,
                           size_t wanted);

/* The slowest interrupts that the recording follows to a handler or, where it follows none, the slowest wake-ups.
 * `slowest` is initialised and empty. Returns an enum exit_code; unless it is EXIT_CODE_OK, an error was printed. */
int recording_slowest(const struct cli *cli, const char *path, struct recorded *recorded, cycles from, cycles until,
                      struct slowest *slowest);

#endif
