/* SPDX-License-Identifier: Apache-2.0
 *
 * A page on which figures are drawn in pixels from its upper left corner. Everything is placed by the figure's layout,
 * so that nothing depends on where a version of gnuplot would put it; gnuplot turns the page into SVG or PNG. Shapes
 * are drawn in the order of the calls, and texts above all of them.
 */
#ifndef PLOT_PAGE_H
#define PLOT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plot/gnuplot.h"
#include "plot/text.h"

/* Distance of lines of a text, as a multiple of the font's size. */
#define PAGE_LINE_HEIGHT 1.3

enum page_align { PAGE_LEFT, PAGE_CENTRE, PAGE_RIGHT };
enum page_dash { PAGE_SOLID = 1, PAGE_DASHED = 2, PAGE_DOTTED = 3 };
enum page_marker { PAGE_DISC = 7, PAGE_SQUARE = 5, PAGE_TRIANGLE = 9, PAGE_DIAMOND = 13, PAGE_HOLLOW_DIAMOND = 12 };

struct page {
    FILE *labels, *data, *plots; /* parts of the script */
    char *text[3];
    size_t text_bytes[3];
    int label_count, block_count;
    char style[80]; /* of the block that is being written */
};

struct page_font {
    double size; /* pixels */
    const char *colour;
    enum page_align align;
    int angle; /* degrees, counterclockwise */
};

struct page_place {
    double x, y;
};

void page_open(struct page *page);

/* Writes one line of text whose middle is at the height y. The text must be drawable (plot_text_break). */
void page_line_of_text(struct page *page, struct page_place at, struct page_font font, const char *text);

/* Writes the lines of a text, the first with its middle at the height y. */
void page_text(struct page *page, struct page_place at, struct page_font font, const struct plot_text *text);

void page_polyline(struct page *page, const struct page_place *places, size_t count, const char *colour, double width,
                   enum page_dash dash);
void page_segment(struct page *page, struct page_place from, struct page_place to, const char *colour, double width,
                  enum page_dash dash);

/* Fills a polygon with the colour, mixed with the background. */
void page_area(struct page *page, const struct page_place *places, size_t count, const char *colour);
void page_rectangle(struct page *page, struct page_place from, struct page_place to, uint32_t rgb);
void page_marker(struct page *page, struct page_place at, enum page_marker marker, double size, const char *colour);

uint32_t page_rgb(const char *colour);

/* Returns black or white, whichever has more contrast on the colour (WCAG 2). */
const char *page_ink_on(uint32_t rgb);

/* Returns the script that draws the page; the caller frees it. The page is closed. `name` is the prefix of ids in SVG.
 */
char *page_close(struct page *page, enum plot_format format, const char *name, int width, int height);

#endif
