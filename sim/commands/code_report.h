/* SPDX-License-Identifier: Apache-2.0
 *
 * Which lines of a code object a command has run, and those of a patch.
 */
#ifndef CODE_REPORT_H
#define CODE_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct cli;
struct code_object;
struct patch;

/* Some lines: what was reached of each file, and of the patch, if there is one (NULL: none). */
void code_report_print(const struct code_object *code, const struct patch *patch, FILE *stream);

/* {"object", "compiler", "commit", "files": [{"file", "lines", "lines_reached", "blocks", "blocks_reached",
 * "functions": [{"name", "line", "blocks", "blocks_reached", "reached"}], "reached": [LINE...], "unreached":
 * [LINE...]}], "patch": {"lines", "with_code", "reached"}}; no "patch" without one. The caller owns the reference. */
json_t *code_report_json(const struct code_object *code, const struct patch *patch);

/* Writes the text of each file with a mark before each line (coverage_list). False after an error was printed. */
bool code_report_list(const struct cli *cli, const struct code_object *code, const char *path);

/* Whether no changed line has run. */
bool code_report_misses_patch(const struct code_object *code, const struct patch *patch);

#endif
