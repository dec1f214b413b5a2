/* SPDX-License-Identifier: Apache-2.0
 *
 * The interface to gnuplot, and the common style of all figures. Gnuplot executes commands in backticks inside double
 * quotes, opens pipes that are given as file names, and cannot read a text in single quotes that starts with one. In
 * texts, all but the plainest characters are therefore written as octal numbers, and file names are never passed.
 * "Enhanced" text, which would turn underscores into subscripts, is disabled.
 */
#ifndef PLOT_GNUPLOT_H
#define PLOT_GNUPLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum plot_format { PLOT_SVG, PLOT_PNG };

/* Colours of the Okabe-Ito palette, which colour-blind readers can distinguish. */
#define PLOT_VERMILLION "#D55E00"
#define PLOT_BLUE "#0072B2"
#define PLOT_GREEN "#009E73"
#define PLOT_PURPLE "#CC79A7"
#define PLOT_ORANGE "#E69F00"
#define PLOT_SKY "#56B4E9"
#define PLOT_INK "#333333"
#define PLOT_GREY "#D9D9D9"

/* Width of a figure of one panel in pixels of the SVG, at least. */
#define PLOT_WIDTH 760

/* Prints the terminal for a picture of this size in pixels of the SVG; the PNG has twice as many, or as many as it can
 * have. */
void plot_print_terminal(FILE *script, enum plot_format format, const char *name, int width, int height);

/* Prints the text in quotes, with '?' for control characters. */
void plot_print_quoted(FILE *script, const char *text);

/* Runs gnuplot. The caller frees *picture. Returns false with a message when gnuplot is not installed, fails, prints
 * errors or draws nothing. */
bool plot_run_gnuplot(const char *script, char **picture, size_t *picture_bytes, char *message, size_t message_bytes);

/* Gives the SVG its title, takes those of its parts away, and names the fonts that a browser may take where DejaVu Sans
 * is not installed; none is wider. Replaces *svg. */
void plot_finish_svg(char **svg, size_t *svg_bytes, const char *title);

#endif
