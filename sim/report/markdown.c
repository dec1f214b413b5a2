/* SPDX-License-Identifier: Apache-2.0
 *
 * See markdown.h. A block is a run of lines without an empty one between them; a line that begins an item ends the
 * paragraph or item before it.
 */
#define _GNU_SOURCE
#include "report/markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "report/page.h"

enum block { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_LIST, BLOCK_NUMBERS };

static void print_inline(struct page *page, const char *text, size_t bytes);

static void print_text(struct page *page, const char *text, size_t bytes)
{
    char *copy = text_copy_bytes(text, bytes);
    page_print(page, "%s", copy);
    free(copy);
}

/* Prints the marked text at `text` as an element. Returns the number of bytes with both marks; 0 without an end. */
static size_t print_marked(struct page *page, const char *text, size_t bytes, const char *mark, const char *open,
                           const char *close)
{
    size_t length = strlen(mark);
    const char *end;

    if (bytes <= 2 * length || strncmp(text, mark, length) != 0 || isspace((unsigned char)text[length]))
        return 0;
    end = memmem(text + length, bytes - length, mark, length);
    if (end == NULL || end == text + length)
        return 0;
    page_markup(page, open);
    if (*mark == '`')
        print_text(page, text + length, (size_t)(end - text) - length);
    else
        print_inline(page, text + length, (size_t)(end - text) - length);
    page_markup(page, close);
    return (size_t)(end - text) + length;
}

/* Prints [words](https://...). Returns its bytes; 0 if it is none. */
static size_t print_link(struct page *page, const char *text, size_t bytes)
{
    const char *middle = bytes > 0 && text[0] == '[' ? memmem(text, bytes, "](", 2) : NULL;
    const char *end = middle != NULL ? memchr(middle, ')', bytes - (size_t)(middle - text)) : NULL;

    if (end == NULL || (strncmp(middle + 2, "https://", 8) != 0 && strncmp(middle + 2, "http://", 7) != 0))
        return 0;
    char *address = text_copy_bytes(middle + 2, (size_t)(end - middle) - 2);
    page_print(page, "<a rel=\"noreferrer\" href=\"%s\">", address);
    print_inline(page, text + 1, (size_t)(middle - text) - 1);
    page_print(page, "</a>");
    free(address);
    return (size_t)(end - text) + 1;
}

static size_t print_element(struct page *page, const char *text, size_t bytes)
{
    size_t used = print_marked(page, text, bytes, "`", "<code>", "</code>");

    if (used == 0)
        used = print_marked(page, text, bytes, "**", "<strong>", "</strong>");
    if (used == 0 && strncmp(text, "**", 2) != 0)
        used = print_marked(page, text, bytes, "*", "<em>", "</em>");
    return used > 0 ? used : print_link(page, text, bytes);
}

static void print_inline(struct page *page, const char *text, size_t bytes)
{
    size_t from = 0;

    for (size_t at = 0; at < bytes;) {
        size_t plain = strcspn(text + at, "`*[");
        at = at + plain < bytes ? at + plain : bytes;
        if (at == bytes)
            break;
        print_text(page, text + from, at - from);
        size_t used = print_element(page, text + at, bytes - at);
        from = at + used;
        at += used > 0 ? used : 1;
    }
    print_text(page, text + from, bytes - from);
}

/* The bytes of "- " or "12. " at the beginning of a line, or 0. */
static size_t item_bytes(const char *line, enum block *block)
{
    size_t digits = strspn(line, "0123456789");

    *block = digits > 0 ? BLOCK_NUMBERS : BLOCK_LIST;
    if (digits > 0 && digits < 4 && strncmp(line + digits, ". ", 2) == 0)
        return digits + 2;
    return strncmp(line, "- ", 2) == 0 || strncmp(line, "* ", 2) == 0 ? 2 : 0;
}

static void block_close(struct page *page, enum block *block)
{
    static const char *const ends[] = { "", "</p>\n", "</li>\n</ul>\n", "</li>\n</ol>\n" };

    page_markup(page, ends[*block]);
    *block = BLOCK_NONE;
}

static void print_line(struct page *page, const char *line, size_t bytes, enum block *block)
{
    size_t blanks = strspn(line, " "), used;
    enum block kind;

    if (blanks >= bytes) {
        block_close(page, block);
        return;
    }
    line += blanks;
    bytes -= blanks;
    used = item_bytes(line, &kind);
    if (used > 0 && used < bytes) {
        if (*block != kind) {
            block_close(page, block);
            page_markup(page, kind == BLOCK_LIST ? "<ul>\n<li>" : "<ol>\n<li>");
        } else {
            page_print(page, "</li>\n<li>");
        }
        *block = kind;
        line += used;
        bytes -= used;
    } else if (*block == BLOCK_NONE) {
        page_print(page, "<p>");
        *block = BLOCK_PARAGRAPH;
    } else {
        page_print(page, "\n");
    }
    print_inline(page, line, bytes);
}

void markdown_print(struct page *page, const char *text)
{
    enum block block = BLOCK_NONE;

    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n");
        print_line(page, text, bytes, &block);
        text += bytes + (text[bytes] == '\n');
    }
    block_close(page, &block);
}
