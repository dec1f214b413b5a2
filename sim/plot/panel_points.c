/* SPDX-License-Identifier: Apache-2.0
 *
 * Points, one for each x and y. Series are named in the legend. Many points are drawn small, the series in turn, so
 * that none of them lies on all others.
 */
#include <math.h>

#include "plot/panel.h"

#define HEIGHT 320.0
#define SMALL_HEIGHT 180.0
#define MANY 300      /* points of a panel that are drawn small */
#define BAND_STEPS 60 /* of the edge of the band, which the axes cut off */

double panel_points_least(const struct chart_panel *panel, bool is_small)
{
    (void)panel;
    return is_small ? 250 : 340;
}

void panel_points_measure(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    struct extent values = panel_value_extent(panel), keys = panel_key_extent(panel);

    if (of->has_diagonal) {
        extent_add(&values, keys.low);
        extent_add(&values, keys.high);
        if (keys.least_positive < INFINITY)
            extent_add(&values, keys.least_positive);
        keys = values;
    }
    panel->value = scale_make(&of->value, values, SCALE_TIGHT);
    panel->key = scale_make(&of->key, keys, SCALE_TIGHT);
    panel->right = 14;
    panel->plot_height = panel->is_small ? SMALL_HEIGHT : HEIGHT;
    panel_frame_measure(panel);
}

/* The value within the axis. */
static double height_of(const struct panel *panel, double value)
{
    double within = fmax(panel->value.low, fmin(value, panel->value.high));
    return scale_pixel(&panel->value, within);
}

static double step_of(const struct scale *scale, int step)
{
    double share = (double)step / BAND_STEPS;
    return scale->is_log ? scale->low * pow(scale->high / scale->low, share)
                         : scale->low + share * (scale->high - scale->low);
}

static void draw_diagonal(const struct panel *panel, struct page *page)
{
    struct page_place outline[2 * (BAND_STEPS + 1)];
    double wide = 1 + panel->of->diagonal;

    for (int i = 0; i <= BAND_STEPS; i++) {
        double x = step_of(&panel->key, i), at = scale_pixel(&panel->key, x);
        outline[i] = (struct page_place){ at, height_of(panel, x / wide) };
        outline[2 * BAND_STEPS + 1 - i] = (struct page_place){ at, height_of(panel, x * wide) };
    }
    if (panel->of->diagonal > 0)
        page_area(page, outline, 2 * (BAND_STEPS + 1), PANEL_PALE);
    struct page_place low = { scale_pixel(&panel->key, panel->key.low), height_of(panel, panel->key.low) };
    struct page_place high = { scale_pixel(&panel->key, panel->key.high), height_of(panel, panel->key.high) };
    page_segment(page, low, high, PANEL_PALE, 1, PAGE_SOLID);
}

static bool is_drawn(const struct panel *panel, const struct chart_point *point)
{
    return isfinite(point->x) && isfinite(point->y) && scale_contains(&panel->key, point->x) &&
           scale_contains(&panel->value, point->y);
}

static void draw_point(const struct panel *panel, struct page *page, size_t index, const struct chart_point *point,
                       double size)
{
    const struct chart_style *style = panel_style(panel, index);
    struct page_place place = { scale_pixel(&panel->key, point->x), scale_pixel(&panel->value, point->y) };

    if (!is_drawn(panel, point))
        return;
    if (point->has_interval)
        page_segment(page, (struct page_place){ place.x, height_of(panel, point->low) },
                     (struct page_place){ place.x, height_of(panel, point->high) }, style->colour, 1, PAGE_SOLID);
    page_marker(page, place, size < 0.5 ? PAGE_DISC : style->marker, size, style->colour);
}

void panel_points_draw(const struct panel *panel, struct page *page)
{
    const struct chart_panel *of = panel->of;
    size_t longest = 0, all = 0;

    panel_frame_draw(panel, page);
    if (of->has_diagonal)
        draw_diagonal(panel, page);
    for (size_t i = 0; i < of->reference_count; i++)
        panel_draw_across(panel, page, height_of(panel, of->references[i].value), PANEL_PALE, 1, PAGE_DASHED);
    for (size_t i = 0; i < of->published_count; i++)
        if (isnan(of->published[i].x))
            panel_draw_across(panel, page, height_of(panel, of->published[i].y), PANEL_PALE, 1, PAGE_DASHED);
        else
            page_marker(page,
                        (struct page_place){ scale_pixel(&panel->key, of->published[i].x),
                                             height_of(panel, of->published[i].y) },
                        PAGE_HOLLOW_DIAMOND, 1.0, PANEL_PALE);
    for (size_t i = 0; i < of->series_count; i++) {
        longest = of->series[i].count > longest ? of->series[i].count : longest;
        all += of->series[i].count;
    }
    for (size_t at = 0; at < longest; at++)
        for (size_t i = 0; i < of->series_count; i++)
            if (at < of->series[i].count)
                draw_point(panel, page, i, &of->series[i].points[at], all > MANY ? 0.3 : 0.8);
}
