/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats tables. Column widths are counted in characters, not in bytes, so that columns with UTF-8 text are aligned.
 */
#define _GNU_SOURCE
#include "result/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void table_init(struct table *table, size_t columns, size_t left_columns)
{
    CHECK(columns > 0 && left_columns <= columns);
    *table = (struct table){ .columns = columns, .left_columns = left_columns };
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){ 0 };
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list arguments;

    if (table->count == table->capacity) {
        table->capacity = table->capacity > 0 ? 2 * table->capacity : 64;
        table->cells = realloc(table->cells, table->capacity * sizeof *table->cells);
        CHECK(table->cells != NULL);
    }
    va_start(arguments, format);
    CHECK(vasprintf(&table->cells[table->count++], format, arguments) >= 0);
    va_end(arguments);
}

/* Returns the width in characters. Colour sequences (ESC [ ... m) and continuation bytes of UTF-8 do not count. */
static size_t text_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++) {
        if (*text == '\033')
            text += strcspn(text, "m");
        else
            width += ((unsigned char)*text & 0xc0) != 0x80;
        if (*text == '\0')
            break;
    }
    return width;
}

static size_t *column_widths(const struct table *table)
{
    size_t *widths = calloc(table->columns, sizeof *widths);
    CHECK(widths != NULL);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = text_width(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    return widths;
}

size_t table_width(const struct table *table)
{
    size_t *widths = column_widths(table), sum = 2 * (table->columns - 1);

    for (size_t i = 0; i < table->columns; i++)
        sum += widths[i];
    free(widths);
    return sum;
}

size_t table_column_width(const struct table *table, size_t column)
{
    size_t *widths = column_widths(table), width = widths[column];

    free(widths);
    return width;
}

/* Returns the place after the first `count` characters of a text without colours. */
static const char *skip_characters(const char *text, size_t count)
{
    for (; count > 0 && *text != '\0'; count--)
        do
            text++;
        while (((unsigned char)*text & 0xc0) == 0x80);
    return text;
}

void table_shorten(struct table *table, size_t column, size_t width)
{
    CHECK(width >= 1);
    for (size_t i = column; i < table->count; i += table->columns) {
        size_t has = text_width(table->cells[i]);
        if (has <= width)
            continue;
        size_t kept = width - 1, front = kept / 2;
        const char *text = table->cells[i], *back = skip_characters(text, has - (kept - front));
        char *shorter;
        CHECK(asprintf(&shorter, "%.*s…%s", (int)(skip_characters(text, front) - text), text, back) >= 0);
        free(table->cells[i]);
        table->cells[i] = shorter;
    }
}

static void print_padded(FILE *out, const char *text, size_t width, bool is_left, bool is_last)
{
    int padding = (int)(width - text_width(text));
    if (is_left)
        fprintf(out, "%s%*s", text, is_last ? 0 : padding, "");
    else
        fprintf(out, "%*s%s", padding, "", text);
}

void table_print(const struct table *table, FILE *out, size_t indent, bool use_colour)
{
    CHECK(table->count % table->columns == 0);
    size_t *widths = column_widths(table);

    for (size_t row = 0; row < table->count / table->columns; row++) {
        bool is_bold = row == 0 && use_colour;
        fprintf(out, "%*s%s", (int)indent, "", is_bold ? "\033[1m" : "");
        size_t last = table->columns;
        while (last > 1 && table->cells[row * table->columns + last - 1][0] == '\0')
            last--;
        for (size_t column = 0; column < last; column++) {
            if (column > 0)
                fputs("  ", out);
            bool is_left = column < table->left_columns || (table->is_last_left && column + 1 == table->columns);
            print_padded(out, table->cells[row * table->columns + column], widths[column], is_left, column + 1 == last);
        }
        fputs(is_bold ? "\033[0m\n" : "\n", out);
    }
    free(widths);
}

/* Escapes the bar, which would end the cell. */
static void print_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

void table_print_markdown(const struct table *table, FILE *out)
{
    CHECK(table->count % table->columns == 0);
    for (size_t i = 0; i < table->count; i++) {
        fputs("| ", out);
        print_escaped(out, table->cells[i]);
        fputs(i % table->columns + 1 == table->columns ? " |\n" : " ", out);
        if (i + 1 != table->columns)
            continue;
        for (size_t column = 0; column < table->columns; column++)
            fputs(column < table->left_columns ? "|:--" : "|--:", out);
        fputs("|\n", out);
    }
}
