/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a page in the man macros (man(7), groff_man(7)).
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "manual/document.h"

enum { LINE_BYTES = 78 };

/* How a byte is written so that it prints as itself in the font of a terminal, and can be copied from there; NULL: as
 * it is. */
static const char *escaped(char byte)
{
    static const struct {
        char byte;
        const char *text;
    } escapes[] = { { '\\', "\\e" },  { '-', "\\-" },   { '\'', "\\(aq" }, { '`', "\\(ga" },
                    { '^', "\\(ha" }, { '~', "\\(ti" }, { '"', "\\(dq" } };

    for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++)
        if (escapes[i].byte == byte)
            return escapes[i].text;
    return NULL;
}

static size_t written_bytes(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += escaped(text[i]) != NULL ? strlen(escaped(text[i])) : (unsigned char)text[i] < 0x80 ? 1 : 5;
    return count;
}

static void write_byte(char byte, FILE *stream)
{
    if (escaped(byte) != NULL)
        fputs(escaped(byte), stream);
    else
        fputc(byte, stream);
}

/* Returns the number of bytes of the character, which is written by its number unless it is ASCII. */
static size_t write_character(const char *text, FILE *stream)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t bytes = *at < 0x80 ? 1 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
    unsigned code = bytes > 1 ? *at & (0x7Fu >> bytes) : *at;

    if (bytes == 1) {
        write_byte(*text, stream);
        return 1;
    }
    for (size_t i = 1; i < bytes; i++)
        code = code << 6 | (at[i] & 0x3F);
    fprintf(stream, "\\[u%04X]", code);
    return bytes;
}

/* Writes the beginning of a line of text, which may not look like a request. */
static void begin_line(char first, FILE *stream)
{
    if (first == '.' || first == '\'')
        fputs("\\&", stream);
}

static void write_text(const char *text, size_t bytes, FILE *stream)
{
    for (size_t i = 0; i < bytes;)
        i += write_character(text + i, stream);
}

static void write_argument(const char *text, FILE *stream)
{
    fputs(" \"", stream);
    write_text(text, strlen(text), stream);
    fputs("\"\n", stream);
}

/* Writes filled text in short lines. The first one has `used` bytes already. */
static void write_filled(const char *text, size_t used, FILE *stream)
{
    size_t column = 0, bytes;

    for (text += strspn(text, " \t\n"); (bytes = strcspn(text, " \t\n")) > 0;
         text += bytes + strspn(text + bytes, " \t\n")) {
        size_t written = written_bytes(text, bytes);
        bool is_new = column == 0 || used + column + written > LINE_BYTES;

        if (column > 0) {
            fputc(is_new ? '\n' : ' ', stream);
            used = is_new ? 0 : used;
            column = is_new ? 0 : column;
        }
        if (is_new && used == 0)
            begin_line(*text, stream);
        write_text(text, bytes, stream);
        column += written + 1;
    }
    fputc('\n', stream);
}

static void write_literal(const char *text, bool is_after_heading, FILE *stream)
{
    fputs(is_after_heading ? ".nf\n" : ".PP\n.nf\n", stream);
    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n");

        if (bytes == 0)
            fputs("\\&", stream);
        begin_line(*text, stream);
        write_text(text, bytes, stream);
        fputc('\n', stream);
        text += bytes + (text[bytes] == '\n');
    }
    fputs(".fi\n", stream);
}

static void write_title(const struct document *document, const char *source, FILE *stream)
{
    fputs(".\\\" Made by irqpath from the tables that its --help prints.\n.TH \"", stream);
    for (const char *at = document->name; *at != '\0'; at++)
        write_byte((char)toupper((unsigned char)*at), stream);
    fprintf(stream, "\" \"%d\" \"" IRQPATH_DATE "\" \"%s\" \"irqpath\"\n", document->section, source);
    fputs(".SH NAME\n", stream);
    write_text(document->name, strlen(document->name), stream);
    fputs(" \\- ", stream);
    write_filled(document->summary, written_bytes(document->name, strlen(document->name)) + 4, stream);
}

void document_write_man(const struct document *document, const char *source, FILE *stream)
{
    write_title(document, source, stream);
    for (size_t i = 0; i < document->count; i++) {
        const struct document_part *part = &document->parts[i];
        bool is_after_heading = i > 0 && document->parts[i - 1].kind <= DOCUMENT_SUBHEADING;

        switch (part->kind) {
        case DOCUMENT_HEADING:
        case DOCUMENT_SUBHEADING:
            fputs(part->kind == DOCUMENT_HEADING ? ".SH" : ".SS", stream);
            write_argument(part->text, stream);
            break;
        case DOCUMENT_PARAGRAPH:
            if (!is_after_heading)
                fputs(".PP\n", stream);
            write_filled(part->text, 0, stream);
            break;
        case DOCUMENT_LITERAL:
            write_literal(part->text, is_after_heading, stream);
            break;
        case DOCUMENT_ITEM:
            fputs(".TP\n\\fB", stream);
            write_text(part->term, strlen(part->term), stream);
            fputs("\\fR\n", stream);
            write_filled(part->text, 0, stream);
            break;
        }
    }
}
