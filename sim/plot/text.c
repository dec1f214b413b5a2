/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes UTF-8, adds up widths and breaks lines.
 */
#define _GNU_SOURCE
#include "plot/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "plot/glyph_widths.h"

#define BAD UINT32_MAX

/* Returns the character at *text and moves *text behind it. BAD for a byte that does not start a character. */
static uint32_t next_character(const char **text)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *at = (const unsigned char *)*text;
    int bytes = at[0] < 0x80 ? 1 : at[0] >= 0xF0 && at[0] < 0xF8 ? 4 : at[0] >= 0xE0 ? 3 : at[0] >= 0xC0 ? 2 : 0;
    uint32_t character = bytes == 1 ? at[0] : bytes > 0 ? at[0] & (0x7FU >> bytes) : 0;

    ++*text;
    if (bytes == 0 || at[0] >= 0xF8)
        return BAD;
    for (int i = 1; i < bytes; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return BAD;
        character = character << 6 | (at[i] & 0x3F);
    }
    if (character < least[bytes] || character > 0x10FFFF)
        return BAD;
    *text += bytes - 1;
    return character;
}

/* Gnuplot's PNG draws a text in the wrong size when a font of coloured pictures has one of its characters: those beyond
 * the basic plane, and those that a selector makes a picture. */
static bool is_drawable(uint32_t character)
{
    bool is_picture = character > 0xFFFF || character == 0xFE0F || character == 0x20E3;
    bool is_control = character < 0x20 || (character >= 0x7F && character < 0xA0);
    bool is_direction = character == 0x200E || character == 0x200F || (character >= 0x2028 && character <= 0x202E) ||
                        (character >= 0x2066 && character <= 0x2069);
    bool is_surrogate = character >= 0xD800 && character < 0xE000;
    return !is_picture && !is_control && !is_direction && !is_surrogate && character < 0xFFFE;
}

static unsigned character_units(uint32_t character)
{
    for (size_t i = 0; i < sizeof glyph_ranges / sizeof glyph_ranges[0]; i++)
        if (character >= glyph_ranges[i].first && character <= glyph_ranges[i].last)
            return glyph_widths[glyph_ranges[i].at + character - glyph_ranges[i].first];
    return GLYPH_UNITS_PER_EM * 5 / 4;
}

double plot_text_width(const char *text, double size)
{
    unsigned units = 0;
    while (*text != '\0') {
        uint32_t character = next_character(&text);
        units += character_units(is_drawable(character) ? character : '?');
    }
    return units * size / GLYPH_UNITS_PER_EM;
}

/* Returns a copy in which every character can be drawn. */
static char *drawable_copy(const char *text)
{
    char *copy = malloc(strlen(text) + 1), *end = copy;
    CHECK(copy != NULL);
    while (*text != '\0') {
        const char *start = text;
        if (is_drawable(next_character(&text)))
            end = mempcpy(end, start, (size_t)(text - start));
        else
            *end++ = '?';
    }
    *end = '\0';
    return copy;
}

static void add_line(struct plot_text *text, const char *start, size_t bytes, double size)
{
    while (bytes > 0 && start[bytes - 1] == ' ')
        bytes--;
    char *line = text_copy_bytes(start, bytes);
    text->lines = realloc(text->lines, (text->count + 1) * sizeof *text->lines);
    CHECK(text->lines != NULL);
    text->lines[text->count++] = line;
    double width = plot_text_width(line, size);
    text->width = width > text->width ? width : text->width;
}

/* Returns the end of the longest line that starts at `start` and fits. */
static const char *line_end(const char *start, double size, double width)
{
    const char *at = start, *after_blank = NULL, *after_mark = NULL;
    unsigned units = 0;

    while (*at != '\0') {
        const char *before = at;
        uint32_t character = next_character(&at);
        units += character_units(character);
        if (character == ' ')
            after_blank = at;
        else if (units * size / GLYPH_UNITS_PER_EM > width && before > start)
            return after_blank != NULL ? after_blank : after_mark != NULL ? after_mark : before;
        else if (character < 0x80 && strchr(",;/.-_:|", (int)character) != NULL)
            after_mark = at;
    }
    return at;
}

struct plot_text plot_text_break(const char *text, double size, double width)
{
    struct plot_text broken = { NULL, 0, 0 };
    char *copy = drawable_copy(text);
    const char *start = copy;

    do {
        const char *end = line_end(start, size, width);
        add_line(&broken, start, (size_t)(end - start), size);
        start = end;
    } while (*start != '\0');
    free(copy);
    return broken;
}

void plot_text_free(struct plot_text *text)
{
    for (size_t i = 0; i < text->count; i++)
        free(text->lines[i]);
    free(text->lines);
    *text = (struct plot_text){ NULL, 0, 0 };
}
