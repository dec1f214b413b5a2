/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes a function and the parts of it that stand elsewhere, and propagates liveness backwards until nothing changes.
 */
#include "explore/code_liveness.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct code_liveness {
    struct code_reader *reader;
    struct call_site *sites; /* hash table with open addressing; pc 0: free */
    uint32_t site_count, site_capacity;
};

/* --- sets --- */

static void set_range(struct live_set *set, uint32_t bit, uint32_t count, bool is_live)
{
    for (; count > 0; bit++, count--)
        if (is_live)
            set->words[bit / 64] |= UINT64_C(1) << bit % 64;
        else
            set->words[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

static void set_part(struct live_set *set, struct register_part part, bool is_live)
{
    for (unsigned byte = 0; byte < 8; byte++)
        if ((part.bytes >> byte & 1) != 0)
            set_range(set, live_register_bit(part.reg, byte), 1, is_live);
}

static void set_join(struct live_set *set, const struct live_set *other)
{
    for (uint32_t i = 0; i < LIVE_WORDS; i++)
        set->words[i] |= other->words[i];
}

/* --- liveness --- */

/* Restores a register of the caller: no use of the frame. */
static bool is_restore(const struct frame_rule *rule, const struct memory_operand *memory, int32_t offset)
{
    return memory->loads != NOT_KEPT && rule->saved_at[memory->loads] == offset;
}

static void frame_accesses(const struct frame_rule *rule, const struct instruction *instruction, bool is_write,
                           struct live_set *live)
{
    for (uint32_t m = 0; m < instruction->memory_count; m++) {
        const struct memory_operand *memory = &instruction->memory[m];
        int32_t offset;
        if (!code_offset(rule, memory, &offset) || memory->is_address)
            continue;
        if (is_write && memory->writes)
            set_range(live, live_frame_bit(offset), memory->bytes, false);
        if (!is_write && memory->reads && !is_restore(rule, memory, offset))
            set_range(live, live_frame_bit(offset), memory->bytes, true);
    }
}

static void live_before(const struct function *function, const struct node *node, struct live_set *live)
{
    const struct instruction *instruction = &node->instruction;
    const struct frame_rule *rule = rule_of(function, node);

    for (uint32_t i = 0; i < instruction->definition_count; i++)
        set_part(live, instruction->definitions[i], false);
    for (uint32_t m = 0; m < instruction->memory_count; m++)
        if (instruction->memory[m].loads != NOT_KEPT)
            set_part(live, (struct register_part){ instruction->memory[m].loads, 0xff }, false);
    frame_accesses(rule, instruction, true, live);
    for (uint32_t i = 0; i < instruction->use_count; i++)
        if (!code_is_save(function, node, instruction->uses[i].reg))
            set_part(live, instruction->uses[i], true);
    frame_accesses(rule, instruction, false, live);
}

static void live_after(const struct function *function, const struct node *node, const struct live_set *before,
                       struct live_set *live)
{
    memset(live, 0, sizeof(*live));
    for (uint32_t i = 0; i < function->count && node->instruction.flow == FLOW_UNKNOWN && !node->leaves; i++)
        set_join(live, &before[i]); /* a switch: to any instruction of the function */
    if (node->leaves && function->reads_arguments)
        set_range(live, live_frame_bit(0), FRAME_ABOVE, true);
    if (node->next >= 0)
        set_join(live, &before[node->next]);
    if (node->target >= 0)
        set_join(live, &before[node->target]);
}

/* The sets before each instruction. The caller frees them. */
static struct live_set *liveness(const struct function *function)
{
    struct live_set *before = calloc(function->count + (size_t)1, sizeof(*before));
    bool changes = true;

    CHECK(before != NULL);
    while (changes) {
        changes = false;
        for (uint32_t i = function->count; i-- > 0;) {
            struct live_set live;
            live_after(function, &function->nodes[i], before, &live);
            live_before(function, &function->nodes[i], &live);
            changes = changes || memcmp(&live, &before[i], sizeof(live)) != 0;
            before[i] = live;
        }
    }
    return before;
}

/* --- what has been written --- */

/* Adds the bytes of the frame that the instruction accesses; all of them where it is not known which, or where it takes
 * the address so that others may access them from now on. */
static void write_after(const struct function *function, const struct node *node, struct live_set *written)
{
    const struct frame_rule *rule = rule_of(function, node);
    bool is_any = node->takes_address;

    for (uint32_t m = 0; m < node->instruction.memory_count; m++) {
        const struct memory_operand *memory = &node->instruction.memory[m];
        int32_t offset;
        if (code_offset(rule, memory, &offset))
            set_range(written, live_frame_bit(offset), memory->bytes, true);
        else
            is_any = is_any || code_is_frame_access(rule, memory);
    }
    if (is_any)
        set_range(written, live_frame_bit(-FRAME_BELOW), FRAME_BELOW, true);
}

static bool write_join(struct live_set *written, const struct live_set *other)
{
    struct live_set joined = *written;

    set_join(&joined, other);
    if (memcmp(&joined, written, sizeof(joined)) == 0)
        return false;
    *written = joined;
    return true;
}

/* What is written after the instruction is written before those that may follow. False when that was known. */
static bool write_follow(const struct function *function, const struct node *node, const struct live_set *after,
                         struct live_set *before)
{
    bool changes = false;

    for (uint32_t i = 0; i < function->count && node->instruction.flow == FLOW_UNKNOWN && !node->leaves; i++)
        changes = write_join(&before[i], after) || changes;
    if (node->next >= 0)
        changes = write_join(&before[node->next], after) || changes;
    if (node->target >= 0)
        changes = write_join(&before[node->target], after) || changes;
    return changes;
}

/* The bytes of the frame, before each instruction, that may have been written since the function was entered. The
 * caller frees the sets. */
static struct live_set *written(const struct function *function)
{
    struct live_set *before = calloc(function->count + (size_t)1, sizeof(*before));
    bool changes = true;

    CHECK(before != NULL);
    for (uint32_t i = 0; i < function->count; i++)
        set_range(&before[i], live_frame_bit(0), FRAME_ABOVE, true);
    while (changes) {
        changes = false;
        for (uint32_t i = 0; i < function->count; i++) {
            struct live_set after = before[i];
            write_after(function, &function->nodes[i], &after);
            changes = write_follow(function, &function->nodes[i], &after, before) || changes;
        }
    }
    return before;
}

/* --- sites --- */

static struct call_site *site_slot(struct code_liveness *code, uint64_t pc)
{
    uint32_t at = (uint32_t)(pc * 0x9e3779b97f4a7c15u >> 32) & (code->site_capacity - 1);

    while (code->sites[at].pc != 0 && code->sites[at].pc != pc)
        at = (at + 1) & (code->site_capacity - 1);
    return &code->sites[at];
}

static void site_add(struct code_liveness *code, const struct call_site *site)
{
    if (2 * code->site_count >= code->site_capacity) {
        struct call_site *old = code->sites;
        uint32_t capacity = code->site_capacity;
        code->site_capacity = capacity == 0 ? 256 : 2 * capacity;
        code->sites = calloc(code->site_capacity, sizeof(*code->sites));
        CHECK(code->sites != NULL);
        for (uint32_t i = 0; i < capacity; i++)
            if (old[i].pc != 0)
                *site_slot(code, old[i].pc) = old[i];
        free(old);
    }
    struct call_site *slot = site_slot(code, site->pc);
    code->site_count += slot->pc == 0;
    *slot = *site;
}

static uint64_t kept_mask(const struct live_set *live, uint32_t bit)
{
    uint64_t mask = 0;

    for (uint32_t byte = 0; byte < 8; byte++)
        if (live_has(live, bit + byte))
            mask |= UINT64_C(0xff) << 8 * byte;
    return mask;
}

/* What is saved beyond the bytes that are told apart makes the site unknown. */
static bool is_in_frame(struct call_site *site, int32_t offset)
{
    bool is_in = offset >= -FRAME_BELOW && offset < FRAME_ABOVE;

    site->is_known = site->is_known && is_in;
    return is_in;
}

/* Saved registers are the caller's, and the return address is always needed. */
static void keep_bytes(struct call_site *site, const struct live_set *live, const struct live_set *written)
{
    for (int reg = 0; reg < architecture.register_count; reg++)
        site->registers[reg] = kept_mask(live, live_register_bit(reg, 0));
    for (int32_t word = 0; word < (FRAME_BELOW + FRAME_ABOVE) / 8; word++) {
        uint32_t bit = live_frame_bit(8 * word - FRAME_BELOW);
        site->frame[word] = kept_mask(live, bit) & kept_mask(written, bit);
    }
    for (int reg = 0; reg < architecture.register_count; reg++)
        if (site->rule.saved_at[reg] != NOT_SAVED && is_in_frame(site, site->rule.saved_at[reg]))
            site->frame[(site->rule.saved_at[reg] + FRAME_BELOW) / 8] = UINT64_MAX;
    if (site->rule.cfa_base == BASE_FRAME_POINTER)
        site->registers[architecture.frame_pointer] = UINT64_MAX; /* to find the caller */
    if (site->rule.return_at != NOT_SAVED && is_in_frame(site, site->rule.return_at))
        site->frame[(site->rule.return_at + FRAME_BELOW) / 8] = UINT64_MAX;
}

/* The call is the instruction before the return address, which may lie beyond the function. */
static void sites_add(struct code_liveness *code, const struct function *function, const struct live_set *before,
                      const struct live_set *written_before)
{
    for (uint32_t i = 0; i < function->count; i++) {
        const struct node *node = &function->nodes[i];
        if (node->instruction.flow != FLOW_CALL || node->pc < function->parts[0].from ||
            node->pc >= function->parts[0].to)
            continue;
        struct call_site site = {
            .pc = node->pc + node->instruction.size,
            .rule = *rule_of(function, node),
            .never_returns = node->is_endless,
            .is_known = !function->is_opaque,
        };
        struct live_set live = { { 0 } };
        if (node->next >= 0)
            live = before[node->next];
        if (function->takes_address)
            set_range(&live, live_frame_bit(-FRAME_BELOW), FRAME_BELOW, true);
        keep_bytes(&site, &live, &written_before[i]);
        site_add(code, &site);
    }
}

const struct call_site *code_liveness_at(struct code_liveness *code, uint64_t return_pc)
{
    const struct call_site *site = site_slot(code, return_pc);

    if (site->pc == 0) {
        struct function function = code_function_read(code->reader, return_pc - 1);
        struct live_set *before = liveness(&function), *written_before = written(&function);
        sites_add(code, &function, before, written_before);
        free(before);
        free(written_before);
        code_function_free(&function);
        site = site_slot(code, return_pc);
    }
    if (site->pc == 0) {
        struct call_site unknown = { .pc = return_pc };
        site_add(code, &unknown);
        site = site_slot(code, return_pc);
    }
    return site;
}

struct code_liveness *code_liveness_open(void)
{
    struct code_liveness *code = calloc(1, sizeof(*code));

    CHECK(code != NULL);
    code->reader = code_reader_open();
    if (code->reader == NULL) {
        free(code);
        return NULL;
    }
    code->site_capacity = 256;
    code->sites = calloc(code->site_capacity, sizeof(*code->sites));
    CHECK(code->sites != NULL);
    return code;
}

void code_liveness_close(struct code_liveness *code)
{
    if (code == NULL)
        return;
    code_reader_close(code->reader);
    free(code->sites);
    free(code);
}
