/* SPDX-License-Identifier: Apache-2.0
 *
 * A page of the manual: headings, paragraphs, literal lines, and terms with their meaning. It is written for man(1), in
 * the macros that groff and mandoc share, or as text.
 */
#ifndef MANUAL_DOCUMENT_H
#define MANUAL_DOCUMENT_H

#include <stddef.h>
#include <stdio.h>

enum document_part_kind { DOCUMENT_HEADING, DOCUMENT_SUBHEADING, DOCUMENT_PARAGRAPH, DOCUMENT_LITERAL, DOCUMENT_ITEM };

struct document_part {
    enum document_part_kind kind;
    char *text; /* of an item, its meaning */
    char *term; /* of an item; NULL */
};

struct document {
    char *name, *summary; /* "irqpath-run", "run one simulation" */
    int section;          /* of the manual: 1 for commands, 5 for files */
    struct document_part *parts;
    size_t count;
};

/* The texts are copied. */
void document_init(struct document *document, const char *name, int section, const char *summary);
void document_free(struct document *document);

void document_heading(struct document *document, const char *text);    /* "OPTIONS" */
void document_subheading(struct document *document, const char *text); /* "guests.NAME" */

/* Adds paragraphs, which empty lines separate. Lines that begin with a blank are literal; the others are filled. */
void document_text(struct document *document, const char *text);

/* Adds lines that stay as they are. */
void document_literal(struct document *document, const char *text);

void document_item(struct document *document, const char *term, const char *text);

/* `source` is the program with its version. The date is the version's: the same program writes the same page. */
void document_write_man(const struct document *document, const char *source, FILE *stream);

/* Lines are at most `width` characters long where their words are. */
void document_write_text(const struct document *document, size_t width, FILE *stream);

#endif
