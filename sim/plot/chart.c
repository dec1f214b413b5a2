/* SPDX-License-Identifier: Apache-2.0
 *
 * Lays out a chart: title, subtitle, legend and panels, from top to bottom. As many panels stand beside each other as
 * their least widths allow.
 */
#define _GNU_SOURCE
#include "plot/chart.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "plot/panel.h"
#include "plot/series.h"

#define MARGIN 20.0
#define PANEL_GAP 26.0
#define ROW_GAP 18.0
#define PAGE_WIDEST 1120.0 /* for several panels beside each other */
#define TITLE_SIZE 15.0
#define SUBTITLE_SIZE 10.5
#define LEGEND_GAP 20.0 /* between two entries */
#define LEGEND_INDENT 16.0
#define MANY_PANELS 3 /* more are small, and their lines are named in the legend */

struct chart_layout {
    const struct chart *chart;
    struct chart_styles styles;
    struct panel *panels;
    size_t columns;
    double width;
    double y; /* where what comes next begins */
    struct page page;
};

static const struct kind {
    double (*least)(const struct chart_panel *panel, bool is_small);
    void (*measure)(struct panel *panel);
    void (*draw)(const struct panel *panel, struct page *page);
} kinds[] = {
    [CHART_BARS] = { panel_rows_least, panel_rows_measure, panel_rows_draw },
    [CHART_LINES] = { panel_lines_least, panel_lines_measure, panel_lines_draw },
    [CHART_DOTS] = { panel_rows_least, panel_rows_measure, panel_rows_draw },
    [CHART_CCDF] = { panel_lines_least, panel_ccdf_measure, panel_ccdf_draw },
    [CHART_HEAT] = { panel_heat_least, panel_heat_measure, panel_heat_draw },
    [CHART_STACK] = { panel_rows_least, panel_rows_measure, panel_rows_draw },
    [CHART_FOREST] = { panel_rows_least, panel_rows_measure, panel_rows_draw },
    [CHART_POINTS] = { panel_points_least, panel_points_measure, panel_points_draw },
};

static bool is_empty(const char *text) { return text == NULL || text[0] == '\0'; }

static bool has_value(const struct chart_panel *panel)
{
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t at = 0; at < panel->series[i].count; at++)
            if (isfinite(panel->series[i].points[at].y))
                return true;
    return false;
}

static bool has_good_colours(const struct chart_panel *panel)
{
    for (size_t i = 0; i < panel->series_count; i++) {
        const char *colour = panel->series[i].colour;
        if (colour != NULL &&
            (colour[0] != '#' || strlen(colour) != 7 || strspn(colour + 1, "0123456789abcdefABCDEF") != 6))
            return false;
    }
    return true;
}

/* Whether keys run from left to right, and may be numbers. */
static bool are_keys_across(enum chart_kind kind)
{
    return kind == CHART_LINES || kind == CHART_CCDF || kind == CHART_POINTS;
}

const char *chart_fault(const struct chart *chart)
{
    if (is_empty(chart->title))
        return "it has no title";
    if (chart->panel_count == 0)
        return "it has no panel";
    for (size_t i = 0; i < chart->panel_count; i++) {
        const struct chart_panel *panel = &chart->panels[i];
        if (is_empty(panel->key.title) || is_empty(panel->value.title))
            return "an axis has no title";
        if (panel->kind == CHART_HEAT && is_empty(panel->row_title))
            return "the axis of rows has no title";
        if (!are_keys_across(panel->kind) && (panel->keys == NULL || panel->key_count == 0))
            return "it has no keys";
        if (!has_good_colours(panel))
            return "a colour is not of the form #rrggbb";
        if (!has_value(panel))
            return "it has no value to draw";
    }
    return NULL;
}

/* The colour in which text of a series is written: darker where the colour itself is too pale on white (WCAG 4.5:1). */
static const char *ink_of(const char *colour)
{
    static const char *const inks[][2] = {
        { PLOT_VERMILLION, "#B34F00" }, { PLOT_GREEN, "#007F5C" }, { PLOT_PURPLE, "#A6527F" },
        { PLOT_ORANGE, "#946600" },     { PLOT_SKY, "#1F78AD" },   { PLOT_GREY, "#666666" },
    };
    for (size_t i = 0; i < sizeof inks / sizeof inks[0]; i++)
        if (strcmp(inks[i][0], colour) == 0)
            return inks[i][1];
    return colour;
}

/* Runstates have the same colours in all figures. Returns NULL for other parts of a STACK. */
static const char *runstate_colour(const char *name)
{
    static const char *const colours[][2] = {
        { "offline", PLOT_PURPLE },   { "on the lock", PLOT_ORANGE }, { "runnable", PLOT_VERMILLION },
        { "steal", PLOT_VERMILLION }, { "running", PLOT_BLUE },       { "blocked", PLOT_GREY },
    };
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (strstr(name, colours[i][0]) != NULL)
            return colours[i][1];
    return NULL;
}

static void add_style(struct chart_styles *styles, const struct chart_panel *panel, const struct chart_series *series)
{
    const char *colour = series->colour;
    const char *name = series->name != NULL ? series->name : "";
    for (size_t i = 0; i < styles->count; i++)
        if (strcmp(styles->style[i].name, name) == 0)
            return;
    styles->style = realloc(styles->style, (styles->count + 1) * sizeof *styles->style);
    CHECK(styles->style != NULL);
    if (colour == NULL && panel->kind == CHART_STACK)
        colour = runstate_colour(name);
    styles->style[styles->count++] = (struct chart_style){ .name = name, .colour = colour };
}

static void choose_styles(struct chart_layout *layout)
{
    static const enum page_marker markers[] = { PAGE_DISC, PAGE_SQUARE, PAGE_TRIANGLE, PAGE_DIAMOND };
    static const enum page_dash dashes[] = { PAGE_SOLID, PAGE_DASHED, PAGE_DOTTED };
    struct chart_styles *styles = &layout->styles;

    for (size_t i = 0; i < layout->chart->panel_count; i++) {
        const struct chart_panel *panel = &layout->chart->panels[i];
        for (size_t at = 0; panel->kind != CHART_HEAT && at < panel->series_count; at++)
            add_style(styles, panel, &panel->series[at]);
    }
    const char **names = calloc(styles->count + 1, sizeof *names), **colours = calloc(styles->count + 1, sizeof *names);
    CHECK(names != NULL && colours != NULL);
    for (size_t i = 0; i < styles->count; i++)
        names[i] = styles->style[i].name;
    plot_choose_colours(names, styles->count, colours);
    for (size_t i = 0; i < styles->count; i++) {
        struct chart_style *style = &styles->style[i];
        if (style->colour == NULL)
            style->colour = colours[i];
        style->ink = ink_of(style->colour);
        style->marker = markers[i % 4];
        style->dash = dashes[i / 7 % 3];
    }
    free(names);
    free(colours);
}

/* Whether a panel's series are named in the legend. */
static bool uses_legend(const struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    return of->kind != CHART_HEAT && !panel->has_labels &&
           (of->series_count > 1 || (of->kind == CHART_STACK && of->series_count > 0));
}

static void measure_panel(struct panel *panel)
{
    if (!is_empty(panel->of->title))
        panel->title = plot_text_break(panel->of->title, PANEL_TITLE_SIZE, panel->width);
    kinds[panel->of->kind].measure(panel);
}

/* Chooses the number of columns and the width of the page, and measures the panels. */
static void measure_panels(struct chart_layout *layout)
{
    const struct chart *chart = layout->chart;
    size_t count = chart->panel_count, columns = 1;
    bool is_small = count > MANY_PANELS;
    double least = 0;

    for (size_t i = 0; i < count; i++)
        least = fmax(least, kinds[chart->panels[i].kind].least(&chart->panels[i], is_small));
    while (columns < count && (double)(columns + 1) * (least + PANEL_GAP) - PANEL_GAP + 2 * MARGIN <= PAGE_WIDEST)
        columns++;
    size_t rows = (count + columns - 1) / columns;
    layout->columns = (count + rows - 1) / rows;
    double gaps = PANEL_GAP * (double)(layout->columns - 1) + 2 * MARGIN;
    layout->width = ceil(fmax(layout->columns > 1 ? 1000 : PLOT_WIDTH, (double)layout->columns * least + gaps));
    for (size_t i = 0; i < count; i++) {
        struct panel *panel = &layout->panels[i];
        double width = floor((layout->width - gaps) / (double)layout->columns);
        bool is_curve = chart->panels[i].kind == CHART_LINES || chart->panels[i].kind == CHART_CCDF;
        *panel = (struct panel){ .of = &chart->panels[i],
                                 .styles = &layout->styles,
                                 .width = width,
                                 .is_small = is_small,
                                 .has_labels = is_curve && !is_small };
        measure_panel(panel);
        if (panel->of->kind != CHART_CCDF || !panel->has_labels || panel_ccdf_can_label(panel))
            continue;
        panel_free(panel);
        *panel =
            (struct panel){ .of = &chart->panels[i], .styles = &layout->styles, .width = width, .is_small = is_small };
        measure_panel(panel);
    }
}

static void draw_paragraph(struct chart_layout *layout, const char *text, double size, const char *colour)
{
    struct plot_text lines = plot_text_break(text, size, layout->width - 2 * MARGIN);
    page_text(&layout->page, (struct page_place){ MARGIN, layout->y + size * 0.65 },
              (struct page_font){ size, colour, PAGE_LEFT, 0 }, &lines);
    layout->y += panel_text_height(&lines, size);
    plot_text_free(&lines);
}

/* Returns the first panel that names the style in the legend, or NULL. */
static const struct panel *panel_of_style(const struct chart_layout *layout, const struct chart_style *style)
{
    for (size_t i = 0; i < layout->chart->panel_count; i++)
        for (size_t at = 0; uses_legend(&layout->panels[i]) && at < layout->panels[i].of->series_count; at++)
            if (panel_style(&layout->panels[i], at) == style)
                return &layout->panels[i];
    return NULL;
}

static void draw_swatch(struct chart_layout *layout, const struct chart_style *style, enum chart_kind kind, double x,
                        double y)
{
    struct page *page = &layout->page;
    if (kind == CHART_BARS || kind == CHART_STACK) {
        page_rectangle(page, (struct page_place){ x, y - 5 }, (struct page_place){ x + 10, y + 5 },
                       page_rgb(style->colour));
        return;
    }
    if (kind == CHART_LINES || kind == CHART_CCDF)
        page_segment(page, (struct page_place){ x - 3, y }, (struct page_place){ x + 13, y }, style->colour, 2.2,
                     style->dash);
    if (kind != CHART_CCDF)
        page_marker(page, (struct page_place){ x + 5, y }, style->marker, 0.85, style->colour);
}

static void draw_legend(struct chart_layout *layout)
{
    double x = MARGIN, line = PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT, last = 0;

    for (size_t i = 0; i < layout->styles.count; i++) {
        const struct chart_style *style = &layout->styles.style[i];
        const struct panel *panel = panel_of_style(layout, style);
        if (panel == NULL || style->name[0] == '\0')
            continue;
        struct plot_text name =
            plot_text_break(style->name, PANEL_TEXT_SIZE, layout->width - 2 * MARGIN - LEGEND_INDENT - 4);
        if (x > MARGIN && x + LEGEND_INDENT + name.width > layout->width - MARGIN) {
            layout->y += last;
            x = MARGIN;
            last = 0;
        }
        draw_swatch(layout, style, panel->of->kind, x + 3, layout->y + line / 2);
        page_text(&layout->page, (struct page_place){ x + LEGEND_INDENT + 4, layout->y + line / 2 },
                  (struct page_font){ PANEL_TEXT_SIZE, PLOT_INK, PAGE_LEFT, 0 }, &name);
        x += LEGEND_INDENT + 4 + name.width + LEGEND_GAP;
        last = fmax(last, (double)name.count * line + 2);
        plot_text_free(&name);
    }
    layout->y += last > 0 ? last + 10 : 0;
}

static double title_height(const struct panel *panel)
{
    return panel->title.count > 0 ? panel_text_height(&panel->title, PANEL_TITLE_SIZE) + 4 : 0;
}

static void draw_panel(struct chart_layout *layout, struct panel *panel, double x, double plot_y)
{
    double below = plot_y + panel->plot_height + panel->bottom;

    panel->x = x + panel->left;
    panel->y = plot_y;
    panel_place_scales(panel, are_keys_across(panel->of->kind));
    double title_y = plot_y - panel->top - title_height(panel) + PANEL_TITLE_SIZE * 0.65;
    page_text(&layout->page, (struct page_place){ x, title_y },
              (struct page_font){ PANEL_TITLE_SIZE, PANEL_TEXT_COLOUR, PAGE_LEFT, 0 }, &panel->title);
    kinds[panel->of->kind].draw(panel, &layout->page);
    page_text(&layout->page, (struct page_place){ x, below + PANEL_NOTE_SIZE * 0.65 + 4 },
              (struct page_font){ PANEL_NOTE_SIZE, PANEL_PALE, PAGE_LEFT, 0 }, &panel->notes);
}

static double height_above(const struct panel *panel) { return title_height(panel) + panel->top; }

static double height_below(const struct panel *panel)
{
    double notes = panel->notes.count > 0 ? panel_text_height(&panel->notes, PANEL_NOTE_SIZE) + 6 : 0;
    return panel->plot_height + panel->bottom + notes;
}

static double column_x(const struct chart_layout *layout, size_t column)
{
    return MARGIN + (double)column * (layout->panels[0].width + PANEL_GAP);
}

/* Draws panels of the same kind in rows, with the upper edges of the plots in a row at the same height. */
static void draw_rows(struct chart_layout *layout)
{
    size_t count = layout->chart->panel_count;

    for (size_t first = 0; first < count; first += layout->columns) {
        size_t end = first + layout->columns < count ? first + layout->columns : count;
        double above = 0, below = 0;
        for (size_t i = first; i < end; i++) {
            above = fmax(above, height_above(&layout->panels[i]));
            below = fmax(below, height_below(&layout->panels[i]));
        }
        layout->y += first > 0 ? ROW_GAP : 0;
        for (size_t i = first; i < end; i++)
            draw_panel(layout, &layout->panels[i], column_x(layout, i - first), layout->y + above);
        layout->y += above + below;
    }
}

/* Draws panels of several kinds, which differ in height: each in the column that is the shortest so far. */
static void draw_columns(struct chart_layout *layout)
{
    double *end = calloc(layout->columns, sizeof *end), last = layout->y;

    CHECK(end != NULL);
    for (size_t i = 0; i < layout->chart->panel_count; i++) {
        struct panel *panel = &layout->panels[i];
        size_t column = 0;
        for (size_t other = 1; other < layout->columns; other++)
            column = end[other] < end[column] ? other : column;
        double y = end[column] > 0 ? end[column] + ROW_GAP : layout->y;
        draw_panel(layout, panel, column_x(layout, column), y + height_above(panel));
        end[column] = y + height_above(panel) + height_below(panel);
        last = fmax(last, end[column]);
    }
    layout->y = last;
    free(end);
}

static bool has_one_kind(const struct chart *chart)
{
    for (size_t i = 1; i < chart->panel_count; i++)
        if (chart->panels[i].kind != chart->panels[0].kind)
            return false;
    return true;
}

static void draw_page(struct chart_layout *layout)
{
    const struct chart *chart = layout->chart;

    layout->y = 12;
    draw_paragraph(layout, chart->title, TITLE_SIZE, PANEL_TEXT_COLOUR);
    layout->y += 2;
    if (!is_empty(chart->subtitle))
        draw_paragraph(layout, chart->subtitle, SUBTITLE_SIZE, PANEL_PALE);
    layout->y += 12;
    draw_legend(layout);
    if (has_one_kind(chart))
        draw_rows(layout);
    else
        draw_columns(layout);
    layout->y += 12;
}

bool chart_render(const struct chart *chart, enum chart_format format, char **picture, size_t *picture_bytes,
                  char *message, size_t message_bytes)
{
    const char *fault = chart_fault(chart);
    struct chart_layout layout = { .chart = chart };

    if (fault != NULL) {
        snprintf(message, message_bytes, "the chart %s cannot be drawn: %s", chart->name, fault);
        return false;
    }
    layout.panels = calloc(chart->panel_count, sizeof *layout.panels);
    CHECK(layout.panels != NULL);
    choose_styles(&layout);
    measure_panels(&layout);
    page_open(&layout.page);
    draw_page(&layout);
    char *script = page_close(&layout.page, format == CHART_SVG ? PLOT_SVG : PLOT_PNG, chart->name, (int)layout.width,
                              (int)ceil(layout.y));
    bool is_good = plot_run_gnuplot(script, picture, picture_bytes, message, message_bytes);
    if (is_good && format == CHART_SVG)
        plot_finish_svg(picture, picture_bytes, chart->title);
    free(script);
    for (size_t i = 0; i < chart->panel_count; i++)
        panel_free(&layout.panels[i]);
    free(layout.panels);
    free(layout.styles.style);
    return is_good;
}

enum chart_end chart_draw(const struct chart *chart, const char *path, bool force, char *message, size_t message_bytes)
{
    static const char *const endings[] = { [CHART_SVG] = "svg", [CHART_PNG] = "png" };
    enum { FORMATS = sizeof endings / sizeof endings[0] };
    char *pictures[FORMATS] = { NULL };
    size_t bytes[FORMATS];
    bool is_drawn = true, is_good = true;

    for (size_t i = 0; i < FORMATS && is_drawn; i++)
        is_drawn = chart_render(chart, (enum chart_format)i, &pictures[i], &bytes[i], message, message_bytes);
    for (size_t i = 0; i < FORMATS && is_drawn && is_good; i++) {
        char *file;
        CHECK(asprintf(&file, "%s.%s", path, endings[i]) > 0);
        is_good = file_write(file, pictures[i], bytes[i], force, message, message_bytes);
        free(file);
    }
    for (size_t i = 0; i < FORMATS; i++)
        free(pictures[i]);
    return !is_drawn ? CHART_NOT_DRAWN : is_good ? CHART_WRITTEN : CHART_NOT_WRITTEN;
}
