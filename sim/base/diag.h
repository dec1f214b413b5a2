/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects the errors in user input, so that one run of the program shows all of them: `file:line:col: error: message`,
 * the line, and a caret under the column. Messages are printed in order of their places.
 * Bugs of the simulator are CHECKs (check.h); a violated property of a model is a result (result/result.h).
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DIAG_PRINTED_MAX 20 /* then "and N more" */

/* A position in the input. Lines and columns count from 1, columns in characters. Line 0 is the source as a whole. */
struct place {
    uint32_t source; /* from diag_source_file or diag_source_arguments; 0 = no source */
    uint32_t line, column;
};

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct diag_message {
    enum diag_severity severity;
    struct place place;
    size_t order; /* in which messages were added; orders messages at the same place */
    char *text;
};

struct diag_source {
    char *name;
    char *text; /* for the caret lines; of `bytes` bytes */
    size_t bytes;
    bool is_arguments; /* printed "NAME LINE:COL:" instead of "NAME:LINE:COL:" */
};

struct diag {
    struct diag_source *sources; /* [source_count]; place.source is the index + 1 */
    uint32_t source_count;
    struct diag_message *messages;
    size_t message_count, message_capacity;
    size_t error_count;
    bool is_unreadable; /* an error is one of the system, which kept a file that is there from being read */
    size_t dropped[2];  /* by severity: messages that were counted but not stored, because there were too many */
};

void diag_init(struct diag *diag);
void diag_free(struct diag *diag);

/* Registers a source, copies its name and text, and returns the number for struct place. Registering the same name and
 * text again returns the same number. */
uint32_t diag_source_file(struct diag *diag, const char *name, const char *text, size_t bytes);

/* Registers the command-line arguments of one option (--set): argument i is line i, counted from 1. Newlines in them
 * are replaced by blanks. */
uint32_t diag_source_arguments(struct diag *diag, const char *name, const char *const *arguments, size_t count);

/* Adds a message, unless the same text was already reported at the same place. */
__attribute__((format(printf, 3, 4))) void diag_error(struct diag *diag, struct place place, const char *format, ...);
__attribute__((format(printf, 3, 4))) void diag_warning(struct diag *diag, struct place place, const char *format, ...);

/* Notes that an error that was added is of a file that could not be read for this reason, an errno. What is not there,
 * may not be read or is no file is an error of who named it. */
void diag_unreadable(struct diag *diag, int error);

/* Writes all messages in order of source, line and column: at most DIAG_PRINTED_MAX errors and as many warnings. */
void diag_print(struct diag *diag, FILE *stream, bool use_colour);

/* Writes "file:line:col", the beginning of a message at this place, or "" for a place without a source. */
void diag_place_text(const struct diag *diag, struct place place, char *text, size_t text_bytes);

#endif
