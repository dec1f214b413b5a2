/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of explore and run about the code object of --code: what was reached of it, and of a patch.
 */
#ifndef COMMANDS_CODE_OUTPUT_H
#define COMMANDS_CODE_OUTPUT_H

#include "commands/cli.h"
#include "explore/code_report.h"

struct code_options {
    bool wants_coverage, is_unreached_allowed;
    const char *listing, *patch, *against;
};

/* Rows for a command's options; `type` has a member `code` of struct code_options. */
#define CODE_OUTPUT_OPTIONS(type) \
    { "coverage", \
      0, \
      CLI_FLAG, \
      offsetof(struct type, code.wants_coverage), \
      NULL, \
      NULL, \
      "with --code: print what was reached of each function" }, \
        { "listing", \
          0, \
          CLI_TEXT, \
          offsetof(struct type, code.listing), \
          "FILE", \
          NULL, \
          "with --code: write the object's source files to FILE, with what was reached before each line" }, \
        { "patch", \
          0, \
          CLI_TEXT, \
          offsetof(struct type, code.patch), \
          "FILE", \
          NULL, \
          "with --code: say which lines of this patch were reached; none: exit code 1" }, \
        { "against", \
          0, \
          CLI_TEXT, \
          offsetof(struct type, code.against), \
          "TREE", \
          NULL, \
          "the same for what differs from this tree" }, \
    { \
        "allow-unreached", 0, CLI_FLAG, offsetof(struct type, code.is_unreached_allowed), NULL, NULL, \
            "exit code 0 although no line of the patch was reached" \
    }

/* One command's use of an object, which may have several explorations. */
struct code_output {
    const struct cli *cli;
    const struct code_options *given;
    const struct code_object *object; /* NULL: not known yet, or none */
    uint8_t *covered;                 /* [object->text_bytes]: by all explorations before the present one */
    struct patch patch;
    bool has_patch;
};

/* Checks the options, which need --code, and reads the patch. False after an error was printed. */
bool code_output_open(struct code_output *output, const struct cli *cli, const struct code_options *given);
/* Before an exploration or run: no line has been reached. object NULL: no code object. False after an error was
 * printed.
 */
bool code_output_begin(struct code_output *output, const struct code_object *object);
/* After it. races NULL: none; owned by the report. NULL: no code object. */
struct code_report *code_output_report(const struct code_output *output, struct race_list *races);
/* At the end: writes the listing of what all of them have reached, and says when they reached nothing of the patch.
 * `is_good`: whether a patch that was not reached is a failure. Returns an enum exit_code. */
int code_output_close(struct code_output *output, bool is_good);

#endif
