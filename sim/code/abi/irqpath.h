/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What irqpath offers to a hypervisor's code that it runs: shim headers and glue call these functions. Plain C types
 * only. Objects of the code are known by their addresses. A function that may suspend lets other CPUs run.
 */
#ifndef IRQPATH_H
#define IRQPATH_H

#define IRQPATH_ABI 1

#pragma GCC visibility push(default)

/* --- ends: BUG, a failed ASSERT --- */

void irqpath_bug(const char *text) __attribute__((__noreturn__));

/* --- memory: zeroed, on cache lines of its own; `type` is a constant string such as "struct pirq", or NULL --- */

void *irqpath_alloc(unsigned long bytes, const char *type);
void irqpath_free(void *object); /* any later access is a use after free; NULL is allowed */
void irqpath_name(const void *object, unsigned long bytes, const char *type, const char *name, unsigned number);

/* --- locked read-modify-writes of 1, 2, 4 or 8 bytes, which return the old value; a step, like every atomic --- */

enum irqpath_operation {
    IRQPATH_XCHG,
    IRQPATH_CAS, /* stores the operand if the value is the comparand */
    IRQPATH_ADD,
    IRQPATH_OR,
    IRQPATH_AND,
    IRQPATH_XOR
};
unsigned long irqpath_rmw(volatile void *address, unsigned bytes, enum irqpath_operation operation,
                          unsigned long operand, unsigned long comparand);
void irqpath_fence(void);

/* --- CPUs and interrupts --- */

unsigned irqpath_cpu(void);  /* at boot 0 */
unsigned irqpath_cpus(void); /* number of CPUs of the machine */
int irqpath_cpu_is_online(unsigned cpu);
void irqpath_relax(void); /* PAUSE; may suspend */
unsigned long irqpath_irq_save(void); /* turns interrupts off; returns whether they were on (0 or 1) */
void irqpath_irq_restore(unsigned long was_on);
int irqpath_irq_is_on(void);
int irqpath_in_irq(void); /* whether this is an interrupt handler */
unsigned long irqpath_now(void); /* ns */

/* --- locks: `lock` is the address of the code's lock object, whose bytes irqpath does not touch, and which is
 * named after its variable --- */

void irqpath_lock(void *lock);
int irqpath_trylock(void *lock);
void irqpath_unlock(void *lock);
unsigned long irqpath_lock_irqsave(void *lock); /* with the kind's rules for interrupts while waiting */
void irqpath_unlock_irqrestore(void *lock, unsigned long was_on);
int irqpath_lock_is_held(const void *lock);
int irqpath_lock_is_mine(const void *lock);
int irqpath_lock_is_read(const void *lock); /* whether a reader holds it */
void irqpath_read_lock(void *lock); /* of a lock that has readers and writers */
void irqpath_read_unlock(void *lock);
void irqpath_write_lock(void *lock);
void irqpath_write_unlock(void *lock);

#pragma GCC visibility pop

#endif
