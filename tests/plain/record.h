/* SPDX-License-Identifier: Apache-2.0
 *
 * Accesses of plain fields by the built-in models, whose instrumented build (models_watched in CMakeLists.txt) calls a
 * hook at each. A record is one instruction at one place of the arena; it keeps who has come there, and with which
 * locks each time. Not recorded: words, which the verbs access (sim/machine/lines is not instrumented); the locks
 * themselves (models/locks); what an event does, which no CPU runs; a CPU's own stack; counters and statistics
 * (arena_exclude).
 */
#ifndef PLAIN_RECORD_H
#define PLAIN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plain/owned.h"

struct explore_world;

#define PLAIN_LOCK_WORDS 2
#define PLAIN_WORDS (PLAIN_LOCK_WORDS + PLAIN_OWNED_WORDS)

/* Bit i: lock i of the names with a holder; after these, what else a CPU has to itself (owned.h). */
struct plain_locks {
    uint64_t bits[PLAIN_WORDS];
};

struct plain_record {
    uint32_t offset; /* in the arena */
    uint32_t pc;     /* return address of the hook, from the start of the program; 0: the record is free */
    uint8_t bytes;
    bool is_write, in_interrupt, is_irq_on, is_foreign; /* is_foreign: on another CPU's stack */
    uint32_t cpus, runners;                             /* bitmaps; runners: see plain_runner */
    struct plain_locks always;                          /* held at each access */
};

/* Watches this world's accesses from now on, with an empty table. One world at a time. */
void plain_watch(struct explore_world *world);
/* Ends it. The records stay until the next plain_watch: at most plain_record_count of them are in use. */
void plain_watch_end(void);
extern struct plain_record *const plain_records;
extern const size_t plain_record_count;

/* Until plain_watch_end: the object that the record's place is in, and the offset in that element of it; NULL: on a
 * stack. */
const struct plain_object *plain_record_object(const struct plain_record *record);
size_t plain_record_offset(const struct plain_record *record);

/* Writes the names of these locks, or "no lock". Until plain_watch_end. */
void plain_locks_print(const struct plain_locks *locks, FILE *stream);

#endif
