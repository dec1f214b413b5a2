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

static void print_line(const struct sites *sites, unsigned line)
{
    const char *text = sites->source;

    for (unsigned i = 1; i < line && text; i++) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    if (!text)
        return;
    text += strspn(text, " \t");
    print_flat(text, strcspn(text, "\n"));
}

void sites_print(struct sites *sites, const char *path, unsigned first)
{
    qsort(sites->rows, sites->count, sizeof(sites->rows[0]), by_place);
    for (size_t i = 0; i < sites->count; i++) {
        const struct site *site = &sites->rows[i];
        printf("%u,%s,%u,", first + (unsigned)i, path, site->line);
        print_line(sites, site->line);
        putchar(',');
        print_flat(sites->source + site->begin, site->end - site->begin);
        fputs(" -> ", stdout);
        print_flat(site->mutated, strlen(site->mutated));
        putchar('\n');
    }
}

struct emission {
    const struct sites *sites;
    const unsigned char *is_asked;
    FILE *out;
    size_t next;
    unsigned first;
};

/* Writes the text from `from` to `end`, in which the sites from `next` on lie. */
static void emit(struct emission *emission, size_t from, size_t end)
{
    const struct sites *sites = emission->sites;

    while (emission->next < sites->count && sites->rows[emission->next].begin < end) {
        const struct site *site = &sites->rows[emission->next];
        unsigned number = emission->first + (unsigned)emission->next++;
        if (!emission->is_asked[number])
            continue;
        fwrite(sites->source + from, 1, site->begin - from, emission->out);
        fprintf(emission->out, "(mutant(%u) ? %s : (", number, site->mutated);
        emit(emission, site->begin, site->end);
        fputs("))", emission->out);
        from = site->end;
    }
    fwrite(sites->source + from, 1, end - from, emission->out);
}

/* Replaces a file that has another text, so that what is built of it is kept where the text is the same. */
static bool replace(const char *path, const char *text, size_t bytes)
{
    FILE *stream = fopen(path, "r");
    char *before = malloc(bytes + 1);
    bool is_same = stream && before && fread(before, 1, bytes + 1, stream) == bytes && memcmp(before, text, bytes) == 0;

    free(before);
    if (stream)
        fclose(stream);
    stream = is_same ? NULL : fopen(path, "w");
    bool is_written = stream && fwrite(text, 1, bytes, stream) == bytes;
    return is_same || (stream && fclose(stream) == 0 && is_written);
}

void sites_apply(struct sites *sites, size_t row, FILE *out)
{
    qsort(sites->rows, sites->count, sizeof(sites->rows[0]), by_place);
    fwrite(sites->source, 1, sites->rows[row].begin, out);
    fputs(sites->rows[row].mutated, out);
    fwrite(sites->source + sites->rows[row].end, 1, sites->source_bytes - sites->rows[row].end, out);
}

bool rewrite(struct sites *sites, const char *copy, unsigned first, const unsigned char *is_asked)
{
    char *text = NULL;
    size_t bytes = 0;
    struct emission emission = { .sites = sites, .is_asked = is_asked, .first = first };
    bool is_any = false;

    qsort(sites->rows, sites->count, sizeof(sites->rows[0]), by_place);
    for (size_t i = 0; i < sites->count && !is_any; i++)
        is_any = is_asked[first + i];
    emission.out = open_memstream(&text, &bytes);
    if (!emission.out)
        return false;
    if (is_any)
        fputs("#include \"base/mutant.h\"\n#line 1\n", emission.out);
    emit(&emission, 0, sites->source_bytes);
    bool is_done = fclose(emission.out) == 0 && replace(copy, text, bytes);
    free(text);
    return is_done;
}
