/* SPDX-License-Identifier: Apache-2.0
 *
 * Bars, dots, stacks and forests: a row for each key, with its name on the left and values from left to right.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "plot/panel.h"

#define NAME_SHARE 0.4 /* of the panel's width, at most */
#define NAME_GAP 8.0
#define VALUE_BYTES 400
#define ROW_GAP 8.0   /* between the marks of two rows */
#define BAR 13.0      /* of one series of several */
#define LONE_BAR 20.0 /* of the only series, or a stack */
#define DOT 9.0       /* height of a row of dots, for each series */
#define ROW_LEAST 24.0
#define SHARE_LEAST 0.001 /* of the axis: a thinner segment of a stack is not drawn */

static bool is_stack(const struct panel *panel) { return panel->of->kind == CHART_STACK; }

double panel_rows_least(const struct chart_panel *panel, bool is_small)
{
    (void)is_small;
    return panel->kind == CHART_FOREST ? 560 : 420;
}

/* Height of the mark of one series. */
static double mark_height(const struct panel *panel)
{
    switch (panel->of->kind) {
    case CHART_DOTS:
        return panel->of->series_count > 1 ? DOT : ROW_LEAST - ROW_GAP;
    case CHART_FOREST:
        return PANEL_NOTE_SIZE * PAGE_LINE_HEIGHT + 2;
    case CHART_BARS:
        return panel->of->series_count > 1 ? BAR : LONE_BAR;
    default:
        return LONE_BAR;
    }
}

static double marks_height(const struct panel *panel)
{
    return mark_height(panel) * (double)(is_stack(panel) ? 1 : panel->of->series_count);
}

static bool starts_group(const struct chart_panel *of, size_t key)
{
    return of->groups != NULL && (key == 0 || strcmp(of->groups[key], of->groups[key - 1]) != 0);
}

static struct plot_text group_heading(const struct panel *panel, size_t key)
{
    return plot_text_break(panel->of->groups[key], PANEL_TEXT_SIZE, panel_plot_width(panel) - 8);
}

static double row_height(const struct panel *panel, size_t key)
{
    return fmax(fmax(ROW_LEAST, marks_height(panel) + ROW_GAP),
                panel_text_height(&panel->names[key], PANEL_TEXT_SIZE) + 4);
}

/* Sets the place of each row and the height of the plot. */
static void measure_rows(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    double y = 4;

    panel->offset = calloc(of->key_count + 1, sizeof *panel->offset);
    CHECK(panel->offset != NULL);
    for (size_t i = 0; i < of->key_count; i++) {
        if (starts_group(of, i)) {
            struct plot_text heading = group_heading(panel, i);
            y += panel_text_height(&heading, PANEL_TEXT_SIZE) + (i > 0 ? 8 : 0);
            plot_text_free(&heading);
        }
        double height = row_height(panel, i);
        panel->offset[i] = y + height / 2;
        y += height;
    }
    panel->plot_height = y + 4;
}

static double stack_sum(const struct panel *panel, size_t key, size_t series_count)
{
    double sum = 0;
    for (size_t i = 0; i < series_count; i++)
        for (size_t at = 0; at < panel->of->series[i].count; at++)
            if (panel->of->series[i].points[at].x == (double)key && panel->of->series[i].points[at].y > 0)
                sum += panel->of->series[i].points[at].y;
    return sum;
}

static void measure_scale(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    struct extent extent = panel_value_extent(panel);

    for (size_t key = 0; is_stack(panel) && key < of->key_count; key++)
        extent_add(&extent, stack_sum(panel, key, of->series_count));
    panel->value = scale_make(&of->value, extent, of->kind == CHART_FOREST ? SCALE_TIGHT : SCALE_FROM_ZERO);
    if (is_stack(panel) && strcmp(of->value.unit, "%") == 0 && fabs(extent.high - 100) < 0.5)
        panel->value.high = fmax(100, extent.high);
}

/* Writes the value of a point: of BARS with three significant digits, of a FOREST with its interval and as many
 * decimals as the largest value needs for three digits. */
static void write_value(const struct panel *panel, const struct chart_point *point, char text[VALUE_BYTES])
{
    char value[AXIS_LABEL_BYTES], low[AXIS_LABEL_BYTES], high[AXIS_LABEL_BYTES];

    if (panel->of->kind != CHART_FOREST) {
        scale_format(&panel->value, point->y, 3, false, value);
        snprintf(text, VALUE_BYTES, "%s", value);
        return;
    }
    scale_format_fixed(&panel->value, point->y, 3, value);
    if (!point->has_interval) {
        snprintf(text, VALUE_BYTES, "%s", value);
        return;
    }
    scale_format_fixed(&panel->value, point->low, 3, low);
    scale_format_fixed(&panel->value, point->high, 3, high);
    snprintf(text, VALUE_BYTES, "%s  [%s, %s]", value, low, high);
}

static bool writes_values(const struct panel *panel)
{
    return panel->of->kind == CHART_BARS || panel->of->kind == CHART_FOREST;
}

static double widest_value(const struct panel *panel)
{
    char text[VALUE_BYTES];
    double widest = 0;

    for (size_t i = 0; writes_values(panel) && i < panel->of->series_count; i++)
        for (size_t at = 0; at < panel->of->series[i].count; at++)
            if (!isnan(panel->of->series[i].points[at].y)) {
                write_value(panel, &panel->of->series[i].points[at], text);
                widest = fmax(widest, plot_text_width(text, PANEL_NOTE_SIZE));
            }
    return widest;
}

static struct plot_text reference_label(const struct panel *panel, size_t index)
{
    const char *label = panel->of->references[index].label;
    return plot_text_break(label != NULL ? label : "", PANEL_NOTE_SIZE, panel->width);
}

void panel_rows_measure(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    double names = 0, ticks_width = 0;
    struct ticks ticks;

    measure_scale(panel);
    panel_measure_titles(panel);
    panel->names = calloc(of->key_count + 1, sizeof *panel->names);
    CHECK(panel->names != NULL);
    for (size_t i = 0; i < of->key_count; i++) {
        panel->names[i] = plot_text_break(of->keys[i], PANEL_TEXT_SIZE, NAME_SHARE * panel->width);
        names = fmax(names, panel->names[i].width);
    }
    panel->left = names + NAME_GAP;
    panel->right = fmax(14, widest_value(panel) + 10);
    panel->x = panel->y = 0;
    panel_place_scales(panel, false);
    scale_ticks(&panel->value, PANEL_TEXT_SIZE, false, &ticks);
    for (size_t i = 0; i < ticks.count; i++)
        ticks_width = fmax(ticks_width, plot_text_width(ticks.tick[i].label, PANEL_TEXT_SIZE));
    panel->left = fmax(panel->left, ticks_width / 2);
    panel->right = fmax(panel->right, ticks_width / 2);
    measure_rows(panel);
    panel->top = panel_text_height(&panel->key_title, PANEL_TEXT_SIZE) + 8;
    for (size_t i = 0; i < of->reference_count; i++) {
        struct plot_text label = reference_label(panel, i);
        panel->top += of->references[i].label != NULL ? panel_text_height(&label, PANEL_NOTE_SIZE) : 0;
        plot_text_free(&label);
    }
    panel->bottom = PANEL_TICK + 4 + PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT +
                    panel_text_height(&panel->value_title, PANEL_TEXT_SIZE) + 4;
}

/* Returns the centre that keeps a text of this width on the panel. */
static double kept_on_panel(const struct panel *panel, double centre, double width)
{
    double left = panel->x - panel->left;
    return fmax(left + width / 2, fmin(centre, left + panel->width - width / 2));
}

static void draw_axes(const struct panel *panel, struct page *page)
{
    struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_CENTRE, 0 };
    double base = panel->y + panel->plot_height;
    double y = base + PANEL_TICK + 3 + PANEL_TEXT_SIZE * 0.6;
    struct ticks ticks;

    scale_ticks(&panel->value, PANEL_TEXT_SIZE, false, &ticks);
    for (size_t i = 0; i < ticks.count; i++) {
        double x = scale_pixel(&panel->value, ticks.tick[i].value);
        panel_draw_down(panel, page, x, PANEL_GRID, 0.8, PAGE_SOLID);
        page_line_of_text(page, (struct page_place){ x, y }, font, ticks.tick[i].label);
    }
    panel_draw_across(panel, page, base, PLOT_INK, 1, PAGE_SOLID);
    double centre = kept_on_panel(panel, panel->x + panel_plot_width(panel) / 2, panel->value_title.width);
    page_text(page, (struct page_place){ centre, y + PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT + 2 }, font,
              &panel->value_title);
    font.align = PAGE_LEFT;
    page_text(page, (struct page_place){ panel->x - panel->left, panel->y - panel->top + PANEL_TEXT_SIZE * 0.65 }, font,
              &panel->key_title);
}

static void draw_names(const struct panel *panel, struct page *page)
{
    for (size_t i = 0; i < panel->of->key_count; i++) {
        struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_RIGHT, 0 };
        double line = PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT, y = panel->y + panel->offset[i];
        double first = y - ((double)panel->names[i].count - 1) / 2 * line;
        page_text(page, (struct page_place){ panel->x - NAME_GAP, first }, font, &panel->names[i]);
    }
}

/* Draws the headings of groups, each on white, so that no line of the grid crosses it. */
static void draw_headings(const struct panel *panel, struct page *page)
{
    for (size_t i = 0; i < panel->of->key_count; i++) {
        if (!starts_group(panel->of, i))
            continue;
        struct plot_text heading = group_heading(panel, i);
        double height = panel_text_height(&heading, PANEL_TEXT_SIZE);
        struct page_place at = { panel->x + 4, panel->y + panel->offset[i] - row_height(panel, i) / 2 - height };
        page_rectangle(page, (struct page_place){ at.x - 2, at.y },
                       (struct page_place){ at.x + heading.width + 3, at.y + height }, 0xFFFFFF);
        at.y += PANEL_TEXT_SIZE * 0.65;
        page_text(page, at, (struct page_font){ PANEL_TEXT_SIZE, PANEL_TEXT_COLOUR, PAGE_LEFT, 0 }, &heading);
        plot_text_free(&heading);
    }
}

/* The middle of the mark of a series in the row of a key. */
static double mark_centre(const struct panel *panel, size_t key, size_t series)
{
    double centre = panel->y + panel->offset[key];
    if (is_stack(panel))
        return centre;
    return centre + ((double)series - ((double)panel->of->series_count - 1) / 2) * mark_height(panel);
}

/* The pixel of a value, or of the end of the axis that it lies beyond. */
static double clamped(const struct panel *panel, double value)
{
    if (panel->value.is_log && value <= 0)
        return panel->x;
    return fmax(panel->x, fmin(scale_pixel(&panel->value, value), panel->x + panel_plot_width(panel)));
}

static void draw_segment_text(const struct panel *panel, struct page *page, double from, double to, double y,
                              double value, const char *colour)
{
    char text[AXIS_LABEL_BYTES];
    struct page_font font = { PANEL_NOTE_SIZE, page_ink_on(page_rgb(colour)), PAGE_CENTRE, 0 };

    scale_format(&panel->value, value, value < 10 ? 2 : 3, false, text);
    if (plot_text_width(text, PANEL_NOTE_SIZE) + 6 <= to - from)
        page_line_of_text(page, (struct page_place){ (from + to) / 2, y }, font, text);
}

static void draw_stack(const struct panel *panel, struct page *page, size_t series, const struct chart_point *point)
{
    const char *colour = panel_style(panel, series)->colour;
    size_t key = (size_t)point->x;
    double before = stack_sum(panel, key, series), y = mark_centre(panel, key, series);
    double from = clamped(panel, before), to = clamped(panel, before + fmax(0, point->y));

    if (to - from < SHARE_LEAST * panel_plot_width(panel))
        return;
    page_rectangle(page, (struct page_place){ from, y - LONE_BAR / 2 },
                   (struct page_place){ to - (to - from > 2 ? 0.8 : 0), y + LONE_BAR / 2 }, page_rgb(colour));
    draw_segment_text(panel, page, from, to, y, point->y, colour);
}

static void draw_interval(const struct panel *panel, struct page *page, const struct chart_point *point, double y,
                          const char *colour)
{
    double low = clamped(panel, point->low), high = clamped(panel, point->high);
    page_segment(page, (struct page_place){ low, y }, (struct page_place){ high, y }, colour, 1.4, PAGE_SOLID);
    page_segment(page, (struct page_place){ low, y - 3 }, (struct page_place){ low, y + 3 }, colour, 1.4, PAGE_SOLID);
    page_segment(page, (struct page_place){ high, y - 3 }, (struct page_place){ high, y + 3 }, colour, 1.4, PAGE_SOLID);
}

static void draw_bar(const struct panel *panel, struct page *page, size_t series, const struct chart_point *point)
{
    const struct chart_style *style = panel_style(panel, series);
    double y = mark_centre(panel, (size_t)point->x, series), half = mark_height(panel) / 2 - 1;
    double zero = clamped(panel, panel->value.is_log ? panel->value.low : 0), end = clamped(panel, point->y);
    char text[VALUE_BYTES];

    page_rectangle(page, (struct page_place){ fmin(zero, end), y - half },
                   (struct page_place){ fmax(zero, end), y + half }, page_rgb(style->colour));
    if (point->has_interval)
        draw_interval(panel, page, point, y, PLOT_INK);
    write_value(panel, point, text);
    double right = fmax(fmax(zero, end), point->has_interval ? clamped(panel, point->high) : zero);
    page_line_of_text(page, (struct page_place){ right + 5, y },
                      (struct page_font){ PANEL_NOTE_SIZE, PLOT_INK, PAGE_LEFT, 0 }, text);
}

static void draw_dot(const struct panel *panel, struct page *page, size_t series, const struct chart_point *point)
{
    const struct chart_style *style = panel_style(panel, series);
    double y = mark_centre(panel, (size_t)point->x, series);
    char text[VALUE_BYTES];

    if (point->has_interval)
        draw_interval(panel, page, point, y, style->colour);
    if (scale_contains(&panel->value, point->y))
        page_marker(page, (struct page_place){ scale_pixel(&panel->value, point->y), y }, style->marker, 0.9,
                    style->colour);
    if (panel->of->kind != CHART_FOREST)
        return;
    write_value(panel, point, text);
    page_line_of_text(page, (struct page_place){ panel->x - panel->left + panel->width, y },
                      (struct page_font){ PANEL_NOTE_SIZE, style->ink, PAGE_RIGHT, 0 }, text);
}

static void draw_points(const struct panel *panel, struct page *page)
{
    for (size_t series = 0; series < panel->of->series_count; series++)
        for (size_t at = 0; at < panel->of->series[series].count; at++) {
            const struct chart_point *point = &panel->of->series[series].points[at];
            bool is_key = point->x >= 0 && point->x < (double)panel->of->key_count;
            if (!is_key || !isfinite(point->y) || (panel->value.is_log && point->y <= 0))
                continue;
            if (is_stack(panel))
                draw_stack(panel, page, series, point);
            else if (panel->of->kind == CHART_BARS)
                draw_bar(panel, page, series, point);
            else
                draw_dot(panel, page, series, point);
        }
}

/* Draws the references from the highest label down, so that labels of close references stand above each other. */
static void draw_references(const struct panel *panel, struct page *page)
{
    double y =
        panel->y - panel->top + panel_text_height(&panel->key_title, PANEL_TEXT_SIZE) + 2 + PANEL_NOTE_SIZE * 0.65;
    for (size_t i = 0; i < panel->of->reference_count; i++) {
        double x = clamped(panel, panel->of->references[i].value);
        struct plot_text label = reference_label(panel, i);
        struct page_place place = { kept_on_panel(panel, x, label.width), y };
        panel_draw_down(panel, page, x, PANEL_PALE, 1, PAGE_DASHED);
        page_text(page, place, (struct page_font){ PANEL_NOTE_SIZE, PANEL_PALE, PAGE_CENTRE, 0 }, &label);
        y += panel->of->references[i].label != NULL ? panel_text_height(&label, PANEL_NOTE_SIZE) : 0;
        plot_text_free(&label);
    }
}

static const char *published_colour(const struct panel *panel, const struct chart_published *published)
{
    return published->series < panel->of->series_count ? panel_style(panel, published->series)->colour : PANEL_PALE;
}

/* Draws the published values that hold for every key. */
static void draw_published_lines(const struct panel *panel, struct page *page)
{
    for (size_t i = 0; i < panel->of->published_count; i++) {
        const struct chart_published *published = &panel->of->published[i];
        if (isnan(published->x) && isfinite(published->y))
            panel_draw_down(panel, page, clamped(panel, published->y), published_colour(panel, published), 1,
                            PAGE_DASHED);
    }
}

static void draw_published(const struct panel *panel, struct page *page)
{
    const struct chart_panel *of = panel->of;
    for (size_t i = 0; i < of->published_count; i++) {
        const struct chart_published *published = &of->published[i];
        if (!isfinite(published->y) || !(published->x >= 0 && published->x < (double)of->key_count))
            continue;
        size_t key = (size_t)published->x;
        bool has_series = published->series < of->series_count;
        double y = has_series ? mark_centre(panel, key, published->series) : panel->y + panel->offset[key];
        page_marker(page, (struct page_place){ clamped(panel, published->y), y }, PAGE_HOLLOW_DIAMOND, 1.0,
                    of->kind == CHART_BARS ? PLOT_INK : published_colour(panel, published));
    }
}

void panel_rows_draw(const struct panel *panel, struct page *page)
{
    draw_axes(panel, page);
    draw_names(panel, page);
    for (size_t i = 0; !is_stack(panel) && panel->of->kind != CHART_BARS && i < panel->of->key_count; i++)
        panel_draw_across(panel, page, panel->y + panel->offset[i], "#EEEEEE", 1, PAGE_SOLID);
    draw_published_lines(panel, page);
    draw_references(panel, page);
    draw_headings(panel, page);
    draw_points(panel, page);
    draw_published(panel, page);
}
