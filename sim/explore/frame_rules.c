/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules come from libdw; the sorted table of .eh_frame_hdr (Linux Standard Base, "Exception Frames") gives where
 * functions begin.
 */
#define _GNU_SOURCE
#include "explore/frame_rules.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"

/* The only encodings that linkers write: the table holds 4-byte offsets from the header. */
struct table {
    uint8_t version, pointer_encoding, count_encoding, table_encoding;
    int32_t pointer;
    uint32_t count;
    struct {
        int32_t function, description;
    } rows[];
};

struct frame_rules {
    int file;
    Elf *elf;
    Dwarf_CFI *information;
    uint64_t bias, text_end;
    const struct table *table;
};

static int program(struct dl_phdr_info *info, size_t bytes, void *argument)
{
    struct frame_rules *rules = argument;

    (void)bytes;
    rules->bias = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_GNU_EH_FRAME)
            rules->table =
                (const void *)(uintptr_t)(info->dlpi_addr + header->p_vaddr); /* NOLINT(performance-no-int-to-ptr) */
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X) != 0)
            rules->text_end = info->dlpi_addr + header->p_vaddr + header->p_memsz;
    }
    return 1; /* the program comes first */
}

struct frame_rules *frame_rules_open(void)
{
    struct frame_rules *rules = calloc(1, sizeof(*rules));

    CHECK(rules != NULL);
    (void)dl_iterate_phdr(program, rules);
    (void)elf_version(EV_CURRENT);
    rules->file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    /* Without it, an exploration would come to the same verdict over more states. */
    CHECK_SYSTEM(rules->file >= 0, "the program's own file cannot be opened");
    rules->elf = elf_begin(rules->file, ELF_C_READ_MMAP, NULL);
    if (rules->elf != NULL)
        rules->information = dwarf_getcfi_elf(rules->elf);
    if (rules->information != NULL && rules->table != NULL && rules->table->version == 1 &&
        rules->table->count_encoding == DW_EH_PE_udata4 &&
        rules->table->table_encoding == (DW_EH_PE_datarel | DW_EH_PE_sdata4))
        return rules;
    frame_rules_close(rules);
    return NULL;
}

void frame_rules_close(struct frame_rules *rules)
{
    (void)dwarf_cfi_end(rules->information);
    if (rules->elf != NULL)
        (void)elf_end(rules->elf);
    if (rules->file >= 0)
        (void)close(rules->file);
    free(rules);
}

static uint64_t row_start(const struct frame_rules *rules, uint32_t row)
{
    return (uint64_t)(uintptr_t)rules->table + (uint64_t)(int64_t)rules->table->rows[row].function;
}

bool frame_rules_function(const struct frame_rules *rules, uint64_t pc, uint64_t *from, uint64_t *to)
{
    uint32_t low = 0, high = rules->table->count;

    if (high == 0 || pc < row_start(rules, 0) || pc >= rules->text_end)
        return false;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (row_start(rules, middle) <= pc)
            low = middle;
        else
            high = middle;
    }
    *from = row_start(rules, low);
    *to = low + 1 < rules->table->count ? row_start(rules, low + 1) : rules->text_end;
    return true;
}

/* The offset from the CFA at which a register is saved; NOT_SAVED when it still holds the caller's value. */
static bool saved_at(Dwarf_Frame *frame, int reg, int32_t *offset)
{
    Dwarf_Op memory[3], *ops = NULL;
    size_t count = 0;

    *offset = NOT_SAVED;
    if (dwarf_frame_register(frame, reg, memory, &ops, &count) != 0)
        return false;
    if (count == 0)
        return true;
    if (ops[0].atom != DW_OP_call_frame_cfa || count > 2)
        return false;
    if (count == 2 && ops[1].atom != DW_OP_plus_uconst)
        return false;
    *offset = count == 2 ? (int32_t)ops[1].number : 0;
    return true;
}

static bool cfa_of(Dwarf_Frame *frame, struct frame_rule *rule)
{
    Dwarf_Op *ops;
    size_t count;
    int reg;

    if (dwarf_frame_cfa(frame, &ops, &count) != 0 || count != 1)
        return false;
    if (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31) {
        reg = ops[0].atom - DW_OP_breg0;
        rule->cfa_offset = (int32_t)ops[0].number;
    } else if (ops[0].atom == DW_OP_bregx) {
        reg = (int)ops[0].number;
        rule->cfa_offset = (int32_t)ops[0].number2;
    } else {
        return false;
    }
    rule->cfa_base = reg == architecture.dwarf_stack_pointer ? BASE_STACK_POINTER : BASE_FRAME_POINTER;
    return reg == architecture.dwarf_stack_pointer || reg == architecture.dwarf_frame_pointer;
}

static bool rule_read(Dwarf_Frame *frame, struct frame_rule *rule)
{
    bool is_known = cfa_of(frame, rule);

    for (int reg = 0; reg < architecture.register_count; reg++)
        is_known = saved_at(frame, architecture.dwarf[reg], &rule->saved_at[reg]) && is_known;
    return saved_at(frame, architecture.dwarf_return, &rule->return_at) && is_known;
}

bool frame_rules_at(struct frame_rules *rules, uint64_t pc, struct frame_rule *rule)
{
    Dwarf_Frame *frame = NULL;
    Dwarf_Addr from, to;

    if (pc < rules->bias || dwarf_cfi_addrframe(rules->information, pc - rules->bias, &frame) != 0)
        return false;
    *rule = (struct frame_rule){ .return_at = NOT_SAVED };
    (void)dwarf_frame_info(frame, &from, &to, NULL);
    rule->from = from + rules->bias;
    rule->to = to + rules->bias;
    rule->is_known = rule_read(frame, rule);
    free(frame);
    return true;
}
