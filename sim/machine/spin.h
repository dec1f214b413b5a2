/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of a pCPU that polls a cache line or has a request in its queue. A CPU is at no more than one line at a
 * time: a CPU that takes an interrupt while polling leaves the line, and starts to wait again after the handler.
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
    SPIN_READING, /* polls its copy of the line, or waits for a copy */
    SPIN_POLLING, /* the same, or its xchg is in a block (lines/line_poller_block.h): one instruction, uninterruptible
                   */
    SPIN_QUEUED,  /* its request is in the line's queue: one instruction, uninterruptible */
    SPIN_DONE,    /* served; the CPU resumes at the time of its slot */
};

/* The operation of a request on the word. */
enum word_operation { WORD_LOAD, WORD_STORE, WORD_XCHG, WORD_CAS, WORD_ADD, WORD_OR, WORD_AND, WORD_FIELD };

/* The kind of access to the line that an operation needs. */
enum line_access { LINE_LOAD, LINE_STORE, LINE_ATOMIC };

/* A place in the queue of a contended line: a CPU's operation, the read of a cache domain, or the xchgs of a block. */
enum place_kind { PLACE_CPU, PLACE_READ, PLACE_BLOCK };

struct line_place {
    struct line_place *next;
    cycles issued; /* time of the request */
    enum place_kind kind;
};

struct spin {
    enum spin_state state;
    struct word *word;
    uint64_t wanted;               /* value that a reader waits for */
    bool is_attempt;               /* the queued xchg is a poller's: if it fails, the CPU polls again */
    enum word_operation operation; /* of the queued request */
    uint64_t operand, comparand;   /* arguments of the operation */
    uint64_t result;               /* value of the word before the operation */
    struct line_place place;       /* while queued */
    struct cpu *previous, *next;   /* in the list of readers of its line or cache domain */
};

#endif
