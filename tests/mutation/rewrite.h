/* SPDX-License-Identifier: Apache-2.0
 *
 * The places of one source that can be mutated, and the source that asks at each of them.
 */
#ifndef MUTATION_REWRITE_H
#define MUTATION_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

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

/* Writes the rewritten source to `copy` and a line a mutant to stdout: "number,path,line,text -> mutated". Numbers go
 * on from *number. False when the file cannot be written. */
bool rewrite(struct sites *sites, const char *path, const char *copy, unsigned *number);

#endif
