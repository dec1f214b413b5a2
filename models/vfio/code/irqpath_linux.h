/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What irqpath offers to files of Linux besides irqpath.h, and what the glue offers to irqpath. A lock, mutex, SRCU
 * structure or work item is known by the address of the kernel's object, whose bytes irqpath does not touch.
 */
#ifndef IRQPATH_LINUX_H
#define IRQPATH_LINUX_H

#include "irqpath.h"

/* --- memory, with all that is known by an address in it --- */

void irqpath_kfree(const void *object); /* NULL is allowed */
/* At boot: nothing fills this part of an object, so that an access would mean nothing: it ends the run. */
void irqpath_hide(const void *from, unsigned long bytes);

/* --- spinlocks, besides those of irqpath.h --- */

void irqpath_lock_name(void *lock, const char *name); /* at boot: its lock is of the model's class of this name */

/* --- what sleeps --- */

void irqpath_mutex_name(void *mutex, const char *name);
void irqpath_mutex_lock(void *mutex);
void irqpath_mutex_unlock(void *mutex);

int irqpath_srcu_read_lock(void *srcu); /* returns what the unlock takes */
void irqpath_srcu_read_unlock(void *srcu, int index);
void irqpath_srcu_synchronize(void *srcu);

/* --- work queues; queue NULL: the pool of the CPU --- */

void *irqpath_queue_new(const char *name, int is_ordered);
void irqpath_queue_flush(void *queue);
void irqpath_work_name(void *work); /* optional: so that nothing is set up when it is queued for the first time */
int irqpath_work_queue(void *queue, void *work);
int irqpath_work_flush(void *work);
int irqpath_work_cancel(void *work);

/* --- interrupts of the host: numbers are those of struct pci_dev --- */

enum { IRQPATH_IRQ_SHARED = 1, IRQPATH_IRQ_NO_AUTOEN = 2 };
/* That of a device, which is what irqpath_vfio_new was given. */
int irqpath_request_irq(void *device, int (*handler)(int irq, void *dev_id), unsigned flags, void *dev_id);
void irqpath_free_irq(void *device, void *dev_id);
void irqpath_disable_irq_nosync(unsigned irq);
void irqpath_enable_irq(unsigned irq);
void irqpath_synchronize_irq(unsigned irq);
void irqpath_irq_unlazy(unsigned irq, int is_unlazy);

/* --- configuration cycles; `device` is what irqpath_vfio_new was given --- */

void irqpath_pci_intx(void *device, int is_enabled);
int irqpath_pci_check_and_mask_intx(void *device);
int irqpath_pci_check_and_unmask_intx(void *device);

/* --- the guest's I/O APIC; `guest` is what irqpath_kvm_new was given --- */

void irqpath_kvm_set_irq(void *guest, int source, unsigned gsi, int level);

/* --- what the glue defines; functions that return a number return 0 or a negative errno --- */

void irqpath_linux_boot(unsigned files); /* the most files that are open at a time */
void irqpath_linux_work(void *work);     /* runs it */
int irqpath_eventfd(void);               /* returns a file descriptor */
void irqpath_close(int fd);

enum irqpath_vfio_call {
    IRQPATH_VFIO_TRIGGER,     /* the eventfd that signals the interrupt; -1: none */
    IRQPATH_VFIO_UNMASK_FD,   /* the eventfd that unmasks; -1: none */
    IRQPATH_VFIO_MASK,
    IRQPATH_VFIO_UNMASK,
    IRQPATH_VFIO_DISABLE,
    IRQPATH_VFIO_DISINTX_SET, /* written by the guest */
    IRQPATH_VFIO_DISINTX_CLEAR
};
void *irqpath_vfio_new(void *device, unsigned irq, int is_pci_2_3);
int irqpath_vfio_call(void *vdev, enum irqpath_vfio_call call, int fd);
/* Read at any time, without steps. */
int irqpath_vfio_is_masked(const void *vdev);
const void *irqpath_vfio_irqlock(const void *vdev); /* as irqpath_lock gets it */
const void *irqpath_vfio_igate(const void *vdev);

void *irqpath_kvm_new(void *guest);
int irqpath_kvm_irqfd(void *kvm, int trigger, int resample, unsigned gsi, int is_assigned);
void irqpath_kvm_acked(void *kvm, unsigned gsi); /* the guest's EOI */

#endif
