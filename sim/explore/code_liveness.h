/* SPDX-License-Identifier: Apache-2.0
 *
 * Which bytes of a frame, and of the registers that a call preserves, the function may still read after a call has
 * returned: liveness over this program's own machine code. All else that a parked stack holds is dead.
 *
 * Assumed of the code: a function's frame is accessed by others only where its address was taken or as arguments on the
 * stack; arguments on the stack are stored after the calls that compute them; what a frame holds that was not written
 * since the function was entered makes no difference (C has no use for a variable without a value). So a frame whose
 * address is taken anywhere in its function is live as far as it may have been written, by anyone once its address was
 * taken. Otherwise a function that is inlined with a buffer of its own, for example the text of a note, would make the
 * residue of earlier frames a part of the state wherever its caller parks.
 * For the same reason, no function takes an address in its frame, or has an array there, that a compiler may inline in
 * one that parks in a loop: a build that does so counts more states (explore/counts pins those of every shipped
 * exploration).
 */
#ifndef EXPLORE_CODE_LIVENESS_H
#define EXPLORE_CODE_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/code_function.h"

#define LIVE_REGISTER_BITS ((uint32_t)8 * KEPT_REGISTERS_MAX)
#define LIVE_BITS (LIVE_REGISTER_BITS + FRAME_BELOW + FRAME_ABOVE)
#define LIVE_WORDS ((LIVE_BITS + 63) / 64)

/* A set of bytes: 8 for each kept register, then those of the frame. */
struct live_set {
    uint64_t words[LIVE_WORDS];
};

static inline uint32_t live_register_bit(int reg, unsigned byte) { return 8 * (uint32_t)reg + byte; }
static inline uint32_t live_frame_bit(int32_t offset)
{
    return (uint32_t)((int32_t)LIVE_REGISTER_BITS + FRAME_BELOW + offset);
}
static inline bool live_has(const struct live_set *set, uint32_t bit) { return set->words[bit / 64] >> bit % 64 & 1; }

struct call_site {
    uint64_t pc; /* the address to which the call returns */
    struct frame_rule rule;
    bool is_known;                                   /* false: all of the frame and all registers may be read */
    bool never_returns;                              /* what was called does not: nothing is read */
    uint64_t registers[KEPT_REGISTERS_MAX];          /* masks of the bytes that may be read */
    uint64_t frame[(FRAME_BELOW + FRAME_ABOVE) / 8]; /* the same for the words from CFA - FRAME_BELOW upwards; saved
                                                      * registers and the return address are kept */
};

struct code_liveness;

/* NULL when this program's code cannot be analysed: then all is live. */
struct code_liveness *code_liveness_open(void);
void code_liveness_close(struct code_liveness *code);

/* The site, owned by `code`. Analyses the function at first. */
const struct call_site *code_liveness_at(struct code_liveness *code, uint64_t return_pc);

#endif
