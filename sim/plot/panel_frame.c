/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame of panels whose keys run from left to right. The title of the values stands above the plot, where it can be
 * read without turning the head and has the whole width.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "plot/panel.h"

#define MEASURED_TICKS_MAX 24

/* A CCDF has no names of keys. */
static bool has_names(const struct panel *panel) { return panel->of->kind == CHART_LINES && panel->of->keys != NULL; }

static void share_ticks(const struct scale *scale, struct ticks *ticks)
{
    ticks->count = 0;
    for (int i = 0; i < 16; i++) {
        struct tick *tick = &ticks->tick[ticks->count];
        tick->value = i == 0 ? 1 : i == 1 ? 0.5 : pow(10, 1 - i);
        if (tick->value < scale->low)
            break;
        if (i < 4)
            snprintf(tick->label, sizeof tick->label, "%g %%", 100 * (1 - tick->value));
        else
            snprintf(tick->label, sizeof tick->label, "99.%.*s %%", i - 3, "9999999999999");
        ticks->count++;
        if (!scale_ticks_fit(scale, PANEL_TEXT_SIZE, true, ticks))
            ticks->count--;
    }
}

static void value_ticks(const struct panel *panel, struct ticks *ticks)
{
    if (panel->of->kind == CHART_CCDF)
        share_ticks(&panel->value, ticks);
    else
        scale_ticks(&panel->value, PANEL_TEXT_SIZE, true, ticks);
}

/* Stores the numbers at which there are points, in ascending order. Returns false when there are too many. */
static bool measured_ticks(const struct panel *panel, struct ticks *ticks)
{
    const struct chart_panel *of = panel->of;
    ticks->count = 0;
    for (size_t i = 0; i < of->series_count; i++)
        for (size_t point = 0; point < of->series[i].count; point++) {
            double x = of->series[i].points[point].x;
            size_t at = 0;
            while (at < ticks->count && ticks->tick[at].value < x)
                at++;
            if (!scale_contains(&panel->key, x) || (at < ticks->count && ticks->tick[at].value == x))
                continue;
            if (ticks->count == MEASURED_TICKS_MAX)
                return false;
            memmove(&ticks->tick[at + 1], &ticks->tick[at], (ticks->count - at) * sizeof ticks->tick[0]);
            ticks->tick[at].value = x;
            scale_format(&panel->key, x, 6, false, ticks->tick[at].label);
            ticks->count++;
        }
    return ticks->count > 0;
}

/* Ticks where something was measured, if there is room for all of them. */
static void key_ticks(const struct panel *panel, struct ticks *ticks)
{
    ticks->count = 0;
    if (has_names(panel))
        return;
    if (panel->of->kind == CHART_CCDF || panel->of->kind == CHART_POINTS || !measured_ticks(panel, ticks) ||
        !scale_ticks_fit(&panel->key, PANEL_TEXT_SIZE, false, ticks))
        scale_ticks(&panel->key, PANEL_TEXT_SIZE, false, ticks);
}

static double widest(const struct ticks *ticks)
{
    double width = 0;
    for (size_t i = 0; i < ticks->count; i++)
        width = fmax(width, plot_text_width(ticks->tick[i].label, PANEL_TEXT_SIZE));
    return width;
}

void panel_frame_measure(struct panel *panel)
{
    struct ticks ticks;

    panel_measure_titles(panel);
    panel->x = panel->y = 0;
    panel_place_scales(panel, true);
    value_ticks(panel, &ticks);
    panel->left = widest(&ticks) + PANEL_TICK + 5;
    panel->top = panel_text_height(&panel->value_title, PANEL_TEXT_SIZE) + 10;
    panel->bottom = PANEL_TICK + 4 + panel_text_height(&panel->key_title, PANEL_TEXT_SIZE) + 4;
    if (has_names(panel)) {
        double column = panel_plot_width(panel) / (double)panel->of->key_count;
        panel_measure_columns(panel, column);
        panel->left = fmax(panel->left, panel_slant_overhang(panel, column));
        panel->bottom += panel->name_height;
        return;
    }
    panel_place_scales(panel, true);
    key_ticks(panel, &ticks);
    panel->left = fmax(panel->left, widest(&ticks) / 2);
    panel->right = fmax(panel->right, widest(&ticks) / 2);
    panel->bottom += PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT;
}

static void draw_ticks(const struct panel *panel, struct page *page)
{
    struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_RIGHT, 0 };
    double left = panel->x, base = panel->y + panel->plot_height;
    struct ticks ticks;

    value_ticks(panel, &ticks);
    for (size_t i = 0; i < ticks.count; i++) {
        double y = scale_pixel(&panel->value, ticks.tick[i].value);
        panel_draw_across(panel, page, y, PANEL_GRID, 0.8, PAGE_SOLID);
        page_line_of_text(page, (struct page_place){ left - PANEL_TICK - 3, y }, font, ticks.tick[i].label);
    }
    key_ticks(panel, &ticks);
    font.align = PAGE_CENTRE;
    for (size_t i = 0; i < ticks.count; i++) {
        double x = scale_pixel(&panel->key, ticks.tick[i].value);
        page_segment(page, (struct page_place){ x, base }, (struct page_place){ x, base + PANEL_TICK }, PLOT_INK, 1,
                     PAGE_SOLID);
        page_line_of_text(page, (struct page_place){ x, base + PANEL_TICK + 3 + PANEL_TEXT_SIZE * 0.6 }, font,
                          ticks.tick[i].label);
    }
    for (size_t i = 0; has_names(panel) && i < panel->of->key_count; i++)
        panel_draw_column(panel, page, scale_pixel(&panel->key, (double)i), i);
}

void panel_frame_draw(const struct panel *panel, struct page *page)
{
    struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_LEFT, 0 };
    double width = panel_plot_width(panel), base = panel->y + panel->plot_height;
    double title_height = panel_text_height(&panel->key_title, PANEL_TEXT_SIZE);

    draw_ticks(panel, page);
    panel_draw_down(panel, page, panel->x, PLOT_INK, 1, PAGE_SOLID);
    panel_draw_across(panel, page, base, PLOT_INK, 1, PAGE_SOLID);
    page_text(page, (struct page_place){ panel->x - panel->left, panel->y - panel->top + PANEL_TEXT_SIZE * 0.65 }, font,
              &panel->value_title);
    font.align = PAGE_CENTRE;
    double centre = panel->x + width / 2, half = panel->key_title.width / 2;
    centre = fmax(panel->x - panel->left + half, fmin(centre, panel->x - panel->left + panel->width - half));
    page_text(page, (struct page_place){ centre, base + panel->bottom - title_height + PANEL_TEXT_SIZE * 0.65 }, font,
              &panel->key_title);
}

bool panel_clip(struct page_place *from, struct page_place *to, struct page_place low, struct page_place high)
{
    double dx = to->x - from->x, dy = to->y - from->y, start = 0, end = 1;
    const double slope[] = { -dx, dx, -dy, dy };
    const double room[] = { from->x - low.x, high.x - from->x, from->y - low.y, high.y - from->y };

    for (int side = 0; side < 4; side++) {
        if (slope[side] == 0 && room[side] < 0)
            return false;
        if (slope[side] < 0)
            start = fmax(start, room[side] / slope[side]);
        if (slope[side] > 0)
            end = fmin(end, room[side] / slope[side]);
    }
    if (start > end)
        return false;
    struct page_place origin = *from;
    *from = (struct page_place){ origin.x + start * dx, origin.y + start * dy };
    *to = (struct page_place){ origin.x + end * dx, origin.y + end * dy };
    return true;
}
