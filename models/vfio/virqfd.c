/* SPDX-License-Identifier: Apache-2.0
 *
 * VFIO's unmask irqfd: a resample eventfd whose wake-up runs the unmask handler. The wake-up must not signal an eventfd
 * itself; a work item signals again (R6). A virqfd ends with the close of its eventfd or through the ioctl; the path
 * that takes the pointer under virqfd_lock queues the release, on an ordered queue of all virqfds. Source: Linux 7.0,
 * drivers/vfio/virqfd.c; b68e7fa879cd.
 */
#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

void virqfd_wakeup(struct cpu *cpu, struct eventfd *eventfd)
{
    struct vfio_device *vdev = eventfd->wakeup_context;

    if (!vdev->has_unmask) {
        eventfd->count = 1; /* for virqfd_enable, which asks no more than whether it is readable */
        return;
    }
    eventfd->count = 0;
    if (vfio_pci_intx_unmask_handler(cpu, vdev))
        work_queue(step(cpu, "R6"), worker_of(cpu), &vdev->virqfd_inject);
}

static void inject(struct cpu *cpu, struct work *work) { vfio_send_intx_eventfd(cpu, work->context); }

static void shutdown(struct cpu *cpu, struct work *work)
{
    struct vfio_device *vdev = work->context;

    work_flush(step(cpu, "flush inject"), &vdev->virqfd_inject);
    if (!vdev->is_allocated)
        violation_raise(cpu, VIOLATION_USE_AFTER_FREE, "the virqfd is released a second time");
    vdev->is_allocated = false;
}

/* Takes the pointer and queues the release. */
static void deactivate(struct cpu *cpu, struct vfio_device *vdev)
{
    if (vfio_lacks(vdev->vfio, VFIO_REVERT_DOUBLE_RELEASE)) {
        /* Before b68e7fa879cd the check and the taking are two steps, without a lock. */
        if (!vdev->has_unmask)
            return;
        work_queue(step(cpu, "queue release"), &vdev->vfio->virqfd_cleanup, &vdev->virqfd_shutdown);
        vdev->has_unmask = false;
        return;
    }
    bool was_on = spin_lock_irqsave(cpu, &vdev->vfio->virqfd_lock), is_ours = vdev->has_unmask;
    vdev->has_unmask = false;
    if (is_ours)
        work_queue(step(cpu, "queue release"), &vdev->vfio->virqfd_cleanup, &vdev->virqfd_shutdown);
    spin_unlock_irqrestore(cpu, &vdev->vfio->virqfd_lock, was_on);
}

void virqfd_close(struct cpu *cpu, struct vfio_device *vdev)
{
    if (own_has(vdev))
        own_unmask_close(cpu, vdev);
    else
        deactivate(cpu, vdev);
}

void virqfd_disable(struct cpu *cpu, struct vfio_device *vdev)
{
    if (own_has(vdev)) {
        own_unmask_drop(cpu, vdev);
        return;
    }
    deactivate(cpu, vdev);
    workqueue_flush(step(cpu, "flush releases"), &vdev->vfio->virqfd_cleanup);
}

/* An event that came before is handled as if it came now. */
void virqfd_enable(struct cpu *cpu, struct vfio_device *vdev)
{
    if (vfio_setup(vdev->vfio->setup)->irqchip == IRQCHIP_USERSPACE)
        return;
    vdev->is_allocated = true;
    vdev->has_unmask = true;
    if (vdev->resample_fd.count > 0)
        virqfd_wakeup(step(cpu, "virqfd"), &vdev->resample_fd);
}

void virqfd_boot(struct vfio_device *vdev)
{
    work_init(vdev->vfio->host, &vdev->virqfd_inject, inject, vdev);
    work_init(vdev->vfio->host, &vdev->virqfd_shutdown, shutdown, vdev);
}
