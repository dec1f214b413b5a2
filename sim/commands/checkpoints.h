/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath explore --checkpoint and --resume.
 */
#ifndef COMMANDS_CHECKPOINTS_H
#define COMMANDS_CHECKPOINTS_H

#include <stdbool.h>

#include "commands/cli.h"
#include "explore/checkpoint.h"
#include "explore/search.h"
#include "scenario/scenario.h"

struct checkpoint_options {
    const char *written, *resumed; /* paths; NULL: not given */
    struct cli_count seconds;
};

/* Rows for a command's options; `type` has a member `checkpoints` of struct checkpoint_options. */
#define CHECKPOINT_OPTIONS(type) \
    { "checkpoint", \
      0, \
      CLI_TEXT, \
      offsetof(struct type, checkpoints.written), \
      "FILE", \
      NULL, \
      "where a limit or a signal ends the search, write to FILE what --resume goes on from; during the search, too" }, \
        { "checkpoint-every", \
          0, \
          CLI_NUMBER, \
          offsetof(struct type, checkpoints.seconds), \
          "SECONDS", \
          NULL, \
          "how often during the search (default: 600)" }, \
    { \
        "resume", 0, CLI_TEXT, offsetof(struct type, checkpoints.resumed), "FILE", NULL, \
            "go on from this file of --checkpoint; needs the same arguments otherwise, except for limits and -j" \
    }

/* A command's use of checkpoints. */
struct checkpoints {
    const struct cli *cli;
    const struct checkpoint_options *given;
    struct checkpoint_key key; /* of the search in progress */
    struct checkpoint resumed;
    int status; /* enum exit_code: of what was written */
};

/* Checks the options, and reads the file of --resume. Returns an enum exit_code, after an error was printed if it is
 * not EXIT_CODE_OK. The caller calls checkpoints_close in either case. */
int checkpoints_open(struct checkpoints *checkpoints, const struct cli *cli, const struct checkpoint_options *given);

/* Before the search of a scenario, of which `designs` are explored: sets what the limits say of checkpoints. False
 * after an error was printed. */
bool checkpoints_begin(struct checkpoints *checkpoints, const struct scenario *scenario, const char *design,
                       size_t designs, struct explore_limits *limits);

/* Returns an enum exit_code. */
int checkpoints_close(struct checkpoints *checkpoints);

#endif
