/* SPDX-License-Identifier: Apache-2.0
 *
 * Which plain accesses of a code object are steps of an exploration. Every atomic is one, and where the family wants it
 * every volatile one. A plain access is a step where the rule of Eraser (Savage et al., 1997), extended by interrupts,
 * finds nothing that orders it: 4 bytes that are written, and that several CPUs access without a lock held at every
 * access, or that a handler accesses as well as code with interrupts on. What a search finds makes steps in the next
 * search, until a search finds nothing new. The memory is shared with forks; nothing of it is part of the explored
 * state.
 *
 * What is found depends only on which accesses were made, in no order: it is the same for any number of processes.
 */
#ifndef CODE_RACES_H
#define CODE_RACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu;

enum code_access { CODE_READ, CODE_WRITE, CODE_RMW };

#define RACE_STACK_MAX 8 /* return addresses, the innermost first */
#define RACE_SITES_MAX 16
#define RACES_MAX 1024

struct race_site {
    uint32_t pcs[RACE_STACK_MAX]; /* offsets in the image; 0: none */
    uint32_t cpus;                /* bitmap of those that came here */
    uint8_t access;               /* enum code_access */
    bool in_interrupt, is_irq_on;
    bool is_atomic; /* or volatile, where these are steps */
    uint64_t locks; /* held each time, by their number (lock_order_name) */
    uint64_t some_locks; /* held at some time */
};

/* What was found about 4 bytes. */
struct race {
    size_t offset;      /* in the arena, a multiple of 4 */
    bool is_interrupt;  /* between a handler and what it interrupts; otherwise between CPUs */
    uint32_t site_count;
    struct race_site sites[RACE_SITES_MAX]; /* ascending by their first pcs; of further sites none is kept */
};

enum race_mode {
    RACES_FOUND, /* steps where a race was found */
    RACES_ALL,   /* every access of shared memory is a step */
};

struct races;

/* For an arena of at most arena_bytes. */
struct races *races_new(size_t arena_bytes, enum race_mode mode);
void races_free(struct races *races);

/* Whether an access of these bytes at an offset in the arena is a step. */
bool races_is_step(const struct races *races, size_t offset, size_t bytes);

/* Notes an access by this CPU. `frame` and `pc` are those of the accessing function (code_stack). */
void races_see(struct races *races, const struct cpu *cpu, size_t offset, size_t bytes, enum code_access access,
               bool is_step, const void *pc, const void *frame);

/* An access of another CPU's stack: always a race. */
void races_see_foreign(struct races *races, size_t offset, size_t bytes);

/* Whether a race has been found since the last races_promote; races_promote makes them steps. */
bool races_have_news(const struct races *races);
void races_promote(struct races *races);

/* For a replay: makes the 4 bytes at an offset steps. */
void races_add_step(struct races *races, size_t offset);
/* The first 4 bytes from this offset on, a multiple of 4, that are steps; SIZE_MAX: none. */
size_t races_next_step(const struct races *races, size_t from);
enum race_mode races_mode(const struct races *races);

/* The races found, ascending by offset; those that are steps. */
size_t races_count(const struct races *races);
const struct race *races_get(const struct races *races, size_t index);

#endif
