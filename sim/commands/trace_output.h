/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace file that a command line asks for: its options --trace-*, its errors, a note of what it holds.
 */
#ifndef TRACE_OUTPUT_H
#define TRACE_OUTPUT_H

#include "commands/cli.h"
#include "formats/trace_file.h"

/* Opens the file. An enum exit_code; unless it is EXIT_CODE_OK, the error has been printed and nothing is to be closed.
 */
int trace_output_open(struct trace_file *file, const struct cli *cli, const char *path, bool is_forced);

/* After the run: the file is there, and a note says what it holds and lacks. `is_good`: false when the run was refused;
 * then there is no file. An enum exit_code. */
int trace_output_close(struct trace_file *file, const struct cli *cli, const char *path, bool is_good);

#endif
