/* SPDX-License-Identifier: Apache-2.0
 *
 * The coroutine switch for AArch64, AAPCS64. A parked stack holds, upwards from its stack pointer: x19 to x28, x29, x30
 * (the address to continue at), d8 to d15.
 */
        .text

        .globl  switch_stack
        .type   switch_stack, %function
        .p2align 4
switch_stack:                           /* x0: void **from, x1: void *to */
        .cfi_startproc
        sub     sp, sp, #160
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        mov     x2, sp
        str     x2, [x0]
        mov     sp, x1
        ldp     x19, x20, [sp, #0]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        add     sp, sp, #160
        br      x30
        .cfi_endproc
        .size   switch_stack, . - switch_stack

        .globl  switch_prepare
        .type   switch_prepare, %function
        .p2align 4
switch_prepare:                         /* x0: stack, x1: bytes, x2: main, x3: argument */
        .cfi_startproc
        add     x0, x0, x1
        sub     x0, x0, #160
        adr     x4, start
        stp     x2, x3, [x0, #0]        /* x19, x20; x29 stays 0 and ends the frame chain */
        str     x4, [x0, #88]
        ret
        .cfi_endproc
        .size   switch_prepare, . - switch_prepare

        .type   start, %function
        .p2align 4
start:
        .cfi_startproc
        .cfi_undefined x30
        mov     x0, x20
        blr     x19
        brk     #0
        .cfi_endproc
        .size   start, . - start

        .globl  switch_stack_extra
        .type   switch_stack_extra, %function
switch_stack_extra:
        .cfi_startproc
        mov     x0, #0
        ret
        .cfi_endproc
        .size   switch_stack_extra, . - switch_stack_extra

        .section .note.GNU-stack, "", %progbits
