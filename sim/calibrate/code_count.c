/* SPDX-License-Identifier: Apache-2.0
 *
 * The hooks that gcc and clang call from the instrumented build of code_work.c: they count what sim/code/access.c
 * charges for a code object. Accesses outside the work's memory, such as those of the stack, cost nothing there.
 */
#include <stdbool.h>
#include <stddef.h>

#include "calibrate/code_work.h"

static struct {
    const char *memory; /* NULL: nothing is counted */
    struct code_work_counts counts;
} counting;

struct code_work_counts code_work_count(struct code_work *work, enum code_work_part part, uint32_t turns)
{
    counting.counts = (struct code_work_counts){ 0 };
    counting.memory = (const char *)work;
    code_work_counted.run[part](work, turns);
    counting.memory = NULL;
    return counting.counts;
}

static inline void count(const volatile void *address, uint64_t *counter)
{
    size_t offset = (size_t)((const volatile char *)address - counting.memory);

    *counter += counting.memory != NULL && offset < sizeof(struct code_work);
}

/* The compilers' names are given to the linker alone: as C functions they are built in. */
#define HOOK(type, name, ...) \
    type name(__VA_ARGS__) __asm__("__" #name); \
    type name(__VA_ARGS__)

HOOK(void, sanitizer_cov_trace_pc, void) { counting.counts.blocks += counting.memory != NULL; }
HOOK(void, tsan_init, void) {}

#define ACCESS_HOOKS(bytes) \
    HOOK(void, tsan_read##bytes, const void *address) { count(address, &counting.counts.loads); } \
    HOOK(void, tsan_write##bytes, const void *address) { count(address, &counting.counts.stores); }

ACCESS_HOOKS(1)
ACCESS_HOOKS(2)
ACCESS_HOOKS(4)
ACCESS_HOOKS(8)
ACCESS_HOOKS(16)

HOOK(uint64_t, tsan_atomic64_fetch_or, volatile uint64_t *address, uint64_t value, int order)
{
    (void)order;
    count(address, &counting.counts.atomics);
    return __atomic_fetch_or(address, value, __ATOMIC_SEQ_CST);
}

HOOK(uint64_t, tsan_atomic64_exchange, volatile uint64_t *address, uint64_t value, int order)
{
    (void)order;
    count(address, &counting.counts.atomics);
    return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
}
