/* SPDX-License-Identifier: Apache-2.0
 *
 * Words are what blanks and ends of lines separate.
 */
#include "manual/wrap.h"

#include <string.h>

#define BLANKS " \t\n"

size_t wrap_characters(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

void wrap_print(FILE *stream, const char *text, size_t column, size_t indent, size_t width)
{
    const char *blank = "";
    size_t bytes;

    for (text += strspn(text, BLANKS); (bytes = strcspn(text, BLANKS)) > 0; text += strspn(text, BLANKS)) {
        size_t characters = strlen(blank) + wrap_characters(text, bytes);

        if (column > indent && (column > width || characters > width - column)) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
            characters -= strlen(blank);
            blank = "";
        }
        fprintf(stream, "%s%.*s", blank, (int)bytes, text);
        column += characters;
        blank = " ";
        text += bytes;
    }
    fputc('\n', stream);
}
