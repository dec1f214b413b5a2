/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of text of a comparison.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "compare/report_parts.h"

/* The number of characters in these bytes of UTF-8. */
static size_t characters(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

size_t report_wrap(const char *text, size_t width, bool is_bold, FILE *out)
{
    size_t lines = 0;

    do {
        size_t bytes = strcspn(text, " "), next = bytes; /* of the line; up to the end of its next word */
        while (text[next] != '\0' && characters(text, bytes) <= width) {
            next += 1 + strcspn(text + next + 1, " ");
            if (characters(text, next) > width)
                break;
            bytes = next;
        }
        if (out != NULL)
            fprintf(out, "%s%.*s%s\n", is_bold ? "\033[1m" : "", (int)bytes, text, is_bold ? "\033[0m" : "");
        lines++;
        text += bytes + (text[bytes] == ' ');
    } while (*text != '\0');
    return lines;
}

void report_seeds(const struct comparison *comparison, char *text, size_t text_bytes)
{
    const struct compare_side *base = &comparison->sides[0];
    size_t count = base->count, pairs = count;
    bool is_paired = true, is_same = true;

    for (size_t side = 1; side < comparison->side_count; side++) {
        const struct compare_side *other = &comparison->sides[side];
        size_t here = compare_pair_count(base, other);
        is_paired = is_paired && compare_is_paired(base, other);
        is_same = is_same && other->count == count;
        pairs = here < pairs ? here : pairs;
    }
    if (is_paired && is_same && pairs == count)
        (void)snprintf(text, text_bytes, "%zu seed%s", count, count == 1 ? "" : "s");
    else if (is_paired)
        (void)snprintf(text, text_bytes, "%zu seed%s in common", pairs, pairs == 1 ? "" : "s");
    else if (is_same)
        (void)snprintf(text, text_bytes, "%zu seeds each, unpaired", count);
    else
        (void)snprintf(text, text_bytes, "%zu and %zu seeds, unpaired", count,
                       comparison->sides[comparison->side_count - 1].count);
}
