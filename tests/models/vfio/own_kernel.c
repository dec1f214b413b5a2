/* SPDX-License-Identifier: Apache-2.0
 *
 * A kernel in the least code, in place of Linux's files, for tests/models/vfio/test_own.c: it masks in the handler,
 * injects from a work item, and unmasks at the EOI. BAD is what the handler does besides.
 */
#include "irqpath_linux.h"
#include "own_said.h"

/* A call that may suspend comes back to its CPU, on which no other one has run the code meanwhile. */
#define SAME(call) \
    do { \
        unsigned cpu_of_call = irqpath_cpu(); \
        call; \
        if (irqpath_cpu() != cpu_of_call) \
            irqpath_bug("a call comes back to another CPU"); \
    } while (0)

struct device {
    void *host, *guest;
    unsigned irq, gsi;
    int is_pci_2_3, is_masked, is_intx;
    long lock, gate, spare, work, second, third, srcu[8];
};
static struct device *devices[8];
static int count, files, has_run, is_reading;
static void *queue, *other;
static long *lone;
static long table_lock, plain_lock;

void irqpath_linux_boot(unsigned n)
{
    say("boot", n);
    queue = irqpath_queue_new("ordered", 1);
    other = irqpath_queue_new("other", 0);
}

int irqpath_eventfd(void)
{
    say("eventfd", (unsigned long)files + 1);
    return ++files;
}

void irqpath_close(int fd) { say("close", (unsigned long)fd); }

/* Reads for long. */
static void read_long(struct device *d)
{
    int index;
    SAME(index = irqpath_srcu_read_lock(d->srcu));
    SAME(irqpath_read_lock(&table_lock));
    if (!irqpath_lock_is_read(&table_lock) || !irqpath_lock_is_held(&table_lock) || irqpath_lock_is_mine(&table_lock))
        irqpath_bug("a reader does not count");
    is_reading = 1;
    for (int i = 0; i < 20; i++)
        SAME(irqpath_relax());
    is_reading = 0;
    SAME(irqpath_read_unlock(&table_lock));
    SAME(irqpath_srcu_read_unlock(d->srcu, index));
    has_run++;
}

void irqpath_linux_work(void *work)
{
    struct device *d = 0;
    int index;
    for (int i = 0; i < count; i++) {
        if (work == &devices[i]->second) {
            read_long(devices[i]);
            return;
        }
        if (work == &devices[i]->third) {
            for (int j = 0; j < 20; j++)
                irqpath_relax();
            has_run++;
            return;
        }
        if (work == &devices[i]->work)
            d = devices[i];
    }
    say("work", d->gsi);
    SAME(index = irqpath_srcu_read_lock(d->srcu));
    SAME(irqpath_kvm_set_irq(d->guest, 1, d->gsi, 1));
    SAME(irqpath_srcu_read_unlock(d->srcu, index));
}

static int handle(int irq, void *device)
{
    struct device *d = device;
    int is_ours = 1;

    say("irq", (unsigned long)irq);
    unsigned long flags = irqpath_lock_irqsave(&d->lock);
    if (d->is_pci_2_3) {
        if (d->is_masked)
            is_ours = 0;
        else
            SAME(is_ours = irqpath_pci_check_and_mask_intx(d->host));
    } else {
        SAME(irqpath_disable_irq_nosync((unsigned)irq));
    }
    if (is_ours)
        d->is_masked = 1;
    irqpath_unlock_irqrestore(&d->lock, flags);
    if (is_ours)
        SAME(irqpath_work_queue(0, &d->work));
    BAD return is_ours;
}

void *irqpath_vfio_new(void *host, unsigned irq, int is_pci_2_3)
{
    struct device *d = irqpath_alloc(sizeof(*d), "struct device");

    say(is_pci_2_3 ? "device 2.3" : "device", irq);
    d->host = host;
    d->irq = irq;
    d->is_pci_2_3 = is_pci_2_3;
    irqpath_lock_name(&d->lock, "&vdev->irqlock");
    irqpath_mutex_name(&d->gate, "&vdev->igate");
    irqpath_mutex_name(&d->spare, "spare");
    irqpath_work_name(&d->work);
    irqpath_work_name(&d->second);
    irqpath_work_name(&d->third);
    irqpath_work_name(lone = irqpath_alloc(64, 0));
    irqpath_srcu_synchronize(d->srcu);
    irqpath_srcu_read_unlock(d->srcu, irqpath_srcu_read_lock(d->srcu));
    return devices[count++] = d;
}

static void unmask(struct device *d)
{
    unsigned long flags = irqpath_lock_irqsave(&d->lock);
    int again = 0;
    if (d->is_masked && d->is_intx) {
        if (!d->is_pci_2_3)
            SAME(irqpath_enable_irq(d->irq));
        else
            SAME(again = !irqpath_pci_check_and_unmask_intx(d->host));
        d->is_masked = again;
    }
    irqpath_unlock_irqrestore(&d->lock, flags);
    if (again)
        SAME(irqpath_work_queue(0, &d->work));
}

static void try_locks(void)
{
    unsigned long flags;
    int result;

    SAME(result = irqpath_trylock(&plain_lock));
    if (!result || !irqpath_lock_is_mine(&plain_lock) || !irqpath_irq_is_on())
        irqpath_bug("a lock that is free is not taken");
    SAME(result = irqpath_trylock(&plain_lock));
    if (result)
        irqpath_bug("a lock is taken twice");
    SAME(irqpath_unlock(&plain_lock));
    SAME(irqpath_lock(&plain_lock));
    if (!irqpath_lock_is_mine(&plain_lock) || !irqpath_irq_is_on())
        irqpath_bug("a plain lock turns interrupts off, or is not taken");
    SAME(irqpath_unlock(&plain_lock));
    SAME(flags = irqpath_lock_irqsave(&plain_lock));
    if (!flags || irqpath_irq_is_on())
        irqpath_bug("interrupts are on under the lock");
    SAME(irqpath_unlock_irqrestore(&plain_lock, flags));
    if (!irqpath_irq_is_on() || irqpath_lock_is_held(&plain_lock))
        irqpath_bug("interrupts stay off, or the lock is held");
}

/* Whatever waits for the work of others waits until it is done. */
static void wait_for_all(struct device *d)
{
    int result;
    has_run = is_reading = 0;
    SAME(irqpath_work_queue(queue, &d->second));
    while (!*(volatile int *)&is_reading)
        SAME(irqpath_relax());
    SAME(irqpath_srcu_synchronize(d->srcu));
    if (*(volatile int *)&is_reading)
        irqpath_bug("the grace period does not wait");
    SAME(irqpath_queue_flush(queue));
    if (has_run != 1)
        irqpath_bug("the flush of an ordered queue does not wait");
    SAME(result = irqpath_work_queue(queue, &d->second));
    if (!result)
        irqpath_bug("work is not queued again");
    while (!*(volatile int *)&is_reading)
        SAME(irqpath_relax());
    SAME(irqpath_write_lock(&table_lock));
    if (*(volatile int *)&is_reading)
        irqpath_bug("a writer does not wait for a reader");
    if (irqpath_lock_is_read(&table_lock) || !irqpath_lock_is_held(&table_lock) || !irqpath_lock_is_mine(&table_lock))
        irqpath_bug("a writer does not hold the lock");
    SAME(irqpath_write_unlock(&table_lock));
    if (irqpath_lock_is_held(&table_lock))
        irqpath_bug("a lock is held that is free");
    try_locks();
    SAME(irqpath_queue_flush(queue));
    if (has_run != 2)
        irqpath_bug("the flush does not wait for what is only queued");
    SAME(irqpath_work_queue(other, &d->third));
    SAME(irqpath_queue_flush(other));
    if (has_run != 3)
        irqpath_bug("the flush of a queue does not wait");
    SAME(irqpath_work_queue(other, &d->third));
    SAME(result = irqpath_work_queue(other, &d->third));
    if (result)
        irqpath_bug("work is queued twice");
    SAME(result = irqpath_work_flush(&d->third));
    if (!result || has_run != 4)
        irqpath_bug("the flush of work does not wait");
    SAME(result = irqpath_work_flush(&d->third));
    if (result)
        irqpath_bug("work is flushed that is done");
    SAME(result = irqpath_work_cancel(&d->third));
    if (result)
        irqpath_bug("work is cancelled that is done");
}

int irqpath_vfio_call(void *vdev, enum irqpath_vfio_call call, int fd)
{
    struct device *d = vdev;
    int result = 0;

    say("call", (unsigned long)call);
    say("fd", (unsigned long)(fd + 1));
    SAME(irqpath_mutex_lock(&d->gate));
    if (call == IRQPATH_VFIO_TRIGGER && fd > 0 && !d->is_intx) {
        SAME(irqpath_pci_intx(d->host, 1));
        irqpath_irq_unlazy(d->irq, !d->is_pci_2_3);
        d->is_intx = 1;
        d->is_masked = 0;
        SAME(result = irqpath_request_irq(d->host, handle, d->is_pci_2_3 ? IRQPATH_IRQ_SHARED : 0, d));
        d->is_intx = !result;
    } else if (call == IRQPATH_VFIO_DISABLE) {
        SAME(irqpath_free_irq(d->host, d));
        SAME(irqpath_work_flush(&d->work));
        SAME(irqpath_work_cancel(&d->work));
        wait_for_all(d);
        d->is_intx = d->is_masked = 0;
    } else if (call == IRQPATH_VFIO_UNMASK) {
        unmask(d);
    } else if (call == IRQPATH_VFIO_MASK) {
        SAME(irqpath_synchronize_irq(d->irq));
    }
    SAME(irqpath_mutex_unlock(&d->gate));
    return result;
}

PEEK int irqpath_vfio_is_masked(const void *vdev) { return ((const struct device *)vdev)->is_masked; }
PEEK const void *irqpath_vfio_irqlock(const void *vdev) { return &((const struct device *)vdev)->lock; }
PEEK const void *irqpath_vfio_igate(const void *vdev) { return &((const struct device *)vdev)->gate; }
void *irqpath_kvm_new(void *guest)
{
    say("kvm", 0);
    return guest;
}

int irqpath_kvm_irqfd(void *kvm, int trigger, int resample, unsigned gsi, int is_assigned)
{
    struct device *d = devices[gsi]; /* each has a line of its own */

    say(is_assigned ? "irqfd" : "no irqfd", (unsigned long)trigger);
    say("resample", (unsigned long)resample);
    say("gsi", gsi);
    d->guest = kvm;
    d->gsi = gsi;
    return is_assigned < 0;
}

void irqpath_kvm_acked(void *kvm, unsigned gsi)
{
    say("acked", gsi);
    SAME(irqpath_kvm_set_irq(kvm, 1, gsi, 0));
    for (int i = 0; i < count; i++)
        if (devices[i]->guest == kvm && devices[i]->gsi == gsi)
            unmask(devices[i]);
}
