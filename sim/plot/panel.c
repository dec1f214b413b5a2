/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kinds of panels share: titles, notes, names of columns, extents and scales.
 */
#define _GNU_SOURCE
#include "plot/panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

#define SLANT_LENGTH 230.0 /* pixels of a slanting name before it breaks */
#define SLANT_SINE 0.7072
#define COLUMN_LINES_MAX 3
#define VALUES_IN_NOTE 3
#define COLUMN_LEAST 24.0 /* for each line of a slanting name */

const struct chart_style *panel_style(const struct panel *panel, size_t series)
{
    const char *name = panel->of->series[series].name != NULL ? panel->of->series[series].name : "";
    for (size_t i = 0; i < panel->styles->count; i++)
        if (strcmp(panel->styles->style[i].name, name) == 0)
            return &panel->styles->style[i];
    CHECK(false);
    return NULL;
}

double panel_text_height(const struct plot_text *text, double size)
{
    return (double)text->count * size * PAGE_LINE_HEIGHT;
}

double panel_plot_width(const struct panel *panel) { return panel->width - panel->left - panel->right; }

void panel_free(struct panel *panel)
{
    struct plot_text *texts[] = { &panel->title, &panel->key_title, &panel->value_title, &panel->row_title,
                                  &panel->notes };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        plot_text_free(texts[i]);
    for (size_t i = 0; panel->names != NULL && i < panel->of->key_count; i++)
        plot_text_free(&panel->names[i]);
    free(panel->names);
    free(panel->offset);
}

/* Prints "name series 46 %" of each value of this source, unless there are many, and then the source. */
static void print_source(const struct panel *panel, size_t first, FILE *out)
{
    const struct chart_panel *of = panel->of;
    const char *separator = "";
    size_t count = 0;

    fputs(isnan(of->published[first].x) ? "- - " : "\u25C7 ", out);
    for (size_t i = first; i < of->published_count; i++)
        count += strcmp(of->published[i].source, of->published[first].source) == 0;
    if (count > VALUES_IN_NOTE) {
        fprintf(out, "published: %s", of->published[first].source);
        return;
    }
    for (size_t i = first; i < of->published_count; i++) {
        const struct chart_published *published = &of->published[i];
        char text[AXIS_LABEL_BYTES];
        if (strcmp(published->source, of->published[first].source) != 0)
            continue;
        scale_format(&panel->value, published->y, 3, true, text);
        fputs(separator, out);
        if (of->keys != NULL && published->x >= 0 && published->x < (double)of->key_count)
            fprintf(out, "%s ", of->keys[(size_t)published->x]);
        if (published->series < of->series_count && of->series[published->series].name != NULL)
            fprintf(out, "%s ", of->series[published->series].name);
        fputs(text, out);
        separator = ", ";
    }
    fprintf(out, ": %s", of->published[first].source);
}

static void append_lines(struct plot_text *text, struct plot_text more)
{
    text->lines = realloc(text->lines, (text->count + more.count) * sizeof *text->lines);
    CHECK(text->lines != NULL);
    memcpy(text->lines + text->count, more.lines, more.count * sizeof *more.lines);
    text->count += more.count;
    free(more.lines);
}

static void measure_notes(struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    char *text;
    size_t bytes;

    bool has_references =
        of->kind == CHART_CCDF || of->kind == CHART_POINTS || (of->kind == CHART_LINES && !panel->has_labels);
    for (size_t i = 0; has_references && i < of->reference_count; i++) {
        if (of->references[i].label == NULL)
            continue;
        CHECK(asprintf(&text, "- - %s", of->references[i].label) >= 0);
        append_lines(&panel->notes, plot_text_break(text, PANEL_NOTE_SIZE, panel->width));
        free(text);
    }
    for (size_t i = 0; i < of->published_count; i++) {
        size_t before = 0;
        while (before < i && strcmp(of->published[before].source, of->published[i].source) != 0)
            before++;
        if (before < i)
            continue;
        FILE *out = open_memstream(&text, &bytes);
        CHECK(out != NULL);
        print_source(panel, i, out);
        CHECK(fclose(out) == 0);
        append_lines(&panel->notes, plot_text_break(text, PANEL_NOTE_SIZE, panel->width));
        free(text);
    }
}

void panel_measure_titles(struct panel *panel)
{
    char *key = scale_title(&panel->key, &panel->of->key), *value = scale_title(&panel->value, &panel->of->value);

    panel->key_title = plot_text_break(key, PANEL_TEXT_SIZE, panel->width);
    panel->value_title = plot_text_break(value, PANEL_TEXT_SIZE, panel->width);
    if (panel->of->row_title != NULL)
        panel->row_title = plot_text_break(panel->of->row_title, PANEL_TEXT_SIZE, panel->width);
    measure_notes(panel);
    free(key);
    free(value);
}

struct extent panel_value_extent(const struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    struct extent extent = extent_none();

    for (size_t i = 0; i < of->series_count; i++)
        for (size_t at = 0; at < of->series[i].count; at++) {
            const struct chart_point *point = &of->series[i].points[at];
            extent_add(&extent, point->y);
            if (point->has_interval && !isnan(point->y)) {
                extent_add(&extent, point->low);
                extent_add(&extent, point->high);
            }
        }
    for (size_t i = 0; i < of->published_count; i++)
        extent_add(&extent, of->published[i].y);
    for (size_t i = 0; i < of->reference_count && of->kind != CHART_CCDF && of->kind != CHART_HEAT; i++)
        extent_add(&extent, of->references[i].value);
    return extent;
}

struct extent panel_key_extent(const struct panel *panel)
{
    const struct chart_panel *of = panel->of;
    struct extent extent = extent_none();

    for (size_t i = 0; i < of->series_count; i++)
        for (size_t at = 0; at < of->series[i].count; at++)
            if (!isnan(of->series[i].points[at].y))
                extent_add(&extent, of->series[i].points[at].x);
    for (size_t i = 0; i < of->published_count; i++)
        extent_add(&extent, of->published[i].x);
    return extent;
}

void panel_place_scales(struct panel *panel, bool are_keys_across)
{
    struct scale *across = are_keys_across ? &panel->key : &panel->value;
    struct scale *up = are_keys_across ? &panel->value : &panel->key;

    across->from = panel->x;
    across->to = panel->x + panel_plot_width(panel);
    up->from = panel->y + panel->plot_height;
    up->to = panel->y;
}

/* Returns whether the text broke only where a word ends: no line of it is a part of a word. */
static bool is_well_broken(const char *name, double width)
{
    double longest = 0;
    for (const char *at = name; *at != '\0';) {
        size_t length = strcspn(at, " ,;/.-_:|");
        char *word = text_copy_bytes(at, length + (at[length] != '\0'));
        longest = fmax(longest, plot_text_width(word, PANEL_TEXT_SIZE));
        free(word);
        at += length + (at[length] != '\0');
    }
    return longest <= width;
}

double panel_column_least(const struct chart_panel *panel)
{
    size_t most = 1;
    for (size_t i = 0; i < panel->key_count; i++) {
        struct plot_text name = plot_text_break(panel->keys[i], PANEL_TEXT_SIZE, SLANT_LENGTH);
        most = name.count > most ? name.count : most;
        plot_text_free(&name);
    }
    return COLUMN_LEAST * (double)most;
}

void panel_measure_columns(struct panel *panel, double column_width)
{
    const struct chart_panel *of = panel->of;

    panel->names = calloc(of->key_count + 1, sizeof *panel->names);
    CHECK(panel->names != NULL);
    panel->are_names_slant = false;
    for (size_t i = 0; i < of->key_count && !panel->are_names_slant; i++) {
        struct plot_text name = plot_text_break(of->keys[i], PANEL_TEXT_SIZE, column_width - 8);
        panel->are_names_slant = name.count > COLUMN_LINES_MAX || !is_well_broken(of->keys[i], column_width - 8);
        plot_text_free(&name);
    }
    panel->name_height = 0;
    for (size_t i = 0; i < of->key_count; i++) {
        double width = panel->are_names_slant ? SLANT_LENGTH : column_width - 8;
        panel->names[i] = plot_text_break(of->keys[i], PANEL_TEXT_SIZE, width);
        double height = panel_text_height(&panel->names[i], PANEL_TEXT_SIZE);
        if (panel->are_names_slant)
            height = (panel->names[i].width + PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT) * SLANT_SINE;
        panel->name_height = fmax(panel->name_height, height);
    }
}

/* Lines of a slanting name stand beside each other, this far apart on the axis. */
static double slant_pitch(void) { return PANEL_TEXT_SIZE * PAGE_LINE_HEIGHT / SLANT_SINE; }

double panel_slant_overhang(const struct panel *panel, double column_width)
{
    double overhang = 0;
    for (size_t i = 0; panel->are_names_slant && i < panel->of->key_count; i++) {
        double column = panel->offset != NULL ? panel->offset[i] : (double)i;
        if (column >= 0)
            overhang =
                fmax(overhang, panel->names[i].width * SLANT_SINE + slant_pitch() / 2 * (double)panel->names[i].count -
                                   (column + 0.5) * column_width);
    }
    return overhang;
}

void panel_draw_column(const struct panel *panel, struct page *page, double x, size_t key)
{
    const struct plot_text *name = &panel->names[key];
    struct page_font font = { PANEL_TEXT_SIZE, PLOT_INK, PAGE_CENTRE, 0 };
    double y = panel->y + panel->plot_height + PANEL_TICK + 2 + PANEL_TEXT_SIZE * 0.6;

    if (!panel->are_names_slant) {
        page_text(page, (struct page_place){ x, y }, font, name);
        return;
    }
    font.align = PAGE_RIGHT;
    font.angle = 45;
    for (size_t i = 0; i < name->count; i++)
        page_line_of_text(page,
                          (struct page_place){ x + ((double)i - ((double)name->count - 1) / 2) * slant_pitch(), y },
                          font, name->lines[i]);
}

void panel_draw_across(const struct panel *panel, struct page *page, double y, const char *colour, double width,
                       enum page_dash dash)
{
    page_segment(page, (struct page_place){ panel->x, y }, (struct page_place){ panel->x + panel_plot_width(panel), y },
                 colour, width, dash);
}

void panel_draw_down(const struct panel *panel, struct page *page, double x, const char *colour, double width,
                     enum page_dash dash)
{
    page_segment(page, (struct page_place){ x, panel->y }, (struct page_place){ x, panel->y + panel->plot_height },
                 colour, width, dash);
}
