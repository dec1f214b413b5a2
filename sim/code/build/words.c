/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of texts that grows.
 */
#define _GNU_SOURCE
#include "code/build/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

char *words_add(struct words *words, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    CHECK(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    words->items = realloc(words->items, (words->count + 2) * sizeof(*words->items));
    CHECK(words->items != NULL);
    words->items[words->count++] = text;
    words->items[words->count] = NULL;
    return text;
}

void words_add_all(struct words *words, const struct words *more)
{
    for (size_t i = 0; i < more->count; i++)
        words_add(words, "%s", more->items[i]);
}

void words_split(struct words *words, const char *text, const char *separators)
{
    for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
        size_t bytes = strcspn(text, separators);

        words_add(words, "%.*s", (int)bytes, text);
        text += bytes;
    }
}

char *words_join(const struct words *words)
{
    size_t bytes = 1;
    char *text, *end;

    for (size_t i = 0; i < words->count; i++)
        bytes += strlen(words->items[i]) + 1;
    text = end = calloc(bytes, 1);
    CHECK(text != NULL);
    for (size_t i = 0; i < words->count; i++)
        end += sprintf(end, "%s%s", i ? " " : "", words->items[i]);
    return text;
}

void words_free(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct words){ 0 };
}
