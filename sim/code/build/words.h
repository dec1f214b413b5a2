/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of texts that grows, such as the arguments of a program.
 */
#ifndef CODE_BUILD_WORDS_H
#define CODE_BUILD_WORDS_H

#include <stddef.h>

/* items[count] is NULL, unless the list is empty and has never had an item. All zero is an empty list. */
struct words {
    char **items;
    size_t count;
};

/* Appends a text, which the list owns, and returns it. */
__attribute__((format(printf, 2, 3))) char *words_add(struct words *words, const char *format, ...);
void words_add_all(struct words *words, const struct words *more);
/* Appends what the separators divide; two separators together make no empty word. */
void words_split(struct words *words, const char *text, const char *separators);
/* The words with blanks between them; the caller frees the text. */
char *words_join(const struct words *words);
void words_free(struct words *words);

#endif
