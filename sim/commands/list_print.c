/* SPDX-License-Identifier: Apache-2.0
 *
 * Fits the rows of a list into the width of the terminal.
 */
#include "commands/list_rows.h"

#include <string.h>

#include "base/check.h"
#include "manual/wrap.h"

enum { COLUMNS_MAX = 8, LAST_MIN = 30, INDENT = 4 };

static const char *cell(const char *const *columns, const json_t *rows, size_t row, size_t column)
{
    return json_string_value(json_object_get(json_array_get(rows, row), columns[column]));
}

static size_t characters(const char *text) { return wrap_characters(text, strlen(text)); }

/* A row whose columns do not fit side by side: the name, and the rest below it. */
static void print_paragraph(const char *const *columns, const json_t *rows, size_t row, size_t width, FILE *stream)
{
    wrap_print(stream, cell(columns, rows, row, 0), 0, INDENT, width);
    for (size_t i = 1; columns[i] != NULL; i++) {
        size_t column = (size_t)fprintf(stream, "%*s%s%s", INDENT, "", columns[i + 1] != NULL ? columns[i] : "",
                                        columns[i + 1] != NULL ? ": " : "");
        wrap_print(stream, cell(columns, rows, row, i), column, INDENT + 2, width);
    }
}

static void print_line(const char *const *columns, const json_t *rows, size_t row, const size_t *widths, size_t width,
                       FILE *stream)
{
    size_t column = 0;

    for (size_t i = 0; columns[i + 1] != NULL; i++) {
        const char *text = cell(columns, rows, row, i);

        fprintf(stream, "%s%*s  ", text, (int)(widths[i] - characters(text)), "");
        column += widths[i] + 2;
    }
    for (size_t i = 0; columns[i] != NULL; i++)
        if (columns[i + 1] == NULL && width == SIZE_MAX)
            fprintf(stream, "%s\n", cell(columns, rows, row, i));
        else if (columns[i + 1] == NULL)
            wrap_print(stream, cell(columns, rows, row, i), column, column, width);
}

void list_print(const char *const *columns, const json_t *rows, size_t width, FILE *stream)
{
    size_t widths[COLUMNS_MAX] = { 0 }, count = json_array_size(rows), used = 0;

    for (size_t i = 0; columns[i] != NULL && columns[i + 1] != NULL; i++) {
        CHECK(i < COLUMNS_MAX);
        for (size_t row = 0; row < count; row++) {
            size_t wide = characters(cell(columns, rows, row, i));

            widths[i] = wide > widths[i] ? wide : widths[i];
        }
        used += widths[i] + 2;
    }
    for (size_t row = 0; row < count; row++)
        if (width == SIZE_MAX || used + LAST_MIN <= width)
            print_line(columns, rows, row, widths, width, stream);
        else
            print_paragraph(columns, rows, row, width, stream);
}
