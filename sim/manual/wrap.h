/* SPDX-License-Identifier: Apache-2.0
 *
 * Breaks text into lines of a width.
 */
#ifndef MANUAL_WRAP_H
#define MANUAL_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Prints the words of `text`, with the first line at the column `column`, where the output stands already, and the
 * others indented by `indent` blanks. No line is longer than `width` characters, unless a word is. Ends with the end of
 * a line. A newline in the text is a blank. */
void wrap_print(FILE *stream, const char *text, size_t column, size_t indent, size_t width);

/* Returns the number of characters of a UTF-8 text. */
size_t wrap_characters(const char *text, size_t bytes);

#endif
