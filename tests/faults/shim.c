/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library whose n-th allocation fails, whose n-th write() is short, and whose n-th close() fails although
 * it closes, as Linux does it. System calls that fail are the supervisor's (supervise.h), which sees those that the C
 * library makes itself, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan.h"

static struct fault_plan *plan; /* NULL: none, or not yet */

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv(FAULT_PLAN_VARIABLE);
    void *page = file != NULL ? mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(file), 0) : NULL;

    if (file == NULL || page == MAP_FAILED)
        return;
    (void)syscall(SYS_close, atoi(file)); /* what the program starts has no faults of its own */
    plan = page;
    atomic_store(&plan->has_started, 1);
}

/* Counts one call, which is the one that has the fault. */
static bool is_hit(atomic_long *count, long at)
{
    bool is = atomic_fetch_add(count, 1) + 1 == at;

    if (is)
        atomic_store(&plan->has_injected, 1);
    return is;
}

static bool has_no_memory(void)
{
    if (plan == NULL || !is_hit(&plan->allocations, plan->allocation_at))
        return false;
    errno = ENOMEM;
    return true;
}

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);

/* What the program's own malloc stands on (sim/base/allocate.c). The C library's functions of these names cannot be
 * called from here, but that for aligned memory can. */
void *__libc_malloc(size_t bytes) { return has_no_memory() ? NULL : memalign(16, bytes); }

void *__libc_calloc(size_t count, size_t bytes)
{
    size_t all;
    bool is_possible = !__builtin_mul_overflow(count, bytes, &all) && !has_no_memory();
    void *memory = is_possible ? memalign(16, all) : NULL;

    return memory != NULL ? memset(memory, 0, all) : NULL;
}

void *__libc_realloc(void *memory, size_t bytes)
{
    size_t had = malloc_usable_size(memory);

    if (memory != NULL && bytes == 0) {
        free(memory);
        return NULL;
    }
    void *moved = has_no_memory() ? NULL : memalign(16, bytes);
    if (moved != NULL && memory != NULL) {
        memcpy(moved, memory, had < bytes ? had : bytes);
        free(memory);
    }
    return moved;
}

ssize_t write(int file, const void *bytes, size_t count)
{
    if (plan != NULL && file != STDERR_FILENO && count > 1 && is_hit(&plan->writes, plan->write_at))
        count /= 2;
    return syscall(SYS_write, file, bytes, count);
}

int close(int file)
{
    bool is = plan != NULL && is_hit(&plan->closes, plan->close_at);
    int result = (int)syscall(SYS_close, file);

    if (!is || result != 0)
        return result;
    errno = plan->close_error;
    return -1;
}
