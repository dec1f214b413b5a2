/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of words, and the holders of those that are locks, for traces and verdicts of an exploration.
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
    const uint32_t *holder; /* lock: CPU that holds it, UINT32_MAX when free; NULL: not a lock */
};

/* Names a word; no effect unless explored. `name` and `holder` must outlive the exploration. */
void names_add(struct machine *machine, const struct word *word, const char *name, const uint32_t *holder);

/* Returns the word's name; NULL: none. */
const struct word_name *names_find(const struct explored *explored, const struct word *word);

/* Frees all of them. */
void names_free(struct explored *explored);

#endif
