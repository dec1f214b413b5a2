/* SPDX-License-Identifier: Apache-2.0
 *
 * The width that output may have.
 */
#ifndef COMMANDS_WIDTH_H
#define COMMANDS_WIDTH_H

#include <stddef.h>

/* Returns the number of characters in a line of what is written to the descriptor: $COLUMNS if that is a number from
 * 20, otherwise the width of the terminal; SIZE_MAX for a file or a pipe, from which nothing should be missing. */
size_t output_width(int descriptor);

#endif
