/* SPDX-License-Identifier: Apache-2.0
 *
 * What a recording answers to "who took the time?": of each task its running, waiting (runnable or offline), blocked
 * and unknown time, and by what it was kept from running, or from its guest. A recording without guests answers for its
 * threads. Times are ticks of the recording's clock; the parts of a task sum to the whole, to the tick. Texts contain
 * no control characters and are UTF-8, whatever the recording contains.
 */
#ifndef TRACE_ANSWER_H
#define TRACE_ANSWER_H

#include <jansson.h>
#include <stdio.h>

#include "trace/attribution.h"
#include "trace/recorded.h"

enum { ANSWER_TEXT_BYTES = 200 };

struct answer_row {
    cycles time;
    uint32_t culprit, what; /* as in struct attribution_part */
    uint8_t loss, cause;
};

struct answer_task {
    uint32_t task; /* of the attribution */
    uint32_t who;
    cycles running, own, waiting, blocked, unknown; /* own: part of running, in its guest or of a thread */
    struct answer_row *rows;                        /* the largest first; they sum to waiting + running - own */
    size_t row_count;
};

struct answer {
    struct attribution attribution;
    const struct recorded *recorded;
    cycles elapsed; /* of each task */
    uint64_t frequency_hz;
    bool is_of_threads;        /* no guest is in the recording */
    uint8_t *first_modes;      /* from recorded_first_modes */
    struct answer_task *tasks; /* those that are known for some time, who waits longest first */
    size_t count;
};

/* Plays the part from..until of the recording, which must outlive the answer; 0 and CYCLES_NEVER: all of it. False with
 * a message that says what is missing when the recording has no changes of states. The caller frees it in both cases.
 */
bool answer_make(struct answer *answer, struct recorded *recorded, cycles from, cycles until, char *message,
                 size_t message_bytes);
void answer_free(struct answer *answer);

/* "vm1 v0", "vhost-2340", "fio-4711" where several threads are called fio; returns text. */
const char *answer_who_of(const struct trace_world *world, uint32_t who, char text[ANSWER_TEXT_BYTES]);
const char *answer_who(const struct answer *answer, uint32_t who, char text[ANSWER_TEXT_BYTES]);
/* "thread vhost-2340 (for vm1)", "vm2 v1, VM exit hlt", "interrupt 36 virtio1-req.0": what kept the task. */
const char *answer_by(const struct answer *answer, const struct answer_row *row, char text[ANSWER_TEXT_BYTES]);
/* The guest for which the culprit worked: also of a thread that is named after its guest's process, as vhost's are;
 * NULL where it is not known. Returns text. */
const char *answer_for(const struct answer *answer, const struct answer_row *row, char text[ANSWER_TEXT_BYTES]);

/* Puts "?" for control characters and for what is not UTF-8, in place. */
void answer_clean(char *text);

double answer_percent(const struct answer *answer, cycles time);

/* One or two sentences about the task that waits longest. The caller frees it. */
char *answer_verdict(const struct answer *answer);

/* Whether the recording tells of the task when it is in its guest; true of a thread. */
bool answer_tells_mode(const struct answer *answer, const struct answer_task *task);

/* --- answer_missing.c --- */

/* What the recording lacks, one sentence each, in order of importance: the number of sentences up to `count`. Each is
 * text of ANSWER_MISSING_BYTES. */
enum { ANSWER_MISSING_MAX = 8, ANSWER_MISSING_BYTES = 240 };
size_t answer_missing(const struct answer *answer, char (*sentences)[ANSWER_MISSING_BYTES], size_t count);

/* --- answer_print.c --- */

/* The verdict, a table of the tasks, a table of what kept them, and what is not in the recording, in lines of at most
 * `width` characters where the names allow it. */
void answer_print(const struct answer *answer, size_t width, FILE *out, bool use_colour);

/* --- answer_json.c --- */

/* {"verdict", "host": "linux" | "xen" | "unknown", "design", "frequency_hz", "from_ticks", "ticks", "pcpus",
 *  "lost_events", "recorded": {"wake_ups", "interrupts", "softirqs", "guest_mode", "locks": bool}, "missing": [text],
 *  "ignored": [{"what", "why", "count"}],
 *  "tasks": [{"name", "guest": name or null, "running", "own": null where its guest mode is not recorded, "waiting",
 *             "blocked", "unknown",
 *             "parts": [{"lost": "waiting" | "running", "cause", "what", "by": text, "for": guest or null, "ticks"}]}]}
 * The parts of a task sum to waiting + running - own. The caller releases it. */
json_t *answer_json(const struct answer *answer);

/* task,time,cause,what,by,for,ticks: one line for each part and, with the cause "-", for own, blocked and unknown time;
 * the lines of a task sum to the recording's length. */
void answer_print_csv(const struct answer *answer, FILE *out);

#endif
