/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's rwlock_t with interrupts disabled: readers count, a writer waits until there is none and then excludes
 * new readers. Left out: the queue of waiters.
 */
#include "models/host/rwlock.h"

#include "machine/names.h"
#include "models/host/host.h"

#define RWLOCK_WRITER ((uint64_t)1 << 32)

void rwlock_init(struct host *host, struct rwlock *lock, const char *name)
{
    line_init(host->machine, &lock->line, LINE_PLAIN);
    word_init(&lock->word, &lock->line, 0);
    names_add(host->machine, &lock->word, name, NULL);
}

bool read_lock_irqsave(struct cpu *cpu, struct rwlock *lock)
{
    bool was_on = cpu_irq_off(cpu);

    while (word_fetch_add(cpu, &lock->word, 1) >= RWLOCK_WRITER) {
        word_fetch_add(cpu, &lock->word, (uint64_t)-1);
        while (word_load(cpu, &lock->word) >= RWLOCK_WRITER)
            cpu_relax(cpu);
    }
    return was_on;
}

void read_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on)
{
    word_fetch_add(cpu, &lock->word, (uint64_t)-1);
    cpu_irq_restore(cpu, was_on);
}

bool write_lock_irqsave(struct cpu *cpu, struct rwlock *lock)
{
    bool was_on = cpu_irq_off(cpu);

    while (word_cas(cpu, &lock->word, 0, RWLOCK_WRITER) != 0)
        cpu_relax(cpu);
    return was_on;
}

void write_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on)
{
    word_fetch_add(cpu, &lock->word, -RWLOCK_WRITER);
    cpu_irq_restore(cpu, was_on);
}
