/* SPDX-License-Identifier: Apache-2.0
 *
 * The signal handler returns into a function that raises the violation on the faulting stack, where the simulated CPU
 * can park for good. Faults outside of code objects go to whoever handled them before, except where the host touches
 * memory at the code's request: then the code faults, where it asked.
 */
#define _GNU_SOURCE
#include "code/faults.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "code/buffered.h"
#include "code/describe.h"
#include "code/image.h"
#include "code/running.h"

enum { NULL_BYTES = 4096, RED_ZONE_BYTES = 128 };

/* Clears the stack below: the CPU stays parked in these functions, whose frames are part of the explored state. */
__attribute__((noinline)) static void clear_dead_frames(void)
{
    char dead[2048];

    memset(dead, 0, sizeof(dead));
    __asm__ volatile("" : : "r"(dead) : "memory");
}

__attribute__((noinline)) static _Noreturn void raise_at(const void *pc, enum violation_kind kind, const char *text)
{
    char whole[VIOLATION_TEXT_BYTES] = "", place[100] = "";

    if (pc != NULL)
        describe_place(code_running.code, pc, place, sizeof(place));
    (void)snprintf(whole, sizeof(whole), "%s%s%s", place, pc != NULL ? ": " : "", text);
    if (code_running.cpu == NULL) {
        (void)fprintf(stderr, "irqpath: %s stops at boot: %s\n", code_running.code->object->path, whole);
        exit(2);
    }
    violation_raise(code_running.cpu, kind, whole);
}

_Noreturn void code_bug(const void *pc, enum violation_kind kind, const char *text)
{
    buffered_end();
    code_running.is_range = false;
    clear_dead_frames();
    raise_at(pc, kind, text);
}

#ifdef __x86_64__

static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };
enum { FAULT_SIGNALS = sizeof(fault_signals) / sizeof(fault_signals[0]) };

/* What handled the signal before; signals belong to the whole program. */
static struct sigaction *previous_action(size_t signal)
{
    static struct sigaction actions[FAULT_SIGNALS];

    return &actions[signal];
}

__attribute__((noinline)) static _Noreturn void fault_tell(const char *address, const void *pc, int signal_number)
{
    char text[VIOLATION_TEXT_BYTES] = "", what[100] = "";

    switch (signal_number) {
    case SIGILL:
        code_bug(pc, VIOLATION_MODELLED_BUG, "BUG()");
    case SIGFPE:
        code_bug(pc, VIOLATION_MODELLED_BUG, "division by zero");
    default:
        break;
    }
    if ((uintptr_t)address < NULL_BYTES) {
        (void)snprintf(text, sizeof(text), "a NULL pointer is dereferenced (member at offset %zu)",
                       (size_t)(uintptr_t)address);
        code_bug(pc, VIOLATION_NULL_DOMAIN, text);
    }
    describe_memory(code_running.code, address, what, sizeof(what));
    (void)snprintf(text, sizeof(text), "page fault at %s", what);
    code_bug(pc, VIOLATION_MODELLED_BUG, text);
}

/* Where the signal handler returns to. */
static _Noreturn void fault_raise(const char *address, const void *pc, int signal_number)
{
    clear_dead_frames();
    fault_tell(address, pc, signal_number);
}

static bool is_code(const struct running *running, uintptr_t pc)
{
    return running->code != NULL &&
           pc - (uintptr_t)(running->image - IMAGE_STUB_BYTES) < IMAGE_STUB_BYTES + running->code->object->image_bytes;
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;
    greg_t *registers = user->uc_mcontext.gregs;
    uintptr_t pc = (uintptr_t)registers[REG_RIP];

    if (code_running.touches != NULL)
        pc = (uintptr_t)code_running.touches;
    code_running.touches = NULL;
    if (!is_code(&code_running, pc)) {
        for (size_t i = 0; i < FAULT_SIGNALS; i++)
            if (fault_signals[i] == signal_number)
                (void)sigaction(signal_number, previous_action(i), NULL);
        return;
    }
    registers[REG_RDI] = (greg_t)(uintptr_t)info->si_addr;
    registers[REG_RSI] = (greg_t)pc;
    registers[REG_RDX] = signal_number;
    /* As after a call: the ABI's alignment, and nothing of the red zone is needed any more. */
    registers[REG_RSP] = ((registers[REG_RSP] - RED_ZONE_BYTES) & ~(greg_t)15) - 8;
    registers[REG_RIP] = (greg_t)(uintptr_t)fault_raise;
}

static void handlers_install(void)
{
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FAULT_SIGNALS; i++)
        CHECK(sigaction(fault_signals[i], &action, previous_action(i)) == 0);
}

void faults_catch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static _Thread_local _Alignas(16) char memory[32768];
    stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) };

    CHECK(sigaltstack(&stack, NULL) == 0);
    CHECK(pthread_once(&once, handlers_install) == 0);
}

#else

void faults_catch(void) {}

#endif
