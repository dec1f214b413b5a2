/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes text as a YAML scalar. Text of letters, digits and ._/-+ that begins with a letter, a digit, a dot or a slash
 * is written plain; all other text is quoted.
 */
#include "scenario/yaml_text.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain_safe(const char *text)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";
    static const char other[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-+";

    /* "..." would end the document. */
    return *text && strchr(first, *text) && text[strspn(text, other)] == '\0' && strcmp(text, "...") != 0;
}

void yaml_text_write(const char *text, FILE *stream)
{
    if (is_plain_safe(text)) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(stream, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || *c == 0x7F)
            fprintf(stream, "\\x%02x", (unsigned char)*c);
        else
            fputc(*c, stream);
    }
    fputc('"', stream);
}
