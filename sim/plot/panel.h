/* SPDX-License-Identifier: Apache-2.0
 *
 * The layout of a panel of a chart. A kind measures a panel for a given width, which yields its margins and height, and
 * draws it once chart.c has placed it. Measures are in pixels.
 *
 *   +- width ---------------------------+
 *   | title                             |
 *   | top: titles of axes, labels       |
 *   |       +-------------------+       |
 *   | left  |   plot_height     | right |
 *   |       +-------------------+       |
 *   | bottom: ticks, title of an axis   |
 *   | notes: published values           |
 *   +-----------------------------------+
 */
#ifndef PLOT_PANEL_H
#define PLOT_PANEL_H

#include "plot/axis.h"
#include "plot/chart.h"
#include "plot/page.h"
#include "plot/text.h"

#define PANEL_TITLE_SIZE 13.0
#define PANEL_TEXT_SIZE 12.0
#define PANEL_NOTE_SIZE 10.5
#define PANEL_TEXT_COLOUR "#111111"
#define PANEL_PALE "#666666"
#define PANEL_GRID "#DDDDDD"
#define PANEL_TICK 4.0 /* length of a tick */

/* How a series looks in all panels. */
struct chart_style {
    const char *name, *colour;
    const char *ink; /* the colour for text: dark enough to be read on white */
    enum page_marker marker;
    enum page_dash dash;
};

struct chart_styles {
    struct chart_style *style;
    size_t count;
};

struct panel {
    const struct chart_panel *of;
    const struct chart_styles *styles;
    bool has_labels; /* series are named in the panel, not in the legend */
    bool is_small;   /* one of many */
    double width, left, right, top, bottom, plot_height;
    double x, y; /* upper left corner of the plot, known when drawing */
    struct scale key, value;
    struct plot_text title, key_title, value_title, row_title, notes;
    struct plot_text *names; /* of the keys */
    double name_height;      /* of the names below the plot, and whether they are written slantwise */
    bool are_names_slant;
    double *offset; /* of each key: the middle of its row, in pixels, or (HEAT) the number of its column, or -1 */
    double row_height;
};

/* Returns the least width that the kind can be drawn in. */
double panel_lines_least(const struct chart_panel *panel, bool is_small);
double panel_rows_least(const struct chart_panel *panel, bool is_small);
double panel_heat_least(const struct chart_panel *panel, bool is_small);
double panel_points_least(const struct chart_panel *panel, bool is_small);

/* Fills margins, plot_height and scales for the width. */
void panel_lines_measure(struct panel *panel);
void panel_ccdf_measure(struct panel *panel);
void panel_rows_measure(struct panel *panel);
void panel_heat_measure(struct panel *panel);
void panel_points_measure(struct panel *panel);

void panel_lines_draw(const struct panel *panel, struct page *page);
void panel_ccdf_draw(const struct panel *panel, struct page *page);
void panel_rows_draw(const struct panel *panel, struct page *page);
void panel_heat_draw(const struct panel *panel, struct page *page);
void panel_points_draw(const struct panel *panel, struct page *page);

/* Whether each curve's name has a place beside the curve where it covers nothing. */
bool panel_ccdf_can_label(struct panel *panel);

void panel_free(struct panel *panel);

/* Parts that kinds share. */

const struct chart_style *panel_style(const struct panel *panel, size_t series);
double panel_text_height(const struct plot_text *text, double size);
double panel_plot_width(const struct panel *panel);

/* Breaks the titles of the axes and the notes for the width of the panel. */
void panel_measure_titles(struct panel *panel);

/* Adds an extent of values of the points, intervals, published values and references. */
struct extent panel_value_extent(const struct panel *panel);
struct extent panel_key_extent(const struct panel *panel);

/* Sets where the scales lie on the page. */
void panel_place_scales(struct panel *panel, bool are_keys_across);

/* Returns the least width of a column, in which a name that is written slantwise has room for its lines. */
double panel_column_least(const struct chart_panel *panel);

/* Breaks the names of the keys for columns of this width below the plot, or writes them slantwise. */
void panel_measure_columns(struct panel *panel, double column_width);
void panel_draw_column(const struct panel *panel, struct page *page, double x, size_t key);

/* Width of the margin that slanting names need left of the first column. */
double panel_slant_overhang(const struct panel *panel, double column_width);

/* The frame of LINES, CCDF and POINTS: keys from left to right, values upwards, and the margins for ticks and titles.
 * `right` and plot_height are set. */
void panel_frame_measure(struct panel *panel);
void panel_frame_draw(const struct panel *panel, struct page *page);

/* Shortens a segment to its part in the rectangle. Returns false when no part of it is inside. */
bool panel_clip(struct page_place *from, struct page_place *to, struct page_place low, struct page_place high);

/* A line across the plot, from left to right at the height y or from top to bottom at x. */
void panel_draw_across(const struct panel *panel, struct page *page, double y, const char *colour, double width,
                       enum page_dash dash);
void panel_draw_down(const struct panel *panel, struct page *page, double x, const char *colour, double width,
                     enum page_dash dash);

#endif
