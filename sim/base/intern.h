/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers for what comes again and again: distinct pairs of a key and a text have the numbers 0, 1, ... in the order in
 * which they first come. How long a look-up takes does not depend on how many there are.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interned {
    uint64_t key;
    char *text;
};

/* All zeros: empty. */
struct intern {
    struct interned *rows; /* [count], by number */
    size_t count;
    uint32_t *places; /* private: a hash table of numbers + 1 */
    size_t place_count;
};

/* The number of the pair, which is added with a copy of the text if it is new. At most UINT32_MAX - 1 pairs. */
uint32_t intern_number(struct intern *intern, uint64_t key, const char *text);

/* Sets *number; false: the pair has none. */
bool intern_find(const struct intern *intern, uint64_t key, const char *text, uint32_t *number);

void intern_free(struct intern *intern);

#endif
