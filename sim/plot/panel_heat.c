/* SPDX-License-Identifier: Apache-2.0
 *
 * A heat map: cells as rectangles, coloured from pale to dark, with their values where these fit. Columns without a
 * measured value are left out. Values of both signs get colours of two hues that meet at 0.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "plot/panel.h"

#define NAME_WIDEST 260.0
#define NAME_GAP 8.0
#define CELL_WIDEST 96.0
#define CELL_HEIGHT 26.0
#define PAGE_WIDEST 1300.0 /* columns are not widened for their values beyond this */
#define BAR_WIDTH 180.0
#define BAR_HEIGHT 11.0
#define BAR_STEPS 60
#define EMPTY_CELL 0xF4F4F4

/* A cell shows its value alone: an interval that reaches below 0 makes no difference to the colours. */
static struct extent extent_of_cells(const struct chart_panel *of)
{
    struct extent extent = extent_none();

    for (size_t i = 0; i < of->series_count; i++)
        for (size_t at = 0; at < of->series[i].count; at++)
            extent_add(&extent, of->series[i].points[at].y);
    return extent;
}

static struct scale make_scale(const struct panel *panel)
{
    struct chart_axis axis = panel->of->value;
    struct extent extent = extent_of_cells(panel->of);
    struct scale scale = scale_make(&axis, extent, SCALE_FROM_ZERO);

    if (axis.low >= axis.high && extent.low <= extent.high && !axis.is_log) { /* without a margin */
        scale.low = fmin(0, extent.low);
        scale.high = extent.high > scale.low ? extent.high : scale.low + 1;
        if (scale.low < 0)
            scale.high = fmax(scale.high, -scale.low);
        if (scale.low < 0)
            scale.low = -scale.high;
    }
    return scale;
}

/* Numbers the columns that have a measured value; the others get -1. Returns their number. */
static size_t number_columns(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    size_t count = 0;

    panel->offset = calloc(of->key_count + 1, sizeof *panel->offset);
    CHECK(panel->offset != NULL);
    for (size_t key = 0; key < of->key_count; key++) {
        bool is_used = false;
        for (size_t i = 0; i < of->series_count && !is_used; i++)
            for (size_t at = 0; at < of->series[i].count && !is_used; at++)
                is_used = of->series[i].points[at].x == (double)key && isfinite(of->series[i].points[at].y);
        panel->offset[key] = is_used ? (double)count++ : -1;
    }
    return count;
}

/* Writes the value of a cell: with one decimal up to 100, with two digits if all are below 1. */
static void write_value(const struct panel *panel, double value, char text[AXIS_LABEL_BYTES])
{
    double largest = fmax(fabs(panel->value.low), fabs(panel->value.high)) / panel->value.factor;
    scale_format_fixed(&panel->value, value, largest >= 10 ? 3 : 2, text);
}

static double widest_value(const struct panel *panel)
{
    char text[AXIS_LABEL_BYTES];
    double widest = 0;

    for (size_t i = 0; i < panel->of->series_count; i++)
        for (size_t at = 0; at < panel->of->series[i].count; at++)
            if (isfinite(panel->of->series[i].points[at].y)) {
                write_value(panel, panel->of->series[i].points[at].y, text);
                widest = fmax(widest, plot_text_width(text, PANEL_NOTE_SIZE));
            }
    return widest;
}

static struct plot_text row_name(const struct panel *panel, size_t series)
{
    const char *name = panel->of->series[series].name;
    return plot_text_break(name != NULL ? name : "", PANEL_TEXT_SIZE, NAME_WIDEST);
}

static double row_names_width(const struct panel *panel)
{
    double widest = 0;
    for (size_t i = 0; i < panel->of->series_count; i++) {
        struct plot_text name = row_name(panel, i);
        widest = fmax(widest, name.width);
        plot_text_free(&name);
    }
    return widest;
}

double panel_heat_least(const struct chart_panel *panel, bool is_small)
{
    struct panel probe = { .of = panel, .width = PLOT_WIDTH };
    double cell = panel_column_least(panel), columns = (double)number_columns(&probe);

    (void)is_small;
    probe.value = make_scale(&probe);
    panel_measure_columns(&probe, cell);
    double names = fmax(row_names_width(&probe), panel_slant_overhang(&probe, cell)) + NAME_GAP + 10;
    double with_values = widest_value(&probe) + 8;
    panel_free(&probe);
    if (with_values > cell && names + columns * with_values <= PAGE_WIDEST)
        cell = with_values;
    return fmax(420, names + columns * cell);
}

void panel_heat_measure(struct panel *panel)
{
    size_t columns = number_columns(panel), lines = 1;

    panel->value = make_scale(panel);
    panel->key = (struct scale){ .high = 1, .base_unit = "", .suffix = "" };
    panel_measure_titles(panel);
    double names = row_names_width(panel) + NAME_GAP;
    double cell = fmin(fmax(CELL_WIDEST, panel_column_least(panel->of)),
                       (panel->width - names - 10) / (double)(columns > 0 ? columns : 1));
    panel_measure_columns(panel, cell);
    double overhang = panel_slant_overhang(panel, cell);
    if (overhang > names)
        cell = fmin(cell, (panel->width - overhang - 10) / (double)(columns > 0 ? columns : 1));
    panel->left = fmax(names, panel_slant_overhang(panel, cell));
    panel->right = fmax(0, panel->width - panel->left - cell * (double)columns);
    for (size_t i = 0; i < panel->of->series_count; i++) {
        struct plot_text name = row_name(panel, i);
        lines = name.count > lines ? name.count : lines;
        plot_text_free(&name);
    }
    panel->row_height = fmax(CELL_HEIGHT, (double)lines * PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT + 4);
    panel->plot_height = panel->row_height * (double)panel->of->series_count;
    panel->top = panel_text_height(&panel->value_title, PANEL_TEXT_SIZE) + 30 +
                 panel_text_height(&panel->row_title, PANEL_TEXT_SIZE) + 6;
    panel->bottom = PANEL_TICK + 6 + panel->name_height + panel_text_height(&panel->key_title, PANEL_TEXT_SIZE) + 6;
}

/* Mixes two colours. */
static uint32_t mix(uint32_t from, uint32_t to, double part)
{
    uint32_t rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double low = from >> shift & 0xFF, high = to >> shift & 0xFF;
        rgb |= (uint32_t)lround(low + part * (high - low)) << shift;
    }
    return rgb;
}

/* The colour of a part of the axis, from -1 to 1. */
static uint32_t colour_of(double part)
{
    static const uint32_t warm[] = { 0xFDFBF6, 0xFBDDB0, 0xE69F00, 0xC05400, 0x6E2C00 };
    static const uint32_t cold[] = { 0xFDFBF6, 0xBBDDF2, 0x56B4E9, 0x0072B2, 0x003B5C };
    const uint32_t *colours = part < 0 ? cold : warm;
    double step = 4 * fmin(1, fabs(part));
    int at = step >= 4 ? 3 : (int)step;
    return mix(colours[at], colours[at + 1], step - at);
}

static double part_of_axis(const struct panel *panel, double value)
{
    const struct scale *scale = &panel->value;
    if (scale->is_log)
        return value <= scale->low ? 0 : log(value / scale->low) / log(scale->high / scale->low);
    return scale->low < 0 ? value / scale->high : (value - scale->low) / (scale->high - scale->low);
}

static void draw_colour_bar(const struct panel *panel, struct page *page, double y)
{
    struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_LEFT, 0 };
    double x = panel->x - panel->left;
    char low[AXIS_LABEL_BYTES], high[AXIS_LABEL_BYTES];

    page_text(page, (struct page_place){ x, y }, font, &panel->value_title);
    y += panel_text_height(&panel->value_title, PANEL_TEXT_SIZE) + 2;
    scale_format(&panel->value, panel->value.low, 3, false, low);
    scale_format(&panel->value, panel->value.high, 3, false, high);
    page_line_of_text(page, (struct page_place){ x, y }, font, low);
    x += plot_text_width(low, PANEL_TEXT_SIZE) + 6;
    for (int i = 0; i < BAR_STEPS; i++) {
        double part = (i + 0.5) / BAR_STEPS;
        page_rectangle(page, (struct page_place){ x + BAR_WIDTH * i / BAR_STEPS, y - BAR_HEIGHT / 2 },
                       (struct page_place){ x + BAR_WIDTH * (i + 1) / BAR_STEPS, y + BAR_HEIGHT / 2 },
                       colour_of(panel->value.low < 0 && !panel->value.is_log ? 2 * part - 1 : part));
    }
    page_line_of_text(page, (struct page_place){ x + BAR_WIDTH + 6, y }, font, high);
}

static void draw_cell(const struct panel *panel, struct page *page, struct page_place corner, double width,
                      const struct chart_point *point, bool has_values)
{
    double height = panel->row_height;
    struct page_place end = { corner.x + width - 1, corner.y + height - 1 };
    char text[AXIS_LABEL_BYTES];

    if (point == NULL || !isfinite(point->y)) {
        page_rectangle(page, corner, end, EMPTY_CELL);
        return;
    }
    uint32_t rgb = colour_of(part_of_axis(panel, point->y));
    page_rectangle(page, corner, end, rgb);
    if (!has_values)
        return;
    struct page_font font = { PANEL_NOTE_SIZE, point->y == 0 ? PANEL_PALE : page_ink_on(rgb), PAGE_CENTRE, 0 };
    write_value(panel, point->y, text);
    page_line_of_text(page, (struct page_place){ corner.x + width / 2, corner.y + height / 2 }, font, text);
}

static const struct chart_point *find_point(const struct chart_series *series, size_t key)
{
    for (size_t i = 0; i < series->count; i++)
        if (series->points[i].x == (double)key)
            return &series->points[i];
    return NULL;
}

static void draw_rows(const struct panel *panel, struct page *page, double cell)
{
    bool has_values = widest_value(panel) + 6 <= cell;
    struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_RIGHT, 0 };

    for (size_t i = 0; i < panel->of->series_count; i++) {
        double y = panel->y + (double)i * panel->row_height;
        struct plot_text name = row_name(panel, i);
        double first = y + panel->row_height / 2 - ((double)name.count - 1) / 2 * PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT;
        page_text(page, (struct page_place){ panel->x - NAME_GAP, first }, font, &name);
        plot_text_free(&name);
        for (size_t key = 0; key < panel->of->key_count; key++)
            if (panel->offset[key] >= 0)
                draw_cell(panel, page, (struct page_place){ panel->x + panel->offset[key] * cell, y }, cell,
                          find_point(&panel->of->series[i], key), has_values);
    }
}

void panel_heat_draw(const struct panel *panel, struct page *page)
{
    struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_LEFT, 0 };
    double columns = 0, left = panel->x - panel->left;

    for (size_t key = 0; key < panel->of->key_count; key++)
        columns = fmax(columns, panel->offset[key] + 1);
    double cell = panel_plot_width(panel) / fmax(1, columns);
    draw_colour_bar(panel, page, panel->y - panel->top + PANEL_TEXT_SIZE * 0.65);
    page_text(page,
              (struct page_place){ left, panel->y - 6 - panel_text_height(&panel->row_title, PANEL_TEXT_SIZE) +
                                             PANEL_TEXT_SIZE * 0.65 },
              font, &panel->row_title);
    draw_rows(panel, page, cell);
    for (size_t key = 0; key < panel->of->key_count; key++)
        if (panel->offset[key] >= 0)
            panel_draw_column(panel, page, panel->x + (panel->offset[key] + 0.5) * cell, key);
    font.align = PAGE_CENTRE;
    double half = panel->key_title.width / 2, y = panel->y + panel->plot_height + panel->bottom;
    double centre = fmax(left + half, fmin(panel->x + panel_plot_width(panel) / 2, left + panel->width - half));
    page_text(page,
              (struct page_place){ centre,
                                   y - panel_text_height(&panel->key_title, PANEL_TEXT_SIZE) + PANEL_TEXT_SIZE * 0.65 },
              font, &panel->key_title);
}
