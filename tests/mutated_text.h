/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded mutations of YAML, and hashes of where something is said about them.
 */
#ifndef MUTATED_TEXT_H
#define MUTATED_TEXT_H

#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "hash.h"

/* Pieces that have a meaning somewhere. */
static const char *const mutated_pieces[] = {
    "{",          "}",      "[",      "]",         ":",       ": ",           ", ",      "- ",      "\n",
    "  ",         "\t",     "#",      "\"",        "'",       "&a ",          "*a",      "<<: ",    "!!",
    "|\n",        "? ",     "---\n",  "...\n",     "%YAML\n", "\xEF\xBB\xBF", "8ms",     "0",       "-1",
    "1e9",        "1GHz",   "name",   "off",       "\\0",     "guests: ",     "matrix:", "expect:", "headline: ",
    "defaults: ", "9999",   "250kHz", "pin:",      "pu:0-99", "times",        "file:",   "~",       "\xFF",
    "arrivals:",  "costs:", "near",   "\"\\xff\"",
};

#define MUTATED_PIECES (sizeof(mutated_pieces) / sizeof(*mutated_pieces))

static inline size_t mutate_text(struct rng *rng, const char *text, size_t bytes, char *mutated, size_t mutated_bytes)
{
    uint64_t changes = 1 + rng_below(rng, 4);

    memcpy(mutated, text, bytes);
    while (changes-- > 0) {
        size_t at = (size_t)rng_below(rng, bytes), other = (size_t)rng_below(rng, bytes);
        const char *piece = mutated_pieces[rng_below(rng, MUTATED_PIECES)];
        size_t length = strlen(piece), cut = (size_t)rng_below(rng, 12);

        switch (rng_below(rng, 5)) {
        case 0:
            mutated[at] = (char)rng_below(rng, 256);
            break;
        case 1:
            cut = cut < bytes - at ? cut : bytes - at;
            cut = bytes - cut < 16 ? 0 : cut;
            memmove(mutated + at, mutated + at + cut, bytes - at - cut);
            bytes -= cut;
            break;
        case 2:
            mutated[at] = mutated[other];
            break;
        default:
            if (bytes + length < mutated_bytes) {
                memmove(mutated + at + length, mutated + at, bytes - at);
                memcpy(mutated + at, piece, length);
                bytes += length;
            }
        }
    }
    return bytes;
}

/* Adds of each message, "LINE:COLUMN: error: text", where it is and how severe: the words may change. */
static inline void add_places(uint64_t *sum, const char *messages)
{
    for (const char *line = messages; *line != '\0'; line += strcspn(line, "\n") + 1) {
        const char *space = strchr(line, ' ');
        size_t bytes = space != NULL ? (size_t)(space - line) + 1 + strcspn(space + 1, ":\n") : strcspn(line, "\n");

        *sum = hash_add(*sum, line, bytes);
    }
}

#endif
