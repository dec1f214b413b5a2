/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures of results: which ones the results can make, and files or terminal pictures of them.
 */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result/result.h"

struct plot_request {
    const struct result_set *set;
    const char *directory; /* for NAME.svg and NAME.png, replaced if there; exists. NULL: draw to `out` */
    int columns, rows;     /* of the terminal */
    bool use_colour;       /* in the terminal */
    FILE *out;
};

enum plot_status { PLOT_OK, PLOT_NOTHING, PLOT_FAILED };

/* Draws every figure that the results can make. hear(context, text) is told of each file written, and of each figure
 * that was left out and why. PLOT_NOTHING when none could be made; PLOT_FAILED, with a message, when gnuplot or a file
 * failed. */
enum plot_status plot_results(const struct plot_request *request, void (*hear)(void *context, const char *text),
                              void *context, char *message, size_t message_bytes);

#endif
