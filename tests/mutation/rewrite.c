/* SPDX-License-Identifier: Apache-2.0
 *
 * Rewrites a source around its places.
 */
#include "mutation/rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_balanced(const char *text, size_t bytes)
{
    int depth = 0;

    for (size_t i = 0; i < bytes && depth >= 0; i++)
        depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    return depth == 0;
}

void sites_add(struct sites *sites, size_t begin, size_t end, unsigned line, const char *mutated)
{
    if (begin >= end || end > sites->source_bytes || !is_balanced(sites->source + begin, end - begin))
        return;
    if (sites->count == sites->capacity) {
        sites->capacity = sites->capacity ? 2 * sites->capacity : 256;
        sites->rows = realloc(sites->rows, sites->capacity * sizeof(sites->rows[0]));
        if (!sites->rows)
            abort();
    }
    sites->rows[sites->count++] = (struct site){ begin, end, line, strdup(mutated) };
}

void sites_free(struct sites *sites)
{
    for (size_t i = 0; i < sites->count; i++)
        free(sites->rows[i].mutated);
    free(sites->rows);
    free(sites->source);
}

/* An expression comes before those inside it. */
static int by_place(const void *left, const void *right)
{
    const struct site *a = left, *b = right;

    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return a->end > b->end ? -1 : a->end < b->end;
}

/* Text on one line, without the commas and quotes that CSV would ask about. */
static void print_flat(const char *text, size_t bytes)
{
    bool is_blank = false;

    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        if (c == ' ' || c == '\n' || c == '\t') {
            is_blank = true;
            continue;
        }
        if (is_blank)
            putchar(' ');
        is_blank = false;
        putchar(c == ',' ? ';' : c == '"' ? '\'' : c);
    }
}

/* Writes the text from `from` to `end`, in which the sites from *next on lie. */
static void emit(struct sites *sites, FILE *out, size_t from, size_t end, size_t *next, unsigned first)
{
    while (*next < sites->count && sites->rows[*next].begin < end) {
        const struct site *site = &sites->rows[*next];
        unsigned number = first + (unsigned)*next;
        fwrite(sites->source + from, 1, site->begin - from, out);
        fprintf(out, "(mutant(%u) ? %s : (", number, site->mutated);
        (*next)++;
        emit(sites, out, site->begin, site->end, next, first);
        fputs("))", out);
        from = site->end;
    }
    fwrite(sites->source + from, 1, end - from, out);
}

bool rewrite(struct sites *sites, const char *path, const char *copy, unsigned *number)
{
    FILE *out = fopen(copy, "w");
    size_t next = 0;

    if (!out)
        return false;
    qsort(sites->rows, sites->count, sizeof(sites->rows[0]), by_place);
    emit(sites, out, 0, sites->source_bytes, &next, *number);
    for (size_t i = 0; i < sites->count; i++) {
        const struct site *site = &sites->rows[i];
        printf("%u,%s,%u,", *number + (unsigned)i, path, site->line);
        print_flat(sites->source + site->begin, site->end - site->begin);
        fputs(" -> ", stdout);
        print_flat(site->mutated, strlen(site->mutated));
        putchar('\n');
    }
    *number += (unsigned)sites->count;
    return fclose(out) == 0;
}
