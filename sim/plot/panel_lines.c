/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines with bands. Each line is named at its end, right of the plot; names that would cover each other move apart, as
 * little as possible, and get a thin line to their own.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "plot/panel.h"

#define HEIGHT 300.0
#define SMALL_HEIGHT 130.0
#define LABEL_SHARE 0.38  /* of the panel's width, at most */
#define TICKS_WIDTH 190.0 /* and of the first slanting name */
#define LABEL_GAP 3.0     /* between names */
#define LABEL_INDENT 14.0
#define FAR_END 0.08 /* of the plot's width: a line that ends before has a thin line to its name */
#define LINE_WIDTH 2.2
#define MARKERS_MAX 40 /* a line with more points has no markers */

struct end_label {
    struct plot_text text;
    const char *colour, *ink;
    double x, y;   /* where the line ends */
    double centre; /* of the name */
    double height;
};

struct end_labels {
    struct end_label *label;
    size_t count;
};

double panel_lines_least(const struct chart_panel *panel, bool is_small)
{
    double least = is_small ? 250 : 340;
    if (panel->keys == NULL || panel->kind == CHART_CCDF)
        return least;
    double columns = (double)panel->key_count * panel_column_least(panel);
    return fmax(least, (columns + TICKS_WIDTH) / (is_small ? 1 : 1 - LABEL_SHARE));
}

static bool is_drawn(const struct panel *panel, const struct chart_point *point)
{
    return isfinite(point->y) && isfinite(point->x) && (!panel->value.is_log || point->y > 0) &&
           (!panel->key.is_log || point->x > 0);
}

static struct page_place place_of(const struct panel *panel, double x, double y)
{
    return (struct page_place){ scale_pixel(&panel->key, x), scale_pixel(&panel->value, y) };
}

static void add_label(struct panel *panel, struct end_labels *labels, const char *text, const char *colour,
                      const char *ink, struct page_place end)
{
    labels->label = realloc(labels->label, (labels->count + 1) * sizeof *labels->label);
    CHECK(labels->label != NULL);
    struct end_label *label = &labels->label[labels->count++];
    double low = panel->y, high = panel->y + panel->plot_height;
    *label = (struct end_label){ plot_text_break(text, PANEL_TEXT_SIZE, LABEL_SHARE * panel->width),
                                 colour,
                                 ink,
                                 end.x,
                                 fmax(low, fmin(end.y, high)),
                                 0,
                                 0 };
    label->height = panel_text_height(&label->text, PANEL_TEXT_SIZE) + LABEL_GAP;
}

/* Collects the names of lines, of published values that hold for every x, and of references. */
static struct end_labels collect_labels(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    struct end_labels labels = { NULL, 0 };
    double edge = panel->x + panel_plot_width(panel);

    for (size_t i = 0; i < of->series_count && panel->has_labels; i++) {
        const struct chart_point *last = NULL;
        for (size_t at = 0; at < of->series[i].count; at++)
            if (is_drawn(panel, &of->series[i].points[at]))
                last = &of->series[i].points[at];
        if (last == NULL || of->series[i].name == NULL)
            continue;
        const struct chart_style *style = panel_style(panel, i);
        add_label(panel, &labels, style->name, style->colour, style->ink, place_of(panel, last->x, last->y));
    }
    for (size_t i = 0; i < of->published_count && panel->has_labels; i++)
        if (isnan(of->published[i].x)) {
            size_t series = of->published[i].series;
            const struct chart_style *style = series < of->series_count ? panel_style(panel, series) : NULL;
            add_label(panel, &labels, "published", style != NULL ? style->colour : PANEL_PALE,
                      style != NULL ? style->ink : PANEL_PALE,
                      (struct page_place){ edge, scale_pixel(&panel->value, of->published[i].y) });
        }
    for (size_t i = 0; i < of->reference_count && panel->has_labels; i++)
        if (of->references[i].label != NULL)
            add_label(panel, &labels, of->references[i].label, PANEL_PALE, PANEL_PALE,
                      (struct page_place){ edge, scale_pixel(&panel->value, of->references[i].value) });
    return labels;
}

static void free_labels(struct end_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        plot_text_free(&labels->label[i].text);
    free(labels->label);
}

static int compare_labels(const void *left, const void *right)
{
    const struct end_label *a = left, *b = right;
    return (a->y > b->y) - (a->y < b->y);
}

/* Sorts the labels from top to bottom and sets their centres: the sum of the squared distances to the lines' ends is
 * the least for which no label covers another (pool adjacent violators), and none leaves the plot's height. */
static void spread_labels(const struct panel *panel, struct end_labels *labels)
{
    struct block {
        size_t first;
        double sum; /* of the tops that the block's labels wish for the first of them */
        double height;
    } *blocks = calloc(labels->count + 1, sizeof *blocks);
    size_t count = 0;

    CHECK(blocks != NULL);
    if (labels->count > 0)
        qsort(labels->label, labels->count, sizeof *labels->label, compare_labels);
    for (size_t i = 0; i < labels->count; i++) {
        const struct end_label *label = &labels->label[i];
        blocks[count++] = (struct block){ i, label->y - label->height / 2, label->height };
        for (; count > 1; count--) {
            struct block *above = &blocks[count - 2], *below = &blocks[count - 1];
            double above_size = (double)(below->first - above->first), size = (double)(i + 1 - below->first);
            if (above->sum / above_size + above->height <= below->sum / size)
                break;
            above->sum += below->sum - size * above->height;
            above->height += below->height;
        }
    }
    double floor = panel->y - 8;
    for (size_t block = 0; block < count; block++) {
        size_t end = block + 1 < count ? blocks[block + 1].first : labels->count;
        double top = fmax(floor, blocks[block].sum / (double)(end - blocks[block].first));
        for (size_t i = blocks[block].first; i < end; top += labels->label[i++].height)
            labels->label[i].centre = top + labels->label[i].height / 2;
        floor = top;
    }
    double ceiling = panel->y + panel->plot_height + 8;
    for (size_t i = labels->count; i-- > 0; ceiling = labels->label[i].centre - labels->label[i].height / 2)
        labels->label[i].centre = fmin(labels->label[i].centre, ceiling - labels->label[i].height / 2);
    free(blocks);
}

void panel_lines_measure(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    double widest = 0, height = 0;

    panel->value = scale_make(&of->value, panel_value_extent(panel), SCALE_FROM_ZERO);
    panel->key = scale_make(&of->key, panel_key_extent(panel), SCALE_TIGHT);
    if (of->keys != NULL) {
        panel->key.is_log = false;
        panel->key.low = -0.5;
        panel->key.high = (double)of->key_count - 0.5;
    }
    struct end_labels labels = collect_labels(panel);
    for (size_t i = 0; i < labels.count; i++) {
        widest = fmax(widest, labels.label[i].text.width);
        height += labels.label[i].height;
    }
    panel->right = labels.count > 0 ? widest + LABEL_INDENT + 2 : 14;
    panel->plot_height = fmax(panel->is_small ? SMALL_HEIGHT : HEIGHT, height);
    free_labels(&labels);
    panel_frame_measure(panel);
}

static struct page_place plot_low(const struct panel *panel) { return (struct page_place){ panel->x, panel->y }; }

static struct page_place plot_high(const struct panel *panel)
{
    return (struct page_place){ panel->x + panel_plot_width(panel), panel->y + panel->plot_height };
}

/* The height of a value on the page, or the edge of the plot that it lies beyond. */
static double clamped_height(const struct panel *panel, double value)
{
    if (panel->value.is_log && value <= 0)
        return panel->y + panel->plot_height;
    return fmax(panel->y, fmin(scale_pixel(&panel->value, value), panel->y + panel->plot_height));
}

static bool has_band(const struct panel *panel, const struct chart_point *point)
{
    return is_drawn(panel, point) && scale_contains(&panel->key, point->x) && point->has_interval &&
           isfinite(point->low) && isfinite(point->high);
}

/* Draws the band over each run of points that have an interval, and the intervals themselves. */
static void draw_bands(const struct panel *panel, struct page *page, size_t index)
{
    const struct chart_series *series = &panel->of->series[index];
    const char *colour = panel_style(panel, index)->colour;
    struct page_place *outline = calloc(2 * series->count + 1, sizeof *outline);

    CHECK(outline != NULL);
    for (size_t first = 0, end; first < series->count; first = end + 1) {
        for (end = first; end < series->count && has_band(panel, &series->points[end]);)
            end++;
        for (size_t i = first; i < end; i++) {
            const struct chart_point *point = &series->points[i];
            double x = scale_pixel(&panel->key, point->x);
            outline[i - first] = (struct page_place){ x, clamped_height(panel, point->low) };
            outline[2 * end - first - 1 - i] = (struct page_place){ x, clamped_height(panel, point->high) };
        }
        if (end - first > 1)
            page_area(page, outline, 2 * (end - first), colour);
        for (size_t i = 0; i < end - first; i++)
            page_segment(page, outline[i], outline[2 * (end - first) - 1 - i], colour, 1, PAGE_SOLID);
    }
    free(outline);
}

/* Draws the line in the runs that are inside of the plot. */
static void draw_line(const struct panel *panel, struct page *page, size_t index)
{
    const struct chart_series *series = &panel->of->series[index];
    const struct chart_style *style = panel_style(panel, index);
    struct page_place *run = calloc(series->count + 1, sizeof *run);
    size_t count = 0;

    CHECK(run != NULL);
    for (size_t i = 1; i < series->count; i++) {
        const struct chart_point *before = &series->points[i - 1], *point = &series->points[i];
        if (!is_drawn(panel, before) || !is_drawn(panel, point))
            continue;
        struct page_place from = place_of(panel, before->x, before->y), to = place_of(panel, point->x, point->y);
        if (!panel_clip(&from, &to, plot_low(panel), plot_high(panel)))
            continue;
        if (count > 0 && (run[count - 1].x != from.x || run[count - 1].y != from.y)) {
            page_polyline(page, run, count, style->colour, LINE_WIDTH, style->dash);
            count = 0;
        }
        if (count == 0)
            run[count++] = from;
        run[count++] = to;
    }
    if (count > 0)
        page_polyline(page, run, count, style->colour, LINE_WIDTH, style->dash);
    free(run);
}

static void draw_markers(const struct panel *panel, struct page *page, size_t index)
{
    const struct chart_series *series = &panel->of->series[index];
    const struct chart_style *style = panel_style(panel, index);

    for (size_t i = 0; i < series->count && series->count <= MARKERS_MAX; i++) {
        const struct chart_point *point = &series->points[i];
        if (is_drawn(panel, point) && scale_contains(&panel->key, point->x) && scale_contains(&panel->value, point->y))
            page_marker(page, place_of(panel, point->x, point->y), style->marker, panel->is_small ? 0.6 : 0.85,
                        style->colour);
    }
}

static void draw_published(const struct panel *panel, struct page *page)
{
    for (size_t i = 0; i < panel->of->published_count; i++) {
        const struct chart_published *published = &panel->of->published[i];
        const char *colour =
            published->series < panel->of->series_count ? panel_style(panel, published->series)->colour : PANEL_PALE;
        if (isnan(published->x))
            panel_draw_across(panel, page, scale_pixel(&panel->value, published->y), colour, 1, PAGE_DASHED);
        else
            page_marker(page, place_of(panel, published->x, published->y), PAGE_HOLLOW_DIAMOND, 1.0, colour);
    }
}

static void draw_labels(const struct panel *panel, struct page *page)
{
    struct panel copy = *panel;
    struct end_labels labels = collect_labels(&copy);
    double edge = panel->x + panel_plot_width(panel);

    spread_labels(panel, &labels);
    for (size_t i = 0; i < labels.count; i++) {
        const struct end_label *label = &labels.label[i];
        struct page_font font = { PANEL_TEXT_SIZE, label->ink, PAGE_LEFT, 0 };
        double above = ((double)label->text.count - 1) / 2 * PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT;
        page_text(page, (struct page_place){ edge + LABEL_INDENT, label->centre - above }, font, &label->text);
        if (fabs(label->centre - label->y) > 3 || label->x < edge - FAR_END * panel_plot_width(panel))
            page_segment(page, (struct page_place){ fmin(label->x + 5, edge), label->y },
                         (struct page_place){ edge + LABEL_INDENT - 3, label->centre }, label->colour, 0.7, PAGE_SOLID);
    }
    free_labels(&labels);
}

void panel_lines_draw(const struct panel *panel, struct page *page)
{
    panel_frame_draw(panel, page);
    for (size_t i = 0; i < panel->of->series_count; i++)
        draw_bands(panel, page, i);
    for (size_t i = 0; i < panel->of->reference_count; i++)
        panel_draw_across(panel, page, clamped_height(panel, panel->of->references[i].value), PANEL_PALE, 1,
                          PAGE_DASHED);
    draw_labels(panel, page);
    for (size_t i = 0; i < panel->of->series_count; i++) {
        draw_line(panel, page, i);
        draw_markers(panel, page, i);
    }
    draw_published(panel, page);
}
