/* SPDX-License-Identifier: Apache-2.0
 *
 * A pCPU's place at a cache line: among those that poll it, or in the queue of its requests. A CPU is at one line at a
 * time: an interrupt taken while polling leaves the line, and the wait starts again after it.
 */
#ifndef MACHINE_SPIN_H
#define MACHINE_SPIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"

struct cpu;
struct word;

enum spin_state {
    SPIN_NONE,
    SPIN_READING, /* polls its copy, or waits for one */
    SPIN_QUEUED,  /* a request of its own is in the line's queue: one instruction, uninterruptible */
    SPIN_DONE,    /* served; the CPU resumes at the time its slot is set to */
};

/* What a request does to the word. */
enum word_operation { WORD_LOAD, WORD_STORE, WORD_XCHG, WORD_CAS, WORD_ADD, WORD_OR, WORD_AND, WORD_FIELD };

/* What it needs of the line. */
enum line_access { LINE_LOAD, LINE_STORE, LINE_ATOMIC };

/* A place in the queue of a contended line: a CPU's operation, or the read of a cache domain. */
struct line_place {
    struct line_place *next;
    cycles issued; /* asked for at */
    bool is_read;
    bool is_near; /* found the line in the LLC of its own domain (socket_service) */
};

struct spin {
    enum spin_state state;
    struct word *word;
    uint64_t wanted;               /* value a reader waits for */
    bool is_attempt;               /* the queued xchg is a poller's; losing it sends it back to reading */
    enum word_operation operation; /* of the queued request, */
    uint64_t operand, comparand;   /* its arguments, */
    uint64_t result;               /* and the word's value before it */
    struct line_place place;       /* while queued */
    struct cpu *previous, *next;   /* among the readers of its line or cache domain */
};

#endif
