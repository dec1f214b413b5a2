/* SPDX-License-Identifier: Apache-2.0
 *
 * The data of an exploration that is not part of the explored state: the violation found, trace notes, names and the
 * order of locks. It is kept outside the arena.
 */
#ifndef MACHINE_EXPLORED_H
#define MACHINE_EXPLORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/lock_order.h"
#include "machine/names.h"
#include "machine/violation.h"

struct code;
struct cpu;
struct footprint;
struct races;

struct explored {
    struct violation violation;                                           /* of the step in progress */
    void (*note)(void *context, const struct cpu *cpu, const char *text); /* receives what a step does; NULL: no trace.
                                                                           * cpu NULL: a device */
    /* Receives the memory that a step accesses: of a word, or of a code object at the address `pc` in its image.
     * `address` NULL: the code object does something else at `pc`, such as taking a lock. NULL: not wanted. */
    void (*access)(void *context, const struct cpu *cpu, const volatile void *address, size_t bytes, const void *pc);
    void *context; /* of both */
    struct word_name *names;
    size_t name_count;
    struct lock_order *order;          /* records the order of locks; NULL: not wanted */
    const struct lock_edge *forbidden; /* taking a lock in this order is a violation; NULL: none */
    const char *forbidden_text;        /* describes that violation */
    const struct code *code;           /* a code object that the model has booted (code/code.h); NULL: there is none */
    void (*describe_memory)(const struct code *code, const volatile void *address, char *text,
                            size_t text_bytes); /* of the code object; set with it */
    struct races *races;                        /* of a code object (code/races.h); NULL: there is none */
    bool *store_buffer_was_full; /* set once a store has found a full buffer (lines/store_buffer.h); shared by all
                                  * processes of a search; NULL: not wanted */
    struct footprint *footprint; /* records what the step in progress touches (footprint.h); NULL: not wanted */
    bool merges; /* merges steps of a CPU that holds a lock with interrupts off (policies/exhaustive.c) */
};

#endif
