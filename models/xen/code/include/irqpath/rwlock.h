/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Locks with readers and writers are irqpath's.
 */
#ifndef IRQPATH_RWLOCK_H
#define IRQPATH_RWLOCK_H

#include "irqpath.h"

#undef read_lock
#define read_lock(lock) irqpath_read_lock(lock)
#undef read_lock_irq
#define read_lock_irq(lock) (local_irq_disable(), irqpath_read_lock(lock))
#undef read_lock_irqsave
#define read_lock_irqsave(lock, flags) ((flags) = irqpath_irq_save(), irqpath_read_lock(lock))
#undef read_unlock
#define read_unlock(lock) irqpath_read_unlock(lock)
#undef read_unlock_irq
#define read_unlock_irq(lock) (irqpath_read_unlock(lock), local_irq_enable())
#undef read_unlock_irqrestore
#define read_unlock_irqrestore(lock, flags) (irqpath_read_unlock(lock), irqpath_irq_restore(flags))
#undef write_lock
#define write_lock(lock) irqpath_write_lock(lock)
#undef write_lock_irq
#define write_lock_irq(lock) (local_irq_disable(), irqpath_write_lock(lock))
#undef write_lock_irqsave
#define write_lock_irqsave(lock, flags) ((flags) = irqpath_irq_save(), irqpath_write_lock(lock))
#undef write_unlock
#define write_unlock(lock) irqpath_write_unlock(lock)
#undef write_unlock_irq
#define write_unlock_irq(lock) (irqpath_write_unlock(lock), local_irq_enable())
#undef write_unlock_irqrestore
#define write_unlock_irqrestore(lock, flags) (irqpath_write_unlock(lock), irqpath_irq_restore(flags))
#undef rw_is_locked
#define rw_is_locked(lock) (irqpath_lock_is_held(lock) || irqpath_lock_is_read(lock))
#undef rw_is_write_locked
#define rw_is_write_locked(lock) irqpath_lock_is_held(lock)
#undef rw_is_write_locked_by_me
#define rw_is_write_locked_by_me(lock) irqpath_lock_is_mine(lock)

#endif
