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

struct run {
    size_t first, count; /* the mutants of one line */
};

static bool is_same_line(const struct mutant_row *a, const struct mutant_row *b)
{
    return a->line == b->line && strcmp(a->path, b->path) == 0;
}

/* Mutants of a line follow each other, as the rows are in the order of the source. */
static size_t find_lines(const struct mutants *mutants, const char *under, struct run *lines)
{
    size_t count = 0;

    for (size_t i = 0; i < mutants->count; i++) {
        if (strncmp(mutants->rows[i].path, under, strlen(under)) != 0)
            continue;
        if (count > 0 && is_same_line(&mutants->rows[lines[count - 1].first], &mutants->rows[i]))
            lines[count - 1].count++;
        else
            lines[count++] = (struct run){ i, 1 };
    }
    return count;
}

size_t mutants_sample(const struct mutants *mutants, const char *under, uint64_t seed, unsigned *numbers, size_t size)
{
    struct run *lines = calloc(mutants->count, sizeof(lines[0]));
    size_t count = lines ? find_lines(mutants, under, lines) : 0, drawn = 0;
    struct rng rng;

    rng_init(&rng, seed, 0, RNG_TEST);
    for (; drawn < size && drawn < count; drawn++) {
        size_t other = drawn + (size_t)rng_below(&rng, count - drawn);
        struct run line = lines[other];
        lines[other] = lines[drawn];
        numbers[drawn] = mutants->rows[line.first + rng_below(&rng, line.count)].number;
    }
    free(lines);
    return drawn;
}
