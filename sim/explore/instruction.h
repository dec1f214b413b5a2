/* SPDX-License-Identifier: Apache-2.0
 *
 * What one machine instruction does to the registers that a call preserves, to its function's frame and to control
 * flow. Decoded with Capstone; one file an architecture. What the decoder is not sure of counts as a read.
 */
#ifndef EXPLORE_INSTRUCTION_H
#define EXPLORE_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* Registers that a call preserves, without the stack pointer, numbered by the architecture's table. */
#define KEPT_REGISTERS_MAX 20
#define NOT_KEPT (-1)

enum flow {
    FLOW_NEXT,
    FLOW_JUMP,   /* to the target */
    FLOW_BRANCH, /* to the target or the next instruction */
    FLOW_CALL,   /* target 0: not known */
    FLOW_RETURN,
    FLOW_UNKNOWN, /* a jump to a computed address */
    FLOW_STOP,    /* a trap */
};

enum base { BASE_OTHER, BASE_STACK_POINTER, BASE_FRAME_POINTER };

/* A use or definition of some bytes of a kept register: bit i of `bytes` stands for byte i. */
struct register_part {
    int8_t reg;
    uint8_t bytes;
};

/* An operand in memory whose address is base + displacement. */
struct memory_operand {
    enum base base;
    int64_t displacement;
    uint16_t bytes;
    bool reads, writes;   /* an operand that may be only partly written is not written, one that may be read is read */
    bool is_address;      /* the address itself is the operand, or is further computed with */
    int8_t loads, stores; /* the kept register that it is a plain load or store of; NOT_KEPT: none */
};

struct instruction {
    uint64_t target;
    enum flow flow;
    uint8_t size;
    uint8_t use_count, definition_count, memory_count;
    struct register_part uses[8], definitions[4];
    struct memory_operand memory[4];
    bool pops_result, pops_argument; /* a pop into a register that returns a value, or passes one to a function */
    bool copies_stack_pointer;       /* to a register that is no frame pointer */
    bool copies_frame_pointer;
    bool makes_frame_pointer; /* copies the stack pointer to the frame pointer */
};

/* A kept register that the instruction reads or defines; no effect for others. */
static inline void instruction_use(struct instruction *instruction, struct register_part part)
{
    if (part.reg == NOT_KEPT)
        return;
    CHECK(instruction->use_count < 8);
    instruction->uses[instruction->use_count++] = part;
}

static inline void instruction_define(struct instruction *instruction, struct register_part part)
{
    if (part.reg == NOT_KEPT)
        return;
    CHECK(instruction->definition_count < 4);
    instruction->definitions[instruction->definition_count++] = part;
}

static inline struct memory_operand *instruction_memory(struct instruction *instruction, enum base base,
                                                        int64_t displacement, uint16_t bytes)
{
    CHECK(instruction->memory_count < 4);
    struct memory_operand *memory = &instruction->memory[instruction->memory_count++];
    *memory = (struct memory_operand){
        .base = base, .displacement = displacement, .bytes = bytes, .loads = NOT_KEPT, .stores = NOT_KEPT
    };
    return memory;
}

/* Constants of the machine that this program is built for; no kept registers: not supported. */
struct architecture {
    int register_count;                /* of kept registers */
    int dwarf[KEPT_REGISTERS_MAX];     /* their DWARF numbers */
    int parked_at[KEPT_REGISTERS_MAX]; /* where engine/switch saves them, in bytes above the parked stack pointer */
    int parked_return, parked_bytes;   /* where it saves the address to continue at, and the size of what it saves */
    int dwarf_stack_pointer, dwarf_frame_pointer, dwarf_return; /* DWARF numbers */
    int frame_pointer;                                          /* kept register */
    int entry_cfa; /* bytes from the stack pointer to the canonical frame address at a function's entry */
};
extern const struct architecture architecture;

/* False when Capstone cannot be used. */
bool instruction_open(size_t *handle);
void instruction_close(size_t *handle);

/* Decodes the instruction at the address, which must lie in this program's code. False when it has none of `room`
 * bytes. */
bool instruction_decode(size_t handle, const void *code, size_t room, struct instruction *instruction);

#endif
