/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of words, for traces and verdicts of an exploration.
 */
#ifndef MACHINE_NAMES_H
#define MACHINE_NAMES_H

#include <stdint.h>

struct explored;
struct machine;
struct word;

struct word_name {
    const struct word *word;
    const char *name;
    const uint32_t *holder; /* of a lock: CPU, UINT32_MAX when free; or NULL */
};

/* Free of cost and effect unless explored. */
void names_add(struct machine *machine, const struct word *word, const char *name, const uint32_t *holder);

/* NULL: it has none. */
const struct word_name *names_find(const struct explored *explored, const struct word *word);

/* Frees all of them. */
void names_free(struct explored *explored);

#endif
