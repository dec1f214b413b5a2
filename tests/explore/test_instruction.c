/* SPDX-License-Identifier: Apache-2.0
 *
 * What single instructions of x86-64 are decoded as: registers that they use and define, operands in the frame, flow.
 */
#include "explore/instruction.h"

#include <stdio.h>
#include <string.h>

#include "death.h"

#if defined(__x86_64__)

/* "next" or another flow, with "+N": its target, in bytes from the instruction's end; the bytes of each register that
 * it uses and defines, as a mask; each operand in the frame; and what it does with pointers to the frame. */
static const struct row {
    const char *name;
    unsigned char code[12];
    const char *text;
} rows[] = {
    { "nop", { 0x90 }, "next" },
    { "push %rbx", { 0x53 }, "next use rbx/ff [sp-8]8 written from rbx" },
    { "push $0x1", { 0x6a, 0x01 }, "next [sp-8]8 written" },
    { "push %rax", { 0x50 }, "next [sp-8]8 written" },
    { "push 0x8(%rsp)", { 0xff, 0x74, 0x24, 0x08 }, "next [sp+8]8 read [sp-8]8 written" },
    { "pop %r12", { 0x41, 0x5c }, "next def r12/ff [sp+0]8 read to r12" },
    { "pop %rax", { 0x58 }, "next [sp+0]8 read result" },
    { "pop %rcx", { 0x59 }, "next [sp+0]8 read argument" },
    { "leave", { 0xc9 }, "next use rbp/ff use rbp/ff [fp+0]8 read to rbp" },
    { "ret", { 0xc3 }, "return" },
    { "ret $0x10", { 0xc2, 0x10, 0x00 }, "return" },
    { "call ahead", { 0xe8, 0x5f, 0x00, 0x00, 0x00 }, "call+95" },
    { "call *%rbx", { 0xff, 0xd3 }, "call use rbx/ff" },
    { "call *0x8(%rbp)", { 0xff, 0x55, 0x08 }, "call use rbp/ff [fp+8]8 read" },
    { "jmp ahead", { 0xeb, 0x12 }, "jump+18" },
    { "jmp *%rax", { 0xff, 0xe0 }, "unknown" },
    { "jne ahead", { 0x75, 0x12 }, "branch+18" },
    { "ud2", { 0x0f, 0x0b }, "stop" },
    { "hlt", { 0xf4 }, "stop" },
    { "int3", { 0xcc }, "stop" },
    { "mov %rbx,%rax", { 0x48, 0x89, 0xd8 }, "next use rbx/ff" },
    { "mov %rax,%rbx", { 0x48, 0x89, 0xc3 }, "next def rbx/ff" },
    { "mov %ebx,%eax", { 0x89, 0xd8 }, "next use rbx/f" },
    { "mov %eax,%r12d", { 0x41, 0x89, 0xc4 }, "next def r12/ff" },
    { "mov %bl,%al", { 0x88, 0xd8 }, "next use rbx/1" },
    { "mov %al,%bl", { 0x88, 0xc3 }, "next def rbx/1" },
    { "mov %bh,%al", { 0x88, 0xf8 }, "next use rbx/2" },
    { "mov %ax,%r13w", { 0x66, 0x41, 0x89, 0xc5 }, "next def r13/3" },
    { "movzbl %bl,%ebx", { 0x0f, 0xb6, 0xdb }, "next use rbx/1 def rbx/ff" },
    { "mov $0x7,%r14d", { 0x41, 0xbe, 0x07, 0x00, 0x00, 0x00 }, "next def r14/ff" },
    { "mov %rsp,%rbp", { 0x48, 0x89, 0xe5 }, "next def rbp/ff makes-fp" },
    { "mov %rsp,%rax", { 0x48, 0x89, 0xe0 }, "next copies-sp" },
    { "mov %rbp,%rax", { 0x48, 0x89, 0xe8 }, "next use rbp/ff copies-fp" },
    { "mov %rbp,%rsp", { 0x48, 0x89, 0xec }, "next use rbp/ff" },
    { "lea 0x8(%rsp),%rax", { 0x48, 0x8d, 0x44, 0x24, 0x08 }, "next [sp+8]8 taken" },
    { "lea -0x10(%rbp),%rsp", { 0x48, 0x8d, 0x65, 0xf0 }, "next use rbp/ff [fp-16]8" },
    { "lea -0x10(%rbp),%rbx", { 0x48, 0x8d, 0x5d, 0xf0 }, "next use rbp/ff def rbx/ff [fp-16]8 taken" },
    { "lea 0x8(%rbx,%r12,4),%rax", { 0x4a, 0x8d, 0x44, 0xa3, 0x08 }, "next use rbx/ff use r12/ff" },
    { "mov 0x8(%rsp),%rbx", { 0x48, 0x8b, 0x5c, 0x24, 0x08 }, "next def rbx/ff [sp+8]8 read to rbx" },
    { "mov %rbx,0x10(%rsp)", { 0x48, 0x89, 0x5c, 0x24, 0x10 }, "next use rbx/ff [sp+16]8 written from rbx" },
    { "mov %eax,-0x8(%rbp)", { 0x89, 0x45, 0xf8 }, "next use rbp/ff [fp-8]4 written" },
    { "mov %rax,-0x8(%rbp)", { 0x48, 0x89, 0x45, 0xf8 }, "next use rbp/ff [fp-8]8 written" },
    { "movl $0x0,-0x8(%rbp)", { 0xc7, 0x45, 0xf8, 0x00, 0x00, 0x00, 0x00 }, "next use rbp/ff [fp-8]4 written" },
    { "mov -0x8(%rbp),%eax", { 0x8b, 0x45, 0xf8 }, "next use rbp/ff [fp-8]4 read" },
    { "mov 0x8(%rsp,%rax,8),%rcx", { 0x48, 0x8b, 0x4c, 0xc4, 0x08 }, "next [sp+8]8 read taken" },
    { "mov %fs:0x28,%rax", { 0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0x00, 0x00, 0x00 }, "next" },
    { "mov (%rbx),%rax", { 0x48, 0x8b, 0x03 }, "next use rbx/ff" },
    { "mov %r15,(%rax,%r12,1)", { 0x4e, 0x89, 0x3c, 0x20 }, "next use r12/ff use r15/ff" },
    { "add %rbx,%r12", { 0x49, 0x01, 0xdc }, "next use r12/ff use rbx/ff" },
    { "add %rax,-0x8(%rbp)", { 0x48, 0x01, 0x45, 0xf8 }, "next use rbp/ff [fp-8]8 read" },
    { "addl $0x1,-0x8(%rbp)", { 0x83, 0x45, 0xf8, 0x01 }, "next use rbp/ff [fp-8]4 read" },
    { "cmp %rbx,%rax", { 0x48, 0x39, 0xd8 }, "next use rbx/ff" },
    { "cmpl $0x1,-0x8(%rbp)", { 0x83, 0x7d, 0xf8, 0x01 }, "next use rbp/ff [fp-8]4 read" },
    { "test %rbp,%rbp", { 0x48, 0x85, 0xed }, "next use rbp/ff use rbp/ff copies-fp" },
    { "test %rsp,%rsp", { 0x48, 0x85, 0xe4 }, "next copies-sp" },
    { "xor %ebx,%ebx", { 0x31, 0xdb }, "next def rbx/ff" },
    { "sub %r12,%r12", { 0x4d, 0x29, 0xe4 }, "next def r12/ff" },
    { "sub %rax,%rbx", { 0x48, 0x29, 0xc3 }, "next use rbx/ff" },
    { "sub $0x40,%rsp", { 0x48, 0x83, 0xec, 0x40 }, "next" },
    { "add %rsp,%rax", { 0x48, 0x01, 0xe0 }, "next copies-sp" },
    { "imul $0x3,%rax,%rbx", { 0x48, 0x6b, 0xd8, 0x03 }, "next def rbx/ff" },
    { "imul %rbx,%rax", { 0x48, 0x0f, 0xaf, 0xc3 }, "next use rbx/ff" },
    { "cmove %rbx,%r12", { 0x4c, 0x0f, 0x44, 0xe3 }, "next use r12/ff use rbx/ff" },
    { "sete %bl", { 0x0f, 0x94, 0xc3 }, "next def rbx/1" },
    { "movaps %xmm0,-0x20(%rbp)", { 0x0f, 0x29, 0x45, 0xe0 }, "next use rbp/ff [fp-32]16 written" },
    { "movaps -0x20(%rbp),%xmm0", { 0x0f, 0x28, 0x45, 0xe0 }, "next use rbp/ff [fp-32]16 read" },
    { "xchg %rbx,%r12", { 0x49, 0x87, 0xdc }, "next use r12/ff use rbx/ff" },
    { "lock cmpxchg %rbx,0x8(%rsp)", { 0xf0, 0x48, 0x0f, 0xb1, 0x5c, 0x24, 0x08 }, "next use rbx/ff [sp+8]8 read" },
    { "rep stos %rax,%es:(%rdi)", { 0xf3, 0x48, 0xab }, "next" },
    { "cqto", { 0x48, 0x99 }, "next" },
    { "nopl 0x8(%rsp)", { 0x0f, 0x1f, 0x44, 0x24, 0x08 }, "next" },
    { "push %rsp", { 0x54 }, "next [sp-8]8 written copies-sp" },
    { "push %rbp", { 0x55 }, "next use rbp/ff [sp-8]8 written from rbp" },
    { "movslq %ebx,%r12", { 0x4c, 0x63, 0xe3 }, "next use rbx/f def r12/ff" },
    { "inc %rbx", { 0x48, 0xff, 0xc3 }, "next use rbx/ff" },
    { "shl %cl,%r13", { 0x49, 0xd3, 0xe5 }, "next use r13/ff" },
};

static const char *register_name(int reg)
{
    static const char *const names[] = { "rbx", "rbp", "r12", "r13", "r14", "r15" };

    return names[reg];
}

static void print_memory(const struct memory_operand *memory, FILE *out)
{
    static const char *const bases[] = { "?", "sp", "fp" };

    fprintf(out, " [%s%+d]%u", bases[memory->base], (int)memory->displacement, memory->bytes);
    fprintf(out, "%s%s%s", memory->reads ? " read" : "", memory->writes ? " written" : "",
            memory->is_address ? " taken" : "");
    if (memory->loads != NOT_KEPT)
        fprintf(out, " to %s", register_name(memory->loads));
    if (memory->stores != NOT_KEPT)
        fprintf(out, " from %s", register_name(memory->stores));
}

static void print(const struct instruction *instruction, const unsigned char *code, FILE *out)
{
    static const char *const flows[] = { "next", "jump", "branch", "call", "return", "unknown", "stop" };
    const struct {
        bool is_set;
        const char *text;
    } flags[] = { { instruction->pops_result, " result" },
                  { instruction->pops_argument, " argument" },
                  { instruction->copies_stack_pointer, " copies-sp" },
                  { instruction->copies_frame_pointer, " copies-fp" },
                  { instruction->makes_frame_pointer, " makes-fp" } };

    fputs(flows[instruction->flow], out);
    if (instruction->target != 0)
        fprintf(out, "%+d", (int)(instruction->target - (uintptr_t)code) - instruction->size);
    for (int i = 0; i < instruction->use_count; i++)
        fprintf(out, " use %s/%x", register_name(instruction->uses[i].reg), instruction->uses[i].bytes);
    for (int i = 0; i < instruction->definition_count; i++)
        fprintf(out, " def %s/%x", register_name(instruction->definitions[i].reg), instruction->definitions[i].bytes);
    for (int i = 0; i < instruction->memory_count; i++)
        print_memory(&instruction->memory[i], out);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        fputs(flags[i].is_set ? flags[i].text : "", out);
}

static void test_decode(void **state)
{
    size_t handle;

    (void)state;
    assert_true(instruction_open(&handle));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct instruction instruction;
        char text[300] = "";
        FILE *out = fmemopen(text, sizeof(text), "w");

        assert_non_null(out);
        assert_true(instruction_decode(handle, rows[i].code, sizeof(rows[i].code), &instruction));
        print(&instruction, rows[i].code, out);
        assert_int_equal(fclose(out), 0);
        if (strcmp(text, rows[i].text) != 0)
            fail_msg("%s: %s", rows[i].name, text);
    }
    instruction_close(&handle);
}

/* Every instruction has its length, and not a byte less will do. */
static void test_sizes(void **state)
{
    static const struct {
        unsigned char code[12];
        size_t size;
    } sizes[] = { { { 0x90 }, 1 },
                  { { 0x41, 0x5c }, 2 },
                  { { 0x48, 0x89, 0xd8 }, 3 },
                  { { 0xe8, 1, 2, 3, 0 }, 5 },
                  { { 0x41, 0xbe, 7, 0, 0, 0 }, 6 },
                  { { 0x49, 0xbe, 1, 2, 3, 4, 5, 6, 7, 8 }, 10 } };
    size_t handle;

    (void)state;
    assert_true(instruction_open(&handle));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct instruction instruction;

        for (size_t room = 0; room < sizes[i].size; room++)
            assert_false(instruction_decode(handle, sizes[i].code, room, &instruction));
        assert_true(instruction_decode(handle, sizes[i].code, sizes[i].size, &instruction));
        assert_int_equal(instruction.size, sizes[i].size);
    }
    instruction_close(&handle);
}

#else

static void test_decode(void **state)
{
    (void)state;
    skip();
}

static void test_sizes(void **state) { test_decode(state); }

#endif

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_decode), cmocka_unit_test(test_sizes) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
