/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers of each format, between which recorded_read chooses. All return false with a message that names the
 * position.
 */
#ifndef FORMATS_READERS_H
#define FORMATS_READERS_H

#include <stdio.h>
#include <sys/types.h>

#include "formats/recordings.h"

enum { SOURCE_HEAD_BYTES = 4096 };

/* A file, standard input, or what a program makes of one. */
struct source {
    FILE *file;
    const char *path;                      /* as given; of what a program makes: of its input */
    unsigned char head[SOURCE_HEAD_BYTES]; /* what has been read already */
    size_t head_bytes;
    pid_t program;    /* 0: none */
    const char *name; /* of the program */
    bool is_function; /* the program is a function of this one */
    int error;        /* errno of what the system refused, or 0 */
    FILE *said;       /* what the program says on standard error; NULL: nobody listens */
};

/* Opens the file, or standard input for "-", and reads the head. */
bool source_open(struct source *source, const char *path, char *message, size_t message_bytes);

/* Replaces the source by the output of a program of PATH that gets it as standard input. `arguments` ends with NULL;
 * `package` is what to install when there is no such program. */
bool source_through(struct source *source, const char *const *arguments, const char *package, char *message,
                    size_t message_bytes);

/* The same through a function in a process of its own, which reads standard input and writes standard output. */
bool source_through_function(struct source *source, int (*function)(void), const char *name, char *message,
                             size_t message_bytes);

/* Makes the file seekable and rewinds it. */
bool source_rewind(struct source *source, char *message, size_t message_bytes);

/* Waits for the program. False with a message when it failed; when the source was not read to the end (!is_read), that
 * it could not write the rest is no failure. */
bool source_close(struct source *source, bool is_read, char *message, size_t message_bytes);

/* The text of `perf script`, `trace-cmd report` or /sys/kernel/tracing/trace. */
bool linux_text_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                     char *message, size_t message_bytes);

/* xentrace's binary format. */
bool xentrace_records_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                           char *message, size_t message_bytes);

/* trace.dat of trace-cmd, through its own library. */
bool tracedat_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                   char *message, size_t message_bytes);

/* Snapshots of /proc/interrupts, which become rates. */
bool interrupts_read(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                     char *message, size_t message_bytes);
/* Whether the text begins as they do. */
bool interrupts_is_head(const char *text, size_t bytes);

#endif
