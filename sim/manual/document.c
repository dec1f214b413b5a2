/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects the parts of a page, and writes them as text.
 */
#include "manual/document.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "manual/wrap.h"

enum { TEXT_INDENT = 7, ITEM_INDENT = 14 };

void document_init(struct document *document, const char *name, int section, const char *summary)
{
    *document = (struct document){ .name = text_copy(name), .summary = text_copy(summary), .section = section };
}

void document_free(struct document *document)
{
    for (size_t i = 0; i < document->count; i++) {
        free(document->parts[i].text);
        free(document->parts[i].term);
    }
    free(document->parts);
    free(document->name);
    free(document->summary);
}

static void add(struct document *document, enum document_part_kind kind, const char *term, const char *text,
                size_t bytes)
{
    document->parts = realloc(document->parts, (document->count + 1) * sizeof(*document->parts));
    CHECK(document->parts != NULL);
    document->parts[document->count++] =
        (struct document_part){ kind, text_copy_bytes(text, bytes), term != NULL ? text_copy(term) : NULL };
}

void document_heading(struct document *document, const char *text)
{
    add(document, DOCUMENT_HEADING, NULL, text, strlen(text));
}

void document_subheading(struct document *document, const char *text)
{
    add(document, DOCUMENT_SUBHEADING, NULL, text, strlen(text));
}

void document_literal(struct document *document, const char *text)
{
    add(document, DOCUMENT_LITERAL, NULL, text, strlen(text));
}

void document_item(struct document *document, const char *term, const char *text)
{
    add(document, DOCUMENT_ITEM, term, text, strlen(text));
}

static bool is_literal(const char *line) { return *line == ' ' || *line == '\t'; }

/* The bytes of the lines that are of one kind with the first, up to an empty line. */
static size_t same_lines(const char *text)
{
    const char *at = text;

    while (*at != '\0' && *at != '\n' && is_literal(at) == is_literal(text)) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    return (size_t)(at - text);
}

void document_text(struct document *document, const char *text)
{
    while (*(text += strspn(text, "\n")) != '\0') {
        size_t bytes = same_lines(text), shown = bytes;

        while (shown > 0 && text[shown - 1] == '\n')
            shown--;
        add(document, is_literal(text) ? DOCUMENT_LITERAL : DOCUMENT_PARAGRAPH, NULL, text, shown);
        text += bytes;
    }
}

/* --- as text --- */

static void print_lines(const char *text, FILE *stream)
{
    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n");

        fprintf(stream, "%*s%.*s\n", bytes > 0 ? TEXT_INDENT : 0, "", (int)bytes, text);
        text += bytes + (text[bytes] == '\n');
    }
}

static void print_item(const struct document_part *part, size_t width, FILE *stream)
{
    size_t characters = TEXT_INDENT + wrap_characters(part->term, strlen(part->term));

    fprintf(stream, "%*s%s", TEXT_INDENT, "", part->term);
    if (characters + 2 > ITEM_INDENT) {
        fprintf(stream, "\n%*s", ITEM_INDENT, "");
        characters = ITEM_INDENT;
    }
    for (; characters < ITEM_INDENT; characters++)
        fputc(' ', stream);
    wrap_print(stream, part->text, ITEM_INDENT, ITEM_INDENT, width);
}

void document_write_text(const struct document *document, size_t width, FILE *stream)
{
    size_t column = TEXT_INDENT + wrap_characters(document->name, strlen(document->name)) + 3;

    fprintf(stream, "NAME\n%*s%s - ", TEXT_INDENT, "", document->name);
    wrap_print(stream, document->summary, column, TEXT_INDENT, width);
    for (size_t i = 0; i < document->count; i++) {
        const struct document_part *part = &document->parts[i];
        bool is_after_heading = i > 0 && document->parts[i - 1].kind <= DOCUMENT_SUBHEADING;

        if (!is_after_heading || part->kind <= DOCUMENT_SUBHEADING)
            fputc('\n', stream);
        switch (part->kind) {
        case DOCUMENT_HEADING:
            fprintf(stream, "%s\n", part->text);
            break;
        case DOCUMENT_SUBHEADING:
            fprintf(stream, "   %s\n", part->text);
            break;
        case DOCUMENT_PARAGRAPH:
            fprintf(stream, "%*s", TEXT_INDENT, "");
            wrap_print(stream, part->text, TEXT_INDENT, TEXT_INDENT, width);
            break;
        case DOCUMENT_LITERAL:
            print_lines(part->text, stream);
            break;
        case DOCUMENT_ITEM:
            print_item(part, width, stream);
            break;
        }
    }
}
