/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in figures: how wide it is and where its lines break, so that a layout can be computed before anything is drawn.
 * Widths are those of DejaVu Sans; the fonts that a browser takes instead are no wider.
 */
#ifndef PLOT_TEXT_H
#define PLOT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A text of one or more lines. Control characters, bytes that are not UTF-8, characters that XML forbids or that change
 * the direction of a text, and pictures (emoji) are replaced by '?'. */
struct plot_text {
    char **lines;
    size_t count; /* at least 1; an empty text has one empty line */
    double width; /* of the widest line, in pixels */
};

/* Returns the width in pixels of the text in a font of `size` pixels. */
double plot_text_width(const char *text, double size);

/* Breaks the text into lines that are at most `width` pixels wide: after blanks, commas, slashes, dots and dashes where
 * possible, otherwise anywhere. A line has at least one character. The caller frees the text. */
struct plot_text plot_text_break(const char *text, double size, double width);
void plot_text_free(struct plot_text *text);

#endif
