/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages of the manual, made from the rows that the program itself uses.
 */
#ifndef COMMANDS_MANUAL_H
#define COMMANDS_MANUAL_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/cli.h"
#include "manual/document.h"

/* The pages: irqpath(1), one for each command, irqpath-scenario(5), irqpath-experiment(5). */
size_t manual_count(void);

/* The topic of a page in `irqpath help TOPIC`: "irqpath", "run", "scenario", "experiment-file". */
const char *manual_topic(size_t page);

/* Makes a page, which the caller frees with document_free. */
void manual_make(const struct cli *cli, size_t page, struct document *document);

/* Makes irqpath-scenario(5) (manual_scenario.c). */
void manual_scenario(const struct cli *cli, struct document *document);

/* Write the completions of a shell (completion.c). */
void completion_bash(const struct cli *cli, FILE *stream);
void completion_zsh(const struct cli *cli, FILE *stream);
void completion_fish(const struct cli *cli, FILE *stream);

#endif
