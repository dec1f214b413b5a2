/* SPDX-License-Identifier: Apache-2.0
 *
 * Decodes functions and links their instructions.
 */
#include "explore/code_function.h"

#include <stdlib.h>

#include "base/check.h"

struct answer {
    uint64_t pc;
    bool returns;
};

struct code_reader {
    struct frame_rules *rules;
    size_t decoder;
    struct answer *answers; /* whether functions return */
    uint32_t answer_count, answer_capacity;
};

static struct function function_at(struct code_reader *reader, uint64_t pc, bool asks);

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

void code_function_free(struct function *function)
{
    free(function->nodes);
    free(function->rules);
}

static bool rule_add(struct code_reader *reader, struct function *function, uint64_t pc)
{
    struct frame_rule rule;

    if (function->rule_count > 0 && pc >= function->rules[function->rule_count - 1].from &&
        pc < function->rules[function->rule_count - 1].to)
        return true;
    if (!frame_rules_at(reader->rules, pc, &rule))
        return false;
    function->rules = grown(function->rules, function->rule_count, &function->rule_capacity, sizeof(rule));
    function->rules[function->rule_count++] = rule;
    return true;
}

/* Decodes from the first instruction to the next function. Bytes after the last one that has a rule are padding. */
static void part_decode(struct code_reader *reader, struct function *function, uint64_t from, uint64_t to)
{
    struct node node;

    for (uint64_t pc = from; pc < to; pc += node.instruction.size) {
        if (!rule_add(reader, function, pc))
            return;
        node = (struct node){ .pc = pc, .rule = function->rule_count - 1, .next = -1, .target = -1 };
        function->is_opaque = function->is_opaque || !function->rules[node.rule].is_known;
        const void *code = (const void *)(uintptr_t)pc; /* NOLINT(performance-no-int-to-ptr) */
        if (!instruction_decode(reader->decoder, code, to - pc, &node.instruction)) {
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

static bool part_add(struct code_reader *reader, struct function *function, uint64_t pc)
{
    uint64_t from, to;

    if (is_in_part(function, pc))
        return true;
    if (function->part_count == PARTS_MAX || !frame_rules_function(reader->rules, pc, &from, &to))
        return false;
    function->parts[function->part_count].from = from;
    function->parts[function->part_count++].to = to;
    part_decode(reader, function, from, to);
    return true;
}

/* A jump out of the function is a tail call when the frame is gone, and else leads to another part of it. */
static void parts_find(struct code_reader *reader, struct function *function)
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
        else if (!part_add(reader, function, node->instruction.target))
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
static bool returns(struct code_reader *reader, uint64_t pc)
{
    bool result = true;

    for (uint32_t i = 0; i < reader->answer_count; i++)
        if (reader->answers[i].pc == pc)
            return reader->answers[i].returns;
    struct function function = function_at(reader, pc, false);
    if (function.part_count > 0 && function.parts[0].from == pc && !function.is_opaque)
        result = flow_returns(&function);
    code_function_free(&function);
    reader->answers = grown(reader->answers, reader->answer_count, &reader->answer_capacity, sizeof(*reader->answers));
    reader->answers[reader->answer_count++] = (struct answer){ pc, result };
    return result;
}

/* Clang frees a word of padding at a function's end with a pop. Only RAX before a tail call, and RCX before a return,
 * have no use. */
static void discards_find(struct function *function)
{
    for (uint32_t i = 0; i < function->count; i++) {
        struct instruction *instruction = &function->nodes[i].instruction;
        uint32_t end = i + 1;
        if (!instruction->pops_result && !instruction->pops_argument)
            continue;
        while (end < function->count && function->nodes[end].instruction.memory_count == 1 &&
               function->nodes[end].instruction.memory[0].loads != NOT_KEPT)
            end++;
        if (end < function->count && function->nodes[end].instruction.flow == FLOW_RETURN)
            instruction->memory[0].reads = instruction->pops_result;
        if (end < function->count && function->nodes[end].leaves)
            instruction->memory[0].reads = instruction->pops_argument;
    }
}

static void flow_link(struct code_reader *reader, struct function *function, bool asks)
{
    for (uint32_t i = 0; i < function->count; i++) {
        struct node *node = &function->nodes[i];
        const struct instruction *instruction = &node->instruction;
        enum flow flow = instruction->flow;
        bool goes_on = flow == FLOW_NEXT || flow == FLOW_BRANCH || flow == FLOW_CALL;
        if (flow == FLOW_CALL && instruction->target != 0)
            node->is_endless =
                instruction->target == (uintptr_t)check_failed || (asks && !returns(reader, instruction->target));
        if (goes_on && !node->is_endless)
            node->next = node_at(function, node->pc + instruction->size);
        if ((flow == FLOW_JUMP || flow == FLOW_BRANCH) && !node->leaves)
            node->target = node_at(function, instruction->target);
    }
}

/* --- the frame --- */

bool code_offset(const struct frame_rule *rule, const struct memory_operand *memory, int32_t *offset)
{
    int64_t from_cfa = memory->displacement - rule->cfa_offset;

    if (memory->base != rule->cfa_base || from_cfa < -FRAME_BELOW || from_cfa + memory->bytes > FRAME_ABOVE)
        return false;
    *offset = (int32_t)from_cfa;
    return true;
}

bool code_is_frame_access(const struct frame_rule *rule, const struct memory_operand *memory)
{
    return memory->base == rule->cfa_base || memory->base == BASE_STACK_POINTER;
}

/* Saves a register of the caller: no use of its value. */
bool code_is_save(const struct function *function, const struct node *node, int reg)
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
                !code_is_save(function, &function->nodes[i], architecture.frame_pointer))
                return true;
    return false;
}

static void node_scan(struct function *function, struct node *node)
{
    const struct instruction *instruction = &node->instruction;
    const struct frame_rule *rule = rule_of(function, node);
    int32_t offset;

    node->takes_address = instruction->copies_stack_pointer ||
                          (instruction->copies_frame_pointer && rule->cfa_base == BASE_FRAME_POINTER) ||
                          (instruction->makes_frame_pointer && is_frame_pointer_read(function, node)) ||
                          (rule->cfa_base == BASE_STACK_POINTER && rule->cfa_offset > FRAME_BELOW);
    for (uint32_t m = 0; m < instruction->memory_count; m++) {
        const struct memory_operand *memory = &instruction->memory[m];
        if (!code_is_frame_access(rule, memory))
            continue;
        bool is_known = code_offset(rule, memory, &offset);
        bool is_pop = memory->loads != NOT_KEPT && memory->base == BASE_STACK_POINTER;
        if (memory->is_address || (memory->reads && !is_known && !is_pop))
            node->takes_address = true;
        if (is_known && memory->reads && offset >= 0)
            function->reads_arguments = true;
    }
}

static void frame_scan(struct function *function)
{
    for (uint32_t i = 0; i < function->count; i++) {
        node_scan(function, &function->nodes[i]);
        function->takes_address = function->takes_address || function->nodes[i].takes_address;
    }
}

static struct function function_at(struct code_reader *reader, uint64_t pc, bool asks)
{
    struct function function = { .nodes = NULL };

    if (!part_add(reader, &function, pc)) {
        function.is_opaque = true;
        return function;
    }
    parts_find(reader, &function);
    if (function.count > 0) {
        if (!is_bare(rule_of(&function, &function.nodes[0])))
            function.is_opaque = true; /* a part of a function whose beginning is elsewhere */
        qsort(function.nodes, function.count, sizeof(*function.nodes), compare_nodes);
    }
    flow_link(reader, &function, asks);
    discards_find(&function);
    frame_scan(&function);
    return function;
}

struct function code_function_read(struct code_reader *reader, uint64_t pc) { return function_at(reader, pc, true); }

struct code_reader *code_reader_open(void)
{
    struct code_reader *reader = calloc(1, sizeof(*reader));

    CHECK(reader != NULL);
    reader->rules = frame_rules_open();
    if (architecture.register_count == 0 || reader->rules == NULL || !instruction_open(&reader->decoder)) {
        if (reader->rules != NULL)
            frame_rules_close(reader->rules);
        free(reader);
        return NULL;
    }
    return reader;
}

void code_reader_close(struct code_reader *reader)
{
    instruction_close(&reader->decoder);
    frame_rules_close(reader->rules);
    free(reader->answers);
    free(reader);
}
