/* SPDX-License-Identifier: Apache-2.0
 *
 * See escape.h. A text is read one character at a time; what is no character of UTF-8 (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF) is replaced, byte by byte.
 */
#define _GNU_SOURCE
#include "report/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Returns the number of bytes of the character at `text`; 0 if none begins there. */
static size_t character_bytes(const unsigned char *text)
{
    static const struct {
        unsigned char first, last, second_first, second_last, bytes;
    } forms[] = {
        { 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text[0] < forms[i].first || text[0] > forms[i].last)
            continue;
        if (forms[i].bytes > 1 && (text[1] < forms[i].second_first || text[1] > forms[i].second_last))
            return 0;
        for (size_t at = 2; at < forms[i].bytes; at++)
            if ((text[at] & 0xc0) != 0x80)
                return 0;
        return forms[i].bytes;
    }
    return 0;
}

/* Returns what stands for the character in HTML and XML, or NULL for itself. U+0080 to U+009F are control characters,
 * too; XML has neither U+FFFE nor U+FFFF. */
static const char *html_of(const unsigned char *character, size_t bytes)
{
    if (bytes == 0 || character[0] == 0x7f || (bytes == 2 && character[0] == 0xc2 && character[1] < 0xa0))
        return REPLACEMENT;
    if (bytes == 3 && character[0] == 0xef && character[1] == 0xbf && character[2] >= 0xbe)
        return REPLACEMENT;
    switch (character[0]) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\r':
        return "&#13;"; /* a bare one would be read as a line feed */
    case '\t':
    case '\n':
        return NULL;
    default:
        return character[0] < ' ' ? REPLACEMENT : NULL;
    }
}

void escape_html(const char *text, FILE *out)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        size_t bytes = character_bytes(at);
        const char *instead = html_of(at, bytes);
        if (instead != NULL)
            fputs(instead, out);
        else
            fwrite(at, 1, bytes, out);
        at += bytes > 0 ? bytes : 1;
    }
}

void escape_json(const json_t *json, FILE *out)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

    CHECK(text != NULL);
    /* Outside of strings JSON has none of these. */
    for (const char *at = text; *at != '\0'; at++)
        if (*at == '<' || *at == '>' || *at == '&')
            fprintf(out, "\\u%04x", (unsigned)*at);
        else
            fputc(*at, out);
    free(text);
}

json_t *escape_json_text(const char *text)
{
    char *clean = NULL;
    size_t clean_bytes;

    if (text == NULL)
        return json_null();
    FILE *out = open_memstream(&clean, &clean_bytes);
    CHECK(out != NULL);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        size_t bytes = character_bytes(at);
        fwrite(bytes > 0 ? (const char *)at : REPLACEMENT, 1, bytes > 0 ? bytes : strlen(REPLACEMENT), out);
        at += bytes > 0 ? bytes : 1;
    }
    CHECK(fclose(out) == 0);
    json_t *json = json_stringn(clean, clean_bytes);
    CHECK(json != NULL);
    free(clean);
    return json;
}
