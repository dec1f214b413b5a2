/* SPDX-License-Identifier: Apache-2.0
 *
 * Which registers and which words of a frame may be read after a call, for functions of which every instruction is
 * known, as they are written in assembly language here. Comments say where the words of a frame lie, counted from its
 * canonical frame address.
 */
#include "explore/code_liveness.h"

#include <stdio.h>
#include <string.h>

#include "death.h"

#if defined(__x86_64__)

__asm__(
    /* A function begins; it has not moved the stack pointer yet. */
    ".macro function name\n"
    ".p2align 4\n"
    ".type \\name,@function\n"
    "\\name: .cfi_startproc\n"
    ".endm\n"
    ".macro end name\n"
    ".cfi_endproc\n"
    ".size \\name,.-\\name\n"
    ".endm\n"
    ".macro save reg\n"
    "push %\\reg\n"
    ".cfi_adjust_cfa_offset 8\n"
    ".cfi_rel_offset %\\reg,0\n"
    ".endm\n"
    ".macro restore reg\n"
    "pop %\\reg\n"
    ".cfi_adjust_cfa_offset -8\n"
    ".cfi_restore %\\reg\n"
    ".endm\n"
    ".macro room bytes\n"
    "sub $\\bytes,%rsp\n"
    ".cfi_adjust_cfa_offset \\bytes\n"
    ".endm\n"
    ".macro no_room bytes\n"
    "add $\\bytes,%rsp\n"
    ".cfi_adjust_cfa_offset -\\bytes\n"
    ".endm\n"
    /* A call, and a name for the address to which it returns. */
    ".macro site name to=callee\n"
    "call \\to\n"
    ".globl site_\\name\n"
    ".hidden site_\\name\n"
    "site_\\name:\n"
    ".endm\n"
    ".text\n"
    "function callee\n"
    "ret\n"
    "end callee\n"
    "function endless\n"
    "1: jmp 1b\n"
    "end endless\n"
    "function trapping\n"
    "test %edi,%edi\n"
    "je 1f\n"
    "ud2\n"
    "1: ud2\n"
    "end trapping\n"

    /* Half of a word and of a register are read after the call, a word only before it: -32, -24; rbx at -16. */
    "function straight\n"
    "save rbx\n"
    "room 16\n"
    "mov %rdi,0(%rsp)\n"
    "mov %rsi,8(%rsp)\n"
    "mov 8(%rsp),%rbx\n"
    "site straight\n"
    "mov 4(%rsp),%eax\n"
    "add %ebx,%eax\n"
    "no_room 16\n"
    "restore rbx\n"
    "ret\n"
    "end straight\n"

    /* What is written again before it is read is dead; of what is written again in part, the rest is not: -32, -24,
       -16. */
    "function again\n"
    "room 24\n"
    "mov %rdi,0(%rsp)\n"
    "mov %rdi,8(%rsp)\n"
    "mov %rdi,16(%rsp)\n"
    "site again\n"
    "mov %rax,0(%rsp)\n"
    "movb $1,9(%rsp)\n"
    "movw $1,22(%rsp)\n"
    "mov 0(%rsp),%rax\n"
    "add 8(%rsp),%rax\n"
    "add 16(%rsp),%rax\n"
    "no_room 24\n"
    "ret\n"
    "end again\n"

    /* What was never written is dead, even if it is read. */
    "function unset\n"
    "room 24\n"
    "movl %edi,8(%rsp)\n"
    "site unset\n"
    "mov 0(%rsp),%rax\n"
    "add 8(%rsp),%rax\n"
    "no_room 24\n"
    "ret\n"
    "end unset\n"

    /* Only jumps lead from the writing back to the call, and from the call to the reading. */
    "function loop\n"
    "room 24\n"
    "jmp 2f\n"
    "1: site loop\n"
    "jmp 3f\n"
    "2: mov %rdi,0(%rsp)\n"
    "jmp 1b\n"
    "3: mov 0(%rsp),%rax\n"
    "dec %rdi\n"
    "jne 2b\n"
    "no_room 24\n"
    "ret\n"
    "end loop\n"

    /* Each way of a branch writes a word before the call, and each reads one after it: -48 to -24. */
    "function branches\n"
    "room 40\n"
    "test %edi,%edi\n"
    "je 1f\n"
    "mov %rdi,0(%rsp)\n"
    "jmp 2f\n"
    "1: mov %rdi,8(%rsp)\n"
    "2: mov %rdi,16(%rsp)\n"
    "mov %rdi,24(%rsp)\n"
    "site branches\n"
    "test %eax,%eax\n"
    "je 3f\n"
    "mov 0(%rsp),%rax\n"
    "mov 16(%rsp),%rax\n"
    "jmp 4f\n"
    "3: mov 8(%rsp),%rax\n"
    "4: no_room 40\n"
    "ret\n"
    "end branches\n"

    /* A computed jump may lead to any place of the function. */
    "function computed\n"
    "room 24\n"
    "mov 0(%rsp),%rax\n"
    "mov %rdi,8(%rsp)\n"
    "jmp *%rsi\n"
    "mov %rdi,0(%rsp)\n"
    "site computed\n"
    "jmp *%rax\n"
    "mov 8(%rsp),%rax\n"
    "mov 16(%rsp),%rax\n"
    "no_room 24\n"
    "ret\n"
    "end computed\n"

    /* But a tail call leads out of it. */
    "function tail\n"
    "room 8\n"
    "mov %rdi,0(%rsp)\n"
    "site tail\n"
    "no_room 8\n"
    "jmp *%rax\n"
    ".cfi_adjust_cfa_offset 8\n"
    "mov 0(%rsp),%rax\n"
    "no_room 8\n"
    "ret\n"
    "end tail\n"
    "function tail_direct\n"
    "room 8\n"
    "mov %rdi,0(%rsp)\n"
    "site tail_direct\n"
    "no_room 8\n"
    "jmp callee\n"
    "end tail_direct\n"

    /* Where its address is taken, all of the frame is live that may have been written by then. */
    "function before\n"
    "room 24\n"
    "lea 8(%rsp),%rdi\n"
    "site before\n"
    "no_room 24\n"
    "ret\n"
    "end before\n"
    "function after\n"
    "room 24\n"
    "mov %rdi,16(%rsp)\n"
    "site after\n"
    "lea 8(%rsp),%rdi\n"
    "call callee\n"
    "no_room 24\n"
    "ret\n"
    "end after\n"
    "function copied\n"
    "room 24\n"
    "mov %rsp,%rdi\n"
    "site copied\n"
    "no_room 24\n"
    "ret\n"
    "end copied\n"
    "function indexed\n"
    "room 24\n"
    "mov %rdi,0(%rsp,%rsi,8)\n"
    "site indexed\n"
    "no_room 24\n"
    "ret\n"
    "end indexed\n"

    /* Arguments on the stack, which the caller has written; a tail call passes all of them on. */
    "function arguments\n"
    "room 8\n"
    "site arguments\n"
    "mov 16(%rsp),%rax\n"
    "mov 28(%rsp),%eax\n"
    "no_room 8\n"
    "ret\n"
    "end arguments\n"
    "function passes\n"
    "room 8\n"
    "mov 16(%rsp),%rax\n"
    "site passes\n"
    "no_room 8\n"
    "jmp callee\n"
    "end passes\n"

    /* A frame pointer is needed to find the caller, and operands are relative to it: -48, -40, -32; r12 at -24. */
    "function framed\n"
    "save rbp\n"
    "mov %rsp,%rbp\n"
    ".cfi_def_cfa_register %rbp\n"
    "push %r12\n"
    ".cfi_offset %r12,-24\n"
    "sub $24,%rsp\n"
    "mov %rdi,-24(%rbp)\n"
    "mov %rdi,-16(%rbp)\n"
    "mov %rdi,%r12\n"
    "site framed\n"
    "mov -24(%rbp),%rax\n"
    "mov %r12d,%eax\n"
    "mov -8(%rbp),%r12\n"
    "leave\n"
    ".cfi_def_cfa %rsp,8\n"
    ".cfi_restore %r12\n"
    ".cfi_restore %rbp\n"
    "ret\n"
    "end framed\n"

    /* Parts of registers; r12 is written before it is read. */
    "function registers\n"
    "save rbx\n"
    "save r12\n"
    "save r13\n"
    "mov %rdi,%rbx\n"
    "mov %rdi,%r12\n"
    "mov %rdi,%r13\n"
    "site registers\n"
    "movzbl %bl,%eax\n"
    "mov %eax,%r12d\n"
    "add %r12d,%eax\n"
    "movswl %r13w,%ecx\n"
    "restore r13\n"
    "restore r12\n"
    "restore rbx\n"
    "ret\n"
    "end registers\n"

    /* After a call that does not return nothing is read. */
    "function never\n"
    "room 24\n"
    "mov %rdi,0(%rsp)\n"
    "site endless endless\n"
    "mov 0(%rsp),%rax\n"
    "site trapping trapping\n"
    "site after_never\n"
    "mov 0(%rsp),%rax\n"
    "no_room 24\n"
    "ret\n"
    "end never\n"

    /* Cold code that stands elsewhere, which is a function without a beginning for whoever comes from there: -32, -24.
     */
    "function warm\n"
    "room 24\n"
    "mov %rdi,0(%rsp)\n"
    "mov %rdi,8(%rsp)\n"
    "site warm\n"
    "test %eax,%eax\n"
    "jne cold\n"
    "back: no_room 24\n"
    "ret\n"
    "end warm\n"
    "function cold\n"
    ".cfi_adjust_cfa_offset 24\n"
    "mov 8(%rsp),%rax\n"
    "site cold\n"
    "jmp back\n"
    "end cold\n"

    /* A larger frame than is told apart. */
    "function large\n"
    "room 4096\n"
    "mov %rdi,4000(%rsp)\n"
    "site large\n"
    "no_room 4096\n"
    "ret\n"
    "end large\n"

    /* A word of padding is pushed, and popped into a register that means nothing where control goes. */
    ".macro padding name popped:vararg\n"
    "function \\name\n"
    "save rbx\n"
    "push %rax\n"
    ".cfi_adjust_cfa_offset 8\n"
    "site \\name\n"
    "\\popped\n"
    ".cfi_adjust_cfa_offset -8\n"
    "restore rbx\n"
    ".endm\n"
    "padding returned pop %rax\n"
    "ret\n"
    "end returned\n"
    "padding padded pop %rcx\n"
    "ret\n"
    "end padded\n"
    "padding passed pop %rcx\n"
    "jmp callee\n"
    "end passed\n"
    "padding tailed pop %rax\n"
    "jmp callee\n"
    "end tailed\n"
    "padding used pop %rcx\n"
    "mov %rcx,%rax\n"
    "ret\n"
    "end used\n"
    /* The next function begins where this one ends. */
    "function tight\n"
    "room 8\n"
    "nop\n"
    "nop\n"
    "site tight\n"
    "no_room 8\n"
    "ret\n"
    "end tight\n"
    "function many\n"
    "room 8\n"
    "mov %rdi,0(%rsp)\n"
    "site many\n"
    ".rept 599\n"
    "call callee\n"
    ".endr\n"
    "mov 0(%rsp),%rax\n"
    "no_room 8\n"
    "ret\n"
    "end many\n");

/* Places in code, which are not called. */
void site_straight(void), site_again(void), site_unset(void), site_loop(void), site_branches(void), site_computed(void),
    site_tail(void), site_tail_direct(void), site_before(void), site_after(void), site_copied(void), site_indexed(void),
    site_arguments(void), site_passes(void), site_framed(void), site_registers(void), site_endless(void),
    site_trapping(void), site_after_never(void), site_warm(void), site_cold(void), site_large(void), site_many(void),
    site_returned(void), site_padded(void), site_passed(void), site_tailed(void), site_used(void), site_tight(void);

enum { CALLS = 600, CALL_BYTES = 5 };

/* The registers and the frame's words that may be read, each with the mask of its bytes; the return address is at -8,
 * and a long run of whole words is written as its first and last. */
static const struct row {
    const char *name;
    void (*site)(void);
    const char *text;
} rows[] = {
    { "straight", site_straight, "known rbx/ffffffff -32/ffffffff00000000 -16 to -8" },
    { "again", site_again, "known -24/ffffffffffff00ff -16/ffffffffffff -8" },
    { "unset", site_unset, "known -24/ffffffff -8" },
    { "loop", site_loop, "known -32 -8" },
    { "branches", site_branches, "known -48 to -32 -8" },
    { "computed", site_computed, "known -32 to -24 -8" },
    { "tail", site_tail, "known -8" },
    { "tail_direct", site_tail_direct, "known -8" },
    { "before", site_before, "known -2048 to -8" },
    { "after", site_after, "known -16 to -8" },
    { "copied", site_copied, "known -2048 to -8" },
    { "indexed", site_indexed, "known -2048 to -8" },
    { "arguments", site_arguments, "known -8 to 0 8/ffffffff00000000" },
    { "passes", site_passes, "known -8 to 56" },
    { "framed", site_framed, "known rbp/ffffffffffffffff r12/ffffffff -40 -24 to -8" },
    { "registers", site_registers, "known rbx/ff r13/ffff -32 to -8" },
    { "endless", site_endless, "endless -8" },
    { "trapping", site_trapping, "endless -8" },
    { "after_never", site_after_never, "known -8" },
    { "warm", site_warm, "known -24 -8" },
    { "cold", site_cold, "unknown -8" },
    { "returned", site_returned, "known -24 to -8" },
    { "padded", site_padded, "known -16 to -8" },
    { "passed", site_passed, "known -24 to -8" },
    { "tailed", site_tailed, "known -16 to -8" },
    { "used", site_used, "known -24 to -8" },
    { "tight", site_tight, "known -8" },
    { "large", site_large, "known -2048 to -8" },
};

static void print_site(const struct call_site *site, FILE *out)
{
    static const char *const names[] = { "rbx", "rbp", "r12", "r13", "r14", "r15" };
    const int words = (FRAME_BELOW + FRAME_ABOVE) / 8;

    fputs(!site->is_known ? "unknown" : site->never_returns ? "endless" : "known", out);
    for (int reg = 0; reg < architecture.register_count; reg++)
        if (site->registers[reg] != 0)
            fprintf(out, " %s/%llx", names[reg], (unsigned long long)site->registers[reg]);
    for (int word = 0; word < words; word++) {
        int first = word;
        if (site->frame[word] == 0)
            continue;
        while (word + 1 < words && site->frame[first] == UINT64_MAX && site->frame[word + 1] == UINT64_MAX)
            word++;
        fprintf(out, " %d", 8 * first - FRAME_BELOW);
        if (word > first)
            fprintf(out, " to %d", 8 * word - FRAME_BELOW);
        if (site->frame[first] != UINT64_MAX)
            fprintf(out, "/%llx", (unsigned long long)site->frame[first]);
    }
}

static void assert_site(struct code_liveness *code, const char *name, uintptr_t site, const char *expected)
{
    char text[300] = "";
    FILE *out = fmemopen(text, sizeof(text), "w");

    assert_non_null(out);
    print_site(code_liveness_at(code, site), out);
    assert_int_equal(fclose(out), 0);
    if (strcmp(text, expected) != 0)
        fail_msg("%s: %s", name, text);
}

static void test_sites(void **state)
{
    struct code_liveness *code = code_liveness_open();

    (void)state;
    assert_non_null(code);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_site(code, rows[i].name, (uintptr_t)rows[i].site, rows[i].text);
    code_liveness_close(code);
}

/* What was found stays known when the table has grown, and nothing is known of what is no code. */
static void test_many(void **state)
{
    static const char data[64];
    struct code_liveness *code = code_liveness_open();

    (void)state;
    assert_non_null(code);
    for (int round = 0; round < 2; round++) {
        assert_site(code, "data", (uintptr_t)(data + 32), "unknown");
        assert_site(code, "loop", (uintptr_t)site_loop, "known -32 -8");
        for (uintptr_t i = 0; i < CALLS; i++)
            assert_site(code, "many", (uintptr_t)site_many + CALL_BYTES * i, "known -16 to -8");
    }
    code_liveness_close(code);
}

#else

static void test_sites(void **state)
{
    (void)state;
    skip();
}

static void test_many(void **state) { test_sites(state); }

#endif

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sites), cmocka_unit_test(test_many) };

    return cmocka_run_group_tests_name("code_liveness", tests, NULL, NULL);
}
