/* SPDX-License-Identifier: Apache-2.0
 *
 * The gnuplot program and the house style. Gnuplot runs commands that stand in backticks inside double quotes, and
 * pipes that stand in file names: so texts of users reach it in single quotes or as data only, and it is never told a
 * file name. Texts are not "enhanced", which would turn names_with_underscores into subscripts.
 */
#ifndef PLOT_GNUPLOT_H
#define PLOT_GNUPLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_DUMB };

/* Of the Okabe-Ito palette, colour-blind safe. */
#define PLOT_VERMILLION "#D55E00"
#define PLOT_BLUE "#0072B2"
#define PLOT_GREEN "#009E73"
#define PLOT_PURPLE "#CC79A7"
#define PLOT_ORANGE "#E69F00"
#define PLOT_SKY "#56B4E9"
#define PLOT_INK "#333333"
#define PLOT_GREY "#D9D9D9"

/* Width of all figures in SVG pixels; PNG has twice as many. */
#define PLOT_WIDTH 760

struct plot_canvas {
    enum plot_format format;
    int height;        /* of SVG, in pixels */
    int columns, rows; /* of PLOT_DUMB, in characters */
    bool use_colour;   /* of PLOT_DUMB */
};

/* Terminal, axes, grid, title and subtitle. `name` prefixes the ids in an SVG. */
void plot_print_prelude(FILE *script, const struct plot_canvas *canvas, const char *name, const char *title,
                        const char *subtitle);

/* The text in single quotes; what would end the quotes or the line is replaced. */
void plot_print_quoted(FILE *script, const char *text);

/* Runs gnuplot. What it drew is on the heap; false with a message when it is not installed, fails, complains, or draws
 * nothing. */
bool plot_run_gnuplot(const char *script, char **picture, size_t *picture_bytes, char *message, size_t message_bytes);

#endif
