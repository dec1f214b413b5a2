/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes the events out of lines of text. Where a recording has several buffers, an event of a CPU is taken from the one
 * that tells it first.
 */
#ifndef FORMATS_LINUX_EVENTS_H
#define FORMATS_LINUX_EVENTS_H

#include "formats/linux_line.h"

enum { LINUX_EVENTS = 17, LINUX_BUFFERS_MAX = 64, LINUX_BUFFER_BYTES = 64 };

/* All zeros but for `host` and `recorded` at the beginning. */
struct linux_events {
    struct linux_host *host;
    struct recorded *recorded;
    struct linux_line line;                              /* the one to follow, whose texts are changed */
    char buffers[LINUX_BUFFERS_MAX][LINUX_BUFFER_BYTES]; /* the names of those that lines are from */
    uint32_t buffer_count;
    uint8_t owners[LINUX_EVENTS + 1][RECORDING_CPUS_MAX]; /* the buffer + 1 that tells this event of the CPU */
};

/* Whether an event of this name ends what its thread did before it (struct linux_at). */
bool linux_event_ends(const char *event);

/* NULL, or a sentence that says what the event lacks. An event that is not used is counted as ignored. */
const char *linux_events_follow(struct linux_events *events);

#endif
