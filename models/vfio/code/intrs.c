/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * vfio_pci_intrs.c, and what only its own translation unit can see.
 */
#include "drivers/vfio/pci/vfio_pci_intrs.c"

#include <linux/irq.h>
#include <linux/version.h>

#include "irqpath_linux.h"

#define quiet __no_kcsan __no_sanitize_coverage notrace

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
static quiet const struct vfio_pci_irq_ctx *context_of(const struct vfio_pci_core_device *vdev) { return vdev->ctx; }
#else
/* An xarray whose only index is 0 has the entry in its head. */
static quiet const struct vfio_pci_irq_ctx *context_of(const struct vfio_pci_core_device *vdev)
{
    return vdev->ctx.xa_head;
}
#endif

static quiet int irqpath_vfio_is_intx(const void *vdev)
{
    return ((const struct vfio_pci_core_device *)vdev)->irq_type == VFIO_PCI_INTX_IRQ_INDEX;
}

/* Whoever disables INTx sets irq_type before it frees the context, and mutants of it may not. */
quiet int irqpath_vfio_is_masked(const void *vdev)
{
    return irqpath_vfio_is_intx(vdev) && context_of(vdev) && context_of(vdev)->masked;
}

quiet const void *irqpath_vfio_irqlock(const void *vdev)
{
    return &((const struct vfio_pci_core_device *)vdev)->irqlock;
}

quiet const void *irqpath_vfio_igate(const void *vdev) { return &((const struct vfio_pci_core_device *)vdev)->igate; }

/* All devices, linked by what else drivers would keep in them. */
static struct vfio_pci_core_device *devices;

/* dev_id is the device, or since 6.9 the context of its INTx. */
static quiet struct vfio_pci_core_device *device_of(unsigned irq, const void *dev_id)
{
    struct vfio_pci_core_device *vdev = devices;

    while (vdev && (vdev->pdev->irq != irq || (dev_id != vdev && dev_id != context_of(vdev))))
        vdev = vdev->pdev->dev.driver_data;
    if (!vdev)
        irqpath_bug("an interrupt's dev_id that is no device with this interrupt");
    return vdev;
}

quiet void *irqpath_vfio_new(void *device, unsigned irq, int is_pci_2_3)
{
    struct vfio_pci_core_device *vdev = irqpath_alloc(sizeof(*vdev), "struct vfio_pci_core_device");

    vdev->pdev = irqpath_alloc(sizeof(*vdev->pdev), "struct pci_dev");
    vdev->pdev->irq = irq;
    vdev->pdev->sysdata = device;
    vdev->pdev->dev.init_name = "irqpath";
    vdev->pdev->dev.driver_data = devices;
    devices = vdev;
    vdev->irq_type = VFIO_PCI_NUM_IRQS;
    vdev->pci_2_3 = is_pci_2_3;
    mutex_init(&vdev->igate);
    spin_lock_init(&vdev->irqlock);
    irqpath_name(vdev, sizeof(*vdev), "struct vfio_pci_core_device", "vdev", irq);
    return vdev;
}

/* Names what an ioctl may have allocated. */
static quiet void name_all(struct vfio_pci_core_device *vdev)
{
    const struct vfio_pci_irq_ctx *context = context_of(vdev);
    struct virqfd *unmask;

    if (!irqpath_vfio_is_intx(vdev) || !context)
        return;
    irqpath_name(context, sizeof(*context), "struct vfio_pci_irq_ctx", "ctx", vdev->pdev->irq);
    unmask = context->unmask;
    if (!unmask)
        return;
    irqpath_name(unmask, sizeof(*unmask), "struct virqfd", "unmask", vdev->pdev->irq);
    irqpath_work_name(&unmask->inject);
    irqpath_work_name(&unmask->shutdown);
}

/* An ioctl, under igate as vfio_pci_core.c has it. */
static quiet int ioctl(struct vfio_pci_core_device *vdev, u32 flags, unsigned count, int fd)
{
    s32 data = fd;
    int result;

    mutex_lock(&vdev->igate);
    result = vfio_pci_set_irqs_ioctl(vdev, flags, VFIO_PCI_INTX_IRQ_INDEX, 0, count, &data);
    name_all(vdev);
    mutex_unlock(&vdev->igate);
    return result;
}

/* What vfio_pci_config.c does when the guest writes DisINTx; the calls take igate since 810cd4bb5345. */
static quiet void disintx(struct vfio_pci_core_device *vdev, bool is_set)
{
    if (vdev->virq_disabled == is_set)
        return;
    vdev->virq_disabled = is_set;
    if (is_set)
        vfio_pci_intx_mask(vdev);
    else
        vfio_pci_intx_unmask(vdev);
}

quiet int irqpath_vfio_call(void *device, enum irqpath_vfio_call call, int fd)
{
    struct vfio_pci_core_device *vdev = device;

    switch (call) {
    case IRQPATH_VFIO_TRIGGER:
        return ioctl(vdev, VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_EVENTFD, 1, fd);
    case IRQPATH_VFIO_UNMASK_FD:
        return ioctl(vdev, VFIO_IRQ_SET_ACTION_UNMASK | VFIO_IRQ_SET_DATA_EVENTFD, 1, fd);
    case IRQPATH_VFIO_MASK:
        return ioctl(vdev, VFIO_IRQ_SET_ACTION_MASK | VFIO_IRQ_SET_DATA_NONE, 1, -1);
    case IRQPATH_VFIO_UNMASK:
        return ioctl(vdev, VFIO_IRQ_SET_ACTION_UNMASK | VFIO_IRQ_SET_DATA_NONE, 1, -1);
    case IRQPATH_VFIO_DISABLE:
        return ioctl(vdev, VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_NONE, 0, -1);
    case IRQPATH_VFIO_DISINTX_SET:
    case IRQPATH_VFIO_DISINTX_CLEAR:
        disintx(vdev, call == IRQPATH_VFIO_DISINTX_SET);
        return 0;
    }
    return -EINVAL;
}

/* --- what the file calls --- */

quiet void pci_intx(struct pci_dev *pdev, int is_enabled) { irqpath_pci_intx(pdev->sysdata, is_enabled); }
quiet bool pci_check_and_mask_intx(struct pci_dev *pdev) { return irqpath_pci_check_and_mask_intx(pdev->sysdata); }
quiet bool pci_check_and_unmask_intx(struct pci_dev *pdev) { return irqpath_pci_check_and_unmask_intx(pdev->sysdata); }

quiet int request_threaded_irq(unsigned irq, irq_handler_t handler, irq_handler_t thread, unsigned long flags,
                               const char *name, void *device)
{
    if (thread)
        irqpath_bug("an interrupt handler in a thread, which irqpath does not have");
    return irqpath_request_irq(
        device_of(irq, device)->pdev->sysdata, (int (*)(int, void *))handler,
        (flags & IRQF_SHARED ? IRQPATH_IRQ_SHARED : 0) | (flags & IRQF_NO_AUTOEN ? IRQPATH_IRQ_NO_AUTOEN : 0), device);
}

quiet const void *free_irq(unsigned irq, void *device)
{
    irqpath_free_irq(device_of(irq, device)->pdev->sysdata, device);
    return NULL;
}

quiet void disable_irq_nosync(unsigned irq) { irqpath_disable_irq_nosync(irq); }
quiet void enable_irq(unsigned irq) { irqpath_enable_irq(irq); }
quiet void synchronize_irq(unsigned irq) { irqpath_synchronize_irq(irq); }

quiet void irq_modify_status(unsigned irq, unsigned long clear, unsigned long set)
{
    if ((clear | set) & ~(unsigned long)IRQ_DISABLE_UNLAZY)
        irqpath_bug("irq_modify_status of a flag that irqpath does not have");
    irqpath_irq_unlazy(irq, set != 0);
}
