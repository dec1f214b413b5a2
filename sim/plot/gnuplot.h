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

enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_DUMB };

/* Colours of the Okabe-Ito palette, which colour-blind readers can distinguish. */
#define PLOT_VERMILLION "#D55E00"
#define PLOT_BLUE "#0072B2"
#define PLOT_GREEN "#009E73"
#define PLOT_PURPLE "#CC79A7"
#define PLOT_ORANGE "#E69F00"
#define PLOT_SKY "#56B4E9"
#define PLOT_INK "#333333"
#define PLOT_GREY "#D9D9D9"

/* Width of all figures in pixels of the SVG; the PNG has twice as many. */
#define PLOT_WIDTH 760

struct plot_canvas {
    enum plot_format format;
    int height;        /* of SVG, in pixels */
    int columns, rows; /* of PLOT_DUMB, in characters */
    bool use_colour;   /* of PLOT_DUMB */
};

/* Prints the settings of terminal, axes, grid, title and subtitle. `name` is the prefix of ids in an SVG. */
void plot_print_prelude(FILE *script, const struct plot_canvas *canvas, const char *name, const char *title,
                        const char *subtitle);

/* Prints the terminal for a picture of this size in pixels of the SVG; the PNG has twice as many. */
void plot_print_terminal(FILE *script, enum plot_format format, const char *name, int width, int height);

/* Prints the text in quotes, with '?' for control characters. */
void plot_print_quoted(FILE *script, const char *text);

/* Runs gnuplot. The caller frees *picture. Returns false with a message when gnuplot is not installed, fails, prints
 * errors or draws nothing. */
bool plot_run_gnuplot(const char *script, char **picture, size_t *picture_bytes, char *message, size_t message_bytes);

#endif
