/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of `perf script`, `trace-cmd report` or /sys/kernel/tracing/trace, which are alike: the current thread, the
 * CPU in brackets, perhaps flags, the time, perhaps a count, the event's name and what it says.
 */
#ifndef FORMATS_LINUX_LINE_H
#define FORMATS_LINUX_LINE_H

#include "formats/linux_host.h"

struct linux_line {
    struct linux_at at; /* ns as written; of a clock without a fraction: ticks */
    bool is_coarse;     /* the time has less than nine digits of a fraction */
    bool has_ticks;     /* the time has no fraction */
    const char *buffer; /* the instance of ftrace, or the file, that the line is from; "": not told */
    char *event;        /* without system and modifiers; "": none */
    char *rest;         /* what follows the event's name */
};

/* Splits the text, which is changed. NULL, or a sentence that says what is missing. */
const char *linux_line_split(char *text, struct linux_line *line);

/* The number at *text, of which *text is moved to the end; false if there is none. */
bool linux_number(const char **text, uint64_t *number);

/* A line that is no event but is expected among them: a comment, the head of trace-cmd's or ftrace's text, an empty
 * line, a line of a call chain. */
bool linux_line_is_chatter(const char *text);
bool linux_line_is_call_chain(const char *text);

/* A line that says that events are missing, of whatever tool; *count is 0 if it does not say how many, and *cpu is
 * UINT32_MAX if it does not say where. */
bool linux_line_is_lost(const char *text, uint32_t *cpu, uint64_t *count);

#endif
