/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's spinlocks are irqpath's locks of the same address.
 */
#include "glue.h"

#ifdef IRQPATH_PCIDEVS_LOCK
/* The lock is the model's, which holds it around each bind. */
spinlock_t pcidevs_lock;

static int is_held(const spinlock_t *lock) { return lock == &pcidevs_lock || irqpath_lock_is_held(lock); }
#else
static int is_held(const spinlock_t *lock) { return irqpath_lock_is_held(lock); }
#endif

static void *taken;
static int is_looked_for;

static void look(void *lock)
{
    if (is_looked_for && !taken)
        taken = lock;
}

void *glue_lock_taken_by(void (*function)(void *argument), void *argument)
{
    taken = NULL;
    is_looked_for = 1;
    function(argument);
    is_looked_for = 0;
    return taken;
}

void _spin_lock(spinlock_t *lock)
{
    look(lock);
    irqpath_lock(lock);
}

void _spin_lock_irq(spinlock_t *lock) { (void)irqpath_lock_irqsave(lock); }

unsigned long _spin_lock_irqsave(spinlock_t *lock)
{
    look(lock);
    return irqpath_lock_irqsave(lock);
}

void _spin_unlock(spinlock_t *lock) { irqpath_unlock(lock); }

void _spin_unlock_irq(spinlock_t *lock) { irqpath_unlock_irqrestore(lock, 1); }

void _spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags) { irqpath_unlock_irqrestore(lock, flags); }

#ifdef IRQPATH_SPIN_CONST
#define SPIN_CONST const
#else
#define SPIN_CONST
#endif
#ifdef IRQPATH_SPIN_BOOL
#define SPIN_RESULT bool
#else
#define SPIN_RESULT int
#endif

SPIN_RESULT _spin_is_locked(SPIN_CONST spinlock_t *lock) { return is_held(lock) != 0; }

SPIN_RESULT _spin_trylock(spinlock_t *lock) { return irqpath_trylock(lock) != 0; }
