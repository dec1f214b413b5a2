/* SPDX-License-Identifier: Apache-2.0
 *
 * Small random programs of the machine's verbs: accesses of shared words, locks, waits, interrupts of a device and
 * between CPUs. Each is run twice: by an interpreter that tries every order (brute_oracle.h), and by the explorer
 * (brute_subject.h). Both give a struct brute_answer.
 */
#ifndef TESTS_BRUTE_PROGRAM_H
#define TESTS_BRUTE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    BRUTE_CPUS = 3,
    BRUTE_WORDS = 3,
    BRUTE_VALUES = 4, /* of immediate operands */
    BRUTE_LOCKS = 2,
    BRUTE_VECTORS = 3, /* 0: the device's; 1, 2: between CPUs, the last of a class of its own or not */
    BRUTE_OPS = 48,
    BRUTE_FRAMES = 1 + BRUTE_VECTORS,
};

/* A frame runs the program of its CPU, or a handler; `reg` is its register. */
enum brute_verb {
    BRUTE_END,         /* a CPU turns interrupts off and parks for good; a handler returns */
    BRUTE_IDLE,        /* halts with interrupts off, takes them, and so on for ever */
    BRUTE_LOAD,        /* reg = words[which] */
    BRUTE_STORE,       /* words[which] = value */
    BRUTE_STORE_REG,   /* words[which] = reg */
    BRUTE_STORE_FIELD, /* the bits `extra` of words[which] = value */
    BRUTE_XCHG,        /* reg = words[which], words[which] = value */
    BRUTE_CAS,         /* reg = words[which], which becomes `value` if it was `extra` */
    BRUTE_ADD,         /* reg = words[which], words[which] += value */
    BRUTE_OR,
    BRUTE_AND,
    BRUTE_FENCE,
    BRUTE_WAIT, /* until words[which] == value */
    BRUTE_POLL, /* the same in a loop of loads and PAUSE */
    BRUTE_LOCK, /* locks[which], interrupts as they are */
    BRUTE_UNLOCK,
    BRUTE_LOCK_SAVE, /* interrupts off and locks[which] */
    BRUTE_UNLOCK_RESTORE,
    BRUTE_TRY, /* locks[which] if it is free, else skip `value` operations; interrupts are off */
    BRUTE_IRQ_OFF,
    BRUTE_IRQ_ON,
    BRUTE_HALT, /* interrupts are off: until one is deliverable */
    BRUTE_IPI,  /* vector `value` to CPU `which` */
    BRUTE_EOI,
    BRUTE_SKIP,   /* `value` operations if reg == which */
    BRUTE_ASSERT, /* reg != value */
    BRUTE_VERBS
};

struct brute_op {
    uint8_t verb, which, value, extra;
};

enum brute_lock { BRUTE_TTAS, BRUTE_TICKET, BRUTE_SPINLOCK, BRUTE_LOCK_KINDS };

struct brute_program {
    uint32_t cpus;
    enum brute_lock lock_kind;
    bool is_tried[BRUTE_LOCKS];
    uint8_t vectors[BRUTE_VECTORS]; /* of the LAPIC */
    uint8_t device_target, device_count;
    struct brute_op code[BRUTE_CPUS + BRUTE_VECTORS][BRUTE_OPS]; /* of the CPUs, then of the handlers */
};

struct brute_frame {
    uint8_t program, at, reg; /* index into code, operation, register */
};

/* A state in which nothing can happen any more. Unused parts are zero. */
struct brute_end {
    uint8_t words[BRUTE_WORDS];
    uint8_t is_taken[BRUTE_LOCKS];
    uint8_t has_asserted[BRUTE_CPUS]; /* and has stopped there */
    uint8_t frames[BRUTE_CPUS];
    struct brute_frame frame[BRUTE_CPUS][BRUTE_FRAMES];
    uint8_t is_outstanding; /* the device has raised an interrupt since its handler last began */
};

/* Ends in ascending order of their bytes, each once. */
struct brute_answer {
    struct brute_end *ends;
    size_t end_count;
    uint64_t states;
    bool has_endless_wait;         /* some state reaches no end */
    bool has_assert, has_relocked; /* in some state, which may reach no end; not compared */
    bool is_incomplete;
};

void brute_generate(struct brute_program *program, uint64_t seed);
void brute_print(const struct brute_program *program, FILE *stream);

/* Forgets where frames are interrupted: before or after an operation that no other CPU can notice is the same. */
void brute_answer_add(struct brute_answer *answer, struct brute_end *end);
void brute_answer_free(struct brute_answer *answer);
bool brute_answer_equal(const struct brute_answer *one, const struct brute_answer *other);
void brute_end_print(const struct brute_end *end, const struct brute_program *program, FILE *stream);

/* Whether a CPU waits that can go on only when another has written. */
bool brute_end_waits(const struct brute_end *end, const struct brute_program *program);

#endif
