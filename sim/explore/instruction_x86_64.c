/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes x86-64. Only plain moves define or write without a read; all other results count as read, too.
 */
#include "explore/instruction.h"

#if defined(__x86_64__)

#include <capstone/capstone.h>

enum { RBX, RBP, R12, R13, R14, R15, KEPT_COUNT };

const struct architecture architecture = {
    .register_count = KEPT_COUNT,
    .dwarf = { [RBX] = 3, [RBP] = 6, [R12] = 12, [R13] = 13, [R14] = 14, [R15] = 15 },
    .parked_at = { [R15] = 0, [R14] = 8, [R13] = 16, [R12] = 24, [RBX] = 32, [RBP] = 40 },
    .parked_return = 48,
    .parked_bytes = 56,
    .dwarf_stack_pointer = 7,
    .dwarf_frame_pointer = 6,
    .dwarf_return = 16,
    .frame_pointer = RBP,
    .entry_cfa = 8,
};

bool instruction_open(size_t *handle)
{
    return cs_open(CS_ARCH_X86, CS_MODE_64, handle) == CS_ERR_OK &&
           cs_option(*handle, CS_OPT_DETAIL, CS_OPT_ON) == CS_ERR_OK;
}

void instruction_close(size_t *handle) { (void)cs_close(handle); }

static const struct {
    uint16_t name;
    struct register_part part;
} names[] = {
    { X86_REG_RBX, { RBX, 0xff } },  { X86_REG_EBX, { RBX, 0x0f } },  { X86_REG_BX, { RBX, 0x03 } },
    { X86_REG_BL, { RBX, 0x01 } },   { X86_REG_BH, { RBX, 0x02 } },   { X86_REG_RBP, { RBP, 0xff } },
    { X86_REG_EBP, { RBP, 0x0f } },  { X86_REG_BP, { RBP, 0x03 } },   { X86_REG_BPL, { RBP, 0x01 } },
    { X86_REG_R12, { R12, 0xff } },  { X86_REG_R12D, { R12, 0x0f } }, { X86_REG_R12W, { R12, 0x03 } },
    { X86_REG_R12B, { R12, 0x01 } }, { X86_REG_R13, { R13, 0xff } },  { X86_REG_R13D, { R13, 0x0f } },
    { X86_REG_R13W, { R13, 0x03 } }, { X86_REG_R13B, { R13, 0x01 } }, { X86_REG_R14, { R14, 0xff } },
    { X86_REG_R14D, { R14, 0x0f } }, { X86_REG_R14W, { R14, 0x03 } }, { X86_REG_R14B, { R14, 0x01 } },
    { X86_REG_R15, { R15, 0xff } },  { X86_REG_R15D, { R15, 0x0f } }, { X86_REG_R15W, { R15, 0x03 } },
    { X86_REG_R15B, { R15, 0x01 } },
};

static struct register_part part_of(unsigned name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].name == name)
            return names[i].part;
    return (struct register_part){ NOT_KEPT, 0 };
}

static void use(struct instruction *instruction, unsigned name) { instruction_use(instruction, part_of(name)); }

/* A definition of 4 bytes clears the other 4; one of fewer keeps them. */
static void define(struct instruction *instruction, unsigned name)
{
    struct register_part part = part_of(name);

    if (part.bytes == 0x0f)
        part.bytes = 0xff;
    instruction_define(instruction, part);
}

static bool is_move(unsigned id)
{
    switch (id) {
    case X86_INS_MOV:
    case X86_INS_MOVABS:
    case X86_INS_MOVZX:
    case X86_INS_MOVSX:
    case X86_INS_MOVSXD:
    case X86_INS_LEA:
    case X86_INS_MOVUPS:
    case X86_INS_MOVAPS:
    case X86_INS_MOVUPD:
    case X86_INS_MOVAPD:
    case X86_INS_MOVDQA:
    case X86_INS_MOVDQU:
    case X86_INS_MOVQ:
    case X86_INS_MOVD:
    case X86_INS_MOVSS:
    case X86_INS_MOVSD:
    case X86_INS_MOVHPS:
    case X86_INS_MOVLPS:
    case X86_INS_MOVHPD:
    case X86_INS_MOVLPD:
    case X86_INS_POP:
        return true;
    default:
        return id >= X86_INS_SETAE && id <= X86_INS_SETS;
    }
}

static bool is_zeroing(const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;

    return (insn->id == X86_INS_XOR || insn->id == X86_INS_SUB) && x86->op_count == 2 &&
           x86->operands[0].type == X86_OP_REG && x86->operands[1].type == X86_OP_REG &&
           x86->operands[0].reg == x86->operands[1].reg;
}

static enum base base_of(unsigned name)
{
    return name == X86_REG_RSP ? BASE_STACK_POINTER : name == X86_REG_RBP ? BASE_FRAME_POINTER : BASE_OTHER;
}

static void memory_operand(struct instruction *instruction, const cs_insn *insn, const cs_x86_op *operand,
                           bool is_first)
{
    const cs_x86_op *other = &insn->detail->x86.operands[is_first ? 1 : 0];
    bool has_index = operand->mem.index != X86_REG_INVALID, is_plain = is_move(insn->id);
    bool is_whole = insn->detail->x86.op_count == 2 && other->type == X86_OP_REG && other->size == 8;
    struct memory_operand *memory;

    use(instruction, operand->mem.base);
    use(instruction, operand->mem.index);
    if (insn->id == X86_INS_NOP || base_of(operand->mem.base) == BASE_OTHER)
        return;
    memory = instruction_memory(instruction, base_of(operand->mem.base), operand->mem.disp, operand->size);
    memory->is_address = (insn->id == X86_INS_LEA && insn->detail->x86.operands[0].reg != X86_REG_RSP) || has_index ||
                         operand->mem.segment != X86_REG_INVALID;
    memory->writes = is_plain && is_first && !memory->is_address;
    memory->reads = !memory->writes && insn->id != X86_INS_LEA;
    if (is_plain && is_whole && memory->writes)
        memory->stores = part_of(other->reg).reg;
    if (is_plain && is_whole && insn->id == X86_INS_MOV && memory->reads)
        memory->loads = part_of(other->reg).reg;
}

static void register_operand(struct instruction *instruction, const cs_insn *insn, const cs_x86_op *operand,
                             bool is_first)
{
    const cs_x86 *x86 = &insn->detail->x86;
    bool is_defined =
        is_first && (is_move(insn->id) || is_zeroing(insn) || (insn->id == X86_INS_IMUL && x86->op_count == 3));

    if (is_defined)
        define(instruction, operand->reg);
    else if (!is_zeroing(insn))
        use(instruction, operand->reg);
    if (is_first && insn->id != X86_INS_PUSH && insn->id != X86_INS_CMP && insn->id != X86_INS_TEST)
        return;
    if (operand->reg == X86_REG_RSP && insn->id == X86_INS_MOV && x86->operands[0].type == X86_OP_REG &&
        x86->operands[0].reg == X86_REG_RBP)
        instruction->makes_frame_pointer = true;
    else if (operand->reg == X86_REG_RSP)
        instruction->copies_stack_pointer = true;
    else if (operand->reg == X86_REG_RBP && insn->id != X86_INS_PUSH &&
             !(x86->operands[0].type == X86_OP_REG && x86->operands[0].reg == X86_REG_RSP))
        instruction->copies_frame_pointer = true;
}

static void implicit(struct instruction *instruction, const cs_insn *insn)
{
    const cs_detail *detail = insn->detail;
    const cs_x86_op *first = &detail->x86.operands[0];
    int8_t kept = detail->x86.op_count == 1 && first->type == X86_OP_REG ? part_of(first->reg).reg : NOT_KEPT;
    struct memory_operand *memory;

    for (int i = 0; i < detail->regs_read_count; i++)
        use(instruction, detail->regs_read[i]);
    if (insn->id == X86_INS_PUSH) {
        memory = instruction_memory(instruction, BASE_STACK_POINTER, -8, 8);
        memory->writes = true;
        memory->stores = kept;
    } else if (insn->id == X86_INS_POP) {
        memory = instruction_memory(instruction, BASE_STACK_POINTER, 0, 8);
        memory->reads = true;
        memory->loads = kept;
        instruction->pops_result = first->reg == X86_REG_RAX;
        instruction->pops_argument = first->reg == X86_REG_RCX;
    } else if (insn->id == X86_INS_LEAVE) {
        memory = instruction_memory(instruction, BASE_FRAME_POINTER, 0, 8);
        memory->reads = true;
        memory->loads = RBP;
        use(instruction, X86_REG_RBP);
    }
}

static void flow_of(struct instruction *instruction, csh handle, const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;
    bool is_direct = x86->op_count == 1 && x86->operands[0].type == X86_OP_IMM;
    uint64_t target = is_direct ? (uint64_t)x86->operands[0].imm : 0;

    if (cs_insn_group(handle, insn, CS_GRP_CALL)) {
        instruction->flow = FLOW_CALL;
    } else if (cs_insn_group(handle, insn, CS_GRP_RET)) {
        instruction->flow = FLOW_RETURN;
        return;
    } else if (insn->id == X86_INS_JMP) {
        instruction->flow = is_direct ? FLOW_JUMP : FLOW_UNKNOWN;
    } else if (cs_insn_group(handle, insn, CS_GRP_JUMP)) {
        instruction->flow = FLOW_BRANCH;
    } else if (insn->id == X86_INS_UD2 || insn->id == X86_INS_HLT || insn->id == X86_INS_INT3) {
        instruction->flow = FLOW_STOP;
    } else {
        return;
    }
    instruction->target = target;
}

bool instruction_decode(size_t handle, const void *code, size_t room, struct instruction *instruction)
{
    cs_insn *insn;

    if (cs_disasm(handle, code, room, (uint64_t)(uintptr_t)code, 1, &insn) != 1)
        return false;
    const cs_x86 *x86 = &insn->detail->x86;
    *instruction = (struct instruction){ .size = (uint8_t)insn->size };
    for (int i = 0; i < x86->op_count; i++)
        if (x86->operands[i].type == X86_OP_MEM)
            memory_operand(instruction, insn, &x86->operands[i], i == 0);
        else if (x86->operands[i].type == X86_OP_REG)
            register_operand(instruction, insn, &x86->operands[i], i == 0);
    implicit(instruction, insn);
    flow_of(instruction, handle, insn);
    cs_free(insn, 1);
    return true;
}

#endif
