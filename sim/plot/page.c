/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the script of a page: labels, blocks of data, and one plot command over the pixels of the page. Shapes of the
 * same style that follow each other share a block.
 */
#define _GNU_SOURCE
#include "plot/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void page_open(struct page *page)
{
    FILE **parts[] = { &page->labels, &page->data, &page->plots };
    *page = (struct page){ .style = "" };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        *parts[i] = open_memstream(&page->text[i], &page->text_bytes[i]);
        CHECK(*parts[i] != NULL);
    }
}

uint32_t page_rgb(const char *colour) { return (uint32_t)strtoul(colour + 1, NULL, 16); }

static double linear_light(uint32_t byte)
{
    double part = (byte & 0xFF) / 255.0;
    return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

const char *page_ink_on(uint32_t rgb)
{
    double light = 0.2126 * linear_light(rgb >> 16) + 0.7152 * linear_light(rgb >> 8) + 0.0722 * linear_light(rgb);
    return (light + 0.05) * (light + 0.05) > 1.05 * 0.05 ? "#000000" : "#FFFFFF";
}

void page_line_of_text(struct page *page, struct page_place at, struct page_font font, const char *text)
{
    static const char *const aligns[] = { "left", "center", "right" };

    if (text[0] == '\0')
        return;
    fprintf(page->labels, "set label %d ", ++page->label_count);
    plot_print_quoted(page->labels, text);
    fprintf(page->labels, " at %.2f,%.2f %s font ',%g' textcolor rgb '%s' front", at.x, at.y, aligns[font.align],
            font.size, font.colour);
    if (font.angle != 0)
        fprintf(page->labels, " rotate by %d", font.angle);
    fputc('\n', page->labels);
}

void page_text(struct page *page, struct page_place at, struct page_font font, const struct plot_text *text)
{
    for (size_t i = 0; i < text->count; i++) {
        page_line_of_text(page, at, font, text->lines[i]);
        at.y += font.size * PAGE_LINE_HEIGHT;
    }
}

static void end_block(struct page *page)
{
    if (page->style[0] != '\0')
        fputs("end_of_data\n", page->data);
    page->style[0] = '\0';
}

/* Starts a block for shapes of this style, unless the last block is one. */
static void use_block(struct page *page, const char *style)
{
    if (strcmp(page->style, style) == 0)
        return;
    end_block(page);
    fprintf(page->data, "$data%d << end_of_data\n", page->block_count);
    fprintf(page->plots, "%s$data%d %s", page->block_count > 0 ? ", \\\n     " : "plot ", page->block_count, style);
    page->block_count++;
    snprintf(page->style, sizeof page->style, "%s", style);
}

void page_polyline(struct page *page, const struct page_place *places, size_t count, const char *colour, double width,
                   enum page_dash dash)
{
    char style[sizeof page->style];
    if (count == 0)
        return;
    snprintf(style, sizeof style, "using 1:2:3 with lines lc rgb variable lw %g dt %d", width, dash);
    use_block(page, style);
    for (size_t i = 0; i < count; i++)
        fprintf(page->data, "%.2f %.2f %u\n", places[i].x, places[i].y, page_rgb(colour));
    fputc('\n', page->data);
}

void page_segment(struct page *page, struct page_place from, struct page_place to, const char *colour, double width,
                  enum page_dash dash)
{
    const struct page_place places[] = { from, to };
    page_polyline(page, places, 2, colour, width, dash);
}

void page_area(struct page *page, const struct page_place *places, size_t count, const char *colour)
{
    char style[sizeof page->style];
    end_block(page);
    snprintf(style, sizeof style, "using 1:2 with filledcurves closed lc rgb '%s' fs solid 0.13 noborder", colour);
    use_block(page, style);
    for (size_t i = 0; i < count; i++)
        fprintf(page->data, "%.2f %.2f\n", places[i].x, places[i].y);
    end_block(page);
}

void page_rectangle(struct page *page, struct page_place from, struct page_place to, uint32_t rgb)
{
    use_block(page, "using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 noborder lc rgb variable");
    fprintf(page->data, "%.2f %.2f %.2f %.2f %.2f %.2f %u\n", from.x, from.y, from.x, to.x, from.y, to.y, rgb);
}

void page_marker(struct page *page, struct page_place at, enum page_marker marker, double size, const char *colour)
{
    char style[sizeof page->style];
    snprintf(style, sizeof style, "using 1:2:3 with points lc rgb variable pt %d ps %g lw 1.5", marker, size);
    use_block(page, style);
    fprintf(page->data, "%.2f %.2f %u\n", at.x, at.y, page_rgb(colour));
}

char *page_close(struct page *page, enum plot_format format, const char *name, int width, int height)
{
    char *script;
    size_t bytes;
    FILE *out = open_memstream(&script, &bytes);

    CHECK(out != NULL);
    end_block(page);
    CHECK(fclose(page->labels) == 0 && fclose(page->data) == 0 && fclose(page->plots) == 0);
    plot_print_terminal(out, format, name, width, height);
    fprintf(out,
            "unset key\nunset border\nunset tics\nset lmargin at screen 0\nset rmargin at screen 1\n"
            "set tmargin at screen 1\nset bmargin at screen 0\nset xrange [0:%d]\nset yrange [%d:0]\n",
            width, height);
    fprintf(out, "%s%s%s\n", page->text[0], page->text[1], page->text[2]);
    CHECK(fclose(out) == 0);
    for (size_t i = 0; i < sizeof page->text / sizeof page->text[0]; i++)
        free(page->text[i]);
    return script;
}
