/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads CSV as population_table.c writes it.
 */
#include "sweep/table.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/suggest.h"

/* Cuts the next field off the line and unquotes it in place. Returns NULL after the last one. */
static char *next_field(char **line)
{
    char *field = *line, *from = field, *to = field;

    if (field == NULL)
        return NULL;
    if (*from != '"') {
        from += strcspn(from, ",");
        *line = *from == ',' ? from + 1 : NULL;
        *from = '\0';
        return field;
    }
    for (from++; *from != '\0'; *to++ = *from++) {
        if (*from == '"' && *++from != '"')
            break;
    }
    *line = *from == ',' ? from + 1 : NULL;
    *to = '\0';
    return field;
}

static void split_names(struct csv *csv, char *line)
{
    size_t commas = 1;

    for (const char *c = line; *c != '\0'; c++)
        commas += *c == ',';
    csv->names = calloc(commas, sizeof(*csv->names));
    CHECK(csv->names != NULL);
    for (char *name; (name = next_field(&line)) != NULL;)
        csv->names[csv->column_count++] = name;
}

/* Appends a row. Returns false when it has another number of fields than the names. */
static bool split_row(struct csv *csv, char *line, size_t *capacity)
{
    size_t columns = csv->column_count, count = 0;

    if (csv->row_count == *capacity) {
        *capacity = *capacity * 2 + 64;
        csv->fields = realloc(csv->fields, *capacity * columns * sizeof(*csv->fields));
        CHECK(csv->fields != NULL);
    }
    for (char *field; (field = next_field(&line)) != NULL; count++) {
        if (count == columns)
            return false;
        csv->fields[csv->row_count * columns + count] = field;
    }
    csv->row_count++;
    return count == columns;
}

bool csv_split(struct csv *csv, char *text, const char *path, char *message, size_t message_bytes)
{
    size_t capacity = 0;

    *csv = (struct csv){ .text = text };
    char *line = csv->text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        if (line[0] == '#')
            continue;
        if (csv->names == NULL) {
            split_names(csv, line);
        } else if (!split_row(csv, line, &capacity)) {
            snprintf(message, message_bytes, "%s: row %zu has not as many fields as the line of names", path,
                     csv->row_count);
            return false;
        }
    }
    if (csv->row_count > 0)
        return true;
    snprintf(message, message_bytes, "%s: the table has no complete row", path);
    return false;
}

bool csv_read(struct csv *csv, const char *path, char *message, size_t message_bytes)
{
    size_t bytes;
    char *text = file_read_bytes(path, SIZE_MAX, &bytes, message, message_bytes);

    *csv = (struct csv){ 0 };
    return text != NULL && csv_split(csv, text, path, message, message_bytes);
}

void csv_free(struct csv *csv)
{
    free(csv->text);
    free(csv->names);
    free(csv->fields);
    *csv = (struct csv){ 0 };
}

bool csv_column(const struct csv *csv, const char *name, size_t *column, char *message, size_t message_bytes)
{
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (*column = 0; *column < csv->column_count; (*column)++) {
        if (strcmp(csv->names[*column], name) == 0)
            return true;
        suggest_offer(&suggest, csv->names[*column]);
    }
    snprintf(message, message_bytes, "the table has no column '%.100s'%s", name, suggest_text(&suggest, suggestion));
    return false;
}

const char *csv_field(const struct csv *csv, size_t row, size_t column)
{
    CHECK(row < csv->row_count && column < csv->column_count);
    return csv->fields[row * csv->column_count + column];
}

double csv_number(const char *field)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = { { "ns", 1e-9 }, { "us", 1e-6 }, { "ms", 1e-3 }, { "mHz", 1e-3 },
                  { "kHz", 1e3 }, { "MHz", 1e6 }, { "GHz", 1e9 } };
    char *end;

    if (*field == '[')
        field++;
    double value = strtod(field, &end);
    if (end == field)
        return NAN;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(end, units[i].unit) == 0)
            return value * units[i].factor;
    return value;
}
