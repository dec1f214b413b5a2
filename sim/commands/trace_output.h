/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace file of a command: applies the options --trace-*, prints errors, and notes what the file contains.
 */
#ifndef TRACE_OUTPUT_H
#define TRACE_OUTPUT_H

#include "commands/cli.h"
#include "formats/trace_file.h"

/* Opens the file. Returns an enum exit_code; unless it is EXIT_CODE_OK, an error was printed and no file is open. */
int trace_output_open(struct trace_file *file, const struct cli *cli, const char *path);

/* Closes the file after the run and prints a note about its contents and dropped records. `is_good` is false when the
 * run was rejected; the file is then removed. Returns an enum exit_code. */
int trace_output_close(struct trace_file *file, const struct cli *cli, const char *path, bool is_good);

#endif
