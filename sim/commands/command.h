/* SPDX-License-Identifier: Apache-2.0
 *
 * A subcommand. Each subcommand is declared in the file commands/NAME.c; commands.c lists all of them.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "commands/cli.h"

struct command {
    const char *name;
    const char *arguments;            /* "SCENARIO", "[RESULT...] -o DIR": for the usage line */
    const char *summary;              /* one line, for `irqpath --help` */
    const char *description;          /* paragraphs for `irqpath NAME --help`; or NULL */
    const char *const *paragraphs;    /* instead of a description that is long; ends with NULL; or NULL */
    uint32_t common;                  /* flags of enum cli_common */
    const struct cli_option *options; /* the command's own */
    size_t option_count;
    size_t own_bytes; /* size of the struct that the options fill */
    size_t argument_minimum, argument_maximum;
    int (*run)(const struct cli *cli); /* returns an enum exit_code */
};

extern const struct command command_run;
extern const struct command command_sweep;
extern const struct command command_compare;
extern const struct command command_show;
extern const struct command command_plot;
extern const struct command command_validate;
extern const struct command command_explain;
extern const struct command command_list;
extern const struct command command_explore;
extern const struct command command_replay;
extern const struct command command_calibrate;
extern const struct command command_trace;
extern const struct command command_build;
extern const struct command command_report;
extern const struct command command_experiment;
extern const struct command command_version;
extern const struct command command_init;
extern const struct command command_help;

/* All of them, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

/* Returns the command with this name; prints an error with a suggestion and returns NULL when there is none. */
const struct command *command_find(const char *name);

/* What holds for all commands, for the help and the manual: exit codes and environment variables. End with a NULL. */
struct command_term {
    const char *term, *meaning;
};
extern const struct command_term command_exit_codes[], command_variables[];

void commands_print_usage(FILE *stream);

#endif
