/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash table from addresses to locks, in the arena. Locks that nobody has named in advance come from a small stock,
 * because the arena is sealed once time moves.
 */
#include "models/locks/code_locks.h"

#include <string.h>

#include "code/abi/irqpath.h"
#include "code/describe.h"
#include "code/stack.h"
#include "machine/notes.h"

enum { SPARE_LOCKS = 24 };

struct code_lock {
    const void *address; /* NULL: the place is free */
    struct lock *lock;
    const struct code_lock_hooks *hooks;
    struct word *readers; /* NULL: nobody has taken it as a reader */
};

struct reader_count {
    struct line line;
    struct word word;
};

struct code_locks {
    struct lock_system *system;
    struct lock_class *spare_class;
    struct lock *spare;
    struct reader_count *counts;
    bool spare_used[SPARE_LOCKS];
    uint32_t counts_used;
    uint32_t used, size;     /* size: a power of two */
    struct code_lock *table; /* [size] */
};

void code_locks_boot(struct code *code, struct lock_system *system, uint32_t lock_count)
{
    struct arena *arena = code->machine->arena;
    struct code_locks *locks = ARENA_NEW(arena, struct code_locks);

    locks->system = system;
    for (locks->size = 1; locks->size < 2 * (lock_count + SPARE_LOCKS);)
        locks->size *= 2;
    locks->table = ARENA_ARRAY(arena, struct code_lock, locks->size);
    locks->spare_class = lock_class_new(system, "code_lock");
    locks->spare = ARENA_ARRAY(arena, struct lock, SPARE_LOCKS);
    locks->counts = ARENA_ARRAY(arena, struct reader_count, SPARE_LOCKS);
    for (uint32_t i = 0; i < SPARE_LOCKS; i++) {
        lock_init(&locks->spare[i], locks->spare_class);
        line_init(code->machine, &locks->counts[i].line, LINE_WAITED);
        word_init(&locks->counts[i].word, &locks->counts[i].line, 0);
    }
    code->locks = locks;
}

/* The entry of the address, or the free one where it belongs. */
static struct code_lock *entry_of(struct code_locks *locks, const void *address)
{
    size_t at = ((uintptr_t)address >> 3) & (locks->size - 1);

    while (locks->table[at].address != NULL && locks->table[at].address != address)
        at = (at + 1) & (locks->size - 1);
    return &locks->table[at];
}

static struct code_lock *entry_new(struct code_locks *locks, struct code_lock *entry, const void *address)
{
    CHECK(++locks->used < locks->size);
    entry->address = address;
    return entry;
}

void code_locks_bind(struct code *code, const void *address, struct lock *lock, const struct code_lock_hooks *hooks)
{
    struct code_lock *entry = entry_of(code->locks, address);

    if (entry->address == NULL)
        entry_new(code->locks, entry, address);
    entry->lock = lock;
    entry->hooks = hooks;
}

/* Of a lock that code_locks_forget knows. */
static void check_live(const struct code *code, const void *address)
{
    size_t offset = (size_t)((const char *)address - code->shared);

    if (offset < code->shared_bytes && code->freed[offset / 64])
        code_bug(NULL, VIOLATION_USE_AFTER_FREE, "a lock is used after its object has been freed");
}

static struct code_lock *lock_of(struct code *code, const void *address)
{
    struct code_locks *locks = code->locks;
    struct code_lock *entry = entry_of(locks, address);

    if (entry->address != NULL)
        return entry;
    check_live(code, address);
    for (uint32_t i = 0; i < SPARE_LOCKS; i++) {
        if (locks->spare_used[i])
            continue;
        locks->spare_used[i] = true;
        entry_new(locks, entry, address)->lock = &locks->spare[i];
        return entry;
    }
    code_bug(NULL, VIOLATION_MODELLED_BUG, "the code uses more locks than irqpath has room for");
}

/* Moves those behind it that would no longer be found. */
static void entry_remove(struct code_locks *locks, size_t at)
{
    size_t mask = locks->size - 1;

    for (size_t next = (at + 1) & mask; locks->table[next].address != NULL; next = (next + 1) & mask) {
        size_t home = ((uintptr_t)locks->table[next].address >> 3) & mask;
        if (((next - home) & mask) < ((next - at) & mask))
            continue;
        locks->table[at] = locks->table[next];
        at = next;
    }
    locks->table[at] = (struct code_lock){ .address = NULL };
    locks->used--;
}

void code_locks_forget(struct code *code, const void *memory, size_t bytes)
{
    struct code_locks *locks = code->locks;

    for (size_t at = 0; at < bytes; at += sizeof(void *)) {
        struct code_lock *entry = entry_of(locks, (const char *)memory + at);
        if (entry->address == NULL)
            continue;
        if (entry->lock->holder != UINT32_MAX)
            code_bug(NULL, VIOLATION_USE_AFTER_FREE, "a lock is freed while it is held");
        if ((size_t)(entry->lock - locks->spare) < SPARE_LOCKS)
            locks->spare_used[entry->lock - locks->spare] = false;
        entry_remove(locks, (size_t)(entry - locks->table));
    }
}

struct lock *code_locks_find(struct code *code, const void *address) { return lock_of(code, address)->lock; }

/* --- the code's calls --- */

/* What an import needs at its beginning; cpu NULL: at boot, where nobody else runs. */
struct caller {
    struct code *code;
    struct cpu *cpu;
    const void *pc, *frame; /* of the import */
};

static struct caller caller_of(const void *pc, const void *frame)
{
    struct caller caller = { code_current(), code_cpu(), pc, frame };

    code_settle(caller.code, caller.cpu);
    return caller;
}

#define caller_enter() caller_of(__builtin_return_address(0), CODE_STACK_FRAME)

static void caller_leave(struct caller caller)
{
    char place[80];

    code_resume(caller.code, caller.cpu);
    if (caller.cpu == NULL || !notes_are_read(caller.cpu->engine))
        return;
    const void *pc = describe_caller(caller.code, caller.pc, caller.frame, place, sizeof(place));
    if (pc == NULL)
        return;
    notes_access(caller.cpu->engine, caller.cpu, NULL, 0, pc);
    notes_add(caller.cpu->engine, caller.cpu, "at %s", place);
}

void irqpath_lock(void *lock)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    spin_lock(caller.cpu, lock_of(caller.code, lock)->lock);
    caller_leave(caller);
}

int irqpath_trylock(void *lock)
{
    struct caller caller = caller_enter();
    struct lock *host = lock_of(caller.code, lock)->lock;

    if (caller.cpu == NULL)
        return 1;
    host->class->is_tried = true;
    bool was_on = cpu_irq_off(caller.cpu), is_taken = spin_trylock(caller.cpu, host);
    cpu_irq_restore(caller.cpu, was_on);
    caller_leave(caller);
    return is_taken;
}

static void check_holder(const struct caller *caller, const struct lock *host)
{
    if (!lock_is_held_by(host, caller->cpu))
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a lock is released that this CPU does not hold");
}

void irqpath_unlock(void *lock)
{
    struct caller caller = caller_enter();
    struct lock *host = lock_of(caller.code, lock)->lock;

    if (caller.cpu == NULL)
        return;
    check_holder(&caller, host);
    spin_unlock(caller.cpu, host);
    caller_leave(caller);
}

unsigned long irqpath_lock_irqsave(void *lock)
{
    struct caller caller = caller_enter();
    bool was_on;

    if (caller.cpu == NULL)
        return 0;
    struct code_lock *entry = lock_of(caller.code, lock);
    was_on = entry->hooks != NULL ? entry->hooks->take(caller.cpu) : spin_lock_irqsave(caller.cpu, entry->lock);
    caller_leave(caller);
    return was_on;
}

void irqpath_unlock_irqrestore(void *lock, unsigned long was_on)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    struct code_lock *entry = lock_of(caller.code, lock);
    check_holder(&caller, entry->lock);
    if (entry->hooks != NULL)
        entry->hooks->give(caller.cpu, was_on != 0);
    else
        spin_unlock_irqrestore(caller.cpu, entry->lock, was_on != 0);
    caller_leave(caller);
}

/* The next three are asked by assertions, which take no time and are no steps. */
int irqpath_lock_is_held(const void *lock)
{
    const struct code_lock *entry;

    if (code_cpu() == NULL)
        return true;
    entry = lock_of(code_current(), lock);
    return entry->lock->holder != UINT32_MAX || (entry->readers != NULL && word_peek(entry->readers) > 0);
}

int irqpath_lock_is_mine(const void *lock)
{
    return code_cpu() == NULL || lock_is_held_by(code_locks_find(code_current(), lock), code_cpu());
}

int irqpath_lock_is_read(const void *lock)
{
    const struct code_lock *entry = lock_of(code_current(), lock);

    return code_cpu() == NULL || (entry->readers != NULL && word_peek(entry->readers) != 0);
}

/* --- readers and writers --- */

static struct word *readers_of(struct code *code, const void *lock)
{
    struct code_lock *entry = lock_of(code, lock);
    struct code_locks *locks = code->locks;

    if (entry->readers != NULL)
        return entry->readers;
    if (locks->counts_used == SPARE_LOCKS)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "the code uses more reader-writer locks than irqpath has room for");
    entry->readers = &locks->counts[locks->counts_used++].word;
    return entry->readers;
}

void irqpath_read_lock(void *lock)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    struct lock *host = lock_of(caller.code, lock)->lock;
    spin_lock(caller.cpu, host);
    word_fetch_add(caller.cpu, readers_of(caller.code, lock), 1);
    spin_unlock(caller.cpu, host);
    caller_leave(caller);
}

void irqpath_read_unlock(void *lock)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    word_fetch_add(caller.cpu, readers_of(caller.code, lock), UINT64_MAX);
    caller_leave(caller);
}

void irqpath_write_lock(void *lock)
{
    struct caller caller = caller_enter();

    if (caller.cpu == NULL)
        return;
    struct code_lock *entry = lock_of(caller.code, lock);
    spin_lock(caller.cpu, entry->lock);
    if (entry->readers != NULL)
        word_wait(caller.cpu, entry->readers, 0);
    caller_leave(caller);
}

void irqpath_write_unlock(void *lock) { irqpath_unlock(lock); }

const struct code_import code_lock_imports[] = {
    CODE_IMPORT(irqpath_lock),
    CODE_IMPORT(irqpath_trylock),
    CODE_IMPORT(irqpath_unlock),
    CODE_IMPORT(irqpath_lock_irqsave),
    CODE_IMPORT(irqpath_unlock_irqrestore),
    CODE_IMPORT(irqpath_lock_is_held),
    CODE_IMPORT(irqpath_lock_is_mine),
    CODE_IMPORT(irqpath_lock_is_read),
    CODE_IMPORT(irqpath_read_lock),
    CODE_IMPORT(irqpath_read_unlock),
    CODE_IMPORT(irqpath_write_lock),
    CODE_IMPORT(irqpath_write_unlock),
    { NULL, NULL },
};
