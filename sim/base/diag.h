/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors of the user's input, collected, so that one run shows them all: `file:line:col: error: message`, the line, and
 * a caret under the column. They are printed sorted by place, to a stream of the caller's choice.
 * Our own bugs are CHECKs (check.h); a violated property is a result.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DIAG_PRINTED_MAX 20 /* then "and N more" */

/* Where something stands. Lines and columns count from 1, columns in characters; line 0: the source as a whole. */
struct place {
    uint32_t source; /* from diag_source_file or diag_source_arguments; 0 = no source */
    uint32_t line, column;
};

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct diag_message {
    enum diag_severity severity;
    struct place place;
    size_t order; /* of arrival: breaks ties of the sort */
    char *text;
};

struct diag_source {
    char *name;
    char *text; /* for the caret lines; not terminated */
    size_t bytes;
    bool is_arguments; /* printed "NAME LINE:COL:" instead of "NAME:LINE:COL:" */
};

struct diag {
    struct diag_source *sources; /* [source_count]; place.source is the index + 1 */
    uint32_t source_count;
    struct diag_message *messages;
    size_t message_count, message_capacity;
    size_t error_count;
    size_t unstored[2]; /* by severity: counted when there were too many to keep */
};

void diag_init(struct diag *diag);
void diag_free(struct diag *diag);

/* Registers a source and copies name and text. The number returned goes into places. The same name and text again give
 * the same number. */
uint32_t diag_source_file(struct diag *diag, const char *name, const char *text, size_t bytes);

/* Command line arguments of one kind (--set): argument i is line i, from 1. Newlines in them become blanks. */
uint32_t diag_source_arguments(struct diag *diag, const char *name, const char *const *arguments, size_t count);

/* Records a message. The same text at the same place counts once. */
__attribute__((format(printf, 3, 4))) void diag_error(struct diag *diag, struct place place, const char *format, ...);
__attribute__((format(printf, 3, 4))) void diag_warning(struct diag *diag, struct place place, const char *format, ...);

/* Writes all messages in order of source, line and column: at most DIAG_PRINTED_MAX errors and as many warnings. */
void diag_print(struct diag *diag, FILE *stream, bool use_colour);

/* "file:line:col" of a place, as messages begin with; "" for no source. */
void diag_place_text(const struct diag *diag, struct place place, char *text, size_t text_bytes);

#endif
