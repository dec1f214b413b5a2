/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine of brute force: its state, and one function for each thing that can happen in it. Each changes `next`, a
 * copy of the state; it returns false when that cannot happen now, and `next` is then of no use.
 */
#ifndef TESTS_BRUTE_MACHINE_H
#define TESTS_BRUTE_MACHINE_H

#include "brute_oracle.h"

enum { BRUTE_MEMORY_WORDS = BRUTE_WORDS + 2 * BRUTE_LOCKS, BRUTE_STORES_MAX = 10, BRUTE_TAKEN = 1 };

struct brute_running {
    struct brute_frame is;
    uint8_t phase; /* of the operation in progress */
    uint8_t ticket;
    uint8_t was_on; /* interrupts, when the handler was entered */
    uint8_t saved;  /* by BRUTE_LOCK_SAVE: a bit a lock */
};

struct brute_store {
    uint8_t word, mask, value;
};

struct brute_cpu {
    struct brute_running frames[BRUTE_FRAMES];
    struct brute_store stores[BRUTE_STORES_MAX]; /* the oldest first */
    uint8_t store_count, frame_count, irq_on;
    uint8_t has_asserted;
    uint8_t irr, isr, flying; /* a bit a vector; `flying`: sent to this CPU and not arrived */
};

/* All bytes count: there is no padding, as all members are bytes. */
struct brute_state {
    struct brute_cpu cpus[BRUTE_CPUS];
    uint8_t words[BRUTE_MEMORY_WORDS]; /* then each lock's word and, of a ticket lock, its tail */
    uint8_t holders[BRUTE_LOCKS];      /* CPU + 1, or 0 */
    uint8_t has_relocked;              /* a CPU has asked for a lock that it holds */
    uint8_t left, is_outstanding;      /* of the device */
    uint8_t last, preemptions;         /* with a bound: the CPU + 1 that went last, if it can go on, and their number */
};

struct brute_machine {
    const struct brute_program *program;
    enum brute_memory memory;
};

/* The CPU takes an interrupt, which it does before its next operation when it can, or else does that operation. */
bool brute_step(const struct brute_machine *machine, struct brute_state *next, uint32_t id);

/* The oldest store of the CPU's buffer becomes visible. */
bool brute_drain(struct brute_state *next, uint32_t id);

/* A message in flight to the CPU arrives. */
bool brute_arrive(struct brute_state *next, uint32_t id, uint32_t vector);

/* Whether the lock is held or waited for. */
bool brute_is_taken(const struct brute_machine *machine, const struct brute_state *state, uint32_t lock);

/* The device raises an interrupt. */
bool brute_raise(const struct brute_machine *machine, struct brute_state *next);

#endif
