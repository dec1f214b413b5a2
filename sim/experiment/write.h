/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes what an experiment found: data.csv, summary.md, verdict.md, notes.md, expectations.tsv, aims.tsv,
 * experiment.json (experiment.cddl), report.html (report/sections.h), manifest.json, and the figures.
 */
#ifndef EXPERIMENT_WRITE_H
#define EXPERIMENT_WRITE_H

#include <jansson.h>

#include "experiment/figures.h"
#include "experiment/rows.h"
#include "experiment/tables.h"
#include "experiment/words.h"

/* All that was found. */
struct findings {
    const struct experiment *experiment;
    struct experiment_rows *rows;
    struct filled_table *tables;
    struct filled_figure *figures;
    bool *is_drawn; /* [figure_count] */
    struct expectation_found *expectations;
    char *verdict, *notes;
    const char *version;
};

/* Fills tables, figures and texts from rows that are derived. */
void findings_make(struct findings *findings, const struct experiment *experiment, struct experiment_rows *rows,
                   const char *version);
void findings_free(struct findings *findings);

/* Count the expectations, or the aims, with one outcome or with any. */
size_t findings_count(const struct findings *findings, bool is_aim, enum expectation_outcome outcome);
size_t findings_total(const struct findings *findings, bool is_aim);

/* Write the files to a directory that exists, and replace those of before. False with a message. What cannot be drawn
 * is a message among the rows', as the rest is of use without it. is_redrawn: the rows are those of an earlier run,
 * whose manifest stays. */
bool findings_write(struct findings *findings, const char *directory, bool is_redrawn, char *message,
                    size_t message_bytes);

/* How documents name a file that was read: by its path below the current directory, if it is there. The caller frees
 * the text. */
char *findings_path(const char *path);

/* The rest of a path below the directory; NULL when it is elsewhere. */
const char *findings_path_below(const char *directory, const char *path);

/* experiment.json; the caller owns the reference. */
json_t *findings_to_json(const struct findings *findings, const char *directory);

/* manifest.json, with the files that went into it. */
json_t *findings_manifest(const struct findings *findings);

/* Prints the tables as Markdown, or as they look in a terminal. */
void findings_print_tables(const struct findings *findings, bool is_markdown, bool use_colour, FILE *out);

#endif
