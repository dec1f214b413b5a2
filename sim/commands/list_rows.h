/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of `irqpath list`, for the manual and the completions, and how they are printed.
 */
#ifndef LIST_ROWS_H
#define LIST_ROWS_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "commands/cli.h"

/* Returns the name of a list, as in `irqpath list NAME`; NULL behind the last. */
const char *list_name(size_t index);

/* Returns the rows of a list as objects of strings, by the names of the columns; NULL when there is no such list. The
 * caller owns them. */
json_t *list_rows(const struct cli *cli, const char *name);

/* Prints the columns, which end with a NULL, side by side; the last is not padded. Where a line would be longer than
 * `width`, the last column is broken below itself, or each row becomes a paragraph when even the others are too wide.
 */
void list_print(const char *const *columns, const json_t *rows, size_t width, FILE *stream);

#endif
