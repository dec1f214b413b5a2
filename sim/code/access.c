/* SPDX-License-Identifier: Apache-2.0
 *
 * One function sees every access (access_memory); the others are its spellings by size and kind.
 */
#include "code/access.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "code/access_notes.h"
#include "code/buffered.h"
#include "code/describe.h"
#include "code/running.h"
#include "code/stack.h"
#include "code/abi/irqpath.h"
#include "machine/explored.h"

#define UNIT_BYTES 64

/* --- explored --- */

/* Whether the access waits until the buffer is empty: one that is locked, or cannot be taken apart from others. */
static bool is_unbuffered(const volatile void *address, enum code_access access)
{
    bool is_range = code_running.is_range;
    size_t offset = (size_t)((const volatile char *)address - code_running.shared);

    code_running.is_range = false;
    return access == CODE_RMW || is_range || (access == CODE_WRITE && offset >= code_running.shared_bytes);
}

/* With store buffers, a read finds what is in the CPU's, and a write that is a step, or follows one to the same bytes
 * in it, goes into it. */
static void access_explored(struct cpu *cpu, struct code *code, const volatile void *address, size_t bytes,
                            enum code_access access, bool is_step, const void *pc, const void *frame)
{
    struct races *races = cpu->engine->explored->races;
    size_t offset = (size_t)((const volatile char *)address - code->machine->arena->base);

    bool is_at_once = is_unbuffered(address, access);

    races_see(races, cpu, offset, bytes, access, is_step, pc, frame);
    is_step = is_step || races_is_step(races, offset, bytes);
    if (is_step || (is_at_once && buffered_has(cpu, address, bytes))) {
        cpu_access_step(cpu, is_at_once);
        code_resume(code, cpu);
    }
    if (!is_at_once)
        buffered_begin(cpu, address, bytes, access == CODE_WRITE, is_step);
    if (is_step)
        access_note(code, cpu, address, bytes, access, pc);
}

/* Memory of another CPU's stack, such as a list head there, or of this CPU's that others access. */
static void access_stack(struct cpu *cpu, struct code *code, const volatile void *address, size_t bytes,
                         enum code_access access, const void *pc, const void *frame)
{
    struct arena *arena = code->machine->arena;
    struct races *races = cpu->engine->explored->races;
    const struct actor *actor = cpu->engine->running;
    size_t offset = (size_t)((const volatile char *)address - arena->base);

    if (offset >= arena->used)
        return;
    if ((size_t)((const volatile char *)address - actor->stack) >= actor->stack_bytes)
        races_see_foreign(races, offset, bytes);
    else if (!races_is_step(races, offset, bytes))
        return;
    access_explored(cpu, code, address, bytes, access, false, pc, frame);
}

/* --- timed --- */

static const enum line_access line_accesses[] = {
    [CODE_READ] = LINE_LOAD, [CODE_WRITE] = LINE_STORE, [CODE_RMW] = LINE_ATOMIC
};

/* A read needs a copy; what writes needs the line for itself. */
static inline bool is_enough(enum line_hit hit, enum code_access access)
{
    return hit == LINE_HIT_OWNED || (hit == LINE_HIT_COPY && access == CODE_READ);
}

static void access_timed(struct cpu *cpu, struct code *code, size_t offset, enum code_access access)
{
    struct running *running = &code_running;
    size_t unit = offset / UNIT_BYTES;
    struct line *line = &code->lines[unit];
    enum line_hit hit;

    code_settle(code, cpu);
    hit = line_hit(line, cpu);
    if (is_enough(hit, access)) {
        line_hit_touch(cpu, line_accesses[access], 0);
        running->hits[unit % RUNNING_HITS] = (struct running_hit){ running->round, unit, hit };
        return;
    }
    switch (access) {
    case CODE_READ:
        line_touch_read(cpu, line);
        break;
    case CODE_WRITE:
        line_touch_write(cpu, line);
        break;
    case CODE_RMW:
        line_touch_locked(cpu, line);
        break;
    }
    code_resume(code, cpu);
}

/* --- every access --- */

__attribute__((noinline)) static _Noreturn void refuse(const struct code *code, const volatile void *address,
                                                       enum code_access access, const void *pc)
{
    bool is_hidden = code->freed[(size_t)((const volatile char *)address - code->shared) / UNIT_BYTES] == CODE_HIDDEN;
    char text[VIOLATION_TEXT_BYTES], what[80];

    describe_memory(code, address, what, sizeof(what));
    (void)snprintf(text, sizeof(text), "%s of %s, which %s", access_name(access), what,
                   is_hidden ? "irqpath does not simulate" : "is freed");
    code_bug(pc, is_hidden ? VIOLATION_MODELLED_BUG : VIOLATION_USE_AFTER_FREE, text);
}

__attribute__((noinline)) static void access_any(const volatile void *address, size_t bytes, enum code_access access,
                                                 bool is_step, const void *pc, const void *frame)
{
    struct running *running = &code_running;
    struct cpu *cpu = running->cpu;
    struct code *code = running->code;
    size_t offset = (size_t)((const volatile char *)address - running->shared);

    if (cpu == NULL)
        return;
    buffered_end();
    if (offset >= running->shared_bytes) {
        if (code->lines == NULL)
            access_stack(cpu, code, address, bytes, access, pc, frame);
        return;
    }
    if (code->lines != NULL)
        access_timed(cpu, code, offset, access);
    else
        access_explored(cpu, code, address, bytes, access, is_step, pc, frame);
    if (__builtin_expect(code->freed[offset / UNIT_BYTES] != 0, false))
        refuse(code, address, access, pc); /* only now: another CPU may have freed it meanwhile */
}

/* Most accesses are hits in a line that was accessed just before. */
static inline void access_fast(const volatile void *address, size_t bytes, enum code_access access, bool is_step,
                               const void *pc, const void *frame)
{
    struct running *running = &code_running;
    size_t offset = (size_t)((const volatile char *)address - running->shared);
    size_t unit = offset / UNIT_BYTES;
    const struct running_hit *last = &running->hits[unit % RUNNING_HITS];

    if (last->unit == unit && last->round == running->round && is_enough(last->hit, access) &&
        line_hit_lasts(running->cpu, last->hit)) {
        line_hit_touch(running->cpu, line_accesses[access], running->blocks * running->cpu->costs->code_block);
        running->blocks = 0;
        return;
    }
    access_any(address, bytes, access, is_step, pc, frame);
}

void access_memory(const volatile void *address, size_t bytes, enum code_access access, bool is_step, const void *pc,
                   const void *frame)
{
    access_fast(address, bytes, access, is_step, pc, frame);
}

/* --- the compilers' hooks --- */

#define PC __builtin_return_address(0)
#define FRAME CODE_STACK_FRAME

#define HOOKS(n) \
    static void tsan_read##n(void *address) { access_fast(address, n, CODE_READ, false, PC, FRAME); } \
    static void tsan_write##n(void *address) { access_fast(address, n, CODE_WRITE, false, PC, FRAME); } \
    static void tsan_volatile_read##n(void *address) \
    { \
        access_fast(address, n, CODE_READ, code_running.code->volatile_is_step, PC, FRAME); \
    } \
    static void tsan_volatile_write##n(void *address) \
    { \
        access_fast(address, n, CODE_WRITE, code_running.code->volatile_is_step, PC, FRAME); \
    }
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

/* By machine words, the last of which may be shorter. */
static void access_range(const char *address, size_t bytes, enum code_access access, const void *pc, const void *frame)
{
    for (size_t i = 0; i < bytes; i += 8) {
        code_running.is_range = true;
        access_memory(address + i, bytes - i < 8 ? bytes - i : 8, access, false, pc, frame);
    }
    code_running.is_range = false;
}

static void tsan_read_range(void *address, size_t bytes) { access_range(address, bytes, CODE_READ, PC, FRAME); }
static void tsan_write_range(void *address, size_t bytes) { access_range(address, bytes, CODE_WRITE, PC, FRAME); }
static void nothing(void) {}

/* For what touches memory at an address of the code's, which may be wild. */
#define FOREIGN __attribute__((no_sanitize("address", "undefined")))

/* The host touches memory for the code at `pc` between these two: a fault there is the code's (faults.c). */
static void touch_begin(const void *pc)
{
    code_running.touches = pc;
    atomic_signal_fence(memory_order_seq_cst);
}

static void touch_end(void)
{
    atomic_signal_fence(memory_order_seq_cst);
    code_running.touches = NULL;
}

FOREIGN static void *code_memset(void *to, int byte, size_t bytes)
{
    access_range(to, bytes, CODE_WRITE, PC, FRAME);
    touch_begin(PC);
    memset(to, byte, bytes);
    touch_end();
    return to;
}

FOREIGN static void *code_memcpy(void *to, const void *from, size_t bytes)
{
    access_range(from, bytes, CODE_READ, PC, FRAME);
    access_range(to, bytes, CODE_WRITE, PC, FRAME);
    touch_begin(PC);
    memmove(to, from, bytes);
    touch_end();
    return to;
}

FOREIGN static int code_memcmp(const void *a, const void *b, size_t bytes)
{
    access_range(a, bytes, CODE_READ, PC, FRAME);
    access_range(b, bytes, CODE_READ, PC, FRAME);
    touch_begin(PC);
    int order = memcmp(a, b, bytes);
    touch_end();
    return order;
}

/* KCSAN's calls in front of atomics that are written in assembly. The bits are those of include/linux/kcsan-checks.h.
 */
enum { KCSAN_WRITE = 1, KCSAN_COMPOUND = 2, KCSAN_ATOMIC = 4, KCSAN_ASSERT = 8 };

static void kcsan_check_access(const volatile void *address, size_t bytes, int type)
{
    if (type & KCSAN_ASSERT)
        return;
    if (type & KCSAN_ATOMIC) {
        access_memory(address, bytes, CODE_RMW, true, PC, FRAME);
        if (code_running.note_pc != NULL)
            access_note_rmw_to_come();
        return;
    }
    access_memory(address, bytes, type & KCSAN_WRITE ? CODE_WRITE : CODE_READ, false, PC, FRAME);
}

static void block_enter(void)
{
    struct running *running = &code_running;
    size_t offset = (size_t)((const char *)PC - running->image);

    if (offset < running->text_bytes)
        running->covered[offset] = 1;
    if (__builtin_expect(++running->blocks > CODE_BLOCKS_MAX, false) && running->cpu != NULL)
        code_bug(PC, VIOLATION_ENDLESS_WAIT, "an endless loop, in which nothing is read that another pCPU changes");
}

/* --- atomics --- */

FOREIGN static unsigned long rmw(volatile void *address, unsigned bytes, enum irqpath_operation operation,
                                 unsigned long operand, unsigned long comparand, const void *pc, const void *frame)
{
    unsigned long old = 0, value = 0;

    access_memory(address, bytes, CODE_RMW, true, pc, frame);
    touch_begin(pc);
    memcpy(&old, (void *)address, bytes);
    switch (operation) {
    case IRQPATH_XCHG:
        value = operand;
        break;
    case IRQPATH_CAS:
        value = old == comparand ? operand : old;
        break;
    case IRQPATH_ADD:
        value = old + operand;
        break;
    case IRQPATH_OR:
        value = old | operand;
        break;
    case IRQPATH_AND:
        value = old & operand;
        break;
    case IRQPATH_XOR:
        value = old ^ operand;
        break;
    }
    memcpy((void *)address, &value, bytes);
    touch_end();
    /* No more is kept across the access than it needs: its stack is part of the explored state. */
    return code_running.note_pc == NULL ? old : access_note_rmw(old, value, bytes);
}

unsigned long irqpath_rmw(volatile void *address, unsigned bytes, enum irqpath_operation operation,
                          unsigned long operand, unsigned long comparand)
{
    return rmw(address, bytes, operation, operand, comparand, PC, FRAME);
}

/* In a timed run time passes in order. */
void irqpath_fence(void)
{
    struct cpu *cpu = code_running.cpu;

    if (cpu == NULL || cpu->policy->fence == NULL)
        return;
    struct code_caller caller = code_caller_enter();
    cpu_fence(caller.cpu);
    code_caller_leave(caller);
}

/* A sequentially consistent store is an xchg. */
static void fence_after_store(int order)
{
    if (order == __ATOMIC_SEQ_CST)
        irqpath_fence();
}

/* The atomics of C11 as ThreadSanitizer has the compiler call them. Of the orders only that of a store matters on x86.
 */
#define ATOMICS(bits) \
    FOREIGN static uint##bits##_t tsan_atomic##bits##_load(const volatile uint##bits##_t *address, int order) \
    { \
        (void)order; \
        access_memory(address, sizeof(uint##bits##_t), CODE_READ, true, PC, FRAME); \
        touch_begin(PC); \
        uint##bits##_t value = *address; \
        touch_end(); \
        return value; \
    } \
    FOREIGN static void tsan_atomic##bits##_store(volatile uint##bits##_t *address, uint##bits##_t value, int order) \
    { \
        access_memory(address, sizeof(uint##bits##_t), CODE_WRITE, true, PC, FRAME); \
        touch_begin(PC); \
        *address = value; \
        touch_end(); \
        fence_after_store(order); \
    } \
    static uint##bits##_t tsan_atomic##bits##_exchange(volatile uint##bits##_t *address, uint##bits##_t value, \
                                                       int order) \
    { \
        (void)order; \
        return (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_XCHG, value, 0, PC, FRAME); \
    } \
    static uint##bits##_t tsan_atomic##bits##_fetch_add(volatile uint##bits##_t *address, uint##bits##_t value, \
                                                        int order) \
    { \
        (void)order; \
        return (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_ADD, value, 0, PC, FRAME); \
    } \
    static uint##bits##_t tsan_atomic##bits##_fetch_sub(volatile uint##bits##_t *address, uint##bits##_t value, \
                                                        int order) \
    { \
        (void)order; \
        return (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_ADD, 0 - (unsigned long)value, 0, PC, \
                                   FRAME); \
    } \
    static uint##bits##_t tsan_atomic##bits##_fetch_and(volatile uint##bits##_t *address, uint##bits##_t value, \
                                                        int order) \
    { \
        (void)order; \
        return (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_AND, value, 0, PC, FRAME); \
    } \
    static uint##bits##_t tsan_atomic##bits##_fetch_or(volatile uint##bits##_t *address, uint##bits##_t value, \
                                                       int order) \
    { \
        (void)order; \
        return (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_OR, value, 0, PC, FRAME); \
    } \
    static uint##bits##_t tsan_atomic##bits##_fetch_xor(volatile uint##bits##_t *address, uint##bits##_t value, \
                                                        int order) \
    { \
        (void)order; \
        return (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_XOR, value, 0, PC, FRAME); \
    } \
    static int tsan_atomic##bits##_compare_exchange(volatile uint##bits##_t *address, uint##bits##_t *expected, \
                                                    uint##bits##_t desired, int order, int order_of_failure) \
    { \
        uint##bits##_t old; \
        (void)order; \
        (void)order_of_failure; \
        old = (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_CAS, desired, *expected, PC, FRAME); \
        if (old == *expected) \
            return 1; \
        *expected = old; \
        return 0; \
    } \
    static uint##bits##_t tsan_atomic##bits##_compare_exchange_val(volatile uint##bits##_t *address, \
                                                                   uint##bits##_t expected, uint##bits##_t desired, \
                                                                   int order, int order_of_failure) \
    { \
        (void)order; \
        (void)order_of_failure; \
        return (uint##bits##_t)rmw(address, sizeof(uint##bits##_t), IRQPATH_CAS, desired, expected, PC, FRAME); \
    }
ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)

static void tsan_atomic_fence(int order) { fence_after_store(order); }
static void tsan_signal_fence(int order) { (void)order; }

/* --- the table --- */

#define HOOK(name) \
    { \
        "__" #name, __extension__(void *)(name) \
    }
#define HOOK_ROWS(n) \
    HOOK(tsan_read##n), HOOK(tsan_write##n), HOOK(tsan_volatile_read##n), HOOK(tsan_volatile_write##n), \
        { "__tsan_unaligned_read" #n, __extension__(void *) tsan_read##n }, \
        { "__tsan_unaligned_write" #n, __extension__(void *) tsan_write##n }, \
        { "__tsan_unaligned_volatile_read" #n, __extension__(void *) tsan_volatile_read##n }, \
    { \
        "__tsan_unaligned_volatile_write" #n, __extension__(void *) tsan_volatile_write##n \
    }
#define ATOMIC_ROWS(bits) \
    HOOK(tsan_atomic##bits##_load), HOOK(tsan_atomic##bits##_store), HOOK(tsan_atomic##bits##_exchange), \
        HOOK(tsan_atomic##bits##_fetch_add), HOOK(tsan_atomic##bits##_fetch_sub), HOOK(tsan_atomic##bits##_fetch_and), \
        HOOK(tsan_atomic##bits##_fetch_or), HOOK(tsan_atomic##bits##_fetch_xor), \
        HOOK(tsan_atomic##bits##_compare_exchange_val), \
        { "__tsan_atomic" #bits "_compare_exchange_strong", \
          __extension__(void *) tsan_atomic##bits##_compare_exchange }, \
    { \
        "__tsan_atomic" #bits "_compare_exchange_weak", __extension__(void *) tsan_atomic##bits##_compare_exchange \
    }

const struct code_import access_imports[] = {
    HOOK_ROWS(1),
    HOOK_ROWS(2),
    HOOK_ROWS(4),
    HOOK_ROWS(8),
    HOOK_ROWS(16),
    ATOMIC_ROWS(8),
    ATOMIC_ROWS(16),
    ATOMIC_ROWS(32),
    ATOMIC_ROWS(64),
    { "__tsan_atomic_thread_fence", __extension__(void *) tsan_atomic_fence },
    { "__tsan_atomic_signal_fence", __extension__(void *) tsan_signal_fence },
    HOOK(tsan_read_range),
    HOOK(tsan_write_range),
    { "__tsan_init", __extension__(void *) nothing },
    { "__tsan_func_entry", __extension__(void *) nothing },
    { "__tsan_func_exit", __extension__(void *) nothing },
    HOOK(kcsan_check_access),
    { "kcsan_atomic_next", __extension__(void *) nothing },
    { "kcsan_nestable_atomic_begin", __extension__(void *) nothing },
    { "kcsan_nestable_atomic_end", __extension__(void *) nothing },
    { "__sanitizer_cov_trace_pc", __extension__(void *) block_enter },
    { "memset", __extension__(void *) code_memset },
    { "memcpy", __extension__(void *) code_memcpy },
    { "memmove", __extension__(void *) code_memcpy },
    { "memcmp", __extension__(void *) code_memcmp },
    { "__tsan_memset", __extension__(void *) code_memset },
    { "__tsan_memcpy", __extension__(void *) code_memcpy },
    { "__tsan_memmove", __extension__(void *) code_memcpy },
    CODE_IMPORT(irqpath_rmw),
    CODE_IMPORT(irqpath_fence),
    { NULL, NULL },
};
