/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures of results: chooses the figures for which there is data and draws them to files or to a terminal.
 */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result/result.h"

struct plot_request {
    const struct result_set *set;
    const char *directory; /* must exist; gets NAME.svg and NAME.png. NULL: draw to `out` */
    int columns, rows;     /* of the terminal */
    bool use_colour;       /* in the terminal */
    bool is_forced;        /* overwrite existing files */
    FILE *out;
};

enum plot_status { PLOT_OK, PLOT_NOTHING, PLOT_FAILED };

/* Draws every figure for which the results have data. report(context, text) is called for each file that was written,
 * and for each figure that was left out, with the reason. Returns PLOT_NOTHING when no figure could be drawn, and
 * PLOT_FAILED, with a message, when gnuplot or a write failed. */
enum plot_status plot_results(const struct plot_request *request, void (*report)(void *context, const char *text),
                              void *context, char *message, size_t message_bytes);

#endif
