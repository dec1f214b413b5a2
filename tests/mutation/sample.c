/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws mutants.
 */
#include "mutation/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

bool mutants_read(struct mutants *mutants, const char *path)
{
    FILE *stream = fopen(path, "r");
    size_t capacity = 0, bytes = 0;
    char *line = NULL;

    *mutants = (struct mutants){ 0 };
    while (stream && getline(&line, &bytes, stream) > 0) {
        char *rest = line;
        const char *number = strsep(&rest, ","), *source = strsep(&rest, ","), *at = strsep(&rest, ",");
        const char *text = strsep(&rest, ",");
        if (!rest || strtoul(number, NULL, 10) != mutants->count + 1)
            break;
        if (mutants->count == capacity) {
            capacity = capacity ? 2 * capacity : 4096;
            mutants->rows = realloc(mutants->rows, capacity * sizeof(mutants->rows[0]));
            if (!mutants->rows)
                abort();
        }
        rest[strcspn(rest, "\n")] = '\0';
        mutants->rows[mutants->count] =
            (struct mutant_row){ (unsigned)mutants->count + 1, (unsigned)strtoul(at, NULL, 10), strdup(source),
                                 strdup(text), strdup(rest) };
        mutants->count++;
    }
    free(line);
    if (stream)
        fclose(stream);
    return mutants->count > 0;
}

/* A line with mutants, and its place in the order in which lines are drawn. */
struct run {
    uint64_t order;
    size_t first, count; /* its mutants */
};

static bool is_same_line(const struct mutant_row *a, const struct mutant_row *b)
{
    return a->line == b->line && strcmp(a->path, b->path) == 0;
}

/* FNV-1a. */
static uint64_t add_text(uint64_t hash, const char *text)
{
    do
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    while (*text++ != '\0');
    return hash;
}

static uint64_t order_of(uint64_t hash, uint64_t seed, uint32_t copy)
{
    struct rng rng;

    rng_init(&rng, hash ^ seed, copy, RNG_TEST);
    return rng_u64(&rng);
}

/* So many lines of the file before this one have the same text. */
static uint32_t copies_before(const struct mutants *mutants, const struct run *lines, size_t count,
                              const struct mutant_row *row)
{
    uint32_t copies = 0;

    for (; count > 0 && strcmp(mutants->rows[lines[count - 1].first].path, row->path) == 0; count--)
        copies += strcmp(mutants->rows[lines[count - 1].first].source, row->source) == 0;
    return copies;
}

/* Mutants of a line follow each other, as the rows are in the order of the source. */
static size_t find_lines(const struct mutants *mutants, const char *under, uint64_t seed, struct run *lines)
{
    size_t count = 0;

    for (size_t i = 0; i < mutants->count; i++) {
        const struct mutant_row *row = &mutants->rows[i];
        if (strncmp(row->path, under, strlen(under)) != 0)
            continue;
        if (count > 0 && is_same_line(&mutants->rows[lines[count - 1].first], row)) {
            lines[count - 1].count++;
            continue;
        }
        uint64_t hash = add_text(add_text(0xcbf29ce484222325u, row->path), row->source);
        lines[count] = (struct run){ order_of(hash, seed, copies_before(mutants, lines, count, row)), i, 1 };
        count++;
    }
    return count;
}

static int compare_lines(const void *first, const void *second)
{
    const struct run *a = first, *b = second;

    return a->order < b->order ? -1 : a->order > b->order;
}

static unsigned draw_of(const struct mutants *mutants, struct run line)
{
    const struct mutant_row *drawn = NULL;
    uint64_t least = 0;

    for (size_t i = line.first; i < line.first + line.count; i++) {
        uint64_t order = order_of(add_text(line.order, mutants->rows[i].text), 0, (uint32_t)(i - line.first));
        if (drawn == NULL || order < least) {
            drawn = &mutants->rows[i];
            least = order;
        }
    }
    return drawn->number;
}

size_t mutants_sample(const struct mutants *mutants, const char *under, uint64_t seed, unsigned *numbers, size_t size)
{
    struct run *lines = calloc(mutants->count, sizeof(lines[0]));
    size_t count = lines ? find_lines(mutants, under, seed, lines) : 0, drawn = 0;

    if (count > 0)
        qsort(lines, count, sizeof(lines[0]), compare_lines);
    for (; drawn < size && drawn < count; drawn++)
        numbers[drawn] = draw_of(mutants, lines[drawn]);
    free(lines);
    return drawn;
}
