/* SPDX-License-Identifier: Apache-2.0
 *
 * The places of one source that can be mutated, and the source that asks at each of them.
 */
#ifndef MUTATION_REWRITE_H
#define MUTATION_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct site {
    size_t begin, end; /* the expression, in bytes of the source */
    unsigned line;     /* of the operator, from 1 on */
    char *mutated;     /* the expression to evaluate in its place; owned */
};

struct sites {
    char *source; /* the file's text; owned */
    size_t source_bytes;
    struct site *rows; /* expressions lie inside each other or apart; owned */
    size_t count, capacity;
};

/* Adds an expression; the text is copied. One that spans unbalanced parentheses, as half of a macro does, is left out.
 */
void sites_add(struct sites *sites, size_t begin, size_t end, unsigned line, const char *mutated);
void sites_free(struct sites *sites);

/* Prints a line a mutant to stdout: "number,path,line,source,text -> mutated", with the source's line and numbers from
 * `first` on. */
void sites_print(struct sites *sites, const char *path, unsigned first);

/* Writes the source, which asks at each place whose is_asked[number] is set, to `copy`, unless that holds it already.
 * False when the file cannot be written. */
bool rewrite(struct sites *sites, const char *copy, unsigned first, const unsigned char *is_asked);

/* Writes the source with the mutant of a row, in the order of sites_print, in place of its expression. */
void sites_apply(struct sites *sites, size_t row, FILE *out);

#endif
