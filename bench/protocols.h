/* SPDX-License-Identifier: Apache-2.0
 *
 * Mutual exclusion protocols with known verdicts, and random programs, as tables of bench/programs.h. Those of Peterson
 * and Dekker need a fence where a store may be visible later than the loads after it (total store order).
 * Sources: Peterson, IPL 12(3), 1981; Dijkstra (Dekker), 1965; Mellor-Crummey and Scott, ACM TOCS 9(1), 1991.
 */
#ifndef BENCH_PROTOCOLS_H
#define BENCH_PROTOCOLS_H

#include "base/rng.h"
#include "programs.h"

enum protocol {
    PROTOCOL_PETERSON,
    PROTOCOL_PETERSON_FENCED,
    PROTOCOL_PETERSON_TURN_FIRST, /* broken */
    PROTOCOL_DEKKER,
    PROTOCOL_DEKKER_FENCED,
    PROTOCOL_TICKET,
    PROTOCOL_TICKET_IN_TWO_STEPS, /* broken */
    PROTOCOL_TTAS,
    PROTOCOL_TEST_THEN_SET, /* broken */
    PROTOCOL_MCS,
    PROTOCOL_CROSSED_LOCKS, /* deadlock */
    PROTOCOL_COUNT,
};

static const struct protocol_row {
    const char *name;
    uint32_t cpus;
    bool is_clean, is_clean_tso; /* where memory is sequentially consistent; under total store order */
} protocol_rows[] = {
    [PROTOCOL_PETERSON] = { "Peterson", 2, true, false },
    [PROTOCOL_PETERSON_FENCED] = { "Peterson, fenced", 2, true, true },
    [PROTOCOL_PETERSON_TURN_FIRST] = { "Peterson, turn before flag", 2, false, false },
    [PROTOCOL_DEKKER] = { "Dekker", 2, true, false },
    [PROTOCOL_DEKKER_FENCED] = { "Dekker, fenced", 2, true, true },
    [PROTOCOL_TICKET] = { "ticket", 3, true, true },
    [PROTOCOL_TICKET_IN_TWO_STEPS] = { "ticket in two steps", 2, false, false },
    [PROTOCOL_TTAS] = { "ttas", 3, true, true },
    [PROTOCOL_TEST_THEN_SET] = { "test, then set", 2, false, false },
    [PROTOCOL_MCS] = { "mcs", 2, true, true },
    [PROTOCOL_CROSSED_LOCKS] = { "crossed locks", 2, false, false },
};

/* The protocols' words; those that each pCPU has one of take two places. */
enum { WORD_FLAG = 0, WORD_TURN = 2, WORD_LOCK = 3, WORD_TAIL = 4, WORD_NEXT = 5, WORD_WAITING = 7, WORD_DATA = 9 };

struct protocol_writer {
    struct program *program;
    uint32_t self;
};

static inline uint32_t write_step(const struct protocol_writer *to, enum program_operation operation, uint32_t word,
                                  uint32_t value)
{
    program_add(to->program, to->self,
                (struct program_step){ .operation = operation, .word = (uint8_t)word, .value = (uint8_t)value });
    return to->program->counts[to->self] - 1u;
}

static inline struct program_step *written(const struct protocol_writer *to, uint32_t at)
{
    return &to->program->code[to->self][at];
}

static inline uint32_t write_branch(const struct protocol_writer *to, enum program_operation operation, uint32_t word,
                                    uint32_t value, enum program_branch branch, uint32_t compared, uint32_t target)
{
    uint32_t at = write_step(to, operation, word, value);

    written(to, at)->branch = branch;
    written(to, at)->compared = (uint8_t)compared;
    written(to, at)->target = (uint8_t)target;
    return at;
}

static inline uint32_t here(const struct protocol_writer *to) { return to->program->counts[to->self]; }

/* Marks the last access as the entry to the critical section, and adds two accesses inside; the second one leaves. */
static inline void write_critical(const struct protocol_writer *to)
{
    written(to, here(to) - 1)->mark |= PROGRAM_ENTER;
    (void)write_step(to, PROGRAM_STORE, WORD_DATA, to->self);
    uint32_t at = write_step(to, PROGRAM_STORE, WORD_DATA, to->self + 1);
    written(to, at)->mark |= PROGRAM_LEAVE;
}

static inline void write_fence(const struct protocol_writer *to, bool is_fenced)
{
    if (is_fenced)
        written(to, here(to) - 1)->mark |= PROGRAM_FENCE;
}

static inline void write_peterson(const struct protocol_writer *to, bool is_turn_first, bool is_fenced)
{
    uint32_t other = 1 - to->self;

    if (is_turn_first)
        (void)write_step(to, PROGRAM_STORE, WORD_TURN, other);
    (void)write_step(to, PROGRAM_STORE, WORD_FLAG + to->self, 1);
    if (!is_turn_first)
        (void)write_step(to, PROGRAM_STORE, WORD_TURN, other);
    write_fence(to, is_fenced);
    uint32_t ask = write_branch(to, PROGRAM_LOAD, WORD_FLAG + other, 0, PROGRAM_IF, 0, 0);
    (void)write_branch(to, PROGRAM_LOAD, WORD_TURN, 0, PROGRAM_IF, other, ask);
    /* Both paths to the critical section end in one access, which is marked as the entry. */
    written(to, ask)->target = (uint8_t)here(to);
    (void)write_step(to, PROGRAM_LOAD, WORD_DATA, 0);
    write_critical(to);
    (void)write_step(to, PROGRAM_STORE, WORD_FLAG + to->self, 0);
}

static inline void write_dekker(const struct protocol_writer *to, bool is_fenced)
{
    uint32_t other = 1 - to->self;

    (void)write_step(to, PROGRAM_STORE, WORD_FLAG + to->self, 1);
    write_fence(to, is_fenced);
    uint32_t ask = write_branch(to, PROGRAM_LOAD, WORD_FLAG + other, 0, PROGRAM_IF, 0, 0);
    (void)write_branch(to, PROGRAM_LOAD, WORD_TURN, 0, PROGRAM_IF_NOT, other, ask);
    (void)write_step(to, PROGRAM_STORE, WORD_FLAG + to->self, 0);
    (void)write_step(to, PROGRAM_WAIT, WORD_TURN, to->self);
    (void)write_branch(to, PROGRAM_STORE, WORD_FLAG + to->self, 1, PROGRAM_ALWAYS, 0, ask);
    write_fence(to, is_fenced);
    written(to, ask)->target = (uint8_t)here(to);
    (void)write_step(to, PROGRAM_LOAD, WORD_DATA, 0);
    write_critical(to);
    (void)write_step(to, PROGRAM_STORE, WORD_TURN, other);
    (void)write_step(to, PROGRAM_STORE, WORD_FLAG + to->self, 0);
}

static inline void write_ticket(const struct protocol_writer *to, bool is_in_two_steps)
{
    if (is_in_two_steps) {
        (void)write_step(to, PROGRAM_LOAD, WORD_TAIL, 0);
        (void)write_step(to, PROGRAM_STORE_UP, WORD_TAIL, 1);
    } else {
        (void)write_step(to, PROGRAM_ADD, WORD_TAIL, 1);
    }
    (void)write_step(to, PROGRAM_WAIT_FOR, WORD_LOCK, 0);
    write_critical(to);
    (void)write_step(to, PROGRAM_STORE_UP, WORD_LOCK, 1);
}

static inline void write_ttas(const struct protocol_writer *to)
{
    uint32_t wait = write_step(to, PROGRAM_WAIT, WORD_LOCK, 0);

    (void)write_branch(to, PROGRAM_XCHG, WORD_LOCK, 1, PROGRAM_IF_NOT, 0, wait);
    write_critical(to);
    (void)write_step(to, PROGRAM_STORE, WORD_LOCK, 0);
}

static inline void write_test_then_set(const struct protocol_writer *to)
{
    (void)write_step(to, PROGRAM_WAIT, WORD_LOCK, 0);
    (void)write_step(to, PROGRAM_STORE, WORD_LOCK, 1);
    write_critical(to);
    (void)write_step(to, PROGRAM_STORE, WORD_LOCK, 0);
}

/* For two pCPUs only, where predecessor and successor are the other pCPU. */
static inline void write_mcs(const struct protocol_writer *to)
{
    uint32_t self = to->self, other = 1 - self;

    (void)write_step(to, PROGRAM_STORE, WORD_NEXT + self, 0);
    (void)write_step(to, PROGRAM_STORE, WORD_WAITING + self, 1);
    uint32_t ask = write_branch(to, PROGRAM_XCHG, WORD_TAIL, self + 1, PROGRAM_IF, 0, 0);
    (void)write_step(to, PROGRAM_STORE, WORD_NEXT + other, self + 1);
    (void)write_step(to, PROGRAM_WAIT, WORD_WAITING + self, 0);
    written(to, ask)->target = (uint8_t)here(to);
    (void)write_step(to, PROGRAM_LOAD, WORD_DATA, 0);
    write_critical(to);
    uint32_t has_next = write_branch(to, PROGRAM_LOAD, WORD_NEXT + self, 0, PROGRAM_IF_NOT, 0, 0);
    uint32_t give = write_branch(to, PROGRAM_CAS, WORD_TAIL, self + 1, PROGRAM_IF, self + 1, 0);
    (void)write_step(to, PROGRAM_WAIT, WORD_NEXT + self, other + 1);
    written(to, has_next)->target = (uint8_t)here(to);
    (void)write_step(to, PROGRAM_STORE, WORD_WAITING + other, 0);
    written(to, give)->target = (uint8_t)here(to);
}

static inline void write_crossed_locks(const struct protocol_writer *to)
{
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t flag = WORD_FLAG + (i == 0 ? to->self : 1 - to->self);
        uint32_t wait = write_step(to, PROGRAM_WAIT, flag, 0);
        (void)write_branch(to, PROGRAM_XCHG, flag, 1, PROGRAM_IF_NOT, 0, wait);
    }
    write_critical(to);
    (void)write_step(to, PROGRAM_STORE, WORD_FLAG, 0);
    (void)write_step(to, PROGRAM_STORE, WORD_FLAG + 1, 0);
}

static inline void write_round(const struct protocol_writer *to, enum protocol protocol)
{
    switch (protocol) {
    case PROTOCOL_PETERSON:
    case PROTOCOL_PETERSON_FENCED:
    case PROTOCOL_PETERSON_TURN_FIRST:
        write_peterson(to, protocol == PROTOCOL_PETERSON_TURN_FIRST, protocol == PROTOCOL_PETERSON_FENCED);
        break;
    case PROTOCOL_DEKKER:
    case PROTOCOL_DEKKER_FENCED:
        write_dekker(to, protocol == PROTOCOL_DEKKER_FENCED);
        break;
    case PROTOCOL_TICKET:
    case PROTOCOL_TICKET_IN_TWO_STEPS:
        write_ticket(to, protocol == PROTOCOL_TICKET_IN_TWO_STEPS);
        break;
    case PROTOCOL_TTAS:
        write_ttas(to);
        break;
    case PROTOCOL_TEST_THEN_SET:
        write_test_then_set(to);
        break;
    case PROTOCOL_MCS:
        write_mcs(to);
        break;
    case PROTOCOL_CROSSED_LOCKS:
        write_crossed_locks(to);
        break;
    case PROTOCOL_COUNT:
        break;
    }
}

/* A program in which each pCPU executes the protocol `rounds` times. */
static inline void protocol_write(struct program *program, enum protocol protocol, uint32_t rounds)
{
    *program = (struct program){ .name = protocol_rows[protocol].name, .cpus = (uint8_t)protocol_rows[protocol].cpus };
    for (uint32_t self = 0; self < program->cpus; self++)
        for (uint32_t round = 0; round < rounds; round++)
            write_round(&(struct protocol_writer){ program, self }, protocol);
}

/* Random straight-line code over a few words with occasional forward branches. */
static inline void random_program_write(struct program *program, uint64_t seed, uint32_t cpus, uint32_t steps,
                                        uint32_t words)
{
    struct rng rng;

    *program = (struct program){ .name = "random", .cpus = (uint8_t)cpus };
    rng_init(&rng, seed, 0, RNG_TEST);
    for (uint32_t self = 0; self < cpus; self++)
        for (uint32_t at = 0; at < steps; at++) {
            struct program_step row = {
                .operation = (enum program_operation)rng_below(&rng, rng_below(&rng, 3) == 0 ? 8 : 6),
                .word = (uint8_t)rng_below(&rng, words),
                .value = (uint8_t)rng_below(&rng, 3),
                .other = (uint8_t)rng_below(&rng, 3),
            };
            if (rng_below(&rng, 4) == 0) {
                row.branch = (enum program_branch)(1 + rng_below(&rng, 2));
                row.compared = (uint8_t)rng_below(&rng, 3);
                row.target = (uint8_t)(at + 1 + rng_below(&rng, steps - at));
            }
            program_add(program, self, row);
        }
}

#endif
