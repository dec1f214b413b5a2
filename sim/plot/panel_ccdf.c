/* SPDX-License-Identifier: Apache-2.0
 *
 * The complementary cumulative distribution on logarithmic axes, so that the tail is visible. Each curve is named
 * beside its lower end, where its name covers neither a curve nor another name.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "plot/panel.h"

#define HEIGHT 300.0
#define LABEL_SHARE 0.3 /* of the panel's width, at most */
#define LEVELS 14       /* heights at which a name may stand */
#define INDENT 8.0      /* from the curve to its name */
#define LINE_WIDTH 2.2

/* The name of a curve on the page: its left end, and the middle of its first line. */
struct spot {
    struct plot_text text;
    double x, y;
    bool is_placed;
};

static bool is_drawn(const struct panel *panel, const struct chart_point *point)
{
    return point->y > 0 && point->x >= 0 && isfinite(point->x) && scale_contains(&panel->value, point->y);
}

static struct page_place place_of(const struct panel *panel, const struct chart_point *point)
{
    return (struct page_place){ scale_pixel(&panel->key, fmax(point->x, panel->key.low)),
                                scale_pixel(&panel->value, point->y) };
}

/* Stores the corners of the curve of a series, without those closer than half a pixel. The caller frees them. */
static struct page_place *curve_of(const struct panel *panel, size_t index, size_t *count)
{
    const struct chart_series *series = &panel->of->series[index];
    struct page_place *places = calloc(series->count + 1, sizeof *places);

    CHECK(places != NULL);
    *count = 0;
    for (size_t i = 0; i < series->count; i++) {
        if (!is_drawn(panel, &series->points[i]))
            continue;
        struct page_place at = place_of(panel, &series->points[i]);
        bool is_last = i + 1 == series->count;
        if (*count > 0 && !is_last && hypot(at.x - places[*count - 1].x, at.y - places[*count - 1].y) < 0.5)
            continue;
        places[(*count)++] = at;
    }
    return places;
}

static bool crosses_curve(const struct panel *panel, struct page_place low, struct page_place high)
{
    bool crosses = false;
    for (size_t i = 0; i < panel->of->reference_count && !crosses; i++) {
        double x = scale_pixel(&panel->key, fmax(panel->of->references[i].value, panel->key.low));
        crosses = x > low.x && x < high.x;
    }
    for (size_t i = 0; i < panel->of->series_count && !crosses; i++) {
        size_t count;
        struct page_place *places = curve_of(panel, i, &count);
        for (size_t at = 1; at < count && !crosses; at++) {
            struct page_place from = places[at - 1], to = places[at];
            crosses = panel_clip(&from, &to, low, high);
        }
        free(places);
    }
    return crosses;
}

static bool crosses_spot(const struct spot *spots, size_t count, struct page_place low, struct page_place high)
{
    for (size_t i = 0; i < count; i++) {
        double top = spots[i].y - PANEL_TEXT_SIZE * 0.7;
        if (spots[i].is_placed && low.x < spots[i].x + spots[i].text.width + 4 && spots[i].x - 4 < high.x &&
            low.y < top + panel_text_height(&spots[i].text, PANEL_TEXT_SIZE) + 2 && top - 2 < high.y)
            return true;
    }
    return false;
}

/* Tries to put a name left or right of its curve, with the bottom of its box at the height y. */
static bool try_spot(const struct panel *panel, struct spot *spots, size_t index, double bottom, bool is_left)
{
    struct spot *spot = &spots[index];
    double height = panel_text_height(&spot->text, PANEL_TEXT_SIZE), leftmost = INFINITY, rightmost = -INFINITY;
    struct page_place edge_low = { -INFINITY, bottom - height }, edge_high = { INFINITY, bottom };
    size_t count;
    struct page_place *places = curve_of(panel, index, &count);

    for (size_t i = 0; i + 1 < count || (count == 1 && i == 0); i++) {
        struct page_place from = places[i], to = places[count == 1 ? i : i + 1];
        if (fmax(from.y, to.y) < edge_low.y || fmin(from.y, to.y) > edge_high.y)
            continue;
        leftmost = fmin(leftmost, from.x);
        rightmost = fmax(rightmost, to.x);
    }
    free(places);
    if (!isfinite(leftmost))
        return false;
    struct page_place low = { is_left ? leftmost - INDENT - spot->text.width : rightmost + INDENT, bottom - height };
    struct page_place high = { low.x + spot->text.width, bottom };
    if (low.x < panel->x + 4 || low.y < panel->y || high.x > panel->x - panel->left + panel->width ||
        crosses_curve(panel, (struct page_place){ low.x - 3, low.y }, (struct page_place){ high.x + 3, high.y }) ||
        crosses_spot(spots, panel->of->series_count, low, high))
        return false;
    spot->x = low.x;
    spot->y = low.y + PANEL_TEXT_SIZE * 0.65;
    spot->is_placed = true;
    return true;
}

/* Finds a place for each name, those of the longest curves first. The caller frees the spots. Returns false when a name
 * has no place. */
static bool find_spots(const struct panel *panel, struct spot *spots)
{
    const struct chart_panel *of = panel->of;
    bool is_good = true;

    for (size_t i = 0; i < of->series_count; i++)
        spots[i] = (struct spot){ plot_text_break(of->series[i].name != NULL ? of->series[i].name : "", PANEL_TEXT_SIZE,
                                                  LABEL_SHARE * panel->width),
                                  0, 0, false };
    for (size_t done = 0; done < of->series_count && is_good; done++) {
        size_t next = SIZE_MAX;
        double longest = -INFINITY;
        for (size_t i = 0; i < of->series_count; i++) {
            double end = of->series[i].count > 0 ? of->series[i].points[of->series[i].count - 1].x : 0;
            if (!spots[i].is_placed && end > longest) {
                longest = end;
                next = i;
            }
        }
        bool is_placed = of->series[next].count == 0 || of->series[next].name == NULL;
        for (int level = 0; level < LEVELS && !is_placed; level++) {
            double bottom = panel->y + panel->plot_height - 4 - level * PANEL_TEXT_SIZE * 1.4;
            is_placed = try_spot(panel, spots, next, bottom, false) || try_spot(panel, spots, next, bottom, true);
        }
        spots[next].is_placed = true;
        is_good = is_placed;
    }
    return is_good;
}

static struct spot *make_spots(const struct panel *panel, bool *is_good)
{
    struct spot *spots = calloc(panel->of->series_count + 1, sizeof *spots);
    CHECK(spots != NULL);
    *is_good = find_spots(panel, spots);
    return spots;
}

static void free_spots(const struct panel *panel, struct spot *spots)
{
    for (size_t i = 0; i < panel->of->series_count; i++)
        plot_text_free(&spots[i].text);
    free(spots);
}

bool panel_ccdf_can_label(struct panel *panel)
{
    bool is_good;
    panel->x = panel->left;
    panel->y = 0;
    panel_place_scales(panel, true);
    struct spot *spots = make_spots(panel, &is_good);
    free_spots(panel, spots);
    return is_good;
}

/* Returns the width of the widest name of a curve that ends in the right quarter of the plot. */
static double names_beyond_the_end(const struct panel *panel, double highest)
{
    double widest = 0;
    for (size_t i = 0; i < panel->of->series_count; i++) {
        const struct chart_series *series = &panel->of->series[i];
        if (series->count == 0 || series->name == NULL || series->points[series->count - 1].x < highest / 2)
            continue;
        struct plot_text text = plot_text_break(series->name, PANEL_TEXT_SIZE, LABEL_SHARE * panel->width);
        widest = fmax(widest, text.width);
        plot_text_free(&text);
    }
    return widest;
}

void panel_ccdf_measure(struct panel *panel)
{
    struct extent keys = panel_key_extent(panel), values = panel_value_extent(panel);
    struct chart_axis key = panel->of->key;
    double rarest = isfinite(values.least_positive) ? fmin(values.least_positive, 0.5) : 0.01;

    key.is_log = true;
    for (size_t i = 0; i < panel->of->reference_count; i++)
        extent_add(&keys, panel->of->references[i].value);
    panel->key = scale_make(&key, keys, SCALE_TIGHT);
    panel->value =
        (struct scale){ .low = rarest / 1.5, .high = 1.05, .is_log = true, .base_unit = "", .factor = 1, .suffix = "" };
    panel->right = panel->has_labels ? fmax(14, names_beyond_the_end(panel, keys.high) + INDENT) : 14;
    panel->plot_height = HEIGHT;
    panel_frame_measure(panel);
}

/* Keeps the lines of the grid away from the names. */
static void clear_spots(const struct panel *panel, struct page *page, const struct spot *spots)
{
    for (size_t i = 0; i < panel->of->series_count; i++) {
        double top = spots[i].y - PANEL_TEXT_SIZE * 0.65, height = panel_text_height(&spots[i].text, PANEL_TEXT_SIZE);
        if (spots[i].text.width > 0)
            page_rectangle(page, (struct page_place){ spots[i].x - 2, top },
                           (struct page_place){ spots[i].x + spots[i].text.width + 2, top + height }, 0xFFFFFF);
    }
}

static void draw_names(const struct panel *panel, struct page *page, const struct spot *spots)
{
    for (size_t i = 0; i < panel->of->series_count; i++) {
        struct page_font font = { PANEL_TEXT_SIZE, panel_style(panel, i)->ink, PAGE_LEFT, 0 };
        page_text(page, (struct page_place){ spots[i].x, spots[i].y }, font, &spots[i].text);
    }
}

void panel_ccdf_draw(const struct panel *panel, struct page *page)
{
    bool is_good;
    struct spot *spots = panel->has_labels ? make_spots(panel, &is_good) : NULL;

    panel_frame_draw(panel, page);
    if (spots != NULL)
        clear_spots(panel, page, spots);
    for (size_t i = 0; i < panel->of->reference_count; i++)
        if (panel->of->references[i].value > 0)
            panel_draw_down(panel, page, scale_pixel(&panel->key, panel->of->references[i].value), PANEL_PALE, 1,
                            PAGE_DASHED);
    for (size_t i = 0; i < panel->of->series_count; i++) {
        size_t count;
        struct page_place *places = curve_of(panel, i, &count);
        const struct chart_style *style = panel_style(panel, i);
        page_polyline(page, places, count, style->colour, LINE_WIDTH, style->dash);
        free(places);
    }
    if (spots != NULL) {
        draw_names(panel, page, spots);
        free_spots(panel, spots);
    }
}
