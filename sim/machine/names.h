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
    char owner[16];         /* which of several words of this name it is: "cpu1", "d0v2"; "": not known */
};

#define NAMES_TEXT_BYTES 96

/* Names a word; no effect unless explored. `name` and `holder` must outlive the exploration. */
void names_add(struct machine *machine, const struct word *word, const char *name, const uint32_t *holder);

/* The same of a word that several owners have each: the format names the owner, in at most 15 bytes. */
__attribute__((format(printf, 4, 5))) void names_add_of(struct machine *machine, const struct word *word,
                                                        const char *name, const char *format, ...);

/* Returns the word's name; NULL: none. */
const struct word_name *names_find(const struct explored *explored, const struct word *word);

/* The name, and where several words have it also the owner, and where one owner has several also a number from 0:
 * "state", "softirq_pending of cpu1", "PIR[2]". Returns text. */
const char *names_text(const struct explored *explored, const struct word_name *name, char text[NAMES_TEXT_BYTES]);

/* Frees all of them. */
void names_free(struct explored *explored);

#endif
