/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes AArch64. Loads and stores of frames, moves and address computations define; all other results count as read,
 * too.
 */
#include "explore/instruction.h"

#if defined(__aarch64__)

#include <capstone/capstone.h>
#include <string.h>

/* x19 to x29 and d8 to d15. */
enum { X19, X29 = 10, D8, KEPT_COUNT = 19 };

const struct architecture architecture = {
    .register_count = KEPT_COUNT,
    .dwarf = { 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 72, 73, 74, 75, 76, 77, 78, 79 },
    .parked_at = { 0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 104, 112, 120, 128, 136, 144, 152 },
    .parked_return = 88,
    .parked_bytes = 160,
    .dwarf_stack_pointer = 31,
    .dwarf_frame_pointer = 29,
    .dwarf_return = 30,
    .frame_pointer = X29,
    .entry_cfa = 0,
};

bool instruction_open(size_t *handle)
{
    return cs_open(CS_ARCH_ARM64, CS_MODE_ARM, handle) == CS_ERR_OK &&
           cs_option(*handle, CS_OPT_DETAIL, CS_OPT_ON) == CS_ERR_OK;
}

void instruction_close(size_t *handle) { (void)cs_close(handle); }

static struct register_part part_of(unsigned name)
{
    if (name >= ARM64_REG_X19 && name <= ARM64_REG_X28)
        return (struct register_part){ (int8_t)(X19 + (int)(name - ARM64_REG_X19)), 0xff };
    if (name >= ARM64_REG_W19 && name <= ARM64_REG_W28)
        return (struct register_part){ (int8_t)(X19 + (int)(name - ARM64_REG_W19)), 0x0f };
    if (name == ARM64_REG_X29 || name == ARM64_REG_FP)
        return (struct register_part){ X29, 0xff };
    if (name == ARM64_REG_W29)
        return (struct register_part){ X29, 0x0f };
    if (name >= ARM64_REG_D8 && name <= ARM64_REG_D15)
        return (struct register_part){ (int8_t)(D8 + (int)(name - ARM64_REG_D8)), 0xff };
    if (name >= ARM64_REG_S8 && name <= ARM64_REG_S15)
        return (struct register_part){ (int8_t)(D8 + (int)(name - ARM64_REG_S8)), 0xff };
    if (name >= ARM64_REG_Q8 && name <= ARM64_REG_Q15)
        return (struct register_part){ (int8_t)(D8 + (int)(name - ARM64_REG_Q8)), 0xff };
    if (name >= ARM64_REG_V8 && name <= ARM64_REG_V15)
        return (struct register_part){ (int8_t)(D8 + (int)(name - ARM64_REG_V8)), 0xff };
    return (struct register_part){ NOT_KEPT, 0 };
}

static void use(struct instruction *instruction, unsigned name) { instruction_use(instruction, part_of(name)); }

/* A definition of the low half clears the other. */
static void define(struct instruction *instruction, unsigned name)
{
    instruction_define(instruction, (struct register_part){ part_of(name).reg, 0xff });
}

/* Bytes of a register operand; 0: not one that is known. */
static uint16_t bytes_of(unsigned name)
{
    if (name == ARM64_REG_WZR || (name >= ARM64_REG_W0 && name <= ARM64_REG_W30))
        return 4;
    if (name == ARM64_REG_XZR || name == ARM64_REG_FP || name == ARM64_REG_LR ||
        (name >= ARM64_REG_X0 && name <= ARM64_REG_X28))
        return 8;
    if (name >= ARM64_REG_Q0 && name <= ARM64_REG_Q31)
        return 16;
    if (name >= ARM64_REG_D0 && name <= ARM64_REG_D31)
        return 8;
    if (name >= ARM64_REG_S0 && name <= ARM64_REG_S31)
        return 4;
    return 0;
}

/* --- loads and stores --- */

struct transfer {
    bool is_load, is_store;
    uint16_t bytes; /* of each register; 0: as the register */
};

static struct transfer transfer_of(unsigned id)
{
    switch (id) {
    case ARM64_INS_LDR:
    case ARM64_INS_LDUR:
    case ARM64_INS_LDP:
        return (struct transfer){ .is_load = true };
    case ARM64_INS_LDRB:
    case ARM64_INS_LDRSB:
    case ARM64_INS_LDURB:
    case ARM64_INS_LDURSB:
        return (struct transfer){ .is_load = true, .bytes = 1 };
    case ARM64_INS_LDRH:
    case ARM64_INS_LDRSH:
    case ARM64_INS_LDURH:
    case ARM64_INS_LDURSH:
        return (struct transfer){ .is_load = true, .bytes = 2 };
    case ARM64_INS_LDRSW:
    case ARM64_INS_LDURSW:
    case ARM64_INS_LDPSW:
        return (struct transfer){ .is_load = true, .bytes = 4 };
    case ARM64_INS_STR:
    case ARM64_INS_STUR:
    case ARM64_INS_STP:
        return (struct transfer){ .is_store = true };
    case ARM64_INS_STRB:
    case ARM64_INS_STURB:
        return (struct transfer){ .is_store = true, .bytes = 1 };
    case ARM64_INS_STRH:
    case ARM64_INS_STURH:
        return (struct transfer){ .is_store = true, .bytes = 2 };
    default:
        return (struct transfer){ .bytes = 0 };
    }
}

static enum base base_of(unsigned name)
{
    return name == ARM64_REG_SP ? BASE_STACK_POINTER : part_of(name).reg == X29 ? BASE_FRAME_POINTER : BASE_OTHER;
}

/* One access for each register. A post-indexed access is at the base itself. */
static void transfer(struct instruction *instruction, const cs_insn *insn, struct transfer kind)
{
    const cs_arm64 *arm = &insn->detail->arm64;
    int at = 0;

    while (at < arm->op_count && arm->operands[at].type != ARM64_OP_MEM)
        at++;
    if (at == arm->op_count)
        return; /* relative to the program counter */
    const arm64_op_mem *place = &arm->operands[at].mem;
    bool is_post = arm->writeback && arm->op_count > at + 1;
    int64_t displacement = is_post ? 0 : place->disp;
    use(instruction, place->base);
    use(instruction, place->index);
    for (int i = 0; i < at; i++) {
        unsigned name = arm->operands[i].reg;
        uint16_t bytes = kind.bytes != 0 ? kind.bytes : bytes_of(name);
        if (kind.is_load)
            define(instruction, name);
        else
            use(instruction, name);
        if (base_of(place->base) == BASE_OTHER)
            continue;
        struct memory_operand *memory = instruction_memory(instruction, base_of(place->base), displacement, bytes);
        memory->is_address = place->index != ARM64_REG_INVALID || bytes == 0;
        memory->reads = kind.is_load;
        memory->writes = kind.is_store && !memory->is_address;
        if (bytes == 8 && kind.is_load)
            memory->loads = part_of(name).reg;
        if (bytes == 8 && kind.is_store)
            memory->stores = part_of(name).reg;
        displacement += bytes;
    }
}

/* --- others --- */

static bool is_definition(unsigned id)
{
    switch (id) {
    case ARM64_INS_MOV:
    case ARM64_INS_MOVZ:
    case ARM64_INS_MOVN:
    case ARM64_INS_MVN:
    case ARM64_INS_ADD:
    case ARM64_INS_SUB:
    case ARM64_INS_AND:
    case ARM64_INS_ORR:
    case ARM64_INS_ORN:
    case ARM64_INS_EOR:
    case ARM64_INS_BIC:
    case ARM64_INS_LSL:
    case ARM64_INS_LSR:
    case ARM64_INS_ASR:
    case ARM64_INS_MUL:
    case ARM64_INS_MADD:
    case ARM64_INS_MSUB:
    case ARM64_INS_UDIV:
    case ARM64_INS_SDIV:
    case ARM64_INS_CSEL:
    case ARM64_INS_CSET:
    case ARM64_INS_CSETM:
    case ARM64_INS_CSINC:
    case ARM64_INS_CSINV:
    case ARM64_INS_CINC:
    case ARM64_INS_NEG:
    case ARM64_INS_UXTB:
    case ARM64_INS_UXTH:
    case ARM64_INS_UXTW:
    case ARM64_INS_SXTB:
    case ARM64_INS_SXTH:
    case ARM64_INS_SXTW:
    case ARM64_INS_UBFX:
    case ARM64_INS_SBFX:
    case ARM64_INS_UBFIZ:
    case ARM64_INS_SBFIZ:
    case ARM64_INS_ADR:
    case ARM64_INS_ADRP:
    case ARM64_INS_CLZ:
    case ARM64_INS_RBIT:
        return true;
    default:
        return false;
    }
}

/* The stack pointer and the frame pointer as operands of computations. */
static void pointer_copied(struct instruction *instruction, const cs_insn *insn, unsigned name)
{
    unsigned into = insn->detail->arm64.operands[0].type == ARM64_OP_REG ? insn->detail->arm64.operands[0].reg : 0;

    if (into == ARM64_REG_SP)
        return;
    if (name == ARM64_REG_SP && part_of(into).reg == X29)
        instruction->makes_frame_pointer = true;
    else if (name == ARM64_REG_SP)
        instruction->copies_stack_pointer = true;
    else if (part_of(name).reg == X29)
        instruction->copies_frame_pointer = true;
}

static void operands(struct instruction *instruction, const cs_insn *insn)
{
    const cs_arm64 *arm = &insn->detail->arm64;

    for (int i = 0; i < arm->op_count; i++) {
        const cs_arm64_op *operand = &arm->operands[i];
        if (operand->type == ARM64_OP_MEM) {
            use(instruction, operand->mem.base);
            use(instruction, operand->mem.index);
            if (base_of(operand->mem.base) != BASE_OTHER)
                instruction_memory(instruction, base_of(operand->mem.base), operand->mem.disp, 8)->is_address = true;
        } else if (operand->type == ARM64_OP_REG) {
            if (i == 0 && is_definition(insn->id))
                define(instruction, operand->reg);
            else
                use(instruction, operand->reg);
            if (i > 0)
                pointer_copied(instruction, insn, operand->reg);
        }
    }
}

static void flow_of(struct instruction *instruction, const cs_insn *insn)
{
    const cs_arm64 *arm = &insn->detail->arm64;
    uint64_t target = 0;

    for (int i = 0; i < arm->op_count; i++)
        if (arm->operands[i].type == ARM64_OP_IMM)
            target = (uint64_t)arm->operands[i].imm;
    switch (insn->id) {
    case ARM64_INS_BL:
        instruction->flow = FLOW_CALL;
        break;
    case ARM64_INS_BLR:
        instruction->flow = FLOW_CALL;
        target = 0;
        break;
    case ARM64_INS_RET:
        instruction->flow = FLOW_RETURN;
        break;
    case ARM64_INS_BR:
        instruction->flow = FLOW_UNKNOWN;
        break;
    case ARM64_INS_B:
        instruction->flow = arm->cc == ARM64_CC_INVALID || arm->cc == ARM64_CC_AL ? FLOW_JUMP : FLOW_BRANCH;
        break;
    case ARM64_INS_CBZ:
    case ARM64_INS_CBNZ:
    case ARM64_INS_TBZ:
    case ARM64_INS_TBNZ:
        instruction->flow = FLOW_BRANCH;
        break;
    case ARM64_INS_BRK:
        instruction->flow = FLOW_STOP;
        break;
    default:
        return;
    }
    instruction->target = target;
}

bool instruction_decode(size_t handle, const void *code, size_t room, struct instruction *instruction)
{
    struct transfer kind;
    cs_insn *insn;

    if (room < 4 || cs_disasm(handle, code, 4, (uint64_t)(uintptr_t)code, 1, &insn) != 1)
        return false;
    *instruction = (struct instruction){ .size = 4 };
    kind = transfer_of(insn->id);
    if (kind.is_load || kind.is_store)
        transfer(instruction, insn, kind);
    else
        operands(instruction, insn);
    flow_of(instruction, insn);
    cs_free(insn, 1);
    return true;
}

#endif
