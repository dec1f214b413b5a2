/* SPDX-License-Identifier: Apache-2.0
 *
 * The scripts and style sheets of the page, which are compiled into the program: every *.js and *.css below sim/report/
 * (assets.cmake writes the C source at build time), and the LICENSE of those that are not ours.
 */
#ifndef REPORT_ASSET_H
#define REPORT_ASSET_H

#include <stddef.h>

struct asset {
    const char *name; /* below sim/report/: "page.js", "uplot/uPlot.iife.min.js" */
    const unsigned char *bytes;
    size_t count;
    const char *sha256; /* 64 hexadecimal digits, of the bytes */
};

/* In ascending order of the names. */
extern const struct asset assets[];
extern const size_t asset_count;

#endif
