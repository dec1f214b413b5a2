/* SPDX-License-Identifier: Apache-2.0
 *
 * --junit and --annotations: where a command's cases go.
 */
#ifndef COMMANDS_CASES_OUTPUT_H
#define COMMANDS_CASES_OUTPUT_H

#include "commands/cli.h"
#include "report/cases.h"

/* Makes cli->cases where one of the options was given. Returns EXIT_CODE_OK, or another code after an error was
 * printed. */
int cases_output_open(struct cli *cli);

/* Writes the cases and frees them. A command that failed otherwise than by a case, with this exit code, has one of
 * that. Returns the code, or EXIT_CODE_IO after an error was printed. */
int cases_output_close(struct cli *cli, int code);

/* Of a process that is not the one to speak: nothing will be written. */
void cases_output_mute(const struct cli *cli);

#endif
