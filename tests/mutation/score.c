/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts mutants by folder.
 */
#include "mutation/score.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample/indices.h"

enum { FOLDERS_MAX = 64, WANTED_BYTES = 4096 };

struct tally {
    char folder[64];
    size_t noticed, explained, left;
};

static bool is_explained(const char *explained, const struct mutant_row *mutant)
{
    char *line = NULL, wanted[WANTED_BYTES];
    size_t bytes = 0;
    bool is_found = false;

    snprintf(wanted, sizeof(wanted), "%s,%s,%s: ", mutant->path, mutant->source, mutant->text);
    FILE *stream = fopen(explained, "r");
    while (stream && !is_found && getline(&line, &bytes, stream) > 0)
        is_found = strncmp(line, wanted, strlen(wanted)) == 0;
    free(line);
    if (stream)
        fclose(stream);
    return is_found;
}

/* The row of the two first folders of a path. */
static struct tally *tally_of(struct tally *tallies, size_t *count, const char *path)
{
    char folder[sizeof(tallies[0].folder)];
    const char *end = strchr(path, '/');

    end = end && strchr(end + 1, '/') ? strchr(end + 1, '/') : end;
    snprintf(folder, sizeof(folder), "%.*s", end ? (int)(end - path) : 0, path);
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(tallies[i].folder, folder) == 0)
            return &tallies[i];
    }
    if (*count < FOLDERS_MAX)
        (*count)++;
    struct tally *tally = &tallies[*count - 1];
    memcpy(tally->folder, folder, sizeof(folder));
    return tally;
}

static void print_row(const struct tally *row)
{
    size_t asked = row->noticed + row->left;
    struct sample_interval interval = sample_share(row->noticed, asked);

    printf("%-18s %8zu %8zu %9zu %5zu %7.1f %% %5.1f to %5.1f %%\n", row->folder, asked + row->explained, row->noticed,
           row->explained, row->left, asked > 0 ? 100.0 * (double)row->noticed / (double)asked : 100.0,
           100 * interval.low, 100 * interval.high);
}

static int by_folder(const void *left, const void *right)
{
    return strcmp(((const struct tally *)left)->folder, ((const struct tally *)right)->folder);
}

int score_print(const struct mutants *mutants, const char *explained, const unsigned *numbers, size_t count,
                mutant_outcome *outcomes)
{
    struct tally tallies[FOLDERS_MAX] = { 0 }, all = { .folder = "all" };
    size_t folders = 0;

    for (size_t i = 0; i < count; i++) {
        const struct mutant_row *mutant = &mutants->rows[numbers[i] - 1];
        const char *outcome = outcomes[numbers[i]];
        struct tally *tally = tally_of(tallies, &folders, mutant->path);
        if (strcmp(outcome, "killed") == 0 || strcmp(outcome, "late") == 0) {
            tally->noticed++;
        } else if (strcmp(outcome, "equal") == 0 || is_explained(explained, mutant)) {
            tally->explained++;
        } else {
            tally->left++;
            printf("%s:%u: %s: %s\n", mutant->path, mutant->line, outcome[0] ? outcome : "not judged", mutant->text);
        }
    }
    qsort(tallies, folders, sizeof(tallies[0]), by_folder);
    printf("%-18s %8s %8s %9s %5s %9s %s\n", "", "mutants", "noticed", "explained", "left", "score", "interval");
    for (size_t i = 0; i < folders; i++) {
        print_row(&tallies[i]);
        all.noticed += tallies[i].noticed;
        all.explained += tallies[i].explained;
        all.left += tallies[i].left;
    }
    print_row(&all);
    return all.left > 0;
}
