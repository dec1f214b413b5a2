/* SPDX-License-Identifier: Apache-2.0
 *
 * The coroutine switch for x86-64, System V ABI. A parked stack holds, upwards from its stack pointer: r15 r14 r13 r12
 * rbx rbp and the address to continue at. No CET: the stacks have no shadow stacks.
 */
        .text

        .globl  switch_stack
        .type   switch_stack, @function
        .p2align 4
switch_stack:                           /* rdi: void **from, rsi: void *to */
        .cfi_startproc
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        popq    %rcx
        jmp     *%rcx
        .cfi_endproc
        .size   switch_stack, . - switch_stack

        .globl  switch_prepare
        .type   switch_prepare, @function
        .p2align 4
switch_prepare:                         /* rdi: stack, rsi: bytes, rdx: main, rcx: argument */
        .cfi_startproc
        leaq    -56(%rdi,%rsi), %rax
        leaq    start(%rip), %r8
        movq    %rdx, 24(%rax)          /* r12 */
        movq    %rcx, 32(%rax)          /* rbx; rbp stays 0 and ends the frame chain */
        movq    %r8, 48(%rax)
        ret
        .cfi_endproc
        .size   switch_prepare, . - switch_prepare

        .type   start, @function
        .p2align 4
start:
        .cfi_startproc
        .cfi_undefined rip
        movq    %rbx, %rdi
        call    *%r12
        ud2
        .cfi_endproc
        .size   start, . - start

        .globl  switch_stack_extra
        .type   switch_stack_extra, @function
switch_stack_extra:
        .cfi_startproc
        xorl    %eax, %eax
        ret
        .cfi_endproc
        .size   switch_stack_extra, . - switch_stack_extra

        .section .note.GNU-stack, "", @progbits
