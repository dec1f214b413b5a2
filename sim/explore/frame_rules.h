/* SPDX-License-Identifier: Apache-2.0
 *
 * Call frame information of this program (.eh_frame, which compilers write for every function): where a frame is, where
 * it has saved the registers of its caller, and where functions begin. Offsets are bytes from the canonical frame
 * address (CFA), which is the stack pointer before the call.
 */
#ifndef EXPLORE_FRAME_RULES_H
#define EXPLORE_FRAME_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/instruction.h"

#define NOT_SAVED INT32_MAX

struct frame_rules;

/* The rule of a range of addresses of one function. */
struct frame_rule {
    uint64_t from, to;
    bool is_known; /* false: a frame that is laid out in an uncommon way */
    enum base cfa_base;
    int32_t cfa_offset; /* CFA = base register + this */
    int32_t saved_at[KEPT_REGISTERS_MAX];
    int32_t return_at; /* NOT_SAVED: undefined, since there is no caller, or still in its register */
};

/* NULL when this program's information cannot be read. */
struct frame_rules *frame_rules_open(void);
void frame_rules_close(struct frame_rules *rules);

/* False when there is none for this address. */
bool frame_rules_at(struct frame_rules *rules, uint64_t pc, struct frame_rule *rule);

/* The range of addresses of the function, or of the part of one, that holds pc: from its first instruction to the next
 * function's. */
bool frame_rules_function(const struct frame_rules *rules, uint64_t pc, uint64_t *from, uint64_t *to);

#endif
