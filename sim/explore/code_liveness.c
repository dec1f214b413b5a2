/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes a function and the parts of it that stand elsewhere, and propagates liveness backwards until nothing changes.
 */
#include "explore/code_liveness.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { PARTS_MAX = 16 };

/* A decoded instruction with the rule of its frame. */
struct node {
    uint64_t pc;
    uint32_t rule;
    int32_t next, target; /* nodes; -1: none in this function */
    bool leaves;          /* a tail call */
    bool is_endless;      /* a call that does not return */
    struct instruction instruction;
    struct live_set live; /* before the instruction */
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
    bool takes_address, reads_arguments, is_opaque;
};

struct answer {
    uint64_t pc;
    bool returns;
};

struct code_liveness {
    struct frame_rules *rules;
    size_t decoder;
    struct call_site *sites; /* hash table with open addressing; pc 0: free */
    uint32_t site_count, site_capacity;
    struct answer *answers; /* whether functions return */
    uint32_t answer_count, answer_capacity;
};

static struct function function_at(struct code_liveness *code, uint64_t pc, bool asks);

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

/* --- decoding --- */

static void *grown(void *rows, uint32_t count, uint32_t *capacity, size_t bytes)
{
    if (count < *capacity)
        return rows;
    *capacity = *capacity == 0 ? 256 : 2 * *capacity;
    rows = realloc(rows, *capacity * bytes);
    CHECK(rows != NULL);
    return rows;
}

static void function_free(struct function *function)
{
    free(function->nodes);
    free(function->rules);
}

static const struct frame_rule *rule_of(const struct function *function, const struct node *node)
{
    return &function->rules[node->rule];
}

static bool rule_add(struct code_liveness *code, struct function *function, uint64_t pc)
{
    struct frame_rule rule;

    if (function->rule_count > 0 && pc >= function->rules[function->rule_count - 1].from &&
        pc < function->rules[function->rule_count - 1].to)
        return true;
    if (!frame_rules_at(code->rules, pc, &rule))
        return false;
    function->rules = grown(function->rules, function->rule_count, &function->rule_capacity, sizeof(rule));
    function->rules[function->rule_count++] = rule;
    return true;
}

/* Decodes from the first instruction to the next function. Bytes after the last one that has a rule are padding. */
static void part_decode(struct code_liveness *code, struct function *function, uint64_t from, uint64_t to)
{
    struct node node;

    for (uint64_t pc = from; pc < to; pc += node.instruction.size) {
        if (!rule_add(code, function, pc))
            return;
        node = (struct node){ .pc = pc, .rule = function->rule_count - 1, .next = -1, .target = -1 };
        function->is_opaque = function->is_opaque || !function->rules[node.rule].is_known;
        if (!instruction_decode(code->decoder, (const void *)(uintptr_t)pc, to - pc, &node.instruction)) {
            function->is_opaque = true;
            return;
        }
        function->nodes = grown(function->nodes, function->count, &function->capacity, sizeof(node));
        function->nodes[function->count++] = node;
    }
}

static int compare_nodes(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    return (x->pc > y->pc) - (x->pc < y->pc);
}

static int32_t node_at(const struct function *function, uint64_t pc)
{
    struct node key;
    const struct node *found;

    key.pc = pc;
    found = bsearch(&key, function->nodes, function->count, sizeof(key), compare_nodes);
    return found == NULL ? -1 : (int32_t)(found - function->nodes);
}

/* Whether the frame is gone: all that is left is the caller's. */
static bool is_bare(const struct frame_rule *rule)
{
    return rule->cfa_base == BASE_STACK_POINTER && rule->cfa_offset == architecture.entry_cfa;
}

static bool is_in_part(const struct function *function, uint64_t pc)
{
    for (uint32_t i = 0; i < function->part_count; i++)
        if (pc >= function->parts[i].from && pc < function->parts[i].to)
            return true;
    return false;
}

static bool part_add(struct code_liveness *code, struct function *function, uint64_t pc)
{
    uint64_t from, to;

    if (is_in_part(function, pc))
        return true;
    if (function->part_count == PARTS_MAX || !frame_rules_function(code->rules, pc, &from, &to))
        return false;
    function->parts[function->part_count].from = from;
    function->parts[function->part_count++].to = to;
    part_decode(code, function, from, to);
    return true;
}

/* A jump out of the function is a tail call when the frame is gone, and else leads to another part of it. */
static void parts_find(struct code_liveness *code, struct function *function)
{
    for (uint32_t i = 0; i < function->count; i++) {
        struct node *node = &function->nodes[i];
        enum flow flow = node->instruction.flow;
        if (flow == FLOW_UNKNOWN && is_bare(rule_of(function, node)))
            node->leaves = true;
        if ((flow != FLOW_JUMP && flow != FLOW_BRANCH) || is_in_part(function, node->instruction.target))
            continue;
        if (is_bare(rule_of(function, node)))
            node->leaves = true;
        else if (!part_add(code, function, node->instruction.target))
            function->is_opaque = true;
    }
}

/* --- whether functions return --- */

static bool flow_returns(const struct function *function)
{
    bool *is_seen = calloc(function->count + 1, sizeof(*is_seen));
    int32_t *stack = calloc(2 * (size_t)function->count + 2, sizeof(*stack));
    uint32_t top = 0;
    bool returns = false;

    CHECK(is_seen != NULL && stack != NULL);
    stack[top++] = node_at(function, function->parts[0].from);
    while (top > 0 && !returns) {
        int32_t at = stack[--top];
        if (at < 0 || is_seen[at])
            continue;
        const struct node *node = &function->nodes[at];
        is_seen[at] = true;
        returns = node->leaves || node->instruction.flow == FLOW_RETURN || node->instruction.flow == FLOW_UNKNOWN;
        stack[top++] = node->next;
        stack[top++] = node->target;
    }
    free(is_seen);
    free(stack);
    return returns;
}

/* Of what the called function calls in its turn only check_failed is looked at, so that the answer does not depend on
 * what was asked before. */
static bool returns(struct code_liveness *code, uint64_t pc)
{
    bool result = true;

    for (uint32_t i = 0; i < code->answer_count; i++)
        if (code->answers[i].pc == pc)
            return code->answers[i].returns;
    struct function function = function_at(code, pc, false);
    if (function.part_count > 0 && function.parts[0].from == pc && !function.is_opaque)
        result = flow_returns(&function);
    function_free(&function);
    code->answers = grown(code->answers, code->answer_count, &code->answer_capacity, sizeof(*code->answers));
    code->answers[code->answer_count++] = (struct answer){ pc, result };
    return result;
}

static void flow_link(struct code_liveness *code, struct function *function, bool asks)
{
    for (uint32_t i = 0; i < function->count; i++) {
        struct node *node = &function->nodes[i];
        const struct instruction *instruction = &node->instruction;
        enum flow flow = instruction->flow;
        bool goes_on = flow == FLOW_NEXT || flow == FLOW_BRANCH || flow == FLOW_CALL;
        if (flow == FLOW_CALL && instruction->target != 0)
            node->is_endless =
                instruction->target == (uintptr_t)check_failed || (asks && !returns(code, instruction->target));
        if (goes_on && !node->is_endless)
            node->next = node_at(function, node->pc + instruction->size);
        if ((flow == FLOW_JUMP || flow == FLOW_BRANCH) && !node->leaves)
            node->target = node_at(function, instruction->target);
    }
}

/* --- the frame --- */

/* The offset of an operand from the CFA; false when it is not known. */
static bool offset_of(const struct frame_rule *rule, const struct memory_operand *memory, int32_t *offset)
{
    int64_t from_cfa = memory->displacement - rule->cfa_offset;

    if (memory->base != rule->cfa_base || from_cfa < -FRAME_BELOW || from_cfa + memory->bytes > FRAME_ABOVE)
        return false;
    *offset = (int32_t)from_cfa;
    return true;
}

/* Another register than the CFA's is a plain one, except that the stack pointer always points into the frame. */
static bool is_frame_access(const struct frame_rule *rule, const struct memory_operand *memory)
{
    return memory->base == rule->cfa_base || memory->base == BASE_STACK_POINTER;
}

/* Saves a register of the caller: no use of its value. */
static bool is_save(const struct function *function, const struct node *node, int reg)
{
    const struct frame_rule *rule = rule_of(function, node);
    int32_t next = node_at(function, node->pc + node->instruction.size);

    return next >= 0 && rule->saved_at[reg] == NOT_SAVED &&
           rule_of(function, &function->nodes[next])->saved_at[reg] != NOT_SAVED;
}

/* A copy of the stack pointer in the frame pointer takes no address if it is the frame's rule from there on, or is
 * made for debuggers alone. */
static bool is_frame_pointer_read(const struct function *function, const struct node *copy)
{
    int32_t next = node_at(function, copy->pc + copy->instruction.size);

    if (next >= 0 && rule_of(function, &function->nodes[next])->cfa_base == BASE_FRAME_POINTER)
        return false;
    for (uint32_t i = 0; i < function->count; i++)
        for (uint32_t u = 0; u < function->nodes[i].instruction.use_count; u++)
            if (function->nodes[i].instruction.uses[u].reg == architecture.frame_pointer &&
                !is_save(function, &function->nodes[i], architecture.frame_pointer))
                return true;
    return false;
}

static void frame_scan(struct function *function)
{
    for (uint32_t i = 0; i < function->count; i++) {
        const struct node *node = &function->nodes[i];
        const struct instruction *instruction = &node->instruction;
        const struct frame_rule *rule = rule_of(function, node);
        int32_t offset;
        if (instruction->copies_stack_pointer ||
            (instruction->copies_frame_pointer && rule->cfa_base == BASE_FRAME_POINTER))
            function->takes_address = true;
        if (instruction->makes_frame_pointer && is_frame_pointer_read(function, node))
            function->takes_address = true;
        if (rule->cfa_base == BASE_STACK_POINTER && rule->cfa_offset > FRAME_BELOW)
            function->takes_address = true;
        for (uint32_t m = 0; m < instruction->memory_count; m++) {
            const struct memory_operand *memory = &instruction->memory[m];
            if (!is_frame_access(rule, memory))
                continue;
            bool is_known = offset_of(rule, memory, &offset);
            bool is_pop = memory->loads != NOT_KEPT && memory->base == BASE_STACK_POINTER;
            if (memory->is_address || (memory->reads && !is_known && !is_pop))
                function->takes_address = true;
            if (is_known && memory->reads && offset >= 0)
                function->reads_arguments = true;
        }
    }
}

static struct function function_at(struct code_liveness *code, uint64_t pc, bool asks)
{
    struct function function = { .nodes = NULL };

    if (!part_add(code, &function, pc)) {
        function.is_opaque = true;
        return function;
    }
    parts_find(code, &function);
    if (function.count > 0) {
        if (!is_bare(rule_of(&function, &function.nodes[0])))
            function.is_opaque = true; /* a part of a function whose beginning is elsewhere */
        qsort(function.nodes, function.count, sizeof(*function.nodes), compare_nodes);
    }
    flow_link(code, &function, asks);
    frame_scan(&function);
    return function;
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
        if (!offset_of(rule, memory, &offset) || memory->is_address)
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
        if (!is_save(function, node, instruction->uses[i].reg))
            set_part(live, instruction->uses[i], true);
    frame_accesses(rule, instruction, false, live);
}

static void live_after(const struct function *function, const struct node *node, struct live_set *live)
{
    memset(live, 0, sizeof(*live));
    for (uint32_t i = 0; i < function->count && node->instruction.flow == FLOW_UNKNOWN && !node->leaves; i++)
        set_join(live, &function->nodes[i].live); /* a switch: to any instruction of the function */
    if ((node->leaves || node->instruction.flow == FLOW_RETURN) && function->reads_arguments && node->leaves)
        set_range(live, live_frame_bit(0), FRAME_ABOVE, true);
    if (node->next >= 0)
        set_join(live, &function->nodes[node->next].live);
    if (node->target >= 0)
        set_join(live, &function->nodes[node->target].live);
}

static void liveness(struct function *function)
{
    bool changes = true;

    while (changes) {
        changes = false;
        for (uint32_t i = function->count; i-- > 0;) {
            struct node *node = &function->nodes[i];
            struct live_set live;
            live_after(function, node, &live);
            live_before(function, node, &live);
            changes = changes || memcmp(&live, &node->live, sizeof(live)) != 0;
            node->live = live;
        }
    }
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

/* Saved registers are the caller's, and the return address is always needed. */
static void keep_bytes(struct call_site *site, const struct live_set *live, bool takes_address)
{
    for (int reg = 0; reg < architecture.register_count; reg++)
        site->registers[reg] = kept_mask(live, live_register_bit(reg, 0));
    for (int32_t word = 0; word < (FRAME_BELOW + FRAME_ABOVE) / 8; word++)
        site->frame[word] = takes_address && word < FRAME_BELOW / 8
                                ? UINT64_MAX
                                : kept_mask(live, live_frame_bit(8 * word - FRAME_BELOW));
    for (int reg = 0; reg < architecture.register_count; reg++)
        if (site->rule.saved_at[reg] != NOT_SAVED)
            site->frame[(site->rule.saved_at[reg] + FRAME_BELOW) / 8] = UINT64_MAX;
    if (site->rule.cfa_base == BASE_FRAME_POINTER)
        site->registers[architecture.frame_pointer] = UINT64_MAX; /* to find the caller */
    if (site->rule.return_at != NOT_SAVED)
        site->frame[(site->rule.return_at + FRAME_BELOW) / 8] = UINT64_MAX;
}

/* The call is the instruction before the return address, which may lie beyond the function. */
static void sites_add(struct code_liveness *code, const struct function *function)
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
        if (node->next >= 0)
            keep_bytes(&site, &function->nodes[node->next].live, function->takes_address);
        else
            keep_bytes(&site, &(struct live_set){ { 0 } }, function->takes_address);
        site_add(code, &site);
    }
}

const struct call_site *code_liveness_at(struct code_liveness *code, uint64_t return_pc)
{
    const struct call_site *site = site_slot(code, return_pc);

    if (site->pc == 0) {
        struct function function = function_at(code, return_pc - 1, true);
        liveness(&function);
        sites_add(code, &function);
        function_free(&function);
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
    code->rules = frame_rules_open();
    if (architecture.register_count == 0 || code->rules == NULL || !instruction_open(&code->decoder)) {
        if (code->rules != NULL)
            frame_rules_close(code->rules);
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
    instruction_close(&code->decoder);
    frame_rules_close(code->rules);
    free(code->sites);
    free(code->answers);
    free(code);
}
