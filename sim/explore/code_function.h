/* SPDX-License-Identifier: Apache-2.0
 *
 * A function of this program, decoded: its instructions, where control goes from each, and the rule of its frame there.
 * Parts of it that stand elsewhere (cold code) are followed; a jump to code after the frame is gone is a tail call.
 */
#ifndef EXPLORE_CODE_FUNCTION_H
#define EXPLORE_CODE_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/frame_rules.h"

/* Bytes of a frame that are told apart, below and above the CFA (arguments on the stack). */
#define FRAME_BELOW 2048
#define FRAME_ABOVE 64

enum { PARTS_MAX = 16 };

/* A decoded instruction with the rule of its frame. */
struct node {
    uint64_t pc;
    uint32_t rule;
    int32_t next, target; /* nodes; -1: none in this function */
    bool leaves;          /* a tail call */
    bool is_endless;      /* a call that does not return */
    bool takes_address;   /* of the frame */
    struct instruction instruction;
};

struct function {
    struct node *nodes;
    uint32_t count, capacity;
    struct frame_rule *rules;
    uint32_t rule_count, rule_capacity;
    struct {
        uint64_t from, to;
    } parts[PARTS_MAX];
    uint32_t part_count;
    bool takes_address;   /* of its frame, somewhere */
    bool reads_arguments; /* on the stack */
    bool is_opaque;       /* part of it cannot be analysed */
};

struct code_reader;

/* NULL when this program's code cannot be analysed. */
struct code_reader *code_reader_open(void);
void code_reader_close(struct code_reader *reader);

/* The function that holds pc, whose first part holds it. The caller frees it with code_function_free. */
struct function code_function_read(struct code_reader *reader, uint64_t pc);
void code_function_free(struct function *function);

static inline const struct frame_rule *rule_of(const struct function *function, const struct node *node)
{
    return &function->rules[node->rule];
}

/* Whether the instruction saves a register of the caller. */
bool code_is_save(const struct function *function, const struct node *node, int reg);

/* The offset of an operand from the CFA; false when it is not known. */
bool code_offset(const struct frame_rule *rule, const struct memory_operand *memory, int32_t *offset);

/* Whether an operand is in the frame. Another base register than the CFA's is a plain one, except that the stack
 * pointer always points into the frame. */
bool code_is_frame_access(const struct frame_rule *rule, const struct memory_operand *memory);

#endif
